"""Invoice items: how they are stored and shown. They add to an invoice what no period does."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import field
from decimal import Decimal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.exact import ONE
from fakestripe_meters.core.index import Index
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.records import invoice_lines
from fakestripe_meters.domain.records import line_sums
from fakestripe_meters.domain.records import tax_rates
from fakestripe_meters.domain.records.invoice_lines import Credited
from fakestripe_meters.domain.records.invoice_lines import InvoiceLine
from fakestripe_meters.domain.records.line_sums import LineDiscount
from fakestripe_meters.wire.tree import Tree
from fakestripe_meters.wire.tree import number


@record
class InvoiceItem:
    """An invoice item as stored; without an invoice, it waits for the customer's next one."""

    id: str
    date: int
    customer: str
    currency: str
    amount: int
    start: int
    end: int
    description: str | None = None
    discountable: bool = True
    discounts: Sequence[str] = field(default_factory=list)
    invoice: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    price: str | None = None
    product: str | None = None
    unit_amount: Decimal | None = None
    quantity: Decimal = ONE
    subscription: str | None = None
    subscription_item: str | None = None
    proration: bool = False
    test_clock: str | None = None
    metered: bool = False
    """Whether it bills usage, whose price was replaced or removed."""
    tier: int | None = None
    bare: bool = False
    """Whether its price was made for its amount."""
    credited: Credited | None = None
    """What a credit for unused time gives back; None if it gives nothing back that was on an invoice."""
    credited_item: str | None = None
    """The invoice item, still without an invoice, that a credit for unused time gives back."""
    late: bool = False
    """Whether it was put on its invoice after that was made."""
    change: str | None = None
    """The first of the prorations that one change made, itself included; None if it is none of these."""
    tax_rates: Sequence[str] = field(default_factory=list)
    taken: Sequence[LineDiscount] = field(default_factory=list)
    """What discounts take off a proration, as decided when it was made: nothing if its amount is net of them."""


@dataclass(eq=False)
class InvoiceItems(Part, name="invoiceitems"):
    """All invoice items of an account, and the ids of those that wait, by customer."""

    table: Table[InvoiceItem] = field(default_factory=Table)
    pending: Index[tuple[str, ...]] = field(default_factory=Index)

    def waiting(self, customer_id: str, currency: str) -> list[InvoiceItem]:
        """Return a customer's items that are on no invoice yet, oldest first."""
        found = (self.table.get(each) for each in self.pending.get(customer_id, ()))
        return [item for item in found if item is not None and item.currency == currency]

    def await_invoice(self, item: InvoiceItem) -> None:
        """Record that an item waits for an invoice."""
        self.pending[item.customer] = (*self.pending.get(item.customer, ()), item.id)

    def stop_waiting(self, item: InvoiceItem) -> None:
        """Record that an item no longer waits."""
        self.pending[item.customer] = tuple(each for each in self.pending[item.customer] if each != item.id)


def find(account: Account, item_id: str) -> InvoiceItem:
    """Return the invoice item with that id, or raise `No such Invoice Item`."""
    item = account.part(InvoiceItems).table.get(item_id)
    if item is None:
        raise errors.objects.no_such_invoice_item(item_id)
    return item


def add(account: Account, item: InvoiceItem) -> InvoiceItem:
    """Add a new invoice item and publish the event."""
    items = account.part(InvoiceItems)
    items.table.add(item)
    if item.invoice is None:
        items.await_invoice(item)
    publish(account, "invoiceitem.created", render(account, item))
    return item


def attach(account: Account, item: InvoiceItem, invoice_id: str) -> None:
    """Put a waiting item on an invoice."""
    item.invoice = invoice_id
    account.part(InvoiceItems).stop_waiting(item)


def attach_late(account: Account, item: InvoiceItem, invoice_id: str) -> None:
    """Put a waiting item on a draft that was there before."""
    attach(account, item, invoice_id)
    item.late = True


def remove(account: Account, item: InvoiceItem) -> None:
    """Remove an item and publish the event."""
    items = account.part(InvoiceItems)
    items.table.remove(item.id)
    if item.invoice is None:
        items.stop_waiting(item)
    publish(account, "invoiceitem.deleted", render(account, item))


