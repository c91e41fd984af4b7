"""How the usage ledger compares with DuckDB over the same events.

    python -m benchmarks.ledger

It needs the `bench` extra and Linux. Before and after it is measured, the ledger must give the same sums as DuckDB.
"""

import json
import random
import resource
from collections.abc import Iterable
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from itertools import count
from itertools import islice
from itertools import product
from typing import NamedTuple
from typing import TypeVar
from zoneinfo import ZoneInfo

import duckdb

from benchmarks import bars
from benchmarks.business import Business
from benchmarks.business import Usage
from benchmarks.business import form
from benchmarks.figures import Figure
from benchmarks.figures import Size
from benchmarks.figures import Work
from benchmarks.figures import compare
from benchmarks.figures import show
from fakestripe_meters.core.usage import Row as Found
from fakestripe_meters.core.usage import UsageEvent
from fakestripe_meters.core.usage import UsageLedger
from fakestripe_meters.core.usage import among
from fakestripe_meters.core.windows import Window
from fakestripe_meters.core.windows import edges

START, END = 1_735_689_600, 1_738_368_000  # January 2025, UTC
METERS = ("input_tokens", "output_tokens")
KEYS = ("model", "tier", "region")
MODELS = ("opus", "sonnet", "haiku", "nano")
TIERS = ("free", "pro", "team")
REGIONS = ("eu", "us", "ap")
SERIES = tuple(product(METERS, product(MODELS, TIERS, REGIONS)))
CUSTOMER = "cus_NciAYcXfLnqBoz"
BATCH = 100_000

Row = tuple[str, int, str, str, int]  # meter, which bucket, model, tier, sum
Start = TypeVar("Start", int, datetime)


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

    def query(self, customer: str, meters: list[str]) -> str:
        """Return the question as Stripe is asked it."""
        asked = {"dimension_group_by_keys": ["model", "tier"], "dimension_filters": {"region": "eu"}}
        return form(
            {
                "customer": customer,
                "starts_at": START,
                "ends_at": END,
                "timezone": self.zone,
                "value_grouping_window": self.window,
                "meters": [{"meter": meter, **asked} for meter in meters],
            }
        )


DAILY = Question("day", "America/New_York")
HOURLY = Question("hour", "Asia/Kolkata")


class Ledger:
    """The ledgers of both meters, with the index from identifier to event."""

    def __init__(self, usages: Iterator[Usage]) -> None:
        self.numbers = count()
        self.meters = {meter: UsageLedger("sum") for meter in METERS}
        for usage in usages:
            self.record(usage)

    def record(self, usage: Usage) -> UsageEvent:
        """Record one event as it arrives."""
        event = UsageEvent(
            identifier=f"{random.getrandbits(128):036x}",
            customer=CUSTOMER,
            timestamp=usage.timestamp,
            received_ns=usage.timestamp * 10**9 + random.randrange(2**31),
            number=next(self.numbers),
            value=usage.value,
            dimensions=usage.dimensions,
        )
        self.meters[usage.meter].record(event)
        return event

    def ask(self, question: Question) -> list[Row]:
        """Ask each meter's ledger."""
        rows = [(meter, row) for meter, found in self.query(question).items() for row in found]
        buckets = numbered(row.starts_at for _, row in rows)
        return [
            (meter, buckets[row.starts_at], str(row.group[0]), str(row.group[1]), int(row.value)) for meter, row in rows
        ]

    def query(self, question: Question) -> dict[str, list[Found]]:
        """Do what is timed: the edges of the buckets and each meter's rows."""
        bounds = question.edges()
        return {
            meter: ledger.query(CUSTOMER, bounds, where=among({2: {"eu"}}), group_by=(0, 1))
            for meter, ledger in self.meters.items()
        }


class Duck:
    """A DuckDB table of the same events."""

    def __init__(self, usages: Iterator[Usage]) -> None:
        self.connection = duckdb.connect()
        self.connection.execute(
            """
            create table usage
                (meter varchar, moment bigint, value bigint, model varchar, tier varchar, region varchar)
            """
        )
        while batch := list(islice(usages, BATCH)):
            meters, timestamps, values, dimensions = zip(*batch, strict=True)
            self.connection.execute(
                f"insert into usage select {', '.join(['unnest(?)'] * 6)}",
                [list(column) for column in (meters, timestamps, values, *zip(*dimensions, strict=True))],
            )

    def ask(self, question: Question) -> list[Row]:
        """Ask, and number the buckets as they come."""
        rows = self.query(question)
        buckets = numbered(start for *_, start in rows)
        return [(meter, buckets[start], model, tier, value) for meter, model, tier, value, start in rows]

    def query(self, question: Question) -> list[tuple[str, str, str, int, datetime]]:
        """Do what is timed."""
        rows: list[tuple[str, str, str, int, datetime]] = self.connection.execute(question.sql()).fetchall()
        return rows


