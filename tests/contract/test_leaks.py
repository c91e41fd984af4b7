"""A key is sent in every place of a request, and is then looked for in everything that the fake shows."""

import json
import logging
import re
from base64 import b64encode
from collections import deque
from collections.abc import Callable
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse
from fakestripe_meters.core.printing import mask
from fakestripe_meters.fixtures import load
from fakestripe_meters.wire.message import Request

NOW = "2025-01-01T00:00:00Z"
OWN = "sk_test_fakestripe"
KEYS = ("sk_live_51NeverShouldHaveComeHere", "sk_test_51NotForAnybodysEyes", "rk_live_51AlsoNotForAnybody")
FORM = "application/x-www-form-urlencoded"
EVENTS = "/v1/billing/meter_events"
PAGES = "/_fakestripe/page/"
MOST_PAGES = 100
Places = Iterator[dict[str, Any]]


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with FakeStripe(now=NOW, seed=1, limits="off", async_validation=True) as fake:
        yield fake


@pytest.fixture
def client(fake: FakeStripe) -> Client:
    return Client(fake.wsgi_app, use_cookies=False)


@pytest.fixture(params=KEYS)
def key(request: pytest.FixtureRequest, fake: FakeStripe, client: Client, caplog: pytest.LogCaptureFixture) -> str:
    """A key that was sent in every place of a request."""
    caplog.set_level(logging.DEBUG)
    key: str = request.param
    for sent in [*in_paths(key), *in_forms(key), *in_json(key), *in_headers(key)]:
        headers = {"Authorization": f"Bearer {OWN}"} | sent.pop("headers", {})
        assert client.open(**({"method": "POST"} | sent), headers=headers).status_code < 500
    stream(fake, client, key)
    return key


def in_paths(key: str) -> Places:
    for path in (f"/v1/customers/{key}", f"/v1/{key}", f"/v1/invoices/{key}/pay", f"/v2/core/events/{key}"):
        yield {"path": path}
        yield {"path": path, "method": "GET"}
    yield {"path": "/v1/customers", "method": key}
    yield {"path": f"/v1/prices/sk%5F{key[3:]}", "method": "GET"}


def in_forms(key: str) -> Places:
    forms = [
        f"{key}=1",
        f"name={key}",
        f"email={key}",
        f"metadata[{key}]={key}",
        f"address[{key}]=1",
        f"expand[]={key}",
        f"{key}[",
        f"metadata[{key}]=1&metadata[{key}][a]=2",
    ]
    for form in forms:
        yield {"path": "/v1/customers", "data": form, "content_type": FORM}
        yield {"path": "/v1/customers", "query_string": form}
    meter = f"display_name={key}&event_name={key}&default_aggregation[formula]=sum&dimension_payload_keys[0]={key}"
    yield {"path": "/v1/billing/meters", "data": meter, "content_type": FORM}
    for payload in (f"stripe_customer_id={key}", f"{key}=1"):
        name, _, value = payload.partition("=")
        event = f"event_name={key}&identifier={key}&payload[{name}]={value}"
        yield {"path": EVENTS, "data": event, "content_type": FORM}
    yield {"path": "/v1/customers", "data": f"name={key}{'x' * 5000}", "content_type": FORM}


def in_json(key: str) -> Places:
    for tree in ({key: key}, {"event_name": key, "payload": {key: key}}, {"event_name": {"a": [key]}}, [key]):
        for path in ("/v2/billing/meter_events", "/v2/core/event_destinations"):
            yield {"path": path, "json": tree}
    yield {"path": "/v2/billing/meter_events", "data": f'{{"a": {key}', "content_type": "application/json"}


def in_headers(key: str) -> Places:
    values = {
        "Authorization": [f"Bearer {key}", f"Basic {b64encode(f'{key}:'.encode()).decode()}", key],
        "Stripe-Account": [key, f"acct_{key}"],
        "Stripe-Context": [key, f"acct_{key}"],
        "Stripe-Version": [key, f"2025-08-27.preview; feature={key}"],
        "Idempotency-Key": [key, key * 20],
        "Content-Type": [key],
        "User-Agent": [key],
        "X-Stripe-Client-User-Agent": [json.dumps({"lang": key})],
        "Host": [key],
        "Origin": [f"https://{key}"],
        "Cookie": [f"key={key}"],
        "Referer": [key],
        "X-Other": [key],
    }
    for name, each in values.items():
        for value in each:
            for path in ("/v1/customers", "/v2/billing/meter_events", "/v2/billing/meter_event_stream"):
                yield {"path": path, "headers": {name: value}}


def stream(fake: FakeStripe, client: Client, key: str) -> None:
    session = client.post("/v2/billing/meter_event_session", headers={"Authorization": f"Bearer {OWN}"}).json or {}
    event = {"event_name": key, "identifier": key, "payload": {"stripe_customer_id": key, "value": key}}
    headers = {"Authorization": f"Bearer {session['authentication_token']}"}
    assert client.post("/v2/billing/meter_event_stream", json={"events": [event]}, headers=headers).status_code == 200
    fake.clock.advance(60)


