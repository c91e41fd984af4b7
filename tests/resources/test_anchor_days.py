"""`billing_cycle_anchor_config`: a billing cycle that is anchored on a day of the month."""

from datetime import UTC
from datetime import datetime
from typing import Any

import pytest

from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import FEBRUARY
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import customer
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import lines
from tests.resources.shop import meter
from tests.resources.shop import metered
from tests.resources.shop import subscribe
from tests.resources.shop import use

SUBSCRIPTIONS = "/v1/subscriptions"
Tree = dict[str, Any]


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def anchored(call: Call, price: str, **config: int) -> Tree:
    return subscribe(call, customer(call), price, billing_cycle_anchor_config=config)


@pytest.mark.parametrize(
    ("created", "every", "config", "expected"),
    [
        ("2025-01-10T05:06:07", (1, "month"), {"day_of_month": 15}, ("2025-01-15T05:06:07",)),
        ("2025-01-10T05:06:07", (1, "month"), {"day_of_month": 10}, ("2025-02-10T05:06:07",)),
        (
            "2025-01-10T05:06:07",
            (1, "month"),
            {"day_of_month": 10, "hour": 6, "minute": 0, "second": 1},
            ("2025-01-10T06:00:01",),
        ),
        ("2025-01-10T05:06:07", (1, "month"), {"day_of_month": 10, "hour": 0}, ("2025-02-10T00:06:07",)),
        ("2025-12-10", (1, "month"), {"day_of_month": 1}, ("2026-01-01",)),
        ("2025-02-10", (2, "month"), {"day_of_month": 31}, ("2025-08-31", "2025-02-28")),
        ("2025-02-10", (1, "month"), {"day_of_month": 31}, ("2025-03-31", "2025-02-28")),
        ("2025-02-10", (1, "year"), {"day_of_month": 31}, ("2025-02-28",)),
        ("2025-02-10", (1, "year"), {"day_of_month": 1, "month": 7}, ("2025-07-01",)),
        ("2025-08-10", (1, "year"), {"day_of_month": 1, "month": 7}, ("2026-07-01",)),
        ("2025-02-10", (1, "month"), {"day_of_month": 20, "month": 7}, ("2025-07-20", "2025-02-20")),
        ("2025-03-10", (3, "month"), {"day_of_month": 1, "month": 1}, ("2026-01-01", "2025-04-01")),
        ("2025-02-10", (1, "year"), {"day_of_month": 29, "month": 2}, ("2028-02-29", "2025-02-28")),
        ("2025-02-10", (2, "year"), {"day_of_month": 29, "month": 2}, ("2025-02-28",)),
    ],
)
def test_the_anchor_is_the_next_time_that_the_day_occurs(
    call: Call, created: str, every: tuple[int, str], config: dict[str, int], expected: tuple[str, ...]
) -> None:
    """The first of what is expected is the anchor, the last the end of the first period."""
    call.clock.freeze(created)
    made = anchored(call, licensed(call, interval_count=every[0], interval=every[1]), **config)
    assert made["billing_cycle_anchor"] == instant(expected[0])
    assert made["items"]["data"][0]["current_period_end"] == instant(expected[-1])
    nothing = dict.fromkeys(("day_of_month", "hour", "minute", "month", "second"))
    assert made["billing_cycle_anchor_config"] == nothing | config


def test_the_last_day_comes_back_after_february(call: Call) -> None:
    made = anchored(call, licensed(call), day_of_month=31)
    call.clock.freeze("2025-05-01")
    assert [each["created"] for each in invoices(call, subscription=made["id"])] == [
        instant(day) for day in ("2025-01-01", "2025-01-31", "2025-02-28", "2025-03-31", "2025-04-30")
    ]


def test_the_first_period_is_prorated_by_the_month_that_it_is_a_part_of(call: Call) -> None:
    made = anchored(call, licensed(call, 3100), day_of_month=11)
    assert [each["total"] for each in invoices(call, subscription=made["id"])] == [1000]
    free = {"billing_cycle_anchor_config": {"day_of_month": 11}, "proration_behavior": "none"}
    assert subscribe(call, customer(call), licensed(call), **free)["latest_invoice"] is None


def test_the_usage_of_the_first_period_is_billed_in_full_at_its_end(call: Call) -> None:
    ada, calls = customer(call), metered(call, meter(call))
    made = subscribe(call, ada, calls, billing_cycle_anchor_config={"day_of_month": 11})
    use(call, ada, 70)
    call.clock.freeze(NEW_YEAR + 10 * DAY)
    (invoice,) = invoices(call, subscription=made["id"])
    assert (invoice["total"], invoice["lines"]["data"][0]["period"]) == (
        70,
        {"start": NEW_YEAR, "end": NEW_YEAR + 10 * DAY},
    )
    assert lines(invoice) == [("70 × Calls (at $0.01 / month)", 70)]


def test_a_cycle_that_begins_anew_shows_no_config(call: Call) -> None:
    made = anchored(call, licensed(call), day_of_month=11)
    path = f"{SUBSCRIPTIONS}/{made['id']}"
    assert call.create(path, {"description": "x"})["billing_cycle_anchor_config"]["day_of_month"] == 11
    assert call.create(path, {"billing_cycle_anchor": "now"})["billing_cycle_anchor_config"] is None


@pytest.mark.parametrize(
    ("terms", "param"),
    [
        ({"billing_cycle_anchor": FEBRUARY - DAY}, "billing_cycle_anchor"),
        ({"trial_period_days": 3}, "billing_cycle_anchor_config"),
        ({"trial_end": NEW_YEAR + DAY}, "billing_cycle_anchor_config"),
        (
            {"billing_cycle_anchor_config": {"day_of_month": 31, "month": 6}},
            "billing_cycle_anchor_config[day_of_month]",
        ),
        ({"billing_cycle_anchor_config": {"day_of_month": 32}}, "billing_cycle_anchor_config[day_of_month]"),
        ({"billing_cycle_anchor_config": {"day_of_month": 0}}, "billing_cycle_anchor_config[day_of_month]"),
        ({"billing_cycle_anchor_config": {"day_of_month": 1, "hour": 24}}, "billing_cycle_anchor_config[hour]"),
        ({"billing_cycle_anchor_config": {"hour": 1}}, "billing_cycle_anchor_config[day_of_month]"),
    ],
)
def test_what_cannot_be_is_refused(call: Call, terms: Tree, param: str) -> None:
    new = {"customer": customer(call), "items": [{"price": licensed(call)}]}
    refused = call.post(SUBSCRIPTIONS, {**new, "billing_cycle_anchor_config": {"day_of_month": 1}, **terms})
    assert (refused.status, refused.error["param"]) == (400, param)


@pytest.mark.parametrize("interval", ["day", "week"])
def test_days_and_weeks_have_no_day_of_the_month(call: Call, interval: str) -> None:
    new = {"customer": customer(call), "items": [{"price": licensed(call, interval=interval)}]}
    refused = call.post(SUBSCRIPTIONS, {**new, "billing_cycle_anchor_config": {"day_of_month": 1}})
    assert (refused.status, refused.error["param"]) == (400, "billing_cycle_anchor_config")
