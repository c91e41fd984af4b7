"""Features of a product: https://docs.stripe.com/api/product-feature. The fake has none, for it has no entitlements."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.records import products
from fakestripe_meters.framework.absent import Absent
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation

resource = Absent("product_feature", "/v1/products/<product_id>/features", noun="product feature")


@resource.get("/<feature_id>")
@inferred("the noun and the params")
def retrieve(account: Account, params: Operation, product_id: str, feature_id: str) -> None:
    """Raise StripeError 404, for no product has features."""
    products.find(account, product_id, param="product")
    resource.no_such(feature_id)


@resource.get()
@inferred("the param of an unknown product")
def list_(account: Account, params: ListParams, product_id: str) -> Listing:
    """Return an empty list."""
    product = products.find(account, product_id, param="product")
    return resource.none(params, f"/v1/products/{product.id}/features")
