"""Send one webhook over HTTP, within a time limit and without following redirects.

The standard library sends it, so that tools which intercept `requests` or `httpx` in this process do not catch it.
"""

import http.client
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import SplitResult

from fakestripe_meters.core import printing
from fakestripe_meters.delivery.outcome import Outcome
from fakestripe_meters.domain.events import addresses

LONGEST_ANSWER = 65_536


def post(url: str, headers: Mapping[str, str], body: bytes, timeout_s: float) -> Outcome:
    """Send, and return the outcome. Follow no redirects, and stop after `timeout_s` real seconds in all."""
    parts = addresses.parse(url)
    connection = _connection(parts, timeout_s)
    overdue = threading.Event()

    def cut() -> None:
        overdue.set()
        if connection.sock is not None:
            with suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)

    watch = threading.Timer(timeout_s, cut)
    watch.daemon = True
    watch.start()
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body, {**headers, "Connection": "close"})
        answer = connection.getresponse()
        outcome = Outcome(answer.status, body=answer.read(LONGEST_ANSWER))
    except TimeoutError:
        overdue.set()
    except (OSError, http.client.HTTPException, ValueError) as error:
        outcome = Outcome(None, printing.line(f"{type(error).__name__}: {error}"))
    finally:
        watch.cancel()
        connection.close()
    if overdue.is_set():  # a truncated answer may look like a complete one
        return Outcome(None, f"no answer within {timeout_s:g} seconds", timed_out=True)
    return outcome


def _connection(parts: SplitResult, timeout_s: float) -> http.client.HTTPConnection:
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    # With a port of None, the standard library would look for one in the last part of an IPv6 address.
    port = kind.default_port if parts.port is None else parts.port
    return kind(parts.hostname or "", port, timeout=timeout_s)
