"""Meters."""

from typing import Any

import pytest

from tests.conftest import Call

METERS = "/v1/billing/meters"
NEW_YEAR = 1735689600
PLAIN = {"display_name": "Tokens", "event_name": "tokens", "default_aggregation": {"formula": "sum"}}


def named(call: Call, *event_names: str) -> list[str]:
    """Meters of those event names, and their ids."""
    return [call.create(METERS, PLAIN | {"event_name": name})["id"] for name in event_names]


# Create


def test_a_meter_has_a_name_an_event_name_and_a_formula(call: Call) -> None:
    meter = call.create(METERS, PLAIN)
    assert meter["id"].startswith("mtr_test_")
    assert len(meter["id"]) == 41
    assert meter == {
        "id": meter["id"],
        "object": "billing.meter",
        "created": NEW_YEAR,
        "customer_mapping": {"event_payload_key": "stripe_customer_id", "type": "by_id"},
        "default_aggregation": {"formula": "sum"},
        "dimension_payload_keys": None,
        "display_name": "Tokens",
        "event_name": "tokens",
        "event_time_window": None,
        "livemode": False,
        "status": "active",
        "status_transitions": {"deactivated_at": None},
        "tenant_payload_keys": None,
        "updated": NEW_YEAR,
        "value_settings": {"event_payload_key": "value"},
    }
    assert list(meter)[:2] == ["id", "object"]
    assert list(meter)[2:] == sorted(list(meter)[2:])


def test_a_meter_shows_what_was_said_of_it(call: Call) -> None:
    said = {
        "display_name": "Tokens",
        "event_name": "tokens",
        "default_aggregation": {"formula": "last"},
        "customer_mapping": {"event_payload_key": "customer", "type": "by_id"},
        "value_settings": {"event_payload_key": "tokens"},
        "event_time_window": "hour",
        "dimension_payload_keys": ["model", "tier"],
        "tenant_payload_keys": ["team"],
    }
    meter = call.create(METERS, said)
    assert {name: meter[name] for name in said} == said
    assert call.get(f"{METERS}/{meter['id']}").json == meter


@pytest.mark.parametrize("formula", ["sum", "count", "last"])
@pytest.mark.parametrize("window", [None, "hour", "day"])
def test_every_formula_goes_with_every_window(call: Call, formula: str, window: str | None) -> None:
    meter = call.create(METERS, PLAIN | {"default_aggregation": {"formula": formula}, "event_time_window": window})
    assert meter["default_aggregation"] == {"formula": formula}
    assert meter["event_time_window"] == window


@pytest.mark.parametrize(
    "style",
    [
        "dimension_payload_keys[]=b&dimension_payload_keys[]=a",
        "dimension_payload_keys[1]=a&dimension_payload_keys[0]=b",
    ],
)
def test_dimensions_keep_their_order_however_they_are_sent(call: Call, style: str) -> None:
    form = f"display_name=x&event_name=x&default_aggregation[formula]=sum&{style}"
    assert call.create(METERS, form)["dimension_payload_keys"] == ["b", "a"]


