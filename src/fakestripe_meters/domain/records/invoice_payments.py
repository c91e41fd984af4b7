"""Payments of invoices: how they are stored, found and shown.

Observed in: pay-rails/pay.
Documented in: https://docs.stripe.com/api/invoice-payment.
"""

from dataclasses import field
from typing import Literal

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.index import Index
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.table import required
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.records.payment_intents import PaymentIntent
from fakestripe_meters.wire.tree import Tree

NOUN = "invoice_payment"
Status = Literal["open", "paid", "canceled"]


@record
class InvoicePayment:
    """A payment of an invoice as stored. It names the payment intent that takes the money."""

    id: str
    created: int
    currency: str
    invoice: str
    payment_intent: str
    amount_requested: int
    is_default: bool = True
    """Whether the invoice made it when it was finalized; others were attached to it."""
    amount_paid: int | None = None
    status: Status = "open"
    canceled_at: int | None = None
    paid_at: int | None = None


@dataclass(eq=False)
class InvoicePayments(Part, name="invoice_payments"):
    """All payments of an account's invoices, and by invoice."""

    table: Table[InvoicePayment] = field(default_factory=Table)
    by_invoice: Index[tuple[str, ...]] = field(default_factory=Index)
    """The ids of the payments of each invoice, oldest first."""

    def add(self, payment: InvoicePayment) -> None:
        """Add a new payment."""
        self.table.add(payment)
        self.by_invoice[payment.invoice] = (*self.by_invoice.get(payment.invoice, ()), payment.id)


def find(account: Account, payment_id: str, *, param: str = "invoice_payment") -> InvoicePayment:
    """Return the payment with that id, or raise `No such invoice_payment`."""
    return required(account.part(InvoicePayments).table.get(payment_id), NOUN, payment_id, param=param)


def of_invoice(account: Account, invoice_id: str) -> list[InvoicePayment]:
    """Return the payments of an invoice, oldest first."""
    part = account.part(InvoicePayments)
    return [part.table.kept(each) for each in part.by_invoice.get(invoice_id, ())]


@documented("one payment of each invoice is the default")
def default_of(account: Account, invoice_id: str) -> InvoicePayment | None:
    """Return the payment that an invoice has made itself; None for a draft, and if nothing was to be paid."""
    return next((each for each in of_invoice(account, invoice_id) if each.is_default), None)


def of_intent(account: Account, intent: PaymentIntent) -> InvoicePayment | None:
    """Return the payment that a payment intent makes; None if it pays no invoice."""
    made = of_invoice(account, intent.invoice) if intent.invoice else []
    return next((each for each in made if each.payment_intent == intent.id), None)


@observed("the fields; `amount_paid` is null until it is paid")
def render(_account: Account, payment: InvoicePayment) -> Tree:
    """Return a payment as Stripe shows it."""
    return {
        "id": payment.id,
        "object": NOUN,
        "amount_paid": payment.amount_paid,
        "amount_requested": payment.amount_requested,
        "created": payment.created,
        "currency": payment.currency,
        "invoice": payment.invoice,
        "is_default": payment.is_default,
        "livemode": False,
        "payment": {"payment_intent": payment.payment_intent, "type": "payment_intent"},
        "status": payment.status,
        "status_transitions": {"canceled_at": payment.canceled_at, "paid_at": payment.paid_at},
    }
