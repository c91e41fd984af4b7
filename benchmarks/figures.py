"""What every benchmark shares: a figure and its bar, contenders that take turns, and the table."""

import argparse
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from enum import StrEnum
from functools import partial
from statistics import median
from time import perf_counter
from typing import Self

Work = Callable[[], object]


class Size(StrEnum):
    """How much is measured: `quick` only shows that everything works, `full` adds what takes long."""

    QUICK = "quick"
    USUAL = "usual"
    FULL = "full"

    def pick(self, usual: int, quick: int) -> int:
        """One of two numbers."""
        return quick if self is Size.QUICK else usual


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What is claimed: a value, what it is measured against, and the bar that it must keep to.

    The value is missing before the measurement, and where something could not be measured; `remark` tells why, or
    what the absolute figures were.
    """

    name: str
    against: str
    bar: float | None = None
    unit: str = "×"
    at_least: bool = False
    value: float | None = None
    remark: str = ""

    def measured(self, value: float, remark: str = "") -> Self:
        """The figure with its value."""
        return replace(self, value=value, remark=remark)

    def ratio(self, ours_us: float, theirs_us: float) -> Self:
        """The figure as a ratio of two durations in microseconds."""
        return self.measured(ours_us / theirs_us, f"{duration(ours_us)} : {duration(theirs_us)}")

    def missing(self, why: str) -> Self:
        """The figure where it cannot be had."""
        return replace(self, remark=why)

    @property
    def limit(self) -> str:
        """The bar as it is printed."""
        return "-" if self.bar is None else f"{'≥' if self.at_least else '≤'} {self.bar:,g} {self.unit}"

    @property
    def verdict(self) -> str:
        """Whether the bar is kept."""
        if self.bar is None or self.value is None:
            return "-"
        return "yes" if (self.value >= self.bar if self.at_least else self.value <= self.bar) else "**no**"

    @property
    def cells(self) -> tuple[str, ...]:
        """The figure as a row of the table."""
        value = "-" if self.value is None else f"{digits(self.value)} {self.unit}"
        return self.name, value, self.against, self.limit, self.verdict, self.remark

    @property
    def unjudged(self) -> tuple[str, ...]:
        """The row where what was measured is smaller than what its name says."""
        *before, _verdict, remark = self.cells
        return *before, "not judged", remark


def digits(value: float) -> str:
    """Three digits that count, or all before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def duration(microseconds: float) -> str:
    """A duration in the unit that suits it."""
    for unit, size in (("s", 1e6), ("ms", 1e3)):
        if microseconds >= size:
            return f"{digits(microseconds / size)} {unit}"
    return f"{digits(microseconds)} µs"


def compare_prepared(
    contenders: Mapping[str, Callable[[], Work]],
    *,
    rounds: int,
    times: int = 1,
    clock: Callable[[], float] = perf_counter,
) -> dict[str, float]:
    """Microseconds a call: the median of rounds in which each contender prepares its work and has its turn."""
    took: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, prepare in contenders.items():
            work = prepare()
            began = clock()
            for _ in range(times):
                work()
            took[name].append((clock() - began) / times * 1e6)
    return {name: median(each) for name, each in took.items()}


def compare(contenders: Mapping[str, Work], *, rounds: int, times: int = 1) -> dict[str, float]:
    """The same where nothing needs to be prepared."""

    def ready(work: Work) -> Work:
        return work

    return compare_prepared(
        {name: partial(ready, work) for name, work in contenders.items()}, rounds=rounds, times=times
    )


def show(measure: Callable[[Size], Iterable[Figure]]) -> None:
    """Measure as the command line says, and print a line for each figure as soon as it is known."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=Size, choices=list(Size), default=Size.USUAL)
    parser.add_argument("--markdown", action="store_true", help="print rows of the report's table")
    options = parser.parse_args()
    for figure in measure(options.size):
        cells = figure.cells if options.size is not Size.QUICK else figure.unjudged
        if options.markdown:
            print(f"| {' | '.join(cells)} |", flush=True)
        else:
            name, value, against, limit, verdict, remark = cells
            print(f"{name}: {value} ({remark}); against {against}; bar {limit}, kept: {verdict}", flush=True)
