"""What keeps a fake on somebody's machine from doing harm: keys stay unseen, and strangers stay out."""

import ast
import json
import logging
import re
from base64 import b64encode
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.test import Client

from fakestripe_meters import FakeStripe
from fakestripe_meters.core.journal import Exchange
from fakestripe_meters.core.printing import mask
from fakestripe_meters.doors.foreign import objection
from fakestripe_meters.fixtures import load

ROOT = Path(__file__).parents[2]
SECRET = "sk_test_51NotForAnybodysEyes"
LIVE = "sk_live_51NeverShouldHaveComeHere"
BAD = "sk_toast_51NoKeyButStillASecret"
RESTRICTED = "rk_test_51AlsoNotForAnybody"
PUBLISHABLE = "pk_test_51PublicButStillLonger"
EVERY_KEY = (SECRET, LIVE, BAD, RESTRICTED, PUBLISHABLE)


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with FakeStripe(now=0, seed=1) as fake:
        yield fake


@pytest.fixture
def client(fake: FakeStripe) -> Client:
    return Client(fake.wsgi_app, use_cookies=False)


def basic(key: str) -> str:
    return f"Basic {b64encode(f'{key}:'.encode()).decode()}"


# Keys


@pytest.fixture
def everything_said(
    fake: FakeStripe, client: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> str:
    """All that comes out of a fake to which five keys were sent in two ways, but for the snapshot."""
    caplog.set_level(logging.DEBUG)
    said = []
    for key in EVERY_KEY:
        for authorization in (f"Bearer {key}", basic(key)):
            headers = {"Authorization": authorization}
            for path in ("/v1/customers", "/v1/nowhere", "/v1/prices", "/v2/billing/meter_event_stream"):
                answer = client.post(path, headers=headers)
                said += [answer.text, str(answer.headers)]
            said += [client.open(**each, headers={"Authorization": f"Bearer {SECRET}"}).text for each in mentions(key)]
    monkeypatch.setattr(fake.engine, "handle", broken)  # a bug is logged
    said.append(client.get("/v1/customers", headers={"Authorization": f"Bearer {SECRET}"}).text)
    said += [client.get(f"/_fakestripe/{call}").text for call in ("journal", "dropped", "faults", "limits", "clock")]
    said.append(client.get(f"/_fakestripe/journal?account={SECRET}").text)
    said.append(client.post("/_fakestripe/reset", json={"account": LIVE}).text)
    said += [str(fake.journal), repr(list(fake.journal)), caplog.text, refused_too_often(fake)]
    return "\n".join(said)


def mentions(key: str) -> list[dict[str, Any]]:
    """Requests with a key where no key belongs; what only looks a little like one is not known for one there."""
    if key == BAD:
        return []
    form = "application/x-www-form-urlencoded"
    return [
        {"path": f"/v1/customers/{key}", "method": "GET"},
        {"path": "/v1/customers", "method": "GET", "query_string": {"starting_after": key}},
        {"path": "/v1/billing/meter_events", "method": "POST", "data": f"event_name={key}", "content_type": form},
        {"path": "/v1/customers", "method": "POST", "data": f"{key}=1", "content_type": form},
        {"path": f"/v1/{key}", "method": "GET"},
        {"path": "/v2/billing/meter_events", "method": "POST", "json": {"event_name": key}},
    ]


def refused_too_often(fake: FakeStripe) -> str:
    """What an assertion tells of a request that met a limit, with a key in its path."""
    fake.engine.world.journal.add(Exchange(0, SECRET, "GET", f"/v1/{SECRET}", status=429))
    with pytest.raises(AssertionError) as failed:
        fake.assert_no_429()
    return str(failed.value)


def broken(_request: object) -> None:
    raise RuntimeError


def test_no_key_is_shown_in_answers_journal_errors_and_logs(everything_said: str) -> None:
    assert [key for key in EVERY_KEY if key in everything_said] == []
    assert mask(SECRET) in everything_said
    assert "RuntimeError" in everything_said


def test_no_mask_shows_more_than_the_kind_of_a_key_and_four_characters() -> None:
    for key in EVERY_KEY:
        shown = mask(key).replace("*", "")
        assert len(shown) <= len("sk_test_") + 4
    assert set(mask("sk_test_short")) <= set("sk_test_*")


def test_only_snapshots_carry_keys_for_they_must_restore(fake: FakeStripe, client: Client) -> None:
    client.post("/v1/customers", headers={"Authorization": f"Bearer {SECRET}"})
    assert SECRET in json.dumps(fake.snapshot())


@pytest.mark.parametrize("key", ["sk_live_1234", "rk_live_1234", "pk_live_1234"])
@pytest.mark.parametrize("path", ["/v1/customers", "/v2/billing/meter_event_stream", "/v1/nowhere"])
@pytest.mark.parametrize("scheme", ["Bearer", "Basic"])
def test_live_keys_are_refused_and_told_that_this_is_a_fake(client: Client, key: str, path: str, scheme: str) -> None:
    authorization = basic(key) if scheme == "Basic" else f"Bearer {key}"
    answer = client.post(path, headers={"Authorization": authorization, "Stripe-Account": "acct_1"})
    assert answer.status_code == 401
    assert "fake" in json.loads(answer.data)["error"]["message"]


def test_live_keys_make_no_account(fake: FakeStripe, client: Client) -> None:
    client.post("/v1/customers", headers={"Authorization": f"Bearer {LIVE}"})
    assert not fake.engine.world.accounts


# Who can reach it


def test_the_socket_is_on_loopback(fake: FakeStripe) -> None:
    assert urlsplit(fake.url).hostname == "127.0.0.1"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:12111",
        "localhost:12111",
        "LOCALHOST",
        "stripe.localhost:12111",
        "[::1]:12111",
        "192.168.1.20:12111",
        "fakestripe:12111",  # as Docker Compose calls it
        "host.docker.internal:12111",
        "api.stripe.com",
        "meter-events.stripe.com:443",
        "build-7.example.com:80",  # where it was told to listen
        "",
    ],
)
def test_programs_on_this_machine_reach_the_control_plane(host: str) -> None:
    assert objection({"HTTP_HOST": host, "SERVER_NAME": "build-7.example.com"}) is None


