"""What a Checkout session does in subscription mode: it starts the subscription, and has its first invoice paid.

Documented in: https://docs.stripe.com/payments/checkout/build-subscriptions.
"""

from typing import Any

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.checkout import saving
from fakestripe_meters.domain.checkout.payers import Form
from fakestripe_meters.domain.paying import methods
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records.checkout_lines import CheckoutLine
from fakestripe_meters.domain.records.checkout_sessions import CheckoutDiscount
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.payment_methods import PaymentMethod
from fakestripe_meters.domain.subscribing import starting
from fakestripe_meters.domain.subscribing.subscription_terms import CreateSubscription
from fakestripe_meters.wire.schema import parse


@documented("the card becomes the subscription's default, and the first invoice is paid by it")
def sign_up(
    account: Account, session: CheckoutSession, customer: Customer | None, method: PaymentMethod | None, _form: Form
) -> None:
    """Start the subscription and charge what is due first; raise StripeError 402 if the card declines."""
    payer = customers.kept(account, "" if customer is None else customer.id)
    due = sum(line.amounts.total for line in session.lines)
    if method is not None and due == 0:
        saving.set_up(account, session, payer, method)
    if method is not None and method.customer is None:
        methods.join(account, method, payer)
    terms = parse(CreateSubscription, terms_of(account, session, payer, method))
    subscription = starting.begin(account, payer, terms, in_checkout=True)
    session.subscription, session.invoice = subscription.id, subscription.latest_invoice
    session.payment_status = "paid" if due > 0 else "no_payment_required"


@documented("one-time prices are on the first invoice only, in Stripe's OpenAPI")
@inferred("an item has the metadata of its line")
def terms_of(
    account: Account, session: CheckoutSession, customer: Customer, method: PaymentMethod | None
) -> dict[str, Any]:
    """Return what a request would say that creates the same subscription."""
    recurring = [line for line in session.lines if prices.kept(account, line.price).recurring is not None]
    once = [line for line in session.lines if line not in recurring]
    terms: dict[str, Any] = {
        **session.subscription_data,
        "customer": customer.id,
        "items": [_item(line) for line in recurring],
        "add_invoice_items": [_item(line) for line in once],
        "payment_behavior": "error_if_incomplete",
    }
    if session.discounts:
        terms["discounts"] = [named(each) for each in session.discounts]
    if method is not None:
        terms["default_payment_method"] = method.id
    return terms


def named(discount: CheckoutDiscount) -> dict[str, str | None]:
    """Return how a request names a discount of a session."""
    if discount.promotion_code is not None:
        return {"promotion_code": discount.promotion_code}
    return {"coupon": discount.coupon}


def _item(line: CheckoutLine) -> dict[str, Any]:
    item: dict[str, Any] = {"price": line.price}
    if line.quantity is not None:
        item["quantity"] = line.quantity
    if line.tax_rates:
        item["tax_rates"] = list(line.tax_rates)
    if line.metadata:
        item["metadata"] = dict(line.metadata)
    return item
