"""How the usage ledger compares with DuckDB over the same million events.

Run `python benchmarks/ledger.py` with the `bench` extra installed, on Linux. Contenders take turns and every
figure is a median: read the ratios; the milliseconds only give the order of magnitude.
"""

import random
import resource
from collections.abc import Callable
from collections.abc import Iterator
from datetime import datetime
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
            select meter, model, tier, sum(value)::bigint,
                date_trunc('{self.window}', timezone('{self.zone}', to_timestamp(moment))) as bucket
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
        return f"{self.what:<50}{absolute:>24}{ratio:>9.3f}{self.bar:>7g}  {verdict}"


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
            received_ns=usage.timestamp * 10**9 + random.randrange(2**31),
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
            create table usage as select unnest(?::varchar[]) as meter, unnest(?::bigint[]) as moment,
                unnest(?::bigint[]) as value, unnest(?::varchar[]) as model,
                unnest(?::varchar[]) as tier, unnest(?::varchar[]) as region
            """,
            [meters, timestamps, values, *zip(*dimensions, strict=True)],
        )

    def ask(self, question: Question) -> list[Row]:
        """Ask, and number the buckets as they come."""
        rows = self.query(question)
        buckets = {start: number for number, start in enumerate(sorted({start for *_, start in rows}))}
        return [(meter, buckets[start], model, tier, value) for meter, model, tier, value, start in rows]

    def query(self, question: Question) -> list[tuple[str, str, str, int, datetime]]:
        """Do what is timed."""
        rows: list[tuple[str, str, str, int, datetime]] = self.connection.execute(question.sql()).fetchall()
        return rows


def month_of_usage(events: int) -> Iterator[Usage]:
    """Yield a month's events in order of time."""
    chance = random.Random(events)
    for number in range(events):
        meter, dimensions = chance.choice(SERIES)
        yield Usage(meter, START + number * (END - START) // events, chance.randrange(5000), dimensions)


class Lateness:
    """Late events in the first `series` series: `come` records them, `go` cancels them again."""

    def __init__(self, ledger: Ledger, series: int) -> None:
        self.ledger = ledger
        self.series = SERIES[:series]
        self.events: list[UsageEvent] = []

    def come(self) -> None:
        """Record an event anywhere in the month."""
        self.events = [
            self.ledger.record(Usage(meter, random.randrange(START, END), 1, dimensions))
            for meter, dimensions in self.series
        ]

    def go(self) -> None:
        """Cancel what came, so that all sums are the old ones again."""
        for (meter, _), event in zip(self.series, self.events, strict=True):
            self.ledger.meters[meter].cancel(event)


def after(preparation: Callable[[], None], ledger: Ledger) -> Callable[[], None]:
    """Make a contender of a preparation and the daily query that follows it."""

    def both() -> None:
        preparation()
        ledger.query(DAILY)

    return both


def medians_ms(contenders: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Let the contenders take turns, and return each one's median."""
    times: dict[str, list[int]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, contender in contenders.items():
            began = perf_counter_ns()
            contender()
            times[name].append(perf_counter_ns() - began)
    return {name: median(taken) / 1e6 for name, taken in times.items()}


def resident_bytes() -> int:
    """Return the most memory this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def filled() -> tuple[Ledger, Figure]:
    """Fill the ledger, let it sum up everything, and weigh it."""
    before = resident_bytes()
    ledger = Ledger(month_of_usage(MANY))
    ledger.query(DAILY)
    ledger.query(HOURLY)
    weight = (resident_bytes() - before) / MANY
    return ledger, Figure("memory an event, of 400 bytes", weight, 400, 1, "B")


def check_equal(ledger: Ledger, duck: Duck) -> None:
    """Stop unless both give the same sums."""
    for question in (DAILY, HOURLY):
        assert sorted(ledger.ask(question)) == sorted(duck.ask(question)), question


def measured(ledger: Ledger, few: Ledger, duck: Duck) -> Iterator[Figure]:
    """Yield every comparison of speed."""
    one, every = Lateness(ledger, 1), Lateness(ledger, len(SERIES))
    ms = medians_ms(
        {
            "duck daily": lambda: duck.query(DAILY),
            "duck hourly": lambda: duck.query(HOURLY),
            "daily": lambda: ledger.query(DAILY),  # here with caches that DuckDB left cold
            "hourly": lambda: ledger.query(HOURLY),
            "few": lambda: few.query(DAILY),
            "again": lambda: ledger.query(DAILY),
            "late": after(one.come, ledger),
            "cancelled": after(one.go, ledger),
            "all late": after(every.come, ledger),
            "all cancelled": after(every.go, ledger),
        }
    )
    yield Figure("per day in New York : DuckDB", ms["daily"], ms["duck daily"], 0.1)
    yield Figure("  after a late event in every series : DuckDB", ms["all late"], ms["duck daily"], 0.5)
    yield Figure("  after a cancellation in every series : DuckDB", ms["all cancelled"], ms["duck daily"], 0.5)
    yield Figure("  : the same over 10,000 events", ms["daily"], ms["few"], 6)
    yield Figure("  with a late event in one series : without", ms["late"], ms["again"], 2)
    yield Figure("  with a cancellation in one series : without", ms["cancelled"], ms["again"], 2)
    yield Figure("per hour in Kolkata : DuckDB", ms["hourly"], ms["duck hourly"], 1)


def main() -> None:
    """Print the table."""
    ledger, memory = filled()
    duck = Duck(month_of_usage(MANY))
    check_equal(ledger, duck)
    print(f"{'1,000,000 events, ours : theirs':<50}{'':>24}{'ratio':>9}{'bar':>7}")
    for figure in (*measured(ledger, Ledger(month_of_usage(FEW)), duck), memory):
        print(figure)
    check_equal(ledger, duck)
    print("The ledger and DuckDB gave the same sums, before and after.")


if __name__ == "__main__":
    main()
