"""What credits may pay for: every metered price, or some."""

from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.records import prices
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import param

MOST_PRICES = 20


class ScopePrice(Params):
    """A metered price."""

    id: str = param()


class Scope(Params):
    """What credits may pay for: every metered price, or some."""

    price_type: Literal["metered"] | None = param(default=None)
    prices: tuple[ScopePrice, ...] = param(default=(), doc="At most 20.")


class ApplicabilityConfig(Params):
    """What credits may pay for."""

    scope: Scope = param()


def check_scope(account: Account, scope: Scope, path: str) -> None:
    """Raise StripeError 400 unless a scope is of one kind and names only metered prices."""
    if scope.price_type and scope.prices:
        raise errors.params.exclusive_params((f"{path}[price_type]", f"{path}[prices]"))
    if not scope.price_type and not scope.prices:
        raise errors.params.missing_param(f"{path}[price_type]")
    if len(scope.prices) > MOST_PRICES:
        raise errors.params.array_too_long(f"{path}[prices]", MOST_PRICES)
    for index, each in enumerate(scope.prices):
        where = f"{path}[prices][{index}][id]"
        price = prices.lookup(account, each.id)
        if price is None:
            raise errors.objects.no_such("price", each.id, param=where, status=400)
        if price.meter is None:
            raise errors.credits.price_not_metered(where, price.id)
