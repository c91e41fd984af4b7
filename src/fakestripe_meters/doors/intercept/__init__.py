"""Stripe's hosts, answered inside this process: for `requests`, `httpx` and the official SDK.

All other hosts are left to whoever answered them before.
"""

from collections.abc import Callable
from contextlib import ContextDecorator
from contextlib import ExitStack
from functools import cache
from importlib.util import find_spec
from threading import Lock
from types import TracebackType
from typing import Self

from fakestripe_meters.doors.intercept import of_requests
from fakestripe_meters.doors.intercept import of_responses
from fakestripe_meters.doors.intercept.hosts import ACTIVE
from fakestripe_meters.doors.intercept.hosts import Answerer
from fakestripe_meters.doors.intercept.patches import Patch
from fakestripe_meters.doors.intercept.patches import patched
from fakestripe_meters.engine import Engine

CHANGING = Lock()
PATCHES = ExitStack()
"""What is patched while anyone intercepts: once, however deep they are nested."""


class Interception(ContextDecorator):
    """Between `with` and its end this process's calls to Stripe reach an engine; of several the innermost one.

    `url` tells where the engine's own socket is, if one is open, so that it can be reached past `responses`.
    """

    def __init__(self, engine: Engine, url: Callable[[], str | None] = lambda: None) -> None:
        self._answerer = Answerer(engine, url)

    def __enter__(self) -> Self:
        with CHANGING:
            if not ACTIVE:
                _patch_all()
            ACTIVE.append(self._answerer)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with CHANGING:
            ACTIVE.remove(self._answerer)
            if not ACTIVE:
                PATCHES.close()


def _patch_all() -> None:
    """All or nothing."""
    with ExitStack() as patches:
        for patch in _patches():
            patches.enter_context(patched(patch))
        PATCHES.push(patches.pop_all())


@cache
def _patches() -> tuple[Patch, ...]:
    """Of all that is installed. It is loaded now, so that nobody can load it later and remain unpatched."""
    found = [*of_requests.patches(), *of_responses.patches()]
    if find_spec("httpx"):
        from fakestripe_meters.doors.intercept import of_httpx

        found += of_httpx.patches()
    if find_spec("stripe"):
        from fakestripe_meters.doors.intercept import of_stripe

        found += of_stripe.patches()
    return tuple(found)
