"""Which interface of Python's web servers an application has, as far as its parameters tell without a call.

And what an application has answered.
"""

import inspect
from collections.abc import Callable
from typing import Any
from typing import Self
from urllib.parse import urlsplit

from fakestripe_meters.core import checks

App = Callable[..., Any]
"""`app(environ, start_response)` of WSGI, `await app(scope, receive, send)` of ASGI, or `app(scope)` of ASGI 2."""
WSGI, ASGI, OF_ASGI_2 = 2, 3, 1
"""How many arguments each takes."""

MOST = 1_200
"""How many bytes of an answer are kept."""


class Answered(int):
    """The status of an application's answer, and `told`: which call gave it, and how its body begins."""

    told: tuple[str, str]

    def __new__(cls, status: int, path: str, body: bytes) -> Self:
        """Return the status with what is told of it if it is a failure."""
        answered = super().__new__(cls, status)
        answered.told = f"POST {path} of the application", body[:MOST].decode(errors="replace")
        return answered


def is_asgi(app: object) -> bool:
    """Whether an application is one of ASGI rather than of WSGI."""
    return _is_async(app) or (takes(app, ASGI) and not takes(app, WSGI))


def is_double(app: object) -> bool:
    """Whether an ASGI application takes the scope first, and the rest in a second call, as in ASGI 2."""
    return (inspect.isclass(app) or not _is_async(app)) and takes(app, OF_ASGI_2) and not takes(app, ASGI)


def check_asgi(app: object, url: object) -> None:
    """Raise `Misuse` for what cannot be an ASGI application, or for a URL that is no string."""
    if not takes(app, ASGI) and not is_double(app):
        other = ": webhooks.app() takes a WSGI one" if takes(app, WSGI) else ""
        raise checks.refused("app", f"an ASGI application, called with scope, receive and send{other}", app)
    _check_url(url)


def check_wsgi(app: object, url: object) -> None:
    """Raise `Misuse` for what cannot be a WSGI application, or for a URL that is no string."""
    if not takes(app, WSGI):
        raise checks.refused("app", "a WSGI or an ASGI application", app)
    _check_url(url)


def _check_url(url: object) -> None:
    text = checks.text(url, "url")
    try:
        valid = text.isprintable() and urlsplit(text).port != 0
    except ValueError:
        valid = False
    if not valid:
        raise checks.refused("url", "a URL, or its path, such as 'http://localhost/webhooks'", url)


def _is_async(app: object) -> bool:
    call = getattr(app, "__call__", None)  # noqa: B004  its kind matters, not whether there is one
    return inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(call)


def takes(app: object, count: int) -> bool:
    """Whether something can be called with so many arguments; true if it does not tell."""
    if not callable(app):
        return False
    try:
        inspect.signature(app).bind(*range(count))
    except ValueError:
        return True
    except TypeError:
        return False
    return True
