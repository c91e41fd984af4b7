"""Events of API v1: what every object publishes, listed and retrieved."""

import json
from typing import Any

import pytest

from tests.conftest import Call
from tests.resources.shop import customer
from tests.resources.shop import licensed
from tests.resources.shop import subscribe

EVENTS = "/v1/events"
NEW_YEAR = 1_735_689_600
SIZES = ("table", "undelivered")
METER = {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}


def types(call: Call, query: str = "") -> list[str]:
    return [each["type"] for each in call.get(f"{EVENTS}?{query}").json["data"]]


def test_an_event_shows_the_object_and_what_asked_for_it(call: Call) -> None:
    made = call.create("/v1/customers", {"name": "Ada"}, idempotency_key="the-key")
    (event,) = call.get(EVENTS).json["data"]
    assert event.pop("id").startswith("evt_")
    assert event["request"].pop("id").startswith("req_")
    assert event == {
        "object": "event",
        "api_version": "2025-08-27.preview",
        "created": 1_735_689_600,
        "data": {"object": made},
        "livemode": False,
        "pending_webhooks": 0,
        "request": {"idempotency_key": "the-key"},
        "type": "customer.created",
    }


def test_an_update_tells_what_was_before(call: Call) -> None:
    made = call.create("/v1/customers", {"name": "Ada"})
    call.create(f"/v1/customers/{made['id']}", {"name": "Grace"})
    call.create(f"/v1/customers/{made['id']}", {"name": "Grace"})
    updated, _created = call.get(EVENTS).json["data"]
    assert updated["type"] == "customer.updated"
    assert updated["data"]["previous_attributes"] == {"name": "Ada"}
    assert updated["data"]["object"]["name"] == "Grace"


def test_an_event_keeps_the_object_as_it_was(call: Call) -> None:
    made = call.create("/v1/customers", {"name": "Ada", "metadata": {"a": "1"}})
    call.create(f"/v1/customers/{made['id']}", {"name": "Grace", "metadata": {"a": "2"}})
    _updated, created = call.get(EVENTS).json["data"]
    assert created["data"]["object"] == made


def test_every_act_on_a_meter_is_an_event(call: Call) -> None:
    path = f"/v1/billing/meters/{call.create('/v1/billing/meters', METER)['id']}"
    call.create(path, {"display_name": "Other"})
    call.create(f"{path}/deactivate")
    call.create(f"{path}/reactivate")
    assert types(call) == [f"billing.meter.{what}" for what in ("reactivated", "deactivated", "updated", "created")]


def test_usage_is_no_event(call: Call) -> None:
    call.create("/v1/billing/meters", METER)
    whose = call.create("/v1/customers")["id"]
    usage = {"event_name": "calls", "identifier": "one", "payload": {"stripe_customer_id": whose, "value": "1"}}
    call.create("/v1/billing/meter_events", usage)
    cancel = {"event_name": "calls", "type": "cancel", "cancel": {"identifier": "one"}}
    call.create("/v1/billing/meter_event_adjustments", cancel)
    assert types(call) == ["customer.created", "billing.meter.created"]


@pytest.fixture
def several(call: Call) -> dict[str, Any]:
    """A meter, ten seconds later a customer, ten seconds later its deletion."""
    call.create("/v1/billing/meters", METER)
    call.clock.advance(10)
    made = call.create("/v1/customers")
    call.clock.advance(10)
    call.delete(f"/v1/customers/{made['id']}")
    return made


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("type=customer.created", ["customer.created"]),
        ("type=customer.*", ["customer.deleted", "customer.created"]),
        ("type=billing.*", ["billing.meter.created"]),
        ("type=billing.meter", []),
        ("types[]=customer.deleted&types[]=billing.meter.created", ["customer.deleted", "billing.meter.created"]),
        ("types[0]=customer.deleted&types[1]=nope", ["customer.deleted"]),
        ("created=1735689610", ["customer.created"]),
        ("created[gte]=1735689610", ["customer.deleted", "customer.created"]),
        ("created[gt]=1735689610", ["customer.deleted"]),
        ("created[lt]=1735689610", ["billing.meter.created"]),
        ("created[lte]=1735689610&type=customer.created", ["customer.created"]),
    ],
)
@pytest.mark.usefixtures("several")
def test_events_are_filtered(call: Call, query: str, found: list[str]) -> None:
    assert types(call, query) == found


