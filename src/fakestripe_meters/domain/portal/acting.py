"""What a customer does in the portal, as far as the session's configuration allows it.

Documented in: https://docs.stripe.com/customer-management/integrate-customer-portal.
"""

from typing import Any

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.invoicing import redeeming
from fakestripe_meters.domain.invoicing.redeeming import DiscountTerms
from fakestripe_meters.domain.planning import ending
from fakestripe_meters.domain.portal import sessions
from fakestripe_meters.domain.portal import switching
from fakestripe_meters.domain.portal import waiting
from fakestripe_meters.domain.portal.switching import Wish
from fakestripe_meters.domain.records import portal_configurations
from fakestripe_meters.domain.records import subscriptions
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.portal_configurations import PortalConfiguration
from fakestripe_meters.domain.records.portal_sessions import PortalSession
from fakestripe_meters.domain.records.promotion_codes import PromotionCode
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.subscribing import canceling
from fakestripe_meters.domain.subscribing import changing
from fakestripe_meters.domain.subscribing.item_terms import ItemChanges
from fakestripe_meters.domain.subscribing.subscription_terms import Anchor
from fakestripe_meters.domain.subscribing.subscription_terms import CancellationDetails
from fakestripe_meters.domain.subscribing.subscription_terms import UpdateSubscription
from fakestripe_meters.domain.subscribing.subscription_terms import apply_reasons
from fakestripe_meters.wire.schema import UNSET


def configuration_of(account: Account, session: PortalSession) -> PortalConfiguration:
    """Return what the customer of a session may do."""
    return portal_configurations.find(account, session.configuration)


def subscription_of(account: Account, session: PortalSession, subscription_id: str) -> Subscription:
    """Return a subscription of the session's customer that goes on, or raise StripeError."""
    subscription = subscriptions.find(account, subscription_id, param="subscription")
    if subscription.customer != session.customer:
        raise errors.objects.no_such("subscription", subscription_id, param="subscription")
    if not subscription.living:
        raise errors.portal.has_ended("subscription", subscription.id, subscription.status)
    return subscription


@observed(
    "a flexible subscription gets `cancel_at`, and `cancel_at_period_end` stays false (stripe/stripe-node#2470, "
    "better-auth/better-auth#5818)"
)
@documented(
    "a classic one gets `cancel_at_period_end`: https://docs.stripe.com/billing/subscriptions/billing-mode/compare"
)
@inferred("one that ends at once is not invoiced for its usage so far, as with a request that does not ask for that")
def cancel(
    account: Account,
    session: PortalSession,
    subscription_id: str,
    *,
    feedback: str | None = None,
    comment: str | None = None,
) -> None:
    """Cancel a subscription as the configuration says; raise StripeError if that is not allowed."""
    configuration = configuration_of(account, session)
    subscription = subscription_of(account, session, subscription_id)
    sessions.check_cancelable(account, configuration, subscription)
    terms = configuration.cancellations
    details = _reasons(configuration, feedback, comment)
    with test_clocks.changing(account, subscription.test_clock):
        if terms.mode == "immediately":
            apply_reasons(subscription.cancellation, details)
            canceling.cancel(account, subscription, prorate=terms.prorations == "create_prorations")
        else:
            changing.update(account, subscription, _ending(subscription, details))


def _ending(subscription: Subscription, details: CancellationDetails) -> UpdateSubscription:
    """Return what has a subscription end with its last period."""
    flexible = subscription.billing_mode == "flexible"
    return UpdateSubscription(
        cancel_at="max_period_end" if flexible else UNSET,
        cancel_at_period_end=UNSET if flexible else True,
        cancellation_details=details,
        proration_behavior="none",
    )


@inferred("an answer that was not offered does not count")
def _reasons(configuration: PortalConfiguration, feedback: str | None, comment: str | None) -> CancellationDetails:
    terms = configuration.cancellations
    if not terms.asks_why:
        return CancellationDetails()
    known: Any = feedback if feedback in terms.reasons else None
    return CancellationDetails(feedback=known, comment=comment or None)


