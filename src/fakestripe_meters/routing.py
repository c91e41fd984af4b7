"""Find the endpoint of a method and a path, by werkzeug's map of the URLs that the resources declare."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from difflib import get_close_matches
from functools import cache
from functools import cached_property

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map
from werkzeug.routing import Rule

from fakestripe_meters.framework.endpoint import Endpoint
from fakestripe_meters.framework.registry import Registry
from fakestripe_meters.framework.registry import start_of

LONGEST_PATH = 200
"""How many characters of an unknown path are compared with the known ones."""
Found = tuple[Endpoint | None, dict[str, str]]
"""The endpoint, if there is one, and the values in its path."""


WORDS = (
    "/v1/charges/search",
    "/v1/credit_notes/preview",
    "/v1/credit_notes/preview/lines",
    "/v1/customers/search",
    "/v1/invoices/create_preview",
    "/v1/invoices/search",
    "/v1/invoices/upcoming",
    "/v1/invoices/upcoming/lines",
    "/v1/payment_intents/search",
    "/v1/prices/search",
    "/v1/products/search",
    "/v1/subscriptions/search",
)
"""URLs of Stripe's that look as if an id stood at their end. A test finds them in what Stripe has."""
METHODS = ("GET", "HEAD", "POST", "DELETE", "PUT", "PATCH")


class MatchedOnly(Rule):
    """A rule that builds no URLs: preparing for that takes Werkzeug ten times as long as all else about a rule."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:  # noqa: ARG002, FBT001, FBT002  as it is inherited
        return _build_nothing


class Routes:
    """All emulated URLs, in one table for each beginning: a table is made at the first request that begins so."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._tables: dict[str, Table] = {}

    @cached_property
    def every(self) -> tuple[Endpoint, ...]:
        """All endpoints."""
        return tuple(self._registry.endpoints())

    def load(self) -> None:
        """Load all resources now: code under test may later replace what an import needs, such as the time or files."""
        _ = self.every

    def lookup(self, method: str, path: str) -> Found:
        """Return the endpoint of a method and a decoded path, and the values in the path; None for unknown URLs."""
        if not path.startswith("/") or path.startswith("//"):  # werkzeug would accept these
            return None, {}
        start = start_of(path)
        table = self._tables.get(start)
        if table is None:
            endpoints = tuple(self._registry.beginning(start))
            if not endpoints:  # anyone can invent such URLs, so nothing is kept of them
                return None, {}
            table = self._tables[start] = Table(endpoints, [word for word in WORDS if start_of(word) == start])
        return table.lookup(method, path)

    def nearest(self, method: str, path: str) -> str:
        """Return a hint for an unknown URL: the known one that is most like it."""
        path = path[:LONGEST_PATH]
        known = {f"{each.method} {_filled(each.rule, path)}": each for each in self.every}
        best = known[_most_like(f"{method} {path}", known)]
        return f"the nearest known URL is {best.method} {best.rule}"


class Table:
    """Some URLs. Those without a variable part are found in a dict, which is quicker than werkzeug's map."""

    def __init__(self, every: Sequence[Endpoint], words: Iterable[str]) -> None:
        self._fixed: dict[tuple[str, str], Endpoint | None] = {(each, word): None for word in words for each in METHODS}
        self._fixed |= {(each.method, each.rule): each for each in every if "<" not in each.rule}
        self._fixed |= {
            ("HEAD", rule): each for (method, rule), each in self._fixed.items() if method == "GET" and each
        }
        variable = [each for each in every if "<" in each.rule]
        rules = [MatchedOnly(each.rule, methods=[each.method], endpoint=each) for each in variable]
        self._variable = Map(rules, merge_slashes=False, redirect_defaults=False).bind("api.stripe.com")

    def lookup(self, method: str, path: str) -> Found:
        """Return the endpoint of a method and a path, and the values in the path."""
        key = (method, path)
        if key in self._fixed:
            return self._fixed[key], {}
        try:
            endpoint, values = self._variable.match(path, method)
        except HTTPException:
            return None, {}
        return endpoint, dict(values)


@cache
def routes_of(registry: Registry) -> Routes:
    """Return the routes of everything that the resources declare, which all fakes share."""
    return Routes(registry)


def closest(method: str, path: str, known: Iterable[tuple[str, str]]) -> str:
    """Return the known call that is most like a method and a path, which may be patterns.

    Known paths have `*` for what varies. In its place, the answer has what stands there in `path`.
    """
    path = path[:LONGEST_PATH]
    filled = {f"{each if method != '*' else method} {_filled(rule, path)}": None for each, rule in known}
    return _most_like(f"{method} {path}", filled)


def _most_like(asked: str, known: Iterable[str]) -> str:
    (best,) = get_close_matches(asked, known, n=1, cutoff=0)
    return best


def _build_nothing(**_values: object) -> tuple[str, str]:
    raise LookupError


def _filled(rule: str, path: str) -> str:
    """Return a rule with its variable parts replaced by a path's segments."""
    segments = path.split("/")
    return "/".join(
        segments[place] if each.startswith(("<", "*")) and segments[place : place + 1] not in ([], [""]) else each
        for place, each in enumerate(rule.split("/"))
    )