def test_only_one_way_to_name_types(call: Call) -> None:
    answer = call.get(f"{EVENTS}?type=a&types[]=b")
    assert (answer.status, answer.error["code"]) == (400, "parameters_exclusive")


def test_at_most_twenty_types(call: Call) -> None:
    answer = call.get(f"{EVENTS}?" + "&".join(f"types[]=a{number}" for number in range(21)))
    assert (answer.status, answer.error["param"]) == (400, "types")


@pytest.mark.usefixtures("several")
def test_events_come_in_pages(call: Call) -> None:
    newest = call.get(EVENTS, {"limit": 1})
    assert newest.json["has_more"]
    rest = call.get(EVENTS, {"starting_after": newest.ids[0]})
    assert [each["type"] for each in rest.json["data"]] == ["customer.created", "billing.meter.created"]
    assert not rest.json["has_more"]
    back = call.get(EVENTS, {"ending_before": rest.ids[0]})
    assert back.ids == newest.ids


def test_one_event_is_retrieved(call: Call) -> None:
    call.create("/v1/customers")
    (event,) = call.get(EVENTS).json["data"]
    assert call.get(f"{EVENTS}/{event['id']}").json == event
    missing = call.get(f"{EVENTS}/evt_nope")
    assert (missing.status, missing.error["message"]) == (404, "No such event: 'evt_nope'")


@pytest.mark.parametrize("version", ["2024-06-20", "2025-03-31.basil", "2026-10-28.endive", "2026-10-14.preview"])
def test_an_event_has_the_same_content_in_every_version(call: Call, version: str) -> None:
    price = licensed(call)
    ada = customer(call)
    subscription = subscribe(call, ada, price)
    call.create("/v1/billing/meters", METER)
    item = subscription["items"]["data"][0]["id"]
    call.create(f"/v1/subscriptions/{subscription['id']}", {"items": [{"id": item, "quantity": 2}]})
    call.create("/v1/invoiceitems", {"customer": ada, "amount": 5, "currency": "usd"})
    kept = call.get(EVENTS, {"limit": 100}).json["data"]
    assert call.get(EVENTS, {"limit": 100}, version=version).json["data"] == kept
    for event in kept:
        answer = call.get(f"{EVENTS}/{event['id']}", version=version)
        assert (answer.json, answer.headers["Stripe-Version"]) == (event, version)
    assert {event["api_version"] for event in kept} == {"2025-08-27.preview"}
    assert {"customer.subscription.updated", "invoice.paid", "billing.meter.created"} <= {each["type"] for each in kept}


def test_an_event_never_changes_whatever_becomes_of_its_object(call: Call) -> None:
    ada = customer(call)
    subscription = subscribe(call, ada, licensed(call))
    kept = {event["id"]: event for event in call.get(EVENTS, {"limit": 100}).json["data"]}
    call.create(f"/v1/customers/{ada}", {"name": "Grace", "metadata": {"a": 1}})
    call.create(f"/v1/subscriptions/{subscription['id']}", {"metadata": {"b": 1}, "expand": ["customer"]})
    call.clock.advance(10 * 86_400)
    call.get("/v1/invoices", {"expand": ["data.customer", "data.lines"]})
    call.delete(f"/v1/customers/{ada}")
    snapshot = call.fake.snapshot()
    call.fake.begin()
    call.fake.restore(snapshot)
    for identifier, event in kept.items():
        assert call.get(f"{EVENTS}/{identifier}").json == event


def test_an_event_of_an_older_snapshot_has_the_default_version(call: Call) -> None:
    call.create("/v1/customers")
    kept = call.get(EVENTS).json["data"]
    snapshot = call.fake.snapshot()
    for each in snapshot["accounts"][0]["parts"]["events"]["table"]:
        del each["api_version"]
    call.fake.restore(snapshot)
    assert call.get(EVENTS).json["data"] == kept


def test_an_event_tells_how_many_have_not_taken_it(call: Call) -> None:
    call.fake.webhooks.hold()
    for number in range(2):
        call.create(
            "/v1/webhook_endpoints", {"url": f"http://127.0.0.1:9/{number}", "enabled_events": ["customer.created"]}
        )
    call.create("/v1/customers")
    assert call.get(EVENTS).json["data"][0]["pending_webhooks"] == 2


MONTH = 30 * 86_400
PAST = 1_600_000_000


