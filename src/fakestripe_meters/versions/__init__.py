"""Older API versions, as differences from the newest: all other code knows only that, each change is one small class.

A request is upgraded from the version it was written for to the newest, change by change. The answer, or the parameter
names in an error, are downgraded the same way back. Changes work on plain JSON only.
"""

import re
from functools import cached_property
from functools import lru_cache

from fakestripe_meters.core.account import API_VERSION
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import documented
from fakestripe_meters.versions import additions
from fakestripe_meters.versions.change import Known
from fakestripe_meters.versions.change import Tree
from fakestripe_meters.versions.change import VersionChange
from fakestripe_meters.versions.change import unknown
from fakestripe_meters.versions.changes import CHANGES
from fakestripe_meters.versions.changes import PREVIEW_ONLY
from fakestripe_meters.versions.changes import PREVIEWED
from fakestripe_meters.versions.changes import RELEASED
from fakestripe_meters.versions.changes import REQUESTED
from fakestripe_meters.versions.endpoints import check_endpoint
from fakestripe_meters.versions.endpoints import check_request

__all__ = [
    "DEFAULT",
    "NO_CHANGES",
    "Changes",
    "Version",
    "VersionChange",
    "changes_for",
    "check_endpoint",
    "check_request",
    "downgrade",
    "downgrade_event",
    "spelling",
    "upgrade",
    "version",
]

VERSION = re.compile(r"(20[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01]))(?:\.([a-z]+))?")


@dataclass(frozen=True, slots=True)
class Version:
    """One API version. `stated` is False if the request named none, so that the account's default applies."""

    text: str
    date: str
    preview: bool
    stated: bool = True


class Changes(tuple[VersionChange, ...]):  # noqa: SLOT001  it keeps what it has found
    """Changes, newest first, and which of them concern an object or an endpoint: most concern none."""

    @cached_property
    def by_object(self) -> dict[str, list[VersionChange]]:
        """Those that change the shape of an object, by its name."""
        names = {name for change in self for name in change.objects}
        return {name: [change for change in self if name in change.objects] for name in names}

    @cached_property
    def by_route(self) -> dict[str, list[VersionChange]]:
        """Those that change the requests to an endpoint, by its route."""
        routes = {route for change in self for route in (change.route, *change.routes)}
        return {route: [each for each in self if route == each.route or route in each.routes] for route in routes}


DEFAULT = Version(API_VERSION, API_VERSION.partition(".")[0], preview=True, stated=False)
NO_CHANGES = Changes()


@lru_cache(maxsize=256)
def version(header: str | None) -> Version | None:
    """Return the version that a `Stripe-Version` header names; the default without a header, None for an invalid one.

    SDK betas append feature flags behind a semicolon (`2026-09-30.preview; feature=v1`).
    """
    if header is None:
        return DEFAULT
    match = VERSION.fullmatch(header.partition(";")[0].strip())
    return Version(header.strip(), match[1], preview=match[2] == "preview") if match else None


def changes_for(route: str, spoken: Version, tree: Tree) -> Changes:
    """Return the changes between the version that a request to `route` was written for and the newest, newest first.

    A preview version says which that is. Other versions never had the endpoints that previews changed,
    so for them the parameter names decide. Changes by releases depend on the date alone.
    """
    if spoken.preview and spoken.stated:
        return _all_previewed(route, spoken.date)
    dated = _at(route)
    while dated and not dated[-1].written_before(tree):
        dated = dated[:-1]
    if spoken.preview:  # the default, which has all releases
        return _together(dated + tuple(change for change in _all_requested(route) if change.written_before(tree)))
    return _all_since(dated, route, spoken.date)


@lru_cache(maxsize=256)
def _at(route: str) -> tuple[VersionChange, ...]:
    return tuple(change for change in CHANGES if change.route == route)


@lru_cache(maxsize=256)
def _all_requested(route: str) -> tuple[VersionChange, ...]:
    return tuple(change for change in REQUESTED if route in change.routes)


@lru_cache(maxsize=1024)
def _all_since(dated: tuple[VersionChange, ...], route: str, date: str) -> Changes:
    return Changes(dated + _requested(route, date, preview=False) + _general(date))