def shows(key: str, text: str, masks: int = 1) -> bool:
    """Whether a text leaves the key out, and its mask in."""
    assert key not in text
    return text.count(mask(key)) >= masks


def test_the_journal_shows_every_request_and_no_key(fake: FakeStripe, client: Client, key: str) -> None:
    assert shows(key, client.get("/_fakestripe/journal").text, 50)
    assert shows(key, repr(fake.journal), 4)
    assert shows(key, str(fake.journal), 20)
    raw = list(fake.engine.world.journal)
    assert shows(key, repr(raw), 20)
    assert shows(key, "\n".join(map(str, raw)), 20)
    for name in ("method", "path", "params", "error", "idempotency_key", "api_version"):
        assert any(mask(key) in str(getattr(each, name)) for each in fake.journal), name


def test_dropped_usage_shows_no_key(fake: FakeStripe, client: Client, key: str) -> None:
    assert shows(key, client.get("/_fakestripe/dropped").text, 4)
    assert shows(key, repr(fake.dropped_events), 4)


def test_reports_of_dropped_usage_name_the_request_as_stripe_does_and_quote_no_key(client: Client, key: str) -> None:
    headers = {"Authorization": f"Bearer {OWN}"}
    events = client.get("/v2/core/events", headers=headers).json or {}
    said = [client.get(f"/v2/core/events/{event['id']}", headers=headers).json or {} for event in events["data"]]
    kinds = [kind for event in said if "data" in event for kind in event["data"]["reason"]["error_types"]]
    assert shows(key, "\n".join(sample["error_message"] for kind in kinds for sample in kind["sample_errors"]))


def test_no_answer_of_the_control_plane_shows_a_key(fake: FakeStripe, client: Client, key: str) -> None:
    client.post("/_fakestripe/faults", json={"method": "GET", "path": f"/v1/customers/{key}", "status": 500})
    said = []
    for rule in fake.wsgi_app.url_map.iter_rules():
        if rule.rule.startswith("/_fakestripe/") and rule.rule != "/_fakestripe/snapshot":
            for method in (rule.methods or set()) & {"GET", "POST", "PUT"}:
                said += [client.open(rule.rule, method=method, **sent).text for sent in wrong_calls(key)]
    said.append(client.get(f"/_fakestripe/{key}").text)
    said.append(client.get("/_fakestripe/clock", headers={"Host": f"{key}.example.com"}).text)
    said.append(client.get("/_fakestripe/clock", headers={"Origin": f"https://{key}"}).text)
    assert shows(key, "\n".join(said), 20)


def wrong_calls(key: str) -> Places:
    yield {}
    yield {"query_string": {key: "1"}}
    yield {"query_string": {"account": key, "path": key}}
    for tree in ({key: 1}, {"account": f"{key}!"}, {"freeze": key}, {"profile": key}, {"method": key, "path": key}):
        yield {"json": tree}
    yield {"data": f'{{"a": {key}'}


def test_no_page_shows_a_key_and_no_link_has_one_in_it(client: Client, key: str) -> None:
    ahead, seen = deque([f"{PAGES}usage?account=acct_nobody"]), set[str]()
    while ahead and len(seen) < MOST_PAGES:
        address = ahead.popleft()
        if address in seen:
            continue
        seen.add(address)
        page = client.get(address, headers={"Accept": "text/html"})
        assert page.status_code == 200, address
        assert key not in unescape(page.text), address
        found = (unescape(each).partition("#")[0] for each in re.findall('href="?([^" >]+)', page.text))
        ahead += (each for each in found if each.startswith(PAGES) and not each.endswith("how=yes"))
    assert len(seen) == MOST_PAGES
    assert any("/requests/" in each for each in seen)
    assert any("/customers/" in each for each in seen)


@pytest.mark.parametrize(
    "panel", ["usage", "imports", "customers", "invoices", "credits", "webhooks", "requests", "limits"]
)
def test_no_page_repeats_a_key_that_its_address_has(client: Client, panel: str) -> None:
    names = (
        "account",
        "customer",
        "meter",
        "by",
        "per",
        "timezone",
        "from",
        "where.model",
        "q",
        "path",
        "status",
        "told",
        "type",
    )
    for name in (*names, "state", "before", "page", KEYS[0]):
        page = client.get(f"{PAGES}{panel}", query_string={name: KEYS[0]}, headers={"Accept": "text/html"})
        assert page.status_code == 200
        assert KEYS[0] not in page.text, name
    form = {"advance": "0", "back": f"{PAGES}{panel}?q={KEYS[0]}"}
    assert KEYS[0] not in client.post(f"{PAGES}clock", data=form).headers["Location"]


def test_a_snapshot_carries_keys_for_it_must_restore(fake: FakeStripe, client: Client, key: str) -> None:
    assert key in client.get("/_fakestripe/snapshot").text
    before = json.dumps(fake.snapshot())
    fake.restore(json.loads(before))
    assert json.dumps(fake.snapshot()) == before


