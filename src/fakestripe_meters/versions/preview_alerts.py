"""What of billing alerts only previews have: those on credit balances, and whatever is told for them."""

from fakestripe_meters.versions.change import Tree
from fakestripe_meters.versions.change import VersionChange
from fakestripe_meters.versions.change import hidden
from fakestripe_meters.versions.change import shown

ALERT_FIELDS = frozenset({"credit_balance_threshold", "spend_threshold"})
TRIGGERED_FIELDS = frozenset({"currency", "custom_pricing_unit", "external_customer_id"})


class HidePreviewAlertFields(VersionChange):
    """Alerts have `credit_balance_threshold` in previews alone, and `spend_threshold`.

    Documented by the SDKs' types: private preview 12.6.0a1 and later, never in a GA release.
    """

    route = "POST /v1/billing/alerts"
    objects = frozenset({"billing.alert"})

    def upgrade(self, tree: Tree) -> Tree:
        """The parameters are unknown."""
        return hidden(tree, ALERT_FIELDS)

    def spelling(self, path: str) -> str:
        """And are refused under their own names."""
        return shown(path)

    def downgrade(self, tree: Tree) -> Tree:
        """The fields are not there."""
        return {name: value for name, value in tree.items() if name not in ALERT_FIELDS}


class HidePreviewAlertFilter(VersionChange):
    """Alerts can be listed by `customer` in previews alone, whose events tell more of an alert that fired."""

    route = "GET /v1/billing/alerts"
    objects = frozenset({"billing.alert_triggered"})

    def upgrade(self, tree: Tree) -> Tree:
        """The parameter is unknown."""
        return hidden(tree, frozenset({"customer"}))

    def spelling(self, path: str) -> str:
        """And is refused under its own name."""
        return shown(path)

    def downgrade(self, tree: Tree) -> Tree:
        """The fields are not there."""
        return {name: value for name, value in tree.items() if name not in TRIGGERED_FIELDS}
