"""What the options of a fake may be: the words, the bounds and the checks that other code needs as well."""

from functools import partial

from fakestripe_meters.core import checks
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.clock import HOUR_S

LONGEST_GRACE_S = 72 * HOUR_S
LONGEST_TICK_S = DAY_S
UNSERVED = ("refuse", "ignore")
MOST_RETRIES = 20
LONGEST_PAUSE = 60
"""The most days between two tries to pay."""
AFTER_RETRIES = ("past_due", "unpaid", "cancel")
PAYMENT_METHODS = ("optional", "required")
GRACE_FOR = ("all", "metered")
LEAKS = ("refuse", "allow")
"""What becomes of a connection to Stripe that is not intercepted."""
check_leaks = partial(checks.word, words=LEAKS)
check_retries = partial(checks.days, most=MOST_RETRIES, longest=LONGEST_PAUSE)
check_after_retries = partial(checks.word, words=AFTER_RETRIES)
check_grace_for = partial(checks.word, words=GRACE_FOR)
check_payment_methods = partial(checks.word, words=PAYMENT_METHODS)


def days(text: str) -> tuple[int, ...]:
    """Return the days of a list such as `3,5,7`; ValueError if it is none."""
    return tuple(map(int, text.split(",")))


days.__name__ = "list of days"  # what argparse calls a wrong one
