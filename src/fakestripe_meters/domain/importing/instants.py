"""The timestamps of usage files, as Unix seconds.

Documented in: https://docs.stripe.com/billing/subscriptions/usage-based/recording-usage-dashboard.
"""

import re
from datetime import UTC
from datetime import datetime

from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.importing import reasons
from fakestripe_meters.domain.importing.reasons import BadRecord

MOST_DIGITS = 18
NEGATIVE = re.compile("-[0-9]{1,18}")
DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOMENT = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[+-][0-9]{4}|Z)")
SECONDS = "a whole number of Unix seconds"
THREE = f"{SECONDS}, a day such as 2025-01-31, or a time such as 2025-01-31T12:00:00+0530"


def unix(text: str) -> int:
    """Return Unix seconds, or raise `BadRecord`."""
    if text.isdecimal() and text.isascii() and len(text) <= MOST_DIGITS:
        return int(text)
    return _other(text, SECONDS)


@documented("the three formats")
@inferred("a day is its first second in UTC, and Z stands for no offset")
def dashboard(text: str) -> int:
    """Return what one of the Dashboard's formats means, or raise `BadRecord`."""
    if text.isdecimal() and text.isascii() and len(text) <= MOST_DIGITS:
        return int(text)
    try:
        if DAY.fullmatch(text):
            return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
        if MOMENT.fullmatch(text):
            return int(datetime.fromisoformat(text).timestamp())
    except ValueError:
        raise BadRecord(reasons.not_a_time(text, THREE)) from None
    return _other(text, THREE)


def _other(text: str, formats: str) -> int:
    """Return a time before 1970, which the check of the event refuses."""
    if NEGATIVE.fullmatch(text):
        return int(text)
    raise BadRecord(reasons.not_a_time(text, formats))
