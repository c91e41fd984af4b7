"""Customers: https://docs.stripe.com/api/customers, as far as usage-based billing needs them."""

import re
from collections.abc import Mapping
from typing import Any
from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.table import required
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.events.unseen import before_changes
from fakestripe_meters.domain.invoicing import customer_discounts
from fakestripe_meters.domain.paying import methods
from fakestripe_meters.domain.planning import ending
from fakestripe_meters.domain.records import customer_balances
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import layouts
from fakestripe_meters.domain.records import left_out
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.customer_balances import Kind
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.domain.records.layouts import Address
from fakestripe_meters.domain.records.layouts import CustomFields
from fakestripe_meters.domain.records.layouts import RenderingOptions
from fakestripe_meters.domain.records.layouts import Shipping
from fakestripe_meters.domain.records.layouts import custom_fields
from fakestripe_meters.domain.subscribing import deleted_customers
from fakestripe_meters.framework import searching
from fakestripe_meters.framework.amounts import MOST_CHARGED
from fakestripe_meters.framework.endpoint import Found
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.endpoint import SearchParams
from fakestripe_meters.framework.listing import Range
from fakestripe_meters.framework.listing import page
from fakestripe_meters.framework.listing import within
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.framework.metadata import metadata
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import any_integer
from fakestripe_meters.wire.schema import param

PATH = "/v1/customers"
CUSTOMERS_ON_A_CLOCK = 3
# inferred: the largest number of an invoice.
LAST_INVOICE_NUMBER = 999_999_999
DEFAULT = "invoice_settings[default_payment_method]"
INVOICE_PREFIX = re.compile(r"[A-Z0-9]{1,12}")
NO_SOURCES = "Nobody has a source: any id is refused."
OLD = "Only in versions before 2025-03-31.basil."
SETTABLE = (
    "address",
    "business_name",
    "description",
    "email",
    "individual_name",
    "invoice_prefix",
    "name",
    "next_invoice_sequence",
    "phone",
    "preferred_locales",
    "shipping",
    "tax_exempt",
)


class InvoiceSettings(Params):
    """How a customer's invoices look, and how they are collected."""

    custom_fields: CustomFields = custom_fields()
    default_payment_method: str | Unset | None = param(
        default=UNSET, clearable=True, doc="The id of a payment method that the customer has."
    )
    footer: str | Unset | None = param(default=UNSET, clearable=True)
    rendering_options: RenderingOptions | Unset | None = param(default=UNSET, clearable=True)


def _check_prefix(value: str, _path: str) -> None:
    if not INVOICE_PREFIX.fullmatch(value):
        raise errors.objects.invalid_invoice_prefix()


class UpdateCustomer(Operation):
    """The parameters of a new customer and of an update."""

    address: Address | Unset | None = param(default=UNSET, clearable=True)
    balance: int | Unset = param(
        default=UNSET, least=-MOST_CHARGED, most=MOST_CHARGED, doc="In the smallest unit of the currency."
    )
    business_name: str | Unset | None = param(default=UNSET, clearable=True, max_length=150)
    coupon: str | Unset | None = param(default=UNSET, clearable=True, doc=OLD)
    description: str | Unset | None = param(default=UNSET, clearable=True)
    email: str | Unset | None = param(default=UNSET, clearable=True, max_length=512, check=customers.check_email)
    individual_name: str | Unset | None = param(default=UNSET, clearable=True, max_length=150)
    invoice_prefix: str | Unset = param(default=UNSET, check=_check_prefix)
    invoice_settings: InvoiceSettings | None = param(default=None)
    metadata: Metadata = metadata()
    name: str | Unset | None = param(default=UNSET, clearable=True, max_length=256)
    next_invoice_sequence: int | Unset = param(default=UNSET, least=1, most=LAST_INVOICE_NUMBER)
    phone: str | Unset | None = param(default=UNSET, clearable=True, max_length=20)
    promotion_code: str | Unset | None = param(default=UNSET, clearable=True, doc=OLD)
    preferred_locales: tuple[str, ...] | Unset = param(default=UNSET)
    shipping: Shipping | Unset | None = param(default=UNSET, clearable=True)
    source: str | None = param(default=None, doc="Always refused, as for all newer accounts of Stripe's.")
    # observed: the order of the words (Kiln-AI/stripe_world).
    tax_exempt: Literal["exempt", "none", "reverse"] | Unset | None = param(
        default=UNSET, clearable=True, order=("none", "reverse", "exempt")
    )


class ChangeCustomer(UpdateCustomer):
    """A change."""

    default_source: str | Unset | None = param(
        default=UNSET, clearable=True, max_length=500, check=methods.check_source, doc=NO_SOURCES
    )


class CreateCustomer(UpdateCustomer):
    """A new customer; nothing is required."""

    payment_method: str | None = param(
        default=None, doc="An id, or the name of a card such as `pm_card_visa`: attached, and no default by that."
    )
    test_clock: str | None = param(default=None, doc="The test clock to attach the customer to.")


class ListCustomers(ListParams):
    """Which customers to list."""

    created: int | Range | None = any_integer(default=None)
    email: str | None = param(default=None, max_length=512, doc="The whole address, case-sensitive.")
    test_clock: str | None = param(default=None, doc="By default, customers on test clocks are left out.")


# documented: the fields and what each holds, in Stripe's guide to its searches.
SEARCHED = {
    **searching.tokens("metadata"),
    **searching.strings("email", "name", "phone"),
    **searching.numbers("created"),
}

resource = Resource(
    "customer",
    PATH,
    render=customers.render,
    by_id=lambda account, customer_id: account.part(Customers).table.get(customer_id),
    left_out=left_out.OF_CUSTOMERS,
    # observed: it can be expanded, although Stripe's OpenAPI does not have it (pay-rails/pay).
    expands={"invoice_credit_balance": ""},
    time=test_clocks.time_in(lambda account: account.part(Customers).table),
)


