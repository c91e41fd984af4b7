"""Limits of operations, of single objects and of calls at once; and the kinds of a planned 429."""

import json
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse
from tests.conftest import DOORS
from tests.conftest import KEY
from tests.conftest import NOW
from tests.conftest import Answer
from tests.conftest import Call
from tests.conftest import Params
from tests.resources import shop

CUSTOMERS = "/v1/customers"
REASON = "stripe-rate-limited-reason"
MINUTE, HOUR, DAY = 60, 3_600, 86_400
AS_JSON = {"Content-Type": "application/json", "Stripe-Version": "2025-08-27.preview"}
HEADERS: dict[str, dict[str, str]] = {"v1": {}, "v2": AS_JSON}


@pytest.fixture
def call() -> Iterator[Call]:
    with FakeStripe(now=NOW, seed=1, limits="off") as fake:
        yield Call(DOORS["engine"], fake)


def limit(call: Call, **limits: int | str | None) -> None:
    call.fake.control.set_limits(limits)


def left(call: Call, name: str) -> int | None:
    return call.fake.control.limits(KEY)["left"].get(name)


def passed(ask: Callable[[], Answer], most: int = 300) -> tuple[int, str | None]:
    """How many calls pass until one is refused, and the reason."""
    for count in range(most):
        answer = ask()
        if answer.status == 429:
            return count, answer.headers.lookup(REASON)
        assert answer.status == 200, answer.body
    return most, None


# Operations


def test_each_operation_has_25_calls_a_second_of_its_own_in_live_mode(call: Call) -> None:
    limit(call, profile="live")
    assert passed(lambda: call.get(CUSTOMERS)) == (25, "endpoint-rate")
    assert passed(lambda: call.post(CUSTOMERS)) == (25, "endpoint-rate")
    assert passed(lambda: call.get("/v1/products")) == (25, "endpoint-rate")
    call.clock.advance(1)
    assert passed(lambda: call.get(CUSTOMERS)) == (25, "endpoint-rate")


def test_an_operation_counts_the_calls_to_all_objects_together(call: Call) -> None:
    limit(call, endpoint=3)
    ids = [call.create(CUSTOMERS)["id"] for _ in range(2)]
    statuses = [call.get(f"{CUSTOMERS}/{each}").status for each in [*ids, *ids]]
    assert statuses == [200, 200, 200, 429]


def test_calls_to_operations_count_for_the_account_too(call: Call) -> None:
    limit(call, endpoint=4, **{"global": 6})
    assert passed(lambda: call.get(CUSTOMERS)) == (4, "endpoint-rate")
    assert passed(lambda: call.post(CUSTOMERS)) == (2, "global-rate")
    assert left(call, "endpoint/POST /v1/customers") == 2  # what the account refuses costs the operation nothing
    assert left(call, "global") == 0


def test_meter_events_and_analytics_count_for_no_operation(call: Call) -> None:
    limit(call, profile="live", endpoint=1)
    assert passed(lambda: call.post("/v1/billing/meter_events", {}, key=KEY), 0) == (0, None)
    statuses = {call.post("/v1/billing/meter_events").status for _ in range(30)}
    assert statuses == {400}
    assert left(call, "meter_events") == 970
    assert left(call, "global") == 100


def test_without_limits_of_their_own_they_count_as_operations(call: Call) -> None:
    limit(call, endpoint=2)
    statuses = [call.post("/v1/billing/meter_events").status for _ in range(3)]
    assert statuses == [400, 400, 429]


def test_an_unknown_url_is_no_operation(call: Call) -> None:
    limit(call, endpoint=1, **{"global": 2})
    assert [call.get("/v1/nothing").status for _ in range(3)] == [404, 404, 429]


def test_all_searches_share_20_calls_a_second(call: Call) -> None:
    limit(call, profile="live")
    query = {"query": "created>0"}
    assert passed(lambda: call.get(f"{CUSTOMERS}/search", query)) == (20, "endpoint-rate")
    assert passed(lambda: call.get("/v1/invoices/search", query)) == (0, "endpoint-rate")
    assert left(call, "search") == 0
    assert left(call, "global") == 80
    limit(call, search=None)
    assert passed(lambda: call.get("/v1/invoices/search", query)) == (25, "endpoint-rate")


