"""What credit notes have to do with refunds: they make new ones, and link those that were made before.

Observed in: pay-rails/pay.
Documented in: https://docs.stripe.com/invoicing/integration/programmatic-credit-notes, https://docs.stripe.com/api/credit_notes.
"""

from collections.abc import Iterator
from collections.abc import Sequence

from fakestripe_meters.core import errors
from fakestripe_meters.core import pricing
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.invoicing.credit_note_terms import LinkedRefund
from fakestripe_meters.domain.paying import refunding
from fakestripe_meters.domain.records import card_charges
from fakestripe_meters.domain.records import invoice_payments
from fakestripe_meters.domain.records import refunds
from fakestripe_meters.domain.records.card_charges import CardCharge
from fakestripe_meters.domain.records.credit_notes import CreditNotes
from fakestripe_meters.domain.records.credit_notes import NoteRefund
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.refunds import Refund

IN_VAIN = ("canceled", "failed")


def charges_of(account: Account, invoice: Invoice) -> list[CardCharge]:
    """Return the charges that paid an invoice, oldest first."""
    paid = (each for each in invoice_payments.of_invoice(account, invoice.id) if each.status == "paid")
    charges = (charge for payment in paid for charge in card_charges.of_intent(account, payment.payment_intent))
    return [charge for charge in charges if charge.failure is None and charge.captured]


def check(account: Account, invoice: Invoice, amount: int) -> None:
    """Raise StripeError 400 unless an amount can be refunded of what was charged for an invoice."""
    left = sum(map(refunding.left, charges_of(account, invoice)))
    if amount and not left:
        raise errors.credit_notes.nothing_to_refund()
    if amount > left:
        raise errors.credit_notes.refund_too_large(*(_money(each, invoice) for each in (amount, left)))


@observed("the credit note makes the refund, whose reason is null")
@inferred("if several payments paid the invoice, the oldest is refunded first")
def make(account: Account, invoice: Invoice, amount: int) -> Iterator[NoteRefund]:
    """Refund an amount of what was charged for an invoice."""
    for charge in charges_of(account, invoice):
        part = min(amount, refunding.left(charge))
        if part > 0:
            amount -= part
            yield NoteRefund(refunding.refund(account, charge, part).id, part)


@documented("by default, all of a refund is linked")
@inferred("that less is linked if another credit note has linked a part of it")
def linked(account: Account, invoice: Invoice, wanted: Sequence[LinkedRefund]) -> list[NoteRefund]:
    """Return the refunds to link as a request names them, or raise StripeError 400."""
    charges = {charge.id for charge in charges_of(account, invoice)}
    found: list[NoteRefund] = []
    for number, each in enumerate(wanted):
        path, part = f"refunds[{number}]", each.amount_refunded
        if each.refund is None:
            raise errors.params.missing_param(f"{path}[refund]")
        refund = refunds.find(account, each.refund, param=f"{path}[refund]", status=400)
        if refund.charge not in charges:
            raise errors.objects.of_another(f"{path}[refund]", "refund", "invoice")
        if refund.status in IN_VAIN:
            raise errors.credit_notes.refund_failed(f"{path}[refund]")
        left = refund.amount - _linked_of(account, invoice, refund, found)
        if left <= 0 or (part or 0) > left:
            name = "refund" if part is None else "amount_refunded"
            raise errors.credit_notes.refund_exceeded(f"{path}[{name}]", _money(left, invoice))
        found.append(NoteRefund(refund.id, part or left))
    return found


def _linked_of(account: Account, invoice: Invoice, refund: Refund, new: Sequence[NoteRefund]) -> int:
    return sum(each.amount for each in _in_notes(account, invoice, new) if each.refund == refund.id)


def _in_notes(account: Account, invoice: Invoice, new: Sequence[NoteRefund]) -> list[NoteRefund]:
    """Return what the credit notes of an invoice refund, and what a new one does."""
    return [each for note in account.part(CreditNotes).issued(invoice.id) for each in note.refunds] + list(new)


@documented("refunds outside of credit notes count, too")
def apart(account: Account, invoice: Invoice, new: Sequence[NoteRefund]) -> int:
    """Return what was refunded of an invoice's charges and is in no credit note, nor in a new one."""
    made = [
        refund
        for charge in charges_of(account, invoice)
        for refund in refunds.of_charge(account, charge.id)
        if refund.status not in IN_VAIN
    ]
    counted = {refund.id for refund in made}
    in_notes = sum(each.amount for each in _in_notes(account, invoice, new) if each.refund in counted)
    return sum(refund.amount for refund in made) - in_notes


def _money(amount: int, invoice: Invoice) -> str:
    return pricing.money(amount, invoice.currency)
