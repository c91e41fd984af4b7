"""Refuse connections of this process to Stripe that nothing intercepts: a test would otherwise reach the real Stripe.

They are caught where a host name is resolved, and where TLS begins: a resolver of a library's own and a proxy get past
the first, but not past the second. What opens its connections outside of Python, such as pycurl, is not seen.

`Misuse` is no `OSError`, so that HTTP libraries do not try again. It is kept as well, for `FakeStripe.check`.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.doors.intercept.callers import caller
from fakestripe_meters.doors.intercept.hosts import ACTIVE
from fakestripe_meters.doors.intercept.patches import Patch
from fakestripe_meters.doors.stripe_hosts import HOSTS
from fakestripe_meters.doors.stripe_hosts import stripes_host

Function = Callable[..., Any]
RESOLVERS = ("getaddrinfo", "gethostbyname", "gethostbyname_ex")
OF_A_CONTEXT = {"wrap_socket": 4, "wrap_bio": 3}
"""How TLS begins, and the position of `server_hostname` among the arguments."""
NOT_SERVED = ", which the fake does not serve: stub this call"
NOT_INTERCEPTED = " in a way that the fake does not intercept: send this call to the fake's `url`"


def patches() -> Iterator[Patch]:
    """Yield what to replace. What another guard has replaced already, such as pytest-socket, is left to it.

    Such a guard looks for its own function at the end, and would not find it below ours.
    """
    for name in RESOLVERS:
        if getattr(socket, name).__module__ in {"socket", "_socket"}:
            yield Patch(socket, name, _resolver)
    yield Patch(asyncio.BaseEventLoop, "getaddrinfo", _async_resolver)
    for own in socket.socket.__mro__:  # a guard may have put a class of its own before it
        if own.__module__ == "socket":
            yield from (Patch(own, name, _connector) for name in ("connect", "connect_ex"))
    yield from (Patch(ssl.SSLContext, name, _wrapper(position)) for name, position in OF_A_CONTEXT.items())


def refuse(name: object) -> None:
    """Raise `Misuse` if this is a host of Stripe's, and connections to it are to be refused. The fake keeps it."""
    if not ACTIVE or (host := stripes_host(name)) is None or _leaks() == "allow":
        return
    misuse = Misuse(_sentence(host), param="leaks")
    failures = ACTIVE[-1].engine.failures
    failures[:] = [each for each in failures if str(each) != str(misuse)]  # the code under test has tried again
    failures.append(misuse)
    raise misuse


def _leaks() -> str:
    return next((each.leaks for each in reversed(ACTIVE) if each.leaks), "allow")


def _sentence(host: str) -> str:
    client, place = caller()
    why = NOT_INTERCEPTED if host in HOSTS else NOT_SERVED
    return f'{client} connects to {host}{place}{why}, or let it reach the real Stripe with leaks="allow"'


def _resolver(original: Function) -> Function:
    def resolve(host: Any, *rest: Any, **named: Any) -> Any:  # noqa: ANN401  passed on
        refuse(host)
        return original(host, *rest, **named)

    return resolve


def _async_resolver(original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Replace the event loop's own, because the resolver runs in another thread, which does not show who asked."""

    async def getaddrinfo(loop: Any, host: Any, *rest: Any, **named: Any) -> Any:  # noqa: ANN401  passed on
        refuse(host)
        return await original(loop, host, *rest, **named)

    return getaddrinfo


def _connector(original: Function) -> Function:
    def connect(own: socket.socket, address: Any) -> Any:  # noqa: ANN401  passed on
        if isinstance(address, tuple):
            _refuse_and_close(address[0], own)
        return original(own, address)

    return connect


def _wrapper(position: int) -> Callable[[Function], Function]:
    def make(original: Function) -> Function:
        def wrap(context: ssl.SSLContext, below: Any, *rest: Any, **named: Any) -> Any:  # noqa: ANN401  passed on
            named_host = rest[position - 1] if len(rest) >= position else named.get("server_hostname")
            _refuse_and_close(named_host, below)
            return original(context, below, *rest, **named)

        return wrap

    return make


def _refuse_and_close(host: object, below: Any) -> None:  # noqa: ANN401  a socket, or a buffer
    """Refuse. The socket is closed, because libraries close it for an `OSError` only."""
    try:
        refuse(host)
    except Misuse:
        if isinstance(below, socket.socket):
            below.close()
        raise
