"""Tax ids of a customer: https://docs.stripe.com/api/tax_ids. The fake has none."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.records import customers
from fakestripe_meters.framework.absent import Absent
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation

resource = Absent("tax_id", "/v1/customers/<customer_id>/tax_ids", noun="tax id")


@resource.get("/<tax_id>")
@inferred("the noun and the param")
def retrieve(account: Account, params: Operation, customer_id: str, tax_id: str) -> None:
    """Raise StripeError 404, for there are no tax ids."""
    customers.find(account, customer_id, param="customer")
    resource.no_such(tax_id)


@resource.get()
@inferred("the param of an unknown customer, as for the balance transactions of one")
def list_(account: Account, params: ListParams, customer_id: str) -> Listing:
    """Return an empty list."""
    customer = customers.find(account, customer_id, param="customer")
    return resource.none(params, f"/v1/customers/{customer.id}/tax_ids")
