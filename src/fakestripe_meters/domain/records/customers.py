"""Customers: how they are stored and shown."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import field
from typing import Any

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.ids import tail
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.table import required
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.records import discounts
from fakestripe_meters.domain.records import layouts
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.layouts import Layout
from fakestripe_meters.wire.tree import Tree


@record
class Customer:
    """A customer as stored; a deleted one stays, so that its id can still be retrieved."""

    id: str
    created: int
    address: Mapping[str, Any] | None = None
    balance: int = 0
    business_name: str | None = None
    currency: str | None = None
    default_payment_method: str | None = None
    delinquent: bool = False
    description: str | None = None
    email: str | None = None
    individual_name: str | None = None
    invoice_prefix: str = ""
    layout: Layout = field(default_factory=Layout)
    metadata: Mapping[str, str] = field(default_factory=dict)
    name: str | None = None
    next_invoice_sequence: int = 1
    phone: str | None = None
    preferred_locales: Sequence[str] = field(default_factory=list)
    shipping: Mapping[str, Any] | None = None
    tax_exempt: str = "none"
    test_clock: str | None = None
    deleted: bool = False
    discount: str | None = None
    other_balances: Mapping[str, int] = field(default_factory=dict)
    """Its balances in other currencies than its own."""


@dataclass(eq=False)
class Customers(Part, name="customers", named_by=("customer",)):
    """All customers of an account."""

    table: Table[Customer] = field(default_factory=Table)

    def lookup(self, customer_id: str) -> Customer | None:
        """Return the customer with that id; None if there is none or it is deleted."""
        customer = self.table.get(customer_id)
        return customer if customer is not None and not customer.deleted else None


@observed("an address without a dot after the @ is refused (exercism/website#7154)")
def check_email(value: str, path: str) -> None:
    """Raise StripeError 400 unless a string looks like an email address."""
    if not is_email(value):
        raise errors.objects.invalid_email(path, value)


def is_email(value: str) -> bool:
    """Return whether a string looks like an email address."""
    name, _, domain = value.partition("@")
    return bool(name) and all(domain.rpartition(".")) and " " not in value and "@" not in domain


def render(account: Account, customer: Customer) -> Tree:
    """Return a customer as Stripe shows it; a deleted one has an id and little else."""
    if customer.deleted:
        return {"id": customer.id, "object": "customer", "deleted": True}
    return {
        "id": customer.id,
        "object": "customer",
        "address": customer.address,
        "balance": customer.balance,
        **_if_given("business_name", customer.business_name),
        "created": customer.created,
        "currency": customer.currency,
        "customer_account": None,
        "default_source": None,
        "delinquent": customer.delinquent,
        "description": customer.description,
        "discount": None if customer.discount is None else discounts.show(account, customer.discount),
        "email": customer.email,
        **_if_given("individual_name", customer.individual_name),
        "invoice_prefix": customer.invoice_prefix,
        "invoice_settings": {
            "custom_fields": layouts.render_custom_fields(customer.layout),
            "default_payment_method": customer.default_payment_method,
            "footer": customer.layout.footer,
            "rendering_options": layouts.render_options(customer.layout),
        },
        "livemode": False,
        "metadata": dict(customer.metadata),
        "name": customer.name,
        "next_invoice_sequence": customer.next_invoice_sequence,
        "phone": customer.phone,
        "preferred_locales": list(customer.preferred_locales),
        "shipping": customer.shipping,
        "tax_exempt": customer.tax_exempt,
        "test_clock": customer.test_clock,
    }


@documented("a customer that was given no such name has no such key, as Stripe's OpenAPI says")
def _if_given(key: str, name: str | None) -> Tree:
    return {} if name is None else {key: name}


def made(account: Account, test_clock: str | None = None) -> Customer:
    """Return a new customer, in no table yet."""
    customer = Customer(account.ids.new("cus_"), account.now, test_clock=test_clock)
    customer.invoice_prefix = tail(customer.id, 8).upper()
    return customer


def find(account: Account, customer_id: str, *, param: str = "id", status: int = 404) -> Customer:
    """Return the customer with that id; raise `No such customer` if there is none or it is deleted."""
    return required(account.part(Customers).lookup(customer_id), "customer", customer_id, param=param, status=status)


def kept(account: Account, customer_id: str) -> Customer:
    """Return the customer that another object refers to, even a deleted one."""
    return account.part(Customers).table.kept(customer_id)


# inferred: that of the account, which is in the United States.
DEFAULT_CURRENCY = "usd"


@observed("the first invoice item or subscription settles it, and an invoice without a currency has it (pay-rails/pay)")
def currency_of(customer: Customer) -> str:
    """Return the customer's currency, or the account's default if it is not settled."""
    return customer.currency or DEFAULT_CURRENCY


def settle_currency(customer: Customer, currency: str) -> None:
    """Record the first currency that a customer is billed in."""
    customer.currency = customer.currency or currency


@documented("a customer has a balance in each currency, as Stripe's OpenAPI says")
def balance_in(customer: Customer, currency: str) -> int:
    """Return what a customer owes in a currency; it is negative if the customer has credit."""
    return customer.balance if currency == currency_of(customer) else customer.other_balances.get(currency, 0)


def change_balance(customer: Customer, currency: str, amount: int) -> None:
    """Add an amount to a customer's balance in a currency, which becomes the customer's own if there was none."""
    settle_currency(customer, currency)
    if currency == customer.currency:
        customer.balance += amount
    else:
        balance = customer.other_balances.get(currency, 0) + amount
        customer.other_balances = {**customer.other_balances, currency: balance}


@observed("a test clock decides which timestamps its customers' usage may have (runs in a sandbox, 2026)")
def now(account: Account, customer: Customer) -> int:
    """Return the customer's current time in Unix seconds: that of its test clock, or the account's."""
    return test_clocks.now(account, customer.test_clock)


def attached(account: Account, clock_id: str) -> list[Customer]:
    """Return the customers that are attached to a test clock."""
    table = account.part(Customers).table
    return [customer for customer in table if customer.test_clock == clock_id and not customer.deleted]


def on_test_clock(account: Account, customer_id: str) -> bool:
    """Return whether a customer is attached to a test clock."""
    return kept(account, customer_id).test_clock is not None
