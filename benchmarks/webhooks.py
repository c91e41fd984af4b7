"""What a request costs that somebody is told of: a receiver that answers at once, one that never does, applications.

python -m benchmarks.webhooks
"""

import socket
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterator
from functools import partial
from time import perf_counter
from typing import Any
from wsgiref.types import StartResponse
from wsgiref.types import WSGIEnvironment

from benchmarks import bars
from benchmarks import others
from benchmarks.business import CUSTOMERS
from benchmarks.business import Business
from benchmarks.figures import Figure
from benchmarks.figures import Size
from benchmarks.figures import compare
from benchmarks.figures import show

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ENDPOINTS = "/v1/webhook_endpoints"


def measure(size: Size) -> Iterator[Figure]:
    """Yield every figure."""
    told_of = size.pick(1_000, 20)
    with others.receiver() as port, socket.create_server(("127.0.0.1", 0)) as silent:
        nobody, answering, hanging = Business(), told(port), told(silent.getsockname()[1])
        contenders = {"nobody": nobody, "answering": answering, "hanging": hanging}
        contenders |= {"wsgi": Business(), "asgi": Business()}
        for business, app in ((contenders["wsgi"], wsgi), (contenders["asgi"], asgi)):
            business.fake.webhooks.deliver_to(business.fake.webhooks.app(app), "customer.created")
        began = perf_counter()
        took = compare(
            {name: partial(business.post, CUSTOMERS, {"name": "Ada"}) for name, business in contenders.items()},
            rounds=told_of,
        )
        answering.fake.flush()
        all_in_s = perf_counter() - began
        taken = [each for each in answering.fake.webhooks.tries if each.outcome.status == 200]
        assert len(taken) == told_of, answering.fake.webhooks.tries[-1]
        for business in contenders.values():
            business.fake.check()
            business.fake.close()
    yield bars.TOLD.ratio(took["answering"], took["nobody"])
    yield bars.TOLD_HANGING.ratio(took["hanging"], took["nobody"])
    yield bars.TOLD_WSGI.ratio(took["wsgi"], took["nobody"])
    yield bars.TOLD_ASGI.ratio(took["asgi"], took["nobody"])
    yield bars.DELIVERED.measured(told_of / all_in_s, "while the requests of all five are made")


def told(port: int) -> Business:
    """A business whose new customers a receiver is told of."""
    business = Business()
    business.post(ENDPOINTS, {"url": f"http://127.0.0.1:{port}/", "enabled_events": ["customer.created"]})
    return business


def wsgi(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Read the notification, and answer 200."""
    environ["wsgi.input"].read()
    start_response("200 OK", [])
    return []


async def asgi(
    _scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """Read the notification, and answer 200."""
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


if __name__ == "__main__":
    show(measure)
