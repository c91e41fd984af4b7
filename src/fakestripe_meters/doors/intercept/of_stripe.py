"""Intercept the official SDK: its client over pycurl, which opens its connections outside of Python, and its retries.

Its other clients are intercepted with the library that each of them uses.
"""

from collections.abc import Callable
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import stripe
from stripe import _http_client

from fakestripe_meters.doors.intercept.hosts import engine_for
from fakestripe_meters.doors.intercept.patches import Patch
from fakestripe_meters.doors.sdk import Client
from fakestripe_meters.engine import Engine

Answer = tuple[Any, int, Mapping[str, str]]
Ask = Callable[..., Answer]


def patches(_library: ModuleType) -> list[Patch]:
    """Return what to replace. Retries come at once, because waiting does not move emulated time."""
    return [
        Patch(stripe.HTTPClient, "INITIAL_DELAY", lambda _usual: 0),
        *(Patch(_http_client.PycurlClient, name, _asker(name)) for name in ("request", "request_stream")),
    ]


def _asker(name: str) -> Callable[[Ask], Ask]:
    def make(original: Ask) -> Ask:
        def ask(client: stripe.HTTPClient, method: str, url: str, *rest: Any, **named: Any) -> Answer:  # noqa: ANN401  passed on
            engine = engine_for(url)
            if not isinstance(engine, Engine):  # the SDK of Stripe's speaks to no other vendor
                return original(client, method, url, *rest, **named)
            answer: Answer = getattr(Client(engine), name)(method, url, *rest, **named)
            return answer

        return ask

    return make
