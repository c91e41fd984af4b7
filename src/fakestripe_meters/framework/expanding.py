"""`expand`: an id in a response is replaced by the object that it names."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.wire.tree import Json

DEEPEST = 4
TOTAL = "total_count"
"""The path that includes in a search how many objects match."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """How one field expands: to which object, and how to load it from the id that the field holds.

    An `included` field is absent unless it is expanded; it is loaded from its owner's id. A field that always holds its
    object in full has no `load`; a path may lead through it.
    """

    to: str
    load: Callable[[Account, str], Json] | None
    included: bool = False


Expansions = Mapping[str, Mapping[str, Expansion]]
"""Object name → field → its expansion. A field can be nested: `usage_threshold.meter`."""


def check(expansions: Expansions, name: str, paths: tuple[str, ...], *, in_list: bool, in_search: bool = False) -> None:
    """Raise StripeError 400 unless a response with `name` objects can expand `paths`."""
    for path in paths:
        if in_list and path == TOTAL:
            if in_search:
                continue
            raise errors.params.cannot_include(path)
        if in_list and not path.startswith("data."):
            raise errors.params.cannot_expand(path, in_list=True)
        steps = path.removeprefix("data.") if in_list else path
        if steps.count(".") >= DEEPEST:
            raise errors.params.expand_too_deep(path, DEEPEST)
        if not all(steps.split(".")):
            raise errors.params.cannot_expand(path, in_list=False)
        here = name
        while steps:
            field = _field(expansions, here, steps)
            if field is None:
                raise errors.params.cannot_expand(path, in_list=False)
            here = expansions[here][field].to
            steps = steps[len(field) + 1 :]


def expand(account: Account, expansions: Expansions, tree: dict[str, Any], paths: tuple[str, ...]) -> None:
    """Replace the ids at `paths` in `tree` by their objects. The paths are checked; a deleted object stays as it is."""
    if tree.get("deleted") is True:
        return
    for path in dict.fromkeys(paths):
        in_list = tree.get("object") in ("list", "search_result")
        for each in tree["data"] if in_list else [tree]:
            _expand(account, expansions, each, path.removeprefix("data.") if in_list else path)


def _expand(account: Account, expansions: Expansions, tree: dict[str, Any], steps: str) -> None:
    field = _field(expansions, tree["object"], steps)
    if field is None:
        return
    expansion = expansions[tree["object"]][field]
    *parents, last = field.split(".")
    for holder in _holders(tree, parents):
        known = tree["id"] if expansion.included else holder.get(last)
        if isinstance(known, str) and expansion.load is not None:
            holder[last] = expansion.load(account, known)
        rest = steps[len(field) + 1 :]
        if rest and isinstance(holder.get(last), dict):
            _expand(account, expansions, holder[last], rest)


def _field(expansions: Expansions, name: str, steps: str) -> str | None:
    """Return the field of `name` objects that a path begins with; None if there is none."""
    fields = expansions.get(name, {})
    return next((field for field in fields if f"{steps}.".startswith(f"{field}.")), None)


def _holders(tree: Any, parents: list[str]) -> Iterator[dict[str, Any]]:  # noqa: ANN401  any JSON tree
    """Yield the hashes at a path below `tree`, all of them if it leads through arrays."""
    if isinstance(tree, list):
        for each in tree:
            yield from _holders(each, parents)
    elif isinstance(tree, dict):
        if parents:
            yield from _holders(tree.get(parents[0]), parents[1:])
        else:
            yield tree
