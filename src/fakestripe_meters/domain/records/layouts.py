"""What is printed on an invoice: as a request says it of a customer, a subscription or an invoice, and as it is kept.

Nothing is printed here, but all of it is shown.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import Literal

from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.undo import record
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree

MOST_CUSTOM_FIELDS = 4


@record
class Layout:
    """What is printed; None where nothing is said of it."""

    custom_fields: Sequence[Mapping[str, str]] | None = None
    footer: str | None = None
    amount_tax_display: str | None = None
    page_size: str | None = None


@record
class Recipient:
    """What an invoice says of its customer: as it is now in a draft, as it was at finalization later."""

    address: Mapping[str, Any] | None = None
    email: str | None = None
    name: str | None = None
    phone: str | None = None
    shipping: Mapping[str, Any] | None = None
    tax_exempt: str = "none"


class Address(Params):
    """A postal address."""

    city: str | None = param(default=None, clearable=True)
    country: str | None = param(default=None, clearable=True)
    line1: str | None = param(default=None, clearable=True)
    line2: str | None = param(default=None, clearable=True)
    postal_code: str | None = param(default=None, clearable=True)
    state: str | None = param(default=None, clearable=True)


class Shipping(Params):
    """A shipping address."""

    address: Address = param()
    name: str = param()
    phone: str | None = param(default=None, clearable=True)

    @property
    def stored(self) -> dict[str, Any]:
        """The address as it is kept and shown."""
        return {"address": dict(vars(self.address)), "name": self.name, "phone": self.phone}


class CustomField(Params):
    """A line of a name and a value."""

    name: str = param(max_length=40)
    value: str = param(max_length=140)


CustomFields = tuple[CustomField, ...] | Unset | None


def custom_fields() -> Any:  # noqa: ANN401  it stands where the field's own type is declared
    """Declare the parameter `custom_fields`."""
    return param(default=UNSET, clearable=True, most_items=MOST_CUSTOM_FIELDS, doc="At most 4.")


class RenderingOptions(Params):
    """How a customer's invoices look."""

    amount_tax_display: Literal["exclude_tax", "include_inclusive_tax"] | Unset | None = param(
        default=UNSET, clearable=True
    )


class Pdf(Params):
    """How an invoice looks on paper."""

    page_size: Literal["a4", "auto", "letter"] = param(default="auto")


class Rendering(RenderingOptions):
    """How an invoice looks."""

    pdf: Pdf | None = param(default=None)


def lay_out(layout: Layout, fields: CustomFields, options: RenderingOptions | Unset | None) -> None:
    """Store what a request says."""
    if fields is not UNSET:
        layout.custom_fields = [dict(vars(field)) for field in fields] if fields else None
    if options is None:
        layout.amount_tax_display = None
    elif options is not UNSET and options.amount_tax_display is not UNSET:
        layout.amount_tax_display = options.amount_tax_display
    if isinstance(options, Rendering) and options.pdf is not None:
        layout.page_size = options.pdf.page_size


def combined(*layouts: Layout) -> Layout:
    """Return what is printed where the first of several layouts says so, or the next."""
    return Layout(
        custom_fields=next((each.custom_fields for each in layouts if each.custom_fields is not None), None),
        footer=next((each.footer for each in layouts if each.footer is not None), None),
        amount_tax_display=next((each.amount_tax_display for each in layouts if each.amount_tax_display), None),
        page_size=next((each.page_size for each in layouts if each.page_size), None),
    )


def render_custom_fields(layout: Layout) -> list[Tree] | None:
    """Return the custom fields as Stripe shows them."""
    return None if layout.custom_fields is None else [dict(each) for each in layout.custom_fields]


def render_options(layout: Layout) -> Tree | None:
    """Return how a customer's invoices look, as Stripe shows it."""
    return {"amount_tax_display": layout.amount_tax_display, "template": None} if layout.amount_tax_display else None


@observed(
    "null on a subscription's invoices by default; the pages of a draft made by hand have no size yet (pay-rails/pay)"
)
def render(layout: Layout, billing_reason: str, status: str) -> Tree | None:
    """Return how an invoice looks, as Stripe shows it."""
    by_hand = billing_reason == "manual"
    if layout.amount_tax_display is None and layout.page_size is None and not by_hand:
        return None
    size = "letter" if by_hand and status != "draft" else "auto"
    return {
        "amount_tax_display": layout.amount_tax_display,
        "pdf": {"page_size": layout.page_size or size},
        "template": None,
        "template_version": None,
    }
