"""Where two neutral answers differ."""

import re
from collections.abc import Collection
from collections.abc import Iterator
from typing import Any

from fakestripe_meters.core.late import dataclass

Json = Any
TIME = re.compile(r"start([+-]\d+)")
CLOSE_S = 300
"""Two times that lie closer together are the same: the two sides are not asked in the same second."""
KINDS = {type(None): "null", bool: "boolean", int: "number", float: "number", str: "string", list: "array"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One: `kind` is status, header, missing, extra, order, null, type, length or value."""

    kind: str
    place: str
    stripe: Json
    fake: Json


def between(theirs: Json, ours: Json, vague: Collection[str] = (), place: str = "") -> Iterator[Difference]:
    """Yield the differences of two trees. Values of the names in `vague` are not compared, only their types."""
    kinds = KINDS.get(type(theirs), "hash"), KINDS.get(type(ours), "hash")
    if kinds[0] != kinds[1]:
        yield Difference("null" if "null" in kinds else "type", place, theirs, ours)
    elif isinstance(theirs, dict):
        yield from _of_hashes(theirs, ours, vague, place)
    elif isinstance(theirs, list):
        if len(theirs) != len(ours):
            yield Difference("length", place, len(theirs), len(ours))
        for position, (one, other) in enumerate(zip(theirs, ours, strict=False)):
            yield from between(one, other, vague, f"{place}.{position}")
    elif theirs != ours and place.rpartition(".")[2] not in vague and not _close(theirs, ours):
        yield Difference("value", place, theirs, ours)


def _of_hashes(theirs: Json, ours: Json, vague: Collection[str], place: str) -> Iterator[Difference]:
    within = f"{place}." if place else ""
    yield from (Difference("missing", f"{within}{name}", theirs[name], None) for name in theirs if name not in ours)
    yield from (Difference("extra", f"{within}{name}", None, ours[name]) for name in ours if name not in theirs)
    both = [name for name in theirs if name in ours]
    order = [name for name in ours if name in theirs]
    if both != order:
        yield Difference("order", place, both, order)
    for name in both:
        yield from between(theirs[name], ours[name], vague, f"{within}{name}")


def _close(theirs: Json, ours: Json) -> bool:
    if not isinstance(theirs, str):
        return False
    times = TIME.fullmatch(theirs), TIME.fullmatch(ours)
    return all(times) and abs(int(times[0][1]) - int(times[1][1])) < CLOSE_S  # type: ignore[index]  # all of them are there
