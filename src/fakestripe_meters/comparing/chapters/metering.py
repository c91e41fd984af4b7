"""Common rules, meters, and meter events."""

from fakestripe_meters.comparing.chapters.common import CUSTOMER
from fakestripe_meters.comparing.chapters.common import EVENTS as EVENTS_PATH
from fakestripe_meters.comparing.chapters.common import METERS as METERS_PATH
from fakestripe_meters.comparing.chapters.common import customer
from fakestripe_meters.comparing.chapters.common import event
from fakestripe_meters.comparing.chapters.common import meter
from fakestripe_meters.comparing.chapters.common import of_run
from fakestripe_meters.comparing.steps import VERSION
from fakestripe_meters.comparing.steps import Step

OWN = "${customer:id}"
ONE = {"stripe_customer_id": OWN, "value": "1"}

COMMON = (
    customer(),
    Step("customer_again", "GET /v1/customers/${customer:id}"),
    Step("no_customer", "GET /v1/customers/cus_none"),
    Step("unknown_parameter", CUSTOMER, {"colour": "red"}),
    Step("wrong_type", CUSTOMER, {"name": ["one", "two"]}),
    Step("name_too_long", CUSTOMER, {"name": "x" * 5_001}, asks="the sentence for a text that is too long"),
    Step("unknown_version", "GET /v1/customers/${customer:id}", version="2020-02-30"),
    Step("unknown_url", "GET /v1/unicorns"),
    Step("both_cursors", f"GET {METERS_PATH}", {"starting_after": "mtr_a", "ending_before": "mtr_b", "limit": 1}),
    Step("expanded", "GET /v1/customers/${customer:id}", {"expand": ["colour"]}),
    Step("gone", "DELETE /v1/customers/${customer:id}"),
    Step("gone_still", "GET /v1/customers/${customer:id}"),
)

METERS = (
    meter("meter", "compare_meter"),
    meter("counting", "compare_counting", formula="count", event_time_window="hour"),
    meter(
        "mapped",
        "compare_mapped",
        formula="last",
        customer_mapping={"type": "by_id", "event_payload_key": "who"},
        value_settings={"event_payload_key": "amount"},
    ),
    Step("meter_again", f"GET {METERS_PATH}/${{meter:id}}"),
    meter("name_taken", "compare_meter"),
    Step("no_formula", f"POST {METERS_PATH}", {"display_name": "x", "event_name": of_run("x")}),
    meter("wrong_formula", "compare_wrong", formula="max"),
    meter("wrong_window", "compare_wrong", event_time_window="week"),
    meter("name_too_long", "x" * 101),
    meter("title_too_long", "compare_title", display_name="x" * 251),
    meter("empty_title", "compare_empty", display_name=""),
    Step("no_meter", f"GET {METERS_PATH}/mtr_none", asks="the noun in the sentence for a missing meter"),
    Step("renamed", f"POST {METERS_PATH}/${{meter:id}}", {"display_name": "Renamed"}),
    Step("event_name_fixed", f"POST {METERS_PATH}/${{meter:id}}", {"event_name": "other"}),
    Step("listed", f"GET {METERS_PATH}", {"limit": 1, "status": "active"}, vague=("has_more",)),
    Step("limit_0", f"GET {METERS_PATH}", {"limit": 0}, asks="whether `limit` is clamped here", vague=("has_more",)),
    Step("status_unknown", f"GET {METERS_PATH}", {"status": "archived", "limit": 1}),
    Step("deactivated", f"POST {METERS_PATH}/${{meter:id}}/deactivate"),
    Step(
        "deactivated_again",
        f"POST {METERS_PATH}/${{meter:id}}/deactivate",
        asks="whether an inactive meter can be deactivated",
    ),
    customer(),
    event("event_of_inactive", "compare_meter", asks="the code and param if the only meter is inactive"),
    Step("renamed_inactive", f"POST {METERS_PATH}/${{meter:id}}", {"display_name": "Inactive"}),
    Step("reactivated", f"POST {METERS_PATH}/${{meter:id}}/reactivate"),
    Step(
        "reactivated_again",
        f"POST {METERS_PATH}/${{meter:id}}/reactivate",
        asks="whether an active meter can be reactivated",
    ),
    Step("deactivated_for_good", f"POST {METERS_PATH}/${{meter:id}}/deactivate"),
    meter("successor", "compare_meter"),
    Step(
        "name_taken_meanwhile",
        f"POST {METERS_PATH}/${{meter:id}}/reactivate",
        asks="the answer if another active meter has the event name of the meter",
    ),
)


def _valued(name: str, value: str, asks: str = "") -> Step:
    return event(name, "compare_events", {"stripe_customer_id": OWN, "value": value}, asks=asks)


