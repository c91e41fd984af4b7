"""Parameters and fields of billing alerts that only previews have: alerts on credit balances and spend, and filters."""

from fakestripe_meters.core.sources import documented
from fakestripe_meters.versions.change import Hidden
from fakestripe_meters.versions.change import Tree

ALERT_FIELDS = frozenset({"credit_balance_threshold", "spend_threshold"})
TRIGGERED_FIELDS = frozenset({"currency", "custom_pricing_unit", "external_customer_id"})


@documented("the SDKs' types: private preview 12.6.0a1 and later, never in a GA release")
class HidePreviewAlertFields(Hidden):
    """Alerts have `credit_balance_threshold` and `spend_threshold` in previews only."""

    route = "POST /v1/billing/alerts"
    objects = frozenset({"billing.alert"})
    names = ALERT_FIELDS

    def downgrade(self, tree: Tree) -> Tree:
        """Remove the fields."""
        return {name: value for name, value in tree.items() if name not in ALERT_FIELDS}


class HidePreviewAlertFilter(Hidden):
    """In previews only, alerts can be listed by `customer`, and events about triggered alerts have more fields."""

    route = "GET /v1/billing/alerts"
    objects = frozenset({"billing.alert_triggered"})
    names = frozenset({"customer"})

    def downgrade(self, tree: Tree) -> Tree:
        """Remove the fields."""
        return {name: value for name, value in tree.items() if name not in TRIGGERED_FIELDS}
