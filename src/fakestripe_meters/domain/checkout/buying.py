"""What a Checkout session does in payment mode: it charges the card, and makes an invoice of it if it shall.

Documented in: https://docs.stripe.com/api/checkout/sessions/create.
"""

from typing import Any

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.checkout import amounts
from fakestripe_meters.domain.checkout import discounting
from fakestripe_meters.domain.checkout import due
from fakestripe_meters.domain.checkout import receipts
from fakestripe_meters.domain.checkout import saving
from fakestripe_meters.domain.checkout.payers import Form
from fakestripe_meters.domain.invoicing import collecting
from fakestripe_meters.domain.invoicing import redeeming
from fakestripe_meters.domain.paying import confirming
from fakestripe_meters.domain.paying import intents
from fakestripe_meters.domain.paying import methods
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.payment_intents import PaymentIntent
from fakestripe_meters.domain.records.payment_methods import PaymentMethod

OF_INTENT = (
    "capture_method",
    "description",
    "receipt_email",
    "setup_future_usage",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
)
"""What `payment_intent_data` says as the payment intent has it."""


@documented("a payment that is only authorized is not paid yet, as Stripe's OpenAPI says of `payment_status`")
def buy(
    account: Account, session: CheckoutSession, customer: Customer | None, method: PaymentMethod | None, form: Form
) -> None:
    """Charge the card, or raise StripeError 402; nothing is charged for nothing."""
    amount = due.due_of(account, session)
    invoice = receipts.drafted(account, session, customer)
    session.invoice = None if invoice is None else invoice.id
    if invoice is None:
        _redeem(account, session)
    if amount == 0 or method is None:
        session.payment_status = "no_payment_required"
        if method is not None:
            saving.set_up(account, session, customer, method)
        if invoice is not None:
            collecting.finalize_paid_by(account, invoice, None)
        return
    intent = _intent(account, session, amount, customer, form)
    intent.payment_method, intent.status = method.id, "requires_confirmation"
    intent.invoice = session.invoice
    intents.add(account, intent)
    if invoice is not None:
        collecting.finalize_paid_by(account, invoice, intent)
    outcome = intents.attempt(account, intent, method, off_session=False, authenticates=True)
    if outcome.decline is not None:
        raise methods.declined(outcome.decline)
    confirming.settle(account, intent, outcome)
    session.payment_intent = intent.id
    session.payment_status = "paid" if outcome.status == "succeeded" else "unpaid"


@inferred("a coupon counts as redeemed by a payment, too; there is a discount of it only on an invoice")
def _redeem(account: Account, session: CheckoutSession) -> None:
    for each in session.discounts:
        discounting.check(account, session, each, discounting.PATH)
        redeeming.count(account, amounts.coupon_of(account, each), each.promotion_code)


@inferred("by default it captures asynchronously, as one that the API creates")
def _intent(
    account: Account, session: CheckoutSession, amount: int, customer: Customer | None, form: Form
) -> PaymentIntent:
    data: dict[str, Any] = dict(session.payment_intent_data)
    intent = PaymentIntent(
        id=account.ids.new("pi_3", 23),
        created=account.now,
        amount=amount,
        currency=session.currency or "",
        customer=None if customer is None else customer.id,
        capture_method="automatic_async",
        metadata=data.get("metadata", {}),
        shipping=data.get("shipping", form.shipping),
        card_options=session.payment_method_options.get("card", {}),
        test_clock=session.test_clock,
    )
    for name in OF_INTENT:
        if name in data:
            setattr(intent, name, data[name])
    return intent
