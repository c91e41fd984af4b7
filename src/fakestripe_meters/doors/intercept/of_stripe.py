"""Intercept the official SDK: its clients over libraries besides `requests` and `httpx`, and its wait for retries."""

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

import stripe
from stripe import _http_client

from fakestripe_meters.doors.intercept.hosts import engine_for
from fakestripe_meters.doors.intercept.patches import Patch
from fakestripe_meters.doors.sdk import Client

Answer = tuple[Any, int, Mapping[str, str]]
Ask = Callable[..., Answer]
AskAsync = Callable[..., Awaitable[Answer]]
SYNC = ("UrllibClient", "Urllib2Client", "PycurlClient")
"""The second is the name of the first before version 13."""
ASYNC = ("AIOHTTPClient",)


def patches() -> list[Patch]:
    """Return what to replace. Retries come at once, because waiting does not move emulated time."""
    return [
        Patch(stripe.HTTPClient, "INITIAL_DELAY", lambda _usual: 0),
        *(Patch(owner, name, _asker(name)) for owner in _those_of(SYNC) for name in ("request", "request_stream")),
        *(
            Patch(owner, name, _async_asker(name))
            for owner in _those_of(ASYNC)
            for name in ("request_async", "request_stream_async")
        ),
    ]


def _those_of(names: Iterable[str]) -> list[type]:
    """Return the clients that this version of the SDK has; it may not export them."""
    clients = vars(_http_client)
    return [clients[name] for name in names if name in clients]


def _asker(name: str) -> Callable[[Ask], Ask]:
    def make(original: Ask) -> Ask:
        def ask(client: stripe.HTTPClient, method: str, url: str, *rest: Any, **named: Any) -> Answer:  # noqa: ANN401  passed on
            engine = engine_for(url)
            if engine is None:
                return original(client, method, url, *rest, **named)
            answer: Answer = getattr(Client(engine), name)(method, url, *rest, **named)
            return answer

        return ask

    return make


def _async_asker(name: str) -> Callable[[AskAsync], AskAsync]:
    def make(original: AskAsync) -> AskAsync:
        async def ask(client: stripe.HTTPClient, method: str, url: str, *rest: Any, **named: Any) -> Answer:  # noqa: ANN401  passed on
            engine = engine_for(url)
            if engine is None:
                return await original(client, method, url, *rest, **named)
            answer: Answer = await getattr(Client(engine), name)(method, url, *rest, **named)
            return answer

        return ask

    return make
