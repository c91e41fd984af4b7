"""Event destinations: https://docs.stripe.com/api/v2/core/event-destinations; they receive thin or snapshot events."""

from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.instants import rfc3339
from fakestripe_meters.core.table import required
from fakestripe_meters.domain.events import destinations
from fakestripe_meters.domain.events import known
from fakestripe_meters.domain.events import thin
from fakestripe_meters.domain.events.destinations import Destination
from fakestripe_meters.domain.events.destinations import Destinations
from fakestripe_meters.domain.events.destinations import Payload
from fakestripe_meters.domain.events.thin import Related
from fakestripe_meters.domain.events.thin import ThinEvent
from fakestripe_meters.framework import v2_pages
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.endpoint import Simple
from fakestripe_meters.framework.metadata import check_sizes
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.wire import v2
from fakestripe_meters.wire.schema import LARGEST
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree

PATH = "/v2/core/event_destinations"
NAME = "v2.core.event_destination"
SECRET, URL = "webhook_endpoint.signing_secret", "webhook_endpoint.url"
INCLUDE_DOC = "Fields to include; by default they are null."
Include = Literal["webhook_endpoint.url"]


class WebhookEndpoint(Params):
    """Where to deliver events."""

    url: str = param(max_length=destinations.LONGEST_URL, check=destinations.check_url)


class CreateDestination(Simple):
    """A new destination."""

    enabled_events: tuple[str, ...] = param(
        check=destinations.check_types, doc="Types, groups such as `v1.billing.*`, or `*`."
    )
    event_payload: Payload = param()
    name: str = param(max_length=255)
    type: Literal["amazon_eventbridge", "azure_event_grid", "webhook_endpoint"] = param()
    description: str | None = param(default=None, clearable=True)
    events_from: tuple[str, ...] = param(default=("@self",))
    include: tuple[Literal["webhook_endpoint.signing_secret", "webhook_endpoint.url"], ...] = param(
        default=(), doc=INCLUDE_DOC
    )
    metadata: dict[str, str] | Unset = param(default=UNSET, max_length=LARGEST, check=check_sizes)
    snapshot_api_version: str | None = param(default=None, check=known.check_version)
    webhook_endpoint: WebhookEndpoint | None = param(default=None)


class UpdateDestination(Simple):
    """A change to a destination; its type and the form of its events cannot be changed."""

    description: str | Unset | None = param(default=UNSET, clearable=True)
    enabled_events: tuple[str, ...] | Unset = param(default=UNSET, check=destinations.check_types)
    include: tuple[Include, ...] = param(default=(), doc=INCLUDE_DOC)
    metadata: dict[str, str | None] | Unset = param(default=UNSET, max_length=LARGEST, check=check_sizes)
    name: str | Unset = param(default=UNSET, max_length=255)
    webhook_endpoint: WebhookEndpoint | None = param(default=None)


class RetrieveDestination(Simple):
    """Which fields to include."""

    include: tuple[Include, ...] = param(default=(), doc=INCLUDE_DOC)


class ListDestinations(v2_pages.ListParamsV2):
    """Which fields to include."""

    include: tuple[Include, ...] = param(default=(), doc=INCLUDE_DOC)


def render(_account: Account, destination: Destination) -> Tree:
    """Return a destination as Stripe shows it by default."""
    return _render(destination, ())


resource = Resource(NAME, PATH, render=render, style=v2)


@resource.post()
def create(account: Account, params: CreateDestination) -> Tree:
    """Create a destination for events. Only this response can show the secret that signs them, with `include`."""
    if params.type != "webhook_endpoint":
        raise errors.unserved.transport(params.type)
    if params.webhook_endpoint is None:
        raise errors.params.missing_param("webhook_endpoint")
    if params.event_payload == "thin" and params.snapshot_api_version is not None:
        raise errors.v2.not_for_thin("snapshot_api_version")
    destination = Destination(
        id=account.ids.new("ed_test_", 32),
        created_ns=account.now_ns,
        updated_ns=account.now_ns,
        payload=params.event_payload,
        url=params.webhook_endpoint.url,
        secret=account.ids.new("whsec_", 32),
        enabled_events=list(params.enabled_events),
        api_version=params.snapshot_api_version,
        name=params.name,
        description=params.description,
        metadata=merged({}, params.metadata),
        events_from=list(params.events_from),
    )
    account.part(Destinations).destinations.add(destination)
    return _render(destination, params.include)


