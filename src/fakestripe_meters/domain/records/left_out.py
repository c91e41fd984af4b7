"""What customers and invoices show only if it is expanded.

Observed in: pay-rails/pay.
"""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import invoice_payments
from fakestripe_meters.domain.records import payment_intents
from fakestripe_meters.domain.records import subscriptions
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.wire.tree import Json
from fakestripe_meters.wire.tree import Tree
from fakestripe_meters.wire.tree import list_within
from fakestripe_meters.wire.v1 import list_object

PAYMENTS = "/v1/invoices/payments"
MOST_WITHIN = 10
"""How many objects a list within an object contains; the rest is listed separately."""


@documented("https://docs.stripe.com/api/cash_balance/object")
@inferred("nobody has transferred money, so `available` is null")
def cash_balance(_account: Account, customer_id: str) -> Json:
    """Return what a customer has transferred and not spent yet: nothing."""
    return {
        "object": "cash_balance",
        "available": None,
        "customer": customer_id,
        "customer_account": None,
        "livemode": False,
        "settings": {"reconciliation_mode": "automatic", "using_merchant_default": True},
    }


@observed("no field, if there is no balance")
@documented("credit is positive here, as Stripe's OpenAPI says")
@inferred("a balance of zero is not shown")
def invoice_credit_balance(account: Account, customer_id: str) -> Json:
    """Return a customer's balance by currency."""
    customer = customers.kept(account, customer_id)
    balances = {**customer.other_balances, customers.currency_of(customer): customer.balance}
    return {currency: -balances[currency] for currency in sorted(balances) if balances[currency]}


def sources(_account: Account, customer_id: str) -> Json:
    """Return a customer's cards and bank accounts of the older kind: none."""
    return _within(customer_id, "sources", [])


@documented("the customer's current subscriptions, as Stripe's OpenAPI says")
@inferred("those that have not ended, newest first")
def current_subscriptions(account: Account, customer_id: str) -> Json:
    """Return a customer's subscriptions."""
    running = reversed(account.part(Subscriptions).running(customer_id))
    return _within(customer_id, "subscriptions", [subscriptions.render(account, each) for each in running])


@observed("these values, of a customer without an address; `provider` since 2025-10-29.clover")
@inferred("the same with an address, for the fake computes no taxes")
def tax(_account: Account, _customer_id: str) -> Json:
    """Return where a customer is for the purpose of taxes."""
    return {"automatic_tax": "unrecognized_location", "ip_address": None, "location": None, "provider": "stripe"}


def tax_ids(_account: Account, customer_id: str) -> Json:
    """Return a customer's tax ids: none."""
    return _within(customer_id, "tax_ids", [])


@observed("the fields, also of a paid invoice")
@inferred("null if there is nothing to be paid, or if the payment was canceled")
def confirmation_secret(account: Account, invoice_id: str) -> Json:
    """Return what a browser confirms the payment of an invoice with."""
    payment = invoice_payments.default_of(account, invoice_id)
    if payment is None or payment.status == "canceled":
        return None
    intent = payment_intents.kept(account, payment.payment_intent)
    return {"client_secret": payment_intents.client_secret(intent), "type": "payment_intent"}


@observed("the URL, and that the list has no count")
@inferred("newest first, as in other lists")
def payments(account: Account, invoice_id: str) -> Json:
    """Return the payments of an invoice."""
    made = invoice_payments.of_invoice(account, invoice_id)[::-1]
    shown = [invoice_payments.render(account, each) for each in made[:MOST_WITHIN]]
    return list_object(shown, has_more=len(made) > MOST_WITHIN, url=PAYMENTS)


OF_CUSTOMERS = {
    "cash_balance": cash_balance,
    "invoice_credit_balance": invoice_credit_balance,
    "sources": sources,
    "subscriptions": current_subscriptions,
    "tax": tax,
    "tax_ids": tax_ids,
}
OF_INVOICES = {"confirmation_secret": confirmation_secret, "payments": payments}


@inferred("`total_count`, as in the list of a subscription's items")
def _within(customer_id: str, name: str, data: list[Tree]) -> Tree:
    """Return a list within a customer."""
    return list_within(data[:MOST_WITHIN], f"/v1/customers/{customer_id}/{name}", count=len(data))
