"""Parameters as plain JSON, to be kept and shown again."""

from decimal import Decimal
from typing import Any

from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.tree import number


def data_of(given: Params | None, name: str) -> dict[str, Any]:
    """Return a hash that is kept for what is made later, without metadata that is empty; `name` is its parameter."""
    if given is None:
        return {}
    data: dict[str, Any] = plain(given)
    if "metadata" in data:
        data["metadata"] = merged({}, data["metadata"], f"{name}[metadata]")
    return data


def plain(value: Any) -> Any:  # noqa: ANN401  any parameter, any JSON
    """Return a parameter as JSON; what a hash does not set is left out of it."""
    if isinstance(value, Params):
        said = ((name, each) for name, each in vars(value).items() if each is not None and each is not UNSET)
        return {name: plain(each) for name, each in said}
    if isinstance(value, tuple):
        return [plain(each) for each in value]
    return number(value) if isinstance(value, Decimal) else value
