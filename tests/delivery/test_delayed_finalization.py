"""A destination that does not answer `invoice.created` delays the finalization of the invoice, up to 72 hours."""

from collections.abc import Iterator

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters.delivery.notification import Notification
from tests.conftest import DOORS
from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import FEBRUARY
from tests.resources.shop import HOUR
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import Tree
from tests.resources.shop import customer
from tests.resources.shop import invoices
from tests.resources.shop import metered
from tests.resources.shop import subscribe
from tests.resources.shop import use

MINUTE = 60
LONGEST = 72 * HOUR
INVOICES = "/v1/invoices"
HOOKS = "http://shop.example/"


class App:
    """Answers `invoice.created` with a status that a test may change, and everything else with 200."""

    def __init__(self, status: int = 500) -> None:
        self.status = status

    def __call__(self, notification: Notification) -> int:
        return self.status if notification.type == "invoice.created" else 200


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with FakeStripe(now=NEW_YEAR, seed=1) as fake:
        yield fake
        fake.webhooks.failures.clear()


@pytest.fixture
def call(fake: FakeStripe) -> Call:
    return Call(DOORS["engine"], fake)


def cycled(call: Call, **terms: object) -> Tree:
    """The draft of a cycle that has just ended."""
    ada = customer(call, **terms)
    subscribe(call, ada, metered(call))
    use(call, ada, 70)
    call.clock.freeze(FEBRUARY)
    return invoices(call)[0]


def failing_endpoint(call: Call, fake: FakeStripe) -> str:
    """The id of an endpoint in whose place an app answers `invoice.created` with 500."""
    fake.webhooks.stand_in(HOOKS, App())
    made: str = call.create("/v1/webhook_endpoints", {"url": HOOKS, "enabled_events": ["*"]})["id"]
    return made


def now(call: Call) -> Tree:
    return invoices(call)[0]


def finalized_at(call: Call) -> int | None:
    at: int | None = now(call)["status_transitions"]["finalized_at"]
    return at


def test_an_invoice_waits_while_its_webhook_fails(call: Call) -> None:
    call.fake.webhooks.deliver_to(App())
    draft = cycled(call)
    assert (draft["automatically_finalizes_at"], draft["webhooks_delivered_at"]) == (FEBRUARY + HOUR, None)
    call.clock.freeze(FEBRUARY + HOUR)
    waiting = now(call)
    assert (waiting["status"], waiting["automatically_finalizes_at"]) == ("draft", FEBRUARY + LONGEST)
    call.clock.freeze(FEBRUARY + LONGEST - 1)
    assert (now(call)["status"], now(call)["webhooks_delivered_at"]) == ("draft", None)
    call.clock.freeze(FEBRUARY + LONGEST)
    assert (now(call)["status"], finalized_at(call)) == ("paid", FEBRUARY + LONGEST)


def test_an_hour_after_it_was_answered_the_invoice_is_finalized(call: Call) -> None:
    app = App()
    call.fake.webhooks.deliver_to(app)
    cycled(call)
    call.clock.freeze(FEBRUARY + 3 * HOUR)
    app.status = 204
    call.clock.freeze(FEBRUARY + 20 * HOUR)
    assert now(call)["webhooks_delivered_at"] == FEBRUARY + 5 * HOUR  # the retry after 5 hours
    assert finalized_at(call) == FEBRUARY + 6 * HOUR


def test_an_answer_within_the_hour_moves_it_by_as_much(call: Call) -> None:
    app = App()
    call.fake.webhooks.deliver_to(app)
    cycled(call)
    app.status = 200
    call.clock.freeze(FEBRUARY + HOUR)
    assert (now(call)["status"], now(call)["automatically_finalizes_at"]) == ("draft", FEBRUARY + HOUR + 5 * MINUTE)
    call.clock.freeze(FEBRUARY + 2 * HOUR)
    assert finalized_at(call) == FEBRUARY + HOUR + 5 * MINUTE


def test_an_answer_delays_nothing(call: Call) -> None:
    call.fake.webhooks.deliver_to(App(200))
    draft = cycled(call)
    assert draft["webhooks_delivered_at"] == FEBRUARY
    call.clock.freeze(FEBRUARY + HOUR)
    assert finalized_at(call) == FEBRUARY + HOUR


def test_an_inbox_answers(call: Call) -> None:
    call.fake.webhooks.collect()
    cycled(call)
    call.clock.freeze(FEBRUARY + HOUR)
    assert finalized_at(call) == FEBRUARY + HOUR


def test_all_destinations_must_answer(call: Call) -> None:
    apps = App(), App()
    for app in apps:
        call.fake.webhooks.deliver_to(app)
    cycled(call)
    apps[0].status = 200
    call.clock.freeze(FEBRUARY + HOUR)
    assert now(call)["status"] == "draft"
    apps[1].status = 200
    call.clock.freeze(FEBRUARY + 4 * HOUR)
    assert finalized_at(call) == FEBRUARY + 3 * HOUR  # an hour after the retry after two


