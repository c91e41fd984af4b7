"""What a customer changes about itself in the portal: how it pays, and who it is.

Documented in: https://docs.stripe.com/customer-management.
"""

from typing import Any

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.paying import methods
from fakestripe_meters.domain.portal.acting import configuration_of
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import payment_methods
from fakestripe_meters.domain.records import subscriptions
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.layouts import Address
from fakestripe_meters.domain.records.layouts import Shipping
from fakestripe_meters.domain.records.payment_methods import PaymentMethod
from fakestripe_meters.domain.records.portal_sessions import PortalSession
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.schema import parse
from fakestripe_meters.wire.tree import Tree


def customer_of(account: Account, session: PortalSession) -> Customer:
    """Return the customer of a session, or raise StripeError if it was deleted."""
    return customers.find(account, session.customer, param="customer")


def overriding(account: Account, customer: Customer) -> list[Subscription]:
    """Return the subscriptions that are paid otherwise than by the customer's default payment method."""
    running = account.part(Subscriptions).running(customer.id)
    return [each for each in running if each.default_payment_method not in (None, customer.default_payment_method)]


@documented(
    "the customer's default changes, and a subscription's own payment method is removed if the customer wants that"
)
@inferred("a new card is attached and becomes the default in one step")
def pay_with(account: Account, session: PortalSession, name_or_id: str, *, everywhere: bool) -> None:
    """Make a card the customer's default, attached if it is new; with `everywhere`, for all subscriptions.

    Raise StripeError 400 if the customer cannot have it, 402 if it declines.
    """
    customer = _changeable(account, session)
    with test_clocks.changing(account, customer.test_clock):
        method = methods.named(account, name_or_id)
        methods.attach(account, method, customer)
        before = customers.render(account, customer)
        customer.default_payment_method = method.id
        publish_update(account, "customer.updated", before, customers.render(account, customer))
        if everywhere:
            for subscription in overriding(account, customer):
                _remove_override(account, subscription)


def _remove_override(account: Account, subscription: Subscription) -> None:
    before = subscriptions.render(account, subscription)
    subscription.default_payment_method = None
    after = subscriptions.render(account, subscription)
    publish_update(account, "customer.subscription.updated", before, after)


def removable(account: Account, customer: Customer, method: PaymentMethod) -> bool:
    """Return whether a customer may remove a card: not the one that pays for a subscription."""
    used = {each.default_payment_method for each in account.part(Subscriptions).running(customer.id)}
    return method.id not in used and (method.id != customer.default_payment_method or not used)


@documented("the portal keeps one for each subscription: https://support.stripe.com/questions/billing-customer-portal")
@inferred("the sentence of the refusal")
def remove(account: Account, session: PortalSession, method_id: str) -> None:
    """Take a card from the customer; raise StripeError 400 if a subscription needs it."""
    customer = _changeable(account, session)
    method = payment_methods.find(account, method_id, param="payment_method", status=400)
    if method.customer != customer.id:
        raise errors.payment_methods.not_of_customer("payment_method", method_id)
    if not removable(account, customer, method):
        raise errors.portal.card_needed(method_id)
    with test_clocks.changing(account, customer.test_clock):
        methods.detach(account, method)


def _changeable(account: Account, session: PortalSession) -> Customer:
    if not configuration_of(account, session).updates_methods:
        raise errors.portal.feature_disabled(errors.portal.METHODS, "payment method cannot be updated")
    return customer_of(account, session)


class OwnData(Params):
    """What a customer may change about itself."""

    address: Address | Unset | None = param(default=UNSET, clearable=True)
    email: str | Unset | None = param(default=UNSET, clearable=True, max_length=512, check=customers.check_email)
    name: str | Unset | None = param(default=UNSET, clearable=True, max_length=256)
    phone: str | Unset | None = param(default=UNSET, clearable=True, max_length=20)
    shipping: Shipping | Unset | None = param(default=UNSET, clearable=True)


def update(account: Account, session: PortalSession, tree: Tree) -> None:
    """Change what the configuration lets the customer change, given as `OwnData`; else raise StripeError 400."""
    given = parse(OwnData, tree)
    configuration = configuration_of(account, session)
    customer = customer_of(account, session)
    if not configuration.updates_customer or not configuration.customer_updates:
        raise errors.portal.feature_disabled(errors.portal.CUSTOMER, "customer cannot be updated")
    with test_clocks.changing(account, customer.test_clock):
        before = customers.render(account, customer)
        for name, value in given.given(configuration.customer_updates):
            setattr(customer, name, _stored(value))
        publish_update(account, "customer.updated", before, customers.render(account, customer))


def _stored(value: str | Address | Shipping | None) -> Any:  # noqa: ANN401  what the customer's field holds
    if isinstance(value, Address):
        return dict(vars(value))
    return value.stored if isinstance(value, Shipping) else value
