"""When the fake's clock may go back, how much a move may do at once, and how a move ends early."""

from collections.abc import Callable
from collections.abc import Iterator
from threading import Event
from threading import Thread
from typing import Any

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse
from fakestripe_meters.core import world
from fakestripe_meters.core.agenda import Agenda
from fakestripe_meters.core.errors import Conflict
from tests.conftest import DOORS
from tests.conftest import Call
from tests.resources import shop

NOW = 1_735_689_600
HOUR, DAY = 3_600, 86_400
YEAR = 366 * DAY
IN_TIME_S = 60
GOES_BACK = "a frozen clock cannot go back after something has happened, and this one is at {now}: reset the fake first"


@pytest.fixture
def frozen() -> Iterator[Call]:
    with FakeStripe(now=NOW, seed=1, limits="off") as fake:
        yield Call(DOORS["engine"], fake)


@pytest.fixture
def running() -> Iterator[Call]:
    with FakeStripe(seed=1) as fake:
        yield Call(DOORS["engine"], fake)


def refusal(call: Call, when: int) -> str:
    with pytest.raises(Misuse) as caught:
        call.clock.freeze(when)
    assert caught.value.param == "freeze"
    return str(caught.value)


# Back


def test_a_frozen_clock_goes_back_while_nothing_has_happened(frozen: Call) -> None:
    frozen.clock.freeze(NOW - DAY)
    frozen.clock.freeze(NOW + DAY)
    frozen.clock.freeze(NOW - YEAR)
    assert (frozen.clock.now(), frozen.clock.frozen) == (NOW - YEAR, True)
    assert frozen.create("/v1/customers")["created"] == NOW - YEAR


def test_a_clock_goes_back_after_requests_that_only_read_or_were_refused(frozen: Call) -> None:
    frozen.get("/v1/customers")
    frozen.get("/v1/customers/cus_none")
    frozen.post("/v1/customers", {"unicorn": 1})
    frozen.get("/v1/customers", key=None)
    frozen.clock.freeze(NOW - DAY)
    assert frozen.get("/v1/customers").status == 200


def test_limits_do_not_remember_times_that_are_still_to_come(frozen: Call) -> None:
    frozen.fake.control.set_limits({"global": 1})
    assert [frozen.get("/v1/customers").status for _ in range(2)] == [200, 429]
    frozen.clock.freeze(NOW - DAY)
    assert [frozen.get("/v1/customers").status for _ in range(2)] == [200, 429]


@pytest.mark.parametrize(
    "act",
    [
        lambda call: call.create("/v1/customers"),
        lambda call: call.create("/v1/customers", key="sk_test_another"),
        lambda call: call.create("/v1/customers", headers={"Stripe-Account": "acct_1"}),
        lambda call: call.create("/v1/test_helpers/test_clocks", {"frozen_time": 5}),
        lambda call: call.post("/v2/billing/meter_event_session"),
        lambda call: call.create("/v1/webhook_endpoints", {"url": "http://localhost/", "enabled_events": ["*"]}),
    ],
)
@pytest.mark.parametrize("when", [0, NOW - 1])
def test_a_frozen_clock_does_not_go_back_after_something_has_happened(
    frozen: Call, act: Callable[[Call], object], when: int
) -> None:
    act(frozen)
    before = frozen.fake.snapshot()
    assert refusal(frozen, when) == GOES_BACK.format(now=NOW)
    assert frozen.fake.snapshot() == before
    frozen.clock.freeze(NOW)
    frozen.fake.reset()
    frozen.clock.freeze(when)
    assert frozen.clock.now() == when


def test_an_inbox_is_nothing_that_has_happened(frozen: Call) -> None:
    inbox = frozen.fake.webhooks.collect("customer.created")
    frozen.clock.freeze(NOW - DAY)
    frozen.create("/v1/customers")
    assert [each.json["created"] for each in inbox] == [NOW - DAY]