@lru_cache(maxsize=1024)
def _all_previewed(route: str, date: str) -> Changes:
    return Changes(_requested(route, date, preview=True) + _between(route, date))


@lru_cache(maxsize=256)
def _together(changes: tuple[VersionChange, ...]) -> Changes:
    return Changes(changes)


@lru_cache(maxsize=256)
def _general(date: str) -> tuple[VersionChange, ...]:
    added = tuple(change for change in additions.ALL if change.since > date)
    former = (additions.AddToFormerValues(added),) if added else ()
    return _released(date) + PREVIEW_ONLY + added + former  # the releases' changes read what was added since


@lru_cache(maxsize=256)
def _between(route: str, date: str) -> tuple[VersionChange, ...]:
    dated = (change for change in CHANGES if change.since > date and change.route == route)
    previewed = (change for change in PREVIEWED if change.since_preview > date)
    return (*dated, *previewed, *_released(date))


@lru_cache(maxsize=256)
def _released(date: str) -> tuple[VersionChange, ...]:
    return tuple(change for change in RELEASED if change.since > date)


@lru_cache(maxsize=256)
def _requested(route: str, date: str, *, preview: bool) -> tuple[VersionChange, ...]:
    return tuple(
        change
        for change in REQUESTED
        if route in change.routes and change.after <= date < change.begins(preview=preview)
    )


def upgrade(changes: Changes, route: str, tree: Tree) -> Tree:
    """Return a request's tree as the newest version would have it."""
    for change in reversed(changes.by_route.get(route, ())):
        tree = change.upgrade(tree)
    return tree


def downgrade(changes: Changes, tree: Tree, known: Known = unknown) -> Tree:
    """Return an answer as the older version had it, with every object in it, wherever it is nested.

    Only events stay as they are. `known` looks up what old versions held in full: prices, and charges of a payment.
    """
    return _walk(changes, tree, _Older(changes, known)) if changes else tree


def downgrade_event(changes: Changes, event: Tree, known: Known = unknown) -> Tree:
    """Return an event as it is sent to a destination that has an older version, with the object in it."""
    return _changed(changes, event, _Older(changes, known)) if changes else event


class _Older:
    """Looks up what older versions held in full, in the shape of the older version."""

    def __init__(self, changes: Changes, known: Known) -> None:
        self._changes = changes
        self._known = known

    def __call__(self, price_id: str, /) -> tuple[Tree | None, Tree | None]:
        """Return a price, as a plan and as a price."""
        plan, price = self._known(price_id)
        changes = self._changes
        return plan and _walk(changes, plan, unknown), price and _walk(changes, price, unknown)

    def former(self, name: str, identifier: str) -> Tree:
        """Return fields that an object had."""
        return _walk(self._changes, self._known.former(name, identifier), self)


def spelling(changes: tuple[VersionChange, ...], path: str, sent: Tree | None = None) -> str:
    """Return what the older version calls the parameter at `path`; `sent` is the request as it was sent."""
    for change in changes:
        path = change.spelled(path, sent or {})
    return path


@documented("whatever version a request has, an event keeps what it was made with: https://docs.stripe.com/api/events")
def _walk(changes: Changes, tree: Tree, known: Known) -> Tree:
    return tree if tree.get("object") == "event" else _changed(changes, tree, known)


def _changed(changes: Changes, tree: Tree, known: Known) -> Tree:
    """Return a changed copy, or the tree itself if nothing changed: every answer comes here, and most do not change."""
    walked = tree
    for key, value in tree.items():
        kind = type(value)
        if (kind is dict or kind is list) and value and (below := _below(changes, value, known)) is not value:
            walked = dict(tree) if walked is tree else walked
            walked[key] = below
    name = tree.get("object")  # in an event's `data` this is a hash
    if isinstance(name, str):
        for change in changes.by_object.get(name, ()):
            walked = change.downgrade_knowing(walked, known)
    return walked


def _below(changes: Changes, tree: object, known: Known) -> object:
    if type(tree) is dict:
        return _walk(changes, tree, known)
    return [_below(changes, each, known) for each in tree] if type(tree) is list else tree
