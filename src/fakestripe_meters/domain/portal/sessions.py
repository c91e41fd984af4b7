"""How a portal session begins: whose it is, and what it leads to.

Observed in: answers that public programs quote.
"""

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.planning import ending
from fakestripe_meters.domain.portal import switching
from fakestripe_meters.domain.portal.session_terms import AfterCompletion
from fakestripe_meters.domain.portal.session_terms import ConfirmFlow
from fakestripe_meters.domain.portal.session_terms import CreateSession
from fakestripe_meters.domain.portal.session_terms import FlowData
from fakestripe_meters.domain.portal.switching import Wish
from fakestripe_meters.domain.records import coupons
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import portal_configurations
from fakestripe_meters.domain.records import portal_sessions
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import promotion_codes
from fakestripe_meters.domain.records import subscriptions
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.portal_configurations import PortalConfiguration
from fakestripe_meters.domain.records.portal_sessions import PortalSession
from fakestripe_meters.domain.records.portal_sessions import PortalSessions
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.wire.tree import Tree

OF_SUBSCRIPTIONS = ("subscription_cancel", "subscription_update", "subscription_update_confirm")
"""The flows with a hash of their own."""


@inferred("the customer goes before the configuration, and both before the flow")
def begin(account: Account, params: CreateSession) -> PortalSession:
    """Make a session, and publish the event; raise StripeError 400 if it leads to nothing."""
    if params.customer is None:
        raise errors.params.missing_param("customer")
    customer = customers.find(account, params.customer, param="customer", status=400)
    configuration = _configuration(account, params.configuration)
    flow = None if params.flow_data is None else _flow(account, customer, configuration, params.flow_data)
    portal_configurations.written(account)
    session = PortalSession(
        id=account.ids.new("bps_", 24),
        created=account.now,
        customer=customer.id,
        configuration=configuration.id,
        flow=flow,
        locale=params.locale,
        return_url=params.return_url or configuration.default_return_url,
    )
    account.part(PortalSessions).table.add(session)
    publish(account, "billing_portal.session.created", portal_sessions.render(account, session))
    return session


def visit(account: Account, session: PortalSession) -> bool:
    """Note that the customer uses a session; return whether it is still open."""
    if portal_sessions.expired(account, session):
        return False
    session.used = account.now
    return True


def finish(session: PortalSession, *kinds: str) -> None:
    """Note that the customer has done what the session is about, if it is about one of these flows."""
    if session.flow is not None and session.flow["type"] in kinds:
        session.done = True


def _configuration(account: Account, configuration_id: str | None) -> PortalConfiguration:
    if configuration_id is None:
        return portal_configurations.default(account)
    configuration = portal_configurations.find(account, configuration_id, status=400)
    if not configuration.active:
        raise errors.portal.inactive(configuration.id)
    return configuration


def _flow(account: Account, customer: Customer, configuration: PortalConfiguration, data: FlowData) -> Tree:
    """Return what a session leads to as Stripe shows it, or raise StripeError 400."""
    for name in OF_SUBSCRIPTIONS:
        given = getattr(data, name)
        if given is None and name == data.type:
            raise errors.params.missing_param(f"flow_data[{name}]")
        if given is not None and name != data.type:
            raise errors.params.not_with(f"flow_data[{name}]", f"`flow_data[type]={name}`")
    shown: Tree = {
        "after_completion": _after(data.after_completion),
        "customer_update": {} if data.type == "customer_update" else None,
        "subscription_cancel": None,
        "subscription_update": None,
        "subscription_update_confirm": None,
        "type": data.type,
    }
    if data.type == "customer_update" and not (configuration.updates_customer and configuration.customer_updates):
        raise errors.portal.feature_disabled(errors.portal.CUSTOMER, "customer cannot be updated")
    if data.type == "payment_method_update" and not configuration.updates_methods:
        raise errors.portal.feature_disabled(errors.portal.METHODS, "payment method cannot be updated")
    if data.subscription_cancel is not None:
        subscription = _subscription(account, customer, data, data.subscription_cancel.subscription)
        check_cancelable(account, configuration, subscription)
        shown[data.type] = {"retention": None, "subscription": subscription.id}
    if data.subscription_update is not None:
        subscription = _subscription(account, customer, data, data.subscription_update.subscription)
        switching.check_any(account, configuration, subscription)
        shown[data.type] = {"subscription": subscription.id}
    if data.subscription_update_confirm is not None:
        subscription = _subscription(account, customer, data, data.subscription_update_confirm.subscription)
        shown[data.type] = _confirmed(account, configuration, subscription, data.subscription_update_confirm)
    return shown


