"""The meter event stream: https://docs.stripe.com/api/v2/billing/meter-event-stream.

A call is refused for its form only; each of its events is judged for itself, and nobody waits for that.
"""

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.metering.streaming import judge_all
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.endpoint import Simple
from fakestripe_meters.resources.v2.billing.meter_events import CreateMeterEvent
from fakestripe_meters.wire import v2
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree

MOST = 100


def _check_number(events: tuple[CreateMeterEvent, ...], path: str) -> None:
    if not events:
        raise errors.empty_param(path)
    if len(events) > MOST:
        raise errors.too_many(path, MOST, "events")


class CreateStream(Simple):
    """Up to a hundred events at once."""

    events: tuple[CreateMeterEvent, ...] = param(check=_check_number)


def render(_account: Account, nothing: Tree) -> Tree:
    """What is answered is nothing."""
    return nothing


resource = Resource(
    "v2.billing.meter_event_stream",
    "/v2/billing/meter_event_stream",
    render=render,
    limit=None,
    style=v2,
    in_session=True,
)


@resource.post()
def create(account: Account, params: CreateStream) -> Tree:
    """Report usage in bulk; StripeError 429 when there are too many events in a second."""
    reason = account.admit("stream", tokens=len(params.events))
    if reason is not None:
        raise errors.rate_limited(reason)
    judge_all(account, params.events)
    return {}