def test_a_clock_goes_back_after_a_reset_of_every_key_that_has_done_something(frozen: Call) -> None:
    frozen.create("/v1/customers", key="sk_test_another")
    frozen.fake.control.reset("sk_test_another")
    frozen.clock.freeze(NOW - 1)
    assert frozen.clock.now() == NOW - 1


def test_a_restored_account_counts_as_something_that_has_happened(frozen: Call) -> None:
    empty = frozen.fake.snapshot()
    frozen.create("/v1/customers")
    full = frozen.fake.snapshot()
    frozen.fake.reset()
    frozen.fake.restore(full)
    assert refusal(frozen, NOW - 1) == GOES_BACK.format(now=NOW)
    frozen.fake.restore(empty)
    frozen.clock.freeze(NOW - 1)


def test_a_running_clock_is_not_frozen_before_what_has_happened(running: Call) -> None:
    running.clock.advance(YEAR)
    created = running.create("/v1/customers")["created"]
    running.clock.advance(DAY)
    said = refusal(running, created - 1)
    assert said == (
        f"the clock cannot be frozen before {created}, when something has happened: choose that time or a later one, "
        "or reset the fake first"
    )
    assert not running.clock.frozen
    running.clock.freeze(created)
    assert (running.clock.now(), running.clock.frozen) == (created, True)


def test_scheduled_work_has_happened_too(running: Call) -> None:
    shop.subscribe(running, shop.customer(running), shop.licensed(running, interval="day"))
    bought = running.clock.now()
    running.clock.advance(2 * DAY + 60)
    assert "when something has happened" in refusal(running, bought + DAY)
    assert not running.clock.frozen


def test_a_running_clock_in_which_nothing_has_happened_is_frozen_anywhere(running: Call) -> None:
    running.get("/v1/customers")
    running.clock.freeze(5)
    assert running.create("/v1/customers")["created"] == 5


def test_a_restored_world_that_runs_is_not_frozen_before_its_snapshot(running: Call) -> None:
    created = running.create("/v1/customers")["created"]
    snapshot = running.fake.snapshot()
    running.fake.reset()
    running.fake.restore(snapshot)
    assert "when something has happened" in refusal(running, created - 1)


def test_work_that_a_running_clock_has_not_done_yet_is_done_when_it_is_frozen(running: Call) -> None:
    shop.subscribe(running, shop.customer(running), shop.licensed(running, interval="day"))
    running.fake.webhooks.hold()
    bought = running.clock.now()
    running.clock.freeze(bought + DAY + 1)
    assert len(running.get("/v1/invoices").json["data"]) == 2


# How much


def sell(call: Call, subscriptions: int, **recurring: Any) -> None:  # noqa: ANN401  as `shop.licensed`
    price = shop.licensed(call, **recurring)
    for _ in range(subscriptions):
        shop.subscribe(call, shop.customer(call), price)
    call.clock.advance(2 * HOUR)  # what the first invoices have scheduled is done


@pytest.mark.parametrize("move", ["advance", "freeze"])
def test_a_move_that_would_do_too_much_says_so_before_it_begins(
    frozen: Call, monkeypatch: pytest.MonkeyPatch, move: str
) -> None:
    monkeypatch.setattr(world, "MOST_WORK", 30)
    sell(frozen, 3, interval="day")
    before = frozen.fake.snapshot()
    with pytest.raises(Misuse) as caught:
        frozen.fake.control.move_clock({move: 11 * DAY if move == "advance" else NOW + 11 * DAY})
    assert str(caught.value) == (
        "this would do about 33 pieces of scheduled work, and 30 is the most for one call: "
        "move the clock in smaller steps"
    )
    assert caught.value.param == move
    assert frozen.fake.snapshot() == before
    frozen.clock.advance(10 * DAY)
    frozen.clock.advance(DAY)
    assert len(frozen.get("/v1/invoices", {"limit": 100}).json["data"]) == 3 * 12


