"""Answer calls to Stripe's hosts inside this process: those of `requests`, `httpx` and the official SDK.

Calls to all other hosts go where they went before.
"""

from collections.abc import Callable
from contextlib import ContextDecorator
from contextlib import ExitStack
from functools import cache
from functools import wraps
from importlib.util import find_spec
from inspect import isasyncgenfunction
from inspect import iscoroutinefunction
from inspect import isgeneratorfunction
from threading import Lock
from types import TracebackType
from typing import Any
from typing import Self
from typing import TypeVar
from typing import cast

from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.doors.intercept import of_requests
from fakestripe_meters.doors.intercept import of_responses
from fakestripe_meters.doors.intercept.hosts import ACTIVE
from fakestripe_meters.doors.intercept.hosts import Answerer
from fakestripe_meters.doors.intercept.patches import Patch
from fakestripe_meters.doors.intercept.patches import patched
from fakestripe_meters.engine import Engine

Function = TypeVar("Function", bound=Callable[..., Any])
CHANGING = Lock()
PATCHES = ExitStack()
"""The patches while any interception is active: made once, also for nested ones."""


class Interception(ContextDecorator):
    """A context manager and decorator: while it is active, calls of this process to Stripe's hosts go to an engine.

    If several are active, the innermost answers. `url` returns the address of the engine's own socket, if it is open,
    so that calls to it pass through `responses`.
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
    with ExitStack() as patches:
        for patch in _patches():
            patches.enter_context(patched(patch))
        PATCHES.push(patches.pop_all())


@cache
def _patches() -> tuple[Patch, ...]:
    """Return the patches for all installed libraries. They are imported now: none escapes by a later import."""
    found = [*of_requests.patches(), *of_responses.patches()]
    if find_spec("httpx"):
        from fakestripe_meters.doors.intercept import of_httpx

        found += of_httpx.patches()
    if find_spec("stripe"):
        from fakestripe_meters.doors.intercept import of_stripe

        found += of_stripe.patches()
    return tuple(found)
