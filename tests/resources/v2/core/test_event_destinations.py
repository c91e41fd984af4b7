"""Event destinations: made, shown, changed, switched off and on, and deleted."""

from typing import Any

import pytest

from tests.conftest import Call
from tests.resources.v2.conftest import make
from tests.resources.v2.conftest import meter
from tests.resources.v2.conftest import post

DESTINATIONS = "/v2/core/event_destinations"
URL = "http://127.0.0.1:9/hook"
THIN = {
    "name": "Mine",
    "type": "webhook_endpoint",
    "event_payload": "thin",
    "enabled_events": ["v1.billing.meter.error_report_triggered"],
    "webhook_endpoint": {"url": URL},
}
SECRET = "webhook_endpoint.signing_secret"
SHOW_URL = "webhook_endpoint.url"


def destination(call: Call, **change: object) -> dict[str, Any]:
    return make(call, DESTINATIONS, THIN | change)


def test_a_destination_is_shown_without_secret_and_url(call: Call) -> None:
    made = destination(call)
    assert made.pop("id").startswith("ed_test_")
    assert made == {
        "object": "v2.core.event_destination",
        "amazon_eventbridge": None,
        "azure_event_grid": None,
        "created": "2025-01-01T00:00:00.000Z",
        "description": "",
        "enabled_events": ["v1.billing.meter.error_report_triggered"],
        "event_payload": "thin",
        "events_from": ["@self"],
        "livemode": False,
        "metadata": {},
        "name": "Mine",
        "snapshot_api_version": None,
        "status": "enabled",
        "status_details": None,
        "type": "webhook_endpoint",
        "updated": "2025-01-01T00:00:00.000Z",
        "webhook_endpoint": {"signing_secret": None, "url": None},
    }


def test_the_secret_can_be_had_only_on_creation(call: Call) -> None:
    made = destination(call, include=[SECRET, SHOW_URL])
    assert made["webhook_endpoint"]["signing_secret"].startswith("whsec_")
    assert made["webhook_endpoint"]["url"] == URL
    path = f"{DESTINATIONS}/{made['id']}"
    later = call.get(path, {"include": [SHOW_URL]}).json
    assert later["webhook_endpoint"] == {"signing_secret": None, "url": URL}
    assert call.get(path, {"include": [SECRET]}).error["invalid_param"] == "include[0]"
    assert call.get(path).json["webhook_endpoint"] == {"signing_secret": None, "url": None}


def test_everything_that_can_be_said_is_kept(call: Call) -> None:
    said = {
        "description": "For tests",
        "event_payload": "snapshot",
        "snapshot_api_version": "2025-09-30.clover",
        "enabled_events": ["billing.meter.created", "*"],
        "events_from": ["@self"],
        "metadata": {"team": "billing"},
    }
    made = destination(call, **said)
    assert {name: made[name] for name in said} == said


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"name": None}, "name"),
        ({"name": ""}, "name"),
        ({"type": "carrier_pigeon"}, "type"),
        ({"event_payload": "fat"}, "event_payload"),
        ({"enabled_events": []}, "enabled_events"),
        ({"enabled_events": ["Not A Type"]}, "enabled_events[0]"),
        ({"enabled_events": "v1.billing.meter.created"}, "enabled_events"),
        ({"webhook_endpoint": {}}, "webhook_endpoint[url]"),
        ({"webhook_endpoint": {"url": "ftp://127.0.0.1/"}}, "webhook_endpoint[url]"),
        ({"webhook_endpoint": {"url": "http://"}}, "webhook_endpoint[url]"),
        ({"webhook_endpoint": {"url": "http://127.0.0.1:99999/"}}, "webhook_endpoint[url]"),
        ({"snapshot_api_version": "2025-09-30.clover"}, "snapshot_api_version"),
        ({"event_payload": "snapshot", "snapshot_api_version": "soon"}, "snapshot_api_version"),
        ({"metadata": {"k": "v" * 501}}, "metadata[k]"),
        ({"include": ["everything"]}, "include[0]"),
        ({"unheard": 1}, "unheard"),
    ],
)
def test_wrong_fields_are_named(call: Call, change: dict[str, object], param: str) -> None:
    answer = post(call, DESTINATIONS, THIN | change)
    assert (answer.status, answer.error["code"], answer.error["invalid_param"]) == (400, "invalid_fields", param)
    assert call.get(DESTINATIONS).json["data"] == []


