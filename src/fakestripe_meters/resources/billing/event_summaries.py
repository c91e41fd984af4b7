"""Meter event summaries: https://docs.stripe.com/api/billing/meter-event-summary."""

from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core import windows
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.ids import tail
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.usage import Row
from fakestripe_meters.core.zones import UTC
from fakestripe_meters.domain.metering import questions
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import meters
from fakestripe_meters.domain.records.meters import Meter
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import page
from fakestripe_meters.wire.schema import any_integer
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree

TENANT_PARAMS = ("tenant_keys", "tenant_operator", "tenant_values")


@dataclass(frozen=True, slots=True)
class UsageSummary:
    """One bucket of one customer's usage; its id is made from its contents, so that pages stay stable."""

    id: str
    meter: str
    usage: Row
    dimensions: dict[str, str] | None


class ListSummaries(ListParams):
    """Whose usage, in which time range, and in which buckets."""

    customer: str = param()
    start_time: int = any_integer(doc="Unix seconds, inclusive, on a minute.")
    end_time: int = any_integer(doc="Unix seconds, exclusive, on a minute.")
    value_grouping_window: Literal["day", "hour"] | None = param(default=None, doc="In UTC; by default, one summary.")
    dimension_filters: dict[str, str] | None = param(default=None, doc="Preview.")
    dimension_group_by_keys: tuple[str, ...] = param(default=(), doc="Preview.")
    tenant_keys: tuple[str, ...] = param(default=(), doc="Preview; only together with operator and values.")
    tenant_operator: Literal["excludes", "includes"] | None = param(default=None, doc="Preview.")
    tenant_values: tuple[tuple[str, ...], ...] = param(default=(), doc="Preview; one array for each tenant key.")


def render(_account: Account, summary: UsageSummary) -> Tree:
    """Return a summary as Stripe shows it, the preview's `dimensions` included."""
    return {
        "id": summary.id,
        "object": "billing.meter_event_summary",
        "aggregated_value": summary.usage.value,
        "dimensions": summary.dimensions,
        "end_time": summary.usage.ends_at,
        "livemode": False,
        "meter": summary.meter,
        "start_time": summary.usage.starts_at,
    }


resource = Resource("billing.meter_event_summary", "/v1/billing/meters/<meter_id>/event_summaries", render=render)


@resource.get()
@inferred("the order of the summaries, and that empty ones are left out; from one example")
def list_(account: Account, params: ListSummaries, meter_id: str) -> Listing:
    """List summaries, newest bucket first; buckets without usage are left out."""
    meter = meters.find(account, meter_id)
    _check_range(params)
    customer = customers.find(account, params.customer, param="customer", status=400)
    buckets = questions.Buckets(params.start_time, params.end_time, params.value_grouping_window, UTC)
    found = questions.rows(account, meter, customer.id, buckets, _selection(meter, params))
    found.sort(key=lambda row: -row.starts_at)  # stable: the groups of a bucket keep their order
    summaries = [_summary(meter, customer.id, row, params.dimension_group_by_keys) for row in reversed(found)]
    url = f"/v1/billing/meters/{meter.id}/event_summaries"
    return page(Table(summaries), params, url=url, noun="billing meter event summary")


def _check_range(params: ListSummaries) -> None:
    unit = params.value_grouping_window or "minute"
    for name in ("start_time", "end_time"):
        if not windows.aligned(getattr(params, name), unit):
            raise errors.metering.misaligned(name, "UTC day" if unit == "day" else unit)
    if params.start_time >= params.end_time:
        raise errors.metering.start_not_before_end("start_time", "end_time")


def _selection(meter: Meter, params: ListSummaries) -> questions.Selection:
    single = {key: [value] for key, value in (params.dimension_filters or {}).items()}
    where = questions.dimensions(meter).filters(single, "dimension_filters")
    chosen = _tenants(meter, params)
    group_by = questions.dimensions(meter).places(params.dimension_group_by_keys, "dimension_group_by_keys")
    if params.tenant_operator == "excludes":
        return questions.Selection(where, chosen, group_by)
    return questions.Selection(where | chosen, {}, group_by)


def _tenants(meter: Meter, params: ListSummaries) -> questions.Places:
    given = [name for name in TENANT_PARAMS if getattr(params, name)]
    if not given:
        return {}
    if len(given) < len(TENANT_PARAMS):
        raise errors.metering.needed_together(
            given[0], " and ".join(name for name in TENANT_PARAMS if name not in given)
        )
    if len(params.tenant_keys) != len(params.tenant_values):
        raise errors.metering.needed_together("tenant_values", "as many tenant_keys")
    places = questions.tenants(meter).places(params.tenant_keys, "tenant_keys")
    return {place: frozenset(values) for place, values in zip(places, params.tenant_values, strict=True)}


# inferred: an id follows from the meter, the customer and the bucket. The end of a range may lie in the future.
def _summary(meter: Meter, customer: str, usage: Row, keys: tuple[str, ...]) -> UsageSummary:
    values = questions.named(keys, usage.group)
    about = f"{meter.id}/{customer}/{usage.starts_at}/{usage.ends_at}/{values}"
    return UsageSummary(f"mtrusg_test_{tail(about, 32)}", meter.id, usage, values)
