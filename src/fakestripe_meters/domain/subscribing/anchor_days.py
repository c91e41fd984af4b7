"""`billing_cycle_anchor_config`: a billing cycle that is anchored on a day of the month.

Documented in: https://docs.stripe.com/billing/subscriptions/billing-cycle.
"""

from calendar import monthrange
from collections.abc import Mapping
from datetime import MAXYEAR
from datetime import UTC
from datetime import datetime
from math import lcm

from fakestripe_meters.core import errors
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.records.anchor_configs import AnchorConfig
from fakestripe_meters.domain.records.prices import Recurring
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import param

PATH = "billing_cycle_anchor_config"
MONTHS_A_YEAR = 12
MONTHS: Mapping[str, int] = {"month": 1, "year": MONTHS_A_YEAR}
TRIES = 12
"""In so many cycles, each day that ever occurs has occurred."""
LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""How many days each month can have."""


class AnchorTerms(Params):
    """The day of the month, and maybe the month and the time in UTC, at which the billing cycle begins."""

    day_of_month: int = param(least=1, most=31)
    hour: int | None = param(default=None, least=0, most=23)
    minute: int | None = param(default=None, least=0, most=59)
    month: int | None = param(default=None, least=1, most=MONTHS_A_YEAR)
    second: int | None = param(default=None, least=0, most=59)


def config_of(terms: AnchorTerms | None) -> AnchorConfig | None:
    """Return what a subscription keeps of the parameters."""
    if terms is None:
        return None
    return AnchorConfig(terms.day_of_month, terms.hour, terms.minute, terms.month, terms.second)


@documented("neither an anchor nor a trial can be given as well")
@inferred("a day that the month never has is refused")
def of_config(terms: AnchorTerms, anchor: int | None, recurring: Recurring, now: int, *, trials: bool) -> int:
    """Return the anchor that a config asks for, in Unix seconds, or raise StripeError 400."""
    if anchor is not None:
        raise errors.params.exclusive_params(("billing_cycle_anchor", PATH))
    if recurring.interval not in MONTHS:
        raise errors.billing_cycles.anchor_config_needs_months(PATH)
    if trials:
        raise errors.billing_cycles.anchor_config_with_trial(PATH)
    if terms.month is not None and terms.day_of_month > LONGEST_MONTHS[terms.month - 1]:
        raise errors.billing_cycles.no_such_day(f"{PATH}[day_of_month]", terms.month)
    return anchor_of(terms, MONTHS[recurring.interval] * recurring.interval_count, now)


@documented(
    "the anchor is the next occurrence of the day, at the time of the creation unless the config has another. A "
    "subscription every two months, created in February with the day 31, is anchored on 31 August; its first full "
    "period begins at the end of February"
)
@inferred("a day that no month of the cycle has is the last day of the first of them")
def anchor_of(terms: AnchorTerms, months: int, now: int) -> int:
    """Return the anchor of a cycle of so many months, in Unix seconds; it lies after `now`."""
    begun = datetime.fromtimestamp(now, UTC)
    time = begun.replace(
        hour=begun.hour if terms.hour is None else terms.hour,
        minute=begun.minute if terms.minute is None else terms.minute,
        second=begun.second if terms.second is None else terms.second,
    )
    first = begun.year * MONTHS_A_YEAR + (terms.month or begun.month) - 1
    if _occurrence(terms, time, first) <= begun:
        first += MONTHS_A_YEAR if terms.month else 1
    step = lcm(months, MONTHS_A_YEAR) if terms.month else months
    among = range(first, min(first + TRIES * step, (MAXYEAR + 1) * MONTHS_A_YEAR), step)
    exact = next((month for month in among if terms.day_of_month <= _days_of(month)), first)
    return int(_occurrence(terms, time, exact).timestamp())


def _occurrence(terms: AnchorTerms, time: datetime, month: int) -> datetime:
    """Return when the day occurs in a month, be it as its last day; months are counted from the year 0."""
    year, index = divmod(month, MONTHS_A_YEAR)
    return time.replace(year=year, month=index + 1, day=min(terms.day_of_month, _days_of(month)))


def _days_of(month: int) -> int:
    year, index = divmod(month, MONTHS_A_YEAR)
    return monthrange(year, index + 1)[1]
