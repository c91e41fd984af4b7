"""Older API versions, as differences from the newest: all other code knows only that, each change is one small class.

A request is upgraded from the version it was written for to the newest, change by change. The answer, or the parameter
names in an error, are downgraded the same way back. Changes work on plain JSON only.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from fakestripe_meters.core.account import API_VERSION
from fakestripe_meters.versions.change import Tree
from fakestripe_meters.versions.change import VersionChange
from fakestripe_meters.versions.general_availability import HidePreviewMeterFields
from fakestripe_meters.versions.general_availability import HidePreviewSummaryFields
from fakestripe_meters.versions.preview_alerts import HidePreviewAlertFields
from fakestripe_meters.versions.preview_alerts import HidePreviewAlertFilter
from fakestripe_meters.versions.v2025_03_31 import MoveInvoiceItemOriginsToParent
from fakestripe_meters.versions.v2025_03_31 import MoveInvoiceOriginsToParent
from fakestripe_meters.versions.v2025_03_31 import MoveLineOriginsToParent
from fakestripe_meters.versions.v2025_03_31 import MovePeriodsToSubscriptionItems
from fakestripe_meters.versions.v2025_03_31 import MovePreviousAttributes
from fakestripe_meters.versions.v2025_03_31 import RemoveAggregateUsage
from fakestripe_meters.versions.v2025_09_30 import RenameMeterUsageFields
from fakestripe_meters.versions.v2025_10_29 import AddMeterUsageTenantGroups
from fakestripe_meters.versions.v2025_11_17 import MakeMeterUsageFiltersArrays

__all__ = ["DEFAULT", "Version", "VersionChange", "changes_for", "downgrade", "spelling", "upgrade", "version"]

CHANGES: tuple[VersionChange, ...] = (
    MakeMeterUsageFiltersArrays(),
    AddMeterUsageTenantGroups(),
    RenameMeterUsageFields(),
)
"""Changes that previews made, newest first."""

# inferred: what one preview has, every preview has.
PREVIEW_ONLY: tuple[VersionChange, ...] = (
    HidePreviewMeterFields(),
    HidePreviewSummaryFields(),
    HidePreviewAlertFields(),
    HidePreviewAlertFilter(),
)
"""Parameters and fields that versions for general availability have never had."""

RELEASED: tuple[VersionChange, ...] = (
    MovePeriodsToSubscriptionItems(),
    MoveInvoiceOriginsToParent(),
    MoveLineOriginsToParent(),
    MoveInvoiceItemOriginsToParent(),
    RemoveAggregateUsage(),
    MovePreviousAttributes(),
)
"""Changes that releases made to answers, also in previews, newest first; the default version has all of them."""

VERSION = re.compile(r"(20[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01]))(?:\.([a-z]+))?")


@dataclass(frozen=True, slots=True)
class Version:
    """One API version. `stated` is False if the request named none, so that the account's default applies."""

    text: str
    date: str
    preview: bool
    stated: bool = True


DEFAULT = Version(API_VERSION, API_VERSION.partition(".")[0], preview=True, stated=False)


@lru_cache(maxsize=256)
def version(header: str | None) -> Version | None:
    """Return the version that a `Stripe-Version` header names; the default without a header, None for an invalid one.

    SDK betas append feature flags behind a semicolon (`2026-09-30.preview; feature=v1`).
    """
    if header is None:
        return DEFAULT
    match = VERSION.fullmatch(header.partition(";")[0].strip())
    return Version(header, match[1], preview=match[2] == "preview") if match else None


def changes_for(route: str, spoken: Version, tree: Tree) -> tuple[VersionChange, ...]:
    """Return the changes between the version that a request to `route` was written for and the newest, newest first.

    A preview version says which that is. Other versions never had the endpoints that previews changed,
    so for them the parameter names decide. Changes by releases depend on the date alone.
    """
    if spoken.preview and spoken.stated:
        return _between(route, spoken.date)
    dated = _at(route)
    while dated and not dated[-1].written_before(tree):
        dated = dated[:-1]
    return dated if spoken.preview else dated + _general(spoken.date)  # the default is a preview that has all releases


@lru_cache(maxsize=256)
def _at(route: str) -> tuple[VersionChange, ...]:
    return tuple(change for change in CHANGES if change.route == route)


@lru_cache(maxsize=256)
def _general(date: str) -> tuple[VersionChange, ...]:
    return PREVIEW_ONLY + _released(date)


@lru_cache(maxsize=256)
def _between(route: str, date: str) -> tuple[VersionChange, ...]:
    dated = (change for change in CHANGES if change.since > date and change.route == route)
    return (*dated, *_released(date))


@lru_cache(maxsize=256)
def _released(date: str) -> tuple[VersionChange, ...]:
    return tuple(change for change in RELEASED if change.since > date)


def upgrade(changes: tuple[VersionChange, ...], route: str, tree: Tree) -> Tree:
    """Return a request's tree as the newest version would have it."""
    for change in reversed(changes):
        if change.route == route:
            tree = change.upgrade(tree)
    return tree


def downgrade(changes: tuple[VersionChange, ...], tree: Tree) -> Tree:
    """Return an answer as the older version had it, with every object in it, wherever it is nested."""
    return _walk(changes, tree) if changes else tree


def spelling(changes: tuple[VersionChange, ...], path: str) -> str:
    """Return what the older version calls the parameter at `path`."""
    for change in changes:
        path = change.spelling(path)
    return path


def _walk(changes: tuple[VersionChange, ...], tree: Tree) -> Tree:
    """Return a changed copy, or the tree itself if nothing changed: every answer comes here, and most do not change."""
    walked = tree
    for key, value in tree.items():
        kind = type(value)
        if (kind is dict or kind is list) and (below := _below(changes, value)) is not value:
            walked = dict(tree) if walked is tree else walked
            walked[key] = below
    name = tree.get("object")  # in an event's `data` this is a hash
    if isinstance(name, str):
        for change in changes:
            if name in change.objects:
                walked = change.downgrade(walked)
    return walked


def _below(changes: tuple[VersionChange, ...], tree: object) -> object:
    if type(tree) is dict:
        return _walk(changes, tree)
    return [_below(changes, each) for each in tree] if type(tree) is list else tree
