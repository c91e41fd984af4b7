"""stripe-python of any version from 8 on, through every door that it can take."""

import asyncio
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from fakestripe_meters import FakeStripe
from tests.matrix.scenarios.steps import Steps

stripe: Any = importlib.import_module("stripe")
"""Untyped: each environment has another one."""
http_clients: Any = importlib.import_module("stripe._http_client")

KEY = "sk_test_matrix"
NOW = 1_735_689_600
DAY = 86_400
MONTH = 31 * DAY
FIRST_DIALECT = "2025-08-27.preview"
SECOND_DIALECT = "2025-09-30.preview"
ITEMS_HAVE_PERIODS = "2025-03-31"
ANALYTICS = "/v1/billing/analytics/meter_usage"
METER: dict[str, Any] = {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
SPAN = {"start_time": NOW - DAY, "end_time": NOW + DAY}

steps = Steps()


class ByModule:
    """The style of `stripe.api_key = …`."""

    def create(self, noun: str, **params: Any) -> Any:  # noqa: ANN401  an object of the SDK
        owner = stripe
        for part in noun.split("."):
            owner = getattr(owner, part)
        return owner.create(**params)

    def summaries(self, meter: str, customer: str) -> Any:  # noqa: ANN401  a list of the SDK's
        return stripe.billing.Meter.list_event_summaries(meter, customer=customer, **SPAN)

    def invoices(self, customer: str) -> Any:  # noqa: ANN401  as above
        return stripe.Invoice.list(customer=customer)

    def missing_meter(self) -> None:
        stripe.billing.Meter.retrieve("mtr_none")


class ByClient:
    """The style of `StripeClient`."""

    services = {  # noqa: RUF012  a table
        "Customer": "customers",
        "Price": "prices",
        "Subscription": "subscriptions",
        "billing.Meter": "billing.meters",
        "billing.MeterEvent": "billing.meter_events",
    }

    def __init__(self, client: Any) -> None:  # noqa: ANN401  the SDK's
        self.client = client
        self.v1 = getattr(client, "v1", client)

    def service(self, noun: str) -> Any:  # noqa: ANN401  the SDK's
        owner = self.v1
        for part in self.services[noun].split("."):
            owner = getattr(owner, part)
        return owner

    def create(self, noun: str, *, idempotency_key: str | None = None, **params: Any) -> Any:  # noqa: ANN401  as above
        options = {"idempotency_key": idempotency_key} if idempotency_key else {}
        return self.service(noun).create(params, options)

    def summaries(self, meter: str, customer: str) -> Any:  # noqa: ANN401  as above
        return self.v1.billing.meters.event_summaries.list(meter, {"customer": customer, **SPAN})

    def invoices(self, customer: str) -> Any:  # noqa: ANN401  as above
        return self.v1.invoices.list({"customer": customer})

    def missing_meter(self) -> None:
        self.v1.billing.meters.retrieve("mtr_none")


Style = ByModule | ByClient


def story(sdk: Style, fake: FakeStripe, door: str) -> None:
    """From a meter to the invoice."""
    with steps(f"{door}: meter, customer, events, summary"):
        meter = sdk.create("billing.Meter", **METER)
        customer = sdk.create("Customer", name="Ada").id
        for value in ("2", "0.5"):
            payload = {"stripe_customer_id": customer, "value": value}
            sdk.create("billing.MeterEvent", event_name="calls", payload=payload)
        assert [each.aggregated_value for each in sdk.summaries(meter.id, customer).auto_paging_iter()] == [2.5]
    with steps(f"{door}: errors"):
        refusals(sdk, fake)
    with steps(f"{door}: subscription, a month, invoice"):
        recurring = {"interval": "month", "usage_type": "metered", "meter": meter.id}
        tokens = {"name": "Calls"}
        price = sdk.create("Price", currency="usd", unit_amount=100, recurring=recurring, product_data=tokens)
        terms: dict[str, Any] = {"collection_method": "send_invoice", "days_until_due": 30}
        subscription = sdk.create("Subscription", customer=customer, items=[{"price": price.id}], **terms)
        usage = {"stripe_customer_id": customer, "value": "7"}
        sdk.create("billing.MeterEvent", event_name="calls", payload=usage)
        fake.clock.advance(MONTH + DAY)
        newest = next(iter(sdk.invoices(customer).auto_paging_iter()))
        assert newest.total == 700, newest.total
        if stripe.api_version < ITEMS_HAVE_PERIODS:
            assert subscription.current_period_end == NOW + MONTH
            assert newest.subscription == subscription.id
            assert not newest.paid
            assert {line.type for line in newest.lines.data} == {"subscription"}


def refusals(sdk: Style, fake: FakeStripe) -> None:
    """Stripe's errors are the SDK's classes."""
    missing = caught(stripe.InvalidRequestError, sdk.missing_meter)
    assert (missing.http_status, missing.code, missing.param) == (404, "resource_missing", "id")
    payload = {"stripe_customer_id": "cus_none", "value": "1"}
    wrong = caught(
        stripe.InvalidRequestError, lambda: sdk.create("billing.MeterEvent", event_name="calls", payload=payload)
    )
    assert (wrong.http_status, wrong.param) == (400, "payload[stripe_customer_id]")
    assert wrong.user_message == "No such customer: 'cus_none'"
    assert wrong.request_id.startswith("req_")
    fake.fail_next("POST /v1/customers", status=429)
    limited = caught(stripe.RateLimitError, lambda: sdk.create("Customer"))
    assert limited.http_status == 429
    first = sdk.create("Customer", name="Ada", idempotency_key="once")
    assert sdk.create("Customer", name="Ada", idempotency_key="once").id == first.id
    caught(stripe.IdempotencyError, lambda: sdk.create("Customer", name="Bob", idempotency_key="once"))


def caught(kind: type[Exception], call: Any) -> Any:  # noqa: ANN401  a call, and an error of the SDK's
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


# Analytics: three ways to ask, as the SDK is old


def analytics(client: Any, base: str) -> None:  # noqa: ANN401  the SDK's
    """Ask by the SDK's own method, else by its raw request, else past it."""
    v1 = getattr(client, "v1", client)
    meter = v1.billing.meters.create({**METER, "event_name": "pages"})
    customer = v1.customers.create({}).id
    payload = {"stripe_customer_id": customer, "value": "3"}
    v1.billing.meter_events.create({"event_name": "pages", "payload": payload, "timestamp": NOW})
    if (method := analytics_method(v1.billing)) is not None:
        by_method(method, meter.id, customer)
        return
    params = {"customer": customer, **SPAN, "meters": [{"meter_id": meter.id}]}
    if hasattr(client, "raw_request"):
        steps.limit("analytics by `raw_request`: this SDK has no method for them")
        answer = client.raw_request("get", ANALYTICS, stripe_version=FIRST_DIALECT, **params)
        [row] = client.deserialize(answer, **as_v1(client)).data
        assert row.bucket_value == 3
        return
    steps.limit("analytics past the SDK, by `requests`: it has neither a method nor a raw request for them")
    flat = {"customer": customer, **SPAN, "meters[0][meter_id]": meter.id}
    headers = {"Stripe-Version": FIRST_DIALECT}
    found = requests.get(f"{base}{ANALYTICS}", flat, auth=(KEY, ""), headers=headers, timeout=30)
    assert found.json()["data"][0]["bucket_value"] == 3, found.text


def as_v1(client: Any) -> dict[str, str]:  # noqa: ANN401  the SDK's
    """What `deserialize` must be told; before 12 it took nothing else."""
    return {"api_mode": "V1"} if "api_mode" in client.deserialize.__code__.co_varnames else {}


def analytics_method(billing: Any) -> Any:  # noqa: ANN401  the SDK's
    """Previews have it; the first of them had it elsewhere."""
    owner = getattr(billing, "analytics", billing)
    return owner.meter_usage.retrieve if hasattr(owner, "meter_usage") else None


def by_method(retrieve: Any, meter: str, customer: str) -> None:  # noqa: ANN401  the SDK's
    """In the dialect of the SDK's own version."""
    if stripe.api_version < SECOND_DIALECT:
        usage = retrieve({"customer": customer, **SPAN, "meters": [{"meter_id": meter}]})
        [row] = usage.data
        assert row.bucket_value == 3
    else:
        second = {"customer": customer, "starts_at": SPAN["start_time"], "ends_at": SPAN["end_time"]}
        usage = retrieve({**second, "meters": [{"meter": meter}]})
        assert usage.refreshed_at
        [row] = usage.rows.data
        assert row.value == 3
    if type(usage) is stripe.StripeObject:
        steps.limit(
            f"analytics come as a plain `StripeObject`: {stripe.api_version} had another name for them than the "
            f"`{usage.object}` of its successors, which the fake sends"
        )


# Doors


@contextmanager
def world() -> Iterator[FakeStripe]:
    with FakeStripe(now=NOW, seed=1) as fake:
        yield fake
        assert fake.engine.failures == []


def bases(fake: FakeStripe) -> dict[str, str]:
    """All the addresses that this SDK knows."""
    known = stripe.StripeClient.__init__.__globals__["BaseAddresses"].__annotations__
    return dict.fromkeys(known, fake.url)


def by_module() -> None:
    stripe.api_key = KEY
    stripe.max_network_retries = 0
    with world() as fake, fake.intercept():
        story(ByModule(), fake, "module, intercepted")
    with world() as fake:
        names = [name for name in ("api_base", "connect_api_base", "upload_api_base") if hasattr(stripe, name)]
        usual = {name: getattr(stripe, name) for name in names}
        for name in names:
            setattr(stripe, name, fake.url)
        story(ByModule(), fake, "module, loopback")
        for name, value in usual.items():
            setattr(stripe, name, value)
    stripe.api_key = None


def by_client() -> None:
    with world() as fake, fake.intercept():
        client = stripe.StripeClient(KEY, max_network_retries=0)
        story(ByClient(client), fake, "client, intercepted")
        with steps("client, intercepted: analytics"):
            analytics(client, "https://api.stripe.com")
    with world() as fake:
        client = stripe.StripeClient(KEY, base_addresses=bases(fake), max_network_retries=0)
        story(ByClient(client), fake, "client, loopback")
        with steps("client, loopback: analytics"):
            analytics(client, fake.url)
    with world() as fake:
        client = stripe.StripeClient(KEY, http_client=fake.http_client(), max_network_retries=0)
        story(ByClient(client), fake, "http_client()")
        if hasattr(client, "raw_request"):
            with steps("http_client(): analytics"):
                analytics(client, "")


def retries() -> None:
    """A lost answer is asked for again at once, and nothing is done twice."""
    with world() as fake:
        for door, client in (
            ("intercepted", stripe.StripeClient(KEY, max_network_retries=2)),
            ("http_client()", stripe.StripeClient(KEY, http_client=fake.http_client(), max_network_retries=2)),
        ):
            with steps(f"retries, {door}"), fake.intercept():
                before = len(ByClient(client).v1.customers.list().data)
                for fault in ({"status": 500}, {"close": True}):
                    fake.fail_next("POST /v1/customers", after_commit=True, times=2, **fault)
                    ByClient(client).create("Customer")
                assert len(ByClient(client).v1.customers.list().data) == before + 2


def over_urllib() -> None:
    name = "UrllibClient" if hasattr(http_clients, "UrllibClient") else "Urllib2Client"
    with steps(f"{name}, intercepted"), world() as fake, fake.intercept():
        client = stripe.StripeClient(KEY, http_client=getattr(http_clients, name)())
        assert ByClient(client).create("Customer", name="Ada").name == "Ada"
        assert len(fake.journal) == 1


def api_v2() -> None:
    with world() as fake, fake.intercept():
        client = stripe.StripeClient(KEY)
        if not hasattr(client, "v2") or not hasattr(client.v2, "billing"):
            steps.limit("no API v2 in this SDK")
            return
        with steps("API v2 and the stream, intercepted"):
            sdk = ByClient(client)
            meter = sdk.create("billing.Meter", **METER)
            customer = sdk.create("Customer").id
            event = {"event_name": "calls", "payload": {"stripe_customer_id": customer, "value": "4"}}
            assert client.v2.billing.meter_events.create(event).event_name == "calls"
            token = client.v2.billing.meter_event_session.create().authentication_token
            stripe.StripeClient(token).v2.billing.meter_event_stream.create({"events": [event, event]})
            [summary] = sdk.summaries(meter.id, customer).data
            assert summary.aggregated_value == 12


def asynchronous() -> None:
    if not hasattr(stripe, "HTTPXClient"):
        steps.limit("no asynchronous methods in this SDK")
        return
    with world() as fake:
        with steps("async, http_client()"):
            asyncio.run(async_story(stripe.StripeClient(KEY, http_client=fake.http_client()), fake))
        fake.reset()
        with steps("async, intercepted"), fake.intercept():
            asyncio.run(async_story(stripe.StripeClient(KEY, http_client=stripe.HTTPXClient()), fake))
        fake.reset()
        with steps("async, loopback"):
            http_client = stripe.HTTPXClient()
            client = stripe.StripeClient(KEY, http_client=http_client, base_addresses=bases(fake))
            asyncio.run(async_story(client, fake))


async def async_story(client: Any, fake: FakeStripe) -> None:  # noqa: ANN401  the SDK's
    v1 = ByClient(client).v1
    meter = await v1.billing.meters.create_async(METER)
    customer = (await v1.customers.create_async({})).id
    usage = {"event_name": "calls", "payload": {"stripe_customer_id": customer, "value": "5"}}
    await v1.billing.meter_events.create_async(usage)
    found = await v1.billing.meters.event_summaries.list_async(meter.id, {"customer": customer, **SPAN})
    assert [each.aggregated_value async for each in found.auto_paging_iter()] == [5]
    param = None
    try:
        await v1.billing.meters.retrieve_async("mtr_none")
    except stripe.InvalidRequestError as error:
        param = error.param
    assert param == "id"
    assert len(fake.journal) == 5


if __name__ == "__main__":
    by_module()
    by_client()
    retries()
    over_urllib()
    api_v2()
    asynchronous()
    steps.report()
