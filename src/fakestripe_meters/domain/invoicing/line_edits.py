"""Changes of a draft's lines: they go through to the invoice items that the lines are of."""

from collections.abc import Callable
from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.invoicing import discounting
from fakestripe_meters.domain.invoicing import drafts
from fakestripe_meters.domain.invoicing import invoice_item_terms
from fakestripe_meters.domain.invoicing import item_discounts
from fakestripe_meters.domain.invoicing.invoice_item_terms import LineTerms
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import invoice_items
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.invoice_items import InvoiceItems
from fakestripe_meters.domain.records.invoice_lines import InvoiceLine
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import param

AMOUNTS = ("amount", "price_data", "pricing", "quantity", "quantity_decimal")
WORDS = ("description", "discountable", "discounts", "metadata", "period", "tax_rates")


class AddedLine(LineTerms):
    """A new line: an item that waits for an invoice, or one that is created."""

    invoice_item: str | None = param(default=None, doc="An item that waits for an invoice; by default, one is created.")


class ChangedLine(LineTerms):
    """A change of a line."""

    id: str = param(doc="The line.")


class RemovedLine(Params):
    """A line that goes away."""

    behavior: Literal["delete", "unassign"] = param(doc="An unassigned line's item waits for the next invoice.")
    id: str = param(doc="The line.")


@documented("https://docs.stripe.com/api/invoices/add-lines")
@inferred("what is said of an item that waits changes it")
def add(account: Account, invoice: Invoice, terms: AddedLine, place: str) -> None:
    """Add a line to a draft, or raise StripeError 400; `place` is the path of its parameters."""
    within = inside(place)
    if terms.invoice_item is not None:
        item = _waiting(account, invoice, terms.invoice_item, within("invoice_item"))
        invoice_item_terms.apply(account, item, terms, within)
        item_discounts.apply(account, item, terms.discounts, within("discounts"))
        invoice_items.attach_late(account, item, invoice.id)
    else:
        item = _created(account, invoice, terms, within)
    invoice.items = (*invoice.items, item.id)


@observed("the line keeps its id; its item has the new amount, and a price for it (Kiln-AI/stripe_world)")
def change(account: Account, line: InvoiceLine, terms: LineTerms, within: Callable[[str], str]) -> None:
    """Change a line of a draft, or raise StripeError 400."""
    item = account.part(InvoiceItems).table.get(line.invoice_item or "")
    if item is not None:
        invoice_item_terms.apply(account, item, terms, within)
        item_discounts.apply(account, item, terms.discounts, within("discounts"))
        return
    if amounts := _named(terms, AMOUNTS):
        raise errors.invoices.line_of_subscription(within(amounts[0]))
    if words := _named(terms, WORDS):
        raise errors.unserved.param(within(words[0]))


@observed("a deleted line's item is deleted (Kiln-AI/stripe_world)")
@documented("an unassigned one's item waits again, https://docs.stripe.com/api/invoices/remove-lines")
def remove(account: Account, invoice: Invoice, terms: RemovedLine, place: str) -> None:
    """Remove a line from a draft, or raise StripeError 400."""
    path = f"{place}[id]"
    line = find(account, invoice, terms.id, path=path, status=400)
    item = account.part(InvoiceItems).table.get(line.invoice_item or "")
    if item is None:
        raise errors.unserved.param(path)
    invoice.items = tuple(each for each in invoice.items if each != item.id)
    if terms.behavior == "delete":
        invoice_items.remove(account, item)
        discounting.drop_of_item(account, item)
    else:
        item.invoice, item.late = None, False
        account.part(InvoiceItems).await_invoice(item)


def find(account: Account, invoice: Invoice, line_id: str, *, path: str, status: int) -> InvoiceLine:
    """Return a line of a draft as it is now, or raise StripeError."""
    drafts.refresh(account, invoice)
    for line in invoice.lines:
        if line.id == line_id:
            return line
    raise errors.objects.no_such("line_item", line_id, param=path, status=status)


def inside(place: str) -> Callable[[str], str]:
    """Return what turns the name of a parameter into its path within the hash at `place`."""

    def within(name: str) -> str:
        head, bracket, rest = name.partition("[")
        return f"{place}[{head}]{bracket}{rest}"

    return within


def _waiting(account: Account, invoice: Invoice, item_id: str, path: str) -> InvoiceItem:
    item = account.part(InvoiceItems).table.get(item_id)
    if item is None:
        raise errors.objects.no_such("invoiceitem", item_id, param=path, status=400)
    if item.customer != invoice.customer:
        raise errors.objects.of_another(path, "invoice item", "customer")
    if item.invoice is not None:
        raise errors.invoices.item_assigned(path)
    if item.currency != invoice.currency:
        raise errors.invoices.other_currency(path, invoice.currency)
    return item


def _created(account: Account, invoice: Invoice, terms: AddedLine, within: Callable[[str], str]) -> InvoiceItem:
    item = InvoiceItem(
        id="",
        date=account.now,
        customer=invoice.customer,
        currency=invoice.currency,
        amount=0,
        start=account.now,
        end=account.now,
        invoice=invoice.id,
        late=True,
        test_clock=invoice.test_clock,
    )
    invoice_item_terms.apply(account, item, terms, within)
    item.id = account.ids.new("ii_", 24)
    item_discounts.apply(account, item, terms.discounts, within("discounts"))
    customers.settle_currency(customers.kept(account, invoice.customer), item.currency)
    return invoice_items.add(account, item)


def _named(terms: LineTerms, names: tuple[str, ...]) -> list[str]:
    return [name for name, value in terms.given(names) if value is not None]
