"""A bar of the analytics and its explanation are the same number, whatever the formula, the zone and the dimensions."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from fakestripe_meters import FakeStripe
from tests.conftest import DOORS
from tests.conftest import Call

START = 1_743_120_000  # 28 March 2025: two days later, clocks change in Europe
DAYS = 5
DAY = 86_400
MINUTE = 60
VERSION = "2026-09-30.preview"
PATH = "/v1/billing/analytics/meter_usage"
ZONES = ("UTC", "Europe/Berlin", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe")
MODELS = ("large", "small")


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeStripe]:
    with FakeStripe(now=START + DAYS * DAY, limits="off", seed=1, relaxed=True) as fake:
        yield fake
        assert fake.engine.failures == []


Event = tuple[int, str, str, bool]
EVENTS = st.lists(
    st.tuples(
        st.integers(0, DAYS * 24 * 4 - 1),  # quarters of an hour
        st.sampled_from(MODELS),
        st.sampled_from(("1", "2.5", "0", "7")),
        st.booleans(),  # whether it is cancelled
    ),
    min_size=1,
    max_size=12,
)
KINDS = st.sampled_from((("sum", None), ("count", None), ("last", None), ("sum", "hour"), ("sum", "day")))


def story(call: Call, kind: tuple[str, str | None], events: list[Event]) -> tuple[str, str]:
    """Make a meter of a kind, a customer and the events; return the ids of meter and customer."""
    formula, window = kind
    params = {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": formula}}
    params |= {"dimension_payload_keys": ["model"], **({"event_time_window": window} if window else {})}
    meter, whose = call.create("/v1/billing/meters", params)["id"], call.create("/v1/customers")["id"]
    for number, (quarter, model, value, cancelled) in enumerate(events):
        payload = {"stripe_customer_id": whose, "value": value, "model": model}
        event = {"event_name": "calls", "identifier": f"e{number}", "payload": payload}
        call.create("/v1/billing/meter_events", event | {"timestamp": START + quarter * 15 * MINUTE})
        if cancelled and number % 3 == 0 and DAYS * 24 * 4 - quarter < 90:
            cancel = {"event_name": "calls", "type": "cancel", "cancel": {"identifier": f"e{number}"}}
            call.create("/v1/billing/meter_event_adjustments", cancel)
    return meter, whose


CHART = st.fixed_dictionaries(
    {"timezone": st.sampled_from(ZONES)}, optional={"value_grouping_window": st.sampled_from(("hour", "day", "week"))}
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=EVENTS, kind=KINDS, chart=CHART, keys=st.sampled_from(((), ("model",))))
def test_each_bar_is_the_sum_that_its_explanation_says(
    fake: FakeStripe, events: list[Event], kind: tuple[str, str | None], chart: dict[str, str], keys: tuple[str, ...]
) -> None:
    fake.reset()
    call = Call(DOORS["engine"], fake)
    meter, whose = story(call, kind, events)
    query = {"customer": whose, "starts_at": START, "ends_at": START + DAYS * DAY, **chart}
    query["meters"] = [{"meter": meter, "dimension_group_by_keys": list(keys)} if keys else {"meter": meter}]
    rows = call.get(PATH, query, version=VERSION).json["rows"]["data"]
    for row in rows:
        start, end, filters = row["starts_at"], row["ends_at"], row["dimensions"] or {}
        found = fake.control.explain(meter, whose, start, end, timezone=chart["timezone"], dimension_filters=filters)
        assert found["value"] == row["value"]
        assert fake.usage(meter, whose, start, end, dimension_filters=filters) == Decimal(str(row["value"]))
        counted = [Decimal(str(each["value"])) for each in found["events"] if each["fate"] == "counted"]
        added = {"sum": sum(counted), "count": len(counted), "last": counted[-1]}
        assert added[kind[0]] == Decimal(str(row["value"]))
        assert found["fates"]["counted"] == len(counted)
        assert all(start <= each["timestamp"] < end for each in found["events"])
        assert all(each["dimensions"] == filters for each in found["events"]) or not filters
        assert sum(found["fates"].values()) == len(events)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    events=EVENTS,
    kind=KINDS,
    zone=st.sampled_from(ZONES),
    window=st.tuples(st.integers(0, 5), st.integers(1, 6)),
)
def test_a_window_of_the_events_is_part_of_all_of_them(
    fake: FakeStripe, events: list[Event], kind: tuple[str, str | None], zone: str, window: tuple[int, int]
) -> None:
    fake.reset()
    meter, whose = story(Call(DOORS["engine"], fake), kind, events)
    start, end, (offset, limit) = "2025-03-29", "2025-04-01", window
    whole = fake.control.explain(meter, whose, start, end, timezone=zone)
    part = fake.control.explain(meter, whose, start, end, timezone=zone, limit=limit, offset=offset)
    assert part["events"] == whole["events"][offset : offset + limit]
    part["events"] = whole["events"]
    assert part == whole
    assert whole["events_total"] == len(whole["events"])
    for day in fake.control.usage_by_day(meter, whose, start, end, timezone=zone):
        following = (dt.date.fromisoformat(day["day"]) + dt.timedelta(days=1)).isoformat()
        assert fake.control.usage(meter, whose, day["day"], following, timezone=zone) == {"value": day["value"]}
    explained = fake.explain(meter, whose, start, end, timezone=zone)
    same = [each for each in explained.events if each.outcome not in ("outside", "foreign", "filtered")]
    assert [each.identifier for each in same] == [each["identifier"] for each in whole["events"]]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [("Europe/Berlin", "2025-03-30", 23), ("Europe/Berlin", "2024-10-27", 25), ("UTC", "2025-03-30", 24)],
)
def test_a_day_of_a_zone_has_the_hours_that_it_has_there(fake: FakeStripe, zone: str, day: str, hours: int) -> None:
    fake.reset()
    meter, whose = story(Call(DOORS["engine"], fake), ("sum", None), [(0, "large", "1", False)])
    following = (dt.date.fromisoformat(day) + dt.timedelta(days=1)).isoformat()
    found = fake.control.explain(meter, whose, day, following, timezone=zone)
    assert found["end"] - found["start"] == hours * 3600
    assert found["start"] == dt.datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)).timestamp()
    assert found["timezone"] == zone
