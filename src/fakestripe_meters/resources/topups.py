"""Top-ups: https://docs.stripe.com/api/topups. The fake has none, for it has no bank."""

from typing import Literal

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.framework.absent import Absent
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.listing import Range
from fakestripe_meters.wire.schema import any_integer
from fakestripe_meters.wire.schema import param


class ListTopups(ListParams):
    """Which top-ups to list."""

    amount: int | Range | None = any_integer(default=None)
    created: int | Range | None = any_integer(default=None)
    status: Literal["canceled", "failed", "pending", "succeeded"] | None = param(default=None)


resource = Absent("topup", "/v1/topups", noun="topup")


@resource.get("/<topup_id>")
@inferred("the noun and the param")
def retrieve(account: Account, params: Operation, topup_id: str) -> None:
    """Raise StripeError 404, for there are no top-ups."""
    resource.no_such(topup_id)


@resource.get()
def list_(account: Account, params: ListTopups) -> Listing:
    """Return an empty list."""
    return resource.none(params)
