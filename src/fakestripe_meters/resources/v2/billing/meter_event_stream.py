"""The meter event stream: https://docs.stripe.com/api/v2/billing/meter-event-stream.

A request is refused for its form only; each of its events is checked by itself, after the response.
"""

from collections.abc import Sequence
from typing import Any

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.metering.streaming import Sent
from fakestripe_meters.domain.metering.streaming import judge_all
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.endpoint import Simple
from fakestripe_meters.resources.v2.billing.meter_events import CreateMeterEventV2
from fakestripe_meters.resources.v2.billing.meter_events import ordinary
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

    @staticmethod
    def quick(_tree: Any) -> "CreateStream | None":  # noqa: ANN401  any JSON
        """Return ordinary events without the full checks; None if one of them, or the rest, is not ordinary."""
        events = _tree.get("events")
        if len(_tree) != 1 or type(events) is not list or not 0 < len(events) <= MOST:
            return None
        sent = [ordinary(event) for event in events]
        if None in sent:
            return None
        stream = object.__new__(OrdinaryStream)
        stream.__dict__.update(sent=sent)
        return stream

    @property
    def sent(self) -> Sequence[Sent]:
        """The events."""
        return [event.sent for event in self.events]


class OrdinaryStream(CreateStream):
    """The same, if all events are ordinary."""

    sent: Sequence[Sent] = ()


def render(_account: Account, nothing: Tree) -> Tree:
    """Return the response, an empty object."""
    return nothing


PATH = "/v2/billing/meter_event_stream"
ROUTE = f"POST {PATH}"

resource = Resource(
    "v2.billing.meter_event_stream",
    PATH,
    render=render,
    limit=None,
    style=v2,
    in_session=True,
)


@resource.post()
def create(account: Account, params: CreateStream) -> Tree:
    """Report usage in bulk. With too many events in a second, the response is a 429."""
    over = account.admit("stream", len(params.sent), ROUTE)
    if over is not None:
        raise errors.requests.over_limit(over.reason, str(over))
    judge_all(account, params.sent)
    return {}
