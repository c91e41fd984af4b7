"""How a card is set up for later payments: setup intents are confirmed, authenticated and canceled."""

from fakestripe_meters.core import cards
from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.cards import Decline
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.paying import declining
from fakestripe_meters.domain.paying import methods
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import payment_intents
from fakestripe_meters.domain.records import payment_methods
from fakestripe_meters.domain.records import setup_intents
from fakestripe_meters.domain.records import subscriptions
from fakestripe_meters.domain.records.payment_methods import PaymentMethod
from fakestripe_meters.domain.records.setup_intents import SetupAttempt
from fakestripe_meters.domain.records.setup_intents import SetupAttempts
from fakestripe_meters.domain.records.setup_intents import SetupIntent
from fakestripe_meters.domain.records.setup_intents import SetupIntents
from fakestripe_meters.domain.records.subscriptions import Subscription

PREFIX = "seti_1"
# documented: the code, in the guide to error codes; inferred: the sentence, as recalled.
NOT_AUTHENTICATED = Decline(
    code="setup_intent_authentication_failure",
    decline_code=None,
    message="The latest attempt to set up the payment method has failed because authentication failed.",
)


def add(account: Account, intent: SetupIntent) -> None:
    """Store a new setup intent, and publish that it was created."""
    account.part(SetupIntents).table.add(intent)
    publish(account, "setup_intent.created", setup_intents.render(account, intent))


def choose(intent: SetupIntent, method: PaymentMethod, path: str) -> None:
    """Give a setup intent its payment method; StripeError 400 if it belongs to another customer, or is used up."""
    methods.check_usable(method)
    if method.customer not in (None, intent.customer):
        if intent.customer is None:
            raise errors.setup_intents.customer_missing(path, method.id, method.customer)
        raise errors.payment_methods.of_another_customer(path, method.id, intent.customer)
    intent.payment_method, intent.status, intent.next_action = method.id, "requires_confirmation", None


def confirm(
    account: Account,
    intent: SetupIntent,
    method: PaymentMethod,
    *,
    in_browser: bool = False,
    authenticates: bool = False,
) -> Decline | None:
    """Try to set up a payment method, and publish what comes of it; return why it declines, if it does.

    `in_browser`: the customer's browser authenticates with Stripe's script instead of a page of the bank's.
    `authenticates`: the customer has done so.
    """
    intent.payment_method, intent.last_error, intent.failed_method, intent.next_action = method.id, None, None, None
    attempt = _begin(account, intent, method)
    answer = cards.at_setup(method.does, asked=intent.card_options.get("request_three_d_secure") in cards.ASKS)
    if answer == "passes":
        _succeed(account, intent, method)
    elif answer == "authenticate" and authenticates:
        attempt.authenticated = True
        _succeed(account, intent, method)
    elif answer == "authenticate":
        attempt.status, intent.status = "requires_action", "requires_action"
        return_url = None if in_browser else intent.return_url
        intent.next_action = payment_intents.next_action(account, intent.id, return_url, method.does.brand)
        publish(account, "setup_intent.requires_action", setup_intents.render(account, intent))
    else:
        _fail(account, intent, attempt, answer)
        return answer
    return None


def authenticate(account: Account, intent: SetupIntent, *, succeeds: bool) -> None:
    """Let the customer authenticate a setup that waits for it, or fail to."""
    attempt = account.part(SetupAttempts).table.kept(intent.latest_attempt or "")
    intent.next_action = None
    if succeeds:
        attempt.status, attempt.authenticated = "succeeded", True
        _succeed(account, intent, payment_methods.kept(account, attempt.payment_method))
    else:
        _fail(account, intent, attempt, NOT_AUTHENTICATED)


def cancel(account: Account, intent: SetupIntent, reason: str | None) -> None:
    """Cancel a setup intent."""
    intent.status, intent.cancellation_reason, intent.next_action = "canceled", reason, None
    publish(account, "setup_intent.canceled", setup_intents.render(account, intent))
    _clear(account, intent, None)


