"""From when to when a phase lasts.

Documented in: https://docs.stripe.com/billing/subscriptions/subscription-schedules.
"""

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.core.periods import Cycle
from fakestripe_meters.core.periods import Interval
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.planning.schedule_terms import LaterPhase
from fakestripe_meters.domain.planning.schedule_terms import NewPhase
from fakestripe_meters.domain.records.prices import Recurring
from fakestripe_meters.domain.subscribing import starting

WAYS = ("duration", "end_date", "iterations")
"""The parameters that say how long a phase lasts."""


@documented("the parameters, of which a phase has one; times count from the billing cycle's anchor, as of clover")
@inferred("without any, it lasts for one period of its prices; so it does if it is not the last one")
def end_of(
    account: Account, terms: NewPhase | LaterPhase, shortest: Recurring, *, start: int, anchor: int, path: str
) -> int:
    """Return when a phase ends that begins at `start`, in Unix seconds, or raise StripeError 400."""
    given = [name for name in WAYS if getattr(terms, name) is not None]
    if len(given) > 1:
        raise errors.params.exclusive_params([f"{path}[{name}]" for name in given])
    if terms.end_date is not None:
        end = account.now if isinstance(terms.end_date, str) else terms.end_date
    elif terms.duration is not None:
        end = _after(start, anchor, terms.duration.interval, terms.duration.interval_count)
    else:
        end = _after(start, anchor, shortest.interval, shortest.interval_count * (terms.iterations or 1))
    if end > LAST_SECOND:
        raise errors.params.too_far_ahead(f"{path}[{given[0] if given else 'end_date'}]")
    if end < start or (end == start and terms.end_date != "now"):
        raise errors.subscription_schedules.ends_before_it_begins(f"{path}[end_date]")
    return end


def trial_end_of(account: Account, terms: NewPhase | LaterPhase, *, start: int, end: int, path: str) -> int | None:
    """Return when the trial of a phase ends, in Unix seconds, None without a trial, or raise StripeError 400."""
    if terms.trial and terms.trial_end is not None:
        raise errors.params.exclusive_params([f"{path}[trial]", f"{path}[trial_end]"])
    trial_end = end if terms.trial else terms.trial_end
    if isinstance(trial_end, str):
        return None if account.now <= start else account.now
    if trial_end is None:
        return None
    where = f"{path}[trial_end]"
    if not start < trial_end <= end:
        raise errors.subscription_schedules.trial_outside(where)
    if trial_end > start + starting.LONGEST_TRIAL_S:
        raise errors.subscriptions.trial_too_long(where)
    if terms.billing_cycle_anchor == "phase_start":
        raise errors.subscription_schedules.trial_and_anchor(f"{path}[billing_cycle_anchor]")
    return trial_end


def _after(start: int, anchor: int, interval: Interval, count: int) -> int:
    """Return the end of some intervals after `start`; the days of months are those of the anchor, if it is in step."""
    try:
        cycle = Cycle(anchor, interval)
        index = cycle.index(start)
        return cycle.edge(index + count) if cycle.edge(index) == start else Cycle(start, interval).edge(count)
    except ValueError:  # after the last year
        return LAST_SECOND + 1