def test_another_cloud_is_not_served(call: Call) -> None:
    answer = post(call, DESTINATIONS, THIN | {"type": "amazon_eventbridge"})
    assert (answer.status, answer.error["code"], answer.error["param"]) == (501, "fakestripe_not_served", "type")
    sentence = "fakestripe-meters delivers to webhook endpoints only, not to amazon_eventbridge."
    assert answer.error["message"] == sentence


def test_a_webhook_destination_must_have_an_address(call: Call) -> None:
    answer = post(call, DESTINATIONS, {name: value for name, value in THIN.items() if name != "webhook_endpoint"})
    assert answer.error["invalid_param"] == "webhook_endpoint"


def test_what_is_given_is_changed_and_the_rest_stays(call: Call) -> None:
    made = destination(call, metadata={"team": "billing", "since": "2025"}, description="For tests")
    call.clock.advance(60)
    path = f"{DESTINATIONS}/{made['id']}"
    change = {
        "name": "Ours",
        "description": None,
        "enabled_events": ["v1.billing.meter.*"],
        "metadata": {"since": None, "until": "2026"},
        "webhook_endpoint": {"url": "http://localhost:9/other"},
        "include": [SHOW_URL],
    }
    changed = make(call, path, change)
    expected = made | {
        "name": "Ours",
        "description": "",
        "enabled_events": ["v1.billing.meter.*"],
        "metadata": {"team": "billing", "until": "2026"},
        "updated": "2025-01-01T00:01:00.000Z",
        "webhook_endpoint": {"signing_secret": None, "url": "http://localhost:9/other"},
    }
    assert changed == expected
    hidden = expected | {"webhook_endpoint": {"signing_secret": None, "url": None}}
    assert call.get(path).json == hidden
    assert make(call, path) == hidden


@pytest.mark.parametrize("change", [{"type": "webhook_endpoint"}, {"event_payload": "snapshot"}, {"name": ""}])
def test_type_and_payload_cannot_change(call: Call, change: dict[str, object]) -> None:
    answer = post(call, f"{DESTINATIONS}/{destination(call)['id']}", change)
    assert answer.error["code"] == "invalid_fields"


def test_a_destination_is_switched_off_and_on(call: Call) -> None:
    path = f"{DESTINATIONS}/{destination(call, enabled_events=['*'])['id']}"
    call.fake.webhooks.hold()
    off = make(call, f"{path}/disable")
    assert (off["status"], off["status_details"]) == ("disabled", {"disabled": {"reason": "user"}})
    assert make(call, f"{path}/disable") == off
    meter(call, "unheard")
    on = make(call, f"{path}/enable")
    assert (on["status"], on["status_details"]) == ("enabled", None)
    meter(call, "heard")
    assert len(call.fake.webhooks.held) == 1


def test_a_deleted_destination_is_gone(call: Call) -> None:
    made = destination(call)
    path = f"{DESTINATIONS}/{made['id']}"
    answer = call.delete(path, idempotency_key="one")
    assert answer.json == {"id": made["id"], "object": "v2.core.event_destination"}
    assert call.delete(path, idempotency_key="one").body == answer.body
    for gone in (call.get(path), call.delete(path), post(call, path, {}), post(call, f"{path}/ping")):
        assert (gone.status, gone.error["code"]) == (404, "not_found")


def test_destinations_are_listed_newest_first_in_pages(call: Call) -> None:
    ids = [destination(call, name=str(number))["id"] for number in range(3)][::-1]
    assert call.get(DESTINATIONS).ids == ids
    first = call.get(DESTINATIONS, {"limit": 2, "include": [SHOW_URL]}).json
    assert [each["id"] for each in first["data"]] == ids[:2]
    second = call.get(first["next_page_url"]).json
    assert [each["id"] for each in second["data"]] == ids[2:]
    assert second["data"][0]["webhook_endpoint"]["url"] == URL
    assert second["next_page_url"] is None


def test_v1_endpoints_are_no_destinations(call: Call) -> None:
    call.create("/v1/webhook_endpoints", {"url": URL, "enabled_events": ["*"]})
    assert call.get(DESTINATIONS).json["data"] == []


def test_a_page_has_twenty_destinations_by_default_and_a_hundred_at_most(call: Call) -> None:
    for number in range(21):
        destination(call, name=f"Mine {number}")
    assert len(call.get(DESTINATIONS).json["data"]) == 20
    assert len(call.get(DESTINATIONS, {"limit": 100}).json["data"]) == 21
    assert call.get(DESTINATIONS, {"limit": 101}).status == 400