@pytest.mark.parametrize(
    "host",
    [
        "attacker.example:12111",
        "127.0.0.1.attacker.example",
        "localhost.attacker.example",
        "api.stripe.com.attacker.example",
        "stripe.com.",
        "notstripe.com",
        "attacker.example.",
        "user@127.0.0.1",
        "127.0.0.1/path",
        "127.0.0.1:port",
        "[::1",
    ],
)
def test_a_name_that_somebody_else_may_own_is_refused(host: str) -> None:
    """DNS rebinding: the attacker's name leads to this machine, so the browser takes the page for ours."""
    assert objection({"HTTP_HOST": host, "SERVER_NAME": "127.0.0.1"}) is not None


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"HTTP_ORIGIN": "http://localhost:12111"}, True),
        ({"HTTP_ORIGIN": "http://LOCALHOST:12111"}, True),
        ({"HTTP_SEC_FETCH_SITE": "same-origin"}, True),
        ({"HTTP_SEC_FETCH_SITE": "none"}, True),
        ({"HTTP_ORIGIN": "http://localhost:3000"}, False),
        ({"HTTP_ORIGIN": "https://attacker.example"}, False),
        ({"HTTP_ORIGIN": "null"}, False),
        ({"HTTP_ORIGIN": ""}, False),
        ({"HTTP_ORIGIN": "http://[::1"}, False),
        ({"HTTP_SEC_FETCH_SITE": "cross-site"}, False),
        ({"HTTP_SEC_FETCH_SITE": "same-site"}, False),
    ],
)
def test_pages_of_other_origins_are_refused(headers: dict[str, str], allowed: bool) -> None:
    said = objection({"HTTP_HOST": "localhost:12111", "SERVER_NAME": "127.0.0.1", **headers})
    assert (said is None) == allowed


@pytest.mark.parametrize("headers", [{"Host": "attacker.example"}, {"Origin": "https://attacker.example"}])
def test_no_control_call_is_answered_to_a_foreign_page(fake: FakeStripe, headers: dict[str, str]) -> None:
    address = urlsplit(fake.url)
    before = fake.snapshot()
    for rule in fake.wsgi_app.url_map.iter_rules():
        if rule.rule.startswith("/_fakestripe/"):
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                connection = HTTPConnection(address.hostname or "", address.port or 0, timeout=10)
                connection.request(method, rule.rule, b"{}", {"Accept": "text/html", **headers})
                answer = connection.getresponse()
                body = answer.read()
                connection.close()
                assert answer.status == 403, rule.rule
                if rule.endpoint.startswith("pages."):
                    assert answer.headers["Content-Type"].startswith("text/html")
                else:
                    assert json.loads(body)["error"]["param"] is None
                assert answer.headers["Access-Control-Allow-Origin"] is None
    assert fake.snapshot() == before


def test_no_preflight_is_granted(client: Client) -> None:
    headers = {"Origin": "https://attacker.example", "Access-Control-Request-Method": "PUT"}
    for path in ("/_fakestripe/clock", "/v1/customers"):
        assert client.options(path, headers=headers).status_code >= 400


def test_the_api_itself_stays_open_to_any_host_for_it_asks_for_a_key(client: Client) -> None:
    headers = {"Authorization": f"Bearer {SECRET}", "Host": "stripe.example.com", "Origin": "https://shop.example"}
    assert client.post("/v1/customers", headers=headers).status_code == 200


# What it reads and writes


def test_nothing_is_unpickled_evaluated_or_run() -> None:
    source = ROOT / "src" / "fakestripe_meters"
    permitted = {
        source / "commands" / "running.py": {"subprocess"},  # `run` is there to run a command
        source / "core" / "packed.py": {"marshal"},  # it reads only what it has written itself
    }
    for path in sorted((ROOT / "src").rglob("*.py")):
        forbidden = {"pickle", "marshal", "shelve", "dill", "yaml", "subprocess"} - permitted.get(path, set())
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                assert not {alias.name.partition(".")[0] for alias in node.names} & forbidden, path
            if isinstance(node, ast.ImportFrom):
                assert (node.module or "").partition(".")[0] not in forbidden, path
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in {"eval", "exec", "compile", "__import__"}, path


def test_snapshots_name_no_path_of_this_machine(fake: FakeStripe, client: Client) -> None:
    client.post("/v1/customers", headers={"Authorization": f"Bearer {SECRET}"})
    strings = re.findall(r'"(/[^"]*)"', json.dumps(fake.snapshot()))
    assert [each for each in strings if not each.startswith("/v1/")] == []


@pytest.mark.parametrize("wanted", ["/etc/passwd", "../../etc/passwd", "file:///etc/passwd", "@/etc/passwd"])
def test_fixtures_read_no_file_but_themselves(fake: FakeStripe, tmp_path: Path, wanted: str) -> None:
    step = {"name": "one", "path": "/v1/customers", "method": "post", "params": {"description": wanted}}
    path = tmp_path / "fixtures.json"
    path.write_text(json.dumps({"_meta": {"template_version": 0}, "fixtures": [step]}))
    load(fake, path)
    assert fake.journal[-1].params["description"] == wanted
