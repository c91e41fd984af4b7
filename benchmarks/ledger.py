"""How the usage ledger compares with DuckDB over the same million events.

Run `python benchmarks/ledger.py` with the `bench` extra installed, on Linux. Contenders take turns and every
figure is a median: read the ratios; the milliseconds only give the order of magnitude.
"""

import random
import resource
from collections.abc import Callable
from collections.abc import Iterator
from itertools import product
from statistics import median
from time import perf_counter_ns
from typing import NamedTuple
from zoneinfo import ZoneInfo

import duckdb

from fakestripe_meters.core.usage import UsageEvent
from fakestripe_meters.core.usage import UsageLedger
from fakestripe_meters.core.usage import among
from fakestripe_meters.core.windows import Window
from fakestripe_meters.core.windows import edges

START, END = 1_735_689_600, 1_738_368_000  # January 2025, UTC
METERS = ("input_tokens", "output_tokens")
MODELS = ("opus", "sonnet", "haiku", "nano")
TIERS = ("free", "pro", "team")
REGIONS = ("eu", "us", "ap")
SERIES = tuple(product(METERS, product(MODELS, TIERS, REGIONS)))
CUSTOMER = "cus_NciAYcXfLnqBoz"
MANY, FEW, ROUNDS = 1_000_000, 10_000, 21

Row = tuple[str, int, str, str, int]  # meter, which bucket, model, tier, sum
Index = dict[str, UsageEvent]


class Usage(NamedTuple):
    """One event, as both contenders are given it."""

    meter: str
    timestamp: int
    value: int
    dimensions: tuple[str, ...]


class Question(NamedTuple):
    """Sums per window of a zone, by model and tier, in one region."""

    window: Window
    zone: str

    def edges(self) -> list[int]:
        """Return the edges of the buckets."""
        return edges(START, END, self.window, ZoneInfo(self.zone))

    def sql(self) -> str:
        """Return the question as DuckDB is asked it."""
        return f"""
            select meter, date_trunc('{self.window}', timezone('{self.zone}', to_timestamp(at))) as bucket,
                model, tier, sum(value)::bigint
            from usage where region = 'eu' group by all order by meter, bucket, model, tier
        """


class Figure(NamedTuple):
    """One line of the table: a figure, what it is measured against, and the bar it must stay under."""

    what: str
    ours: float
    theirs: float
    bar: float
    unit: str = "ms"

    def __str__(self) -> str:
        ratio = self.ours / self.theirs
        verdict = "kept" if ratio <= self.bar else "MISSED"
        absolute = f"{self.ours:.2f} : {self.theirs:.2f} {self.unit}"
        return f"{self.what:<58}{absolute:>24}{ratio:>9.3f}{self.bar:>7g}  {verdict}"


DAILY = Question("day", "America/New_York")
HOURLY = Question("hour", "Asia/Kolkata")


class Ledger:
    """The ledgers of both meters, and the index from identifier to event that their owner keeps."""

    def __init__(self, usages: Iterator[Usage]) -> None:
        self.meters = {meter: UsageLedger("sum") for meter in METERS}
        self.index: Index = {}
        for usage in usages:
            self.record(usage)

    def record(self, usage: Usage) -> UsageEvent:
        """Record one event as it arrives."""
        number = len(self.index)
        event = UsageEvent(
            identifier=f"{random.getrandbits(128):036x}",
            customer=CUSTOMER,
            timestamp=usage.timestamp,
            received_ns=END * 10**9 + number,
            number=number,
            value=usage.value,
            dimensions=usage.dimensions,
        )
        self.index[event.identifier] = event
        self.meters[usage.meter].record(event)
        return event

    def ask(self, question: Question) -> list[Row]:
        """Ask each meter's ledger."""
        bounds = question.edges()
        bucket = {start: number for number, start in enumerate(bounds)}
        return [
            (meter, bucket[row.starts_at], str(row.group[0]), str(row.group[1]), int(row.value))
            for meter, ledger in self.meters.items()
            for row in ledger.query(CUSTOMER, bounds, where=among({2: {"eu"}}), group_by=(0, 1))
        ]

    def query(self, question: Question) -> None:
        """Do what is timed: the edges of the buckets and the rows."""
        bounds = question.edges()
        for ledger in self.meters.values():
            ledger.query(CUSTOMER, bounds, where=among({2: {"eu"}}), group_by=(0, 1))


class Duck:
    """A DuckDB table of the same events."""

    def __init__(self, usages: Iterator[Usage]) -> None:
        meters, timestamps, values, dimensions = zip(*usages, strict=True)
        self.connection = duckdb.connect()
        self.connection.execute(
            """
            create table usage as select unnest(?::varchar[]) as meter, unnest(?::bigint[]) as at,
                unnest(?::bigint[]) as value, unnest(?::varchar[]) as model,
                unnest(?::varchar[]) as tier, unnest(?::varchar[]) as region
            """,
            [meters, timestamps, values, *zip(*dimensions, strict=True)],
        )

    def ask(self, question: Question) -> list[Row]:
        """Ask, and number the buckets as they come."""
        rows = self.query(question)
        buckets = {start: number for number, start in enumerate(sorted({row[1] for row in rows}))}
        return [(meter, buckets[start], model, tier, value) for meter, start, model, tier, value in rows]

    def query(self, question: Question) -> list[tuple[str, object, str, str, int]]:
        """Do what is timed."""
        return self.connection.execute(question.sql()).fetchall()


def month_of_usage(events: int) -> Iterator[Usage]:
    """Yield a month's events in order of time."""
    chance = random.Random(events)
    for number in range(events):
        meter, dimensions = chance.choice(SERIES)
        yield Usage(meter, START + number * (END - START) // events, chance.randrange(5000), dimensions)