@pytest.mark.parametrize(
    ("change", "message", "param"),
    [
        ({"display_name": None}, "Missing required param: display_name.", "display_name"),
        ({"event_name": None}, "Missing required param: event_name.", "event_name"),
        ({"default_aggregation": None}, "Missing required param: default_aggregation.", "default_aggregation"),
        (
            {"default_aggregation": {"formula": "max"}},
            "Invalid default_aggregation[formula]: must be one of count, last, or sum",
            "default_aggregation[formula]",
        ),
        ({"default_aggregation": "sum"}, "Invalid object", "default_aggregation"),
        (
            {"customer_mapping": {"event_payload_key": "x"}},
            "Missing required param: customer_mapping[type].",
            "customer_mapping[type]",
        ),
        (
            {"customer_mapping": {"event_payload_key": "x", "type": "by_email"}},
            "Invalid customer_mapping[type]: must be one of by_id",
            "customer_mapping[type]",
        ),
        (
            {"value_settings": {"key": "x"}},
            "Received unknown parameter: value_settings[key]",
            "value_settings[key]",
        ),
        (
            {"event_time_window": "minute"},
            "Invalid event_time_window: must be one of day or hour",
            "event_time_window",
        ),
        (
            {"display_name": "x" * 251},
            "Invalid string: xxxx...xxxx; must be at most 250 characters",
            "display_name",
        ),
        (
            {"event_name": "x" * 101},
            "Invalid string: xxxx...xxxx; must be at most 100 characters",
            "event_name",
        ),
        ({"dimension_payload_keys": "model"}, "Invalid array", "dimension_payload_keys"),
        (
            {"dimension_payload_keys": ["a", "b", "a"]},
            "The payload key 'a' is listed twice.",
            "dimension_payload_keys[2]",
        ),
        (
            {"dimension_payload_keys": ["a"], "tenant_payload_keys": ["a"]},
            "The payload key 'a' is listed twice.",
            "tenant_payload_keys[0]",
        ),
        ({"metadata": {"a": "b"}}, "Received unknown parameter: metadata", "metadata"),
    ],
)
def test_wrong_parameters_are_refused(call: Call, change: dict[str, Any], message: str, param: str) -> None:
    answer = call.post(METERS, PLAIN | change)
    assert answer.status == 400
    assert (answer.error["message"], answer.error["param"]) == (message, param)
    assert call.get(METERS).ids == []


@pytest.mark.parametrize("name", ["display_name", "event_name", "default_aggregation", "event_time_window"])
def test_nothing_of_a_meter_can_be_empty(call: Call, name: str) -> None:
    error = call.post(METERS, PLAIN | {name: ""}).error
    assert (error["code"], error["param"]) == ("parameter_invalid_empty", name)


def test_an_event_name_can_be_used_by_one_active_meter_only(call: Call) -> None:
    named(call, "tokens")
    answer = call.post(METERS, PLAIN | {"display_name": "Others"})
    assert answer.status == 400
    assert answer.error["message"] == (
        "An active meter already exists for event name 'tokens'. To create a new meter with the same event name, "
        "first deactivate the currently active meter."
    )
    assert {"code", "param"}.isdisjoint(answer.error)
    assert len(call.get(METERS).ids) == 1


def test_event_names_differ_by_case_and_account(call: Call) -> None:
    named(call, "tokens", "Tokens", "tokens ")
    call.create(METERS, PLAIN, key="sk_test_other")
    assert len(call.get(METERS).ids) == 3


def test_the_name_of_an_inactive_meter_is_free(call: Call) -> None:
    [first] = named(call, "tokens")
    call.create(f"{METERS}/{first}/deactivate")
    [second] = named(call, "tokens")
    call.create(f"{METERS}/{second}/deactivate")
    assert call.get(METERS, {"status": "inactive"}).ids == [second, first]


# Retrieve


@pytest.mark.parametrize("suffix", ["", "/deactivate", "/reactivate"])
def test_an_unknown_meter_is_not_found(call: Call, suffix: str) -> None:
    answer = call.post(f"{METERS}/mtr_test_x{suffix}") if suffix else call.get(f"{METERS}/mtr_test_x")
    assert answer.status == 404
    assert answer.error["message"] == "No such meter: 'mtr_test_x'"
    assert (answer.error["code"], answer.error["param"]) == ("resource_missing", "id")


def test_another_keys_meter_is_not_found(call: Call) -> None:
    [meter] = named(call, "tokens")
    assert call.get(f"{METERS}/{meter}", key="sk_test_other").status == 404


# Update


def test_the_display_name_can_be_changed(call: Call) -> None:
    meter = call.create(METERS, PLAIN)
    call.clock.advance(60)
    updated = call.create(f"{METERS}/{meter['id']}", {"display_name": "Words"})
    assert updated == meter | {"display_name": "Words", "updated": NEW_YEAR + 60}
    assert call.get(f"{METERS}/{meter['id']}").json == updated


