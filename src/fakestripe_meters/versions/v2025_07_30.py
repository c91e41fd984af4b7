"""2025-07-30.basil, which lets a subscription end with the period of an item, by name."""

from fakestripe_meters.core import errors
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.versions.change import Tree
from fakestripe_meters.versions.change import VersionChange

WORDS = frozenset({"max_billed_until", "max_period_end", "min_period_end"})


@documented('Stripe\'s changelog: "cancel-at-enums" of 2025-07-30.basil; previews have it since 2025-05-28')
@inferred("the refusal")
class NameWhenSubscriptionsEnd(VersionChange):
    """`cancel_at` takes `min_period_end` and `max_period_end`; before, it was a timestamp only."""

    since = "2025-07-30"
    since_preview = "2025-05-28"
    routes = frozenset(
        {
            "POST /v1/subscriptions",
            "POST /v1/subscriptions/<subscription_id>",
            "POST /v1/invoices/create_preview",
        }
    )

    def upgrade(self, tree: Tree) -> Tree:
        """Raise StripeError 400 for a word."""
        details = tree.get("subscription_details")
        for path, holder in (("cancel_at", tree), ("subscription_details[cancel_at]", details)):
            word = holder.get("cancel_at") if isinstance(holder, dict) else None
            if isinstance(word, str) and word in WORDS:
                raise errors.params.invalid_integer(path, word)
        return tree