@documented("one `customer.subscription.updated`, and the end is taken back")
@inferred("it is allowed if canceling is")
def renew(account: Account, session: PortalSession, subscription_id: str) -> None:
    """Let a subscription go on that was to end; raise StripeError if that is not allowed."""
    configuration = configuration_of(account, session)
    subscription = subscription_of(account, session, subscription_id)
    if not configuration.cancellations.enabled:
        raise errors.portal.feature_disabled(errors.portal.CANCEL, "subscription cannot be renewed")
    sessions.check_unscheduled(account, subscription)
    goes_on = UpdateSubscription(
        cancel_at=None,
        cancel_at_period_end=False if subscription.cancel_at_period_end else UNSET,
        proration_behavior="none",
    )
    with test_clocks.changing(account, subscription.test_clock):
        changing.update(account, subscription, goes_on)


@documented("like an update of the subscription; the configuration says what becomes of time, cycle and trial")
@inferred("a switch that cannot be paid changes nothing; one that waits ends no trial")
def switch(account: Account, session: PortalSession, subscription_id: str, wish: Wish) -> None:
    """Switch a subscription to another price or quantity; raise StripeError if that is not allowed, or not paid."""
    subscription = subscription_of(account, session, subscription_id)
    configuration = configuration_of(account, session)
    with test_clocks.changing(account, subscription.test_clock):
        asked = change(account, session, subscription, wish)
        (item,) = asked.items
        if switching.waits(account, configuration, subscription, item):
            code = switching.code_of(account, configuration, wish.code)
            waiting.plan(account, subscription, item.price or "", item.quantity, None if code is None else code.id)
        else:
            changing.update(account, subscription, asked)


@inferred("a switch that waits can be taken back, by releasing its schedule, if it was made in the portal")
def keep(account: Account, session: PortalSession, subscription_id: str) -> None:
    """Take a switch back that waits for the end of the period; raise StripeError if none does."""
    subscription = subscription_of(account, session, subscription_id)
    schedule = ending.of(account, subscription)
    if not configuration_of(account, session).switches.enabled:
        raise errors.portal.feature_disabled(errors.portal.UPDATE, "subscription cannot be updated")
    if schedule is None or not schedule.of_portal:
        raise errors.portal.cannot_switch("no change waits that was made in the portal")
    with test_clocks.changing(account, subscription.test_clock):
        ending.release(account, schedule)


def change(account: Account, session: PortalSession, subscription: Subscription, wish: Wish) -> UpdateSubscription:
    """Return what a switch asks of a subscription, or raise StripeError."""
    configuration = configuration_of(account, session)
    switching.check(account, configuration, subscription)
    item = switching.only_item(subscription)
    price_id, amount = switching.check_change(configuration, item, wish)
    switches = configuration.switches
    restarts: Any = switches.anchor
    behavior: Any = switches.prorations
    ends_trial = subscription.trialing and switches.in_trial == "end_trial"
    return UpdateSubscription(
        items=(ItemChanges(id=item.id, price=price_id, quantity=amount),),
        billing_cycle_anchor=Anchor(type=restarts),
        discounts=_discounts(subscription, session, switching.code_of(account, configuration, wish.code)),
        payment_behavior="error_if_incomplete",
        proration_behavior=behavior,
        trial_end="now" if ends_trial else None,
    )


def _discounts(subscription: Subscription, session: PortalSession, code: PromotionCode | None) -> redeeming.Given:
    """Return the discounts after a switch: what its flow gives, and a promotion code; UNSET if it gives none."""
    confirmed = (session.flow or {}).get("subscription_update_confirm") or {}
    given = confirmed.get("discounts") or [] if confirmed.get("subscription") == subscription.id else []
    if not given and code is None:
        return UNSET
    entered = () if code is None else (DiscountTerms(promotion_code=code.id),)
    kept = [DiscountTerms(discount=each) for each in subscription.discounts]
    return (*kept, *(DiscountTerms(**each) for each in given), *entered)