def test_a_stream_without_a_limit_of_its_own_counts_as_an_operation(call: Call) -> None:
    token = call.post("/v2/billing/meter_event_session", "{}", headers=AS_JSON).json
    limit(call, endpoint=1)
    events = '{"events": [{"event_name": "none", "payload": {"value": "1"}}]}'
    path, key = "/v2/billing/meter_event_stream", token["authentication_token"]
    statuses = [call.post(path, events, headers=AS_JSON, key=key).status for _ in range(2)]
    assert statuses == [200, 429]


# Single objects


def test_requests_make_ten_invoices_a_minute_and_twenty_a_day_of_one_subscription(call: Call) -> None:
    ada = shop.customer(call)
    mine = shop.subscribe(call, ada, shop.licensed(call))["id"]
    limit(call, profile="live")

    def invoice() -> Answer:
        call.clock.advance(1)
        return call.post("/v1/invoices", {"customer": ada, "subscription": mine})

    assert passed(invoice)[1] == "resource-specific"
    assert left(call, "subscription_invoices_per_minute") == 0
    call.clock.advance(MINUTE)
    assert passed(invoice)[1] == "resource-specific"
    assert left(call, "subscription_invoices_per_day") == 0
    assert len(shop.invoices(call, subscription=mine)) == 1 + 20
    other = shop.subscribe(call, ada, shop.licensed(call))["id"]
    assert call.post("/v1/invoices", {"customer": ada, "subscription": other}).status == 200
    assert call.post("/v1/invoices", {"customer": ada}).status == 200


def test_invoices_that_come_by_themselves_are_not_counted(call: Call) -> None:
    ada = shop.customer(call)
    shop.subscribe(call, ada, shop.licensed(call, interval="day"))
    limit(call, subscription_invoices_per_minute=1, subscription_invoices_per_day=1)
    call.clock.advance(5 * DAY)
    assert len(shop.invoices(call)) == 6
    assert left(call, "subscription_invoices_per_day") == 1


def test_a_threshold_is_invoiced_however_many_invoices_there_were(call: Call) -> None:
    ada = shop.customer(call)
    terms = {"billing_thresholds": {"amount_gte": 50}}
    mine = shop.subscribe(call, ada, shop.metered(call), **terms)["id"]
    limit(call, subscription_invoices_per_day=1)
    call.create("/v1/invoices", {"customer": ada, "subscription": mine})
    assert shop.use(call, ada, 60).status == 200
    assert shop.invoices(call)[-1]["billing_reason"] == "subscription_threshold"


@pytest.mark.parametrize("way", ["always_invoice", "cancel"])
def test_a_change_that_is_invoiced_at_once_counts_and_one_too_many_changes_nothing(call: Call, way: str) -> None:
    ada = shop.customer(call)
    created = shop.subscribe(call, ada, shop.licensed(call), shop.metered(call))
    item = created["items"]["data"][0]["id"]
    limit(call, subscription_invoices_per_minute=1)
    call.create("/v1/invoices", {"customer": ada, "subscription": created["id"]})
    before = call.get(f"/v1/subscriptions/{created['id']}").json
    if way == "cancel":
        refused = call.delete(f"/v1/subscriptions/{created['id']}", {"invoice_now": True})
    else:
        refused = call.post(f"/v1/subscription_items/{item}", {"quantity": 5, "proration_behavior": "always_invoice"})
    assert (refused.status, refused.error["code"]) == (429, "rate_limit")
    assert refused.headers.lookup(REASON) == "resource-specific"
    assert call.get(f"/v1/subscriptions/{created['id']}").json == before
    assert len(shop.invoices(call)) == 2