@inferred("a customer goes back to the portal's own page, unless it is said otherwise")
def _after(given: AfterCompletion | None) -> Tree:
    if given is None:
        return {"hosted_confirmation": None, "redirect": None, "type": "portal_homepage"}
    for name in ("hosted_confirmation", "redirect"):
        if getattr(given, name) is not None and given.type != name:
            path = f"flow_data[after_completion][{name}]"
            raise errors.params.not_with(path, f"`flow_data[after_completion][type]={name}`")
    if given.type == "redirect" and given.redirect is None:
        raise errors.params.missing_param("flow_data[after_completion][redirect]")
    message = None if given.hosted_confirmation is None else given.hosted_confirmation.custom_message
    return {
        "hosted_confirmation": {"custom_message": message} if given.type == "hosted_confirmation" else None,
        "redirect": None if given.redirect is None else {"return_url": given.redirect.return_url},
        "type": given.type,
    }


def _subscription(account: Account, customer: Customer, data: FlowData, subscription_id: str) -> Subscription:
    """Return the subscription of a flow, or raise StripeError 400 if the customer has no such subscription."""
    path = f"flow_data[{data.type}][subscription]"
    subscription = subscriptions.find(account, subscription_id, param=path, status=400)
    if subscription.customer != customer.id:
        raise errors.objects.of_another(path, "subscription", "customer")
    if not subscription.living:
        raise errors.portal.has_ended(path, subscription.id, subscription.status)
    return subscription


@observed("one that is canceled already is refused")
def check_cancelable(account: Account, configuration: PortalConfiguration, subscription: Subscription) -> None:
    """Raise StripeError 400 unless a customer may cancel a subscription."""
    if not configuration.cancellations.enabled:
        raise errors.portal.feature_disabled(errors.portal.CANCEL, "subscription cannot be canceled")
    if subscription.ends_at is not None:
        raise errors.portal.cancels_already(subscription.id)
    check_unscheduled(account, subscription)


@inferred("the portal cannot cancel what a schedule manages, as programs note; the sentence is that of a request")
def check_unscheduled(account: Account, subscription: Subscription) -> None:
    """Raise StripeError 400 if a schedule manages when a subscription ends."""
    schedule = ending.of(account, subscription)
    if schedule is not None:
        raise errors.subscription_schedules.manages_the_end(schedule.id)


def _confirmed(
    account: Account, configuration: PortalConfiguration, subscription: Subscription, terms: ConfirmFlow
) -> Tree:
    path = "flow_data[subscription_update_confirm]"
    if not terms.items:
        raise errors.params.missing_param(f"{path}[items]")
    switching.check(account, configuration, subscription)
    (given,) = terms.items
    item = switching.only_item(subscription)
    if given.id != item.id:
        raise errors.objects.no_such("subscription item", given.id, param=f"{path}[items][0][id]", status=400)
    if given.price is not None:
        prices.find(account, given.price, param=f"{path}[items][0][price]", status=400)
    discounts = [
        _discount(account, each.coupon, each.promotion_code, f"{path}[discounts][{index}]")
        for index, each in enumerate(terms.discounts)
    ]
    price, quantity = switching.check_change(configuration, item, Wish(given.price, given.quantity))
    return {
        "discounts": discounts or None,
        "items": [{"id": item.id, "price": price, "quantity": quantity}],
        "subscription": subscription.id,
    }


def _discount(account: Account, coupon: str | None, promotion_code: str | None, path: str) -> Tree:
    if (coupon is None) == (promotion_code is None):
        both = (f"{path}[coupon]", f"{path}[promotion_code]")
        raise errors.params.need_one_of(both) if coupon is None else errors.params.exclusive_params(both)
    if coupon is not None:
        coupons.find(account, coupon, param=f"{path}[coupon]", status=400)
    if promotion_code is not None:
        promotion_codes.find(account, promotion_code, param=f"{path}[promotion_code]", status=400)
    return {"coupon": coupon, "promotion_code": promotion_code}
