"""A request that is refused changes nothing, except where Stripe refuses after it has done the work."""

import json
from typing import Any

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters.core.undo import Atomic
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request
from tests.conftest import KEY
from tests.conftest import NOW
from tests.conftest import Call
from tests.refusal_watch import Watch
from tests.refusal_watch import watched

DECLINES = {"invoice_settings": {"default_payment_method": "pm_card_chargeCustomerFail"}}
MONTHLY = {"currency": "usd", "recurring": {"interval": "month"}, "unit_amount": 500}
METER = {"display_name": "Tokens", "event_name": "tokens", "default_aggregation": {"formula": "sum"}}


def state(call: Call) -> Any:  # noqa: ANN401  any JSON tree
    return json.loads(json.dumps(call.fake.snapshot()["accounts"]))


def test_a_subscription_that_is_not_paid_leaves_neither_price_nor_currency_nor_events(call: Call) -> None:
    customer = call.create("/v1/customers", DECLINES)["id"]
    product = call.create("/v1/products", {"name": "Seat"})["id"]
    before = state(call)
    items = [{"price_data": MONTHLY | {"product": product}}]
    terms = {"customer": customer, "items": items, "payment_behavior": "error_if_incomplete"}
    assert call.post("/v1/subscriptions", terms).status == 402
    assert state(call) == before
    assert call.get(f"/v1/customers/{customer}").json["currency"] is None


@pytest.mark.parametrize("asked", ["/v1/events?ending_before=evt_1", "/v2/core/events?page=nobody"])
def test_a_list_that_is_refused_does_not_drop_the_events_that_are_too_old(call: Call, asked: str) -> None:
    call.post("/v1/webhook_endpoints", {"url": "http://127.0.0.1:9/hook", "enabled_events": ["*"]})
    call.create("/v1/billing/meters", METER)
    call.clock.advance(31 * 86_400)
    before = state(call)
    assert call.get(asked).status in {400, 404}
    assert state(call) == before
    assert call.get("/v1/events").ids == []
    assert state(call) != before


def test_an_object_that_is_refused_uses_up_no_id(call: Call) -> None:
    call.create("/v1/customers")
    before = state(call)
    assert call.post("/v1/customers", {"metadata": {f"key{number}": "x" for number in range(51)}}).status == 400
    assert state(call) == before


@pytest.mark.parametrize("path", ["/v1/billing/meter_events", "/v2/billing/meter_events"])
def test_an_event_that_is_refused_uses_up_no_identifier(call: Call, path: str) -> None:
    call.create("/v1/billing/meters", METER)
    before = state(call)
    event = {"event_name": "tokens", "payload": {"stripe_customer_id": "cus_nobody", "value": "1"}}
    body = json.dumps(event) if path.startswith("/v2/") else event
    answer = call.post(path, body, headers={"Content-Type": "application/json"} if path.startswith("/v2/") else {})
    assert answer.status == 400
    assert state(call) == before


def test_a_reading_that_is_refused_changes_nothing(call: Call) -> None:
    assert call.get("/v1/customers/cus_nobody").status == 404
    assert call.get("/v1/prices", {"product": "prod_nothing"}).status == 400
    assert all(each["parts"] == {} for each in state(call))


def test_a_planned_fault_changes_nothing(call: Call) -> None:
    call.create("/v1/customers")
    before = state(call)
    call.fake.fail_next("POST /v1/customers", status=500)
    assert call.post("/v1/customers", {"name": "Ada"}).status == 500
    assert state(call) == before


def test_a_planned_fault_after_the_work_keeps_it(call: Call) -> None:
    call.fake.fail_next("POST /v1/customers", status=500, after_commit=True)
    assert call.post("/v1/customers", {"name": "Ada"}).status == 500
    assert [each["name"] for each in call.get("/v1/customers").json["data"]] == ["Ada"]


def test_a_planned_fault_after_work_that_is_refused_changes_nothing(call: Call) -> None:
    call.create("/v1/customers")
    before = state(call)
    call.fake.fail_next("POST /v1/customers", status=500, after_commit=True)
    call.post("/v1/customers", {"metadata": {f"key{number}": "x" for number in range(51)}})
    assert state(call) == before


def test_a_payment_that_fails_is_kept_although_it_is_refused(call: Call) -> None:
    customer = call.create("/v1/customers")["id"]
    product = call.create("/v1/products", {"name": "Seat"})["id"]
    items = [{"price_data": MONTHLY | {"product": product}}]
    subscription = call.create("/v1/subscriptions", {"customer": customer, "items": items})["id"]
    call.clock.freeze("2025-02-01T00:00:00Z")
    draft = call.get("/v1/invoices").ids[0]
    refused = call.post(f"/v1/invoices/{draft}/pay", {"payment_method": "pm_card_chargeCustomerFail"})
    assert (refused.status, refused.error["code"]) == (402, "card_declined")
    invoice = call.get(f"/v1/invoices/{draft}").json
    assert (invoice["status"], invoice["attempt_count"]) == ("open", 1)
    assert call.get(f"/v1/subscriptions/{subscription}").json["status"] == "past_due"
    assert call.get("/v1/events", {"type": "invoice.payment_failed"}).json["data"]


def test_an_operation_that_is_a_bug_of_the_fake_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeStripe(now=NOW, seed=1)
    monkeypatch.setattr("fakestripe_meters.resources.customers.publish", {})
    with pytest.raises(TypeError):
        fake.engine.handle(Request("POST", "/v1/customers", "", Headers({"Authorization": f"Bearer {KEY}"})))
    [account] = fake.snapshot()["accounts"]
    assert (account["parts"], account["ids"]["counts"]) == ({}, {})


def test_the_watch_over_all_tests_sees_a_change(monkeypatch: pytest.MonkeyPatch, watch: Watch) -> None:
    monkeypatch.setattr(Atomic, "__exit__", lambda *_: None)
    fake = FakeStripe(now=NOW, seed=1)
    with watched() as own:
        request = Request("GET", "/v1/customers/cus_1", "", Headers({"Authorization": f"Bearer {KEY}"}))
        assert fake.engine.handle(request).status == 404
    [change] = own.changes
    assert "GET /v1/customers/cus_1" in change
    assert "customers: None became" in change
    assert watch.changes == own.changes
    watch.changes.clear()
