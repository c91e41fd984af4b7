"""Webhook endpoints: https://docs.stripe.com/api/webhook_endpoints; they receive snapshot events."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.table import required
from fakestripe_meters.domain.events import deliveries
from fakestripe_meters.domain.events import destinations
from fakestripe_meters.domain.events import known
from fakestripe_meters.domain.events.destinations import Destination
from fakestripe_meters.domain.events.destinations import Destinations
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import page
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.framework.metadata import metadata
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree

PATH = "/v1/webhook_endpoints"


class CreateEndpoint(Operation):
    """A new endpoint."""

    enabled_events: tuple[str, ...] = param(
        check=known.check_types, doc="Event types, or `*`: groups such as `invoice.*` are refused."
    )
    url: str = param(max_length=destinations.LONGEST_URL, check=destinations.check_url)
    api_version: str | None = param(
        default=None, clearable=True, check=known.check_version, doc="Version of the events sent."
    )
    connect: bool = param(default=False, doc="Events of connected accounts instead of your own.")
    description: str | None = param(default=None, clearable=True)
    metadata: Metadata = metadata()


class UpdateEndpoint(Operation):
    """A change to an endpoint; its API version cannot be changed."""

    description: str | Unset | None = param(default=UNSET, clearable=True)
    disabled: bool | Unset = param(default=UNSET)
    enabled_events: tuple[str, ...] | Unset = param(default=UNSET, check=known.check_types)
    metadata: Metadata = metadata()
    url: str | Unset = param(default=UNSET, max_length=destinations.LONGEST_URL, check=destinations.check_url)


class ListEndpoints(ListParams):
    """All endpoints."""


def render(_account: Account, endpoint: Destination) -> Tree:
    """Return an endpoint as Stripe shows it after its creation: without its secret."""
    return {
        "id": endpoint.id,
        "object": "webhook_endpoint",
        "api_version": endpoint.api_version,
        "application": None,
        "created": endpoint.created_ns // SECOND_NS,
        "description": endpoint.description,
        "enabled_events": list(endpoint.enabled_events),
        "livemode": False,
        "metadata": dict(endpoint.metadata),
        "status": "enabled" if endpoint.enabled else "disabled",
        "url": endpoint.url,
    }


resource = Resource("webhook_endpoint", PATH, render=render)
resource.due(Work.RETRY_DELIVERY)(deliveries.retry)  # also to the event destinations of API v2


@resource.post()
def create(account: Account, params: CreateEndpoint) -> Tree:
    """Create an endpoint for events. Only this response shows the secret that signs them."""
    endpoint = Destination(
        id=account.ids.new("we_", 24),
        created_ns=account.now_ns,
        updated_ns=account.now_ns,
        payload="snapshot",
        url=params.url,
        secret=account.ids.new("whsec_", 32),
        enabled_events=list(params.enabled_events),
        api_version=params.api_version,
        description=params.description,
        metadata=merged({}, params.metadata),
        events_from=["@accounts"] if params.connect else ["@self"],
    )
    account.part(Destinations).endpoints.add(endpoint)
    return dict(sorted((render(account, endpoint) | {"secret": endpoint.secret}).items(), key=_as_printed))


@resource.get("/<endpoint_id>")
def retrieve(account: Account, params: Operation, endpoint_id: str) -> Destination:
    """Return an endpoint."""
    return _find(account, endpoint_id)


@resource.get()
def list_(account: Account, params: ListEndpoints) -> Listing:
    """List endpoints, newest first."""
    return page(account.part(Destinations).endpoints, params, url=PATH, noun="webhook endpoint")


@resource.post("/<endpoint_id>")
def update(account: Account, params: UpdateEndpoint, endpoint_id: str) -> Destination:
    """Change the given fields."""
    endpoint = _find(account, endpoint_id)
    endpoint.metadata = merged(endpoint.metadata, params.metadata)
    if params.url is not UNSET:
        endpoint.url = params.url
    if params.enabled_events is not UNSET:
        endpoint.enabled_events = list(params.enabled_events)
    if params.description is not UNSET:
        endpoint.description = params.description
    if params.disabled is not UNSET:
        endpoint.enabled = not params.disabled
    endpoint.updated_ns = account.now_ns
    return endpoint


@resource.delete("/<endpoint_id>")
def delete(account: Account, params: Operation, endpoint_id: str) -> Tree:
    """Delete an endpoint; deliveries to it that are pending are not sent."""
    endpoint = _find(account, endpoint_id)
    account.part(Destinations).endpoints.remove(endpoint.id)
    return {"id": endpoint.id, "object": "webhook_endpoint", "deleted": True}


def _find(account: Account, endpoint_id: str) -> Destination:
    return required(account.part(Destinations).endpoints.get(endpoint_id), "webhook endpoint", endpoint_id)


def _as_printed(item: tuple[str, object]) -> tuple[bool, str]:
    return item[0] not in ("id", "object"), item[0]
