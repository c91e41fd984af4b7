"""Intake: identifiers, the lag, cancellation, and what was dropped."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from fakestripe_meters.core import timeline
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Name
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.intake import RESERVED_NS
from fakestripe_meters.core.intake import Dropped
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.options import Settings
from fakestripe_meters.core.usage_event import Origin
from fakestripe_meters.core.usage_event import UsageEvent

NOW = 1_735_689_600
METER = "mtr_1"


class Accounted:
    """An account with one sum meter, moved through time by hand."""

    def __init__(self, window: str | None = None) -> None:
        self.account = Account(Name("sk_test_x"), Settings(), "seed", due_work={})
        self.account.now_ns = NOW * SECOND_NS
        self.intake = Intake()
        self.intake.open(METER, "sum", "hour" if window else None)

    def lag(self, seconds: float) -> None:
        self.account.settings.lag_ns = int(seconds * SECOND_NS)

    def advance(self, seconds: float) -> None:
        """As a world does: each change at its own due time, none before."""
        until_ns = self.account.now_ns + int(seconds * SECOND_NS)
        while (entry := self.account.agenda.pop_due(until_ns)) is not None:
            assert entry.kind == "usage.visible"
            self.account.now_ns = entry.due_ns
            self.intake.apply_due(entry.due_ns)
        self.account.now_ns = until_ns

    def accept(self, identifier: str, value: str = "1", at: int = NOW) -> UsageEvent:
        origin = Origin("cus_1", (), METER)
        event = self.intake.accept(self.account, origin, identifier=identifier, timestamp=at, value=Decimal(value))
        assert self.intake.lookup(identifier) == event
        return event

    def cancel(self, event: UsageEvent) -> None:
        self.intake.cancel(self.account, event)

    def flush(self) -> None:
        self.intake.flush(self.account.now_ns)
        self.intake.apply_due(self.account.now_ns)

    def drop(self, identifier: str) -> None:
        dropped = Dropped("no_meter", "No meter.", {"identifier": identifier}, self.account.now, None)
        self.intake.drop(dropped, identifier, self.account.now_ns)

    def holds(self, identifier: str) -> bool:
        return self.intake.holds(identifier, self.account.now_ns)

    def total(self) -> Decimal | None:
        return self.intake.ledger(METER).total("cus_1", NOW - 40 * DAY_S, NOW + 40 * DAY_S)

    @property
    def fresh_s(self) -> float:
        return self.intake.visible_until_ns(self.account) / SECOND_NS - NOW


@pytest.fixture
def usage() -> Accounted:
    return Accounted()


# Identifiers


def test_an_identifier_is_held_for_24_hours_less_a_nanosecond(usage: Accounted) -> None:
    assert not usage.holds("a")
    usage.accept("a")
    assert usage.holds("a")
    usage.account.now_ns += RESERVED_NS - 1
    assert usage.holds("a")
    usage.account.now_ns += 1
    assert not usage.holds("a")


@pytest.mark.parametrize("accepted_first", [True, False])
def test_an_identifier_is_held_by_whatever_used_it_last(usage: Accounted, accepted_first: bool) -> None:
    for accepted in (accepted_first, not accepted_first):
        if accepted:
            usage.accept("a")
        else:
            usage.drop("a")
        usage.advance(DAY_S - 1)
        assert usage.holds("a")
        usage.advance(1)
        assert not usage.holds("a")


def test_an_identifier_finds_the_event_it_was_last_accepted_for(usage: Accounted) -> None:
    assert usage.intake.lookup("a") is None
    first = usage.accept("a")
    assert usage.intake.lookup("a") == first
    usage.advance(DAY_S)
    second = usage.accept("a")
    assert second != first
    assert usage.intake.lookup("a") == second


def test_what_is_dropped_is_noted_and_not_found(usage: Accounted) -> None:
    usage.drop("a")
    assert [each.event for each in usage.intake.dropped] == [{"identifier": "a"}]
    assert usage.intake.lookup("a") is None
    assert usage.total() is None


# Lag


def test_without_a_lag_all_is_visible_at_once_and_nothing_falls_due(usage: Accounted) -> None:
    event = usage.accept("a")
    assert usage.total() == 1
    assert usage.fresh_s == 0
    usage.cancel(event)
    assert usage.total() is None
    assert usage.account.agenda.entries() == []


def test_an_event_waits_for_the_lag_it_was_accepted_under(usage: Accounted) -> None:
    usage.lag(30)
    usage.accept("a", "1")
    usage.lag(10)
    usage.accept("b", "2")
    usage.advance(9.999)
    assert usage.total() is None
    usage.advance(0.001)
    assert usage.total() == 2
    usage.advance(19.999)
    assert usage.total() == 2
    usage.advance(0.001)
    assert usage.total() == 3


def test_a_flush_brings_forward_everything_and_what_falls_due_later_does_nothing(usage: Accounted) -> None:
    usage.lag(30)
    event = usage.accept("a", "1")
    usage.accept("b", "2")
    usage.cancel(event)
    usage.flush()
    assert usage.total() == 2
    usage.advance(60)
    assert usage.total() == 2


def test_a_flush_of_nothing_is_nothing(usage: Accounted) -> None:
    usage.flush()
    assert usage.total() is None


def test_an_event_is_cancelled_as_soon_as_its_cancellation_is_accepted(usage: Accounted) -> None:
    event = usage.accept("a")
    assert not usage.intake.is_cancelled(event)
    usage.lag(30)
    usage.cancel(event)
    assert usage.intake.is_cancelled(event)
    assert usage.total() == 1
    usage.advance(30)
    assert usage.intake.is_cancelled(event)
    assert usage.total() is None


@pytest.mark.parametrize("shorter", [0, 10])
def test_a_cancellation_that_overtakes_its_event_keeps_it_from_ever_counting(usage: Accounted, shorter: int) -> None:
    usage.lag(60)
    event = usage.accept("a")
    usage.lag(shorter)
    usage.cancel(event)
    for _ in range(8):
        usage.advance(10)
        assert usage.total() is None
    assert [each.identifier for each in usage.intake.ledger(METER)] == ["a"]


def test_the_event_received_last_wins_its_window_in_whatever_order_they_become_visible() -> None:
    usage = Accounted(window="hour")
    usage.lag(60)
    usage.accept("first", "1")
    usage.lag(0)
    usage.accept("second", "2")
    assert usage.total() == 2
    usage.advance(60)
    assert usage.total() == 2


def test_usage_is_fresh_up_to_now_less_the_lag_or_up_to_the_last_flush(usage: Accounted) -> None:
    usage.lag(30)
    assert usage.fresh_s == -30
    usage.advance(100)
    assert usage.fresh_s == 70
    usage.flush()
    assert usage.fresh_s == 100
    usage.advance(20)
    assert usage.fresh_s == 100
    usage.advance(20)
    assert usage.fresh_s == 110


def test_what_waits_since_a_longer_lag_makes_usage_less_fresh(usage: Accounted) -> None:
    usage.lag(60)
    usage.accept("a")
    usage.advance(20)
    usage.lag(5)
    assert usage.fresh_s == pytest.approx(-1e-9, abs=1e-6)
    assert usage.intake.visible_until_ns(usage.account) == NOW * SECOND_NS - 1
    usage.advance(40)
    assert usage.fresh_s == 55


def test_a_waiting_cancellation_alone_does_not(usage: Accounted) -> None:
    event = usage.accept("a")
    usage.lag(60)
    usage.cancel(event)
    usage.advance(20)
    usage.lag(0)
    assert usage.fresh_s == 20


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.just("accept"), st.integers(-9, 9))
        | st.tuples(st.just("cancel"), st.integers(0, 20))
        | st.tuples(st.just("lag"), st.sampled_from([0, 1, 10, 60]))
        | st.tuples(st.just("advance"), st.sampled_from([0, 1, 5, 30, 100]))
        | st.tuples(st.just("flush"), st.none()),
        max_size=40,
    ),
    st.sampled_from([None, "hour"]),
)
def test_however_the_lag_changes_all_that_was_accepted_counts_once_in_the_end(
    steps: list[tuple[str, int]], window: str | None
) -> None:
    usage = Accounted(window)
    events: list[UsageEvent] = []
    for kind, number in steps:
        if kind == "accept":
            events.append(usage.accept(f"event {len(events)}", str(number)))
        elif kind == "lag":
            usage.lag(number)
        elif kind == "advance":
            usage.advance(number)
        elif kind == "flush":
            usage.flush()
        elif number < len(events) and not usage.intake.is_cancelled(events[number]):
            usage.cancel(events[number])
    usage.advance(60)
    standing = [event.value for event in events if not usage.intake.is_cancelled(event)]
    if window:
        standing = standing[-1:]
    assert usage.total() == (sum(standing) if standing else None)


@given(
    st.lists(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), min_size=1, max_size=12), max_size=5),
    st.sampled_from([None, "hour"]),
    st.integers(1, 5),
)
def test_events_that_are_received_together_count_as_those_accepted_one_by_one(
    calls: list[list[tuple[int, int]]], window: str | None, block: int
) -> None:
    apart, together = Accounted(window), Accounted(window)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timeline, "_BLOCK", block)
        for call in calls:
            first = together.intake.newest_number + 1
            arrivals = [
                (f"event {number}", NOW + later, number, units) for number, (later, units) in enumerate(call, first)
            ]
            together.intake.receive(together.account, Origin("cus_1", (), METER), arrivals)
            for identifier, at, _, units in arrivals:
                apart.accept(identifier, str(units), at)
                assert together.intake.lookup(identifier) == apart.intake.lookup(identifier)
        assert together.intake.dump() == apart.intake.dump()
        assert together.total() == apart.total()
