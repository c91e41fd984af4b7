"""Reviews: https://docs.stripe.com/api/radar/reviews. The fake has none, for it judges no risk."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.framework.absent import Absent
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.listing import Range
from fakestripe_meters.wire.schema import any_integer


class ListReviews(ListParams):
    """Which reviews to list."""

    created: int | Range | None = any_integer(default=None)


resource = Absent("review", "/v1/reviews", noun="review", named="review")


@resource.get("/<review_id>")
@inferred("the param, as for payouts")
def retrieve(account: Account, params: Operation, review_id: str) -> None:
    """Raise StripeError 404, for there are no reviews."""
    resource.no_such(review_id)


@resource.get()
def list_(account: Account, params: ListReviews) -> Listing:
    """Return an empty list."""
    return resource.none(params)
