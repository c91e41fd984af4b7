"""Compare expected and actual usage: what differs, and which events may explain it."""

from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping
from decimal import Decimal
from decimal import InvalidOperation

from fakestripe_meters.core import checks
from fakestripe_meters.testing.explaining import Explanation

Number = int | float | str | Decimal
Wanted = Number | Mapping[str, Number]
"""A number, or a number for each day, such as `2025-01-31` (in UTC)."""
SHOWN = 5


def compare(explanation: Explanation, wanted: object) -> Iterator[str]:
    """Yield the lines that say how a number differs, if it does."""
    yield from _complaints(explanation, {"": explanation.value}, {"": _number(wanted)})


def compare_days(explanation: Explanation, got: Mapping[str, Decimal], wanted: Mapping[str, object]) -> Iterator[str]:
    """Yield the lines that say how the days of either side differ, if they do."""
    yield from _complaints(explanation, got, {str(day): _number(value) for day, value in wanted.items()})


def _complaints(explanation: Explanation, got: Mapping[str, Decimal], wanted: Mapping[str, Decimal]) -> Iterator[str]:
    subject = f"{explanation.customer} · {explanation.meter.event_name}"
    nothing = Decimal(0)
    complaints = [
        f"  {subject}{day and f' on {day}'}: expected {expected:f}, got {value:f} ({value - expected:+f})"
        for day in sorted({*got, *wanted})
        if (value := got.get(day, nothing)) != (expected := wanted.get(day, nothing))
    ]
    yield from complaints
    if complaints:
        yield from _hints(explanation)


def _hints(explanation: Explanation) -> Iterator[str]:
    """Yield the events that do not count; if none counts, also how many events other customers have."""
    idle = [event for event in explanation.events if event.outcome not in {"counted", "foreign"}]
    yield from (f"      {event}" for event in idle[:SHOWN])
    if len(idle) > SHOWN:
        yield f"      and {len(idle) - SHOWN} more that do not count"
    if not explanation.of("counted"):
        for customer, count in Counter(event.customer for event in explanation.of("foreign")).items():
            yield f"      {count} of this meter's events are of {customer}"


def _number(value: object) -> Decimal:
    try:
        if isinstance(value, int | float | str | Decimal) and not isinstance(value, bool):
            return Decimal(str(value))
    except InvalidOperation:
        pass
    raise checks.refused("expected", "a number for each customer and meter", value)
