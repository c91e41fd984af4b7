"""2025-09-30.preview, which renamed the parameters and fields of meter usage."""

import re

from fakestripe_meters.core.sources import documented
from fakestripe_meters.versions.change import Tree
from fakestripe_meters.versions.change import VersionChange
from fakestripe_meters.versions.change import each_of
from fakestripe_meters.versions.change import elements
from fakestripe_meters.versions.change import renamed

PARAMETERS = {"start_time": "starts_at", "end_time": "ends_at"}
METER = {"meter_id": "meter"}
METER_PATH = re.compile(r"(meters\[[^\]]*\])\[(meter|meter_id)\](.*)", re.DOTALL)
ROW = {
    "bucket_start_time": "starts_at",
    "bucket_end_time": "ends_at",
    "bucket_value": "value",
    "meter_id": "meter",
}


@documented('Stripe\'s changelog "update-meter-usage-fields" and the API reference before and after')
class RenameMeterUsageFields(VersionChange):
    """Meter usage has the names `starts_at`, `ends_at`, `meter` and `value`, and its rows are a list object.

    Before, the parameters were `start_time`, `end_time` and `meters[][meter_id]`; the answer had its
    rows in `data` with `bucket_start_time`, `bucket_end_time`, `bucket_value` and `meter_id`, and
    `refreshed_at` was `data_refreshed_at`.
    """

    since = "2025-09-30"
    route = "GET /v1/billing/analytics/meter_usage"
    objects = frozenset({"billing.analytics.meter_usage", "billing.analytics.meter_usage_row"})

    def written_before(self, tree: Tree) -> bool:
        """Return whether none of the new names is used."""
        new_names = {"starts_at", "ends_at"} & tree.keys()
        return not new_names and not any("meter" in each for each in elements(tree, "meters"))

    def upgrade(self, tree: Tree) -> Tree:
        """Exchange the old names and the new ones."""
        return each_of(renamed(tree, PARAMETERS), "meters", lambda each: renamed(each, METER))

    def spelling(self, path: str) -> str:
        """Exchange the names in a path."""
        if match := METER_PATH.fullmatch(path):
            return f"{match[1]}[{'meter' if match[2] == 'meter_id' else 'meter_id'}]{match[3]}"
        return next(iter(renamed({path: None}, PARAMETERS)))

    def downgrade(self, tree: Tree) -> Tree:
        """Move the rows up into `data`, under their old names."""
        if tree["object"] == "billing.analytics.meter_usage_row":
            older = {new: old for old, new in ROW.items()}
            row = {older.get(name, name): value for name, value in tree.items()}
            first = {name: row.pop(name) for name in ("id", "object") if name in row}
            return first | dict(sorted(row.items()))
        return {
            "object": tree["object"],
            "data": tree["rows"]["data"],
            "data_refreshed_at": tree["refreshed_at"],
            "livemode": tree["livemode"],
        }
