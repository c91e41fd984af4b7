"""One request of the conversation, and how it refers to earlier answers."""

import re
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import field
from typing import Any
from typing import NamedTuple

from fakestripe_meters.core.late import dataclass

Json = Any
VERSION = "2026-10-28.endive"
"""The API version that the conversation is had in."""
PREVIEW = "2026-09-30.preview"
"""The version for what only accounts in a preview have."""
REFERENCE = re.compile(r"\$\{(\w+):([\w.]+?)([+-]\d+)?\}")
"""`${customer:id}` is the `id` in the answer to the step `customer`; `${run:hour+60}` is 60 more than `hour`."""


class Until(NamedTuple):
    """What must stand at a place of the answer before it counts: the request is repeated until then."""

    place: str
    value: str


@dataclass(frozen=True, slots=True)
class Step:
    """One request: `call` is its method and path."""

    name: str
    call: str
    params: Mapping[str, Json] = field(default_factory=dict)
    asks: str = ""
    """The open question that Stripe's answer settles."""
    until: Until | None = None
    version: str = VERSION
    preview: bool = False
    """Whether Stripe refuses the request to an account that is not in a preview."""
    vague: Sequence[str] = ()
    """Names in the answer whose values depend on what else is in the account."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """Steps that belong together. No step refers to another chapter, so that each can be run by itself."""

    name: str
    steps: Sequence[Step]


class NothingThereError(Exception):
    """A reference leads nowhere: the step that it names was refused, or was left out."""


def filled(tree: Json, answers: Mapping[str, Json]) -> Json:
    """Return a copy with all references replaced; raise `NothingThereError` with the name of a step that lacks."""
    if isinstance(tree, Mapping):
        return {name: filled(each, answers) for name, each in tree.items()}
    if isinstance(tree, list | tuple):
        return [filled(each, answers) for each in tree]
    return REFERENCE.sub(lambda match: _value(match, answers), tree) if isinstance(tree, str) else tree


def _value(match: re.Match[str], answers: Mapping[str, Json]) -> str:
    name, place, shift = match.groups()
    found = looked_up(answers.get(name), place)
    if found is None:
        raise NothingThereError(name)
    return str(int(found) + int(shift)) if shift else str(found)


def looked_up(tree: Json, place: str) -> Json:
    """Return what is at a place such as `data.0.id`; None if nothing is."""
    for step in place.split("."):
        if isinstance(tree, list) and step.isdecimal() and int(step) < len(tree):
            tree = tree[int(step)]
        elif isinstance(tree, dict) and step in tree:
            tree = tree[step]
        else:
            return None
    return tree