def test_an_operation_that_is_refused_for_another_reason_costs_no_invoice(call: Call) -> None:
    ada = shop.customer(call)
    created = shop.subscribe(call, ada, shop.licensed(call))
    limit(call, subscription_invoices_per_minute=2)
    wrong = {"customer": ada, "subscription": created["id"], "discounts": [{"coupon": "none"}]}
    assert call.post("/v1/invoices", wrong).status == 400
    assert left(call, "subscription_invoices_per_minute") == 2
    preview = {"subscription": created["id"], "subscription_details": {"cancel_now": True}}
    assert call.post("/v1/invoices/create_preview", preview).status == 200
    assert left(call, "subscription_invoices_per_minute") == 2


def test_a_subscription_takes_200_changes_of_quantities_an_hour(call: Call) -> None:
    created = shop.subscribe(call, shop.customer(call), shop.licensed(call))
    item = f"/v1/subscription_items/{created['items']['data'][0]['id']}"
    limit(call, subscription_quantities_per_hour=200)
    quantities = iter(range(2, 1000))
    change: Callable[[], Answer] = lambda: call.post(item, {"quantity": next(quantities), "proration_behavior": "none"})  # noqa: E731
    assert passed(change) == (200, "resource-specific")
    same = call.get(item).json["quantity"]
    assert call.post(item, {"quantity": same, "metadata": {"seats": "same"}}).status == 200
    call.clock.advance(HOUR)
    assert change().status == 200


def test_quantities_count_by_the_clock_of_the_account_not_by_a_test_clock(call: Call) -> None:
    clock = call.create("/v1/test_helpers/test_clocks", {"frozen_time": shop.NEW_YEAR})["id"]
    created = shop.subscribe(call, shop.customer(call, test_clock=clock), shop.licensed(call))
    item = f"/v1/subscription_items/{created['items']['data'][0]['id']}"
    limit(call, subscription_quantities_per_hour=1)
    assert call.post(item, {"quantity": 2}).status == 200
    call.create(f"/v1/test_helpers/test_clocks/{clock}/advance", {"frozen_time": shop.NEW_YEAR + 2 * DAY})
    assert call.post(item, {"quantity": 3}).status == 429


def test_a_payment_intent_takes_1000_updates_an_hour(call: Call) -> None:
    terms = {"amount": 1000, "currency": "usd"}
    first, second = (call.create("/v1/payment_intents", terms)["id"] for _ in range(2))
    limit(call, payment_intent_updates_per_hour=1_000)
    update: Callable[[], Answer] = lambda: call.post(f"/v1/payment_intents/{first}", {"description": "again"})  # noqa: E731
    assert passed(update, 1_001) == (1_000, "resource-specific")
    assert call.post(f"/v1/payment_intents/{second}", {"description": "once"}).status == 200
    assert call.post(f"/v1/payment_intents/{first}/cancel").status == 200


# Calls at once


def begin(call: Call, method: str, path: str, params: Params = None, **options: Any) -> None:  # noqa: ANN401  as `request`
    """Make a call whose answer takes a while. Only other doors wait for it: the engine has answered."""
    call.fake.fail_next(f"{method} {path}", delay=60)
    assert call.request(method, path, params, **options).status == 200


def test_calls_at_once_are_limited_for_the_account_and_for_each_operation(call: Call) -> None:
    limit(call, global_concurrency=3, endpoint_concurrency=2)
    begin(call, "GET", CUSTOMERS)
    begin(call, "GET", CUSTOMERS)
    refused = call.get(CUSTOMERS)
    assert (refused.status, refused.error["code"]) == (429, "rate_limit")
    assert refused.headers.lookup(REASON) == "endpoint-concurrency"
    begin(call, "POST", CUSTOMERS)
    assert call.get("/v1/products").headers.lookup(REASON) == "global-concurrency"
    assert (left(call, "global_concurrency"), left(call, "endpoint_concurrency")) == (0, 0)
    assert call.get(CUSTOMERS, key="sk_test_other").status == 200


def test_calls_one_after_the_other_are_never_at_once(call: Call) -> None:
    limit(call, global_concurrency=1, endpoint_concurrency=1, object_concurrency=1)
    ada = call.create(CUSTOMERS)["id"]
    for _ in range(3):
        assert call.post(f"{CUSTOMERS}/{ada}", {"name": "Ada"}).status == 200


