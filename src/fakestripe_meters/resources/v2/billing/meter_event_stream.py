"""The meter event stream: https://docs.stripe.com/api/v2/billing/meter-event-stream.

A request is refused for its form only; each of its events is checked by itself, after the response.
"""

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.metering.streaming import judge_all
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.endpoint import Simple
from fakestripe_meters.resources.v2.billing.meter_events import CreateMeterEventV2
from fakestripe_meters.wire import v2
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree

MOST = 100


def _check_any(events: tuple[CreateMeterEventV2, ...], path: str) -> None:
    if not events:
        raise errors.params.empty_param(path)


class CreateStream(Simple):
    """Up to 100 events at once."""

    events: tuple[CreateMeterEventV2, ...] = param(most_items=MOST, check=_check_any)


def render(_account: Account, nothing: Tree) -> Tree:
    """Return the response, an empty object."""
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
    """Report usage in bulk. With too many events in a second, the response is a 429."""
    reason = account.admit("stream", tokens=len(params.events))
    if reason is not None:
        raise errors.requests.rate_limited(reason)
    judge_all(account, params.events)
    return {}
