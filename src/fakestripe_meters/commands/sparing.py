"""A fake for a server's own process: it loads what it needs when it is needed."""

from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from fakestripe_meters import FakeStripe

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse
    from wsgiref.types import WSGIApplication
    from wsgiref.types import WSGIEnvironment

LOADING = Lock()
"""Held while one is loaded: requests may come at once, and a cached property of Python 3.12 may run twice."""


class Sparing(FakeStripe):
    """A fake that does not load beforehand what few calls need: no code under test is in its process."""

    def _prepare(self) -> None:
        pass

    def app(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        """Answer by the Flask application, which is loaded and made at the first request for it."""
        with LOADING:
            flask = self._flask
        return flask(environ, start_response)

    @cached_property
    def _flask(self) -> "WSGIApplication":
        from fakestripe_meters.doors.flask_app import create_app

        return create_app(self)
