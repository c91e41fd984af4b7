"""Whether something else has replaced what a call goes through: a vendor's host may be mocked by the test itself.

The test's own mock answers first, because the test wrote it for this vendor, and nobody asked the fake for it.
"""

import socket
import sys
from typing import Any

import urllib3.connectionpool

FAKED_SOCKETS = frozenset({"httpretty", "mocket"})
"""Libraries that answer below all others, in the place of the network."""
POOLS = (("ConnectionPool", "handle_request"), ("AsyncConnectionPool", "handle_async_request"))
"""What respx replaces, below the transports of httpx and httpx2."""
BELOW = {"httpx": "httpcore", "httpx2": "httpcore2"}
UNMATCHED = "AllMockedAssertionError"
"""What respx raises if it has no route for a call."""


def is_own(function: Any, library: str) -> bool:  # noqa: ANN401  whatever is there
    """Return whether a function is still the one of a library. What only measures it, as tracers do, counts as that."""
    module: str = getattr(function, "__globals__", {}).get("__name__", "")  # `__module__` is copied by `wraps`
    return module.partition(".")[0] == library


def below_httpx(library: str) -> bool:
    """Return whether something is mocked below the transports of httpx or httpx2."""
    core = sys.modules.get(BELOW[library])
    replaced = core is not None and any(
        not is_own(getattr(getattr(core, pool), name), BELOW[library]) for pool, name in POOLS
    )
    return replaced or sockets_are_faked()


def below_requests() -> bool:
    """Return whether something is mocked below the adapters of requests."""
    connection = urllib3.connectionpool.HTTPSConnectionPool.ConnectionCls
    return connection.__module__.partition(".")[0] != "urllib3" or sockets_are_faked()


def sockets_are_faked() -> bool:
    """Return whether a library answers in the place of the network."""
    return socket.socket.__module__.partition(".")[0] in FAKED_SOCKETS


def is_unmatched(error: AssertionError) -> bool:
    """Return whether respx has raised an error because it has no route for a call."""
    return type(error).__name__ == UNMATCHED
