"""Invoices: https://docs.stripe.com/api/invoices."""

from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.invoicing import collecting
from fakestripe_meters.domain.invoicing import drafts
from fakestripe_meters.domain.invoicing import due_dates
from fakestripe_meters.domain.invoicing.drafts import render
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import invoice_items
from fakestripe_meters.domain.records import subscriptions
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.invoice_items import InvoiceItems
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.invoices import Invoices
from fakestripe_meters.domain.records.invoices import find
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.domain.subscribing import previews
from fakestripe_meters.framework.amounts import check_currency
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.expanding import Expansion
from fakestripe_meters.framework.listing import Range
from fakestripe_meters.framework.listing import check_filter
from fakestripe_meters.framework.listing import page
from fakestripe_meters.framework.listing import within
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.framework.metadata import metadata
from fakestripe_meters.framework.times import MOST_DAYS_AHEAD
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import any_integer
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree

PATH = "/v1/invoices"
SETTABLE = ("auto_advance", "collection_method", "days_until_due", "default_payment_method", "description", "footer")
CollectionMethod = Literal["charge_automatically", "send_invoice"]


class InvoiceTerms(Operation):
    """The parameters of a new invoice and of an update."""

    auto_advance: bool | Unset = param(default=UNSET, doc="Whether it is finalized and collected automatically.")
    collection_method: CollectionMethod | Unset = param(default=UNSET)
    days_until_due: int | Unset = param(default=UNSET, least=0, most=MOST_DAYS_AHEAD)
    default_payment_method: str | Unset | None = param(default=UNSET, clearable=True)
    description: str | Unset | None = param(default=UNSET, clearable=True, max_length=1_500)
    due_date: int | Unset = param(default=UNSET, least=0, most=LAST_SECOND)
    footer: str | Unset | None = param(default=UNSET, clearable=True)
    metadata: Metadata = metadata()


class CreateInvoice(InvoiceTerms):
    """A new draft."""

    currency: str | None = param(default=None, check=check_currency)
    customer: str | None = param(default=None)
    pending_invoice_items_behavior: Literal["exclude", "include"] = param(default="exclude")
    subscription: str | None = param(default=None, doc="The subscription whose waiting items it takes.")


class UpdateInvoice(InvoiceTerms):
    """A change to a draft; metadata can be changed at any time."""


class FinalizeInvoice(Operation):
    """How to finalize."""

    auto_advance: bool | Unset = param(default=UNSET)


class PayInvoice(Operation):
    """How to pay."""

    forgive: bool = param(default=False, doc="Accepted without effect.")
    off_session: bool | None = param(default=None, doc="Accepted without effect.")
    paid_out_of_band: bool = param(default=False)
    payment_method: str | None = param(default=None)


class ListInvoices(ListParams):
    """Which invoices to list."""

    collection_method: CollectionMethod | None = param(default=None)
    created: int | Range | None = any_integer(default=None)
    customer: str | None = param(default=None)
    due_date: int | Range | None = any_integer(default=None)
    status: Literal["draft", "open", "paid", "uncollectible", "void"] | None = param(default=None)
    subscription: str | None = param(default=None)


resource = Resource(
    "invoice",
    PATH,
    render=render,
    expands={
        "customer": Expansion("customer", customers.show),
        "parent.subscription_details.subscription": Expansion("subscription", subscriptions.show),
        "test_clock": test_clocks.IN_FULL,
    },
    time=test_clocks.time_in(lambda account: account.part(Invoices).table),
)


@resource.post()
def create(account: Account, params: CreateInvoice) -> Invoice:
    """Create a draft. It stays a draft until you finalize it, unless `auto_advance` is true."""
    if params.customer is None:
        raise errors.params.missing_param("customer")
    customer = customers.find(account, params.customer, param="customer", status=400)
    subscription = params.subscription
    if subscription is not None:
        owner = subscriptions.find(account, subscription, param="subscription", status=400).customer
        if owner != customer.id:
            raise errors.objects.of_another("subscription", "subscription", "customer")
    with test_clocks.time_of(account, customer.test_clock):
        invoice = Invoice(
            id="",
            created=account.now,
            customer=customer.id,
            currency=(params.currency or customer.currency or "usd").lower(),
            billing_reason="manual",
            period_start=account.now,
            period_end=account.now,
            subscription=subscription,
            auto_advance=False,
            test_clock=customer.test_clock,
        )
        due_dates.check(account, invoice, params)
        _apply(invoice, params)
        if invoice.auto_advance:
            invoice.automatically_finalizes_at = account.now + drafts.GRACE_S
        takes = params.pending_invoice_items_behavior == "include" or subscription is not None
        drafts.add(account, invoice, _waiting(account, invoice) if takes else ())
        drafts.announce(account, invoice)
    return invoice


@resource.post("/create_preview")
def create_preview(account: Account, params: previews.CreatePreview) -> Tree:
    """Preview the next invoice of a subscription with the usage so far, or the first invoice of a new one."""
    return previews.preview(account, params)


@resource.get("/<invoice_id>")
def retrieve(account: Account, params: Operation, invoice_id: str) -> Invoice:
    """Return an invoice; a draft includes the usage so far."""
    return find(account, invoice_id)


@resource.post("/<invoice_id>")
def update(account: Account, params: UpdateInvoice, invoice_id: str) -> Invoice:
    """Change the given fields; an empty string clears a field."""
    invoice = find(account, invoice_id)
    if invoice.status != "draft" and any(getattr(params, name) is not UNSET for name in (*SETTABLE, "due_date")):
        raise errors.billing.invoice_not("draft", "changed but for their metadata")
    if invoice.status == "draft":
        due_dates.check(account, invoice, params)
    before = render(account, invoice)
    _apply(invoice, params)
    if invoice.status == "draft":
        _set_course(account, invoice)
    publish_update(account, "invoice.updated", before, render(account, invoice))
    return invoice


