"""The functions of a test that receive webhooks: which are accepted, and what becomes of their answers."""

import inspect
import re
from collections.abc import Callable
from collections.abc import Coroutine
from typing import Any

from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import quoted
from fakestripe_meters.core.errors import shortened
from fakestripe_meters.core.printing import line
from fakestripe_meters.delivery import apps
from fakestripe_meters.delivery.notification import Notification
from fakestripe_meters.delivery.outcome import Outcome
from fakestripe_meters.delivery.traffic import SUCCESSES
from fakestripe_meters.delivery.traffic import Target

OK = 200
Answer = int | None
Handler = Callable[[Notification], Answer | Coroutine[Any, Any, Answer]]
"""Receives a notification in this process, and returns a status; None is 200. It may be an async function."""
Wait = Callable[[Coroutine[Any, Any, Answer]], Answer]
"""Runs what an async function returns."""
WANTED = "a function that takes a notification"


SHOWN = 300
"""How many characters of an application's answer are told."""
TAG = re.compile("<[^<>]*>")
"""Error pages are HTML; what they say is the text in it."""


class HandlerFailed(AssertionError):  # noqa: N818  the name says what happened
    """A webhook handler in this process answered with another status than 2xx, or with something else."""

    __module__ = "fakestripe_meters"


def check(handler: object) -> None:
    """Raise `Misuse` unless this can be called with a notification, and returns when it is done."""
    if isinstance(handler, str):
        advice = "for a receiver over HTTP, create a webhook endpoint; to call a function in its place, use stand_in"
        raise _refused(f"not {quoted(handler)}: {advice}")
    if not callable(handler):
        raise _refused(f"not {quoted(handler)}")
    if hasattr(type(handler), "wsgi_app"):
        raise _refused("not a WSGI application: give webhooks.app(application, url)")
    if apps.is_asgi(handler) and apps.takes(handler, apps.ASGI) and not apps.takes(handler, 1):
        raise _refused("not an ASGI application: give webhooks.asgi(application, url)")
    try:
        inspect.signature(handler).bind(None)
    except TypeError as reason:
        raise _refused(f"and this cannot be called with one argument: {reason}") from None
    except ValueError:  # of some functions in C nobody knows the parameters
        return


def guarded(
    handler: Handler, failures: list[Exception], wait: Callable[[Coroutine[Any, Any, Answer]], Answer], name: str = ""
) -> Target:
    """Return a target that calls a handler, and adds what goes wrong in it to `failures`, under its `name` or its URL.

    After a reset or in the next test there is another list, so that a late failure counts no more.
    """

    def take(notification: Notification) -> Outcome:
        try:
            status: object = handler(notification)
            if inspect.iscoroutine(status):
                status = wait(status)
        except Exception as failure:  # noqa: BLE001  it is added to `failures`
            failures.append(failure)
            return Outcome(None, f"{type(failure).__name__}: {failure}")
        if status is None:
            return Outcome(OK)
        told = name or f"the handler of {notification.place}"
        if isinstance(status, bool) or not isinstance(status, int):
            told += f" returned {quoted(status)} for {notification.type}, not a status such as 200, or None"
            failures.append(HandlerFailed(told))
            return Outcome(None, told)
        who, body = status.told if isinstance(status, apps.Answered) else (told, "")
        status = int(status)
        if status not in SUCCESSES:
            said = shortened(line(" ".join(TAG.sub(" ", body).split())), SHOWN)
            failures.append(HandlerFailed(f"{who} answered {status} to {notification.type}{said and f': {said}'}"))
        return Outcome(status)

    return take


def name_of(handler: object) -> str:
    """Return how a failure names a handler: as its function is called, or else its class."""
    return f"the handler {getattr(handler, '__name__', type(handler).__name__)}"


def _refused(what: str) -> Misuse:
    return Misuse(f"handler must be {WANTED}, {what}", param="handler")