@observed("a decline of a setup holds the setup intent and the payment method (Kiln-AI/stripe_world)")
def decline_error(account: Account, intent: SetupIntent, decline: Decline) -> StripeError:
    """402 for who confirms a setup intent that is declined. It shows the intent as it is then."""
    shown = setup_intents.render(account, intent)
    error = setup_intents.render_error(account, intent.last_error, intent.failed_method) or {}
    extra = {name: each for name, each in error.items() if name not in declining.OWN}
    return errors.payments.declined(
        decline.message, code=decline.code, param=decline.param, extra=extra | {"setup_intent": shown}
    )


def _begin(account: Account, intent: SetupIntent, method: PaymentMethod) -> SetupAttempt:
    attempt = SetupAttempt(
        id=account.ids.new("setatt_1", 23),
        created=account.now,
        setup_intent=intent.id,
        payment_method=method.id,
        customer=intent.customer,
        usage=intent.usage,
        flow_directions=intent.flow_directions,
    )
    account.part(SetupAttempts).table.add(attempt)
    intent.latest_attempt = attempt.id
    return attempt


@observed("an unattached payment method is attached to the customer first (Kiln-AI/stripe_world)")
@documented("what is authenticated at set-up passes off-session, https://docs.stripe.com/testing")
def _succeed(account: Account, intent: SetupIntent, method: PaymentMethod) -> None:
    intent.status = "succeeded"
    method.set_up = True
    customer = None if intent.customer is None else customers.kept(account, intent.customer)
    if customer is not None and not customer.deleted and method.customer is None and not method.spent:
        methods.join(account, method, customer)
    publish(account, "setup_intent.succeeded", setup_intents.render(account, intent))
    _clear(account, intent, method)


def _fail(account: Account, intent: SetupIntent, attempt: SetupAttempt, decline: Decline) -> None:
    error = declining.described(decline)
    if decline is NOT_AUTHENTICATED:
        error["type"] = "invalid_request_error"
    attempt.status, attempt.error = "failed", error
    intent.status, intent.payment_method = "requires_payment_method", None
    intent.last_error, intent.failed_method = error, attempt.payment_method
    publish(account, "setup_intent.setup_failed", setup_intents.render(account, intent))


@documented("the subscription's `pending_setup_intent` is one that is not done, as Stripe's OpenAPI says")
@inferred("when it is done it goes, and its payment method is saved as one that has paid")
def _clear(account: Account, intent: SetupIntent, method: PaymentMethod | None) -> None:
    if intent.subscription is None:
        return
    subscription = subscriptions.find(account, intent.subscription)
    if subscription.pending_setup_intent != intent.id:
        return
    before = subscriptions.render(account, subscription)
    subscription.pending_setup_intent = None
    saves = subscription.save_default_payment_method == "on_subscription"
    if saves and method is not None and method.customer == subscription.customer:
        subscription.default_payment_method = method.id
    publish_update(account, "customer.subscription.updated", before, subscriptions.render(account, subscription))


@documented("trials, usage and full discounts have one: https://docs.stripe.com/billing/subscriptions/deferred-payment")
@observed("one in a trial, of a customer without a payment method, has one at once (Kiln-AI/stripe_world)")
@inferred("so has one whose card wants to be authenticated; others have none")
def prepared(account: Account, subscription: Subscription) -> SetupIntent | None:
    """Return a new setup intent for a subscription that costs nothing at first, if its customer has to do something.

    It is not stored yet.
    """
    if subscription.collection_method == "send_invoice":
        return None
    customer = customers.kept(account, subscription.customer)
    method = methods.that_pays(account, customer, subscription.default_payment_method)
    if method is not None and (method.set_up or method.does.at_setup != "authenticate"):
        return None
    intent = SetupIntent(
        id=account.ids.new(PREFIX, 23),
        created=account.now,
        customer=customer.id,
        subscription=subscription.id,
        test_clock=subscription.test_clock,
    )
    if method is not None:
        intent.payment_method, intent.status = method.id, "requires_confirmation"
    subscription.pending_setup_intent = intent.id
    return intent


def begin(account: Account, intent: SetupIntent) -> None:
    """Store the setup intent of a new subscription, and confirm it if it has a payment method."""
    add(account, intent)
    if intent.payment_method is not None:
        confirm(account, intent, payment_methods.kept(account, intent.payment_method))
