"""Find the endpoint of a method and a path among the URLs that the resources declare.

The URLs are written and matched as in Werkzeug's map, and a test holds both against each other. To import that map
takes a fifth of the time in which a server starts, and to match by it four times as long.
"""

from collections.abc import Iterable
from collections.abc import Sequence
from functools import cache
from functools import cached_property

from fakestripe_meters.framework.endpoint import Endpoint
from fakestripe_meters.framework.registry import Registry
from fakestripe_meters.framework.registry import start_of

LONGEST_PATH = 200
"""How many characters of an unknown path are compared with the known ones."""
Found = tuple[Endpoint | None, dict[str, str]]
"""The endpoint, if there is one, and the values in its path."""
Match = tuple[Endpoint, tuple[str, ...]]

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
    """Some URLs: those without a variable part in a dict, the others in a tree of their segments."""

    def __init__(self, every: Sequence[Endpoint], words: Iterable[str]) -> None:
        self._fixed: dict[tuple[str, str], Endpoint | None] = {(each, word): None for word in words for each in METHODS}
        self._fixed |= {(each.method, each.rule): each for each in every if "<" not in each.rule}
        self._fixed |= {
            ("HEAD", rule): each for (method, rule), each in self._fixed.items() if method == "GET" and each
        }
        self._variable = Branch()
        for each in every:
            if "<" in each.rule:
                self._variable.add(each)

    def lookup(self, method: str, path: str) -> Found:
        """Return the endpoint of a method and a path, and the values in the path."""
        key = (method, path)
        if key in self._fixed:
            return self._fixed[key], {}
        found = self._variable.find("GET" if method == "HEAD" else method, path.split("/"), ())
        if found is None:
            return None, {}
        endpoint, values = found
        return endpoint, dict(zip(endpoint.path_names, values, strict=True))


class Branch:
    """The URLs that begin with the same segments. A segment that is given is preferred to a variable one."""

    __slots__ = ("_ends", "_given", "_rest", "_variable")

    def __init__(self) -> None:
        self._given: dict[str, Branch] = {}
        self._variable: Branch | None = None
        self._rest: Branch | None = None
        self._ends: dict[str, Endpoint] = {}
        """The endpoints whose URLs end here, by method."""

    def add(self, endpoint: Endpoint) -> None:
        """Add a URL."""
        here = self
        for segment in endpoint.rule.split("/"):
            here = here._onward(segment)
        here._ends[endpoint.method] = endpoint  # noqa: SLF001

    def _onward(self, segment: str) -> "Branch":
        if segment.startswith("<path:"):
            self._rest = self._rest or Branch()
            return self._rest
        if segment.startswith("<"):
            self._variable = self._variable or Branch()
            return self._variable
        return self._given.setdefault(segment, Branch())

    def find(self, method: str, segments: Sequence[str], values: tuple[str, ...]) -> Match | None:
        """Return the endpoint at the end of some segments, and the values of the variable ones."""
        if not segments:
            endpoint = self._ends.get(method)
            return None if endpoint is None else (endpoint, values)
        first, rest = segments[0], segments[1:]
        given = self._given.get(first)
        found = None if given is None else given.find(method, rest, values)
        if found is None and self._variable is not None and first:
            found = self._variable.find(method, rest, (*values, first))
        if found is None and self._rest is not None and first:
            found = self._rest.find(method, (), (*values, "/".join(segments)))
        return found


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
    from difflib import get_close_matches  # imported late: few requests are for unknown URLs

    (best,) = get_close_matches(asked, known, n=1, cutoff=0)
    return best


def _filled(rule: str, path: str) -> str:
    """Return a rule with its variable parts replaced by a path's segments."""
    segments = path.split("/")
    return "/".join(
        segments[place] if each.startswith(("<", "*")) and segments[place : place + 1] not in ([], [""]) else each
        for place, each in enumerate(rule.split("/"))
    )
