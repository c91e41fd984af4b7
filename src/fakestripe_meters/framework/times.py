"""Bounds of the times that parameters set, in Unix seconds.

Observed in: Kiln-AI/stripe_world.
"""

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed

MOST_DAYS_AHEAD = 1_826
"""Five years, of which at least one is a leap year."""


@observed("five years, for `trial_end` and for when a promotion code expires")
@inferred("the same for other times, and how many days five years have")
def check_ahead(account: Account, instant: int, path: str) -> None:
    """Raise StripeError 400 if an instant is more than five years in the future."""
    if instant > account.now + MOST_DAYS_AHEAD * DAY_S:
        raise errors.params.too_far_ahead(path)


@inferred("the refusals")
def check_timestamp(kind: str, timestamp: int | None, path: str) -> None:
    """Raise StripeError 400 if the hash at `path` has the type `timestamp` and no time, or a time and another type."""
    where, wanted = f"{path}[timestamp]", f"`{path}[type]=timestamp`"
    if kind == "timestamp" and timestamp is None:
        raise errors.params.needed_with(where, wanted)
    if kind != "timestamp" and timestamp is not None:
        raise errors.params.not_with(where, wanted)
