"""2025-11-17.preview, which made the values of filters of meter usage arrays."""

import re

from fakestripe_meters.core.sources import documented
from fakestripe_meters.versions.change import Tree
from fakestripe_meters.versions.change import VersionChange
from fakestripe_meters.versions.change import each_of
from fakestripe_meters.versions.change import elements

FILTERS = ("dimension_filters", "tenant_filters")
FILTER_PATH = re.compile(r"(meters\[[^\]]*\]\[(?:dimension|tenant)_filters\]\[[^\]]*\])\[0\](.*)", re.DOTALL)


@documented('Stripe\'s changelog "meter-usage-tenant-dimension-filters"')
class MakeMeterUsageFiltersArrays(VersionChange):
    """A filter of meter usage takes an array of values; before, it took a single string."""

    since = "2025-11-17"
    route = "GET /v1/billing/analytics/meter_usage"

    def written_before(self, tree: Tree) -> bool:
        """Return whether a filter is a single string."""
        filters = [each.get(name) for each in elements(tree, "meters") for name in FILTERS]
        return any(isinstance(value, str) for each in filters if isinstance(each, dict) for value in each.values())

    def upgrade(self, tree: Tree) -> Tree:
        """Wrap every value in an array, even an array, so that arrays are refused where a string was expected."""
        return each_of(tree, "meters", _wrapped)

    def spelling(self, path: str) -> str:
        """Return a value's own path, without the wrapping."""
        match = FILTER_PATH.fullmatch(path)
        return match[1] + match[2] if match else path


def _wrapped(meter: Tree) -> Tree:
    return {name: _each_in_array(value) if name in FILTERS else value for name, value in meter.items()}


def _each_in_array(filters: object) -> object:
    return {key: [value] for key, value in filters.items()} if isinstance(filters, dict) else filters
