"""What restricted keys may do: Stripe's permissions, and which of them an operation needs.

`tests/conformance/permissions.py` writes `permissions.json`, and says where each entry comes from.

Documented in: https://docs.stripe.com/stripe-apps/reference/permissions,
https://docs.stripe.com/keys/permissions-reference.
Observed in: Infisical/infisical, PostHog/posthog.
"""

import json
import re
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import TypedDict
from typing import cast

from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import either
from fakestripe_meters.core.errors import quoted
from fakestripe_meters.core.packaged import text_of
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed

READ, WRITE = "read", "write"
VARIABLE = re.compile(r"<(?:path:)?\w+>")
LONGEST = 200
PARAM = "permissions"

# inferred: no list of Stripe's says what a metered integration needs. It has meters and sends usage, reads the sums,
# has customers, prices and subscriptions, previews and reads invoices, and fetches the events of its webhooks.
METERING = {
    "billing_analytics_meter_usage": READ,
    "billing_meter": WRITE,
    "customer": WRITE,
    "event": READ,
    "invoice": READ,
    "plan": WRITE,
    "product": WRITE,
    "subscription": WRITE,
}
SETS = ("metering", "all")
"""The names of the ready sets."""


class Table(TypedDict):
    """The file."""

    operations: dict[str, str]
    """A method and a path, with `{}` for what varies → permissions, of which one is enough."""
    inferred: dict[str, list[str]]
    """A reason → the operations whose permissions are inferred for it."""
    guessed: list[str]
    """The permissions that no source names, without their endings."""
    permissions: dict[str, list[str]]
    """A name without its ending → what it is called in the Dashboard, and its endings."""
    implies: dict[str, str]
    """A name without its ending → the permissions that it includes."""
    objects: dict[str, str]
    """The name of an object → its permission, without the ending."""


@documented(
    "the names; what the operations of the listed objects need; what a permission includes: "
    "https://docs.stripe.com/stripe-apps/reference/permissions"
)
@observed("the permissions of meters, their events and their analytics, and that one of several is enough")
@inferred(
    "the permissions of operations that no source lists: credit grants and alerts have ones that are called after "
    "them, meter event sessions need that of meters, and what belongs to an object needs that of the object; and what "
    "the Dashboard calls those that no error quotes"
)
@cache
def table() -> Table:
    """Return what the file has. Cached, because it is a file."""
    return cast("Table", json.loads(text_of(__package__, "permissions.json")))


@cache
def needed(route: str) -> frozenset[str]:
    """Return the permissions of which an operation needs one; none if it needs none. A route is as in `Endpoint`."""
    return frozenset(in_order(route))


@cache
def in_order(route: str) -> tuple[str, ...]:
    """Return the same, the one first that Stripe names."""
    return tuple(table()["operations"].get(VARIABLE.sub("{}", route), "").split())


def to_read(name: str) -> str:
    """Return the permission that the expansion of an object needs; empty if none is known."""
    stem = table()["objects"].get(name)
    return f"{stem}_{READ}" if stem else ""


def published(permission: str) -> bool:
    """Return whether a source names a permission."""
    return permission.rpartition("_")[0] not in table()["guessed"]


def in_error(message: str) -> dict[str, str]:
    """Return the permissions that Stripe's 403 names, by name; none for any other message."""
    if not message.startswith("Permission denied. The provided key '"):
        return {}
    named = re.findall(r"\('(\w+)_(read|write)'\)", message)
    return dict(sorted(named))


def called(permission: str) -> str:
    """Return what the Dashboard calls a permission: `Prices Read` for `plan_read`."""
    stem, _, word = permission.rpartition("_")
    return f"{table()['permissions'][stem][0]} {word.capitalize()}"


@documented("write includes read, and what else is included: https://docs.stripe.com/stripe-apps/reference/permissions")
def granted(permissions: Mapping[str, str]) -> frozenset[str]:
    """Return all permissions that a key has, with their endings."""
    return frozenset(_granted(permissions))