class Engine:
    """The same events in a whole world, asked as Stripe is."""

    def __init__(self, usages: Iterator[Usage]) -> None:
        self.business = Business()
        ids = {name: self.meter(name) for name in METERS}
        self.business.use(usage._replace(meter=ids[usage.meter]) for usage in usages)
        self.daily = DAILY.query(self.business.customer, list(ids.values()))

    def meter(self, name: str) -> str:
        """A meter with all dimensions."""
        meter = {
            "display_name": name,
            "event_name": name,
            "default_aggregation": {"formula": "sum"},
            "dimension_payload_keys": list(KEYS),
        }
        made: str = self.business.post("/v1/billing/meters", meter)["id"]
        return made

    def answer(self) -> bytes:
        """Do what is timed: the whole answer to the daily question."""
        return self.business.ask("GET", "/v1/billing/analytics/meter_usage", query=self.daily)


def numbered(starts: Iterable[Start]) -> dict[Start, int]:
    """Number the buckets that have rows."""
    return {start: number for number, start in enumerate(sorted(set(starts)))}


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
        """Record an event anywhere in the month, then ask."""
        self.events = [
            self.ledger.record(Usage(meter, random.randrange(START, END), 1, dimensions))
            for meter, dimensions in self.series
        ]
        self.ledger.query(DAILY)

    def go(self) -> None:
        """Cancel what came, so that all sums are the old ones again, then ask."""
        for (meter, _), event in zip(self.series, self.events, strict=True):
            self.ledger.meters[meter].cancel(event)
        self.ledger.query(DAILY)


def resident_bytes() -> int:
    """Return the most memory this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def filled(events: int) -> tuple[Ledger, Figure]:
    """Fill the ledger, let it sum up everything, and weigh it: before anything else takes memory."""
    before = resident_bytes()
    ledger = Ledger(month_of_usage(events))
    ledger.query(DAILY)
    ledger.query(HOURLY)
    return ledger, bars.MEMORY.measured((resident_bytes() - before) / events)


def check_equal(ledger: Ledger, duck: Duck) -> None:
    """Stop unless both give the same sums."""
    for question in (DAILY, HOURLY):
        assert sorted(ledger.ask(question)) == sorted(duck.ask(question)), question


def check_answer(engine: Engine, duck: Duck) -> None:
    """Stop unless the answer through the engine adds up to what DuckDB says."""
    rows = json.loads(engine.answer())["rows"]["data"]
    assert sum(int(row["value"]) for row in rows) == sum(value for *_, value in duck.ask(DAILY))


def measure(size: Size) -> Iterator[Figure]:
    """Yield every figure."""
    events = size.pick(1_000_000, 20_000)
    ledger, memory = filled(events)
    yield memory
    yield from by_size(size)
    yield from by_question(ledger, events, size.pick(21, 2))


def by_size(size: Size) -> Iterator[Figure]:
    """Yield the clean daily query over less usage, and over more."""
    for figure, events in ((bars.DAILY_10K, 10_000), (bars.DAILY_100K, size.pick(100_000, 10_000))):
        yield daily(figure, events, size.pick(21, 2))


def daily(figure: Figure, events: int, rounds: int) -> Figure:
    """Compare the daily query alone."""
    ledger, duck = Ledger(month_of_usage(events)), Duck(month_of_usage(events))
    check_equal(ledger, duck)
    contenders: dict[str, Work] = {"duck": partial(duck.query, DAILY), "ours": partial(ledger.query, DAILY)}
    took = compare(contenders, rounds=rounds)
    return figure.ratio(took["ours"], took["duck"])


def by_question(ledger: Ledger, events: int, rounds: int) -> Iterator[Figure]:
    """Yield what is asked of a million events, also when some come late or are cancelled."""
    few, duck, engine = Ledger(month_of_usage(10_000)), Duck(month_of_usage(events)), Engine(month_of_usage(events))
    check_equal(ledger, duck)
    check_answer(engine, duck)
    one, every = Lateness(ledger, 1), Lateness(ledger, len(SERIES))
    contenders: dict[str, Work] = {
        "duck daily": partial(duck.query, DAILY),
        "duck hourly": partial(duck.query, HOURLY),
        "daily": partial(ledger.query, DAILY),  # here with caches that DuckDB left cold
        "hourly": partial(ledger.query, HOURLY),
        "answer": engine.answer,
        "few": partial(few.query, DAILY),
        "again": partial(ledger.query, DAILY),
        "late": one.come,
        "cancelled": one.go,
        "all late": every.come,
        "all cancelled": every.go,
    }
    took = compare(contenders, rounds=rounds)
    check_equal(ledger, duck)
    yield bars.DAILY_1M.ratio(took["daily"], took["duck daily"])
    yield bars.DAILY_GROWTH.ratio(took["daily"], took["few"])
    yield bars.ALL_LATE.ratio(took["all late"], took["duck daily"])
    yield bars.ALL_CANCELLED.ratio(took["all cancelled"], took["duck daily"])
    yield bars.ONE_LATE.ratio(took["late"], took["again"])
    yield bars.ONE_CANCELLED.ratio(took["cancelled"], took["again"])
    yield bars.HOURLY_1M.ratio(took["hourly"], took["duck hourly"])
    yield bars.ANSWER_1M.ratio(took["answer"], took["duck daily"])


if __name__ == "__main__":
    show(measure)