@documented("in Stripe's OpenAPI: an invoice shows what waited for it in reverse chronological order")
@observed("of each change, the credit comes before the charge (onetimesecret/onetimesecret)")
def newest_first(items: Sequence[InvoiceItem]) -> list[InvoiceItem]:
    """Return items that waited for an invoice, oldest first, in the order in which it shows them."""
    changes: dict[str, list[InvoiceItem]] = {}
    for item in items:
        changes.setdefault(item.change or item.id, []).append(item)
    return [item for change in reversed(changes.values()) for item in change]


def line_of(item: InvoiceItem, prefix: str) -> InvoiceLine:
    """Return the line of an item on an invoice."""
    return InvoiceLine(
        id=invoice_lines.line_id(prefix, item.id),
        amount=item.amount,
        description=item.description,
        start=item.start,
        end=item.end,
        quantity=item.quantity,
        unit_amount=item.unit_amount,
        price=item.price,
        product=item.product,
        subscription=item.subscription,
        item=item.subscription_item,
        invoice_item=item.id,
        metered=item.metered,
        tier=item.tier,
        proration=item.proration,
        discountable=item.discountable,
        metadata=dict(item.metadata),
        discounts=item.discounts,
        tax_rates=item.tax_rates,
        taken=item.taken,
        credited=item.credited or _credited_beside(item, prefix),
    )


def _credited_beside(item: InvoiceItem, prefix: str) -> Credited | None:
    """Return the line that a credit gives back if both waited for this invoice."""
    if item.credited_item is None:
        return None
    return Credited(prefix.partition("/")[2], [invoice_lines.line_id(prefix, item.credited_item)])


def render(account: Account, item: InvoiceItem) -> Tree:
    """Return an invoice item as Stripe shows it."""
    return {
        "id": item.id,
        "object": "invoiceitem",
        "amount": item.amount,
        "currency": item.currency,
        "customer": item.customer,
        "customer_account": None,
        "date": item.date,
        "description": item.description,
        "discountable": item.discountable,
        "discounts": list(item.discounts),
        "frozen_fields": ["pricing", "quantity", "discounts"] if item.proration else [],
        "invoice": item.invoice,
        "invoicing_rules": [],  # observed: without any rule (Kiln-AI/stripe_world)
        "livemode": False,
        "metadata": dict(item.metadata),
        **({} if item.discountable else {"net_amount": item.amount - sum(each.amount for each in item.taken)}),
        "parent": _parent(item),
        "period": {"end": item.end, "start": item.start},
        "pricing": invoice_lines.render_pricing(item.price, item.product, None if item.proration else item.unit_amount),
        "proration": item.proration,
        **_proration_details(account, item),
        "quantity": int(item.quantity),
        "quantity_decimal": number(item.quantity),
        "tax_rates": tax_rates.render_all(account, item.tax_rates),
        "test_clock": item.test_clock,
    }


@observed("only a proration has the field, and one that a canceled subscription left has not (Kiln-AI/stripe_world)")
def _proration_details(account: Account, item: InvoiceItem) -> Tree:
    if not item.proration or item.subscription is None:
        return {}
    taken = line_sums.render_discounts(item.taken)
    return {"proration_details": {"credited_items": _credited_items(account, item), "discount_amounts": taken}}


@documented("both types, in Stripe's OpenAPI: what is given back waits for an invoice, or is on one")
def _credited_items(account: Account, item: InvoiceItem) -> Tree | None:
    credited = item.credited
    if credited is None and item.credited_item is not None:
        debit = account.part(InvoiceItems).table.get(item.credited_item)
        if debit is None or debit.invoice is None:
            return {"invoice_item": item.credited_item, "type": "invoice_item"}
        credited = Credited(debit.invoice, [invoice_lines.line_id(f"il_/{debit.invoice}", debit.id)])
    details = invoice_lines.render_credited(credited)
    return details and {"invoice_line_item_details": details, "type": "invoice_line_items"}


def _parent(item: InvoiceItem) -> Tree | None:
    if item.subscription is None:
        return None
    # documented: an item that belongs to no item of the subscription has no such key, as Stripe's OpenAPI says.
    details = {"subscription": item.subscription}
    if item.subscription_item is not None:
        details["subscription_item"] = item.subscription_item
    return {"subscription_details": details, "type": "subscription_details"}
