"""Thin events: what they tell of, how they are listed, and for how long."""

from base64 import urlsafe_b64encode
from itertools import pairwise

import pytest

from tests.conftest import Call
from tests.resources.v2.conftest import customer
from tests.resources.v2.conftest import make
from tests.resources.v2.conftest import meter
from tests.resources.v2.conftest import usage

EVENTS = "/v2/core/events"
CREATED = "v1.billing.meter.created"


def types(call: Call, query: str = "") -> list[str]:
    return [each["type"] for each in call.get(f"{EVENTS}?{query}").json["data"]]


def test_what_happens_to_a_meter_is_told_twice(call: Call) -> None:
    meter_id = meter(call)
    (thin,) = call.get(EVENTS).json["data"]
    (snapshot,) = call.get("/v1/events").json["data"]
    assert thin.pop("id").startswith("evt_test_")
    assert thin == {
        "object": "v2.core.event",
        "context": None,
        "created": "2025-01-01T00:00:00.000Z",
        "livemode": False,
        "reason": {
            "type": "request",
            "request": {"id": snapshot["request"]["id"], "idempotency_key": None},
        },
        "related_object": {
            "id": meter_id,
            "type": "billing.meter",
            "url": f"/v1/billing/meters/{meter_id}",
        },
        "type": CREATED,
        "changes": None,
        "snapshot_event": snapshot["id"],
    }


def test_all_that_a_meter_goes_through_is_told(call: Call) -> None:
    path = f"/v1/billing/meters/{meter(call)}"
    call.create(path, {"display_name": "Other"})
    call.create(f"{path}/deactivate")
    call.create(f"{path}/reactivate")
    assert types(call) == [f"v1.billing.meter.{what}" for what in ("reactivated", "deactivated", "updated", "created")]


def test_customers_have_no_thin_events(call: Call) -> None:
    call.create("/v1/customers")
    assert types(call) == []


def test_an_event_names_the_request_and_its_key(call: Call) -> None:
    meter(call, idempotency_key="the-key")
    (event,) = call.get(EVENTS).json["data"]
    assert event["reason"]["request"]["idempotency_key"] == "the-key"


def test_an_event_of_a_connected_account_says_in_which_context(call: Call) -> None:
    connected = {"Stripe-Account": "acct_connected"}
    meter(call, headers=connected)
    (event,) = call.get(EVENTS, headers=connected).json["data"]
    assert event["context"] == "acct_connected"
    assert types(call) == []


def test_one_event_is_retrieved(call: Call) -> None:
    meter(call)
    (event,) = call.get(EVENTS).json["data"]
    assert call.get(f"{EVENTS}/{event['id']}").json == event
    missing = call.get(f"{EVENTS}/evt_nope")
    assert (missing.status, missing.error["code"]) == (404, "not_found")


def test_events_are_kept_for_thirty_days(call: Call) -> None:
    meter(call)
    (event,) = call.get(EVENTS).json["data"]
    call.clock.advance(30 * 86_400 - 1)
    assert types(call) == [CREATED]
    call.clock.advance(1)
    assert types(call) == []
    assert call.get(f"{EVENTS}/{event['id']}").status == 404


def test_events_are_filtered_by_type_and_object(call: Call) -> None:
    first, second = meter(call, "one"), meter(call, "two")
    call.create(f"/v1/billing/meters/{first}/deactivate")
    assert types(call, f"types[0]={CREATED}") == [CREATED] * 2
    assert types(call, "types[0]=v1.billing.meter.deactivated&types[1]=nope") == ["v1.billing.meter.deactivated"]
    assert types(call, f"object_id={second}") == [CREATED]
    assert types(call, f"object_id={first}&types[0]={CREATED}") == [CREATED]


@pytest.mark.parametrize(
    ("bounds", "names"),
    [
        ("created[gte]=2025-01-01T00:00:10Z", ["three", "two"]),
        ("created[gt]=2025-01-01T00:00:10Z", ["three"]),
        ("created[lte]=2025-01-01T00:00:10.000Z", ["two", "one"]),
        ("created[lt]=2025-01-01T00:00:10Z", ["one"]),
        ("created[gt]=2025-01-01T00:00:00Z&created[lt]=2025-01-01T00:00:20Z", ["two"]),
        ("created[gte]=2025-01-01T02:00:20%2B02:00", ["three"]),
    ],
)
def test_events_are_filtered_by_time(call: Call, bounds: str, names: list[str]) -> None:
    ids = {}
    for name in ("one", "two", "three"):
        ids[meter(call, name)] = name
        call.clock.advance(10)
    found = call.get(f"{EVENTS}?{bounds}").json["data"]
    assert [ids[each["related_object"]["id"]] for each in found] == names


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("created[gt]=yesterday", "created[gt]"),
        ("created=2025-01-01T00:00:00Z", "created"),
        ("page=nope", "page"),
        ("page=" + "x" * 501, "page"),
        ("&".join(f"types[{number}]=a" for number in range(21)), "types"),
        ("starting_after=evt_x", "starting_after"),
    ],
)
def test_wrong_filters_are_named(call: Call, query: str, param: str) -> None:
    answer = call.get(f"{EVENTS}?{query}")
    assert (answer.status, answer.error["code"], answer.error["invalid_param"]) == (400, "invalid_fields", param)


