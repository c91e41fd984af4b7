"""Whatever is wrong with a call of the control plane, it is refused with a reason, changes nothing and shows no key."""

import inspect
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from werkzeug.test import Client
from werkzeug.test import TestResponse

from fakestripe_meters import FakeStripe
from fakestripe_meters.control.rows import ROWS
from fakestripe_meters.control.rows import Row

OWN = "sk_test_fakestripe"
KEYS = ("sk_test_51NotForAnybodysEyes", "sk_live_51NeverShouldHaveComeHere", "rk_test_51AlsoNotForAnybody")
HEADERS = {"Authorization": f"Bearer {OWN}"}
TEXTS = (
    *(
        "null",
        "true",
        "0",
        "-1",
        "1.5",
        "1e400",
        "NaN",
        "-Infinity",
        f"1{'0' * 400}",
        "9" * 5_000,
        "9223372036854775808",
    ),
    *('""', '"x"', '"\\u0000"', '"\\ud800"', '"\\u001b[31m\\n\\u202e"', f'"{"x" * 50_000}"', '"2025-13-45"', '"* *"'),
    *("[]", "[null]", "[[]]", "[{}]", '["x"]', "{}", '{"a": "b"}', '{"a": {"b": null}}', "[" * 900 + "]" * 900),
    *('"acct_nobody"', '"../../etc/passwd"', *(json.dumps(key) for key in KEYS), json.dumps({KEYS[0]: KEYS[1]})),
)
"""Values as JSON."""
SEGMENTS = ("x", "%00", "%FF", "%2e%2e", "%3Cscript%3E", "%0A%E2%80%AE", "a" * 5_000, *KEYS)
WHOLE = {"PUT /snapshot": ("format", "clock", "accounts", "settings")}
LONGEST_SENTENCE = 1_001
STATE = (
    "snapshot",
    "webhooks",
    "webhooks/settings",
    "checkpoints",
    "faults",
    "stubs",
    "chaos",
    "limits",
    "clock",
    "lag",
    "keys",
)
Sent = tuple[str, dict[str, Any]]


@pytest.fixture
def client() -> Iterator[Client]:
    """A client of a fake in which there is something of everything."""
    with FakeStripe(now="2025-02-01T00:00:00Z", seed=1) as fake:
        client = Client(fake.wsgi_app, use_cookies=False)
        receiver = {"url": "http://127.0.0.1:9/", "enabled_events[0]": "customer.created"}
        meter = {"display_name": "Calls", "event_name": "calls", "default_aggregation[formula]": "sum"}
        control = {
            "webhooks/hold": {},
            "checkpoints": {},
            "faults": {"method": "GET", "path": "/v1/plans", "status": 500},
            "stubs": {"method": "POST", "path": "/v1/quotes", "json": {}},
            "chaos": {"seed": 1, "rate": 0.5, "call": "GET /v1/plans"},
        }
        for name, body in control.items():
            assert client.post(f"/_fakestripe/{name}", json=body).status_code == 200
        for path, form in (("webhook_endpoints", receiver), ("billing/meters", meter), ("customers", {"name": "Ada"})):
            assert client.post(f"/v1/{path}", data=form, headers=HEADERS).status_code == 200
        yield client
        assert fake.engine.failures == []


def state(client: Client) -> list[str]:
    return [client.get(f"/_fakestripe/{name}").text for name in STATE]


def hostile(row: Row) -> Iterator[Sent]:
    """Requests with one wrong thing each: a parameter, the whole body, or a segment of the path."""
    named = re.findall(r"<(\w+)>", row.path)
    if row.whole is None:
        names = [name for name in list(inspect.signature(row.does).parameters)[1:] if name not in (*named, "origin")]
    else:
        names = [*WHOLE.get(f"{row.method} {row.path}", getattr(row.whole, "__annotations__", ()))]
    path = re.sub("<.*?>", "x", row.path)
    for text in TEXTS:
        for name in (*names, "unknown"):
            if row.in_query:
                value = json.loads(text) if text.startswith('"') else text
                query = urlencode({name: value}, errors="surrogatepass")
                yield path, {"query_string": query}
            else:
                yield path, {"data": f'{{"{name}": {text}}}'}
        if not row.in_query:
            yield path, {"data": text}
    for segment in SEGMENTS if named else ():
        yield re.sub("<.*?>", segment, row.path), {}


def check_refusal(answer: TestResponse, sent: Sent) -> None:
    assert answer.status_code in (400, 404, 409), sent
    told = json.loads(answer.data)
    assert told.keys() == {"error"}
    assert told["error"].keys() == {"message", "param"}
    message = told["error"]["message"]
    assert 0 < len(message) <= LONGEST_SENTENCE
    assert message.isprintable(), sent


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.method} {row.path}")
def test_a_wrong_call_is_refused_with_a_reason_and_changes_nothing(client: Client, row: Row) -> None:
    before = state(client)
    for path, sent in hostile(row):
        answer = client.open(f"/_fakestripe{path}", method=row.method, **sent)
        assert not any(key in answer.text for key in (OWN, *KEYS)) or row.does.__name__ in ("snapshot", "description")
        if answer.status_code == 200:  # it was nothing wrong
            if row.path == "/clock":  # it may run now
                client.post("/_fakestripe/reset")
            before = before if row.method == "GET" else state(client)
        else:
            check_refusal(answer, (path, sent))
            assert row.method == "GET" or state(client) == before, (path, sent)
    assert row.method != "GET" or state(client) == before
