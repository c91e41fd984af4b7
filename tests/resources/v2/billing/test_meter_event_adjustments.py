"""Cancelling through API v2."""

import pytest

from tests.conftest import Call
from tests.resources.v2.conftest import customer
from tests.resources.v2.conftest import make
from tests.resources.v2.conftest import meter
from tests.resources.v2.conftest import post
from tests.resources.v2.conftest import total
from tests.resources.v2.conftest import usage

ADJUSTMENTS = "/v2/billing/meter_event_adjustments"


def cancel(identifier: str, **more: object) -> dict[str, object]:
    return {"event_name": "calls", "type": "cancel", "cancel": {"identifier": identifier}} | more


def test_a_cancelled_event_counts_no_more(call: Call) -> None:
    whose, meter_id = customer(call), meter(call)
    make(call, "/v2/billing/meter_events", usage(whose, "5", identifier="one"))
    call.create("/v1/billing/meter_events", usage(whose, "7", identifier="two"))
    made = make(call, ADJUSTMENTS, cancel("one"))
    assert made.pop("id").startswith("mea_test_")
    assert made == {
        "object": "v2.billing.meter_event_adjustment",
        "cancel": {"identifier": "one"},
        "created": "2025-01-01T00:00:00.000Z",
        "event_name": "calls",
        "livemode": False,
        "status": "pending",
        "type": "cancel",
    }
    assert total(call, meter_id, whose) == 7
    make(call, ADJUSTMENTS, cancel("two"))
    assert total(call, meter_id, whose) is None


@pytest.mark.parametrize("change", [{"cancel": {"identifier": "nope"}}, {"event_name": "other"}])
def test_what_cannot_be_cancelled_has_a_name(call: Call, change: dict[str, object]) -> None:
    whose = customer(call)
    meter(call)
    make(call, "/v2/billing/meter_events", usage(whose, identifier="one"))
    answer = post(call, ADJUSTMENTS, cancel("one", **change))
    assert (answer.status, answer.error["code"]) == (400, "invalid_cancel_configuration")


def test_an_event_is_cancelled_once_and_within_a_day(call: Call) -> None:
    whose = customer(call)
    meter(call)
    for identifier in ("one", "two"):
        make(call, "/v2/billing/meter_events", usage(whose, identifier=identifier))
    make(call, ADJUSTMENTS, cancel("one"))
    assert "already" in post(call, ADJUSTMENTS, cancel("one")).error["message"]
    call.clock.advance(86_401)
    assert "24 hours" in post(call, ADJUSTMENTS, cancel("two")).error["message"]


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"event_name": None}, "event_name"),
        ({"type": "undo"}, "type"),
        ({"cancel": {}}, "cancel[identifier]"),
        ({"cancel": "one"}, "cancel"),
        ({"cancel": {"identifier": 1}}, "cancel[identifier]"),
    ],
)
def test_wrong_fields_are_named(call: Call, change: dict[str, object], param: str) -> None:
    answer = post(call, ADJUSTMENTS, cancel("one", **change))
    assert (answer.error["code"], answer.error["invalid_param"]) == ("invalid_fields", param)