def test_two_changes_of_one_object_at_once_are_a_lock_timeout_without_a_reason(call: Call) -> None:
    ada, bob = (call.create(CUSTOMERS)["id"] for _ in range(2))
    limit(call, object_concurrency=1)
    begin(call, "POST", f"{CUSTOMERS}/{ada}", {"name": "Ada"})
    refused = call.post(f"{CUSTOMERS}/{ada}", {"name": "Eve"})
    assert (refused.status, refused.error["code"]) == (429, "lock_timeout")
    assert refused.headers.lookup(REASON) is None
    assert call.get(f"{CUSTOMERS}/{ada}").json["name"] == "Ada"
    assert call.post(f"{CUSTOMERS}/{bob}", {"name": "Bob"}).status == 200
    assert left(call, "object_concurrency") == 0


@pytest.mark.parametrize(
    ("version", "status", "code"), [("v1", 429, "lock_timeout"), ("v2", 409, "too_many_concurrent_requests")]
)
def test_two_events_of_one_customer_and_meter_at_once_are_one_too_many(
    call: Call, version: str, status: int, code: str
) -> None:
    shop.meter(call)
    ada, bob = (call.create(CUSTOMERS)["id"] for _ in range(2))
    limit(call, object_concurrency=1)
    path = f"/{version}/billing/meter_events"

    def event(customer: str) -> Any:  # noqa: ANN401
        tree = {"event_name": "calls", "payload": {"stripe_customer_id": customer, "value": "1"}}
        return tree if version == "v1" else json.dumps(tree)

    begin(call, "POST", path, event(ada), headers=HEADERS[version])
    refused = call.post(path, event(ada), headers=HEADERS[version])
    assert (refused.status, refused.error["code"]) == (status, code)
    assert call.post(path, event(bob), headers=HEADERS[version]).status == 200
    assert [call.post(path, each, headers=HEADERS[version]).status for each in ("", "[", "x" * 5_000)] == [
        400,
        400,
        400,
    ]


# Planned


@pytest.mark.parametrize(
    "reason", ["global-rate", "endpoint-rate", "global-concurrency", "endpoint-concurrency", "resource-specific"]
)
def test_a_429_of_every_reason_can_be_planned(call: Call, reason: str) -> None:
    call.fake.fail_next(f"POST {CUSTOMERS}", status=429, reason=reason)
    refused = call.post(CUSTOMERS)
    assert (refused.status, refused.error["code"]) == (429, "rate_limit")
    assert refused.headers.lookup(REASON) == reason
    assert call.fake.journal[-1].hint == "planned by the test"


@pytest.mark.parametrize("status", [429, 409])
def test_a_lock_timeout_can_be_planned_and_has_no_reason(call: Call, status: int) -> None:
    call.fake.fail_next(f"POST {CUSTOMERS}", status=status, code="lock_timeout", times=2)
    (planned,) = call.fake.control.faults()
    assert (planned["code"], planned["reason"], planned["times"]) == ("lock_timeout", None, 2)
    assert f"→ {status} lock_timeout" in str(call.fake.unstruck)
    refused = call.post(CUSTOMERS)
    assert (refused.status, refused.error["code"]) == (status, "lock_timeout")
    assert refused.headers.lookup(REASON) is None


def test_a_planned_429_of_the_usual_code_is_that_of_a_rate(call: Call) -> None:
    call.fake.fail_next(f"POST {CUSTOMERS}", status=429, code="rate_limit")
    assert call.post(CUSTOMERS).headers.lookup(REASON) == "global-rate"