@resource.get()
def list_(account: Account, params: ListInvoices) -> Listing:
    """List invoices, newest first."""
    check_filter(account.part(Customers).table, params.customer, "customer", "customer")
    check_filter(account.part(Subscriptions).table, params.subscription, "subscription", "subscription")

    def wanted(invoice: Invoice) -> bool:
        return (
            params.customer in (None, invoice.customer)
            and params.subscription in (None, invoice.subscription)
            and params.status in (None, invoice.status)
            and params.collection_method in (None, invoice.collection_method)
            and within(params.created, invoice.created)
            and _is_due(invoice, params.due_date)
        )

    return page(account.part(Invoices).table, params, url=PATH, noun="invoice", where=wanted)


@resource.delete("/<invoice_id>")
@inferred("a deleted draft's items wait for another invoice")
def delete(account: Account, params: Operation, invoice_id: str) -> Tree:
    """Delete a draft that was created by hand; its items wait for another invoice."""
    invoice = find(account, invoice_id)
    if invoice.status != "draft":
        raise errors.billing.invoice_not("draft", "deleted")
    if invoice.billing_reason != "manual":
        raise errors.billing.draft_of_subscription()
    publish(account, "invoice.deleted", render(account, invoice))
    invoice_items.release(account, invoice.items)
    account.part(Invoices).table.remove(invoice.id)
    return {"id": invoice.id, "object": "invoice", "deleted": True}


@resource.post("/<invoice_id>/finalize")
def finalize_invoice(account: Account, params: FinalizeInvoice, invoice_id: str) -> Invoice:
    """Finalize a draft now, and collect it if it advances automatically."""
    invoice = find(account, invoice_id)
    if invoice.status != "draft":
        raise errors.billing.already_finalized()
    if params.auto_advance is not UNSET:
        invoice.auto_advance = params.auto_advance
    collecting.advance(account, invoice)
    return invoice


@resource.post("/<invoice_id>/pay")
def pay(account: Account, params: PayInvoice, invoice_id: str) -> Invoice:
    """Pay an invoice; a draft is finalized first."""
    # observed: a draft is finalized first (pay-rails/pay).
    invoice = find(account, invoice_id)
    collecting.pay(account, invoice, payment_method=params.payment_method, out_of_band=params.paid_out_of_band)
    return invoice


@resource.post("/<invoice_id>/send")
def send_invoice(account: Account, params: Operation, invoice_id: str) -> Invoice:
    """Send an invoice; a draft is finalized first. No email is sent."""
    invoice = find(account, invoice_id)
    if invoice.status == "draft":
        collecting.finalize(account, invoice)
    publish(account, "invoice.sent", render(account, invoice))
    return invoice


@resource.post("/<invoice_id>/void")
def void_invoice(account: Account, params: Operation, invoice_id: str) -> Invoice:
    """Void an open or uncollectible invoice. Its usage is not billed again."""
    invoice = find(account, invoice_id)
    if invoice.status not in ("open", "uncollectible"):
        raise errors.billing.invoice_not("open or uncollectible", "voided")
    collecting.void(account, invoice)
    return invoice


@resource.post("/<invoice_id>/mark_uncollectible")
def mark_uncollectible(account: Account, params: Operation, invoice_id: str) -> Invoice:
    """Mark an open invoice as uncollectible."""
    invoice = find(account, invoice_id)
    if invoice.status != "open":
        raise errors.billing.invoice_not("open", "marked uncollectible")
    collecting.mark_uncollectible(account, invoice)
    return invoice


@resource.due(Work.FINALIZE_INVOICE)
def finalize_due(account: Account, subject: str) -> None:
    """Finalize a draft whose waiting time is over, unless it was finalized or held back meanwhile."""
    invoice = account.part(Invoices).table.get(subject)
    if invoice is None or invoice.status != "draft" or not invoice.auto_advance:
        return
    if invoice.automatically_finalizes_at is not None and invoice.automatically_finalizes_at <= account.now:
        collecting.advance(account, invoice)


def _is_due(invoice: Invoice, bounds: int | Range | None) -> bool:
    return bounds is None or (invoice.due_date is not None and within(bounds, invoice.due_date))


def _waiting(account: Account, invoice: Invoice) -> list[InvoiceItem]:
    items = account.part(InvoiceItems).waiting(invoice.customer, invoice.currency)
    return [item for item in items if invoice.subscription in (None, item.subscription)]


def _apply(invoice: Invoice, params: InvoiceTerms) -> None:
    invoice.metadata = merged(invoice.metadata, params.metadata)  # first: if it raises, nothing has changed
    for name, value in params.given(SETTABLE):
        setattr(invoice, name, value)
    if params.due_date is not UNSET:
        invoice.due_date = params.due_date


def _set_course(account: Account, invoice: Invoice) -> None:
    """Schedule a draft's finalization in an hour if it advances automatically again; unset it if it does not."""
    if not invoice.auto_advance:
        invoice.automatically_finalizes_at = None
    elif invoice.automatically_finalizes_at is None:
        invoice.automatically_finalizes_at = due = account.now + drafts.GRACE_S
        test_clocks.schedule(account, invoice.test_clock, due, Work.FINALIZE_INVOICE, invoice.id)
