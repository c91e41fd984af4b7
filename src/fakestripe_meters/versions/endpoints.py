"""Which versions lack an endpoint, or a way to call it: those before it was added, and those since it was removed."""

from typing import Protocol

from fakestripe_meters.core import errors
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.versions.change import Tree

BASIL = "2025-03-31"
REMOVED = frozenset(
    {
        "GET /v1/invoices/upcoming",
        "GET /v1/invoices/upcoming/lines",
        "POST /v1/subscription_items/<item_id>/usage_records",
    }
)
ADDED = {
    "POST /v1/subscriptions/<subscription_id>/migrate": "2025-06-30",
    "POST /v1/subscriptions/<subscription_id>/pause": "2026-09-30",
}
ADDED_TO_PREVIEWS = ADDED | {"POST /v1/subscriptions/<subscription_id>/pause": "2026-05-27"}
CUSTOMERS = frozenset({"POST /v1/customers", "POST /v1/customers/<customer_id>"})
FORMER = ("coupon", "promotion_code")
"""The parameters of customers that basil removed."""
PREVIEW = "POST /v1/invoices/create_preview"
PREVIEWED = ("subscription", "schedule", "subscription_details.items", "schedule_details.phases", "invoice_items")
"""What a preview can be of, since basil."""
SEARCH_BEGAN = "2020-08-27"
SEARCHES = frozenset(
    f"GET /v1/{objects}/search" for objects in ("customers", "invoices", "prices", "products", "subscriptions")
)


class Asked(Protocol):
    """The version that a request asks for."""

    @property
    def date(self) -> str:
        """Its date."""

    @property
    def preview(self) -> bool:
        """Whether it is a preview."""

    @property
    def stated(self) -> bool:
        """Whether the request names it."""


@documented(
    "searches need 2020-08-27 at least (the guide to searches); 2025-03-31.basil removed upcoming invoices and usage "
    "records (its changelog); 2025-06-30.basil and its preview added `migrate` (the SDKs' changelogs); 2026-09-30 "
    "and the preview of 2026-05-27 added `pause` (their changelogs)"
)
@inferred("what a version lacks is an unrecognized URL; without a version, all that were added are there")
def check_endpoint(route: str, version: Asked, path: str) -> None:
    """Raise StripeError if a version lacks an endpoint."""
    date = version.date
    if route in SEARCHES and date < SEARCH_BEGAN:
        raise errors.searching.version_too_old(date, SEARCH_BEGAN)
    added = (ADDED_TO_PREVIEWS if version.preview else ADDED).get(route, "")
    if (route in REMOVED and date >= BASIL) or (version.stated and date < added):
        raise errors.requests.unrecognized_url(route.partition(" ")[0], path)


@documented('Stripe\'s changelog of 2025-03-31.basil, "invoice-preview-api-deprecations"')
@observed("the refusal (stripe/stripe-node#2347)")
@inferred("unknown parameters come first, and objects that do not exist later; without a version, coupons are accepted")
def check_request(route: str, date: str, tree: Tree, *, stated: bool = True) -> None:
    """Raise StripeError 400 for what basil removed: coupons of customers, and previews of no subscription's invoice."""
    if date < BASIL:
        return
    former = [name for name in FORMER if name in tree] if route in CUSTOMERS else []
    if former and stated:
        raise errors.params.unknown_params(former)
    if route != PREVIEW:
        return
    inside = {name: tree.get(name) for name in ("subscription_details", "schedule_details")}
    nested = {f"{name}.{key}" for name, value in inside.items() if isinstance(value, dict) for key in value}
    if not (tree.keys() | nested) & set(PREVIEWED):
        raise errors.previews.nothing_in_particular_to_preview(PREVIEWED)