@pytest.mark.parametrize(
    ("fault", "param", "says"),
    [
        ({"status": 429, "reason": "endpoint"}, "reason", "reason must be endpoint-rate, global-rate"),
        ({"status": 429, "reason": ""}, "reason", "reason must be"),
        ({"status": 429, "reason": 5}, "reason", "reason must be"),
        ({"status": 429, "reason": "lock_timeout"}, "reason", "reason must be"),
        ({"status": 500, "reason": "global-rate"}, "reason", "belongs to the status 429"),
        ({"reason": "global-rate"}, "reason", "belongs to the status 429"),
        ({"delay": 1, "reason": "global-rate"}, "reason", "belongs to the status 429"),
        ({"status": 409, "reason": "global-rate"}, "reason", "belongs to the status 429"),
        ({"status": 429, "code": "lock_timeout", "reason": "global-rate"}, "reason", "has no reason"),
        ({"status": 429, "code": "lock"}, "code", "code must be rate_limit or lock_timeout"),
        ({"status": 429, "code": ["lock_timeout"]}, "code", "code must be"),
        ({"status": 409, "code": "rate_limit"}, "code", "belongs to the status 429"),
        ({"status": 500, "code": "lock_timeout"}, "code", "belongs to the status 429 or 409"),
        ({"code": "lock_timeout"}, "code", "belongs to the status 429 or 409"),
        ({"close": True, "code": "lock_timeout"}, "code", "belongs to the status 429 or 409"),
    ],
)
def test_an_error_that_stripe_does_not_have_cannot_be_planned(
    call: Call, fault: dict[str, Any], param: str, says: str
) -> None:
    snapshot = call.fake.snapshot()
    with pytest.raises(Misuse, match=says) as caught:
        call.fake.fail_next(f"POST {CUSTOMERS}", **fault)
    assert caught.value.param == param
    assert call.fake.control.faults() == []
    assert call.fake.snapshot() == snapshot


# Told


def test_the_sdk_tells_a_lock_from_a_rate(call: Call) -> None:
    client = stripe.StripeClient(KEY, http_client=call.fake.http_client(), max_network_retries=2)
    call.fake.fail_next(f"POST {CUSTOMERS}", status=429, code="lock_timeout")
    with pytest.raises(stripe.RateLimitError) as lock:
        client.v1.customers.create()
    call.fake.fail_next(f"POST {CUSTOMERS}", status=429, reason="endpoint-concurrency")
    with pytest.raises(stripe.RateLimitError) as rate:
        client.v1.customers.create()
    headers = [raised.value.headers or {} for raised in (lock, rate)]
    assert [each.get("Stripe-Rate-Limited-Reason") for each in headers] == [None, "endpoint-concurrency"]
    assert len(call.fake.journal) == 2  # it tries neither again


@pytest.mark.parametrize(
    ("limits", "told", "cure"),
    [
        ({"endpoint": 1}, "1 calls a second to one operation; this key has made 3 in this second", "advance(1)"),
        ({"global": 1}, "1 calls a second of all kinds; this key has made 3 in this second", "advance(1)"),
        ({"global_concurrency": 1}, "1 calls at once of one account", "fewer calls at once"),
    ],
)
def test_a_report_tells_the_limit_and_what_helps(call: Call, limits: dict[str, int], told: str, cure: str) -> None:
    limit(call, **limits)
    begin(call, "GET", CUSTOMERS)
    for _ in range(2):
        call.get(CUSTOMERS)
    report = call.fake.control.report()["report"]
    assert f"limit: {told}" in report
    assert cure in report


def test_a_report_tells_the_limit_of_a_single_object(call: Call) -> None:
    ada = shop.customer(call)
    mine = shop.subscribe(call, ada, shop.licensed(call))["id"]
    limit(call, profile="live")
    for _ in range(11):
        call.post("/v1/invoices", {"customer": ada, "subscription": mine})
    assert call.fake.journal[-1].hint == "over the limit subscription_invoices_per_minute: 10 new invoices per minute"
    report = call.fake.control.report()["report"]
    assert "limit: 10 new invoices a minute of one subscription" in report
    assert "call fakestripe.clock.advance(60) between calls" in report
    with pytest.raises(
        AssertionError, match=r"POST /v1/invoices: 1, the limit is 10 new invoices a minute; at most 11"
    ):
        call.fake.assert_no_429()


