"""The vendors' own host names, where calls are intercepted; and a test's own mocks of them, which answer first."""

import asyncio
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from typing import Any

import aiohttp
import httpx
import pytest
import requests
import requests_mock
import responses
import respx
import urllib3
from metronome import AsyncMetronome
from metronome import Metronome
from openmeter import Client
from orb import InternalServerError
from orb import Orb

from fakestripe_meters import FakeStripe
from fakestripe_meters import vendors
from fakestripe_meters.doors import vendor_hosts
from tests.vendors.conftest import made_customer
from tests.vendors.test_metronome import event as metronome_event
from tests.vendors.test_openmeter import event as openmeter_event
from tests.vendors.test_orb import event as orb_event

URL = "https://api.metronome.com/v1/ingest"
HEADERS = {"Authorization": "Bearer key", "Content-Type": "application/json"}


@pytest.fixture
def acme(fake: FakeStripe, meter: str) -> Iterator[str]:
    """A customer whom vendors call acme, while calls are intercepted."""
    with fake.intercept():
        yield made_customer(fake, "metadata[external_id]=acme")
    assert meter


def body(number: int = 1) -> bytes:
    return json.dumps([metronome_event("acme", f"t{number}", 1)]).encode()


def test_each_vendor_has_hosts_and_each_host_a_vendor() -> None:
    assert {*vendor_hosts.HOSTS.values(), *vendor_hosts.ENDINGS.values()} == set(vendors.NAMES)


def test_the_sdks_reach_the_fake_at_the_addresses_that_they_know(fake: FakeStripe, acme: str) -> None:
    Metronome(bearer_token="key").v1.usage.ingest(usage=[metronome_event("acme")])  # type: ignore[list-item]  # a dict
    one: Any = orb_event("acme")
    assert Orb(api_key="key").events.ingest(events=[one]).validation_failed == []
    two: Any = openmeter_event("acme")
    Client(token="key").events.ingest_event(two)
    assert fake.usage("tokens", acme) == 15


def test_an_asynchronous_sdk_reaches_it_as_well(fake: FakeStripe, acme: str) -> None:
    async def send() -> None:
        client = AsyncMetronome(bearer_token="key")
        await client.v1.usage.ingest(usage=[metronome_event("acme")])  # type: ignore[list-item]  # a dict

    asyncio.run(send())
    assert fake.usage("tokens", acme) == 5


def test_every_http_library_reaches_it(fake: FakeStripe, acme: str) -> None:
    async def by_aiohttp() -> int:
        async with aiohttp.ClientSession() as session, session.post(URL, data=body(5), headers=HEADERS) as answer:
            return answer.status

    assert requests.post(URL, body(1), headers=HEADERS, timeout=5).status_code == 200
    assert httpx.post(URL, content=body(2), headers=HEADERS).status_code == 200
    with urllib.request.urlopen(urllib.request.Request(URL, body(3), HEADERS)) as answer:
        assert answer.status == 200
    assert urllib3.request("POST", URL, body=body(4), headers=HEADERS).status == 200
    assert asyncio.run(by_aiohttp()) == 200
    assert fake.usage("tokens", acme) == 5


def test_the_cloud_of_openmeter_needs_a_key(acme: str) -> None:
    sent = openmeter_event(acme)
    assert requests.post("https://OpenMeter.cloud/api/v1/events", json=sent, timeout=5).status_code == 401


def test_other_calls_at_these_hosts_are_refused_once_in_the_vendors_envelope(fake: FakeStripe, acme: str) -> None:
    with pytest.raises(InternalServerError) as refused:
        Orb(api_key="key").customers.fetch(acme)
    assert "ingestion only" in str(refused.value)
    assert len(fake.journal.find(path="/_vendors/orb/v1/customers/*")) == 1
    fake.stub("GET /_vendors/orb/v1/customers/*", json={"id": acme})
    assert Orb(api_key="key").customers.fetch(acme).id == acme


def test_without_interception_the_hosts_are_anybodys() -> None:
    with responses.RequestsMock() as mock:
        mock.post(URL, json="mine")
        assert requests.post(URL, body(), timeout=5).json() == "mine"


