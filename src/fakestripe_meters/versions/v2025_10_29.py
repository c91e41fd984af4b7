"""2025-10-29.preview, which added groups by tenant to meter usage."""

from fakestripe_meters.core.sources import documented
from fakestripe_meters.versions.change import Tree
from fakestripe_meters.versions.change import VersionChange
from fakestripe_meters.versions.change import each_of
from fakestripe_meters.versions.change import hidden
from fakestripe_meters.versions.change import shown

NEW = frozenset({"tenant_group_by_keys"})


@documented("the types of the private preview SDKs, the first being 13.2.0a1")
class AddMeterUsageTenantGroups(VersionChange):
    """Meter usage can be grouped by tenant: `meters[][tenant_group_by_keys]`, and `tenants` in each row."""

    since = "2025-10-29"
    route = "GET /v1/billing/analytics/meter_usage"
    objects = frozenset({"billing.analytics.meter_usage_row"})

    def upgrade(self, tree: Tree) -> Tree:
        """Hide the parameter, which is unknown."""
        return each_of(tree, "meters", lambda each: hidden(each, NEW))

    def spelling(self, path: str) -> str:
        """Return the hidden parameter's own name, for the error."""
        return shown(path)

    def downgrade(self, tree: Tree) -> Tree:
        """Remove `tenants` from the rows."""
        return {name: value for name, value in tree.items() if name != "tenants"}