def test_a_destination_of_other_events_delays_nothing(call: Call) -> None:
    call.fake.webhooks.deliver_to(lambda _notification: 500, "invoice.finalized", "customer.*")
    cycled(call)
    call.clock.freeze(FEBRUARY + HOUR)
    assert finalized_at(call) == FEBRUARY + HOUR


def test_what_is_held_back_delays_nothing(call: Call) -> None:
    call.fake.webhooks.deliver_to(App())
    call.fake.webhooks.hold()
    cycled(call)
    call.clock.freeze(FEBRUARY + HOUR)
    assert finalized_at(call) == FEBRUARY + HOUR


def test_an_endpoint_that_nothing_is_sent_to_delays_nothing(call: Call) -> None:
    call.create("/v1/webhook_endpoints", {"url": "https://example.com/hook", "enabled_events": ["*"]})
    cycled(call)
    call.clock.freeze(FEBRUARY + HOUR)
    assert finalized_at(call) == FEBRUARY + HOUR


def test_a_deleted_endpoint_delays_it_until_an_hour_after_the_next_retry(call: Call) -> None:
    endpoint = failing_endpoint(call, call.fake)
    cycled(call)
    call.delete(f"/v1/webhook_endpoints/{endpoint}")
    call.clock.freeze(FEBRUARY + 2 * HOUR)
    assert finalized_at(call) == FEBRUARY + HOUR + 5 * MINUTE


def test_a_time_that_was_set_counts_nevertheless(call: Call) -> None:
    call.fake.webhooks.deliver_to(App())
    draft = cycled(call)
    call.create(f"{INVOICES}/{draft['id']}", {"automatically_finalizes_at": FEBRUARY + 2 * HOUR})
    call.clock.freeze(FEBRUARY + 2 * HOUR)
    assert finalized_at(call) == FEBRUARY + 2 * HOUR


def test_a_request_finalizes_it_at_once(call: Call) -> None:
    call.fake.webhooks.deliver_to(App())
    draft = cycled(call)
    assert call.create(f"{INVOICES}/{draft['id']}/finalize")["status"] == "paid"
    call.clock.freeze(FEBRUARY + LONGEST)
    assert finalized_at(call) == FEBRUARY


def test_a_first_invoice_is_finalized_at_once(call: Call) -> None:
    call.fake.webhooks.deliver_to(App())
    price = {
        "currency": "usd",
        "unit_amount": 900,
        "recurring": {"interval": "month"},
        "product_data": {"name": "Seat"},
    }
    subscribe(call, customer(call), call.create("/v1/prices", price)["id"])
    assert finalized_at(call) == NEW_YEAR


def test_late_usage_is_on_an_invoice_that_waits(call: Call) -> None:
    call.fake.webhooks.deliver_to(App())
    draft = cycled(call)
    call.clock.freeze(FEBRUARY + DAY)
    use(call, draft["customer"], 30, FEBRUARY - 1)
    call.clock.freeze(FEBRUARY + LONGEST)
    assert (now(call)["status"], now(call)["total"]) == ("paid", 100)


def test_a_draft_that_is_held_back_and_let_go_waits_anew(call: Call) -> None:
    app = App()
    call.fake.webhooks.deliver_to(app)
    path = f"{INVOICES}/{cycled(call)['id']}"
    call.clock.freeze(FEBRUARY + HOUR)
    assert call.create(path, {"auto_advance": False})["automatically_finalizes_at"] is None
    call.clock.freeze(FEBRUARY + 2 * LONGEST)
    let_go = call.create(path, {"auto_advance": True})
    assert let_go["automatically_finalizes_at"] == FEBRUARY + 2 * LONGEST + HOUR
    call.clock.advance(HOUR)
    assert finalized_at(call) == FEBRUARY + 2 * LONGEST + HOUR


def test_an_invoice_on_a_test_clock_does_not_wait(call: Call) -> None:
    call.fake.webhooks.deliver_to(App())
    clock = call.create("/v1/test_helpers/test_clocks", {"frozen_time": NEW_YEAR})["id"]
    subscribe(call, customer(call, test_clock=clock), metered(call))
    call.create(f"/v1/test_helpers/test_clocks/{clock}/advance", {"frozen_time": FEBRUARY + HOUR})
    call.clock.advance(MINUTE)
    (invoice,) = invoices(call, customer=call.get("/v1/customers", {"test_clock": clock}).ids[0])
    assert (invoice["status"], invoice["status_transitions"]["finalized_at"]) == ("paid", FEBRUARY + HOUR)


def test_a_snapshot_carries_what_is_waited_for(call: Call, fake: FakeStripe) -> None:
    failing_endpoint(call, fake)
    cycled(call)
    call.clock.freeze(FEBRUARY + HOUR)
    saved = fake.snapshot()
    fake.webhooks.failures.clear()
    with FakeStripe(seed=1) as other:
        other.restore(saved)
        second = Call(DOORS["engine"], other)
        other.webhooks.stand_in(HOOKS, App())
        second.clock.freeze(FEBRUARY + LONGEST - 1)
        assert now(second)["status"] == "draft"
        second.clock.advance(1)
        assert now(second)["status"] == "paid"
        other.webhooks.failures.clear()
