"""Features: https://docs.stripe.com/api/entitlements/feature. The fake has none, for it has no entitlements."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.framework.absent import Absent
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.wire.schema import param


class ListFeatures(ListParams):
    """Which features to list."""

    archived: bool | None = param(default=None)
    lookup_key: str | None = param(default=None)


resource = Absent("entitlements.feature", "/v1/entitlements/features", noun="feature")


@resource.get("/<feature_id>")
@inferred("the noun and the param")
def retrieve(account: Account, params: Operation, feature_id: str) -> None:
    """Raise StripeError 404, for there are no features."""
    resource.no_such(feature_id)


@resource.get()
def list_(account: Account, params: ListFeatures) -> Listing:
    """Return an empty list."""
    return resource.none(params)
