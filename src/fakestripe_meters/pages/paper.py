"""An invoice as it stands on paper: what the page and the PDF have in common."""

from collections.abc import Iterator
from collections.abc import Sequence
from typing import NamedTuple

from fakestripe_meters.core import pricing
from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.invoicing import drafts
from fakestripe_meters.domain.records import coupons
from fakestripe_meters.domain.records import discounts
from fakestripe_meters.domain.records import invoice_faces
from fakestripe_meters.domain.records import invoice_sums
from fakestripe_meters.domain.records import line_sums
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import tax_rates
from fakestripe_meters.domain.records.coupons import Coupon
from fakestripe_meters.domain.records.discounts import Discount
from fakestripe_meters.domain.records.invoice_lines import InvoiceLine
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.pages import words


class Row(NamedTuple):
    """Two things beside each other: what it is, and how much or when."""

    label: str
    value: str


class PaperLine(NamedTuple):
    """A line of an invoice in words."""

    description: str
    period: str
    quantity: str
    each: str
    """What one costs; empty if it has no price."""
    amount: str
    metered: bool


class Paper(NamedTuple):
    """An invoice in words."""

    title: str
    status: str
    seller: str
    customer: Sequence[str]
    """Name and address, a line each."""
    dates: Sequence[Row]
    description: str
    lines: Sequence[PaperLine]
    sums: Sequence[Row]
    """From the subtotal to what comes before the total."""
    total: str
    settled: Sequence[Row]
    """What was paid otherwise or before, after the total."""
    due: str
    footer: str


def of(account: Account, invoice: Invoice) -> Paper:
    """Return an invoice in words, as it is now."""
    drafts.refresh(account, invoice)
    currency = invoice.currency
    remaining = 0 if invoice.status == "void" else invoice.amount_due - invoice.amount_paid
    return Paper(
        title=f"Invoice {invoice.number}" if invoice.number else "Draft invoice",
        status=invoice.status,
        seller=invoice_faces.ACCOUNT_NAME,
        customer=list(_customer(invoice)),
        dates=list(_dates(invoice)),
        description=words.plain(invoice.description or ""),
        lines=[_line(account, line, currency) for line in invoice.lines],
        sums=list(_sums(account, invoice)),
        total=pricing.money(invoice.total, currency),
        settled=list(_settled(invoice)),
        due=pricing.money(remaining, currency),
        footer=words.plain(invoice.footer or ""),
    )


def _customer(invoice: Invoice) -> Iterator[str]:
    recipient = invoice.recipient
    address = recipient.address or {}
    town = " ".join(filter(None, (address.get("postal_code"), address.get("city"), address.get("state"))))
    lines = (
        recipient.name or invoice.customer,
        address.get("line1"),
        address.get("line2"),
        town,
        address.get("country"),
        recipient.email,
        recipient.phone,
    )
    yield from (words.plain(each) for each in lines if each)


def _dates(invoice: Invoice) -> Iterator[Row]:
    yield Row("Dated", words.day(invoice.effective_at or invoice.created))
    if invoice.due_date is not None:
        yield Row("Due", words.day(invoice.due_date))
    for label, when in (("Paid", invoice.paid_at), ("Voided", invoice.voided_at)):
        if when is not None:
            yield Row(label, words.day(when))
    for each in invoice.layout.custom_fields or ():
        yield Row(words.plain(each["name"]), words.plain(each["value"]))


def _line(account: Account, line: InvoiceLine, currency: str) -> PaperLine:
    whole = line.quantity == line.quantity.to_integral_value()
    quantity = f"{int(line.quantity):,}" if whole else pricing.units(line.quantity)
    return PaperLine(
        description=words.plain(line.description or ("Usage" if line.metered else "Item")),
        period=words.days(line.start, line.end),
        quantity=quantity,
        each="" if line.unit_amount is None else pricing.money(line.unit_amount, currency),
        amount=pricing.money(line.amount, currency),
        metered=line.price is not None and prices.kept(account, line.price).metered,
    )


def _sums(account: Account, invoice: Invoice) -> Iterator[Row]:
    currency, lines = invoice.currency, invoice.lines
    yield Row("Subtotal", pricing.money(sum(line.amount for line in lines), currency))
    taken = (each for line in lines for each in line.discount_amounts)
    for each in line_sums.add_discounts(taken, invoice.discounts):
        yield Row(_discount(account, discounts.kept(account, each.discount)), pricing.money(-each.amount, currency))
    if credited := invoice_sums.totals(lines).credited:
        yield Row("Billing credits", pricing.money(-credited, currency))
    for tax in line_sums.add_taxes(tax for line in lines for tax in line.taxes):
        name = tax_name(account, tax.rate, inclusive=tax.inclusive)
        yield Row(name, pricing.money(tax.amount, currency))


def tax_name(account: Account, rate_id: str, *, inclusive: bool) -> str:
    """Return what a tax is called: `VAT 20%`, or `VAT 20% (contained)`."""
    rate = tax_rates.kept(account, rate_id)
    contained = " (contained)" if inclusive else ""
    return f"{words.plain(rate.display_name)} {pricing.units(rate.percentage)}%{contained}"


def _discount(account: Account, discount: Discount) -> str:
    terms = discount.terms or coupons.kept(account, discount.coupon)
    return words.plain(f"{terms.name or discount.coupon} ({off(terms)})")


def off(terms: Coupon) -> str:
    """Return what a coupon takes off: `10% off`."""
    if terms.percent_off is not None:
        return f"{pricing.units(terms.percent_off)}% off"
    return f"{pricing.money(terms.amount_off or 0, terms.currency or 'usd')} off"


def _settled(invoice: Invoice) -> Iterator[Row]:
    parts = {
        "From the customer’s balance": invoice.due_of(invoice.total)
        - invoice.total
        + invoice.moved
        + invoice.credited_before,
        "Moved to the customer’s balance": -invoice.moved,
        "Credit notes": -invoice.credited_before,
        "Paid": -invoice.amount_paid,
        "Voided": invoice.amount_paid - invoice.amount_due if invoice.status == "void" else 0,
    }
    yield from (Row(label, pricing.money(amount, invoice.currency)) for label, amount in parts.items() if amount)
