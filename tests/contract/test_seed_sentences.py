"""What four documents say and no other test shows: see `seed_sentences.py`."""

import pytest

from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import FEBRUARY
from tests.resources.shop import HOUR
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import Tree
from tests.resources.shop import customer
from tests.resources.shop import invoices
from tests.resources.shop import meter
from tests.resources.shop import metered
from tests.resources.shop import product
from tests.resources.shop import subscribe
from tests.resources.shop import use

METERS = "/v1/billing/meters"
ANALYTICS = "/v1/billing/analytics/meter_usage"


def rows(call: Call, ada: str, meter_id: str, **question: object) -> list[Tree]:
    asked = {"customer": ada, "start_time": NEW_YEAR, "end_time": FEBRUARY, "meters": [{"meter_id": meter_id}]}
    found: list[Tree] = call.get(ANALYTICS, asked | question).json["data"]
    return found


def windowed(call: Call, window: str | None) -> str:
    terms = {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
    created: str = call.create(METERS, terms | {"event_time_window": window})["id"]
    return created


def test_the_guides_front_end_finds_its_models(call: Call) -> None:
    terms = {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
    meter_id = call.create(METERS, terms | {"dimension_payload_keys": ["model"]})["id"]
    ada = customer(call)
    call.clock.advance(DAY)
    for model in ("gpt-4", "gpt-3.5-turbo"):
        payload = {"stripe_customer_id": ada, "value": 3, "model": model}
        call.create("/v1/billing/meter_events", {"event_name": "calls", "payload": payload})
    asked = {"meter_id": meter_id, "dimension_group_by_keys": ["model"]}
    points = rows(call, ada, meter_id, meters=[asked], value_grouping_window="day")
    chart_data = [{"date": "2025-01-02"} | {point["dimensions"]["model"]: point["bucket_value"] for point in points}]
    assert [key for key in chart_data[0] if key != "date"] == ["gpt-3.5-turbo", "gpt-4"]


def test_without_a_zone_days_are_those_of_utc(call: Call) -> None:
    meter_id, ada = meter(call), customer(call)
    call.clock.advance(2 * DAY)
    for at in (NEW_YEAR + DAY - 1, NEW_YEAR + DAY):
        use(call, ada, 1, at)
    unsaid = rows(call, ada, meter_id, value_grouping_window="day")
    assert [row["bucket_start_time"] for row in unsaid] == [NEW_YEAR, NEW_YEAR + DAY]
    assert rows(call, ada, meter_id, value_grouping_window="day", timezone="UTC") == unsaid


def test_one_product_has_four_plans(call: Call) -> None:
    gold = product(call, "Gold")
    plans = [("usd", 1000, "month"), ("usd", 10000, "year"), ("eur", 900, "month"), ("eur", 9000, "year")]
    for currency, amount, interval in plans:
        terms = {"currency": currency, "amount": amount, "interval": interval, "product": gold}
        subscribe(call, customer(call), call.create("/v1/plans", terms)["id"])
    assert [(each["currency"], each["total"]) for each in invoices(call)] == [
        (currency, amount) for currency, amount, _ in plans
    ]
    assert {each["product"] for each in call.get("/v1/plans").json["data"]} == {gold}


def test_there_is_no_formula_max(call: Call) -> None:
    terms = {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "max"}}
    error = call.post(METERS, terms).error
    assert error["param"] == "default_aggregation[formula]"
    assert error["message"] == "Invalid default_aggregation[formula]: must be one of count, last, or sum"


def test_two_meters_share_the_limit_of_their_account(call: Call) -> None:
    call.fake.control.set_limits({"meter_events": 3})
    ada = customer(call)
    for name in ("calls", "tokens"):
        meter(call, name)
    for name in ("calls", "tokens", "calls"):
        use(call, ada, 1, event_name=name)
    event = {"event_name": "tokens", "payload": {"stripe_customer_id": ada, "value": 1}}
    assert call.post("/v1/billing/meter_events", event).status == 429


def test_what_the_summary_says_is_what_the_invoice_bills(call: Call) -> None:
    meter_id, ada = meter(call), customer(call)
    subscribe(call, ada, metered(call, meter_id))
    call.clock.advance(9 * DAY)
    for day, value in [(0, 5), (3, 20), (3, 1), (8, 300)]:
        use(call, ada, value, NEW_YEAR + day * DAY)
    question = {"customer": ada, "start_time": NEW_YEAR, "end_time": FEBRUARY, "value_grouping_window": "day"}
    summary = call.get(f"{METERS}/{meter_id}/event_summaries", question).json["data"]
    assert [each["aggregated_value"] for each in summary] == [300, 21, 5]
    call.clock.freeze(FEBRUARY + 2 * HOUR)
    assert invoices(call, customer=ada)[-1]["total"] == 326


def test_raw_events_of_one_instant_all_count(call: Call) -> None:
    meter_id, ada = windowed(call, None), customer(call)
    call.clock.advance(DAY)
    for value in (4, 4, 30):
        use(call, ada, value, NEW_YEAR)
    assert [row["bucket_value"] for row in rows(call, ada, meter_id)] == [38]


@pytest.mark.parametrize(("window", "length"), [("hour", HOUR), ("day", DAY)])
def test_windows_begin_with_the_hours_and_days_of_utc(call: Call, window: str, length: int) -> None:
    meter_id, ada = windowed(call, window), customer(call)
    call.clock.advance(3 * DAY)
    first = NEW_YEAR + DAY
    for at, value in [(first, 1), (first + length - 1, 10), (first + length, 100)]:
        use(call, ada, value, at)
    assert [row["bucket_value"] for row in rows(call, ada, meter_id)] == [110]


@pytest.mark.parametrize(("formula", "billed"), [("sum", 12), ("count", 3), ("last", 7)])
def test_an_invoice_bills_by_the_meters_formula(call: Call, formula: str, billed: int) -> None:
    ada = customer(call)
    subscribe(call, ada, metered(call, meter(call, formula=formula)))
    call.clock.advance(DAY)
    for hour, value in [(1, 2), (3, 7), (2, 3)]:
        use(call, ada, value, NEW_YEAR + hour * HOUR)
    call.clock.freeze(FEBRUARY + 2 * HOUR)
    assert invoices(call, customer=ada)[-1]["total"] == billed
