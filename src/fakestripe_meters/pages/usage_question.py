"""From the form of the usage page to a question, with what is asked unless the form says otherwise."""

import datetime as dt
from zoneinfo import ZoneInfo

from fakestripe_meters.core import zones
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.printing import masked
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.domain.records.meters import Meter
from fakestripe_meters.domain.records.meters import Meters
from fakestripe_meters.pages.answers import Form
from fakestripe_meters.pages.usage_asking import Question

DAYS = 31
"""How many days are shown, unless others are asked for."""
WHERE = "where."
"""What the name of a field begins with that filters by a dimension."""
LONGEST_FIELD = 500
EARLIEST, LATEST = dt.date(1, 1, 10), dt.date(9999, 12, 20)
"""The days of which each time zone has all hours."""


@dataclass(frozen=True, slots=True)
class Range:
    """From the beginning of one day to the end of another, in Unix seconds."""

    start: int
    end: int
    first: str
    """The first day, such as `2025-01-31`."""
    last: str
    moved: bool = False
    """Whether nobody has chosen these days, and they are those of the newest usage."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose usage of what a page is about."""

    customer: Customer | None
    meter: Meter | None
    customer_id: str
    """As the form names it, if there is no such customer."""
    meter_id: str
    newest: int | None
    """When the newest usage was that counts, in Unix seconds; None if there is none."""


def subject(account: Account, form: Form) -> Subject:
    """Return the customer and the meter that a form names, or else those with the newest usage."""
    known, meters = account.part(Customers), account.part(Meters)
    customer, meter = form.get("customer", "").strip(), form.get("meter", "").strip()
    person = known.lookup(customer)
    thing = meters.table.get(meter) or meters.of_event(meter) or meters.archived(meter)
    people = [person] if customer else [each for each in known.table if not each.deleted]
    things = [thing] if meter else list(meters.table)
    pairs = [(one, other) for other in things for one in people]
    newest = [(_newest(account, one, other), one, other) for one, other in pairs if one and other]
    latest = max((each for each in newest if each[0] is not None), key=lambda each: each[0] or 0, default=None)
    at, person, thing = latest or (None, next(iter(people), None), next(iter(things), None))
    return Subject(person, thing, person.id if person else customer, thing.id if thing else meter, at)


def _newest(account: Account, customer: Customer, meter: Meter) -> int | None:
    """Return when a customer's newest usage was that counts, in Unix seconds; None if there is none."""
    span = account.part(Intake).ledger(meter.id).span(customer.id)
    return span[1] if span else None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, with what it was made of."""

    question: Question
    days: Range
    about: Subject
    where: ZoneInfo
    """The time zone; UTC if there is none of the name that was asked for."""


def question(account: Account, form: Form, about: Subject) -> Asked:
    """Return what a form asks about a subject.

    Raises:
        Misuse: A day is none.
    """
    timezone = form.get("timezone", "").strip() or "UTC"
    where = zones.zone(timezone) or zones.UTC
    days = _days(account, form, about, where)
    by = [form.get("by", ""), form.get("then", "")] if "by" in form else dimensions(about.meter)[:1]
    asked = Question(
        customer=about.customer_id,
        meter=about.meter_id,
        start=days.start,
        end=days.end,
        per=form.get("per", "") or "day",
        timezone=timezone,
        group_by=tuple(dict.fromkeys(key for key in by if key)),
        filters=filters_of(form),
    )
    return Asked(asked, days, about, where)


def dimensions(meter: Meter | None) -> list[str]:
    """Return the dimensions that a page offers: none whose name has an API key in it, for it would be in addresses."""
    return [] if meter is None else [each for each in meter.dimension_keys if masked(each) == each]


def filters_of(form: Form) -> dict[str, str]:
    """Return the value that a form lets through, by dimension."""
    return {name.removeprefix(WHERE): value for name, value in form.items() if name.startswith(WHERE) and value}


def day(instant: int, where: ZoneInfo) -> str:
    """Return the day of an instant: `2025-01-31`."""
    return _date(instant, where).isoformat()


def _days(account: Account, form: Form, about: Subject, where: ZoneInfo) -> Range:
    """Return the days that a form names; by default, the last that the customer has seen."""
    stretch = dt.timedelta(days=DAYS - 1)
    try:
        first, last = _day(form, "from"), _day(form, "to")
        moved = False
        if first is None and last is None:
            now = customers.now(account, about.customer) if about.customer else account.now
            last = _date(now - 1, where)
            moved = about.newest is not None and about.newest < _midnight(last - stretch, where)
            last = _date(about.newest, where) if moved and about.newest is not None else last
        first, last = _both(first, last, stretch)
        start, end = _midnight(first, where), _midnight(last + dt.timedelta(days=1), where)
    except OverflowError:
        raise Misuse("these days are outside of the calendar", param="from") from None
    return Range(start, end, first.isoformat(), last.isoformat(), moved)


def _both(first: dt.date | None, last: dt.date | None, stretch: dt.timedelta) -> tuple[dt.date, dt.date]:
    """Return both ends of a stretch of days, of which one may be missing.

    Raises:
        OverflowError: A day is so early or so late that some zone has not all of its hours.
    """
    if first is None:
        last = last or LATEST
        first = last - stretch
    last = last or first + stretch
    if first < EARLIEST or last > LATEST:
        raise OverflowError
    return first, last


def _day(form: Form, name: str) -> dt.date | None:
    text = form.get(name, "").strip()
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        message = f"{name!r} is a day such as 2025-01-31, and not {text[:LONGEST_FIELD]!r}"
        raise Misuse(message, param=name) from None


def _midnight(day: dt.date, where: ZoneInfo) -> int:
    """Return the first instant of a day. If its midnight is skipped, that is the instant of the jump."""
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=where).timestamp())


def _date(instant: int, where: ZoneInfo) -> dt.date:
    return dt.datetime.fromtimestamp(instant, where).date()
