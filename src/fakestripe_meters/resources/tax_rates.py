"""Tax rates: https://docs.stripe.com/api/tax_rates."""

from decimal import Decimal
from typing import Literal

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.records import tax_rates
from fakestripe_meters.domain.records.tax_rates import TaxRate
from fakestripe_meters.domain.records.tax_rates import TaxRates
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import Range
from fakestripe_meters.framework.listing import page
from fakestripe_meters.framework.listing import within
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.framework.metadata import metadata
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import any_integer
from fakestripe_meters.wire.schema import param

PATH = "/v1/tax_rates"
LONGEST_NAME = 50
TaxType = Literal[
    "amusement_tax",
    "communications_tax",
    "gst",
    "hst",
    "igst",
    "jct",
    "lease_tax",
    "mass_transit_parking_tax",
    "parking_tax",
    "pst",
    "qst",
    "retail_delivery_fee",
    "rst",
    "sales_tax",
    "service_tax",
    "vat",
]


class TaxRateTerms(Operation):
    """The parameters of a new tax rate and of an update."""

    active: bool | Unset = param(default=UNSET)
    country: str | Unset = param(default=UNSET)
    description: str | Unset = param(default=UNSET)
    jurisdiction: str | Unset = param(default=UNSET, max_length=LONGEST_NAME)
    metadata: Metadata = metadata()
    state: str | Unset = param(default=UNSET)
    tax_type: TaxType | Unset = param(default=UNSET)


class CreateTaxRate(TaxRateTerms):
    """A new tax rate."""

    display_name: str = param(max_length=LONGEST_NAME)
    inclusive: bool = param(doc="Whether amounts contain the tax.")
    percentage: Decimal = param(least=0, most=100, check=tax_rates.check_percentage, doc="At most four decimals.")


class UpdateTaxRate(TaxRateTerms):
    """A change to a tax rate: what it comes to stays."""

    display_name: str | Unset = param(default=UNSET, max_length=LONGEST_NAME)


class ListTaxRates(ListParams):
    """Which tax rates to list."""

    active: bool | None = param(default=None)
    created: int | Range | None = any_integer(default=None)
    inclusive: bool | None = param(default=None)


SETTABLE = ("active", "country", "description", "display_name", "jurisdiction", "state", "tax_type")

resource = Resource(
    "tax_rate",
    PATH,
    render=tax_rates.render,
    by_id=lambda account, rate_id: account.part(TaxRates).table.get(rate_id),
)


@resource.post()
def create(account: Account, params: CreateTaxRate) -> TaxRate:
    """Create a tax rate."""
    rate = TaxRate(
        id=account.ids.new("txr_", 24),
        created=account.now,
        display_name=params.display_name,
        inclusive=params.inclusive,
        percentage=params.percentage,
    )
    _apply(rate, params)
    account.part(TaxRates).table.add(rate)
    publish(account, "tax_rate.created", tax_rates.render(account, rate))
    return rate


@resource.get("/<tax_rate_id>")
def retrieve(account: Account, params: Operation, tax_rate_id: str) -> TaxRate:
    """Return a tax rate."""
    return tax_rates.find(account, tax_rate_id)


@resource.post("/<tax_rate_id>")
@inferred("an update that changes nothing publishes no event")
def update(account: Account, params: UpdateTaxRate, tax_rate_id: str) -> TaxRate:
    """Change the given fields. An inactive rate stays where it is in use."""
    rate = tax_rates.find(account, tax_rate_id)
    before = tax_rates.render(account, rate)
    _apply(rate, params)
    publish_update(account, "tax_rate.updated", before, tax_rates.render(account, rate))
    return rate


@resource.get()
def list_(account: Account, params: ListTaxRates) -> Listing:
    """List tax rates, newest first."""

    def wanted(rate: TaxRate) -> bool:
        return (
            params.active in (None, rate.active)
            and params.inclusive in (None, rate.inclusive)
            and within(params.created, rate.created)
        )

    return page(account.part(TaxRates).table, params, url=PATH, noun="tax rate", where=wanted)


def _apply(rate: TaxRate, params: TaxRateTerms) -> None:
    rate.metadata = merged(rate.metadata, params.metadata)  # first: if it raises, nothing has changed
    for name, value in params.given(SETTABLE):
        setattr(rate, name, value)
