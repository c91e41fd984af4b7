"""Exchanges that are over, as bytes: a reset drops thousands of them, and the garbage collector never walks them."""

from collections import deque
from collections.abc import Sequence
from functools import cached_property
from itertools import chain
from itertools import repeat
from typing import Any
from typing import NamedTuple

from fakestripe_meters.core.packed import pack
from fakestripe_meters.core.packed import unpack

OF_HEADERS = 2_048
"""What the headers of a request and of its answer are counted as."""
BETWEEN = "\n"
"""What stands between the values of headers. It is rare within one: only a client in this process can send it."""
Told = Sequence[Any]
"""What is told of an exchange besides its answer: the values of its fields."""


class Kept(NamedTuple):
    """The headers of a request, and its answer."""

    sent: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def size(self) -> int:
        """How large it is, about, in bytes."""
        return OF_HEADERS + len(self.body)


class Answers:
    """The answers of a run; the headers are read when the first of them is looked at."""

    def __init__(self, kept: Sequence[Kept | None]) -> None:
        # Most requests have the same headers: their names are written once, and else their place.
        names: dict[tuple[str, ...], int] = {}
        rows = [
            (_joined(each.sent, names), _joined(each.headers, names), len(each.body)) if each else None for each in kept
        ]
        self._packed = pack((list(names), rows))
        self._bodies = b"".join([each.body for each in kept if each])

    def __getitem__(self, place: int) -> Kept | None:
        return self._read[place]

    @cached_property
    def _read(self) -> Sequence[Kept | None]:
        names, rows = unpack(self._packed)
        found: list[Kept | None] = []
        begin = 0
        for row in rows:
            if row is None:
                found.append(None)
                continue
            sent, headers, length = row
            found.append(Kept(_headers(sent, names), _headers(headers, names), self._bodies[begin : begin + length]))
            begin += length
        return found


class Packed:
    """A run of exchanges, oldest first. Their answers are apart, because they can be forgotten earlier."""

    __slots__ = ("_told", "answers", "count", "size")

    def __init__(self, told: Sequence[Told], kept: Sequence[Kept | None]) -> None:
        self.count = len(told)
        self.size = sum(each.size for each in kept if each)
        """How large the answers are."""
        self._told = pack(told)
        self.answers: Answers | None = Answers(kept)
        """The answer to each; None if they are forgotten."""

    @property
    def told(self) -> Sequence[Told]:
        """What is told of each exchange."""
        told: Sequence[Told] = unpack(self._told)
        return told


def _joined(headers: dict[str, str], names: dict[tuple[str, ...], int]) -> tuple[int, str | list[Any]]:
    """Return the place of the names, which are added if they are new, and the values, in one text if possible."""
    place = names.setdefault(tuple(headers), len(names))
    try:
        text = BETWEEN.join(headers.values())
    except TypeError:  # there is one as bytes
        return place, list(headers.values())
    return place, text if text.count(BETWEEN) == len(headers) - 1 else list(headers.values())


def _headers(joined: Sequence[Any], names: Sequence[Sequence[str]]) -> dict[str, str]:
    place, values = joined
    return dict(zip(names[place], values.split(BETWEEN) if isinstance(values, str) else values, strict=True))


class Runs:
    """Runs of exchanges, oldest first."""

    def __init__(self) -> None:
        self._all: deque[Packed] = deque()
        self._with_answers: deque[Packed] = deque()
        self._dropped = 0
        """How many exchanges of the first run are not there any more."""
        self.count = 0
        """How many exchanges there are."""
        self.size = 0
        """How large the answers are that are kept."""

    def add(self, run: Packed) -> None:
        """Add a run, which is the newest."""
        self._all.append(run)
        self._with_answers.append(run)
        self.count += run.count
        self.size += run.size

    def drop_oldest(self) -> None:
        """Drop one exchange."""
        self.count -= 1
        self._dropped += 1
        if self._dropped == self._all[0].count:
            self._dropped, gone = 0, self._all.popleft()
            if gone.answers is not None:
                self._with_answers.popleft()
                self.size -= gone.size

    def forget_answers(self, most: int) -> None:
        """Forget the oldest answers, run by run, as long as at least `most` bytes of them remain."""
        while self._with_answers and self.size - self._with_answers[0].size >= most:
            oldest = self._with_answers.popleft()
            oldest.answers = None
            self.size -= oldest.size

    def seen(self) -> list[tuple[Packed, Answers | None, int]]:
        """Return the runs with their answers as they are now, and the place of the first exchange of each."""
        firsts = chain([self._dropped], repeat(0))
        return [(each, each.answers, first) for each, first in zip(self._all, firsts, strict=False)]
