"""Who pays on a Checkout page: what the customer fills in, and the customer that is made or changed by it.

Documented in: https://docs.stripe.com/api/checkout/sessions/create.
"""

from collections.abc import Mapping
from dataclasses import field
from dataclasses import replace
from typing import Any
from typing import TypeAlias

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.checkout import checks
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.paying import methods
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.domain.records.payment_methods import ADDRESS
from fakestripe_meters.domain.records.payment_methods import PaymentMethod

Details: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Form:
    """What a customer fills in on a Checkout page."""

    payment_method: str | None = None
    """The id of a payment method, or the name of a card such as `pm_card_visa`; None if none is given."""
    email: str | None = None
    name: str | None = None
    phone: str | None = None
    address: Mapping[str, Any] | None = None
    shipping: Mapping[str, Any] | None = None
    otherwise: Mapping[str, str] = field(default_factory=dict)
    """The `email` and the `name` that count if there are no others."""

    def without_card(self) -> "Form":
        """Return the form of a page that asks for no payment method."""
        return replace(self, payment_method=None)


def method_of(account: Account, session: CheckoutSession, form: Form) -> PaymentMethod | None:
    """Return the payment method that a form names; raise StripeError 400 if it is another customer's, or used up."""
    if form.payment_method is None:
        return None
    method = methods.named(account, form.payment_method)
    if method.customer is None:
        methods.check_usable(method)
    elif session.customer is None:
        raise errors.payment_pages.method_of_a_customer(method.id, method.customer)
    elif method.customer != session.customer:
        raise errors.payment_methods.of_another_customer("payment_method", method.id, session.customer)
    return method


def sign(method: PaymentMethod, form: Form, details: Details) -> None:
    """Note who holds a card that was typed in; a payment method that was there before says it itself."""
    if method.id != form.payment_method:
        method.billing_details = {name: details[name] for name in ("address", "email", "name", "phone")}


@documented("the address that the customer has cannot be changed, as Stripe's OpenAPI says of `customer_email`")
@inferred("what is not filled in is that of the payment method's holder; the country is at least that of the card")
def details_of(account: Account, session: CheckoutSession, form: Form, method: PaymentMethod | None) -> dict[str, Any]:
    """Return who has paid, as a session shows it that is complete; raise StripeError 400 for a wrong email address."""
    if form.email is not None:
        customers.check_email(form.email, "email")
    customer = None if session.customer is None else customers.kept(account, session.customer)
    holder: Mapping[str, Any] = {} if method is None else method.billing_details
    address = form.address or holder.get("address") or (customer.address if customer else None) or {}
    country = None if method is None else method.does.country
    email = (customer.email if customer else None) or session.customer_email or form.email or holder.get("email")
    name = form.name or holder.get("name") or (customer.name if customer else None)
    return {
        "address": {name: address.get(name) for name in ADDRESS} | {"country": address.get("country") or country},
        "business_name": None,
        "email": email or form.otherwise.get("email"),
        "individual_name": None,
        "name": name or form.otherwise.get("name"),
        "phone": form.phone or holder.get("phone") or (customer.phone if customer else None),
        "tax_exempt": customer.tax_exempt if customer else "none",
        "tax_ids": [],
    }


@documented("only subscriptions and invoices require a customer, as Stripe's OpenAPI says of `customer_creation`")
def is_made(session: CheckoutSession) -> bool:
    """Return whether a session makes a customer when it is completed."""
    if session.customer is not None:
        return False
    invoices = bool(session.invoice_creation.get("enabled"))
    return session.mode == "subscription" or session.customer_creation == "always" or invoices


def customer_of(
    account: Account, session: CheckoutSession, details: Details, shipping: Details | None
) -> Customer | None:
    """Return the customer who pays, who may be new; None for a guest. Raise StripeError 400 if it was deleted."""
    if is_made(session):
        return _made(account, session, details, shipping)
    if session.customer is None:
        return None
    customer = customers.find(account, session.customer, param="customer", status=400)
    if session.mode == "subscription":
        checks.check_currency(customer, session.currency or "")
    before = customers.render(account, customer)
    _update(session, customer, details, shipping)
    publish_update(account, "customer.updated", before, customers.render(account, customer))
    return customer


@inferred("a new customer has the address that was filled in")
def _made(account: Account, session: CheckoutSession, details: Details, shipping: Details | None) -> Customer:
    customer = customers.made(account)
    customer.email, customer.name, customer.phone = details["email"], details["name"], details["phone"]
    customer.address, customer.shipping = details["address"], shipping
    account.part(Customers).table.add(customer)
    publish(account, "customer.created", customers.render(account, customer))
    if session.mode == "subscription":
        before = customers.render(account, customer)
        customers.settle_currency(customer, session.currency or "")
        publish_update(account, "customer.updated", before, customers.render(account, customer))
    return customer


@documented("an email address is set on a customer that has none; the rest is changed if `customer_update` says so")
def _update(session: CheckoutSession, customer: Customer, details: Details, shipping: Details | None) -> None:
    customer.email = customer.email or details["email"]
    wanted = session.customer_update
    if wanted.get("address") == "auto" and details["address"] is not None:
        customer.address = details["address"]
    if wanted.get("name") == "auto" and details["name"] is not None:
        customer.name = details["name"]
    if wanted.get("shipping") == "auto" and shipping is not None:
        customer.shipping = shipping
    if session.mode == "subscription":
        customers.settle_currency(customer, session.currency or "")
