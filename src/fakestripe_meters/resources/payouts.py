"""Payouts: https://docs.stripe.com/api/payouts. The fake has none, for it has no bank."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import observed
from fakestripe_meters.framework.absent import Absent
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.listing import Range
from fakestripe_meters.wire.schema import any_integer
from fakestripe_meters.wire.schema import param


class ListPayouts(ListParams):
    """Which payouts to list."""

    arrival_date: int | Range | None = any_integer(default=None)
    created: int | Range | None = any_integer(default=None)
    destination: str | None = param(default=None)
    status: str | None = param(default=None)


resource = Absent("payout", "/v1/payouts", noun="payout", named="payout")


@resource.get("/<payout_id>")
@observed("the sentence and its param (Kiln-AI/stripe_world)")
def retrieve(account: Account, params: Operation, payout_id: str) -> None:
    """Raise StripeError 404, for there are no payouts."""
    resource.no_such(payout_id)


@resource.get()
def list_(account: Account, params: ListPayouts) -> Listing:
    """Return an empty list."""
    return resource.none(params)
