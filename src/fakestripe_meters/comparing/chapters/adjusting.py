"""Cancelling meter events."""

from fakestripe_meters.comparing.chapters.common import customer
from fakestripe_meters.comparing.chapters.common import event
from fakestripe_meters.comparing.chapters.common import meter
from fakestripe_meters.comparing.chapters.common import of_run
from fakestripe_meters.comparing.steps import Step

V1 = "POST /v1/billing/meter_event_adjustments"
V2 = "POST /v2/billing/meter_event_adjustments"


def _cancel(name: str, identifier: str, asks: str = "", *, of: str = "compare_adjusted", to: str = V1) -> Step:
    params = {"event_name": of_run(of), "type": "cancel", "cancel": {"identifier": of_run(identifier)}}
    return Step(name, to, params, asks=asks)


ADJUSTMENTS = (
    customer(),
    meter("meter", "compare_adjusted"),
    meter("other_meter", "compare_other"),
    event("event", "compare_adjusted", identifier=of_run("wrong")),
    event("kept", "compare_adjusted", identifier=of_run("kept")),
    _cancel("unknown", "unknown", "the answer if no event has the identifier"),
    _cancel("of_another_meter", "kept", "the answer if the event has another event name", of="compare_other"),
    _cancel("of_no_meter", "kept", "the answer if no meter has the event name", of="compare_none"),
    Step(
        "no_cancel",
        V1,
        {"event_name": of_run("compare_adjusted"), "type": "cancel"},
        asks="whether `cancel` is required",
    ),
    Step(
        "no_identifier",
        V1,
        {"event_name": of_run("compare_adjusted"), "type": "cancel", "cancel": {"identifier": ""}},
        asks="whether `cancel[identifier]` is required",
    ),
    Step(
        "wrong_type",
        V1,
        {"event_name": of_run("compare_adjusted"), "type": "undo", "cancel": {"identifier": of_run("wrong")}},
    ),
    _cancel("cancelled", "wrong", "the status of an adjustment that was just made"),
    _cancel("cancelled_again", "wrong", "the answer if the event is cancelled already"),
    event("identifier_again", "compare_adjusted", identifier=of_run("wrong"), asks="whether the identifier is free"),
    _cancel("v2_unknown", "unknown", "the answer of API v2 if no event has the identifier", to=V2),
    _cancel("v2_cancelled", "kept", to=V2),
)
