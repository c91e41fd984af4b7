"""How a card is charged: the only place where money is taken, for payment intents of the API and those of invoices.

Observed in: pay-rails/pay, Kiln-AI/stripe_world.
"""

from collections.abc import Mapping
from typing import Any
from typing import Literal
from typing import NamedTuple

from fakestripe_meters.core import cards
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.cards import AUTHENTICATION_REQUIRED
from fakestripe_meters.core.cards import Card
from fakestripe_meters.core.cards import Decline
from fakestripe_meters.core.sources import documented
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.paying import booking
from fakestripe_meters.domain.paying.declining import NOT_AUTHENTICATED
from fakestripe_meters.domain.paying.declining import NOT_HANDLED
from fakestripe_meters.domain.paying.declining import decline_error
from fakestripe_meters.domain.paying.declining import described
from fakestripe_meters.domain.records import card_charges
from fakestripe_meters.domain.records import payment_intents
from fakestripe_meters.domain.records import payment_methods
from fakestripe_meters.domain.records.card_charges import CardCharge
from fakestripe_meters.domain.records.payment_intents import PaymentIntent
from fakestripe_meters.domain.records.payment_intents import PaymentIntents
from fakestripe_meters.domain.records.payment_methods import PaymentMethod

__all__ = ["Outcome", "attempt", "authenticate", "cancel", "capture", "create", "decline_error"]


class Outcome(NamedTuple):
    """What came of a try to charge a card."""

    status: Literal["succeeded", "requires_capture", "requires_action", "declined"]
    decline: Decline | None = None


def create(
    account: Account,
    *,
    amount: int,
    currency: str,
    customer: str | None = None,
    payment_method: str | None = None,
    invoice: str | None = None,
    of_subscription: bool = False,
    description: str | None = None,
    setup_future_usage: str | None = None,
    payment_details: Mapping[str, Any] | None = None,
    test_clock: str | None = None,
    card_options: Mapping[str, Any] | None = None,
) -> PaymentIntent:
    """Create a payment intent, and publish that."""
    intent = PaymentIntent(
        id=account.ids.new("pi_3", 23),
        created=account.now,
        amount=amount,
        currency=currency,
        customer=customer,
        payment_method=payment_method,
        status="requires_payment_method" if payment_method is None else "requires_confirmation",
        setup_future_usage=setup_future_usage,
        description=description,
        invoice=invoice,
        of_subscription=of_subscription,
        payment_details=payment_details,
        test_clock=test_clock,
        card_options=card_options or {},
    )
    return add(account, intent)


def add(account: Account, intent: PaymentIntent) -> PaymentIntent:
    """Keep a new payment intent, and publish that there is one."""
    account.part(PaymentIntents).table.add(intent)
    publish(account, "payment_intent.created", payment_intents.render(account, intent))
    return intent


def attempt(
    account: Account,
    intent: PaymentIntent,
    method: PaymentMethod,
    *,
    off_session: bool,
    handles_actions: bool = True,
    in_browser: bool = False,
    authenticates: bool = False,
) -> Outcome:
    """Try to charge a payment method, record what comes of it, and publish that. A decline is an outcome, no error.

    If nobody handles actions, a payment that wants to be authenticated is declined. `in_browser`: the browser
    authenticates with Stripe's script instead of a page of the bank's. `authenticates`: the customer has done so.
    """
    card = method.does
    intent.payment_method, intent.off_session = method.id, off_session
    intent.last_error = intent.failed_method = intent.next_action = None
    asked = intent.card_options.get("request_three_d_secure") in cards.ASKS
    answer = cards.answer(card, off_session=off_session, set_up=method.set_up, asked=asked)
    if answer == "passes":
        return _pass(account, intent, method, card)
    if answer != "authenticate":
        return _decline(account, intent, method, answer, charged=True)
    if authenticates:
        return _authenticated(account, intent, method)
    if off_session and intent.invoice is None:
        return _decline(account, intent, method, AUTHENTICATION_REQUIRED, charged=False)
    if not handles_actions:
        return _decline(account, intent, method, NOT_HANDLED, charged=False)
    return _ask(account, intent, method, None if in_browser else intent.return_url)


def authenticate(account: Account, intent: PaymentIntent, *, succeeds: bool) -> Outcome:
    """Let the customer authenticate a payment that waits for it, or fail to."""
    method = payment_methods.kept(account, intent.payment_method or "")
    intent.next_action = None
    if not succeeds:
        return _decline(account, intent, method, NOT_AUTHENTICATED, charged=False)
    return _authenticated(account, intent, method)


