"""The URLs of the Flask application: two stand for all of Stripe's, and the others are made when they are needed."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from itertools import chain
from threading import Lock
from typing import Any

from flask import Response
from werkzeug.routing import Map
from werkzeug.routing import MapAdapter
from werkzeug.routing import Rule

from fakestripe_meters.core.site import PREFIX
from fakestripe_meters.routing import Routes

Views = Iterable[tuple[Rule, Callable[..., Response]]]


class MatchedOnly(Rule):
    """A rule that builds no URLs: preparing for that takes Werkzeug ten times as long as all else about a rule."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:  # noqa: ARG002, FBT001, FBT002  as it is inherited
        return _build_nothing


class Urls(Map):
    """Flask's URLs, of which two stand for all of Stripe's. It lists every single one, for `flask routes`.

    Those of the control plane and of the pages are in a map of their own, which is made when the first is asked for.
    """

    def __init__(self, routes: Routes, beside: Callable[[], Views], views: dict[str, Callable[..., Any]]) -> None:
        # Here, because Werkzeug 3.0 ignores these if they are set later.
        super().__init__(merge_slashes=False, redirect_defaults=False)
        self._routes = routes
        self._beside = beside
        self._views = views
        self._lock = Lock()
        self._others: Map | None = None

    def bind_to_environ(self, environ: Any, *args: Any, **kwargs: Any) -> MapAdapter:  # noqa: ANN401  as it is inherited
        """Prepare the matching of a request."""
        if environ["PATH_INFO"].startswith(PREFIX):
            return self._made().bind_to_environ(environ, *args, **kwargs)
        return super().bind_to_environ(environ, *args, **kwargs)

    def iter_rules(self, endpoint: str | None = None) -> Iterator[Rule]:
        """Return all rules, or those of one endpoint."""
        listed = (Rule(each.rule, methods=[each.method], endpoint=each.name) for each in self._routes.every)
        others = chain(self._made().iter_rules(), listed)
        return chain(super().iter_rules(endpoint), (each for each in others if endpoint in (None, each.endpoint)))

    def _made(self) -> Map:
        """Return the map of the others, to which nothing is added any more: other threads may already match with it."""
        with self._lock:
            if self._others is None:
                others = Map(merge_slashes=False, redirect_defaults=False)
                for rule, view in self._beside():
                    self._views[rule.endpoint] = view
                    others.add(rule)
                self._others = others
            return self._others


def _build_nothing(**_values: object) -> tuple[str, str]:
    raise LookupError
