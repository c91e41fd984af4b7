"""2025-05-28.basil, which took billing thresholds back in: 2025-03-31.basil had removed them."""

from fakestripe_meters.core import errors
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.versions.change import Tree
from fakestripe_meters.versions.change import VersionChange
from fakestripe_meters.versions.change import elements

NAME = "billing_thresholds"


@documented('Stripe\'s changelog: "deprecate-legacy-usage-based-billing" and "reintroduce-billing-thresholds"')
@inferred("items and previews are refused in the same words, and so is an empty value")
class ReintroduceBillingThresholds(VersionChange):
    """Subscriptions and their items take `billing_thresholds` again; since 2025-03-31.basil they did not."""

    since = "2025-05-28"
    after = "2025-03-31"
    routes = frozenset(
        {
            "POST /v1/subscriptions",
            "POST /v1/subscriptions/<subscription_id>",
            "POST /v1/subscription_items",
            "POST /v1/subscription_items/<item_id>",
            "POST /v1/invoices/create_preview",
        }
    )

    def upgrade(self, tree: Tree) -> Tree:
        """Raise StripeError 400 for thresholds, wherever they are."""
        path = _path(tree)
        if path is not None:
            raise errors.subscriptions.no_thresholds(path, NAME)
        return tree


def _path(tree: Tree) -> str | None:
    """Return where a request has thresholds; None if it has none."""
    if NAME in tree:
        return NAME
    details = tree.get("subscription_details")
    inside = details if isinstance(details, dict) else {}
    for prefix, holder in (("items", tree), ("subscription_details[items]", inside)):
        for index, item in enumerate(elements(holder, "items")):
            if NAME in item:
                return f"{prefix}[{index}][{NAME}]"
    return None
