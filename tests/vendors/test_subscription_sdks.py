"""The SDKs of vendors who meter subscriptions send as they are, to the hosts that they know."""

import datetime as dt
from collections.abc import Iterator

import pytest
from chargebee import APIError
from chargebee import Chargebee
from chargebee import InvalidRequestError
from chargebee import UbbBatchIngestionInvalidRequestError
from chargebee.retry_config import RetryConfig
from paddle_billing import Client as Paddle
from paddle_billing import Environment
from paddle_billing import Options
from paddle_billing.Entities.Subscriptions import SubscriptionEffectiveFrom
from paddle_billing.Exceptions.ApiError import ApiError
from paddle_billing.Resources.Subscriptions.Operations import CreateOneTimeCharge
from paddle_billing.Resources.Subscriptions.Operations.Charge import SubscriptionChargeItem
from paddle_billing.Resources.Transactions.Operations import CreateTransaction
from paddle_billing.Resources.Transactions.Operations.Create import TransactionCreateItem
from recurly import ApiError as RecurlyError
from recurly import Client as Recurly
from recurly.errors import UnauthorizedError
from recurly.errors import ValidationError

from fakestripe_meters import FakeStripe

NEW_YEAR = 1735689600


@pytest.fixture
def subscriber(fake: FakeStripe, meter: str, customer: str) -> Iterator[str]:
    """A customer who has a subscription, while calls are intercepted."""
    fake.vendor_customers({"sub_1": customer, "1a2b": customer, "ctm_01": customer})
    with fake.intercept():
        yield customer
    assert meter


def test_chargebees_sdk_records_usage(fake: FakeStripe, subscriber: str) -> None:
    client = Chargebee(api_key="test_key", site="acme")
    record = {"item_price_id": "tokens", "quantity": "5", "usage_date": NEW_YEAR}
    usage = client.Usage.create("sub_1", record).usage
    assert (usage.subscription_id, usage.quantity, usage.usage_date) == ("sub_1", "5", NEW_YEAR)
    assert fake.usage("tokens", subscriber) == 5
    with pytest.raises(InvalidRequestError, match="already") as refused:
        client.Usage.create("sub_1", record)
    assert (refused.value.api_error_code, refused.value.param) == ("duplicate_entry", "usage_date")
    with pytest.raises(APIError, match="ingestion only") as refused:
        client.Usage.delete("sub_1", {"id": usage.id})
    assert refused.value.http_status_code == 501


def test_chargebees_sdk_tries_again_after_a_lost_answer_and_counts_once(fake: FakeStripe, subscriber: str) -> None:
    client = Chargebee(api_key="test_key", site="acme")
    client.update_retry_config(RetryConfig(enabled=True, max_retries=1, delay_ms=1, retry_on=[500]))
    fake.fail_next("POST /_vendors/chargebee/*/*/subscriptions/*/usages", status=500, after_commit=True)
    record = {"item_price_id": "tokens", "quantity": "5", "usage_date": NEW_YEAR}
    with fake.advance_on_sleep():
        assert client.Usage.create("sub_1", record).is_idempotency_replayed
    assert fake.usage("tokens", subscriber) == 5


def test_chargebees_sdk_ingests_events(fake: FakeStripe, subscriber: str) -> None:
    client = Chargebee(api_key="test_key", site="acme")
    event = {
        "deduplication_id": "d1",
        "subscription_id": "sub_1",
        "usage_timestamp": NEW_YEAR * 1_000,
        "properties": {"tokens": 5},
    }
    assert client.UsageEvent.create(event).usage_event.deduplication_id == "d1"
    batch = client.UsageEvent.batch_ingest({"events": [{**event, "deduplication_id": "d2"}, event]})
    assert (batch.failed_events, len(batch.batch_id)) == ([], 16)
    assert fake.usage("tokens", subscriber) == 10
    with pytest.raises(UbbBatchIngestionInvalidRequestError) as refused:
        client.UsageEvent.batch_ingest({"events": [{**event, "usage_timestamp": -1}]})
    assert len(refused.value.failed_events) == 1


def test_recurlys_sdk_records_usage(fake: FakeStripe, subscriber: str) -> None:
    client = Recurly("key")
    usage = client.create_usage("uuid-1a2b", "code-tokens", {"amount": 5, "merchant_tag": "order 7"})
    assert (usage.amount, usage.merchant_tag, usage.usage_timestamp) == (
        5,
        "order 7",
        dt.datetime(2025, 1, 1, tzinfo=dt.UTC),
    )
    assert fake.usage("tokens", subscriber) == 5
    later = dt.datetime(2025, 1, 2, tzinfo=dt.UTC)
    with pytest.raises(ValidationError, match="timestamp in the future"):
        client.create_usage("uuid-1a2b", "code-tokens", {"amount": 5, "usage_timestamp": later})
    with pytest.raises(UnauthorizedError):
        Recurly("").create_usage("uuid-1a2b", "code-tokens", {"amount": 5})
    with pytest.raises(RecurlyError, match="ingestion only"):
        client.get_usage(usage.id)


def test_recurlys_sdk_reaches_its_european_host(fake: FakeStripe, subscriber: str) -> None:
    Recurly("key", region="eu").create_usage("uuid-1a2b", "code-tokens", {"amount": 5})
    assert fake.usage("tokens", subscriber) == 5


@pytest.mark.parametrize("environment", [Environment.PRODUCTION, Environment.SANDBOX])
def test_paddles_sdk_creates_a_transaction(fake: FakeStripe, subscriber: str, environment: Environment) -> None:
    client = Paddle("key", options=Options(environment=environment), retry_count=0)
    items = [TransactionCreateItem("tokens", 5)]
    made = client.transactions.create(CreateTransaction(items=items, customer_id="ctm_01"))
    assert (made.id[:4], made.customer_id, made.items[0].quantity) == ("txn_", "ctm_01", 5)
    assert made.details.totals.total == "0"
    assert fake.usage("tokens", subscriber) == 5


def test_paddles_sdk_charges_a_subscription(fake: FakeStripe, subscriber: str) -> None:
    client = Paddle("key", retry_count=0)
    now = SubscriptionEffectiveFrom.Immediately
    charge = CreateOneTimeCharge(effective_from=now, items=[SubscriptionChargeItem("tokens", 5)])
    assert client.subscriptions.create_one_time_charge("sub_1", charge).id == "sub_1"
    assert fake.usage("tokens", subscriber) == 5
    with pytest.raises(ApiError, match="effective_from must be one of") as refused:
        client.subscriptions.create_one_time_charge("sub_1", CreateOneTimeCharge(effective_from="now", items=[]))
    assert [each.field for each in refused.value.field_errors] == ["effective_from", "items"]
