"""Cards and bank accounts of the older kind: https://docs.stripe.com/api/cards/customer_list. Nobody has any."""

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.records import customers
from fakestripe_meters.framework.absent import Absent
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.wire.schema import param


class CreateSource(Operation):
    """A new source, which is always refused, as for all newer accounts of Stripe's."""

    source: str = param()


class ListSources(ListParams):
    """Which sources to list."""

    object: str | None = param(default=None)


resource = Absent("source", "/v1/customers/<customer_id>/sources", noun="source")


@resource.post()
def create(account: Account, params: CreateSource, customer_id: str) -> None:
    """Refuse: payment methods have replaced sources."""
    customers.find(account, customer_id)
    raise errors.payment_methods.sources_ended("source")


@resource.get("/<source_id>")
@inferred("the param")
def retrieve(account: Account, params: Operation, customer_id: str, source_id: str) -> None:
    """Raise StripeError 404, for there are no sources."""
    customers.find(account, customer_id)
    resource.no_such(source_id)


@resource.get()
def list_(account: Account, params: ListSources, customer_id: str) -> Listing:
    """Return an empty list."""
    customer = customers.find(account, customer_id)
    return resource.none(params, f"/v1/customers/{customer.id}/sources")
