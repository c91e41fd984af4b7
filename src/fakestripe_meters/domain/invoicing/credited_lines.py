"""What the lines of a credit note come to: parts of an invoice's lines with their discounts and taxes, and others.

Documented in: https://docs.stripe.com/invoicing/integration/programmatic-credit-notes.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from decimal import Decimal

from fakestripe_meters.core import errors
from fakestripe_meters.core import pricing
from fakestripe_meters.core import shares
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.exact import ZERO
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.invoicing import arithmetic
from fakestripe_meters.domain.invoicing.credit_note_terms import NoteLineTerms
from fakestripe_meters.domain.invoicing.credit_note_terms import TaxAmount
from fakestripe_meters.domain.records import tax_rates
from fakestripe_meters.domain.records.credit_notes import CreditNotes
from fakestripe_meters.domain.records.credit_notes import NoteLine
from fakestripe_meters.domain.records.invoice_lines import InvoiceLine
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.line_sums import LineCredit
from fakestripe_meters.domain.records.line_sums import LineDiscount
from fakestripe_meters.domain.records.line_sums import LineTax
from fakestripe_meters.framework.amounts import check_charge
from fakestripe_meters.framework.metadata import merged

OF_CUSTOM = ("description", "tax_rates", "unit_amount", "unit_amount_decimal")
OF_INVOICE = ("amount", "invoice_line_item")
PRICES = ("unit_amount", "unit_amount_decimal")
Within = Callable[[str], str]
"""Turns the name of a line's parameter into its path."""


def made(account: Account, invoice: Invoice, lines: Sequence[NoteLineTerms]) -> list[NoteLine]:
    """Return the lines of a new credit note as the parameters say, or raise StripeError 400."""
    before = [line for note in account.part(CreditNotes).issued(invoice.id) for line in note.lines]
    found: list[NoteLine] = []
    for number, terms in enumerate(lines):

        def within(name: str, number: int = number) -> str:
            return f"lines[{number}][{name}]"

        _check_names(terms, within)
        make = _custom if terms.type == "custom_line_item" else _part
        line = make(account, invoice, terms, within, [*before, *found])
        line.metadata = merged({}, terms.metadata, within("metadata"))
        found.append(line)
    return found


@inferred("that an amount is a line of its own, without a description, discounts and taxes")
def of_amount(account: Account, amount: int) -> list[NoteLine]:
    """Return the only line of a credit note that is given by its amount."""
    return [NoteLine(_new_id(account), "custom_line_item", amount, quantity=1, unit_amount=Decimal(amount))]


def _new_id(account: Account) -> str:
    return account.ids.new("cnli_", 24)


@documented("which parameters are valid for which type, in Stripe's OpenAPI")
def _check_names(terms: NoteLineTerms, within: Within) -> None:
    """Raise StripeError 400 if a parameter is for lines of the other type, or two exclude each other."""
    others = OF_INVOICE if terms.type == "custom_line_item" else OF_CUSTOM
    wanted = "invoice_line_item" if terms.type == "custom_line_item" else "custom_line_item"
    for name in others:
        if getattr(terms, name) is not None:
            raise errors.params.not_with(within(name), f"`{within('type')}={wanted}`")
    for names in (("amount", "quantity"), PRICES, ("tax_amounts", "tax_rates")):
        given = [within(name) for name in names if getattr(terms, name)]
        if len(given) > 1:
            raise errors.params.exclusive_params(given)


def _needed(terms: NoteLineTerms, name: str, within: Within) -> None:
    if getattr(terms, name) is None:
        raise errors.params.missing_param(within(name))


# Lines of their own


@documented("it needs a description, a quantity and the price of a unit")
def _custom(
    account: Account, invoice: Invoice, terms: NoteLineTerms, within: Within, _before: Sequence[NoteLine]
) -> NoteLine:
    """Return a line that is no part of the invoice's lines."""
    _needed(terms, "description", within)
    _needed(terms, "quantity", within)
    unit_amount = terms.unit_amount_decimal if terms.unit_amount is None else Decimal(terms.unit_amount)
    if unit_amount is None:
        raise errors.params.need_one_of([within(name) for name in PRICES])
    (priced,) = pricing.bill(pricing.PerUnit(unit_amount=unit_amount), Decimal(terms.quantity or 0))
    check_charge(priced.rounded, within("quantity"))
    rates = tax_rates.chosen(account, terms.tax_rates, within("tax_rates"))
    return NoteLine(
        _new_id(account),
        "custom_line_item",
        priced.rounded,
        description=terms.description,
        quantity=terms.quantity,
        unit_amount=unit_amount,
        taxes=_given_taxes(account, terms.tax_amounts, within) or arithmetic.taxes_of(account, priced.rounded, rates),
        tax_rates=rates,
    )


def _given_taxes(account: Account, amounts: Iterable[TaxAmount] | None, within: Within) -> list[LineTax]:
    """Return taxes that are given as amounts."""
    taxes = []
    for number, each in enumerate(amounts or ()):
        rate = tax_rates.find(account, each.tax_rate, param=within("tax_amounts") + f"[{number}][tax_rate]", status=400)
        taxes.append(LineTax(each.amount, rate.id, each.taxable_amount, rate.inclusive))
    return taxes


