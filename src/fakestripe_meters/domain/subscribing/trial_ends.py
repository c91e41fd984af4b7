"""What the end of a trial does to a subscription that no payment method can pay, and what a paused one allows.

Documented in: https://docs.stripe.com/billing/subscriptions/trials, https://docs.stripe.com/billing/subscriptions/pause.
"""

from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.subscriptions import render
from fakestripe_meters.domain.subscribing import charging
from fakestripe_meters.domain.subscribing import cycles
from fakestripe_meters.domain.subscribing import pausing
from fakestripe_meters.domain.subscribing.subscription_terms import UpdateSubscription

REASON: Literal["trial_end_without_payment_method"] = "trial_end_without_payment_method"
PARAM = "trial_settings[end_behavior][missing_payment_method]"


@documented("it is about what pays automatically; the methods that are looked for")
@observed("a subscription whose invoices are sent goes on in any case (Kiln-AI/stripe_world)")
@documented("one whose collection is paused is not paused: https://docs.stripe.com/billing/subscriptions/pause-payment")
def stop_of(account: Account, subscription: Subscription) -> str | None:
    """Return whether the end of a trial will `cancel` or `pause` a subscription; None if the subscription goes on."""
    if not subscription.trialing or subscription.collection_method == "send_invoice":
        return None
    if subscription.default_payment_method or customers.kept(account, subscription.customer).default_payment_method:
        return None
    how = subscription.missing_payment_method
    collected = subscription.withholding(account.now) is None
    return how if how == "cancel" or (how == "pause" and collected) else None


def stop_if_due(account: Account, subscription: Subscription) -> bool:
    """Cancel or pause a subscription if its trial ends now and nothing can pay; return whether that happened."""
    ends = subscription.trial_end
    if ends is None or account.now < ends or subscription.ends_by(account.now):
        return False
    how = stop_of(account, subscription)
    if how is None:
        return False
    before = render(account, subscription)
    stop(account, subscription, how)
    if how == "pause":
        publish_update(account, "customer.subscription.updated", before, render(account, subscription))
    return True


@observed("the reason of the cancellation (Kiln-AI/stripe_world)")
@inferred("the end of a trial by time and by request have the same events")
def stop(account: Account, subscription: Subscription, how: str, *, early: bool = False) -> None:
    """Cancel or pause a subscription at the end of its trial; `early` if a request ends the trial."""
    if early:
        subscription.trial_end = account.now
    if how == "pause":
        _pause(account, subscription, early=early)
    else:
        subscription.cancellation.reason = "cancellation_requested"
        cycles.end(account, subscription, on_time=not early, bill=False)


@observed(
    "a trial that is ended early and then paused moves the anchor of the billing cycle, and ends the periods of the "
    "items (Kiln-AI/stripe_world)"
)
@documented("the event; a `customer.subscription.updated` comes with it")
def _pause(account: Account, subscription: Subscription, *, early: bool) -> None:
    now = account.now
    pausing.stop(account, subscription, REASON, charging.cut(account) if early else None)
    if early:
        subscription.billing_cycle_anchor = now
        for item in subscription.items:
            item.period_end = now
    publish(account, "customer.subscription.paused", render(account, subscription))


@observed("the two do not go together (notes in the code of twentyhq/twenty)")
@inferred("also if no trial is under way")
def check_pausable(account: Account, subscription: Subscription, path: str | None = PARAM) -> None:
    """Raise StripeError 400 if a subscription with metered prices is to be paused at the end of its trial."""
    if subscription.missing_payment_method == "pause" and charging.metered(account, subscription.items):
        raise errors.subscriptions.metered_and_pausing(path)


def check_change(subscription: Subscription, params: UpdateSubscription) -> None:
    """Raise StripeError if an update changes what a paused subscription cannot change: 400, or 501 if Stripe might."""
    if subscription.status != "paused":
        return
    if params.trial_end is not None:
        raise errors.subscriptions.trial_while_paused()
    billed = {
        "billing_cycle_anchor": params.restarts_cycle,
        "cancel_at": isinstance(params.cancel_at, str),
        "cancel_at_period_end": params.cancel_at_period_end is True,
        "items": params.items,
        "plan": params.plan,
        "quantity": params.quantity is not None,
    }
    for name, given in billed.items():
        if given:
            raise errors.unserved.param(name)


def check_item_change(subscription: Subscription) -> None:
    """Raise StripeError 501 if an item of a paused subscription is to be changed."""
    if subscription.status == "paused":
        raise errors.unserved.items_while_paused()
