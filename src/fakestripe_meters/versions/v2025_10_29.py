"""2025-10-29.preview, which added groups by tenant to meter usage."""

from fakestripe_meters.core.sources import documented
from fakestripe_meters.versions.change import Hidden
from fakestripe_meters.versions.change import Tree


@documented("the types of the private preview SDKs, the first being 13.2.0a1")
class AddMeterUsageTenantGroups(Hidden):
    """Meter usage can be grouped by tenant: `meters[][tenant_group_by_keys]`, and `tenants` in each row."""

    since = "2025-10-29"
    route = "GET /v1/billing/analytics/meter_usage"
    objects = frozenset({"billing.analytics.meter_usage_row"})
    names = frozenset({"tenant_group_by_keys"})
    within = ("meters[]",)

    def downgrade(self, tree: Tree) -> Tree:
        """Remove `tenants` from the rows."""
        return {name: value for name, value in tree.items() if name != "tenants"}