# Parts of the invoice's lines


@dataclass(frozen=True, slots=True)
class Part:
    """How much of a line was credited before, and how much of it is with a new part: of `whole`, by quantity or not."""

    lines: Sequence[NoteLine]
    upto: Decimal
    whole: Decimal

    def of(self, whole: int, taken: Callable[[NoteLine], int]) -> int:
        """Return the new part of an amount; `taken` returns what an earlier part has of it."""
        return shares.share(whole, self.upto, self.whole, taken=sum(map(taken, self.lines)))


@inferred("each share is rounded half up, counted from the first credit note of the line on, so the last has the rest")
def _part(
    account: Account, invoice: Invoice, terms: NoteLineTerms, within: Within, before: Sequence[NoteLine]
) -> NoteLine:
    """Return a part of an invoice's line, with its share of the discounts, billing credits and taxes."""
    line = _line_of(invoice, terms, within)
    by_quantity = terms.quantity is not None
    earlier = [each for each in before if each.invoice_line == line.id]
    _check_way(earlier, within("quantity" if by_quantity else "amount"), by_quantity=by_quantity)
    if terms.quantity is not None:
        part = _by_quantity(line, earlier, terms.quantity, within)
    else:
        part = _by_amount(invoice, line, earlier, terms.amount or 0, within)
    amount = part.of(line.amount, lambda each: each.amount)
    return NoteLine(
        _new_id(account),
        "invoice_line_item",
        amount,
        description=line.description,
        quantity=terms.quantity or 1,
        unit_amount=line.unit_amount if by_quantity else None,
        invoice_line=line.id,
        by_quantity=by_quantity,
        discounts=_discounts(line, part),
        own_discounts=list(line.discounts),
        credits=_credits(line, part),
        taxes=_given_taxes(account, terms.tax_amounts, within) or _taxes(line, part),
        tax_rates=list(dict.fromkeys(tax.rate for tax in line.taxes)),
    )


def _line_of(invoice: Invoice, terms: NoteLineTerms, within: Within) -> InvoiceLine:
    _needed(terms, "invoice_line_item", within)
    path = within("invoice_line_item")
    line = next((each for each in invoice.lines if each.id == terms.invoice_line_item), None)
    if line is None:
        raise errors.objects.no_such("line_item", terms.invoice_line_item or "", param=path, status=400)
    if terms.amount is None and terms.quantity is None:
        raise errors.params.need_one_of([within("amount"), within("quantity")])
    if line.amount <= 0:
        raise errors.credit_notes.line_not_creditable(path)
    return line


@documented("a line that was credited by quantity can only be credited by quantity later, and the same for amounts")
def _check_way(earlier: Iterable[NoteLine], path: str, *, by_quantity: bool) -> None:
    if any(each.by_quantity != by_quantity for each in earlier):
        raise errors.credit_notes.other_way(path, "amount" if by_quantity else "quantity")


def _by_quantity(line: InvoiceLine, earlier: Sequence[NoteLine], quantity: int, within: Within) -> Part:
    credited = Decimal(sum(each.quantity or 0 for each in earlier))
    if credited + quantity > line.quantity:
        raise errors.credit_notes.line_exceeded(within("quantity"), f"{max(ZERO, line.quantity - credited):f}")
    return Part(earlier, credited + quantity, line.quantity)


def _by_amount(invoice: Invoice, line: InvoiceLine, earlier: Sequence[NoteLine], amount: int, within: Within) -> Part:
    credited = sum(each.amount for each in earlier)
    if credited + amount > line.amount:
        left = pricing.money(line.amount - credited, invoice.currency)
        raise errors.credit_notes.line_exceeded(within("amount"), left)
    return Part(earlier, Decimal(credited + amount), Decimal(line.amount))


@documented("a discount of the line is taken back in proportion")
def _discounts(line: InvoiceLine, part: Part) -> list[LineDiscount]:
    def taken(discount: str) -> Callable[[NoteLine], int]:
        return lambda note: note.discounted_by([discount])

    return [LineDiscount(part.of(each.amount, taken(each.discount)), each.discount) for each in line.discount_amounts]


@documented("billing credits that paid for a line are shown on its credit note (Stripe's changelog, 2024-10-28.acacia)")
@inferred("they are taken off in proportion, and not given back to their grant")
def _credits(line: InvoiceLine, part: Part) -> list[LineCredit]:
    def taken(grant: str) -> Callable[[NoteLine], int]:
        return lambda note: sum(credit.amount for credit in note.credits if credit.grant == grant)

    return [LineCredit(part.of(each.amount, taken(each.grant)), each.grant, each.transaction) for each in line.credits]


@documented("the tax of the line is given back in proportion")
def _taxes(line: InvoiceLine, part: Part) -> list[LineTax]:
    def taken(attribute: str, rate: str) -> Callable[[NoteLine], int]:
        return lambda note: sum(getattr(tax, attribute) for tax in note.taxes if tax.rate == rate)

    return [
        LineTax(
            part.of(each.amount, taken("amount", each.rate)),
            each.rate,
            part.of(each.taxable, taken("taxable", each.rate)),
            each.inclusive,
        )
        for each in line.taxes
    ]
