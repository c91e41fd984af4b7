"""What can be said of a customer when it is created, changed or listed."""

from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.listing import Range
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import metadata
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import param


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


class InvoiceSettings(Params):
    """How a customer's invoices are collected."""

    default_payment_method: str | Unset | None = param(default=UNSET, clearable=True)


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
    invoice_prefix: str | Unset = param(default=UNSET, max_length=12)
    invoice_settings: InvoiceSettings | None = param(default=None)
    metadata: Metadata = metadata()
    name: str | Unset | None = param(default=UNSET, clearable=True, max_length=256)
    next_invoice_sequence: int | Unset = param(default=UNSET, least=1)
    phone: str | Unset | None = param(default=UNSET, clearable=True, max_length=20)
    preferred_locales: tuple[str, ...] | Unset = param(default=UNSET)
    shipping: Shipping | Unset | None = param(default=UNSET, clearable=True)
    tax_exempt: Literal["exempt", "none", "reverse"] | Unset | None = param(default=UNSET, clearable=True)


class CreateCustomer(UpdateCustomer):
    """A new customer; nothing is required."""

    payment_method: str | None = param(default=None, doc="Accepted: payment methods are names to this server.")
    test_clock: str | None = param(default=None, doc="The test clock in whose time the customer lives.")


class ListCustomers(ListParams):
    """Which customers to list."""

    created: int | Range | None = param(default=None)
    email: str | None = param(default=None, max_length=512, doc="Case-sensitive and whole.")
    test_clock: str | None = param(default=None, doc="Without it, customers on test clocks are left out.")
