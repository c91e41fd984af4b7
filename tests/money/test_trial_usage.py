"""The usage of a trial is shown, at nothing, on the invoice that the end of the trial makes."""

from collections.abc import Iterator

import pytest

from fakestripe_meters import FakeStripe
from tests.conftest import DOORS
from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import FEBRUARY
from tests.resources.shop import HOUR
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import Tree
from tests.resources.shop import customer
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import lines
from tests.resources.shop import meter
from tests.resources.shop import metered
from tests.resources.shop import product
from tests.resources.shop import subscribe
from tests.resources.shop import use

END = NEW_YEAR + 10 * DAY
TIERS = [{"up_to": 2, "unit_amount": 100, "flat_amount": 50}, {"up_to": "inf", "unit_amount": 80}]


@pytest.fixture
def call() -> Iterator[Call]:
    with FakeStripe(now=NEW_YEAR, seed=1, limits="off") as fake:
        yield Call(DOORS["engine"], fake)
        assert fake.engine.failures == []


def on_trial(call: Call, *prices: str | Tree, mode: str = "flexible") -> tuple[str, str]:
    ada = customer(call)
    made = subscribe(call, ada, *prices, trial_end=END, billing_mode={"type": mode})
    return ada, f"/v1/subscriptions/{made['id']}"


def newest(call: Call) -> list[tuple[str, int]]:
    return lines(invoices(call)[-1])


@pytest.mark.parametrize(
    ("mode", "first", "last"),
    [
        ("flexible", "Free trial for 3 chair × Seat", "Free trial for 10 token × Tokens"),
        ("classic", "Trial period for Seat", "10 token × Tokens (Free trial)"),
    ],
)
def test_the_mode_words_the_lines(call: Call, mode: str, first: str, last: str) -> None:
    chair = product(call, "Seat", unit_label="chair")
    terms = {"currency": "usd", "product": chair, "recurring": {"interval": "month"}, "unit_amount": 1_000}
    seats = {"price": call.create("/v1/prices", terms)["id"], "quantity": 3}
    tokens = metered(call, meter(call), product=product(call, "Tokens", unit_label="token"))
    ada, _ = on_trial(call, seats, tokens, mode=mode)
    assert newest(call)[0] == (first, 0)
    use(call, ada, 10)
    call.clock.freeze(END)
    use(call, ada, 5, END - 1)
    cycle = invoices(call)[-1]
    assert lines(cycle) == [(last.replace("10", "15"), 0), ("3 chair × Seat (at $10.00 / month)", 3_000)]
    line = cycle["lines"]["data"][0]
    assert (line["quantity"], line["pricing"]["unit_amount_decimal"]) == (15, "0")
    assert line["period"] == {"start": NEW_YEAR, "end": END}


@pytest.mark.parametrize("mode", ["graduated", "volume"])
def test_a_tiered_price_has_one_line_with_all_units(call: Call, mode: str) -> None:
    tiered: Tree = {"billing_scheme": "tiered", "tiers_mode": mode, "tiers": TIERS}
    seat = {"currency": "usd", "product_data": {"name": "Seat"}, "recurring": {"interval": "month"}, **tiered}
    seats = {"price": call.create("/v1/prices", seat)["id"], "quantity": 5}
    ada, _ = on_trial(call, seats, metered(call, meter(call), **tiered))
    assert newest(call) == [("Free trial for 5 × Seat", 0)]
    use(call, ada, 7)
    call.clock.freeze(END)
    assert newest(call)[0] == ("Free trial for 7 × Calls", 0)


def test_each_metered_item_has_a_line_also_without_usage(call: Call) -> None:
    ada, _ = on_trial(call, metered(call, meter(call)), metered(call, meter(call, "bytes")))
    use(call, ada, 7, event_name="bytes")
    call.clock.freeze(END)
    assert newest(call) == [("Free trial for 0 × Calls", 0), ("Free trial for 7 × Calls", 0)]
    call.clock.advance(HOUR)
    assert invoices(call)[-1]["status"] == "paid"


