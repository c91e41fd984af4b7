"""Exchanges that are over, as text: a reset drops thousands of them, and the garbage collector never walks them."""

import json
from collections import deque
from collections.abc import Sequence
from functools import cached_property
from itertools import chain
from itertools import repeat
from typing import Any
from typing import NamedTuple

OF_HEADERS = 2_048
"""What the headers of a request and of its answer are counted as."""
Told = Sequence[Any]
"""What is told of an exchange besides its answer: the values of its fields."""
Written = Any
"""JSON, or the tree itself: one with a Decimal, or with a header as bytes, is kept as it is."""


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
        # Most headers are the same in all requests: each text is written once, and else its place.
        texts: dict[Any, int] = {}
        rows = [
            (_places(each.sent, texts), _places(each.headers, texts), len(each.body)) if each else None for each in kept
        ]
        self._written = _written((list(texts), rows))
        self._bodies = b"".join([each.body for each in kept if each])

    def __getitem__(self, place: int) -> Kept | None:
        return self._read[place]

    @cached_property
    def _read(self) -> Sequence[Kept | None]:
        texts, rows = _tree(self._written)
        found: list[Kept | None] = []
        begin = 0
        for row in rows:
            if row is None:
                found.append(None)
                continue
            sent, headers, length = row
            found.append(Kept(_headers(sent, texts), _headers(headers, texts), self._bodies[begin : begin + length]))
            begin += length
        return found


class Packed:
    """A run of exchanges, oldest first. Their answers are apart, because they can be forgotten earlier."""

    __slots__ = ("_told", "answers", "count", "size")

    def __init__(self, told: Sequence[Told], kept: Sequence[Kept | None]) -> None:
        self.count = len(told)
        self.size = sum(each.size for each in kept if each)
        """How large the answers are."""
        self._told = _written(told)
        self.answers: Answers | None = Answers(kept)
        """The answer to each; None if they are forgotten."""

    @property
    def told(self) -> Sequence[Told]:
        """What is told of each exchange; a tuple in it may have become a list."""
        told: Sequence[Told] = _tree(self._told)
        return told


def _written(tree: Any) -> Written:  # noqa: ANN401  any tree
    try:
        return json.dumps(tree)
    except TypeError:
        return tree


def _tree(written: Written) -> Any:  # noqa: ANN401  likewise
    return json.loads(written) if isinstance(written, str) else written


def _places(headers: dict[str, str], texts: dict[Any, int]) -> list[int]:
    """Return the places of the names, taken together, and of each value; add those that are new."""
    place = texts.setdefault
    return [place(tuple(headers), len(texts)), *[place(value, len(texts)) for value in headers.values()]]


def _headers(places: Sequence[int], texts: Sequence[Any]) -> dict[str, str]:
    names, *values = [texts[place] for place in places]
    return dict(zip(names, values, strict=True))


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
