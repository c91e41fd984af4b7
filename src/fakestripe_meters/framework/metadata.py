"""Metadata: up to 50 keys that the user chooses, on most objects."""

# documented: the limits, https://docs.stripe.com/api/metadata.

from collections.abc import Mapping

from fakestripe_meters.core import errors
from fakestripe_meters.wire.schema import LARGEST
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import param

MOST_KEYS = 50
LONGEST_KEY = 40
LONGEST_VALUE = 500

Metadata = dict[str, str] | Unset | None


def metadata() -> Metadata:
    """Declare the parameter: absent changes nothing, an empty string clears all, `metadata[k]=` removes `k`."""
    given: Metadata = param(
        default=UNSET, clearable=True, max_length=LARGEST, check=check_sizes, doc="Up to 50 keys that you choose."
    )
    return given


def merged(present: Mapping[str, str], given: Metadata, path: str = "metadata") -> Mapping[str, str]:
    """Return the metadata of an object after a change; raise StripeError 400 if it would have too many keys."""
    if given is UNSET:
        return present
    if given is None:
        return {}
    result = {key: value for key, value in {**present, **given}.items() if value}
    if len(result) > MOST_KEYS:
        raise errors.objects.metadata_too_many(path, MOST_KEYS)
    return result


def check_sizes(given: Mapping[str, str | None], path: str) -> None:
    """Raise StripeError 400 if a key or a value is too long."""
    for key, value in given.items():
        where = f"{path}[{key}]"
        if len(key) > LONGEST_KEY:
            raise errors.objects.metadata_too_long(where, "key", LONGEST_KEY, len(key))
        if value is not None and len(value) > LONGEST_VALUE:
            raise errors.objects.metadata_too_long(where, "value", LONGEST_VALUE, len(value))