def test_usage_below_nothing_is_shown_as_none(call: Call) -> None:
    ada, _ = on_trial(call, metered(call, meter(call)))
    use(call, ada, -7)
    call.clock.freeze(END)
    assert newest(call) == [("Free trial for 0 × Calls", 0)]


def test_a_trial_that_is_ended_early_shows_its_usage_at_once(call: Call) -> None:
    ada, path = on_trial(call, metered(call, meter(call)))
    use(call, ada, 7)
    call.clock.advance(DAY)
    call.create(path, {"trial_end": "now"})
    [invoice] = invoices(call)
    assert (lines(invoice), invoice["status"]) == ([("Free trial for 7 × Calls", 0)], "paid")
    use(call, ada, 5)
    call.clock.freeze(FEBRUARY + 2 * DAY)
    assert newest(call) == [("5 × Calls (at $0.01 / month)", 5)]


@pytest.mark.parametrize(("mode", "between"), [("flexible", []), ("classic", [("Trial period for Seat", 0)])])
def test_a_trial_that_is_moved_is_one_trial(call: Call, mode: str, between: list[tuple[str, int]]) -> None:
    ada, path = on_trial(call, metered(call, meter(call)), licensed(call), mode=mode)
    use(call, ada, 7)
    call.clock.advance(DAY)
    count = len(invoices(call))
    call.create(path, {"trial_end": END + DAY})
    assert [lines(each) for each in invoices(call)[count:]] == ([between] if between else [])
    use(call, ada, 20)
    call.clock.freeze(END + DAY)
    words = "27 × Calls (Free trial)" if mode == "classic" else "Free trial for 27 × Calls"
    assert newest(call) == [(words, 0), ("1 × Seat (at $10.00 / month)", 1_000)]


@pytest.mark.parametrize(("mode", "start"), [("flexible", FEBRUARY), ("classic", NEW_YEAR)])
def test_the_start_of_a_later_trial_is_shown_in_flexible_mode(call: Call, mode: str, start: int) -> None:
    _, path = on_trial(call, licensed(call), mode=mode)
    call.clock.freeze(FEBRUARY)
    assert call.create(path, {"trial_end": FEBRUARY + DAY})["trial_start"] == start


def test_a_preview_in_a_trial_shows_its_usage_so_far(call: Call) -> None:
    ada, path = on_trial(call, metered(call, meter(call)), licensed(call))
    use(call, ada, 7)
    preview = call.create("/v1/invoices/create_preview", {"subscription": path.rpartition("/")[2]})
    call.clock.freeze(END)
    assert lines(preview) == newest(call)


def test_a_trial_that_ends_with_the_subscription_makes_no_invoice(call: Call) -> None:
    ada, path = on_trial(call, metered(call, meter(call)))
    call.create(path, {"cancel_at_period_end": True})
    use(call, ada, 7)
    call.clock.freeze(END)
    assert (invoices(call), call.get(path).json["status"]) == ([], "canceled")


def test_a_trial_that_is_cancelled_shows_its_usage_if_it_is_invoiced(call: Call) -> None:
    ada, path = on_trial(call, metered(call, meter(call)))
    use(call, ada, 7)
    ended = call.delete(path, {"invoice_now": True}).json
    assert lines(call.get(f"/v1/invoices/{ended['latest_invoice']}").json) == [("Free trial for 7 × Calls", 0)]


def test_what_is_shown_at_nothing_is_explained_as_free(call: Call) -> None:
    ada, _ = on_trial(call, metered(call, meter(call)))
    use(call, ada, 7)
    call.clock.freeze(END)
    [line] = call.fake.explain_invoice(invoices(call)[-1]["id"]).lines
    assert line.used == 7
    assert {event.identifier: event.outcome for event in line.events} == {line.events[0].identifier: "free"}
    [event] = call.fake.explain_billing("calls", ada).events
    assert (event.invoice, event.reason) == (None, "in a trial")
