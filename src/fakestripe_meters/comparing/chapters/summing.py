"""Questions about usage: event summaries, and the analytics of the preview."""

from fakestripe_meters.comparing.chapters.common import customer
from fakestripe_meters.comparing.chapters.common import event
from fakestripe_meters.comparing.chapters.common import meter
from fakestripe_meters.comparing.steps import PREVIEW
from fakestripe_meters.comparing.steps import Step
from fakestripe_meters.comparing.steps import Until

OWN = "${customer:id}"
SUM = "32.5"


def _used(name: str, value: str, shift: int, event_name: str = "compare_summed") -> Step:
    payload = {"stripe_customer_id": OWN, "value": value}
    return event(name, event_name, payload, timestamp=f"${{run:hour{shift:+}}}")


def _summed(name: str, start: str, end: str, asks: str = "", until: Until | None = None, **more: object) -> Step:
    path = "/v1/billing/meters/${meter:id}/event_summaries"
    params = {"customer": OWN, "start_time": f"${{run:{start}}}", "end_time": f"${{run:{end}}}"}
    return Step(name, f"GET {path}", params | more, asks=asks, until=until)


SUMMARIES = (
    customer(),
    meter("meter", "compare_summed"),
    _used("first", "25", 60),
    _used("second", "10.5", 3_599),
    _used("third", "-3", 3_600),
    _summed("all", "day", "day+172800", until=Until("data.0.aggregated_value", SUM)),
    _summed("by_hour", "hour", "hour+7200", "the order of summaries", value_grouping_window="hour"),
    _summed("empty_hours", "hour-7200", "hour+7200", "whether empty ones are left out", value_grouping_window="hour"),
    _summed("by_day", "day", "day+172800", value_grouping_window="day"),
    _summed("to_the_end", "hour", "hour+3600", "whether the end is exclusive"),
    _summed("nothing", "hour-7200", "hour-3600", "whether a range without usage has a summary of 0"),
    _summed("one_a_page", "hour", "hour+7200", value_grouping_window="hour", limit=1),
    _summed("misaligned", "hour+1", "hour+3600", "the answer if a bound is not on a minute"),
    _summed("misaligned_end", "hour", "hour+3601", "the answer if the end is not on a minute"),
    _summed("misaligned_hour", "hour+60", "hour+3660", "the answer for an hour", value_grouping_window="hour"),
    _summed("misaligned_day", "day+3600", "day+90000", "the answer for a day", value_grouping_window="day"),
    _summed("reversed", "hour+3600", "hour", "the answer if the range ends before it starts"),
    _summed("equal", "hour", "hour", "the answer if the range ends where it starts"),
    _summed("from_epoch", "zero", "hour+3600", "whether a range can begin in 1970"),
    _summed("future", "hour+31536000", "hour+31539600"),
    _summed("wrong_window", "day", "day+172800", value_grouping_window="week"),
    _summed("no_customer", "hour", "hour+3600", customer="cus_none"),
    Step("no_bounds", "GET /v1/billing/meters/${meter:id}/event_summaries", {"customer": OWN}),
    Step(
        "no_meter",
        "GET /v1/billing/meters/mtr_none/event_summaries",
        {"customer": OWN, "start_time": "${run:hour}", "end_time": "${run:hour+3600}"},
        asks="the noun in the sentence for a missing meter",
    ),
)


def _analysed(name: str, start: str, end: str, asks: str = "", until: Until | None = None, **more: object) -> Step:
    params = {
        "customer": OWN,
        "starts_at": f"${{run:{start}}}",
        "ends_at": f"${{run:{end}}}",
        "meters": [{"meter": "${meter:id}"}],
    }
    path = "GET /v1/billing/analytics/meter_usage"
    return Step(name, path, params | more, asks=asks, until=until, version=PREVIEW, preview=True)


ANALYTICS = (
    customer(),
    meter("meter", "compare_analysed"),
    _used("first", "25", 60, "compare_analysed"),
    _used("second", "10.5", 3_599, "compare_analysed"),
    _used("third", "-3", 3_600, "compare_analysed"),
    _analysed("all", "day", "day+172800", until=Until("rows.data.0.value", SUM)),
    _analysed("by_hour", "hour", "hour+7200", "the order and form of rows", value_grouping_window="hour"),
    _analysed("of_all_meters", "hour", "hour+7200", "the row of all meters together", meters=None),
    _analysed("reversed", "hour+3600", "hour", "the answer if the range ends before it starts"),
    _analysed("equal", "hour", "hour", "the answer if the range ends where it starts"),
    _analysed("misaligned", "hour+1", "hour+3600", "the answer if a bound is not on a minute"),
    _analysed("no_zone", "hour", "hour+3600", "the answer if the zone is unknown", timezone="Mars/Olympus"),
    _analysed("no_meter", "hour", "hour+3600", "the answer if the meter is unknown", meters=[{"meter": "mtr_none"}]),
    _analysed(
        "meter_twice",
        "hour",
        "hour+3600",
        "the answer if a meter is named twice",
        meters=[{"meter": "${meter:id}"}, {"meter": "${meter:id}"}],
    ),
    _analysed(
        "no_dimension",
        "hour",
        "hour+3600",
        "the answer if the meter has no such dimension",
        meters=[{"meter": "${meter:id}", "dimension_group_by_keys": ["colour"]}],
    ),
)
