"""Active entitlements: https://docs.stripe.com/api/entitlements/active-entitlement. No customer of the fake has any."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.records import customers
from fakestripe_meters.framework.absent import Absent
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.wire.schema import param


class ListEntitlements(ListParams):
    """Whose entitlements to list."""

    customer: str = param()


resource = Absent("entitlements.active_entitlement", "/v1/entitlements/active_entitlements", noun="active entitlement")


@resource.get("/<entitlement_id>")
@inferred("the noun and the param")
def retrieve(account: Account, params: Operation, entitlement_id: str) -> None:
    """Raise StripeError 404, for nobody has entitlements."""
    resource.no_such(entitlement_id)


@resource.get()
def list_(account: Account, params: ListEntitlements) -> Listing:
    """Return an empty list."""
    customers.find(account, params.customer, param="customer", status=400)
    return resource.none(params)
