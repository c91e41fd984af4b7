"""Tax rates: how they are stored and shown. They are plain percentages."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import field
from decimal import Decimal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.exact import EXACT
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.table import required
from fakestripe_meters.core.undo import record
from fakestripe_meters.wire.tree import Tree

MOST_DECIMALS = 4
FINEST = Decimal("0.0001")


@record
class TaxRate:
    """A tax rate as stored; its percentage never changes."""

    id: str
    created: int
    display_name: str
    inclusive: bool
    percentage: Decimal
    active: bool = True
    country: str | None = None
    description: str | None = None
    jurisdiction: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    state: str | None = None
    tax_type: str | None = None


@dataclass(eq=False)
class TaxRates(Part, name="tax_rates"):
    """All tax rates of an account."""

    table: Table[TaxRate] = field(default_factory=Table)


def check_percentage(value: Decimal, path: str) -> None:
    """Raise StripeError 400 if a percentage has more decimals than Stripe keeps."""
    if value != value.quantize(FINEST, context=EXACT):
        raise errors.params.too_many_decimals(path, MOST_DECIMALS)


@inferred("that none may be there twice")
def chosen(account: Account, rate_ids: Sequence[str] | None, path: str) -> list[str]:
    """Return the ids of the tax rates that a parameter names, or raise StripeError 400 if one cannot be used."""
    for rate_id in rate_ids or ():
        if not find(account, rate_id, param=path, status=400).active:
            raise errors.taxes.inactive_rate(path, rate_id)
    if len(set(rate_ids or ())) < len(rate_ids or ()):
        raise errors.taxes.rate_twice(path)
    return list(rate_ids or ())


def find(account: Account, rate_id: str, *, param: str = "tax_rate", status: int = 404) -> TaxRate:
    """Return the tax rate with that id, or raise `No such tax rate`."""
    return required(account.part(TaxRates).table.get(rate_id), "tax rate", rate_id, param=param, status=status)


def kept(account: Account, rate_id: str) -> TaxRate:
    """Return the tax rate that something in the account names."""
    return account.part(TaxRates).table.kept(rate_id)


def render_all(account: Account, rate_ids: Sequence[str]) -> list[Tree]:
    """Return the tax rates that something names, as Stripe shows them."""
    return [render(account, kept(account, rate_id)) for rate_id in rate_ids]


@observed("the fields, of which the percentages are floats (Kiln-AI/stripe_world)")
def render(_account: Account, rate: TaxRate) -> Tree:
    """Return a tax rate as Stripe shows it."""
    return {
        "id": rate.id,
        "object": "tax_rate",
        "active": rate.active,
        "country": rate.country,
        "created": rate.created,
        "description": rate.description,
        "display_name": rate.display_name,
        "effective_percentage": float(rate.percentage),
        "flat_amount": None,
        "inclusive": rate.inclusive,
        "jurisdiction": rate.jurisdiction,
        "jurisdiction_level": None,
        "livemode": False,
        "metadata": dict(rate.metadata),
        "percentage": float(rate.percentage),
        "rate_type": "percentage",
        "state": rate.state,
        "tax_type": rate.tax_type,
    }
