"""Configurations of the customer portal: how they are stored and shown.

Documented in: https://docs.stripe.com/api/customer_portal/configurations/object.

Observed in: answers that public programs quote.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import field
from typing import Any

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.ids import tail
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.table import required
from fakestripe_meters.core.undo import record
from fakestripe_meters.wire.tree import Json
from fakestripe_meters.wire.tree import Tree

REASONS = ("too_expensive", "missing_features", "switched_service", "unused", "other")
"""The answers that a customer is offered who cancels, by default."""
# inferred: what the default configuration lets customers change.
CHANGEABLE = ("email", "address", "phone")
PRODUCTS = "features.subscription_update.products"
"""The path of what is left out unless it is expanded."""


@record
class SwitchableProduct:
    """A product whose prices a customer may switch to, and between which quantities."""

    product: str
    prices: Sequence[str]
    adjustable: bool = True
    minimum: int = 1
    maximum: int | None = None

    def allows(self, quantity: int) -> bool:
        """Return whether a customer may choose a quantity."""
        most = quantity if self.maximum is None else self.maximum
        return self.adjustable and self.minimum <= quantity <= most


@record
class Cancellations:
    """Whether customers may cancel, when that ends the subscription, and whether they are asked why."""

    enabled: bool = False
    mode: str = "at_period_end"
    prorations: str = "none"
    asks_why: bool = False
    reasons: Sequence[str] = field(default_factory=lambda: list(REASONS))


@record
class Switches:
    """Whether customers may switch to other prices and quantities, and how that is billed."""

    enabled: bool = False
    allowed: Sequence[str] = field(default_factory=list)
    products: Sequence[SwitchableProduct] = field(default_factory=list)
    prorations: str = "none"
    anchor: str = "unchanged"
    waits_if: Sequence[str] = field(default_factory=list)
    """The conditions under which a switch waits for the end of the period."""
    in_trial: str = "end_trial"

    def product_of(self, price_id: str) -> SwitchableProduct | None:
        """Return the product that offers a price, if one does."""
        return next((each for each in self.products if price_id in each.prices), None)


@record
class PortalConfiguration:
    """A configuration as stored: what a customer may do in the portal."""

    id: str
    created: int
    updated: int
    active: bool = True
    is_default: bool = False
    headline: str | None = None
    privacy_policy_url: str | None = None
    terms_of_service_url: str | None = None
    default_return_url: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    name: str | None = None
    updates_customer: bool = False
    customer_updates: Sequence[str] = field(default_factory=list)
    shows_invoices: bool = False
    updates_methods: bool = False
    cancellations: Cancellations = field(default_factory=Cancellations)
    switches: Switches = field(default_factory=Switches)


@dataclass(eq=False)
class PortalConfigurations(Part, name="portal_configurations", named_by=("configuration",)):
    """All configurations of an account. The default one is the first, and is stored with the first write."""

    table: Table[PortalConfiguration] = field(default_factory=Table)


@observed("customers may cancel, and not switch (the default configuration of an account, in a program's notes)")
@inferred(
    "that every account has one from the start, so that a program which counts on the one that its dashboard has made "
    "runs; what else it allows; it was made when the account was, without an event"
)
def _initial(account: Account) -> PortalConfiguration:
    """Return the default configuration of an account that has changed nothing about it."""
    return PortalConfiguration(
        id=f"bpc_{tail(f'{account.id}/portal', 24)}",
        created=account.opened,
        updated=account.opened,
        is_default=True,
        updates_customer=True,
        customer_updates=list(CHANGEABLE),
        shows_invoices=True,
        updates_methods=True,
        cancellations=Cancellations(enabled=True),
    )


def table_of(account: Account) -> Table[PortalConfiguration]:
    """Return all configurations, to be read: nothing is stored by that."""
    part = account.peek(PortalConfigurations)
    return part.table if part is not None and len(part.table) else Table([_initial(account)])


def written(account: Account) -> Table[PortalConfiguration]:
    """Return all configurations, to be written: the default one is stored first."""
    table = account.part(PortalConfigurations).table
    if not len(table):
        table.add(_initial(account))
    return table


def default(account: Account) -> PortalConfiguration:
    """Return the configuration of sessions that name none."""
    return next(iter(table_of(account)))


@observed("the noun (in the tests of a program)")
def find(
    account: Account, configuration_id: str, *, param: str = "configuration", status: int = 404
) -> PortalConfiguration:
    """Return the configuration with that id, or raise `No such configuration`."""
    found = table_of(account).get(configuration_id)
    return required(found, "configuration", configuration_id, param=param, status=status)


def render(_account: Account, configuration: PortalConfiguration) -> Tree:
    """Return a configuration as Stripe shows it; what may be switched to is left out."""
    return {
        "id": configuration.id,
        "object": "billing_portal.configuration",
        "active": configuration.active,
        "application": None,
        "business_profile": {
            "headline": configuration.headline,
            "privacy_policy_url": configuration.privacy_policy_url,
            "terms_of_service_url": configuration.terms_of_service_url,
        },
        "created": configuration.created,
        "default_return_url": configuration.default_return_url,
        "features": {
            "customer_update": {
                "allowed_updates": list(configuration.customer_updates),
                "enabled": configuration.updates_customer,
            },
            "invoice_history": {"enabled": configuration.shows_invoices},
            "payment_method_update": {
                "enabled": configuration.updates_methods,
                "payment_method_configuration": None,
            },
            "subscription_cancel": _render_cancellations(configuration.cancellations),
            "subscription_pause": _no_pauses(),
            "subscription_update": _render_switches(configuration.switches),
        },
        "is_default": configuration.is_default,
        "livemode": False,
        "login_page": {"enabled": False, "url": None},
        "metadata": dict(configuration.metadata),
        "name": configuration.name,
        "updated": configuration.updated,
    }


def _render_cancellations(cancellations: Cancellations) -> Tree:
    return {
        "cancellation_reason": {
            "enabled": cancellations.asks_why,
            "feedback_options": None,
            "options": list(cancellations.reasons),
        },
        "enabled": cancellations.enabled,
        "mode": cancellations.mode,
        "proration_behavior": cancellations.prorations,
    }


@documented("one option of a month, by default")
def _no_pauses() -> Tree:
    """Return that customers cannot pause a subscription."""
    month: dict[str, Any] = {"interval": "month", "interval_count": 1}
    return {"duration": {"interval_options": [month], "type": "interval_options"}, "enabled": False}


def _render_switches(switches: Switches) -> Tree:
    return {
        "billing_cycle_anchor": switches.anchor,
        "default_allowed_updates": list(switches.allowed),
        "enabled": switches.enabled,
        "proration_behavior": switches.prorations,
        "schedule_at_period_end": {"conditions": [{"type": each} for each in switches.waits_if]},
        "trial_update_behavior": switches.in_trial,
    }


@observed("left out, unless it is expanded (in the notes of several programs)")
@inferred("an empty list, if there are none")
def products(account: Account, configuration_id: str) -> Json:
    """Return the products that customers may switch to."""
    return [
        {
            "adjustable_quantity": {"enabled": each.adjustable, "maximum": each.maximum, "minimum": each.minimum},
            "prices": list(each.prices),
            "product": each.product,
        }
        for each in find(account, configuration_id).switches.products
    ]
