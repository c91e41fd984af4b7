"""Random businesses: whatever the price and the usage, each month's invoice is what paper and pencil say."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from fakestripe_meters import FakeStripe
from tests.conftest import Call
from tests.conftest import through_engine
from tests.money.conftest import one_for_all
from tests.resources.shop import HOUR
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import Tree
from tests.resources.shop import customer
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import meter
from tests.resources.shop import metered
from tests.resources.shop import subscribe
from tests.resources.shop import use

EDGES = [NEW_YEAR, 1738368000, 1740787200, 1743465600]
"""The first of January, February, March and April 2025."""
LEAST = 50
"""The least that can be charged, in cents: less waits on the customer's balance."""


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeStripe]:
    yield from one_for_all(NEW_YEAR)


def opened(fake: FakeStripe) -> Call:
    fake.reset()
    return Call(through_engine, fake)


# Paper and pencil: fractions, one tier after another, nothing shared with the code under test


@dataclass(frozen=True)
class Tier:
    up_to: int | None
    unit: Fraction | None
    flat: Fraction | None


def rounded(amount: Fraction) -> int:
    return math.floor(amount + Fraction(1, 2))


def per_unit(price: Fraction, used: Fraction) -> list[int]:
    return [rounded(price * used)]


def packages(price: Fraction, size: int, up: str, used: Fraction) -> list[int]:
    return [rounded(price * (math.ceil(used / size) if up == "up" else math.floor(used / size)))]


def tier_amounts(tier: Tier, units: Fraction) -> list[int]:
    flat = [] if tier.flat is None else [rounded(tier.flat)]
    return [rounded((tier.unit or 0) * units), *flat]


def graduated(tiers: list[Tier], used: Fraction) -> list[int]:
    amounts: list[int] = []
    floor = Fraction(0)
    for tier in tiers:
        ceiling = used if tier.up_to is None else min(used, Fraction(tier.up_to))
        if used > floor or floor == 0:
            amounts += tier_amounts(tier, max(Fraction(0), ceiling - floor))
        if tier.up_to is not None:
            floor = Fraction(tier.up_to)
    return amounts


def volume(tiers: list[Tier], used: Fraction) -> list[int]:
    for tier in tiers:
        if tier.up_to is None or used <= tier.up_to:
            return tier_amounts(tier, used)
    raise AssertionError


# Random prices and usages

cents = st.decimals(min_value=0, max_value=5000, places=4).map(lambda value: value.normalize())
quantities = st.one_of(
    st.integers(min_value=-50, max_value=5000).map(Decimal),
    st.decimals(min_value=-50, max_value=5000, places=3),
)


@st.composite
def tables(draw: st.DrawFn) -> list[dict[str, str]]:
    bounds = sorted(draw(st.sets(st.integers(min_value=1, max_value=4000), max_size=3)))
    table = []
    for bound in [*map(str, bounds), "inf"]:
        unit, flat = draw(st.one_of(st.none(), cents)), draw(st.one_of(st.none(), cents))
        tier = {"up_to": bound}
        if unit is not None or flat is None:
            tier["unit_amount_decimal"] = f"{unit or 0:f}"
        if flat is not None:
            tier["flat_amount_decimal"] = f"{flat:f}"
        table.append(tier)
    return table


def read(table: list[dict[str, str]]) -> list[Tier]:
    def amount(tier: dict[str, str], name: str) -> Fraction | None:
        return Fraction(tier[name]) if name in tier else None

    return [
        Tier(
            None if tier["up_to"] == "inf" else int(tier["up_to"]),
            amount(tier, "unit_amount_decimal"),
            amount(tier, "flat_amount_decimal"),
        )
        for tier in table
    ]


@st.composite
def prices(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["per_unit", "package", "graduated", "volume"]))
    if kind in ("graduated", "volume"):
        return {"billing_scheme": "tiered", "tiers_mode": kind, "tiers": draw(tables())}
    terms: dict[str, Any] = {"unit_amount_decimal": f"{draw(cents):f}"}
    if kind == "package":
        size, up = draw(st.integers(min_value=1, max_value=500)), draw(st.sampled_from(["up", "down"]))
        terms["transform_quantity"] = {"divide_by": size, "round": up}
    return terms


def expected(terms: dict[str, Any], total: Fraction) -> list[int]:
    used = max(Fraction(0), total)
    if "tiers" in terms:
        by_mode = graduated if terms["tiers_mode"] == "graduated" else volume
        return by_mode(read(terms["tiers"]), used)
    price = Fraction(terms["unit_amount_decimal"])
    if (package := terms.get("transform_quantity")) is not None:
        return packages(price, package["divide_by"], package["round"], used)
    return per_unit(price, used)


Usage = list[tuple[int, Decimal]]
usages: st.SearchStrategy[Usage] = st.lists(
    st.tuples(st.integers(min_value=EDGES[0] - 5, max_value=EDGES[3] - 1), quantities), max_size=12
)


def live(call: Call, usage: Usage, *, until: int) -> dict[str, list[Decimal]]:
    """Send usage when it happens, and move on to the end."""
    ada = call.get("/v1/customers").ids[0]
    for at, value in sorted(usage):
        if at > call.clock.now():
            call.clock.freeze(at)
        use(call, ada, f"{value:f}", at)
    call.clock.freeze(until)
    return {}