def test_pages_lead_to_each_other(call: Call) -> None:
    ids = [meter(call, f"meter {number}") for number in range(5)][::-1]
    filters = f"types[0]={CREATED}&created[gte]=2024-12-31T23:59:59.123456789Z"
    seen = []
    page = call.get(f"{EVENTS}?limit=2&{filters}").json
    assert page["previous_page_url"] is None
    pages = [page]
    while page["next_page_url"]:
        page = call.get(page["next_page_url"]).json
        pages.append(page)
    for each in pages:
        seen += [event["related_object"]["id"] for event in each["data"]]
    assert seen == ids
    assert [len(each["data"]) for each in pages] == [2, 2, 1]
    for earlier, later in pairwise(pages):
        assert call.get(later["previous_page_url"]).json["data"] == earlier["data"]
    assert call.get(pages[1]["previous_page_url"]).json["next_page_url"] == pages[0]["next_page_url"]


def test_a_full_last_page_has_no_next(call: Call) -> None:
    for name in ("one", "two"):
        meter(call, name)
    page = call.get(f"{EVENTS}?limit=2").json
    assert (len(page["data"]), page["next_page_url"]) == (2, None)


def test_two_accounts_have_nothing_to_do_with_each_other(call: Call) -> None:
    meter(call, key="sk_test_other")
    assert types(call) == []


def test_a_page_has_twenty_events_by_default(call: Call) -> None:
    for number in range(21):
        meter(call, f"calls_{number}")
    assert len(call.get(EVENTS).json["data"]) == 20
    assert len(call.get(EVENTS, {"limit": 100}).json["data"]) == 21


def test_pages_of_three_follow_each_other_both_ways(call: Call) -> None:
    for number in range(7):
        meter(call, f"calls_{number}")
    everything = call.get(EVENTS, {"limit": 100}).json["data"]
    pages = [call.get(EVENTS, {"limit": 3}).json]
    while pages[-1]["next_page_url"]:
        pages.append(call.get(pages[-1]["next_page_url"]).json)
    assert [page["data"] for page in pages] == [everything[:3], everything[3:6], everything[6:]]
    back = call.get(pages[2]["previous_page_url"]).json
    assert (back["data"], call.get(back["previous_page_url"]).json["data"]) == (everything[3:6], everything[:3])


@pytest.mark.parametrize("text", ["sideways/evt_1", "after/", "after", "before/evt_test_unknown"])
def test_a_page_token_names_a_direction_and_an_event(call: Call, text: str) -> None:
    page = urlsafe_b64encode(text.encode()).decode().rstrip("=")
    refused = call.get(EVENTS, {"page": page})
    assert (refused.status, refused.json["error"]["message"]) == (400, f"Invalid page token: {page}")


def test_the_object_that_an_event_is_about_is_found_at_its_url(call: Call) -> None:
    meter_id, ada = meter(call), customer(call)
    path = f"/v1/billing/meters/{meter_id}"
    call.create(path, {"display_name": "Other"})
    call.create(f"{path}/deactivate")
    call.create(f"{path}/reactivate")
    amount = {"type": "monetary", "monetary": {"currency": "usd", "value": 1000}}
    scope = {"scope": {"price_type": "metered"}}
    terms = {"customer": ada, "category": "paid", "amount": amount, "applicability_config": scope}
    grant = call.create("/v1/billing/credit_grants", terms)["id"]
    call.create(f"/v1/billing/credit_grants/{grant}", {"metadata": {"a": "b"}})
    threshold = {"gte": 1, "meter": meter_id, "recurrence": "one_time"}
    alert = {"title": "Many", "alert_type": "usage_threshold", "usage_threshold": threshold}
    call.create("/v1/billing/alerts", alert)
    make(call, "/v2/billing/meter_events", usage(ada, "5"))
    found = call.get(EVENTS, {"limit": 100}).json["data"]
    assert {event["type"].removeprefix("v1.billing.") for event in found} == {
        "alert.triggered",
        "credit_balance_transaction.created",
        "credit_grant.created",
        "credit_grant.updated",
        "meter.created",
        "meter.deactivated",
        "meter.reactivated",
        "meter.updated",
    }
    for event in found:
        about = event["related_object"]
        shown = call.get(about["url"]).json
        assert (shown["id"], shown["object"]) == (about["id"], about["type"])


def test_a_ping_is_an_event(call: Call) -> None:
    made = make(
        call,
        "/v2/core/event_destinations",
        {
            "name": "Mine",
            "type": "webhook_endpoint",
            "event_payload": "thin",
            "enabled_events": ["v1.billing.meter.created"],
            "webhook_endpoint": {"url": "http://127.0.0.1:9/"},
        },
    )
    call.fake.webhooks.hold()
    event = make(call, f"/v2/core/event_destinations/{made['id']}/ping")
    assert event["type"] == "v2.core.event_destination.ping"
    assert event["related_object"]["id"] == made["id"]
    assert call.get(event["related_object"]["url"]).json["id"] == made["id"]
    assert [each.type for each in call.fake.webhooks.held] == ["v2.core.event_destination.ping"]
