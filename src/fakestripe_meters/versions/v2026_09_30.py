"""2026-09-30.endive: a billing cycle anchor is a hash, where it is one of several things."""

from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.versions.change import Hidden
from fakestripe_meters.versions.change import Tree
from fakestripe_meters.versions.change import VersionChange

NAME = "billing_cycle_anchor"
DETAILS = "subscription_details"
RESUME = "POST /v1/subscriptions/<subscription_id>/resume"
PREVIEWED = f"{DETAILS}[{NAME}]"


@documented("https://docs.stripe.com/changelog/endive/2026-09-30/polymorphic-billing-cycle-anchor")
@inferred("a request without a version may have either; the sentences of the refusals")
class MakeBillingCycleAnchorAHash(VersionChange):
    """An update or a resumption takes `billing_cycle_anchor[type]`; before, that word was `billing_cycle_anchor`."""

    since = "2026-09-30"
    routes = frozenset({"POST /v1/subscriptions/<subscription_id>", RESUME})

    def written_before(self, tree: Tree) -> bool:
        """Return whether the anchor is a word."""
        return isinstance(tree.get(NAME), str)

    def upgrade(self, tree: Tree) -> Tree:
        """Put the word, or what is there in its place, into a hash."""
        return tree | {NAME: {"type": tree[NAME]}} if NAME in tree else tree

    def spelling(self, path: str) -> str:
        """Return the name of the word."""
        return NAME if path == f"{NAME}[type]" else path


@documented("https://docs.stripe.com/changelog/endive/2026-09-30/polymorphic-billing-cycle-anchor")
@inferred("a request without a version may have either; the sentences of the refusals")
class MakeBillingCycleAnchorOfPreviewsAHash(VersionChange):
    """A preview takes `billing_cycle_anchor[type]` and `[timestamp]`; before, a word or a time in their place."""

    since = "2026-09-30"
    routes = frozenset(
        {"POST /v1/invoices/create_preview", "GET /v1/invoices/upcoming", "GET /v1/invoices/upcoming/lines"}
    )

    def written_before(self, tree: Tree) -> bool:
        """Return whether the anchor is a word or a time."""
        details = tree.get(DETAILS)
        return isinstance(details, dict) and isinstance(details.get(NAME), str)

    def upgrade(self, tree: Tree) -> Tree:
        """Put the word or the time into a hash."""
        details = tree.get(DETAILS)
        if not isinstance(details, dict) or NAME not in details:
            return tree
        given = details[NAME]
        is_time = isinstance(given, str) and given.isdecimal()
        anchor = {"type": "timestamp", "timestamp": given} if is_time else {"type": given}
        return tree | {DETAILS: details | {NAME: anchor}}

    def spelling(self, path: str) -> str:
        """Return the name of the word or the time."""
        return PREVIEWED if path.startswith(f"{PREVIEWED}[") else path


@documented(
    "https://docs.stripe.com/changelog/endive/2026-09-30/pause-subscription, and previews since 2026-05-27: "
    "https://docs.stripe.com/changelog/dahlia/2026-05-27/pause-subscriptions"
)
class TakePaymentBehaviorOfResumptions(Hidden):
    """A resumption takes `payment_behavior`."""

    since = "2026-09-30"
    since_preview = "2026-05-27"
    routes = frozenset({RESUME})
    names = frozenset({"payment_behavior"})
