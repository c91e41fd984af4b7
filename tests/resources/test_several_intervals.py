"""Several intervals on one subscription: each item has its own period, and what ends together is billed together."""

import pytest

from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import HOUR
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import Tree
from tests.resources.shop import customer
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import meter
from tests.resources.shop import metered
from tests.resources.shop import subscribe
from tests.resources.shop import use

SUBSCRIPTIONS = "/v1/subscriptions"


def periods(subscription: Tree) -> list[tuple[int, int]]:
    items = subscription["items"]["data"]
    return [
        ((each["current_period_start"] - NEW_YEAR) // DAY, (each["current_period_end"] - NEW_YEAR) // DAY)
        for each in items
    ]


def billed(call: Call) -> list[list[tuple[str, int]]]:
    return [[(line["description"], line["amount"]) for line in each["lines"]["data"]] for each in invoices(call)]


def test_a_yearly_seat_and_monthly_usage_are_billed_each_in_its_time(call: Call) -> None:
    ada = customer(call)
    created = subscribe(call, ada, licensed(call, 12000, interval="year"), metered(call))
    assert periods(created) == [(0, 365), (0, 31)]
    use(call, ada, 70)
    call.clock.advance(31 * DAY + HOUR)
    assert periods(call.get(f"{SUBSCRIPTIONS}/{created['id']}").json) == [(0, 365), (31, 59)]
    assert billed(call) == [[("1 × Seat (at $120.00 / year)", 12000)], [("70 × Calls (at $0.01 / month)", 70)]]


@pytest.mark.parametrize("version", ["2020-08-27", "2025-02-24.acacia"])
def test_before_basil_the_subscription_has_the_latest_start_and_the_earliest_end(call: Call, version: str) -> None:
    created = subscribe(call, customer(call), licensed(call, 12000, interval="year"), metered(call))
    call.clock.advance(31 * DAY)
    older = call.get(f"{SUBSCRIPTIONS}/{created['id']}", version=version).json
    assert older["items"]["data"][0]["price"]["recurring"]["interval"] == "year"
    found = (older["current_period_start"] - NEW_YEAR, older["current_period_end"] - NEW_YEAR)
    assert found == (31 * DAY, 59 * DAY)


def test_periods_that_end_together_share_an_invoice(call: Call) -> None:
    ada = customer(call)
    subscribe(call, ada, licensed(call, 9000, interval_count=3), metered(call))
    for _ in range(3):
        use(call, ada, 100)
        call.clock.advance(31 * DAY)
    assert billed(call)[-1] == [
        ("100 × Calls (at $0.01 / month)", 100),
        ("1 × Seat (at $90.00 / every 3 months)", 9000),
    ]


def test_an_item_with_a_longer_interval_begins_with_a_period_of_its_own(call: Call) -> None:
    created = subscribe(call, customer(call), metered(call))
    call.clock.advance(40 * DAY)
    call.create("/v1/subscription_items", {"subscription": created["id"], "price": licensed(call, interval="year")})
    assert periods(call.get(f"{SUBSCRIPTIONS}/{created['id']}").json) == [(31, 59), (0, 365)]


def test_a_trial_ends_all_periods_together(call: Call) -> None:
    created = subscribe(call, customer(call), licensed(call, interval="year"), metered(call), trial_period_days=10)
    assert periods(created) == [(0, 10), (0, 10)]
    call.clock.advance(10 * DAY)
    assert periods(call.get(f"{SUBSCRIPTIONS}/{created['id']}").json) == [(10, 375), (10, 41)]


def test_the_end_of_the_period_is_the_earliest(call: Call) -> None:
    created = subscribe(call, customer(call), licensed(call, interval="year"), metered(call))
    changed = call.create(f"{SUBSCRIPTIONS}/{created['id']}", {"cancel_at_period_end": True})
    assert changed["cancel_at"] == NEW_YEAR + 31 * DAY


@pytest.mark.parametrize(
    ("shorter", "longer"),
    [
        (("month", 1), ("month", 3)),
        (("month", 1), ("year", 1)),
        (("day", 1), ("week", 1)),
        (("day", 1), ("month", 3)),
        (("day", 1), ("year", 2)),
        (("week", 2), ("week", 4)),
        (("month", 2), ("month", 6)),
        (("day", 7), ("week", 1)),
        (("month", 12), ("year", 1)),
    ],
)
@pytest.mark.parametrize("mode", ["flexible", "classic"])
def test_each_interval_is_a_multiple_of_the_shortest(
    call: Call, shorter: tuple[str, int], longer: tuple[str, int], mode: str
) -> None:
    prices = [licensed(call, interval=interval, interval_count=count) for interval, count in (longer, shorter)]
    terms = {"customer": customer(call), "items": [{"price": each} for each in prices], "billing_mode": {"type": mode}}
    answer = call.post(SUBSCRIPTIONS, terms)
    assert answer.status == (200 if mode == "flexible" else 400)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("month", 2), ("month", 3)),
        (("month", 4), ("month", 6)),
        (("week", 1), ("month", 1)),
        (("day", 2), ("week", 1)),
        (("month", 5), ("year", 1)),
        (("week", 1), ("year", 1)),
    ],
)
def test_other_intervals_do_not_mix(call: Call, first: tuple[str, int], second: tuple[str, int]) -> None:
    prices = [licensed(call, interval=interval, interval_count=count) for interval, count in (first, second)]
    refused = call.post(SUBSCRIPTIONS, {"customer": customer(call), "items": [{"price": each} for each in prices]})
    assert (refused.status, refused.error["param"]) == (400, "items[1][price]")


def test_a_preview_shows_the_first_period_that_ends(call: Call) -> None:
    ada, calls = customer(call), meter(call)
    created = subscribe(call, ada, licensed(call, 12000, interval="year"), metered(call, calls))
    use(call, ada, 70)
    preview = call.create("/v1/invoices/create_preview", {"subscription": created["id"]})
    assert [line["amount"] for line in preview["lines"]["data"]] == [70]


@pytest.mark.parametrize(
    ("terms", "period"),
    [({"billing_cycle_anchor": NEW_YEAR + 10 * DAY}, (0, 10)), ({"trial_end": NEW_YEAR + 14 * DAY}, (0, 14))],
)
def test_an_item_that_is_added_shares_the_period_of_those_like_it(
    call: Call, terms: Tree, period: tuple[int, int]
) -> None:
    created = subscribe(call, customer(call), licensed(call), **terms)
    call.clock.advance(3 * DAY)
    call.create("/v1/subscription_items", {"subscription": created["id"], "price": licensed(call, 300)})
    assert periods(call.get(f"{SUBSCRIPTIONS}/{created['id']}").json) == [period, period]
