"""2024-09-30.acacia, which renamed the threshold of a billing alert and moved its filter."""

import re

from fakestripe_meters.core.sources import documented
from fakestripe_meters.versions.change import Tree
from fakestripe_meters.versions.change import VersionChange
from fakestripe_meters.versions.change import hidden
from fakestripe_meters.versions.change import shown

FILTER_PATH = re.compile(r"usage_threshold\[filters\]\[0\](.*)", re.DOTALL)


@documented("the changelog of stripe-python 11.0.0, and the SDKs' types before and after")
class RenameUsageThreshold(VersionChange):
    """An alert has `usage_threshold` with `filters`; before, it had `usage_threshold_config` and a single `filter`."""

    since = "2024-09-30"
    routes = frozenset({"POST /v1/billing/alerts"})
    objects = frozenset({"billing.alert"})

    def upgrade(self, tree: Tree) -> Tree:
        """Move the threshold and the filter to their newer places."""
        older = {name: tree[name] for name in ("filter", "usage_threshold_config") if name in tree}
        rest = {name: value for name, value in tree.items() if name not in older}
        upgraded = hidden(rest, frozenset({"usage_threshold"}))
        threshold = older.get("usage_threshold_config", {})
        wanted = older.get("filter")
        if isinstance(threshold, dict):
            threshold = hidden(threshold, frozenset({"filters"}))
            if wanted is not None:
                filters = [{"type": "customer"} | wanted if isinstance(wanted, dict) else wanted]
                threshold = threshold | {"filters": filters}
        return upgraded | {"usage_threshold": threshold} if older else upgraded

    def spelling(self, path: str) -> str:
        """Return the older name of the threshold, or the path of the filter."""
        if match := FILTER_PATH.fullmatch(path):
            return f"filter{match[1]}"
        if path.startswith("usage_threshold"):
            return shown(f"usage_threshold_config{path.removeprefix('usage_threshold')}")
        return shown(path)

    def downgrade(self, tree: Tree) -> Tree:
        """Give back the older fields."""
        rest = dict(tree)
        threshold = rest.pop("usage_threshold")
        filters = threshold and threshold["filters"]
        older = {
            "filter": {"customer": filters[0]["customer"]} if filters else None,
            "usage_threshold_config": threshold and {name: threshold[name] for name in ("gte", "meter", "recurrence")},
        }
        first = {name: rest.pop(name) for name in ("id", "object")}
        return first | dict(sorted((rest | older).items()))
