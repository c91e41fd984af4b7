"""Parameters and fields of previews: versions for general availability refuse the former and omit the latter."""

from fakestripe_meters.core.sources import documented
from fakestripe_meters.versions.change import Hidden
from fakestripe_meters.versions.change import Tree

METER_FIELDS = frozenset({"dimension_payload_keys", "tenant_payload_keys"})
SUMMARY_PARAMETERS = frozenset(
    {
        "dimension_filters",
        "dimension_group_by_keys",
        "tenant_filters",
        "tenant_keys",
        "tenant_operator",
        "tenant_values",
    }
)


@documented("the SDKs' types: private preview 13.1.0a4 and later, never in a GA release")
class HidePreviewMeterFields(Hidden):
    """Meters have `dimension_payload_keys` and `tenant_payload_keys` in previews only."""

    route = "POST /v1/billing/meters"
    objects = frozenset({"billing.meter"})
    names = METER_FIELDS

    def downgrade(self, tree: Tree) -> Tree:
        """Remove the fields."""
        return {name: value for name, value in tree.items() if name not in METER_FIELDS}


@documented("the SDKs' types: private preview 13.1.0a4 and later, never in a GA release")
class HidePreviewSummaryFields(Hidden):
    """Event summaries have dimensions and tenants in previews only."""

    route = "GET /v1/billing/meters/<meter_id>/event_summaries"
    objects = frozenset({"billing.meter_event_summary"})
    names = SUMMARY_PARAMETERS

    def downgrade(self, tree: Tree) -> Tree:
        """Remove `dimensions` from the rows."""
        return {name: value for name, value in tree.items() if name != "dimensions"}
