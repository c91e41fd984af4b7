"""Portal configurations: https://docs.stripe.com/api/customer_portal/configurations."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.portal import configurations
from fakestripe_meters.domain.portal.configuration_terms import CreateConfiguration
from fakestripe_meters.domain.portal.configuration_terms import UpdateConfiguration
from fakestripe_meters.domain.records import portal_configurations
from fakestripe_meters.domain.records.portal_configurations import PRODUCTS
from fakestripe_meters.domain.records.portal_configurations import PortalConfiguration
from fakestripe_meters.domain.records.portal_configurations import find
from fakestripe_meters.domain.records.portal_configurations import render
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import page
from fakestripe_meters.wire.schema import param

PATH = "/v1/billing_portal/configurations"


class ListConfigurations(ListParams):
    """Which configurations to list."""

    active: bool | None = param(default=None)
    is_default: bool | None = param(default=None)


resource = Resource(
    "billing_portal.configuration",
    PATH,
    render=render,
    by_id=lambda account, configuration_id: portal_configurations.table_of(account).get(configuration_id),
    left_out={PRODUCTS: portal_configurations.products},
)


@resource.post()
def create(account: Account, params: CreateConfiguration) -> PortalConfiguration:
    """Create a configuration: what it does not enable, customers may not do."""
    table = portal_configurations.written(account)
    configuration = PortalConfiguration(account.ids.new("bpc_", 24), account.now, account.now)
    configurations.apply(account, configuration, params)
    table.add(configuration)
    publish(account, "billing_portal.configuration.created", render(account, configuration))
    return configuration


@resource.get("/<configuration_id>")
def retrieve(account: Account, params: Operation, configuration_id: str) -> PortalConfiguration:
    """Return a configuration."""
    return find(account, configuration_id)


@resource.post("/<configuration_id>")
@inferred("a change of what customers may switch to is an event, too, although that is not shown")
def update(account: Account, params: UpdateConfiguration, configuration_id: str) -> PortalConfiguration:
    """Change the given fields."""
    portal_configurations.written(account)
    configuration = find(account, configuration_id)
    before, products = render(account, configuration), configuration.switches.products
    configurations.apply(account, configuration, params)
    after = render(account, configuration)
    previous = {name: value for name, value in before.items() if after[name] != value}
    if previous or configuration.switches.products is not products:
        publish(account, "billing_portal.configuration.updated", after, previous=previous)
    return configuration


@resource.get()
def list_(account: Account, params: ListConfigurations) -> Listing:
    """List configurations, newest first."""

    def wanted(configuration: PortalConfiguration) -> bool:
        return params.active in (None, configuration.active) and params.is_default in (None, configuration.is_default)

    table = portal_configurations.table_of(account)
    return page(table, params, url=PATH, noun="configuration", where=wanted)
