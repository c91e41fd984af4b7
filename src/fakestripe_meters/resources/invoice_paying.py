"""Paying invoices: https://docs.stripe.com/api/invoices/pay, https://docs.stripe.com/api/invoices/attach_payment."""

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Entry
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.invoicing import collecting
from fakestripe_meters.domain.invoicing import retrying
from fakestripe_meters.domain.invoicing.drafts import render
from fakestripe_meters.domain.records import payment_intents
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.invoices import Invoices
from fakestripe_meters.domain.records.invoices import find
from fakestripe_meters.domain.records.payment_intents import PaymentIntents
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.wire.schema import param

PATH = "/v1/invoices"


class PayInvoice(Operation):
    """How to pay."""

    forgive: bool = param(default=False, unserved=(True,))
    off_session: bool = param(default=True, doc="Whether the customer is absent.")
    paid_out_of_band: bool = param(default=False)
    payment_method: str | None = param(default=None)


class AttachPayment(Operation):
    """What to attach."""

    payment_intent: str | None = param(default=None)


resource = Resource(
    "invoice",
    PATH,
    render=render,
    time=test_clocks.time_in(lambda account: account.part(Invoices).table),
)


@resource.post("/<invoice_id>/pay")
@observed("a draft is finalized first (pay-rails/pay, Kiln-AI/stripe_world)")
def pay(account: Account, params: PayInvoice, invoice_id: str) -> Invoice:
    """Pay an invoice; a draft is finalized first."""
    invoice = find(account, invoice_id)
    collecting.pay(
        account,
        invoice,
        payment_method=params.payment_method,
        out_of_band=params.paid_out_of_band,
        off_session=params.off_session,
    )
    return invoice


@resource.post("/<invoice_id>/attach_payment")
@documented("since 2025-05-28.basil; an intent that has succeeded pays at once, another one when it succeeds")
@inferred("the errors, and their order")
def attach_payment(account: Account, params: AttachPayment, invoice_id: str) -> Invoice:
    """Let a payment intent pay an open invoice, or a part of it."""
    invoice = find(account, invoice_id, param="invoice")
    if params.payment_intent is None:
        raise errors.params.missing_param("payment_intent")
    intent = payment_intents.find(account, params.payment_intent, param="payment_intent")
    collecting.attach(account, invoice, intent)
    return invoice


def _retries_after(account: Account, entry: Entry, _until_ns: int) -> int:
    invoice = account.part(Invoices).table.get(entry.subject)
    return 0 if invoice is None else retrying.left(account, invoice)


@resource.due(Work.RETRY_PAYMENT, repeats=_retries_after)
def retry_due(account: Account, subject: str) -> None:
    """Try to pay an invoice again, unless it was paid or given up meanwhile."""
    invoice = account.part(Invoices).table.get(subject)
    if invoice is not None:
        collecting.retry(account, invoice)


@resource.due(Work.FOLLOW_PAYMENT)
def follow_payment(account: Account, subject: str) -> None:
    """Record what has become of the payment of an invoice, given the id of its payment intent."""
    intent = account.part(PaymentIntents).table.get(subject)
    if intent is not None:
        collecting.follow(account, intent)
