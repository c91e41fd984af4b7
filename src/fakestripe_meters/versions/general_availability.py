"""What only previews have: versions for general availability refuse the parameters and never see the fields."""

from fakestripe_meters.versions.change import Tree
from fakestripe_meters.versions.change import VersionChange
from fakestripe_meters.versions.change import hidden
from fakestripe_meters.versions.change import shown

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


class HidePreviewMeterFields(VersionChange):
    """Meters have `dimension_payload_keys` and `tenant_payload_keys` in previews alone.

    Documented by the SDKs' types: private preview 13.1.0a4 and later, never in a GA release.
    """

    route = "POST /v1/billing/meters"
    objects = frozenset({"billing.meter"})

    def upgrade(self, tree: Tree) -> Tree:
        """The parameters are unknown."""
        return hidden(tree, METER_FIELDS)

    def spelling(self, path: str) -> str:
        """And are refused under their own names."""
        return shown(path)

    def downgrade(self, tree: Tree) -> Tree:
        """The fields are not there."""
        return {name: value for name, value in tree.items() if name not in METER_FIELDS}


class HidePreviewSummaryFields(VersionChange):
    """Event summaries know dimensions and tenants in previews alone.

    Documented by the SDKs' types: private preview 13.1.0a4 and later, never in a GA release.
    """

    route = "GET /v1/billing/meters/<meter_id>/event_summaries"
    objects = frozenset({"billing.meter_event_summary"})

    def upgrade(self, tree: Tree) -> Tree:
        """The parameters are unknown."""
        return hidden(tree, SUMMARY_PARAMETERS)

    def spelling(self, path: str) -> str:
        """And are refused under their own names."""
        return shown(path)

    def downgrade(self, tree: Tree) -> Tree:
        """Rows have no `dimensions`."""
        return {name: value for name, value in tree.items() if name != "dimensions"}
