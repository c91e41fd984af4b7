"""How the usage ledger takes very many dimension values, and ten million events.

    python -m benchmarks.extremes [--size full]

It needs the `bench` extra and Linux; the ten million events, only with `--size full`, some 4 GB of memory.
"""

import json
import random
import resource
from collections.abc import Iterator
from functools import partial
from itertools import count
from time import process_time

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
from benchmarks.ledger import CUSTOMER
from benchmarks.ledger import DAILY
from benchmarks.ledger import END
from benchmarks.ledger import START
from benchmarks.ledger import Duck
from benchmarks.ledger import Ledger
from benchmarks.ledger import check_equal
from benchmarks.ledger import month_of_usage
from fakestripe_meters.core.usage import Row
from fakestripe_meters.core.usage import UsageEvent
from fakestripe_meters.core.usage import UsageLedger

HOUR_S = 3_600
EDGES = range(START, END + 1, HOUR_S)
SQL = """
    select value_of, sum(value)::bigint, date_trunc('hour', timezone('UTC', to_timestamp(moment))) as bucket
    from usage group by all order by bucket, value_of
"""


def measure(size: Size) -> Iterator[Figure]:
    """Yield every figure."""
    yield from sparse(size.pick(30_000, 1_000), size.pick(21, 2))
    if size is Size.FULL:
        yield from ten_millions()
    else:
        for figure in (bars.LOADED_10M, bars.MEMORY_10M, bars.GROWTH_10M, bars.DAILY_10M):
            yield figure.missing("only with `--full`")


def rare_usage(values: int) -> list[Usage]:
    """Return usage of so many dimension values, each once, any time in a month."""
    chance = random.Random(values)
    names = [f"{chance.getrandbits(64):016x}" for _ in range(values)]
    return [Usage("calls", chance.randrange(START, END), chance.randrange(5_000), (name,)) for name in names]


class Sparse:
    """The rare usage in the ledger, in DuckDB and in a whole world."""

    def __init__(self, usages: list[Usage]) -> None:
        self.ledger = UsageLedger("sum")
        for number, usage in enumerate(usages):
            self.ledger.record(event(number, usage))
        self.numbers = count(len(usages))
        self.late = usages[0]._replace(value=0)
        self.duck = duckdb.connect()
        self.duck.execute("create table usage (moment bigint, value bigint, value_of varchar)")
        columns = [[each.timestamp for each in usages], [each.value for each in usages]]
        names = [each.dimensions[0] for each in usages]
        self.duck.execute("insert into usage select unnest(?), unnest(?), unnest(?)", [*columns, names])
        self.business = Business()
        self.business.use(usage._replace(meter=self.business.meter) for usage in usages)

    def ours(self) -> list[Row]:
        """Ask the ledger."""
        return self.ledger.query(CUSTOMER, EDGES, group_by=(0,))

    def theirs(self) -> list[tuple[str, int, object]]:
        """Ask DuckDB."""
        rows: list[tuple[str, int, object]] = self.duck.execute(SQL).fetchall()
        return rows

    def after_a_late_event(self) -> None:
        """Record an event that adds nothing, and ask."""
        self.ledger.record(event(next(self.numbers), self.late))
        self.ours()

    def answer(self) -> bytes:
        """Ask the engine as Stripe is asked."""
        asked = {"meter": self.business.meter, "dimension_group_by_keys": ["model"]}
        question = {"customer": self.business.customer, "starts_at": START, "ends_at": END, "meters": [asked]}
        query = form(question | {"value_grouping_window": "hour"})
        return self.business.ask("GET", "/v1/billing/analytics/meter_usage", query=query)

    def check(self) -> None:
        """Stop unless all three say the same."""
        ours, theirs = self.ours(), self.theirs()
        found = [(row.group[0], int(row.value)) for row in ours]
        assert found == [(name, value) for name, value, _ in theirs]
        shown = json.loads(self.answer())["rows"]["data"]
        assert found == [(row["dimensions"]["model"], int(row["value"])) for row in shown]


def event(number: int, usage: Usage) -> UsageEvent:
    """Return an event of the customer."""
    return UsageEvent(
        identifier=f"event-{number}",
        customer=CUSTOMER,
        timestamp=usage.timestamp,
        received_ns=usage.timestamp * 10**9,
        number=number,
        value=usage.value,
        dimensions=usage.dimensions,
    )


def sparse(values: int, rounds: int) -> Iterator[Figure]:
    """Yield what it takes to ask for every hour of a month and every value."""
    usage = Sparse(rare_usage(values))
    usage.check()
    contenders: dict[str, Work] = {
        "late": usage.after_a_late_event,
        "again": usage.ours,
        "duck": usage.theirs,
        "ours": usage.ours,
        "answer": usage.answer,
    }
    took = compare(contenders, rounds=rounds)
    usage.check()
    yield bars.SPARSE.ratio(took["ours"], took["duck"])
    yield bars.SPARSE_LATE.ratio(took["late"], took["duck"])
    yield bars.SPARSE_ANSWER.ratio(took["answer"], took["duck"])


def ten_millions() -> Iterator[Figure]:
    """Yield what it takes to load ten million events, and to ask for them."""
    began = process_time()
    large = Ledger(month_of_usage(10_000_000))
    yield bars.LOADED_10M.measured(10_000_000 / (process_time() - began))
    large.query(DAILY)
    yield bars.MEMORY_10M.measured(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9)
    small = Ledger(month_of_usage(1_000_000))
    took = compare({"small": partial(small.query, DAILY), "large": partial(large.query, DAILY)}, rounds=21)
    yield bars.GROWTH_10M.ratio(took["large"], took["small"])
    duck = Duck(month_of_usage(10_000_000))
    check_equal(large, duck)
    took = compare({"duck": partial(duck.query, DAILY), "ours": partial(large.query, DAILY)}, rounds=9)
    yield bars.DAILY_10M.ratio(took["ours"], took["duck"])


if __name__ == "__main__":
    show(measure)