@settings(max_examples=60, deadline=None)
@given(terms=prices(), usage=usages)
def test_every_month_of_every_price_is_billed_to_the_cent(
    fake: FakeStripe, terms: dict[str, Any], usage: Usage
) -> None:
    call = opened(fake)
    subscribe(call, customer(call), metered(call, **terms))
    live(call, usage, until=EDGES[3] + HOUR)
    billed = invoices(call)
    assert [invoice["created"] for invoice in billed] == EDGES[1:]
    owed = 0
    for invoice, start, end in zip(billed, EDGES, EDGES[1:], strict=False):
        total = sum((Fraction(value) for at, value in usage if start <= at < end), Fraction(0))
        amounts = [line["amount"] for line in invoice["lines"]["data"]]
        assert amounts == expected(terms, total)
        assert (invoice["status"], invoice["total"], invoice["starting_balance"]) == ("paid", sum(amounts), owed)
        due = sum(amounts) + owed
        owed = due if due < LEAST else 0
        assert (invoice["amount_paid"], invoice["ending_balance"]) == (due - owed, owed)


@settings(max_examples=25, deadline=None)
@given(first=prices(), second=prices(), usage=usages, quantity=st.integers(min_value=0, max_value=9))
def test_several_items_share_an_invoice_and_each_is_billed_by_itself(
    fake: FakeStripe, first: dict[str, Any], second: dict[str, Any], usage: Usage, quantity: int
) -> None:
    call = opened(fake)
    one, other = meter(call), meter(call, "tokens")
    seat = {"price": licensed(call, 700), "quantity": quantity}
    ada = customer(call)
    subscribe(call, ada, metered(call, one, **first), seat, metered(call, other, **second))
    for at, value in sorted(usage):
        if at > call.clock.now():
            call.clock.freeze(at)
        use(call, ada, f"{value:f}", at)
        use(call, ada, f"{-2 * value:f}", at, event_name="tokens")
    call.clock.freeze(EDGES[3] + HOUR)
    for invoice, start, end in zip(invoices(call)[1:], EDGES, EDGES[1:], strict=False):
        total = sum((Fraction(value) for at, value in usage if start <= at < end), Fraction(0))
        every = call.get(f"/v1/invoices/{invoice['id']}/lines", {"limit": 100}).json["data"]
        amounts = [*expected(first, total), *expected(second, -2 * total), 700 * quantity]
        assert [line["amount"] for line in every] == amounts
        assert invoice["total"] == sum(amounts)


# One jump or many


def world(call: Call) -> list[Any]:
    """Everything there is in the end, but for the ids of events, which count a test clock's advances, too."""
    events: list[Tree] = []
    more: Tree = {"has_more": True}
    while more["has_more"]:
        after = {"starting_after": events[-1]["id"]} if events else {}
        more = call.get("/v1/events", {"limit": 100, **after}).json
        events += more["data"]
    return [
        [(event["type"], event["created"], event["data"]) for event in events],
        call.get("/v1/invoices", {"limit": 100}).json,
        call.get("/v1/subscriptions", {"limit": 100, "status": "all"}).json,
        call.get("/v1/customers").json,
    ]


def months(start: int) -> list[int]:
    """An hour after each of the next thirteen edges of a cycle that begins on the first."""
    lengths = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31)
    return [start + 86_400 * sum(lengths[: count + 1]) + HOUR for count in range(13)]


@settings(max_examples=15, deadline=None)
@given(
    terms=prices(),
    usage=usages,
    trial=st.integers(min_value=0, max_value=40),
    ends=st.booleans(),
    steps=st.lists(st.integers(min_value=1, max_value=12), max_size=4),
    on_clock=st.booleans(),
)
def test_thirteen_months_in_one_jump_are_thirteen_months_in_thirteen(  # noqa: PLR0917  Hypothesis passes them by name
    fake: FakeStripe,
    terms: dict[str, Any],
    usage: Usage,
    trial: int,
    ends: bool,
    steps: list[int],
    on_clock: bool,
) -> None:
    def lived(stops: list[int]) -> list[Any]:
        call = opened(fake)
        fake.engine.world.settings.relaxed = True
        clock: Tree = call.create("/v1/test_helpers/test_clocks", {"frozen_time": NEW_YEAR}) if on_clock else {}
        ada = customer(call, **({"test_clock": clock["id"]} if on_clock else {}))
        more = {"trial_period_days": trial} if trial else {}
        price = metered(call, **terms)
        subscribe(call, ada, price, licensed(call, 700), cancel_at_period_end=ends, **more)
        subscribe(call, ada, price)
        for at, value in usage:
            if at <= NEW_YEAR + 300:
                use(call, ada, f"{value:f}", at)
        for stop in stops:
            if on_clock:
                call.create(f"/v1/test_helpers/test_clocks/{clock['id']}/advance", {"frozen_time": stop})
            else:
                call.clock.freeze(stop)
        seen = world(call)
        if on_clock:
            seen[0] = [event for event in seen[0] if not event[0].startswith("test_helpers.")]
        return seen

    every = months(NEW_YEAR)
    some = [every[index] for index in sorted({*steps, 12})]
    assert lived(every) == lived(every[-1:]) == lived(some)