def test_an_event_is_kept_for_thirty_days(call: Call) -> None:
    call.create("/v1/customers")
    (event,) = call.get(EVENTS).json["data"]
    call.clock.advance(MONTH - 1)
    assert call.get(EVENTS).ids == [event["id"]]
    assert call.get(f"{EVENTS}/{event['id']}").json == event
    call.clock.advance(1)
    assert call.get(EVENTS).ids == []
    missing = call.get(f"{EVENTS}/{event['id']}")
    assert (missing.status, missing.error["message"]) == (404, f"No such event: '{event['id']}'")


def test_an_old_event_is_no_cursor(call: Call) -> None:
    call.create("/v1/customers")
    (old,) = call.get(EVENTS).ids
    call.clock.advance(MONTH)
    call.create("/v1/customers")
    for cursor in ("starting_after", "ending_before"):
        answer = call.get(EVENTS, {cursor: old})
        assert (answer.status, answer.error["param"]) == (400, cursor)


def test_events_of_the_last_thirty_days_come_in_pages(call: Call) -> None:
    for _ in range(40):
        call.create("/v1/customers")
        call.clock.advance(86_400)
    newest = call.get(EVENTS, {"limit": 20})
    rest = call.get(EVENTS, {"limit": 20, "starting_after": newest.ids[-1]})
    assert (len(newest.ids), len(rest.ids), rest.json["has_more"]) == (20, 9, False)
    assert call.get(EVENTS, {"limit": 20, "ending_before": rest.ids[0]}).ids == newest.ids


def test_an_event_of_a_test_clock_is_kept_for_thirty_days_of_the_accounts_time(call: Call) -> None:
    clock = call.create("/v1/test_helpers/test_clocks", {"frozen_time": PAST})["id"]
    call.create("/v1/customers", {"test_clock": clock})
    call.create(f"/v1/test_helpers/test_clocks/{clock}/advance", {"frozen_time": PAST + 2 * MONTH})
    assert types(call, "created[lt]=1600000001") == ["customer.created"]
    call.clock.advance(MONTH)
    assert types(call) == []


def test_an_old_event_of_a_test_clock_in_the_future_is_gone_too(call: Call) -> None:
    clock = call.create("/v1/test_helpers/test_clocks", {"frozen_time": 2 * NEW_YEAR})["id"]
    call.create("/v1/customers", {"test_clock": clock})
    call.clock.advance(MONTH)
    assert types(call) == []


def test_a_restored_event_is_as_old_as_it_was(call: Call) -> None:
    call.create("/v1/customers")
    call.clock.advance(MONTH - 1)
    call.fake.restore(json.loads(json.dumps(call.fake.snapshot())))
    assert types(call) == ["customer.created"]
    call.clock.advance(1)
    assert types(call) == []


@pytest.mark.parametrize("call", ["engine"], indirect=True)
def test_years_of_events_are_not_kept(call: Call) -> None:
    clean = {"currency": "usd", "recurring": {"interval": "day"}, "product_data": {"name": "Seat"}, "unit_amount": 100}
    price, customer = call.create("/v1/prices", clean)["id"], call.create("/v1/customers")["id"]
    call.fake.webhooks.collect()
    call.create("/v1/subscriptions", {"customer": customer, "items": [{"price": price}]})
    sizes = []
    for _ in range(3):
        call.clock.advance(60 * 86_400)
        parts = call.fake.snapshot()["accounts"][0]["parts"]
        sizes.append([len(parts["events"]["table"]), *(len(parts["deliveries"][each]) for each in SIZES)])
    assert sizes[0] == sizes[1] == sizes[2]


def test_all_events_are_sent_after_the_process_slept_for_months(call: Call) -> None:
    clean = {"currency": "usd", "recurring": {"interval": "day"}, "product_data": {"name": "Seat"}, "unit_amount": 100}
    call.fake.webhooks.hold()  # so that nobody does the work but the request
    price, customer = call.create("/v1/prices", clean)["id"], call.create("/v1/customers")["id"]
    inbox = call.fake.webhooks.collect("invoice.created")
    call.create("/v1/subscriptions", {"customer": customer, "items": [{"price": price}]})
    with call.clock.running_by(lambda: NEW_YEAR * 10**9):
        call.clock.resume()
    with call.clock.running_by(lambda: (NEW_YEAR + 60 * 86_400) * 10**9):
        assert len(call.get(EVENTS, {"type": "invoice.created", "limit": 100}).ids) == 30
        call.fake.webhooks.release()
        assert len(inbox) == 61