def test_nine_hundred_years_of_days_are_too_much(frozen: Call) -> None:
    sell(frozen, 1, interval="day")
    with pytest.raises(Misuse, match="this would do about 328,718 pieces of scheduled work, and 100,000 is the most"):
        frozen.clock.freeze("2925-01-01")
    assert frozen.clock.now() == NOW + 2 * HOUR


def test_nine_hundred_years_without_work_are_a_step(frozen: Call) -> None:
    frozen.create("/v1/customers")
    frozen.clock.freeze("2925-01-01")


@pytest.mark.parametrize(
    ("terms", "count"),
    [
        ({"interval": "day"}, 366),
        ({"interval": "day", "interval_count": 3}, 122),
        ({"interval": "week"}, 52),
        ({"interval": "month"}, 12),
        ({"interval": "month", "interval_count": 3}, 4),
        ({"interval": "year"}, 1),
    ],
)
def test_work_that_follows_itself_is_counted_by_its_period(frozen: Call, terms: dict[str, Any], count: int) -> None:
    sell(frozen, 1, **terms)
    assert sum(frozen.fake.engine.world.expected((NOW + YEAR) * 10**9)) == count


@pytest.mark.parametrize(
    ("change", "count"),
    [
        ({"cancel_at_period_end": True}, 1),
        ({"cancel_at": NOW + 10 * DAY}, 10),
        ({"trial_end": NOW + 100 * DAY}, 366 - 100 + 1),
        ({"metadata": {"a": "b"}}, 366),
    ],
    ids=str,
)
def test_a_subscription_that_changes_or_ends_is_counted_as_it_is_now(
    frozen: Call, change: dict[str, object], count: int
) -> None:
    sell(frozen, 1, interval="day")
    (subscription,) = frozen.get("/v1/subscriptions").ids
    frozen.create(f"/v1/subscriptions/{subscription}", change)
    waiting, repeated = frozen.fake.engine.world.expected((NOW + YEAR) * 10**9)
    stale = waiting - 1  # entries are never removed: the work checks whether it still applies
    assert waiting + repeated - stale == count


def test_work_that_cannot_be_split_is_done_however_much_it_is(frozen: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world, "MOST_WORK", 2)
    sell(frozen, 3, interval="day")
    frozen.clock.advance(DAY)
    assert len(frozen.get("/v1/invoices").json["data"]) == 6


@pytest.mark.parametrize("until", [0, 5, 17, 100])
def test_an_agenda_lists_what_is_due_and_keeps_it(until: int) -> None:
    agenda = Agenda()
    instants = [(7 * number) % 50 for number in range(50)]
    for instant in instants:
        agenda.add(instant, "note")
    assert sorted(each.due_ns for each in agenda.due_by(until)) == sorted(each for each in instants if each <= until)
    assert len(agenda.entries()) == 50


# The end


def test_closing_the_fake_ends_a_move_between_two_pieces_of_work(frozen: Call) -> None:
    sell(frozen, 1, interval="day")
    begun, raised = Event(), list[Conflict]()
    frozen.fake.webhooks.deliver_to(lambda _told: begun.set(), "invoice.created")

    def advance() -> None:
        try:
            frozen.clock.advance(50_000 * DAY)
        except Conflict as conflict:
            raised.append(conflict)

    thread = Thread(target=advance, daemon=True)
    thread.start()
    assert begun.wait(IN_TIME_S)
    frozen.fake.close()
    thread.join(IN_TIME_S)
    assert not thread.is_alive()
    assert [str(each) for each in raised] == ["the clock was stopped on its way: the fake is closed"]
    reached = frozen.clock.now()
    assert NOW < reached < NOW + 50_000 * DAY
    (account,) = frozen.fake.snapshot()["accounts"]
    assert account["parts"]["events"]["table"][-1]["created"] <= reached
