"""Customers: https://docs.stripe.com/api/customers, as far as usage-based billing needs them."""

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.ids import tail
from fakestripe_meters.core.table import Table
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import check_filter
from fakestripe_meters.framework.listing import page
from fakestripe_meters.framework.listing import within
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.resources import _clocks
from fakestripe_meters.resources._clocks import TestClocks
from fakestripe_meters.resources._customer_terms import Address
from fakestripe_meters.resources._customer_terms import CreateCustomer
from fakestripe_meters.resources._customer_terms import ListCustomers
from fakestripe_meters.resources._customer_terms import Shipping
from fakestripe_meters.resources._customer_terms import UpdateCustomer
from fakestripe_meters.resources.events import publish
from fakestripe_meters.resources.events import publish_update
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.tree import Tree

PATH = "/v1/customers"
MOST_ON_A_CLOCK = 3
SETTABLE = (
    "address",
    "balance",
    "description",
    "email",
    "invoice_prefix",
    "name",
    "next_invoice_sequence",
    "phone",
    "preferred_locales",
    "shipping",
    "tax_exempt",
)


@dataclass(slots=True, eq=False)
class Customer:
    """A customer as it is kept; a deleted one stays, so that its id still answers."""

    id: str
    created: int
    address: dict[str, Any] | None = None
    balance: int = 0
    currency: str | None = None
    default_payment_method: str | None = None
    delinquent: bool = False
    description: str | None = None
    email: str | None = None
    invoice_prefix: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    name: str | None = None
    next_invoice_sequence: int = 1
    phone: str | None = None
    preferred_locales: list[str] = field(default_factory=list)
    shipping: dict[str, Any] | None = None
    tax_exempt: str = "none"
    test_clock: str | None = None
    deleted: bool = False


@dataclass(eq=False)
class Customers(Part, name="customers"):
    """All customers of an account."""

    table: Table[Customer] = field(default_factory=Table)

    def present(self, customer_id: str) -> Customer | None:
        """The customer with that id, unless it is deleted."""
        customer = self.table.get(customer_id)
        return customer if customer is not None and not customer.deleted else None


def render(_account: Account, customer: Customer) -> Tree:
    """A customer as Stripe shows it; a deleted one is its id and little else."""
    if customer.deleted:
        return {"id": customer.id, "object": "customer", "deleted": True}
    return {
        "id": customer.id,
        "object": "customer",
        "address": customer.address,
        "balance": customer.balance,
        "created": customer.created,
        "currency": customer.currency,
        "default_source": None,
        "delinquent": customer.delinquent,
        "description": customer.description,
        "discount": None,
        "email": customer.email,
        "invoice_prefix": customer.invoice_prefix,
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": customer.default_payment_method,
            "footer": None,
            "rendering_options": None,
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


resource = Resource("customer", PATH, render=render, expands={"test_clock": _clocks.IN_FULL})

before_deletion: list[Callable[[Account, Customer], None]] = []
"""What other objects do when a customer is about to be deleted."""


def find(account: Account, customer_id: str, *, param: str = "id", status: int = 404) -> Customer:
    """The customer with that id; `No such customer` if there is none or it is deleted."""
    customer = account.part(Customers).table.get(customer_id)
    if customer is None or customer.deleted:
        raise errors.no_such("customer", customer_id, param=param, status=status)
    return customer


def now(account: Account, customer: Customer) -> int:
    """The customer's present in Unix seconds: that of its test clock, or the account's."""
    return _clocks.now(account, customer.test_clock)


def show(account: Account, customer_id: str) -> Tree:
    """A customer in the place of its id, also a deleted one."""
    customer = account.part(Customers).table.get(customer_id)
    return render(account, customer if customer is not None else find(account, customer_id))


def attached(account: Account, clock_id: str) -> list[Customer]:
    """The customers that live in the time of a test clock."""
    table = account.part(Customers).table
    return [customer for customer in table if customer.test_clock == clock_id and not customer.deleted]


def check_room(account: Account, clock_id: str, path: str) -> None:
    """Refuse one more customer than a test clock can have."""
    if not account.settings.relaxed and len(attached(account, clock_id)) >= MOST_ON_A_CLOCK:
        raise errors.clock_is_full(path, MOST_ON_A_CLOCK, "customers")


@resource.post()
def create(account: Account, params: CreateCustomer) -> Customer:
    """Create a customer."""
    clock = params.test_clock
    if clock is not None:
        _clocks.find(account, clock, param="test_clock", status=400)
        check_room(account, clock, "test_clock")
    with _clocks.time_of(account, clock):
        customer = Customer(account.ids.new("cus_"), account.now, test_clock=clock)
        customer.invoice_prefix = tail(customer.id, 8).upper()
        _apply(customer, params)
        account.part(Customers).table.add(customer)
        publish(account, "customer.created", render(account, customer))
    return customer


@resource.get("/<customer_id>")
def retrieve(account: Account, params: Operation, customer_id: str) -> Customer:
    """A customer, also a deleted one."""
    customer = account.part(Customers).table.get(customer_id)
    return customer if customer is not None else find(account, customer_id)


@resource.post("/<customer_id>")
def update(account: Account, params: UpdateCustomer, customer_id: str) -> Customer:
    """Change what is given; an empty string clears."""
    customer = find(account, customer_id)
    with _clocks.time_of(account, customer.test_clock):
        before = render(account, customer)
        _apply(customer, params)
        publish_update(account, "customer.updated", before, render(account, customer))
    return customer


@resource.get()
def list_(account: Account, params: ListCustomers) -> Listing:
    """Customers, newest first; deleted ones are left out."""
    check_filter(account.part(TestClocks).table, params.test_clock, "test clock", "test_clock")

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
    """Delete a customer for good; its usage stays where it was counted, and its subscriptions are canceled."""
    customer = find(account, customer_id)
    remove(account, customer)
    return customer


def remove(account: Account, customer: Customer) -> None:
    """Let a customer go, in its own time."""
    with _clocks.time_of(account, customer.test_clock):
        for prepare in before_deletion:
            prepare(account, customer)
        publish(account, "customer.deleted", render(account, customer))
        customer.deleted = True


def _apply(customer: Customer, params: UpdateCustomer) -> None:
    customer.metadata = merged(customer.metadata, params.metadata)  # first: it may refuse, and then nothing changes
    for name in SETTABLE:
        value = getattr(params, name)
        if value is not UNSET:
            setattr(customer, name, _kept(name, value))
    if params.invoice_settings is not None and params.invoice_settings.default_payment_method is not UNSET:
        customer.default_payment_method = params.invoice_settings.default_payment_method


def _kept(name: str, value: Any) -> object:  # noqa: ANN401  a parameter of any type
    if name == "tax_exempt":
        return value or "none"
    if isinstance(value, Address):
        return dict(vars(value))
    if isinstance(value, Shipping):
        return {"address": dict(vars(value.address)), "name": value.name, "phone": value.phone}
    return list(value) if isinstance(value, tuple) else value


def on_test_clock(account: Account, customer_id: str) -> bool:
    """Whether a customer lives in the time of a test clock."""
    customer = account.part(Customers).table.get(customer_id)
    return customer is not None and customer.test_clock is not None
