"""Invoice payments: https://docs.stripe.com/api/invoice-payment."""

from typing import Literal

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.records import invoice_payments
from fakestripe_meters.domain.records.invoice_payments import InvoicePayment
from fakestripe_meters.domain.records.invoice_payments import InvoicePayments
from fakestripe_meters.domain.records.invoices import Invoices
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import Range
from fakestripe_meters.framework.listing import check_filter
from fakestripe_meters.framework.listing import page
from fakestripe_meters.framework.listing import within
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import any_integer
from fakestripe_meters.wire.schema import param

PATH = "/v1/invoice_payments"


class PaymentFilter(Params):
    """What the payments are made with."""

    payment_intent: str | None = param(default=None)
    payment_record: str | None = param(default=None)
    type: Literal["payment_intent", "payment_record"] = param()

    def holds(self, payment: InvoicePayment) -> bool:
        """Return whether a payment is made with that. None is made with a payment record."""
        return self.type == "payment_intent" and self.payment_intent in (None, payment.payment_intent)


class ListPayments(ListParams):
    """Which payments to list."""

    created: int | Range | None = any_integer(default=None)
    invoice: str | None = param(default=None)
    payment: PaymentFilter | None = param(default=None)
    status: Literal["canceled", "open", "paid"] | None = param(default=None)


resource = Resource(
    "invoice_payment",
    PATH,
    render=invoice_payments.render,
    by_id=lambda account, payment_id: account.part(InvoicePayments).table.get(payment_id),
)


@resource.get()
@observed("a payment intent that pays no invoice has an empty list (pay-rails/pay)")
@inferred("an unknown invoice is refused, as in other lists")
def list_(account: Account, params: ListPayments) -> Listing:
    """List the payments of invoices, newest first."""
    check_filter(account.part(Invoices).table, params.invoice, "invoice", "invoice")

    def wanted(payment: InvoicePayment) -> bool:
        return (
            params.invoice in (None, payment.invoice)
            and params.status in (None, payment.status)
            and (params.payment is None or params.payment.holds(payment))
            and within(params.created, payment.created)
        )

    return page(account.part(InvoicePayments).table, params, url=PATH, noun=invoice_payments.NOUN, where=wanted)


@resource.get("/<invoice_payment_id>")
def retrieve(account: Account, params: Operation, invoice_payment_id: str) -> InvoicePayment:
    """Return a payment of an invoice."""
    return invoice_payments.find(account, invoice_payment_id)