EVENTS = (
    customer(),
    meter("meter", "compare_events"),
    meter("counting", "compare_counts", formula="count"),
    event("event", "compare_events", {"stripe_customer_id": OWN, "value": "25"}, identifier=of_run("first")),
    event("event_again", "compare_events", identifier=of_run("first")),
    event("at_a_time", "compare_events", timestamp="${run:hour}", identifier=of_run("second")),
    event("no_meter", "compare_none", asks="the code and param if no meter has the event name"),
    event("too_old", "compare_events", timestamp="${run:now-3110400}", asks="the code and param of an old timestamp"),
    event(
        "too_late",
        "compare_events",
        timestamp="${run:now+600}",
        asks="the sentence, code and param of a timestamp in the future",
    ),
    event("soon", "compare_events", timestamp="${run:now+120}"),
    event("in_milliseconds", "compare_events", timestamp="${run:now}000"),
    event("as_iso", "compare_events", timestamp="2026-01-01T00:00:00Z"),
    event("no_value", "compare_events", {"stripe_customer_id": OWN}, asks="the refusal if the value is missing"),
    event("count_without_value", "compare_counts", {"stripe_customer_id": OWN}, asks="whether a count needs a value"),
    event(
        "count_of_words",
        "compare_counts",
        {"stripe_customer_id": OWN, "value": "many"},
        asks="whether a count checks the value",
    ),
    _valued("words", "many", "the refusal if the value is not a number"),
    _valued("empty", "", "the refusal if the value is empty"),
    _valued("exponent", "1e3", "whether an exponent is accepted"),
    _valued("blank", " 1 ", "whether blanks around the value are accepted"),
    _valued("plus", "+1", "whether a plus sign is accepted"),
    _valued("infinite", "Infinity", "the refusal if the value is infinite"),
    _valued("hexadecimal", "0x10", "whether a hexadecimal value is accepted"),
    _valued("point_first", ".5", "whether a value can begin with its point"),
    _valued("comma", "1,5", "whether a value can have a comma"),
    _valued("negative", "-1"),
    _valued("digits_15", "1234567.12345678"),
    _valued("digits_16", "1234567.123456789", "the refusal of more than 15 digits"),
    _valued("digits_101", "1" * 101, "the refusal of 101 digits"),
    _valued("zeros_first", "0000000000000000000001", "whether leading zeros count as digits"),
    _valued("zeros_last", "1.0000000000000000000", "whether trailing zeros count as digits"),
    _valued("decimals_12", "0.123456789012"),
    _valued("decimals_13", "0.1234567890123", "whether more than 12 decimals are refused"),
    event("no_customer_key", "compare_events", {"value": "1"}, asks="the refusal if the customer key is missing"),
    event("no_one", "compare_events", customer="cus_none", asks="the sentence, code and param of a missing customer"),
    event("nobody", "compare_events", customer="", asks="the refusal if the customer is empty"),
    event("more_keys", "compare_events", {**ONE, "colour": "red"}),
    event("empty_payload", "compare_events", {}, asks="the refusal of an empty payload"),
    event("identifier_100", "compare_events", identifier="${run:id}" + "x" * 88),
    event(
        "identifier_101",
        "compare_events",
        identifier="${run:id}" + "x" * 89,
        asks="the refusal of an identifier that is too long",
    ),
    event("identifier_empty", "compare_events", identifier="", asks="whether an identifier can be empty"),
    Step("no_payload", f"POST {EVENTS_PATH}", {"event_name": of_run("compare_events")}),
    Step("no_event_name", f"POST {EVENTS_PATH}", {"payload": ONE}),
    event("several_wrong", "compare_none", {"value": "many"}, asks="whether the meter is checked first", timestamp=1),
    event(
        "taken_and_wrong",
        "compare_events",
        {"stripe_customer_id": "cus_none", "value": "many"},
        asks="which check comes first: identifier, customer, value or time",
        identifier=of_run("first"),
        timestamp=1,
    ),
    event(
        "two_wrong",
        "compare_events",
        {"stripe_customer_id": "cus_none", "value": "many"},
        asks="whether customer or value is checked first",
    ),
    event(
        "value_and_time",
        "compare_events",
        {"stripe_customer_id": OWN, "value": "many"},
        timestamp=1,
        asks="whether value or time is checked first",
    ),
    Step("v2_event", "POST /v2/billing/meter_events", {"event_name": of_run("compare_events"), "payload": ONE}),
    Step("v2_no_meter", "POST /v2/billing/meter_events", {"event_name": of_run("compare_none"), "payload": ONE}),
    Step(
        "v2_words",
        "POST /v2/billing/meter_events",
        {"event_name": of_run("compare_events"), "payload": {"stripe_customer_id": OWN, "value": "many"}},
        asks="whether API v2 checks the value before it answers",
    ),
    Step("v2_session", "POST /v2/billing/meter_event_session", version=VERSION),
    Step("customer_gone", "DELETE /v1/customers/${customer:id}"),
    event("of_deleted", "compare_events", asks="the refusal if the customer was deleted"),
)
