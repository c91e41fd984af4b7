"""What is asked about usage: in which range, and which of it. The range and the filters are those of the analytics."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import field
from zoneinfo import ZoneInfo

from fakestripe_meters.core import checks
from fakestripe_meters.core import errors
from fakestripe_meters.core import zones
from fakestripe_meters.core.clock import ISO_8601
from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.clock import When
from fakestripe_meters.core.clock import instant_ns
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.usage_event import Dimensions
from fakestripe_meters.core.usage_event import Filters
from fakestripe_meters.domain.metering.questions import MOST_FILTERS
from fakestripe_meters.domain.metering.questions import Selection
from fakestripe_meters.domain.metering.questions import dimensions
from fakestripe_meters.domain.records.meters import Meter


@dataclass(frozen=True, slots=True)
class Range:
    """The instants in [start, end), in Unix seconds, and the time zone whose dates and days were meant."""

    start: int
    end: int
    zone: ZoneInfo = zones.UTC

    def holds(self, timestamp: int) -> bool:
        """Return whether an instant is in it."""
        return self.start <= timestamp < self.end


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which usage of a meter is meant: by dimension, the values of which it has one."""

    filters: Mapping[str, frozenset[str]] = field(default_factory=dict)
    selection: Selection = field(default_factory=lambda: Selection({}, {}))

    def passes(self, values: Dimensions) -> bool:
        """Return whether usage with these dimensions is meant."""
        return self.selection.passes(values)

    def may_pass(self, payload: Mapping[str, object]) -> bool:
        """Return whether an event that did not count was meant, by its payload."""
        return all(payload.get(key) in values for key, values in self.filters.items() if key in payload)


EVERYTHING = Chosen()


def within(start: When | None, end: When | None, timezone: str | None = None) -> Range:
    """Return a range; dates and times that name no zone are those of `timezone`, by default UTC.

    Raises:
        Misuse: One of them makes no sense, or the range ends before it starts.
    """
    zone = _zone(timezone)
    first = 0 if start is None else _instant(start, "start", zone)
    last = LAST_SECOND if end is None else _instant(end, "end", zone)
    if first > last:
        raise Misuse(f"the range ends at {end!r}, before its start at {start!r}", param="end")
    return Range(first, last, zone)


def chosen(meter: Meter, filters: Filters | None) -> Chosen:
    """Return which usage of a meter filters mean.

    Raises:
        Misuse: The meter has no such dimension, or the filters make no sense.
    """
    if filters is None:
        return EVERYTHING
    if not isinstance(filters, Mapping):
        raise checks.refused("dimension_filters", "values by dimension", filters)
    given = {checks.text(key, "dimension_filters"): _values(key, values) for key, values in filters.items()}
    try:
        if len(given) > MOST_FILTERS:
            raise errors.params.too_many("dimension_filters", MOST_FILTERS, "dimension_filters")
        return Chosen(given, Selection(dimensions(meter).filters(given, "dimension_filters"), {}))
    except StripeError as error:
        raise Misuse(error.message, param=error.param) from None


def _values(key: str, values: object) -> frozenset[str]:
    name = f"dimension_filters[{key}]"
    if isinstance(values, str):
        return frozenset((values,))
    if not isinstance(values, list | tuple | set | frozenset) or not values:
        raise checks.refused(name, "a value, or a list of values", values)
    return frozenset(checks.text(each, name) for each in values)


def _zone(name: str | None) -> ZoneInfo:
    found = zones.UTC if name is None else zones.zone(checks.text(name, "timezone"))
    if found is None:
        raise Misuse(errors.metering.invalid_time_zone("timezone", str(name)).message, param="timezone")
    return found


def _instant(when: When, name: str, zone: ZoneInfo) -> int:
    instant = instant_ns(when, name)
    moment = when
    if isinstance(when, str) and ISO_8601.fullmatch(when) and not when.isdecimal():
        moment = dt.datetime.fromisoformat(when.upper())
    if isinstance(moment, dt.datetime) and moment.utcoffset() is None:
        instant = instant_ns(moment.replace(tzinfo=zone), name)
    return instant // SECOND_NS
