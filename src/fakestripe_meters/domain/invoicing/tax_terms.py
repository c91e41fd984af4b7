"""The tax rates that a request names, for a subscription, an item, an invoice or a line."""

from collections.abc import Sequence
from typing import Any
from typing import Protocol
from typing import TypeAlias

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.domain.records import tax_rates
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import param

Given: TypeAlias = tuple[str, ...] | Unset | None
"""The ids of tax rates, in a parameter; an empty string takes all rates away."""
# documented: the limits, in https://docs.stripe.com/billing/taxes/tax-rates.
MOST_BY_DEFAULT = 5
MOST_ON_LINES = 10


class AutomaticTax(Params):
    """Whether taxes are calculated. The fake calculates none but those of tax rates."""

    enabled: bool = param(unserved=(True,))


def default_rates() -> Any:  # noqa: ANN401  it stands where the field's own type is declared
    """Declare the parameter for the tax rates of all lines without own ones."""
    return param(
        default=UNSET, clearable=True, most_items=MOST_BY_DEFAULT, doc="Those of all lines that have none themselves."
    )


def own_rates() -> Any:  # noqa: ANN401  likewise
    """Declare the parameter for the tax rates of one line or item."""
    return param(default=UNSET, clearable=True, most_items=MOST_ON_LINES, doc="In the place of those of all lines.")


class Taxed(Protocol):
    """A subscription or an invoice."""

    default_tax_rates: Sequence[str]


def apply_default(account: Account, owner: Taxed, given: Given, path: str = "default_tax_rates") -> None:
    """Give a subscription or an invoice the tax rates that a request names, or raise StripeError 400."""
    rates = chosen(account, given, path)
    if rates is not None:
        owner.default_tax_rates = rates


@documented("an empty string takes the rates away, in Stripe's OpenAPI")
def chosen(account: Account, given: Given, path: str) -> list[str] | None:
    """Return the ids of the tax rates that a request sets, or raise StripeError 400; None if it sets none."""
    return None if given is UNSET else tax_rates.chosen(account, given, path)
