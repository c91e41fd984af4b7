"""How credit notes are planned, issued and voided, and what they do to their invoice.

Documented in: https://docs.stripe.com/invoicing/integration/programmatic-credit-notes.
"""

from fakestripe_meters.core import errors
from fakestripe_meters.core import pricing
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.invoicing import credit_note_refunds
from fakestripe_meters.domain.invoicing import credited_lines
from fakestripe_meters.domain.invoicing import settling
from fakestripe_meters.domain.invoicing.credit_note_terms import NoteTerms
from fakestripe_meters.domain.records import credit_notes
from fakestripe_meters.domain.records import customer_balances
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import invoices
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.credit_notes import CreditNote
from fakestripe_meters.domain.records.credit_notes import CreditNotes
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.framework.metadata import merged

UNPAID = ("open", "uncollectible")
WAYS = ("amount", "lines")


def preview(account: Account, terms: NoteTerms) -> CreditNote:
    """Return the credit note that a request would issue, or raise StripeError 400. The caller takes back its ids."""
    invoice = invoices.find(account, terms.invoice, param="invoice", status=400)
    with test_clocks.time_of(account, invoice.test_clock):
        return plan(account, invoice, terms)


def plan(account: Account, invoice: Invoice, terms: NoteTerms) -> CreditNote:
    """Return the credit note that a request asks for, which changes nothing yet; raise StripeError 400."""
    _check_status(invoice)
    way = _way(terms)
    lines = (
        credited_lines.of_amount(account, terms.amount)
        if terms.amount is not None
        else credited_lines.made(account, invoice, terms.lines or ())
    )
    note = CreditNote(
        id=account.ids.new("cn_", 24),
        created=account.now,
        customer=invoice.customer,
        currency=invoice.currency,
        invoice=invoice.id,
        number=_number(account, invoice),
        lines=lines,
        effective_at=account.now if terms.effective_at is None else terms.effective_at,
        memo=terms.memo,
        metadata=merged({}, terms.metadata),
        out_of_band=terms.out_of_band_amount,
        reason=terms.reason,
        refunds=credit_note_refunds.linked(account, invoice, terms.refunds or ()),
        test_clock=invoice.test_clock,
    )
    note.before = min(note.total, _remaining(invoice))
    if terms.credit_amount:
        customers.find(account, invoice.customer, param="credit_amount", status=400)
    _check_total(account, invoice, note, way)
    _check_sum(note, terms)
    credit_note_refunds.check(account, invoice, terms.refund_amount)
    return note


@documented("only a finalized invoice can be credited, open or paid")
@inferred("one that is uncollectible, too")
def _check_status(invoice: Invoice) -> None:
    if invoice.status == "draft":
        raise errors.credit_notes.of_draft()
    if invoice.status == "void":
        raise errors.credit_notes.of_void()


@documented("one of them is needed, as Stripe's OpenAPI says")
def _way(terms: NoteTerms) -> str:
    """Return the one parameter that says what to credit, or raise StripeError 400."""
    given = [name for name in WAYS if getattr(terms, name)]
    if len(given) > 1:
        raise errors.params.exclusive_params(given)
    if not given:
        raise errors.params.need_one_of(WAYS)
    return given[0]


@observed("the number (pay-rails/pay)")
@inferred("void credit notes count")
def _number(account: Account, invoice: Invoice) -> str:
    return f"{invoice.number}-CN-{len(account.part(CreditNotes).of(invoice.id)) + 1:02d}"


def _remaining(invoice: Invoice) -> int:
    """Return what is still to be paid of an invoice."""
    return invoice.amount_due - invoice.amount_paid if invoice.status in UNPAID else 0


@documented("all credit notes and refunds of an invoice come to no more than the invoice, and none to nothing")
def _check_total(account: Account, invoice: Invoice, note: CreditNote, way: str) -> None:
    if note.total <= 0:
        raise errors.credit_notes.nothing(way)
    credited = invoice.credited_before + invoice.credited_after
    left = invoice.total - credited - credit_note_refunds.apart(account, invoice, note.refunds)
    if note.total > left:
        raise errors.credit_notes.too_much(way, _money(note.total, note), _money(max(0, left), note))


@documented("what is not taken off an unpaid invoice is refunded, credited, or given back outside of Stripe")
def _check_sum(note: CreditNote, terms: NoteTerms) -> None:
    linked = sum(each.amount for each in note.refunds)
    given = terms.credit_amount + terms.refund_amount + (terms.out_of_band_amount or 0) + linked
    if given != note.after:
        raise errors.credit_notes.sums_differ(_money(given, note), _money(note.after, note), in_part=note.before > 0)


def _money(amount: int, note: CreditNote) -> str:
    return pricing.money(amount, note.currency)


@inferred("the order of the events: refunds, customer, credit note, invoice")
def issue(account: Account, invoice: Invoice, terms: NoteTerms) -> CreditNote:
    """Issue a credit note, with the refunds and the credit that it asks for, and change its invoice."""
    note = plan(account, invoice, terms)
    note.refunds = [*credit_note_refunds.make(account, invoice, terms.refund_amount), *note.refunds]
    if terms.credit_amount:
        note.customer_balance_transaction = _credit(account, note, terms.credit_amount)
    account.part(CreditNotes).add(note)
    publish(account, "credit_note.created", credit_notes.render(account, note))
    _change(account, invoice, before=note.before, after=note.after)
    return note


@documented("a transaction of the type `credit_note`, https://docs.stripe.com/billing/customer/balance")
def _credit(account: Account, note: CreditNote, amount: int) -> str:
    """Credit an amount to the customer's balance, and return the id of the transaction."""
    customer = customers.kept(account, note.customer)
    before = customers.render(account, customer)
    booked = customer_balances.book(
        account, customer, note.currency, -amount, "credit_note", invoice=note.invoice, credit_note=note.id
    )
    publish_update(account, "customer.updated", before, customers.render(account, customer))
    return booked.id


def _change(account: Account, invoice: Invoice, *, before: int, after: int) -> None:
    """Add to what credit notes took off an invoice, and have what is left of it paid, or asked for."""
    shown = invoices.render(account, invoice)
    invoice.credited_before += before
    invoice.credited_after += after
    publish_update(account, "invoice.updated", shown, invoices.render(account, invoice))
    if before:
        settling.settle_remainder(account, invoice)


@documented("only while the invoice is open; the invoice asks for the amount again")
def void(account: Account, note: CreditNote) -> None:
    """Void a credit note, or raise StripeError 400."""
    invoice = invoices.find(account, note.invoice)
    if note.is_void:
        raise errors.credit_notes.already_void()
    if invoice.status != "open":
        raise errors.credit_notes.not_voidable()
    note.voided_at = account.now
    publish(account, "credit_note.voided", credit_notes.render(account, note))
    _change(account, invoice, before=-note.before, after=-note.after)
