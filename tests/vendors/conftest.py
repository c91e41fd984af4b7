"""A world with a meter and a customer, and calls to vendors through every door."""

import json
from collections.abc import Callable
from collections.abc import Iterator
from functools import partial
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters.wire.message import Headers
from tests.conftest import NOW
from tests.conftest import Answer
from tests.conftest import Door
from tests.conftest import Wire
from tests.conftest import through_engine
from tests.conftest import through_wsgi


def through_server(fake: FakeStripe, wire: Wire) -> Answer:
    """Over a connection of its own, because each test has a server."""
    connection = HTTPConnection(urlsplit(fake.url).netloc, timeout=30)
    target = f"{wire.path}?{wire.query}" if wire.query else wire.path
    connection.request(wire.method, target, wire.body or None, dict(wire.headers))
    response = connection.getresponse()
    answer = Answer(response.status, Headers(response.getheaders()), response.read())
    connection.close()
    return answer


DOORS = {"engine": through_engine, "server": through_server, "wsgi": through_wsgi}
Send = Callable[..., Answer]


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    """A fake at the start of 2025."""
    with FakeStripe(now=NOW) as made:
        yield made


@pytest.fixture(params=DOORS)
def send(request: pytest.FixtureRequest, fake: FakeStripe) -> Send:
    """Send to a path below `/_vendors/`, through each door."""
    return partial(sent_by, DOORS[request.param], fake)


def sent_by(  # noqa: PLR0917  as HTTP has them
    door: Door,
    fake: FakeStripe,
    path: str,
    body: Any,  # noqa: ANN401  any JSON
    key: str | None = "key",
    method: str = "POST",
    **headers: str,
) -> Answer:
    """Send JSON, or bytes word for word, with a key unless it is None."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    usual = {"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}
    usual |= {name.replace("_", "-").title(): value for name, value in headers.items()}
    path, _, query = path.partition("?")
    path = path.removeprefix("..") if path.startswith("../") else f"/_vendors/{path}"
    return door(fake, Wire(method, path, query, list(usual.items()), content))


def send_through_engine(fake: FakeStripe, *what: Any, wsgi: bool = False, **headers: str) -> Answer:  # noqa: ANN401  as above
    """Send as above, through one door."""
    return sent_by(through_wsgi if wsgi else through_engine, fake, *what, **headers)


@pytest.fixture
def meter(fake: FakeStripe) -> str:
    """The event name of a meter that adds up."""
    return made_meter(fake)


@pytest.fixture
def customer(fake: FakeStripe) -> str:
    """The id of a customer."""
    return made_customer(fake)


def stripes(fake: FakeStripe, path: str, body: str) -> Any:  # noqa: ANN401  JSON
    """What Stripe's API answers to a form."""
    headers = [("Authorization", f"Bearer {fake.api_key}"), ("Content-Type", "application/x-www-form-urlencoded")]
    answer = through_engine(fake, Wire("POST", path, "", headers, body.encode()))
    assert answer.status == 200, answer.body
    return answer.json


def made_meter(fake: FakeStripe, name: str = "tokens", formula: str = "sum", more: str = "") -> str:
    """The event name of a new meter."""
    form = f"display_name={name}&event_name={name}&default_aggregation[formula]={formula}&{more}"
    stripes(fake, "/v1/billing/meters", form)
    return name


def made_customer(fake: FakeStripe, form: str = "") -> str:
    """The id of a new customer."""
    identifier: str = stripes(fake, "/v1/customers", form)["id"]
    return identifier