def test_no_log_line_shows_a_key(
    fake: FakeStripe, client: Client, key: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert key not in caplog.text

    def break_down(request: Request) -> None:
        raise LookupError(f"{request!r} {request.body!r}")

    monkeypatch.setattr(fake.engine, "handle", break_down)
    assert client.post(f"/v1/{key}", data=f"a={key}", content_type=FORM).status_code == 500
    assert shows(key, caplog.text, 2)
    assert "LookupError" in caplog.text


def test_no_exception_and_no_explanation_shows_a_key(fake: FakeStripe, key: str, tmp_path: Path) -> None:
    path = tmp_path / "fixtures.json"
    step = {"name": key, "path": "/v1/customers", "method": "post", "params": {key: key}}
    path.write_text(json.dumps({"fixtures": [step]}))
    wrong: Any = {key: key}
    mistakes: list[Callable[[], object]] = [
        lambda: fake.usage(key, key),
        lambda: fake.clock.freeze(key),
        lambda: fake.fail_next(f"GET /v1/{key}", status=500),
        lambda: fake.restore({key: key}),
        lambda: FakeStripe(**wrong),
        lambda: fake.explain_invoice(key),
        lambda: load(fake, path),
    ]
    for mistake in mistakes:
        with pytest.raises(Misuse) as caught:
            mistake()
        assert shows(key, f"{caught.value} {caught.value!r}")


def test_no_repr_of_what_holds_a_key_shows_it(fake: FakeStripe, key: str) -> None:
    world = fake.engine.world
    held = [fake, fake.control, fake.clock, world, fake.wsgi_app, fake.http_client(), fake.intercept(), fake.webhooks]
    assert key not in repr(held)
    world.account(key, f"acct_{key}")
    causes = [each.cause for each in world.accounts.values()]
    assert shows(key, repr([world.accounts, causes, Request("GET", f"/v1/{key}", key, body=key.encode())]), 3)


def test_usage_is_explained_without_a_key(fake: FakeStripe, client: Client) -> None:
    key = KEYS[0]

    def made(path: str, form: str) -> str:
        answer = client.post(path, data=form, content_type=FORM, headers={"Authorization": f"Bearer {OWN}"})
        return str((answer.json or {}).get("id"))

    customer = made("/v1/customers", "name=Ada")
    meter = made("/v1/billing/meters", f"display_name=Calls&event_name={key}&default_aggregation[formula]=sum")
    made(EVENTS, f"event_name={key}&identifier={key}&payload[stripe_customer_id]={customer}&payload[value]=1")
    made(EVENTS, f"event_name={key}&identifier=x{key}&payload[stripe_customer_id]={key}&payload[value]=1")
    assert shows(key, str(fake.explain(meter, customer)), 3)
    assert shows(key, str(fake.explain_billing(meter, customer)), 2)
    with pytest.raises(AssertionError) as failed:
        fake.assert_usage({customer: {meter: 5}})
    assert shows(key, str(failed.value), 2)


# What a terminal would obey

FORGERY = "x\n2099-01-01T00:00:00Z POST /v1/forged\r\x1b[31m\x9b1m\x7f\u2028\u202e"


def test_nothing_that_was_sent_forges_a_line_or_commands_a_terminal(fake: FakeStripe, client: Client) -> None:
    def made(path: str, **form: str) -> str:
        answer = client.post(path, data=form, headers={"Authorization": f"Bearer {OWN}"})
        return str((answer.json or {}).get("id"))

    customer, name = made("/v1/customers", name=FORGERY), FORGERY[:40]
    aggregation = {"default_aggregation[formula]": "sum"}
    meter = made("/v1/billing/meters", display_name=FORGERY, event_name=name, **aggregation)
    for whose in (customer, FORGERY):
        event = {"payload[stripe_customer_id]": whose, "payload[value]": "1"}
        made(EVENTS, event_name=name, identifier=f"{whose}{FORGERY}", **event)
    item = made("/v1/invoiceitems", customer=customer, amount="500", description=FORGERY)
    assert item.startswith("ii_")
    invoice = made("/v1/invoices", customer=customer, pending_invoice_items_behavior="include")
    client.open("/v1/customers/x%0A%1b%5B31m%E2%80%AE", headers={"Authorization": f"Bearer {OWN}"})
    fake.fail_next("* *", status=429)
    client.open("/v1/x%0A%1b%5B31m", headers={"Authorization": f"Bearer {OWN}"})
    said = [str(fake.journal), str(fake.explain(meter, customer)), str(fake.explain_invoice(invoice))]
    said.append(str(fake.explain_billing(meter, customer)))
    for assertion in (fake.assert_no_429, lambda: fake.assert_usage({customer: {meter: 5}})):
        with pytest.raises(AssertionError) as failed:
            assertion()
        said.append(str(failed.value))
    with pytest.raises(Misuse) as caught:
        fake.fail_next("GET /v1/\x1b[31m\u202e", status=500)
    said.append(str(caught.value))
    for text in said:
        assert all(line.isprintable() for line in text.split("\n")), text
        assert not any(line.startswith("2099") for line in text.splitlines())
        assert "\\x1b[31m" in text