@documented("what is not captured counts as refunded, as Stripe's OpenAPI says of the parameter `amount`")
def capture(account: Account, intent: PaymentIntent, amount: int) -> Outcome:
    """Take an amount that is on hold, and release the rest."""
    charge = card_charges.kept(account, intent.latest_charge or "")
    charge.captured, charge.amount_captured, charge.released = True, amount, charge.amount - amount
    booking.book_charge(account, charge, payment_methods.kept(account, charge.payment_method).does)
    intent.status, intent.amount_received, intent.amount_capturable = "succeeded", amount, 0
    publish(account, "charge.captured", card_charges.render(account, charge))
    publish(account, "payment_intent.succeeded", payment_intents.render(account, intent))
    return Outcome("succeeded")


@documented("an amount on hold counts as refunded, https://docs.stripe.com/api/payment_intents/cancel")
def cancel(account: Account, intent: PaymentIntent, reason: str | None) -> None:
    """Cancel a payment intent; an amount that is on hold is released."""
    if intent.status == "requires_capture":
        charge = card_charges.kept(account, intent.latest_charge or "")
        charge.released, intent.amount_capturable = charge.amount, 0
    intent.status, intent.canceled_at, intent.cancellation_reason = "canceled", account.now, reason
    intent.next_action = None
    publish(account, "payment_intent.canceled", payment_intents.render(account, intent))


def _authenticated(account: Account, intent: PaymentIntent, method: PaymentMethod) -> Outcome:
    """Charge a card whose customer has authenticated the payment."""
    card = method.does
    if isinstance(card.authenticated, Decline):
        return _decline(account, intent, method, card.authenticated, charged=True)
    return _pass(account, intent, method, card, authenticated=True)


def _pass(
    account: Account, intent: PaymentIntent, method: PaymentMethod, card: Card, *, authenticated: bool = False
) -> Outcome:
    """Charge a card that is not declined, or hold the amount."""
    holds = intent.capture_method == "manual"
    charge = _charge(account, intent, method, captured=not holds, authenticated=authenticated)
    if holds:
        charge.held = True
        intent.status, intent.amount_capturable = "requires_capture", intent.amount
    else:
        charge.amount_captured = charge.amount
        booking.book_soon(account, charge, card, intent)
        intent.status, intent.amount_received = "succeeded", intent.amount
    if intent.setup_future_usage == "off_session":
        method.set_up = True
    if method.customer is None and (intent.customer is None or intent.setup_future_usage is None):
        method.spent = True
    publish(account, "charge.succeeded", card_charges.render(account, charge))
    shown = payment_intents.render(account, intent)
    if holds:
        publish(account, "payment_intent.amount_capturable_updated", shown)
        return Outcome("requires_capture")
    publish(account, "payment_intent.succeeded", shown)
    return Outcome("succeeded")


def _decline(
    account: Account, intent: PaymentIntent, method: PaymentMethod, decline: Decline, *, charged: bool
) -> Outcome:
    """Record that a card is declined: the intent needs another payment method."""
    charge = _charge(account, intent, method, failure=decline) if charged else None
    intent.status, intent.payment_method, intent.failed_method = "requires_payment_method", None, method.id
    intent.last_error = described(decline, None if charge is None else charge.id)
    if charge is not None:
        publish(account, "charge.failed", card_charges.render(account, charge))
    publish(account, "payment_intent.payment_failed", payment_intents.render(account, intent))
    return Outcome("declined", decline)


def _ask(account: Account, intent: PaymentIntent, method: PaymentMethod, return_url: str | None) -> Outcome:
    """Record that the customer must authenticate. Of an invoice that is charged off-session, a charge has failed."""
    if intent.off_session:
        charge = _charge(account, intent, method, failure=AUTHENTICATION_REQUIRED)
        publish(account, "charge.failed", card_charges.render(account, charge))
    intent.status = "requires_action"
    intent.next_action = payment_intents.next_action(account, intent.id, return_url, method.does.brand)
    publish(account, "payment_intent.requires_action", payment_intents.render(account, intent))
    return Outcome("requires_action")


def _charge(
    account: Account,
    intent: PaymentIntent,
    method: PaymentMethod,
    *,
    captured: bool = False,
    authenticated: bool = False,
    failure: Decline | None = None,
) -> CardCharge:
    """Make the charge of an intent."""
    charge = CardCharge(
        id=account.ids.new("ch_3", 23),
        created=account.now,
        amount=intent.amount,
        currency=intent.currency,
        payment_intent=intent.id,
        payment_method=method.id,
        customer=intent.customer,
        captured=captured,
        authenticated=authenticated,
        risk=method.does.risk,
        billing_details=payment_methods.render_billing_details(method),
        description=intent.description,
        failure=None if failure is None else described(failure, None),
        metadata=intent.metadata,
        receipt_email=intent.receipt_email,
        shipping=intent.shipping,
        statement_descriptor=intent.statement_descriptor,
        statement_descriptor_suffix=intent.statement_descriptor_suffix,
        test_clock=intent.test_clock,
        transfer_group=intent.transfer_group,
    )
    card_charges.add(account, charge)
    intent.latest_charge = charge.id
    return charge
