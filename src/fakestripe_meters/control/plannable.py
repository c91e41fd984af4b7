"""Which calls a fault, a stub or chaos can be for: a pattern that matches none is a `Misuse` that says what would."""

import re
from collections.abc import Iterable
from urllib.parse import unquote

from fakestripe_meters.core import checks
from fakestripe_meters.core import errors
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import either
from fakestripe_meters.core.errors import shortened
from fakestripe_meters.core.patterns import ANY
from fakestripe_meters.core.patterns import Pattern
from fakestripe_meters.core.patterns import fits
from fakestripe_meters.core.patterns import segments
from fakestripe_meters.core.site import BELOW_VENDORS
from fakestripe_meters.routing import METHODS
from fakestripe_meters.routing import Routes
from fakestripe_meters.routing import closest

CONTROL_PLANE = "_fakestripe"
OF_STRIPE = ("v1", "v2")
VARIABLE = re.compile(r"<(?:path:)?\w+>")
PLACEHOLDER = re.compile(r"[{<:].*|.*\*.*", re.DOTALL)
"""A segment that documentation writes for an id, or a `*` within one."""
HOST = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
Known = tuple[str, str]
"""A method, and a path with `*` in the place of what varies."""


def pattern(method: object, path: object) -> Pattern:
    """Return the pattern of a method, in any case, and a path as it stands in a URL, or raise `Misuse`.

    It is not checked yet whether there is such a call.
    """
    word = checks.text(method, "method").upper()
    if word not in (ANY, *METHODS):
        raise checks.refused("method", f"{either(METHODS)}, or * for any", method)
    return Pattern(word, unquote(checks.text(path, "path")))


def check_fault(routes: Routes, method: object, path: object, stubs: Iterable[Pattern], *, passed_on: bool) -> Pattern:
    """Return the pattern of calls that are served, that one of `stubs` is for, or that are `passed_on` to a server.

    Other vendors' calls that are served are among them.
    """
    wanted = pattern(method, path)
    if _is_tidy(wanted) and (_is_served(routes, wanted) or any(wanted.overlaps(each) for each in stubs)):
        return wanted
    if _is_tidy(wanted) and _is_stripes(wanted):
        if passed_on:
            return wanted
        first = errors.unserved.stub(wanted.method, wanted.path)
        raise Misuse(f"fakestripe-meters does not serve {wanted}: plan a stub for it first, {first}", param="path")
    raise _nothing_matches(wanted, _vendors(wanted) or _served(routes))


def check_stub(routes: Routes, method: object, path: object) -> Pattern:
    """Return the pattern of calls that are served, that only Stripe has, or whose paths are neither `/v1` nor `/v2`."""
    wanted = pattern(method, path)
    if CONTROL_PLANE in segments(wanted.path)[1:2]:
        raise Misuse(f"below /{CONTROL_PLANE} the control plane answers, and no stub", param="path")
    if _is_tidy(wanted) and (_is_served(routes, wanted) or _is_outside(wanted) or _is_stripes(wanted)):
        return wanted
    raise _nothing_matches(wanted, [*_served(routes), *_stripes()], outside=True)


def known_path(routes: Routes, wanted: Pattern) -> list[str]:
    """Return the segments of the URL that a pattern is for, with `*` for what varies; none if it is unknown."""
    if wanted.path == ANY:
        return []
    asked = segments(wanted.path)
    found = (path for _, path in [*_served(routes), *_stripes()] if _is_at(asked, path))
    return segments(min(found, key=lambda path: path.count(ANY), default=""))


def _nothing_matches(wanted: Pattern, known: list[Known], *, outside: bool = False) -> Misuse:
    """Return the `Misuse` that says the nearest call that there is."""
    tidy = Pattern(wanted.method, _tidied(wanted.path))
    asked = segments(tidy.path)
    there = [each for each in known if _is_at(asked, each[1])]
    like = [each for each in known if tidy.path != ANY and asked[1].lower() == segments(each[1])[1]]  # of one API
    if tidy.path == ANY:
        nearest = f"{ANY} {ANY}"
    elif outside and _is_outside(tidy) and tidy.path != wanted.path:
        nearest = str(tidy)
    else:
        nearest = closest(tidy.method, tidy.path, there or like or known)
    message = f"no call matches {wanted.method} {shortened(wanted.path)}: say {nearest}"
    return Misuse(message, param="method" if there and _is_tidy(wanted) else "path")


def _is_tidy(wanted: Pattern) -> bool:
    return wanted.path == _tidied(wanted.path)


def _tidied(path: str) -> str:
    """Return a path without host, query, fragment and trailing slash, and with `*` in the place of placeholders."""
    if path == ANY:
        return path
    if host := HOST.match(path):
        path = path[host.end() :]
    path = re.split("[?#]", path, maxsplit=1)[0].strip("/")
    return "/" + "/".join(ANY if PLACEHOLDER.fullmatch(each) else each for each in path.split("/"))


def _is_served(routes: Routes, wanted: Pattern) -> bool:
    if of_vendors := _vendors(wanted):
        return _is_among(wanted, of_vendors)
    methods = METHODS if wanted.method == ANY else (wanted.method,)
    if wanted.path != ANY and ANY not in segments(wanted.path):
        return any(routes.lookup(each, wanted.path)[0] for each in methods)
    return _is_among(wanted, _served(routes))


def _is_stripes(wanted: Pattern) -> bool:
    return _is_among(wanted, _stripes())


def _is_outside(wanted: Pattern) -> bool:
    """Whether a path can be one that Stripe answers outside its API, such as `/oauth/token`."""
    return wanted.path == ANY or segments(wanted.path)[1].lower() not in OF_STRIPE


def _is_among(wanted: Pattern, known: Iterable[Known]) -> bool:
    method = "GET" if wanted.method == "HEAD" else wanted.method
    asked = segments(wanted.path)
    return any(method in (ANY, each) and _is_at(asked, path) for each, path in known)


def _is_at(ones: list[str], known: str) -> bool:
    """Whether segments are those of a known path."""
    if ones == [ANY]:
        return True
    others = segments(known)
    if others[-1] == f"{ANY}{ANY}":  # ids of plans may have slashes
        return len(ones) >= len(others) and fits(ones[: len(others) - 1], others[:-1])
    return fits(ones, others)


def _served(routes: Routes) -> list[Known]:
    def star(variable: re.Match[str]) -> str:
        return ANY + ANY if variable.group().startswith("<path:") else ANY

    return [(each.method, VARIABLE.sub(star, each.rule)) for each in routes.every]


def _vendors(wanted: Pattern) -> list[Known]:
    """Return the calls of other vendors that are served, if a pattern is for one of theirs; else none."""
    if not wanted.path.startswith(BELOW_VENDORS):
        return []
    from fakestripe_meters import vendors  # imported late: few programs send usage to other vendors

    return vendors.calls()


def _stripes() -> list[Known]:
    from fakestripe_meters.unserved import table  # imported late: it reads a long file

    return [(method, path.replace(table.ANY, ANY)) for path, found in table.operations().items() for method in found]
