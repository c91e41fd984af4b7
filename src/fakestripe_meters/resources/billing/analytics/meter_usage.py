"""Meter Usage Analytics: https://docs.stripe.com/billing/subscriptions/usage-based/analytics (preview)."""

from decimal import Decimal

from fakestripe_meters.core import errors
from fakestripe_meters.core import windows
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.exact import EXACT
from fakestripe_meters.core.ids import tail
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.usage import Row
from fakestripe_meters.core.zones import zone
from fakestripe_meters.domain.metering.questions import MOST_FILTERS
from fakestripe_meters.domain.metering.questions import Buckets
from fakestripe_meters.domain.metering.questions import Selection
from fakestripe_meters.domain.metering.questions import dimensions
from fakestripe_meters.domain.metering.questions import named
from fakestripe_meters.domain.metering.questions import rows
from fakestripe_meters.domain.metering.questions import tenants
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import meters
from fakestripe_meters.domain.records.meters import Meter
from fakestripe_meters.domain.records.meters import Meters
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import any_integer
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree

PATH = "/v1/billing/analytics/meter_usage"
# documented: caps for each meter of a request.
MOST = {"dimension_group_by_keys": 2, "dimension_filters": MOST_FILTERS, "tenant_filters": 3}


class MeterQuery(Params):
    """One of the meters to query, and which of its usage."""

    meter: str = param()
    dimension_filters: dict[str, tuple[str, ...]] | None = param(default=None, doc="Values of a key are alternatives.")
    dimension_group_by_keys: tuple[str, ...] = param(default=())
    tenant_filters: dict[str, tuple[str, ...]] | None = param(default=None)
    tenant_group_by_keys: tuple[str, ...] = param(default=())


class RetrieveMeterUsage(Operation):
    """Whose usage, in which time range, of which meters, and in which buckets."""

    customer: str = param()
    starts_at: int = any_integer(doc="Unix seconds, inclusive, on a minute.")
    ends_at: int = any_integer(doc="Unix seconds, exclusive, on a minute.")
    meters: tuple[MeterQuery, ...] = param(default=(), doc="By default, all meters of the customer in one series.")
    timezone: str = param(default="UTC", doc="A name from the tz database.")
    value_grouping_window: windows.Window | None = param(default=None, doc="By default, one row for the range.")


@dataclass(frozen=True, slots=True)
class Asked:
    """One meter of a request, its query, and the series that the query selects."""

    meter: Meter
    query: MeterQuery
    selection: Selection


@dataclass(frozen=True, slots=True)
class UsageRow:
    """One value: of a bucket, of one meter (or of all), and of a group."""

    usage: Row
    meter: str | None
    dimensions: dict[str, str] | None
    tenants: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class MeterUsage:
    """A response: its rows, and up to which instant they include usage."""

    rows: list[UsageRow]
    refreshed_at: int


def render(_account: Account, usage: MeterUsage) -> Tree:
    """Return the response in the newest shape. Documentation and SDK differ on `object` and `id`: both are sent."""
    data = [_render_row(row) for row in usage.rows]
    return {
        "object": "billing.analytics.meter_usage",
        "livemode": False,
        "refreshed_at": usage.refreshed_at,
        "rows": {"object": "list", "data": data, "has_more": False, "total": len(data), "url": PATH},
    }


def _render_row(row: UsageRow) -> Tree:
    about = f"{row.meter}/{row.usage.starts_at}/{row.usage.ends_at}/{row.dimensions}/{row.tenants}"
    return {
        "id": f"mur_test_{tail(about, 24)}",
        "object": "billing.analytics.meter_usage_row",
        "dimensions": row.dimensions,
        "ends_at": row.usage.ends_at,
        "meter": row.meter,
        "starts_at": row.usage.starts_at,
        "tenants": row.tenants,
        "value": row.usage.value,
    }


resource = Resource("billing.analytics.meter_usage", PATH, render=render, limit="analytics", setting="analytics")


@resource.get()
@inferred("the order of the rows, and that rows without usage are left out")
def retrieve(account: Account, params: RetrieveMeterUsage) -> MeterUsage:
    """Return usage by bucket, meter and group, ascending; empty buckets are left out."""
    buckets = _buckets(params)
    customer = customers.find(account, params.customer, param="customer", status=400).id
    asked = _asked(account, params.meters)
    found = _each_meter(account, customer, buckets, asked) if asked else _all_meters(account, customer, buckets)
    # inferred: the freshness is the newest instant whose usage is visible.
    return MeterUsage(found, account.part(Intake).visible_until_ns(account) // SECOND_NS)


def _buckets(params: RetrieveMeterUsage) -> Buckets:
    for name in ("starts_at", "ends_at"):
        if not windows.aligned(getattr(params, name), "minute"):
            raise errors.metering.misaligned(name, "minute")
    # inferred: equal bounds give no rows.
    if params.starts_at > params.ends_at:
        raise errors.metering.invalid_time_range("starts_at", "ends_at")
    where = zone(params.timezone)
    if where is None:
        raise errors.metering.invalid_time_zone("timezone", params.timezone)
    return Buckets(params.starts_at, params.ends_at, params.value_grouping_window, where)


def _asked(account: Account, queries: tuple[MeterQuery, ...]) -> list[Asked]:
    asked: list[Asked] = []
    for index, query in enumerate(queries):
        path = f"meters[{index}]"
        meter = meters.find(account, query.meter, param=f"{path}[meter]", status=400)
        if any(meter is other.meter for other in asked):
            raise errors.metering.meter_twice(f"{path}[meter]", meter.id)
        asked.append(Asked(meter, query, _selection(meter, query, path)))
    return asked


def _selection(meter: Meter, query: MeterQuery, path: str) -> Selection:
    for name, most in MOST.items():
        if len(getattr(query, name) or ()) > most:
            raise errors.params.too_many(f"{path}[{name}]", most, name)
    ours, theirs = dimensions(meter), tenants(meter)
    where = ours.filters(query.dimension_filters, f"{path}[dimension_filters]") | theirs.filters(
        query.tenant_filters, f"{path}[tenant_filters]"
    )
    group_by = ours.places(query.dimension_group_by_keys, f"{path}[dimension_group_by_keys]") + theirs.places(
        query.tenant_group_by_keys, f"{path}[tenant_group_by_keys]"
    )
    return Selection(where, {}, group_by)


def _each_meter(account: Account, customer: str, buckets: Buckets, asked: list[Asked]) -> list[UsageRow]:
    found = [
        _usage_row(each, row) for each in asked for row in rows(account, each.meter, customer, buckets, each.selection)
    ]
    found.sort(key=lambda row: row.usage.starts_at)  # stable: within a bucket the meters keep the order asked
    return found


def _usage_row(asked: Asked, row: Row) -> UsageRow:
    by_dimension, by_tenant = asked.query.dimension_group_by_keys, asked.query.tenant_group_by_keys
    split = len(by_dimension)
    return UsageRow(row, asked.meter.id, named(by_dimension, row.group[:split]), named(by_tenant, row.group[split:]))


@inferred("each meter by its own formula, all added up")
def _all_meters(account: Account, customer: str, buckets: Buckets) -> list[UsageRow]:
    """Return the usage of all meters together."""
    totals: dict[tuple[int, int], Decimal] = {}
    for meter in account.part(Meters).table:
        for row in rows(account, meter, customer, buckets):
            bucket = row.starts_at, row.ends_at
            totals[bucket] = EXACT.add(totals.get(bucket, Decimal()), row.value)
    return [UsageRow(Row(*bucket, (), totals[bucket]), None, None, None) for bucket in sorted(totals)]
