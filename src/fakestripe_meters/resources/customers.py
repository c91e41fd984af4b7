"""Customers: https://docs.stripe.com/api/customers, as far as usage-based billing needs them."""

from dataclasses import dataclass
from dataclasses import field
from typing import Any
from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.ids import tail
from fakestripe_meters.core.table import Table
from fakestripe_meters.resources._endpoint import Listing
from fakestripe_meters.resources._endpoint import ListParams
from fakestripe_meters.resources._endpoint import Operation
from fakestripe_meters.resources._endpoint import Resource
from fakestripe_meters.resources._listing import Range
from fakestripe_meters.resources._listing import page
from fakestripe_meters.resources._listing import within
from fakestripe_meters.resources._metadata import Metadata
from fakestripe_meters.resources._metadata import merged
from fakestripe_meters.resources._metadata import metadata
from fakestripe_meters.resources.events import publish
from fakestripe_meters.resources.events import publish_update
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree

PATH = "/v1/customers"
SETTABLE = (
    "address",
    "balance",
    "description",
    "email",
    "name",
    "phone",
    "preferred_locales",
    "shipping",
    "tax_exempt",
)


@dataclass(slots=True)
class Customer:
    """A customer as it is kept; a deleted one stays, so that its id still answers."""

    id: str
    created: int
    address: dict[str, Any] | None = None
    balance: int = 0
    description: str | None = None
    email: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    name: str | None = None
    phone: str | None = None
    preferred_locales: list[str] = field(default_factory=list)
    shipping: dict[str, Any] | None = None
    tax_exempt: str = "none"
    deleted: bool = False


@dataclass
class Customers(Part, name="customers"):
    """All customers of an account."""

    table: Table[Customer] = field(default_factory=Table)


class Address(Params):
    """A postal address."""

    city: str | None = param(default=None, clearable=True)
    country: str | None = param(default=None, clearable=True)
    line1: str | None = param(default=None, clearable=True)
    line2: str | None = param(default=None, clearable=True)
    postal_code: str | None = param(default=None, clearable=True)
    state: str | None = param(default=None, clearable=True)


class Shipping(Params):
    """Where goods go."""

    address: Address = param()
    name: str = param()
    phone: str | None = param(default=None, clearable=True)


def _check_email(value: str, path: str) -> None:
    name, at, domain = value.partition("@")
    if not (name and at and domain) or " " in value or "@" in domain:
        raise errors.invalid_email(path, value)


class UpdateCustomer(Operation):
    """What can be said of a customer, at first and later."""

    address: Address | Unset | None = param(default=UNSET, clearable=True)
    balance: int | Unset = param(default=UNSET, doc="In the smallest unit of the currency.")
    description: str | Unset | None = param(default=UNSET, clearable=True, max_length=5000)
    email: str | Unset | None = param(default=UNSET, clearable=True, max_length=512, check=_check_email)
    metadata: Metadata = metadata()
    name: str | Unset | None = param(default=UNSET, clearable=True, max_length=256)
    phone: str | Unset | None = param(default=UNSET, clearable=True, max_length=20)
    preferred_locales: tuple[str, ...] | Unset = param(default=UNSET)
    shipping: Shipping | Unset | None = param(default=UNSET, clearable=True)
    tax_exempt: Literal["exempt", "none", "reverse"] | Unset | None = param(default=UNSET, clearable=True)


class CreateCustomer(UpdateCustomer):
    """A new customer; nothing is required."""


class ListCustomers(ListParams):
    """Which customers to list."""

    created: int | Range | None = param(default=None)
    email: str | None = param(default=None, max_length=512, doc="Case-sensitive and whole.")


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
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": customer.description,
        "discount": None,
        "email": customer.email,
        "invoice_prefix": tail(customer.id, 8).upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": dict(customer.metadata),
        "name": customer.name,
        "next_invoice_sequence": 1,
        "phone": customer.phone,
        "preferred_locales": list(customer.preferred_locales),
        "shipping": customer.shipping,
        "tax_exempt": customer.tax_exempt,
        "test_clock": None,
    }


resource = Resource("customer", PATH, render=render)


def find(account: Account, customer_id: str, *, param: str = "id", status: int = 404) -> Customer:
    """The customer with that id; `No such customer` if there is none or it is deleted."""
    customer = account.part(Customers).table.get(customer_id)
    if customer is None or customer.deleted:
        raise errors.no_such("customer", customer_id, param=param, status=status)
    return customer


@resource.post()
def create(account: Account, params: CreateCustomer) -> Customer:
    """Create a customer."""
    customer = Customer(account.ids.new("cus_"), account.now)
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
    before = render(account, customer)
    _apply(customer, params)
    publish_update(account, "customer.updated", before, render(account, customer))
    return customer


@resource.get()
def list_(account: Account, params: ListCustomers) -> Listing:
    """Customers, newest first; deleted ones are left out."""

    def wanted(customer: Customer) -> bool:
        same_email = params.email is None or customer.email == params.email
        return not customer.deleted and same_email and within(params.created, customer.created)

    return page(account.part(Customers).table, params, url=PATH, noun="customer", where=wanted)


@resource.delete("/<customer_id>")
def delete(account: Account, params: Operation, customer_id: str) -> Customer:
    """Delete a customer for good; its usage stays where it was counted."""
    customer = find(account, customer_id)
    publish(account, "customer.deleted", render(account, customer))
    customer.deleted = True
    return customer


def _apply(customer: Customer, params: UpdateCustomer) -> None:
    for name in SETTABLE:
        value = getattr(params, name)
        if value is not UNSET:
            setattr(customer, name, _kept(name, value))
    customer.metadata = merged(customer.metadata, params.metadata)


def _kept(name: str, value: Any) -> Any:  # noqa: ANN401  a parameter of any type
    if name == "tax_exempt":
        return value or "none"
    if isinstance(value, Address):
        return dict(vars(value))
    if isinstance(value, Shipping):
        return {"address": dict(vars(value.address)), "name": value.name, "phone": value.phone}
    return list(value) if isinstance(value, tuple) else value
