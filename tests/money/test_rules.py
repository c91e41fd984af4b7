"""The tables of rules in `docs/changes.md` and `docs/money.md`: each row is done, and bills what it says."""

import calendar
import itertools
import re
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any
from typing import get_args

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters.explaining.billing import Reason
from tests.conftest import Call
from tests.conftest import through_engine
from tests.pages import Page
from tests.resources import shop
from tests.resources.shop import DAY
from tests.resources.shop import HOUR
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import Tree

PAGES = (Page("docs/changes.md"), Page("docs/money.md"))
BEHAVIORS = ("create_prorations", "always_invoice", "none")
MODES = ("classic", "flexible")
CHANGE, TRIAL_END = NEW_YEAR + 15 * DAY, NEW_YEAR + 31 * DAY


def rows(heading: str) -> list[list[str]]:
    """Read the first table below a heading: its rows, cell by cell."""
    (section,) = [page.section(heading) for page in PAGES if page.section(heading)]
    lines = itertools.dropwhile(lambda line: not line.startswith("|"), section.splitlines())
    table = [*itertools.takewhile(lambda line: line.startswith("|"), lines)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


def modes(cell: str) -> tuple[str, ...]:
    return MODES if cell == "both" else (cell,)


def behaviors(cell: str) -> tuple[str, ...]:
    return BEHAVIORS if cell == "any" else tuple(re.findall(r"`(\w+)`", cell))


def cents(cell: str) -> list[int]:
    """Read amounts, such as -16.00 + 32.00."""
    assert cell == "nothing" or re.fullmatch(r"-?\d+\.\d\d( [-+] \d+\.\d\d)*", cell)
    return [
        int(sign.replace("+", "") + digits.replace(".", "")) for sign, digits in re.findall(r"([-+]?) ?([\d.]+)", cell)
    ]


class Example:
    """The subscription of the examples."""

    def __init__(self, call: Call, mode: str, behavior: str = "create_prorations") -> None:
        self.call, self.mode, self.behavior = call, mode, behavior
        meter = shop.meter(call)
        self.prices = {
            "seat": shop.licensed(call, 3100),
            "seat a year": shop.licensed(call, 36500, interval="year"),
            "desk": shop.licensed(call, 6200, "Desk"),
            "calls": shop.metered(call, meter, unit_amount=1),
            "dear calls": shop.metered(call, meter, unit_amount=2),
            "once": shop.one_time(call, 500),
        }
        self.customer = shop.customer(call)

    def begin(self, *prices: str, **terms: object) -> None:
        made = shop.subscribe(
            self.call, self.customer, *(self.prices[each] for each in prices), billing_mode={"type": self.mode}, **terms
        )
        self.path = f"/v1/subscriptions/{made['id']}"
        self.items = {name: each["id"] for name, each in zip(prices, made["items"]["data"], strict=True)}

    def wait(self, day: int) -> None:
        """Wait for a day of January."""
        self.call.clock.freeze(NEW_YEAR + (day - 1) * DAY)

    def use(self, units: int) -> None:
        shop.use(self.call, self.customer, units)

    def change(self, *items: Tree, **terms: object) -> None:
        timing = {"proration_behavior": self.behavior} | terms
        self.call.create(self.path, {"items": list(items), **timing})

    def quantity(self, quantity: int, **terms: object) -> None:
        self.change({"id": self.items["seat"], "quantity": quantity}, **terms)

    def swap(self, item: str, price: str, **terms: object) -> None:
        self.change({"id": self.items[item], "price": self.prices[price]}, **terms)

    def remove(self, item: str) -> None:
        self.change({"id": self.items[item], "deleted": True})

    # What is billed

    def lines(self, made: Callable[[Tree], bool]) -> list[int]:
        """Return the amounts on some invoices; a line of nothing is left out."""
        found = [each for each in shop.invoices(self.call, customer=self.customer) if made(each)]
        return [line["amount"] for each in found for line in each["lines"]["data"] if line["amount"]]

    def lines_since(self, instant: int) -> list[int]:
        return self.lines(lambda invoice: invoice["created"] >= instant)

    def pending(self) -> list[int]:
        where = {"customer": self.customer, "pending": "true"}
        found = self.call.get("/v1/invoiceitems", where).json["data"]
        return [each["amount"] for each in found if each["amount"]]

    def next_period(self) -> list[int]:
        """Wait for the next period's end, and return the amounts of its invoice."""
        now = self.call.clock.now()
        items = self.call.get(self.path).json["items"]["data"]
        self.call.clock.freeze(min(each["current_period_end"] for each in items) + 2 * HOUR)
        return self.lines_since(now + 1)


@pytest.fixture
def call() -> Iterator[Call]:
    with FakeStripe(now=NEW_YEAR, seed=1, limits="off") as fake:
        yield Call(through_engine, fake)
        assert fake.engine.failures == []


# Changes: what is done before the day, and on it


def usual(example: Example) -> None:
    example.begin("seat", "calls")
    example.wait(15)
    example.use(1000)


def alone(price: str) -> Callable[[Example], None]:
    return lambda example: example.begin(price)


def in_trial(example: Example) -> None:
    example.begin("seat", "calls", trial_end=TRIAL_END)
    example.wait(15)
    example.use(1000)


def without_calls(example: Example) -> None:
    example.begin("seat")
    example.wait(15)
    example.use(1000)


def with_a_silent_change(example: Example) -> None:
    example.begin("seat", "calls")
    example.wait(6)
    example.use(1000)
    example.swap("seat", "desk", proration_behavior="none")


def with_two_debits(example: Example) -> None:
    example.begin("seat", "calls")
    example.wait(11)
    example.use(1000)
    example.quantity(2, proration_behavior="always_invoice")


def with_two_seats_pending(example: Example) -> None:
    usual(example)
    example.wait(16)
    example.quantity(2, proration_behavior="create_prorations")


def add(price: str) -> Callable[[Example], None]:
    return lambda example: example.change({"price": example.prices[price]})


def move_the_anchor(example: Example) -> None:
    example.change(billing_cycle_anchor="now")


Act = tuple[Callable[[Example], None], Callable[[Example], Any]]
SIXTH = NEW_YEAR + 5 * DAY
CHANGES: dict[str, Act] = {
    "one seat becomes two": (usual, lambda each: each.quantity(2)),
    "the seat becomes a desk": (usual, lambda each: each.swap("seat", "desk")),
    "a desk is added": (usual, add("desk")),
    "the seat is removed": (usual, lambda each: each.remove("seat")),
    "one seat becomes two, as of 6 January": (usual, lambda each: each.quantity(2, proration_date=SIXTH)),
    "a desk, which was a seat until a change with `none`, becomes a seat": (
        with_a_silent_change,
        lambda each: each.swap("seat", "seat"),
    ),
    "two seats, one until 11 January, become one, as of 6 January": (
        with_two_debits,
        lambda each: each.quantity(1, proration_date=SIXTH),
    ),
    "calls are replaced by calls at two cents": (usual, lambda each: each.swap("calls", "dear calls")),
    "calls are replaced by calls at two cents, with a new anchor": (
        usual,
        lambda each: each.swap("calls", "dear calls", billing_cycle_anchor="now"),
    ),
    "calls are removed": (usual, lambda each: each.remove("calls")),
    "calls are added": (without_calls, add("calls")),
    "the month becomes a year": (alone("seat"), lambda each: each.swap("seat", "seat a year")),
    "the year becomes a month": (alone("seat a year"), lambda each: each.swap("seat a year", "seat")),
    'a new anchor: `billing_cycle_anchor="now"`': (usual, move_the_anchor),
    "a new anchor, of a seat alone": (alone("seat"), move_the_anchor),
    "a new anchor, and the seat becomes a desk": (
        usual,
        lambda each: each.swap("seat", "desk", billing_cycle_anchor="now"),
    ),
    "a new anchor, with two seats pending": (with_two_seats_pending, move_the_anchor),
    'the trial ends: `trial_end="now"`': (in_trial, lambda each: each.change(trial_end="now")),
    "a seat becomes two, in a trial": (in_trial, lambda each: each.quantity(2)),
    "`add_invoice_items` of 5.00": (
        usual,
        lambda each: each.change(add_invoice_items=[{"price": each.prices["once"]}]),
    ),
}
"""What the first cells of the rows say."""
RULES = [
    pytest.param(row[0], mode, behavior, [cents(each) for each in row[3:]], id=f"{row[0]} {mode} {behavior}")
    for row in rows("### What a change bills")
    for mode in modes(row[1])
    for behavior in behaviors(row[2])
]


@pytest.mark.parametrize(("change", "mode", "behavior", "billed"), RULES)
def test_a_change_bills_what_its_row_says(
    call: Call, change: str, mode: str, behavior: str, billed: list[list[int]]
) -> None:
    example = Example(call, mode, behavior)
    before, act = CHANGES[change]
    before(example)
    example.wait(16)
    act(example)
    at_once, pending = example.lines(lambda invoice: invoice["created"] == CHANGE), example.pending()
    example.wait(17)
    example.use(500)
    assert [at_once, sorted(pending), example.next_period()] == [billed[0], sorted(billed[1]), billed[2]]


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_has_a_row(change: str) -> None:
    assert change in [row[0] for row in rows("### What a change bills")]


# Usage that is not billed


def test_each_reason_why_usage_is_not_billed_has_a_row() -> None:
    table = [re.findall("`([^`]+)`", row[0]) for row in rows("## Each use is billed once")]
    assert sorted(itertools.chain(*table)) == sorted(set(get_args(Reason)) - {""})


# Cancellations


NOW, PRORATED = {"invoice_now": True}, {"invoice_now": True, "prorate": True}
CANCELLATIONS: dict[str, tuple[Callable[[Example], None], Tree]] = {
    "at once": (usual, {}),
    "at once, `invoice_now`": (usual, NOW),
    "at once, `prorate`": (usual, {"prorate": True}),
    "at once, `invoice_now` and `prorate`": (usual, PRORATED),
    "at once, with two seats pending": (with_two_seats_pending, {}),
    "at once, `invoice_now`, with two seats pending": (with_two_seats_pending, NOW),
    "at once, `invoice_now` and `prorate`, of a desk that was a seat until a change with `none`": (
        with_a_silent_change,
        PRORATED,
    ),
    "at once, `invoice_now`, in a trial": (in_trial, NOW),
}
CANCELLED = [
    pytest.param(row[0], mode, cents(row[2]), cents(row[3]), id=f"{row[0]} {mode}")
    for row in rows("### What a cancellation bills")
    for mode in modes(row[1])
]


@pytest.mark.parametrize(("cancellation", "mode", "billed", "left"), CANCELLED)
def test_a_cancellation_bills_what_its_row_says(
    call: Call, cancellation: str, mode: str, billed: list[int], left: list[int]
) -> None:
    example = Example(call, mode)
    if cancellation == "at the end of the period":
        usual(example)
        call.create(example.path, {"cancel_at_period_end": True})
        example.use(500)
        found = example.next_period()
    else:
        before, how = CANCELLATIONS[cancellation]
        before(example)
        example.wait(16)
        assert call.delete(example.path, how).status == 200
        call.clock.advance(2 * HOUR)
        found = example.lines(lambda invoice: invoice["created"] == CHANGE)
    assert (found, sorted(example.pending())) == (billed, sorted(left))
    assert call.get(example.path).json["status"] == "canceled"


# Trials, starts in the past, several intervals, small amounts


@pytest.mark.parametrize("row", rows("### What a trial shows"), ids=lambda row: row[0])
def test_a_trial_shows_what_its_row_says(call: Call, row: list[str]) -> None:
    mode, *invoices = row
    example = Example(call, mode)
    example.begin("seat", "calls", trial_end=TRIAL_END)
    example.wait(15)
    example.use(1000)
    call.clock.freeze(TRIAL_END + 2 * HOUR)
    found = shop.invoices(call, customer=example.customer)
    shown = [[line["description"] for line in each["lines"]["data"]] for each in found]
    assert shown == [re.findall("`([^`]+)`", each) for each in invoices]


@pytest.mark.parametrize("row", rows("### What a start in the past bills"), ids=lambda row: row[0])
def test_a_start_in_the_past_bills_what_its_row_says(call: Call, row: list[str]) -> None:
    mode, first, following = row
    example = Example(call, mode)
    for month, calls in (("2025-03-15T00:00:00Z", 1000), ("2025-04-15T00:00:00Z", 500)):
        call.clock.freeze(month)
        example.use(calls)
    call.clock.freeze("2025-05-11T00:00:00Z")
    example.begin("seat", "calls", backdate_start_date=shop.MARCH)
    assert [example.lines_since(NEW_YEAR), example.next_period()] == [cents(first), cents(following)]


def test_several_intervals_are_invoiced_as_their_rows_say(call: Call) -> None:
    example = Example(call, "flexible")
    example.begin("seat a year", "calls")
    told = {row[0]: cents(row[1]) for row in rows("### Several intervals")}
    found: dict[str, list[int]] = {}
    for month in range(14):
        call.clock.freeze(f"{2025 + month // 12}-{month % 12 + 1:02}-01T02:00:00Z")
        since = call.clock.now() - 2 * HOUR
        date = f"1 {calendar.month_name[month % 12 + 1]} {2025 + month // 12}"
        found[date] = example.lines_since(since)
        example.use(1000)
    assert {date: found[date] for date in told} == told
    assert {date for date, lines in found.items() if lines != [1000]} <= told.keys()


def test_small_amounts_go_to_the_balance_as_their_rows_say(call: Call) -> None:
    customer = shop.customer(call)
    for total, due, status, balance in rows("### Small amounts"):
        [amount], [amount_due], [left] = cents(total), cents(due), cents(balance)
        call.create("/v1/invoiceitems", {"customer": customer, "currency": "usd", "amount": amount})
        draft = call.create("/v1/invoices", {"customer": customer, "pending_invoice_items_behavior": "include"})
        invoice = call.create(f"/v1/invoices/{draft['id']}/finalize")
        if invoice["status"] == "open":
            invoice = call.create(f"/v1/invoices/{draft['id']}/pay")
        found = (invoice["total"], invoice["amount_due"], invoice["status"])
        assert (*found, call.get(f"/v1/customers/{customer}").json["balance"]) == (amount, amount_due, status, left)
