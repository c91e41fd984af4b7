"""What objects of older versions hold in full, where newer ones have an id: prices and tax rates."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import tax_rates
from fakestripe_meters.domain.records.prices import Prices
from fakestripe_meters.domain.records.tax_rates import TaxRates
from fakestripe_meters.wire.tree import Tree


def of(account: Account, object_id: str) -> tuple[Tree | None, Tree | None]:
    """Return a price, even a deleted one, as a plan and as a price; a tax rate as the second; None for what is not."""
    rate = account.part(TaxRates).table.get(object_id)
    if rate is not None:
        return None, tax_rates.render(account, rate)
    price = account.part(Prices).table.get(object_id)
    return prices.faces(account, price) if price else (None, None)
