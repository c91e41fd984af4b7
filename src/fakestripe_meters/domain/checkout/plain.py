"""Parameters as plain JSON, to be kept and shown again."""

from decimal import Decimal
from typing import Any

from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.tree import number


def plain(value: Any) -> Any:  # noqa: ANN401  any parameter, any JSON
    """Return a parameter as JSON; what a hash does not set is left out of it."""
    if isinstance(value, Params):
        said = ((name, each) for name, each in vars(value).items() if each is not None and each is not UNSET)
        return {name: plain(each) for name, each in said}
    if isinstance(value, tuple):
        return [plain(each) for each in value]
    return number(value) if isinstance(value, Decimal) else value
