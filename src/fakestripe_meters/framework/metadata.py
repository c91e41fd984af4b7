"""Metadata: up to 50 keys of a user's own, on most objects. Limits documented by Stripe."""

from collections.abc import Mapping

from fakestripe_meters.core import errors
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import param

MOST_KEYS = 50
LONGEST_KEY = 40
LONGEST_VALUE = 500

Metadata = dict[str, str] | Unset | None


def metadata() -> Metadata:
    """The parameter: absent changes nothing, an empty string clears all, `metadata[k]=` removes `k`."""
    given: Metadata = param(default=UNSET, clearable=True, check=check_sizes, doc="Up to 50 keys of your own.")
    return given


def merged(present: dict[str, str], given: Metadata) -> dict[str, str]:
    """What an object's metadata becomes; StripeError 400 if that would be too much."""
    if given is UNSET:
        return present
    if given is None:
        return {}
    result = {key: value for key, value in (present | given).items() if value}
    if len(result) > MOST_KEYS:
        raise errors.metadata_too_many(MOST_KEYS)
    return result


def check_sizes(given: Mapping[str, str | None], path: str) -> None:
    """Return if no key and no value is too long, else StripeError 400."""
    for key, value in given.items():
        where = f"{path}[{key}]"
        if len(key) > LONGEST_KEY:
            raise errors.metadata_too_long(where, "key", LONGEST_KEY, len(key))
        if value is not None and len(value) > LONGEST_VALUE:
            raise errors.metadata_too_long(where, "value", LONGEST_VALUE, len(value))
