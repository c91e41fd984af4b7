"""Answer calls to Stripe's hosts inside this process: those of the official SDK and of most HTTP clients.

Other connections to Stripe are refused, if that is wanted. Calls to all other hosts go where they went before.
"""

from collections.abc import Callable
from contextlib import ContextDecorator
from contextlib import ExitStack
from functools import wraps
from importlib import import_module
from inspect import isasyncgenfunction
from inspect import iscoroutinefunction
from inspect import isgeneratorfunction
from threading import Lock
from types import ModuleType
from types import TracebackType
from typing import Any
from typing import Self
from typing import TypeVar
from typing import cast

from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.doors.intercept import leaks as leaking
from fakestripe_meters.doors.intercept import of_http_client
from fakestripe_meters.doors.intercept import of_requests
from fakestripe_meters.doors.intercept import of_responses
from fakestripe_meters.doors.intercept.hosts import ACTIVE
from fakestripe_meters.doors.intercept.hosts import Answerer
from fakestripe_meters.doors.intercept.imports import each_import
from fakestripe_meters.doors.intercept.patches import patched
from fakestripe_meters.engine import Engine

AT_ONCE = (*of_http_client.patches(), *of_requests.patches(), *of_responses.patches())
LATE = {
    "aiohttp": "of_aiohttp",
    "httpx": "of_httpx",
    "httpx2": "of_httpx",
    "requests_mock": "of_requests_mock",
    "stripe": "of_stripe",
}
"""Libraries that need not be installed, and the modules that know what to replace in them."""
Function = TypeVar("Function", bound=Callable[..., Any])
CHANGING = Lock()
PATCHES = ExitStack()
"""The patches while any interception is active: made once, also for nested ones."""


class Interception(ContextDecorator):
    """A context manager and decorator: while it is active, calls of this process to Stripe's hosts go to an engine.

    If several are active, the innermost answers, and the innermost that says something about `leaks` decides about
    connections to Stripe that are not intercepted. `url` returns the address of the engine's own socket, if it is open,
    so that calls to it pass through `responses`.
    """

    def __init__(self, engine: Engine, url: Callable[[], str | None] = lambda: None, leaks: str | None = None) -> None:
        self._answerer = Answerer(engine, url, leaks)

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

    def __call__(self, func: Function) -> Function:
        """Return the function as one during whose calls the interception is active, also an async one.

        Raises:
            Misuse: it is a generator, which would run after its call has returned.
        """
        if isgeneratorfunction(func) or isasyncgenfunction(func):
            message = f"intercept() cannot decorate the generator {func.__name__}: use `with` inside it"
            raise Misuse(message)
        if not iscoroutinefunction(func):
            return super().__call__(func)

        @wraps(func)
        async def intercepted(*args: object, **named: object) -> object:
            with self:
                return await func(*args, **named)

        return cast("Function", intercepted)


def _patch_all() -> None:
    """Make all patches, or none if one fails."""
    try:
        for patch in (*AT_ONCE, *leaking.patches()):
            PATCHES.enter_context(patched(patch))
        PATCHES.enter_context(each_import(tuple(LATE), _patch))
    except BaseException:
        PATCHES.close()
        raise


def _patch(name: str, library: ModuleType) -> None:
    own = import_module(f"{__name__}.{LATE[name]}")
    for patch in own.patches(library):
        PATCHES.enter_context(patched(patch))
