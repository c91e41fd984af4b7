"""`fake.http_client()`: the official SDK without a socket and without a patch."""

import asyncio
from collections.abc import Iterator
from time import perf_counter

import pytest
import stripe

from fakestripe_meters import FakeStripe

NOW = "2025-01-01T00:00:00Z"
KEY = "sk_test_fakestripe"


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with FakeStripe(now=NOW, seed=1) as fake:
        yield fake


@pytest.fixture
def client(fake: FakeStripe) -> stripe.StripeClient:
    return stripe.StripeClient(KEY, http_client=fake.http_client(), max_network_retries=2)


def test_a_call_reaches_the_engine_and_its_answer_the_caller(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create({"name": "Ada Łovelace", "metadata": {"a b": "c&d"}})
    assert customer.name == "Ada Łovelace"
    assert customer.metadata is not None
    assert customer.metadata.to_dict() == {"a b": "c&d"}
    assert client.v1.customers.retrieve(customer.id).id == customer.id


def test_parameters_of_a_get_go_into_the_query(client: stripe.StripeClient) -> None:
    for name in ("a", "b"):
        client.v1.customers.create({"name": name})
    assert [each.name for each in client.v1.customers.list({"limit": 1}).data] == ["b"]
    assert [each.name for each in client.v1.customers.list({"limit": 1}).auto_paging_iter()] == ["b", "a"]


def test_asynchronous_calls_reach_the_same_engine(client: stripe.StripeClient) -> None:
    async def create() -> str:
        customer = await client.v1.customers.create_async({"name": "Ada"})
        return customer.id

    assert client.v1.customers.retrieve(asyncio.run(create())).name == "Ada"


def test_headers_are_found_in_any_case(client: stripe.StripeClient) -> None:
    response = client.v1.customers.create({}).last_response
    assert response is not None
    assert response.request_id == response.headers["REQUEST-ID"] == response.headers.get("Request-Id")
    assert "idempotency-key" in response.headers
    assert "Idempotency-Key" in response.headers
    assert "Stripe-Notice" not in response.headers
    assert response.headers.get("Stripe-Notice") is None


def test_a_refusal_is_the_sdks_own_exception(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.customers.retrieve("cus_gone")
    assert refusal.value.code == "resource_missing"
    assert refusal.value.http_status == 404


def test_a_retry_comes_at_once_and_with_the_same_idempotency_key(
    fake: FakeStripe, client: stripe.StripeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    fake.fail_next("POST /v1/customers", status=500, times=2)
    client.v1.customers.create({})
    assert sum(slept) == 0
    assert [each.status for each in fake.journal] == [500, 500, 200]
    assert len({each.idempotency_key for each in fake.journal}) == 1


def test_a_retry_comes_at_once_as_the_sdk_asks_before_version_15(fake: FakeStripe) -> None:
    client = fake.http_client()
    assert client._sleep_time_seconds(1, (b"", 429, {"Retry-After": "5"})) == 0  # noqa: SLF001  the SDK's own hook


def test_an_asynchronous_retry_comes_at_once(fake: FakeStripe, client: stripe.StripeClient) -> None:
    fake.fail_next("POST /v1/customers", close=True, times=2)
    start = perf_counter()
    asyncio.run(client.v1.customers.create_async({}))
    assert perf_counter() - start < 30
    assert len(fake.journal) == 3


def test_a_dropped_connection_is_an_api_connection_error(fake: FakeStripe, client: stripe.StripeClient) -> None:
    fake.fail_next("POST /v1/customers", close=True, times=3)
    with pytest.raises(stripe.APIConnectionError, match="dropped the connection"):
        client.v1.customers.create({})
    assert len(fake.journal) == 3


def test_an_answer_lost_after_the_work_is_replayed_to_the_retry(fake: FakeStripe, client: stripe.StripeClient) -> None:
    fake.fail_next("POST /v1/customers", close=True, after_commit=True)
    customer = client.v1.customers.create({})
    assert [each.id for each in client.v1.customers.list().data] == [customer.id]


@pytest.mark.parametrize("way", ["sync", "async"])
def test_a_planned_delay_holds_the_answer_up(fake: FakeStripe, client: stripe.StripeClient, way: str) -> None:
    fake.fail_next("POST /v1/customers", delay=0.05)
    start = perf_counter()
    if way == "sync":
        client.v1.customers.create({})
    else:
        asyncio.run(client.v1.customers.create_async({}))
    assert perf_counter() - start >= 0.05


def test_an_answer_can_be_read_as_a_stream(client: stripe.StripeClient) -> None:
    client.v1.customers.create({"name": "Ada"})
    http = client._requestor._client  # noqa: SLF001  the SDK shows it nowhere else
    assert http is not None
    headers = {"Authorization": f"Bearer {KEY}"}
    url = "https://api.stripe.com/v1/customers"
    stream, status, _ = http.request_stream_with_retries("get", url, headers)
    assert status == 200
    assert b"Ada" in stream.read()

    async def read() -> bytes:
        pieces, _, _ = await http.request_stream_with_retries_async("get", url, headers)
        return b"".join([piece async for piece in pieces])

    assert b"Ada" in asyncio.run(read())


def test_it_can_be_the_modules_default(fake: FakeStripe, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(stripe, "api_key", KEY)
        patch.setattr(stripe, "default_http_client", fake.http_client())
        assert stripe.Customer.create(name="Ada").name == "Ada"


def test_closing_it_closes_nothing(fake: FakeStripe) -> None:
    client = fake.http_client()
    client.close()
    asyncio.run(client.close_async())
    assert stripe.StripeClient(KEY, http_client=client).v1.customers.list().data == []


def test_an_exception_inside_the_fake_is_no_answer_of_stripes(
    fake: FakeStripe, client: stripe.StripeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object) -> None:
        raise LookupError("a bug")

    monkeypatch.setattr(fake.engine.world, "enter", break_down)
    with pytest.raises(LookupError, match="a bug"):
        client.v1.customers.create({})
    assert len(fake.engine.failures) == 1
    with pytest.raises(LookupError, match="a bug"):
        fake.check()
    fake.check()