def test_an_update_without_parameters_changes_nothing(call: Call) -> None:
    meter = call.create(METERS, PLAIN)
    call.clock.advance(60)
    assert call.create(f"{METERS}/{meter['id']}") == meter


@pytest.mark.parametrize(
    "name", ["event_name", "default_aggregation", "customer_mapping", "value_settings", "event_time_window", "status"]
)
def test_nothing_else_can_be_changed(call: Call, name: str) -> None:
    [meter] = named(call, "tokens")
    error = call.post(f"{METERS}/{meter}", {name: "x"}).error
    assert error["message"] == f"Received unknown parameter: {name}"


# Deactivate and reactivate


def test_a_meter_can_be_deactivated_and_reactivated(call: Call) -> None:
    meter = call.create(METERS, PLAIN)
    path = f"{METERS}/{meter['id']}"
    call.clock.advance(60)
    inactive = call.create(f"{path}/deactivate")
    changed = {"status": "inactive", "status_transitions": {"deactivated_at": NEW_YEAR + 60}, "updated": NEW_YEAR + 60}
    assert inactive == meter | changed
    assert call.get(path).json == inactive
    call.clock.advance(60)
    active = call.create(f"{path}/reactivate")
    assert active == meter | {"updated": NEW_YEAR + 120}
    assert call.get(path).json == active


def test_deactivating_twice_and_reactivating_twice_change_nothing(call: Call) -> None:
    meter = call.create(METERS, PLAIN)
    path = f"{METERS}/{meter['id']}"
    call.clock.advance(60)
    assert call.create(f"{path}/reactivate") == meter
    inactive = call.create(f"{path}/deactivate")
    call.clock.advance(60)
    assert call.create(f"{path}/deactivate") == inactive


def test_a_meter_whose_name_is_taken_cannot_be_reactivated(call: Call) -> None:
    [first] = named(call, "tokens")
    call.create(f"{METERS}/{first}/deactivate")
    [second] = named(call, "tokens")
    answer = call.post(f"{METERS}/{first}/reactivate")
    assert answer.status == 400
    assert answer.error["message"].startswith("An active meter already exists for event name 'tokens'.")
    assert call.get(METERS, {"status": "active"}).ids == [second]
    call.create(f"{METERS}/{second}/deactivate")
    assert call.create(f"{METERS}/{first}/reactivate")["status"] == "active"


@pytest.mark.parametrize("action", ["deactivate", "reactivate"])
def test_neither_takes_parameters(call: Call, action: str) -> None:
    [meter] = named(call, "tokens")
    error = call.post(f"{METERS}/{meter}/{action}", {"reason": "x"}).error
    assert error["message"] == "Received unknown parameter: reason"


# List


def test_meters_are_listed_newest_first(call: Call) -> None:
    first, second, third = named(call, "a", "b", "c")
    answer = call.get(METERS)
    assert answer.ids == [third, second, first]
    assert (answer.json["url"], answer.json["has_more"]) == (METERS, False)


def test_meters_are_listed_by_status(call: Call) -> None:
    first, second, third = named(call, "a", "b", "c")
    call.create(f"{METERS}/{second}/deactivate")
    assert call.get(METERS, {"status": "active"}).ids == [third, first]
    assert call.get(METERS, {"status": "inactive"}).ids == [second]
    assert call.get(METERS, {"status": "active", "starting_after": second}).ids == [first]


def test_an_unknown_status_is_refused(call: Call) -> None:
    error = call.get(METERS, {"status": "asleep"}).error
    assert (error["message"], error["param"]) == ("Invalid status: must be one of active or inactive", "status")


def test_a_meter_cannot_be_deleted(call: Call) -> None:
    [meter] = named(call, "a")
    answer = call.delete(f"{METERS}/{meter}")
    assert answer.status == 404
    assert answer.error["message"].startswith(f"Unrecognized request URL (DELETE: {METERS}/{meter}).")
