"""Transfers: https://docs.stripe.com/api/transfers. The fake has none, for no money moves between accounts."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.framework.absent import Absent
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.listing import Range
from fakestripe_meters.wire.schema import any_integer
from fakestripe_meters.wire.schema import param


class ListTransfers(ListParams):
    """Which transfers to list."""

    created: int | Range | None = any_integer(default=None)
    destination: str | None = param(default=None)
    transfer_group: str | None = param(default=None)


resource = Absent("transfer", "/v1/transfers", noun="transfer")


@resource.get("/<transfer_id>")
@inferred("the noun and the param")
def retrieve(account: Account, params: Operation, transfer_id: str) -> None:
    """Raise StripeError 404, for there are no transfers."""
    resource.no_such(transfer_id)


@resource.get()
def list_(account: Account, params: ListTransfers) -> Listing:
    """Return an empty list."""
    return resource.none(params)