def check_room(account: Account, clock_id: str, path: str) -> None:
    """Raise StripeError 400 if a test clock cannot have another customer."""
    if not account.settings.relaxed and len(customers.attached(account, clock_id)) >= CUSTOMERS_ON_A_CLOCK:
        raise errors.test_clocks.clock_is_full(path, CUSTOMERS_ON_A_CLOCK, "customers")


@resource.post()
def create(account: Account, params: CreateCustomer) -> Customer:
    """Create a customer."""
    clock = params.test_clock
    if clock is not None:
        test_clocks.find(account, clock, param="test_clock")
        check_room(account, clock, "test_clock")
    with test_clocks.changing(account, clock):
        customer = customers.made(account, clock)
        _check_prefix_free(account, customer, params.invoice_prefix)
        account.part(Customers).table.add(customer)
        named: dict[str | None, str] = {}
        if params.payment_method is not None:
            named[params.payment_method] = methods.attached(account, params.payment_method, customer)
        _apply(account, customer, params, named)
        _set_balance(account, customer, params.balance, "initial")
        customer_discounts.choose(account, customer, params.coupon, params.promotion_code)
        publish(account, "customer.created", customers.render(account, customer))
    return customer


@resource.get("/<customer_id>")
def retrieve(account: Account, params: Operation, customer_id: str) -> Customer:
    """Return a customer, even a deleted one."""
    return required(account.part(Customers).table.get(customer_id), "customer", customer_id)


@resource.post("/<customer_id>")
def update(account: Account, params: ChangeCustomer, customer_id: str) -> Customer:
    """Change the given fields; an empty string clears a field."""
    customer = customers.find(account, customer_id)
    before = customers.render(account, customer)
    _check_prefix_free(account, customer, params.invoice_prefix)
    _apply(account, customer, params, {})
    _set_balance(account, customer, params.balance, "adjustment")
    publish_update(account, "customer.updated", before, customers.render(account, customer))
    customer_discounts.choose(account, customer, params.coupon, params.promotion_code)
    return customer


@resource.get("/search")
def search(account: Account, params: SearchParams) -> Found:
    """Search customers, newest first; deleted ones and those on test clocks are left out."""
    searched = searching.Searched(
        url=f"{PATH}/search",
        table=account.part(Customers).table,
        fields=SEARCHED,
        gone=lambda customer: customer.deleted,
        aside=lambda customer: customer.test_clock is not None,
        former=before_changes(account, "customer"),
    )
    return searching.search(searched, params)


@resource.get()
def list_(account: Account, params: ListCustomers) -> Listing:
    """List customers, newest first; deleted ones are left out."""
    test_clocks.check_filter(account, params.test_clock)

    def wanted(customer: Customer) -> bool:
        return (
            not customer.deleted
            and customer.test_clock == params.test_clock
            and params.email in (None, customer.email)
            and within(params.created, customer.created)
        )

    return page(account.part(Customers).table, params, url=PATH, noun="customer", where=wanted)


@resource.delete("/<customer_id>")
def delete(account: Account, params: Operation, customer_id: str) -> Customer:
    """Delete a customer permanently. Its subscriptions are canceled; its usage stays where it was counted."""
    customer = customers.find(account, customer_id)
    ending.cancel_all(account, customer)
    deleted_customers.remove(account, customer)
    return customer


@inferred("the prefix of a deleted customer is free again")
def _check_prefix_free(account: Account, customer: Customer, prefix: str | Unset) -> None:
    """Raise StripeError 400 if another customer has the prefix."""
    if prefix in (UNSET, customer.invoice_prefix):
        return
    for other in account.part(Customers).table:
        if other.invoice_prefix == prefix and not other.deleted:
            raise errors.objects.invoice_prefix_taken(other.id)


def _apply(account: Account, customer: Customer, params: UpdateCustomer, named: Mapping[str | None, str]) -> None:
    if params.source is not None:
        raise errors.payment_methods.sources_ended("source")
    customer.metadata = merged(customer.metadata, params.metadata)  # first: if it raises, nothing has changed
    for name, value in params.given(SETTABLE):
        setattr(customer, name, _stored(name, value))
    if params.invoice_settings is not None:
        _apply_to_invoices(account, customer, params.invoice_settings, named)


@documented("both types of transactions, https://docs.stripe.com/billing/customer/balance")
@inferred("the balance is in the customer's currency, or else the account's, which becomes the customer's")
def _set_balance(account: Account, customer: Customer, balance: int | Unset, kind: Kind) -> None:
    if balance not in (UNSET, customer.balance):
        currency = customers.currency_of(customer)
        customer_balances.book(account, customer, currency, balance - customer.balance, kind)


@documented(
    "a new customer's default may be the card that `payment_method` names, https://docs.stripe.com/billing/customer"
)
def _apply_to_invoices(
    account: Account, customer: Customer, settings: InvoiceSettings, named: Mapping[str | None, str]
) -> None:
    layouts.lay_out(customer.layout, settings.custom_fields, settings.rendering_options)
    if settings.footer is not UNSET:
        customer.layout.footer = settings.footer
    if settings.default_payment_method is not UNSET:
        method = named.get(settings.default_payment_method, settings.default_payment_method)
        customer.default_payment_method = methods.default_for(account, customer, method, param=DEFAULT)


def _stored(name: str, value: Any) -> object:  # noqa: ANN401  a parameter of any type
    if name == "tax_exempt":
        return value or "none"
    if isinstance(value, Address):
        return dict(vars(value))
    if isinstance(value, Shipping):
        return value.stored
    return list(value) if isinstance(value, tuple) else value
