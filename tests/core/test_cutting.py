"""Which usage each change within a period bills, compared with a calculation over plain sets of events."""

import random
import sys
from collections.abc import Callable
from collections.abc import Iterable
from decimal import Decimal
from types import FrameType
from typing import Any
from typing import get_args

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from fakestripe_meters.core.stretch import Cut
from fakestripe_meters.core.stretch import Stretch
from fakestripe_meters.core.usage import Formula
from fakestripe_meters.core.usage import UsageEvent
from fakestripe_meters.core.usage import UsageLedger
from fakestripe_meters.core.usage import Window

HOUR = 3_600
CUSTOMER = "cus_1"


def event(
    number: int, timestamp: int, value: str = "1", dimension: str = "a", *, cancelled: bool = False
) -> UsageEvent:
    return UsageEvent(
        identifier=f"e{number}",
        customer=CUSTOMER,
        timestamp=timestamp,
        received_ns=0,
        number=number,
        value=Decimal(value),
        dimensions=(dimension,),
        cancelled=cancelled,
    )


def winners(events: Iterable[UsageEvent], window: Window | None) -> list[UsageEvent]:
    """Return the event of each window that was received last; without windows, all events."""
    size = {None: None, "hour": HOUR, "day": 24 * HOUR}[window]
    kept: dict[object, UsageEvent] = {}
    for each in sorted(events, key=lambda each: each.number):
        kept[(each.dimensions, each.timestamp // size) if size else each.number] = each
    return list(kept.values())


def expected(every: list[UsageEvent], stretch: Stretch, formula: Formula, window: Window | None) -> Decimal:
    standing = [each for each in every if not each.cancelled]
    if isinstance(stretch.end, Cut):
        held = [each for each in standing if each.timestamp >= stretch.start and stretch.end.holds(each)]
        whole = winners(held, window)
    else:
        whole = [each for each in winners(standing, window) if stretch.start <= each.timestamp < stretch.end]
    after = stretch.after
    if formula == "last":
        left = [each for each in whole if after is None or not after.holds(each)]
        return max(left, key=lambda each: (each.timestamp, each.number)).value if left else Decimal(0)
    closed = [each for each in standing if after and each.timestamp >= stretch.start and after.holds(each)]
    amount = {"sum": lambda each: each.value, "count": lambda _: 1}[formula]
    return Decimal(sum(map(amount, whole)) - sum(map(amount, winners(closed, window))))


times = st.integers(0, 12).map(lambda step: step * HOUR // 4)
events = st.lists(st.tuples(times, st.integers(-9, 9), st.sampled_from("ab"), st.booleans()), max_size=14)
cuts = st.builds(Cut, times, st.integers(0, 15))


@st.composite
def stretches(draw: st.DrawFn) -> Stretch:
    """Usage after a cut or from the start on, until a later cut or the end of a period."""
    one, other = draw(cuts), draw(cuts)
    earlier = Cut(min(one.instant, other.instant), min(one.number, other.number))
    later = Cut(max(one.instant, other.instant), max(one.number, other.number))
    start = min(draw(times), later.instant)
    end = later if draw(st.booleans()) else later.instant + 1
    return Stretch(start, end, earlier if draw(st.booleans()) else None)


@settings(max_examples=300)
@given(
    drawn=events,
    order=st.randoms(use_true_random=False),
    kind=st.tuples(st.sampled_from(get_args(Formula)), st.sampled_from([None, *get_args(Window)])),
    stretch=stretches(),
)
def test_every_stretch_has_what_the_acts_leave_to_it(
    drawn: list[tuple[int, int, str, bool]],
    order: random.Random,
    kind: tuple[Formula, Window | None],
    stretch: Stretch,
) -> None:
    every = [
        event(number, timestamp, f"{value}.5", dimension, cancelled=gone)
        for number, (timestamp, value, dimension, gone) in enumerate(drawn, start=1)
    ]
    ledger = UsageLedger(*kind)
    for each in order.sample(every, len(every)):
        ledger.record(each)
    assert ledger.used(CUSTOMER, stretch) == expected(every, stretch, *kind)
    standing = winners([each for each in every if not each.cancelled], kind[1])
    assert ledger.any_used(CUSTOMER, stretch) or not any(map(stretch.holds, standing))


def test_the_last_value_that_an_act_closed_stays_billed_when_a_later_one_overwrites_it() -> None:
    ledger = UsageLedger("last", "hour")
    for each in (event(1, 10, "5"), event(2, 30, "7")):
        ledger.record(each)
    cut = Cut(20, 1)
    assert [ledger.used(CUSTOMER, each) for each in (Stretch(0, cut, None), Stretch(0, HOUR, cut))] == [5, 7]


def test_consecutive_stretches_share_out_all_usage() -> None:
    drawn = random.Random(1)
    ledger, cuts, number = UsageLedger("sum"), [], 0
    for act in range(6):
        for _ in range(900):
            number += 1
            ledger.record(event(number, drawn.randrange(max(0, 50 * act - 30), 50 * act + 80), str(number)))
        cuts.append(Cut(50 * act, number))
        stretches = [Stretch(0, cut, after) for after, cut in zip([None, *cuts], cuts, strict=False)]
        parts = [ledger.used(CUSTOMER, each) for each in [*stretches, Stretch(0, 1000, cuts[-1])]]
        assert all(parts)
        assert sum(parts) == sum(range(number + 1))


def lines_run(work: Callable[[], object]) -> int:
    """How many lines of Python it takes: the same number on every machine, however busy it is."""
    count, former = [0], sys.gettrace()

    def trace(_frame: FrameType, event: str, _argument: object) -> Any:  # noqa: ANN401  as typeshed has it
        count[0] += event == "line"
        return trace

    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(former)
    return count[0]


def test_a_charge_after_an_act_costs_no_more_with_many_events() -> None:
    """The events of the act's own second are found by bisection, not one by one."""
    second, costs = 1_000, []
    for middle in (10, 10_000):
        ledger = UsageLedger("count")
        for number in range(1, 2 * middle + 1):
            ledger.record(event(number, second))
        stretch = Stretch(second, second + 1, Cut(second, middle))
        assert ledger.used(CUSTOMER, stretch) == middle
        costs.append(lines_run(lambda ledger=ledger, stretch=stretch: ledger.used(CUSTOMER, stretch)))  # type: ignore[misc]
    few, many = costs
    assert 0 < many < 2 * few
