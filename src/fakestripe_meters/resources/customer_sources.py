"""Cards and bank accounts of the older kind: https://docs.stripe.com/api/cards/customer_list. Nobody has any."""

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.records import customers
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree

PATH = "/v1/customers/<customer_id>/sources"


class CreateSource(Operation):
    """A new source, which is always refused, as for all newer accounts."""

    source: str = param()


class ListSources(ListParams):
    """Which sources to list."""

    object: str | None = param(default=None, doc="Changes nothing.")


def _render(_account: Account, source: Tree) -> Tree:
    return source


resource = Resource("source", PATH, render=_render)


@resource.post()
def create(account: Account, params: CreateSource, customer_id: str) -> Tree:
    """Refuse: sources have been replaced by payment methods."""
    customers.find(account, customer_id)
    raise errors.payment_methods.sources_ended("source")


@resource.get()
@inferred("a cursor names a source that does not exist")
def list_(account: Account, params: ListSources, customer_id: str) -> Listing:
    """List a customer's sources: none."""
    customer = customers.find(account, customer_id)
    for name in ("starting_after", "ending_before"):
        cursor = getattr(params, name)
        if cursor is not None:
            raise errors.objects.no_such("source", cursor, param=name, status=400)
    return Listing([], has_more=False, url=f"/v1/customers/{customer.id}/sources")


@resource.get("/<source_id>")
def retrieve(account: Account, params: Operation, customer_id: str, source_id: str) -> Tree:
    """Refuse: there is no such source."""
    customers.find(account, customer_id)
    raise errors.objects.no_such("source", source_id, param="id")
