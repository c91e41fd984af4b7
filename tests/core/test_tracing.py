"""A trace counts its events, and begins anywhere among them, as if it had listed them all."""

from collections.abc import Callable
from decimal import Decimal
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from fakestripe_meters.core.usage import Formula
from fakestripe_meters.core.usage import UsageEvent
from fakestripe_meters.core.usage import UsageLedger
from fakestripe_meters.core.usage import Window
from fakestripe_meters.core.usage_event import Dimensions

CUSTOMER = "cus_1"
HOUR = 3_600
KINDS: tuple[tuple[Formula, Window | None], ...] = (("sum", None), ("last", None), ("count", "hour"), ("last", "day"))
EVENTS = st.lists(
    st.tuples(st.integers(0, 5 * HOUR), st.sampled_from("ab"), st.booleans()), max_size=30
)  # when, with which dimension, and whether it is cancelled
INSTANTS = st.integers(-10, 5 * HOUR + 10)


def ledger_of(kind: tuple[Formula, Window | None], events: list[tuple[int, str, bool]]) -> UsageLedger:
    ledger, numbers = UsageLedger(*kind), count(1)
    for timestamp, dimension, cancelled in events:
        number = next(numbers)
        ledger.record(
            UsageEvent(
                identifier=f"e{number}",
                customer=CUSTOMER,
                timestamp=timestamp,
                received_ns=number,
                number=number,
                value=Decimal(1),
                dimensions=(dimension,),
                cancelled=cancelled,
            )
        )
    return ledger


@given(kind=st.sampled_from(KINDS), events=EVENTS, bounds=st.tuples(INSTANTS, INSTANTS), instant=INSTANTS)
def test_a_trace_begins_anywhere(
    kind: tuple[Formula, Window | None], events: list[tuple[int, str, bool]], bounds: tuple[int, int], instant: int
) -> None:
    ledger, (start, end) = ledger_of(kind, events), sorted(bounds)
    trace = ledger.trace(CUSTOMER, start, end)
    every = ledger.events(CUSTOMER, start, end)
    wanted = sorted((at, number) for number, (at, _, _) in enumerate(events, 1) if start <= at < end)
    assert [(each.event.timestamp, each.event.number) for each in every] == wanted
    assert trace.size == len(every)
    assert trace.counted == sum(each.counted for each in every)
    assert trace.cancelled == sum(each.event.cancelled for each in every)
    assert trace.before(instant) == sum(each.event.timestamp < instant for each in every)
    assert list(trace.since(instant)) == [each for each in every if each.event.timestamp >= instant]
    assert ledger.size == ledger.size_of(CUSTOMER) == len(events)
    assert list(ledger.customers()) == ([CUSTOMER] if events else [])


@given(kind=st.sampled_from(KINDS), events=EVENTS, chosen=st.sampled_from("ab"))
def test_a_trace_has_only_the_dimensions_that_are_asked_for(
    kind: tuple[Formula, Window | None], events: list[tuple[int, str, bool]], chosen: str
) -> None:
    where: Callable[[Dimensions], bool] = lambda dimensions: dimensions == (chosen,)  # noqa: E731  with its type
    both = ledger_of(kind, events).trace(CUSTOMER, 0, 6 * HOUR, where=where)
    one = ledger_of(kind, [each for each in events if each[1] == chosen]).trace(CUSTOMER, 0, 6 * HOUR)
    assert (both.counted, both.cancelled, both.overwritten) == (one.counted, one.cancelled, one.overwritten)
    assert [each.event.timestamp for each in both.since(0)] == [each.event.timestamp for each in one.since(0)]
