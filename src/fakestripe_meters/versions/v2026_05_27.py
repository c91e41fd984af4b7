"""2026-05-27.dahlia, since when a change that may wait for its payment may set metadata, too."""

from fakestripe_meters.core import errors
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import observed
from fakestripe_meters.versions.change import Tree
from fakestripe_meters.versions.change import VersionChange

UPDATE = "POST /v1/subscriptions/<subscription_id>"


class ExtendPendingUpdates(VersionChange):
    """A change that may wait for its payment takes another parameter, which was refused before."""

    name = ""

    def upgrade(self, tree: Tree) -> Tree:
        """Raise StripeError 400 for the parameter."""
        if tree.get("payment_behavior") == "pending_if_incomplete" and self.name in tree:
            raise errors.pending_updates.unsupported(self.name)
        return tree


@documented("https://docs.stripe.com/changelog/dahlia/2026-05-27/pending-subscription-update-metadata")
@observed("the refusal before (codecov/codecov-api#839)")
class AllowMetadataInPendingUpdates(ExtendPendingUpdates):
    """An update that may wait for its payment takes `metadata`."""

    since = "2026-05-27"
    routes = frozenset({UPDATE, "POST /v1/subscription_items/<item_id>"})
    name = "metadata"


@documented("https://docs.stripe.com/changelog/endive/2026-09-30/scheduled-subscription-cancellation")
class AllowEndsInPendingUpdates(ExtendPendingUpdates):
    """An update that may wait for its payment takes `cancel_at_period_end`."""

    since = "2026-09-30"
    routes = frozenset({UPDATE})
    name = "cancel_at_period_end"