def _granted(permissions: Mapping[str, str]) -> Iterator[str]:
    for stem, word in permissions.items():
        yield f"{stem}_{word}"
        if word == WRITE:
            yield f"{stem}_{READ}"
        yield from table()["implies"].get(stem, "").split()


def fewest(needs: Iterable[tuple[str, ...]]) -> dict[str, str]:
    """Return permissions that satisfy all needs, each of which names some of which one is enough."""
    wanted: dict[str, str] = {}
    for names in sorted(needs, key=lambda each: (len(each), each)):
        if names and granted(wanted).isdisjoint(names):
            stem, _, word = names[0].rpartition("_")
            wanted[stem] = word
    return {stem: word for stem, word in sorted(wanted.items()) if _adds(stem, wanted)}


def _adds(stem: str, wanted: Mapping[str, str]) -> bool:
    """Whether a permission is not included in the others: it may have been added before them."""
    others = granted({name: word for name, word in wanted.items() if name != stem})
    return f"{stem}_{wanted[stem]}" not in others


def checked(wish: object, where: str = PARAM) -> dict[str, str]:
    """Return permissions by name, from a dict of them or the name of a ready set. Raise `Misuse` for anything else."""
    if isinstance(wish, str):
        if wish not in SETS:
            message = f"unknown set of permissions {quoted(wish)}: {_instead_of(wish)}"
            raise Misuse(message, param=where)
        return dict(ready(wish))
    if not isinstance(wish, Mapping):
        expected = f'permissions by name, such as {{"billing_meter": "write"}}, or {_sets()}'
        raise Misuse(f"{where} must be {expected}, not {quoted(wish)}", param=where)
    return dict(sorted(_one(name, word, where) for name, word in wish.items()))


def ready(name: str) -> Mapping[str, str]:
    """Return the permissions of a ready set."""
    every = {stem: words[-1] for stem, (_, *words) in table()["permissions"].items()}
    return METERING if name == "metering" else every


def _one(name: object, word: object, where: str) -> tuple[str, str]:
    names = table()["permissions"]
    if not isinstance(name, str) or name not in names:
        raise Misuse(f"unknown permission {quoted(name)}: {_meant(name)}", param=where)
    words = names[name][1:]
    if not isinstance(word, str) or word not in words:
        expected = either(map(repr, words))
        raise Misuse(f"{where}: {name} must be {expected}, not {quoted(word)}", param=where)
    return name, word


def _sets() -> str:
    return f"the name of a set, {either(map(repr, SETS))}"


def _instead_of(wish: str) -> str:
    """Return what a string could mean: a set, or one permission, as an older guide or an error spells it."""
    near = get_close_matches(wish[:LONGEST].lower(), SETS, n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    name, _, word = wish[:LONGEST].partition(":")
    found = _nearest(name) if name != "billing" else "billing_meter"
    if word in (READ, WRITE) and found:
        return f'Stripe has no such scope: use {{"{found}": "{word}"}}, or {_sets()}'
    return f'use {_sets()}, or permissions by name, such as {{"billing_meter": "write"}}'


def _meant(name: object) -> str:
    found = _nearest(name[:LONGEST]) if isinstance(name, str) else ""
    return f"did you mean {found!r}?" if found else "its name is Stripe's without the ending, such as 'billing_meter'"


def _nearest(name: str) -> str:
    """Return the permission that a name could mean: one with its ending, the name of an object, or a typing error."""
    names, objects = table()["permissions"], table()["objects"]
    plain = re.sub(r"[\s.-]+", "_", name.strip().lower()).removeprefix("rak_")
    for ending in (READ, WRITE):
        plain = plain.removesuffix(f"_{ending}")
    by_object = {each.rpartition(".")[2]: stem for each, stem in objects.items()}
    by_object |= {each.replace(".", "_"): stem for each, stem in objects.items()}
    for word in (plain, plain.removesuffix("s")):
        if word in names:
            return word
        if word in by_object:
            return by_object[word]
    near = get_close_matches(plain, [*names, *by_object], n=1, cutoff=0.6)
    return by_object.get(near[0], near[0]) if near else ""
