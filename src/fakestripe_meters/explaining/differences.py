"""Compare expected and actual usage: what differs, and which events may explain it."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from decimal import InvalidOperation
from typing import TYPE_CHECKING

from fakestripe_meters.core import checks
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.printing import line
from fakestripe_meters.core.printing import mask
from fakestripe_meters.domain.records.meters import Meters
from fakestripe_meters.explaining.asked import Range
from fakestripe_meters.explaining.clues import OTHERS
from fakestripe_meters.explaining.clues import Clues
from fakestripe_meters.explaining.requests import UsageRequests
from fakestripe_meters.explaining.usage import Asked

if TYPE_CHECKING:
    from fakestripe_meters.core.world import World

Number = int | float | str | Decimal
Wanted = Number | Mapping[str, Number]
"""A number, or a number for each day, such as `2025-01-31` (in UTC)."""
EXPLAINED = 3
"""How many differences are explained by their events."""
NAMED = 10
"""How many differences are named at all."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A number that is not as expected: what was asked, the day if it is one, and both numbers."""

    question: Asked
    day: str
    got: Decimal
    expected: Decimal
    named: bool

    def __str__(self) -> str:
        """Return one line: the number, what was expected, and by how much it differs."""
        subject = f"{self.question.meter.event_name} of {self.question.customer}{self.day and f' on {self.day}'}"
        if self.question.meter.formula == "last":
            gap = ""
        else:
            gap = f" ({abs(self.got - self.expected):f} too {'many' if self.got > self.expected else 'few'})"
        if not self.named:
            return f"{subject}: {self.got:f}, but the expectation does not name this meter{gap}"
        return f"{subject}: {self.got:f}, expected {self.expected:f}{gap}"


def differences(question: Asked, wanted: object, *, named: bool) -> Iterator[Difference]:
    """Yield how usage differs from a number, or from a number for each day."""
    if not isinstance(wanted, Mapping):
        expected, got = {"": _number(wanted)}, {"": question.total()}
    else:
        expected = {_day(day): _number(value) for day, value in wanted.items()}
        got = question.by_day()
    nothing = Decimal(0)
    for day in sorted({*got, *expected}):
        if got.get(day, nothing) != expected.get(day, nothing):
            yield Difference(question, day, got.get(day, nothing), expected.get(day, nothing), named)


def told(world: "World", found: Sequence[Difference]) -> list[str]:
    """Return lines for people: each difference, and for the first ones the events behind it."""
    lines: list[str] = []
    for number, difference in enumerate(found[:NAMED]):
        lines.append(line(str(difference)))
        if number < EXPLAINED:
            lines += [f"  {each}" for each in _behind(world, difference)]
    if len(found) > NAMED:
        lines.append(f"and {len(found) - NAMED:,} more differences")
    return lines


def _behind(world: "World", difference: Difference) -> Iterator[str]:
    question = difference.question
    with question.account.lock:
        explanation = _on(question, difference.day).explained()
    senders = UsageRequests(world.journal, question.account.name, question.meter)
    yield from Clues(explanation, senders).lines(difference.expected)
    if difference.got < difference.expected and all(each.customer != question.customer for each in explanation.events):
        yield from _elsewhere(world, question)


def _on(question: Asked, day: str) -> Asked:
    """Return the same question about a day in UTC; the whole question if there is none."""
    if not day:
        return question
    midnight = int(dt.datetime.fromisoformat(f"{day}T00:00:00Z").timestamp())
    start, end = max(question.within.start, midnight), min(question.within.end, midnight + DAY_S)
    return replace(question, within=Range(start, max(start, end)))


def _elsewhere(world: "World", question: Asked) -> Iterator[str]:
    """Yield the usage of meters with the same event name in other accounts."""
    for account in list(world.accounts.values()):
        with account.lock:
            meters = account.peek(Meters) if account is not question.account else None
            every = [each for each in meters.table if each.event_name == question.meter.event_name] if meters else []
            ledgers = [account.part(Intake).ledger(each.id) for each in every]
            counts = Counter[str]()
            for ledger in ledgers:
                counts.update({customer: ledger.size_of(customer) for customer in ledger.customers()})
        if counts:
            whose = ", ".join(f"{count:,} of {customer}" for customer, count in counts.most_common(OTHERS))
            yield line(f"another account has such events: {mask(account.name.key)} has {whose}")


def _day(day: object) -> str:
    try:
        return dt.date.fromisoformat(str(day)).isoformat()
    except ValueError:
        raise checks.refused("expected", "numbers by day, such as 2025-01-31", day) from None


def _number(value: object) -> Decimal:
    try:
        if isinstance(value, int | float | str | Decimal) and not isinstance(value, bool):
            number = Decimal(str(value))
            if number.is_finite():
                return number
    except InvalidOperation:
        pass
    raise checks.refused("expected", "a number for each customer and meter", value)