@resource.get("/<destination_id>")
def retrieve(account: Account, params: RetrieveDestination, destination_id: str) -> Tree:
    """Return a destination."""
    return _render(_find(account, destination_id), params.include)


@resource.get()
def list_(account: Account, params: ListDestinations) -> Tree:
    """List destinations, newest first."""
    return v2_pages.page(
        account.part(Destinations).destinations,
        params,
        path=PATH,
        filters=[(f"include[{index}]", field) for index, field in enumerate(params.include)],
        where=lambda _destination: True,
        render=lambda destination: _render(destination, params.include),
    )


@resource.post("/<destination_id>")
def update(account: Account, params: UpdateDestination, destination_id: str) -> Tree:
    """Change the given fields."""
    destination = _find(account, destination_id)
    if params.metadata is not UNSET:
        destination.metadata = merged(destination.metadata, {k: v or "" for k, v in params.metadata.items()})
    if params.name is not UNSET:
        destination.name = params.name
    if params.description is not UNSET:
        destination.description = params.description
    if params.enabled_events is not UNSET:
        destination.enabled_events = list(params.enabled_events)
    if params.webhook_endpoint is not None:
        destination.url = params.webhook_endpoint.url
    destination.updated_ns = account.now_ns
    return _render(destination, params.include)


@resource.delete("/<destination_id>")
def delete(account: Account, params: Simple, destination_id: str) -> Tree:
    """Delete a destination; deliveries to it that are pending are not sent."""
    destination = _find(account, destination_id)
    account.part(Destinations).destinations.remove(destination.id)
    return {"id": destination.id, "object": NAME}


@resource.post("/<destination_id>/disable")
def disable(account: Account, params: Simple, destination_id: str) -> Destination:
    """Disable a destination: it receives no events."""
    return _switch(account, destination_id, enabled=False)


@resource.post("/<destination_id>/enable")
def enable(account: Account, params: Simple, destination_id: str) -> Destination:
    """Enable a destination again; events published meanwhile are not delivered."""
    return _switch(account, destination_id, enabled=True)


@resource.post("/<destination_id>/ping")
def ping(account: Account, params: Simple, destination_id: str) -> Tree:
    """Send a destination an event about itself, whatever types it is enabled for."""
    destination = _find(account, destination_id)
    event: ThinEvent = thin.publish(
        account, f"{NAME}.ping", Related(destination.id, NAME, f"{PATH}/{destination.id}"), to=destination
    )
    return thin.render(account, event)


def _find(account: Account, destination_id: str) -> Destination:
    return required(account.part(Destinations).destinations.get(destination_id), "event destination", destination_id)


def _switch(account: Account, destination_id: str, *, enabled: bool) -> Destination:
    destination = _find(account, destination_id)
    if destination.enabled != enabled:
        destination.enabled = enabled
        destination.updated_ns = account.now_ns
    return destination


def _render(destination: Destination, include: tuple[str, ...]) -> Tree:
    return {
        "id": destination.id,
        "object": NAME,
        "amazon_eventbridge": None,
        "azure_event_grid": None,
        "created": rfc3339(destination.created_ns),
        "description": destination.description or "",
        "enabled_events": list(destination.enabled_events),
        "event_payload": destination.payload,
        "events_from": list(destination.events_from),
        "livemode": False,
        "metadata": dict(destination.metadata),
        "name": destination.name,
        "snapshot_api_version": destination.api_version,
        "status": "enabled" if destination.enabled else "disabled",
        "status_details": None if destination.enabled else {"disabled": {"reason": "user"}},
        "type": "webhook_endpoint",
        "updated": rfc3339(destination.updated_ns),
        "webhook_endpoint": {
            "signing_secret": destination.secret if SECRET in include else None,
            "url": destination.url if URL in include else None,
        },
    }