def test_peaks_show_how_near_the_limits_are_that_are_not_in_force(call: Call) -> None:
    for _ in range(3):
        call.get(CUSTOMERS)
    call.get("/v1/products")
    call.get(f"{CUSTOMERS}/search", {"query": "created>0"})
    call.post("/v1/billing/meter_events")
    call.get(CUSTOMERS, key="sk_test_other")
    call.clock.advance(1)
    call.get("/v1/nothing")
    peaks = call.fake.control.peak_rates()["limits"]
    assert peaks == {"meter_events": 1, "global": 5, "endpoint": 3, "search": 1}


def test_peaks_of_single_objects_and_of_calls_at_once_are_known_while_they_are_limited(call: Call) -> None:
    ada = shop.customer(call)
    mine = shop.subscribe(call, ada, shop.licensed(call))["id"]
    limit(call, profile="live", global_concurrency=5)
    begin(call, "GET", CUSTOMERS)
    for _ in range(3):
        call.create("/v1/invoices", {"customer": ada, "subscription": mine})
    peaks = call.fake.control.peak_rates()["limits"]
    assert (peaks["subscription_invoices_per_minute"], peaks["subscription_invoices_per_day"]) == (3, 3)
    assert (peaks["global_concurrency"], peaks["endpoint_concurrency"]) == (2, 1)


def test_what_is_used_up_survives_a_snapshot(call: Call) -> None:
    ada = shop.customer(call)
    mine = shop.subscribe(call, ada, shop.licensed(call))["id"]
    limit(call, profile="live", endpoint=2)
    call.create("/v1/invoices", {"customer": ada, "subscription": mine})
    call.clock.advance(MINUTE / 2)
    call.create("/v1/invoices", {"customer": ada, "subscription": mine})
    before = call.fake.control.limits(KEY)["left"]
    call.fake.restore(call.fake.snapshot())
    assert call.fake.control.limits(KEY)["left"] == before
    assert (before["subscription_invoices_per_minute"], before["subscription_invoices_per_day"]) == (9, 18)
    assert before[f"subscription_invoices_per_day/{mine}"] == 18
    assert before["endpoint/POST /v1/invoices"] == before["endpoint"] == 1


def test_files_have_20_reads_and_20_writes_a_second(call: Call) -> None:
    limit(call, profile="live")
    assert passed(lambda: call.get("/v1/files")) == (20, "endpoint-rate")
    assert call.get("/v1/files/file_none").status == 429
    assert (left(call, "file_reads"), left(call, "file_writes"), left(call, "global")) == (0, 20, 80)


def test_peaks_count_meter_events_of_both_versions_apart_and_no_calls_to_other_vendors(call: Call) -> None:
    for _ in range(2):
        call.post("/v1/billing/meter_events")
    for _ in range(3):
        call.post("/v2/billing/meter_events", "{}", headers=AS_JSON)
    call.post("/_vendors/orb/v1/ingest", "{}", headers={"Content-Type": "application/json"})
    assert call.fake.control.peak_rates()["limits"] == {"meter_events": 3}


def test_calls_to_other_vendors_are_not_among_those_at_once(call: Call) -> None:
    limit(call, global_concurrency=1)
    call.fake.fail_next("POST /_vendors/orb/v1/ingest", status=503, delay=60)
    assert call.post("/_vendors/orb/v1/ingest", "{}", headers={"Content-Type": "application/json"}).status == 503
    assert call.get(CUSTOMERS).status == 200


def test_a_preview_is_shown_however_many_invoices_and_changes_there_were(call: Call) -> None:
    ada = shop.customer(call)
    created = shop.subscribe(call, ada, shop.licensed(call))
    item = created["items"]["data"][0]["id"]
    limit(call, subscription_invoices_per_day=1, subscription_quantities_per_hour=1)
    call.create("/v1/invoices", {"customer": ada, "subscription": created["id"]})
    call.create(f"/v1/subscription_items/{item}", {"quantity": 2, "proration_behavior": "none"})
    details = {"items": [{"id": item, "quantity": 5}], "proration_behavior": "always_invoice"}
    preview = {"subscription": created["id"], "subscription_details": details}
    assert call.post("/v1/invoices/create_preview", preview).status == 200
    assert call.post(f"/v1/subscription_items/{item}", {"quantity": 5}).status == 429
