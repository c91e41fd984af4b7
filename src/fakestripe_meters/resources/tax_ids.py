"""Tax ids: https://docs.stripe.com/api/tax_ids. The fake has none, neither of the account nor of customers."""

from typing import Literal

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.errors import params as wrong
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.framework.absent import Absent
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.listing import check_filter
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import param


class Owner(Params):
    """Whose tax ids to list."""

    type: Literal["account", "application", "customer", "self"] = param()
    account: str | None = param(default=None)
    customer: str | None = param(default=None)
    customer_account: str | None = param(default=None)


class ListTaxIds(ListParams):
    """Which tax ids to list."""

    owner: Owner | None = param(default=None)


resource = Absent("tax_id", "/v1/tax_ids", noun="tax id")


@resource.get("/<tax_id>")
@inferred("the noun and the param")
def retrieve(account: Account, params: Operation, tax_id: str) -> None:
    """Raise StripeError 404, for there are no tax ids."""
    resource.no_such(tax_id)


@resource.get()
@inferred("an owner of the type `customer` must be named")
def list_(account: Account, params: ListTaxIds) -> Listing:
    """Return an empty list."""
    owner = params.owner
    if owner is not None and owner.type == "customer" and owner.customer is owner.customer_account is None:
        raise wrong.missing_param("owner[customer]")
    if owner is not None:
        check_filter(account.part(Customers).table, owner.customer, "customer", "owner[customer]")
    return resource.none(params)