@pytest.mark.parametrize("first", [True, False])
def test_a_stub_of_responses_goes_first(fake: FakeStripe, acme: str, first: bool) -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.post(URL, json="mine")
        if first:
            with fake.intercept():
                assert requests.post(URL, body(), timeout=5).json() == "mine"
        assert requests.post(URL, body(), timeout=5).json() == "mine"
        assert requests.post("https://openmeter.cloud/api/v1/events", json={}, timeout=5).status_code == 401
    assert fake.usage("tokens", acme) == 0


def test_a_mock_that_was_there_before_the_interception_goes_first(fake: FakeStripe) -> None:
    with responses.RequestsMock() as mock, fake.intercept():
        mock.post(URL, json="mine")
        assert requests.post(URL, body(), timeout=5).json() == "mine"


def test_a_route_of_respx_goes_first_and_other_calls_reach_the_fake(fake: FakeStripe, acme: str) -> None:
    with respx.mock(assert_all_called=False) as mock:
        mock.post("https://api.withorb.com/v1/ingest").respond(json="mine")
        assert httpx.post("https://api.withorb.com/v1/ingest", json={}).json() == "mine"
        assert httpx.post(URL, content=body(), headers=HEADERS).status_code == 200
    assert fake.usage("tokens", acme) == 1


def test_an_asynchronous_call_meets_a_route_of_respx_first(fake: FakeStripe, acme: str) -> None:
    async def post(url: str) -> Any:  # noqa: ANN401  JSON
        async with httpx.AsyncClient() as client:
            return await client.post(url, content=body(), headers=HEADERS)

    with respx.mock(assert_all_called=False) as mock:
        mock.post("https://api.withorb.com/v1/ingest").respond(json="mine")
        assert asyncio.run(post("https://api.withorb.com/v1/ingest")).json() == "mine"
        assert asyncio.run(post(URL)).status_code == 200
    assert fake.usage("tokens", acme) == 1


def test_a_stub_of_requests_mock_goes_first_and_other_calls_reach_the_fake(fake: FakeStripe, acme: str) -> None:
    with requests_mock.Mocker() as mock:
        mock.post("https://api.withorb.com/v1/ingest", json="mine")
        assert requests.post("https://api.withorb.com/v1/ingest", json={}, timeout=5).json() == "mine"
        assert requests.post(URL, body(), headers=HEADERS, timeout=5).status_code == 200
    assert fake.usage("tokens", acme) == 1


def test_what_replaces_a_transport_goes_first(fake: FakeStripe, acme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def mine(_transport: object, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json="mine", request=request)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", mine)
    with fake.intercept():
        assert httpx.post(URL, content=body(), headers=HEADERS).json() == "mine"
    assert fake.usage("tokens", acme) == 0


def test_what_fakes_the_network_goes_first(fake: FakeStripe, acme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Connection(urllib3.connection.HTTPSConnection):
        def connect(self) -> None:
            message = "mine"
            raise OSError(message)

    monkeypatch.setattr(urllib3.connectionpool.HTTPSConnectionPool, "ConnectionCls", Connection)
    with pytest.raises(requests.exceptions.ConnectionError, match="mine"):
        requests.post(URL, body(), headers=HEADERS, timeout=5)
    assert fake.usage("tokens", acme) == 0


def test_a_program_without_vendors_loads_none_of_them() -> None:
    program = """
import sys, urllib.request
from fakestripe_meters import FakeStripe
with FakeStripe(now=0) as fake, fake.intercept():
    for path in ("v1/customers", "_fakestripe/clock"):
        headers = {"Authorization": f"Bearer {fake.api_key}"}
        urllib.request.urlopen(urllib.request.Request(f"{fake.url}/{path}", headers=headers)).close()
print(*[name for name in sys.modules if name.startswith("fakestripe_meters.vendors")])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_the_first_call_of_all_may_be_one_to_a_vendor() -> None:
    program = """
import requests
from fakestripe_meters import FakeStripe
with FakeStripe(now=0) as fake, fake.intercept():
    event = {"specversion": "1.0", "id": "1", "source": "app", "type": "tokens", "subject": "acme"}
    print(requests.post(f"{fake.url}/_vendors/openmeter/api/v1/events", json=event).status_code)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["204"]
