"""Application fees: https://docs.stripe.com/api/application_fees. The fake has none, for no platform takes a share."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.records.card_charges import CardCharges
from fakestripe_meters.framework.absent import Absent
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.listing import Range
from fakestripe_meters.framework.listing import check_filter
from fakestripe_meters.wire.schema import any_integer
from fakestripe_meters.wire.schema import param


class ListFees(ListParams):
    """Which application fees to list."""

    charge: str | None = param(default=None)
    created: int | Range | None = any_integer(default=None)


resource = Absent("application_fee", "/v1/application_fees", noun="application fee")


@resource.get("/<fee_id>")
@inferred("the noun and the param")
def retrieve(account: Account, params: Operation, fee_id: str) -> None:
    """Raise StripeError 404, for there are no application fees."""
    resource.no_such(fee_id)


@resource.get()
def list_(account: Account, params: ListFees) -> Listing:
    """Return an empty list."""
    check_filter(account.part(CardCharges).table, params.charge, "charge", "charge")
    return resource.none(params)
