"""Invoices: https://docs.stripe.com/api/invoices."""

from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events.snapshots import Events
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.invoicing import allowed
from fakestripe_meters.domain.invoicing import collecting
from fakestripe_meters.domain.invoicing import discounting
from fakestripe_meters.domain.invoicing import drafts
from fakestripe_meters.domain.invoicing import due_dates
from fakestripe_meters.domain.invoicing import finalization
from fakestripe_meters.domain.invoicing import invoice_discounts
from fakestripe_meters.domain.invoicing import invoice_terms
from fakestripe_meters.domain.invoicing import settling
from fakestripe_meters.domain.invoicing import standing
from fakestripe_meters.domain.invoicing import tax_terms
from fakestripe_meters.domain.invoicing.drafts import render
from fakestripe_meters.domain.invoicing.invoice_terms import CollectionMethod
from fakestripe_meters.domain.invoicing.invoice_terms import InvoiceTerms
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import left_out
from fakestripe_meters.domain.records import subscriptions
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.invoice_items import InvoiceItems
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.invoices import Invoices
from fakestripe_meters.domain.records.invoices import find
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.domain.subscribing.previewing import previews
from fakestripe_meters.domain.subscribing.previewing.preview_terms import CreatePreview
from fakestripe_meters.framework.amounts import check_currency
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import Range
from fakestripe_meters.framework.listing import check_filter
from fakestripe_meters.framework.listing import page
from fakestripe_meters.framework.listing import within
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import any_integer
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree

PATH = "/v1/invoices"
# inferred: the order in which a refusal names them, as Kiln-AI/stripe_world has it.
BEHAVIORS = ("include", "exclude")
# observed: the order in which a refusal names them (Kiln-AI/stripe_world).
STATUSES = ("draft", "open", "void", "paid", "uncollectible")


class CreateInvoice(InvoiceTerms):
    """A new draft."""

    currency: str | None = param(default=None, check=check_currency)
    customer: str | None = param(default=None)
    pending_invoice_items_behavior: Literal["exclude", "include"] = param(default="exclude", order=BEHAVIORS)
    subscription: str | None = param(default=None, doc="The subscription whose waiting items it takes.")


class UpdateInvoice(InvoiceTerms):
    """A change to a draft; metadata can be changed at any time."""


class FinalizeInvoice(Operation):
    """How to finalize."""

    auto_advance: bool | Unset = param(default=UNSET)


class ListInvoices(ListParams):
    """Which invoices to list."""

    collection_method: CollectionMethod | None = param(default=None)
    created: int | Range | None = any_integer(default=None)
    customer: str | None = param(default=None)
    due_date: int | Range | None = any_integer(default=None)
    status: Literal["draft", "open", "paid", "uncollectible", "void"] | None = param(default=None, order=STATUSES)
    subscription: str | None = param(default=None)


resource = Resource(
    "invoice",
    PATH,
    render=render,
    by_id=lambda account, invoice_id: account.part(Invoices).table.get(invoice_id),
    left_out=left_out.OF_INVOICES,
    time=test_clocks.time_in(lambda account: account.part(Invoices).table),
)


@resource.post()
def create(account: Account, params: CreateInvoice) -> Invoice:
    """Create a draft. It stays a draft until you finalize it, unless `auto_advance` is true."""
    if params.customer is None:
        raise errors.params.missing_param("customer")
    customer = customers.find(account, params.customer, param="customer", status=400)
    subscription = None
    if params.subscription is not None:
        subscription = subscriptions.find(account, params.subscription, param="subscription", status=400)
        if subscription.customer != customer.id:
            raise errors.objects.of_another("subscription", "subscription", "customer")
    with test_clocks.changing(account, customer.test_clock):
        invoice = Invoice(
            id="",
            created=account.now,
            customer=customer.id,
            currency=(params.currency or customers.currency_of(customer)).lower(),
            billing_reason="manual",
            period_start=account.now,
            period_end=account.now,
            subscription=params.subscription,
            auto_advance=False,
            test_clock=customer.test_clock,
        )
        drafts.take_over(account, invoice, subscription)
        _apply(account, invoice, params)
        takes = params.pending_invoice_items_behavior == "include" or subscription is not None
        drafts.add(account, invoice, _waiting(account, invoice) if takes else ())
        if subscription is not None:
            drafts.count(account, subscription)
        invoice_discounts.apply(account, invoice, params.discounts)
        drafts.announce(account, invoice)
    return invoice


@resource.post("/create_preview", dry=True)
def create_preview(account: Account, params: CreatePreview) -> Tree:
    """Preview the next invoice of a subscription with the usage so far, or the first invoice of a new one."""
    return previews.preview(account, params)


@resource.get("/<invoice_id>")
def retrieve(account: Account, params: Operation, invoice_id: str) -> Invoice:
    """Return an invoice; a draft includes the usage so far."""
    return find(account, invoice_id, param="invoice")


@resource.post("/<invoice_id>")
def update(account: Account, params: UpdateInvoice, invoice_id: str) -> Invoice:
    """Change the given fields; an empty string clears a field."""
    invoice = find(account, invoice_id)
    allowed.check_change(invoice, (name for name, _ in params.given(invoice_terms.ONLY_DRAFTS)))
    allowed.check_course(invoice, params.auto_advance)
    before = render(account, invoice)
    _apply(account, invoice, params)
    invoice_discounts.apply(account, invoice, params.discounts)
    if before["automatically_finalizes_at"] != invoice.automatically_finalizes_at:
        finalization.schedule(account, invoice)
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
@observed("a deleted draft's items are never billed (Kiln-AI/stripe_world)")
def delete(account: Account, params: Operation, invoice_id: str) -> Tree:
    """Delete a draft that was created by hand. Its items stay on it, so they are never billed."""
    invoice = find(account, invoice_id, param="invoice")
    allowed.check_deletion(invoice)
    publish(account, "invoice.deleted", render(account, invoice))
    discounting.drop(account, invoice)
    account.part(Invoices).table.remove(invoice.id)
    return {"id": invoice.id, "object": "invoice", "deleted": True}


@resource.post("/<invoice_id>/finalize")
def finalize_invoice(account: Account, params: FinalizeInvoice, invoice_id: str) -> Invoice:
    """Finalize a draft now, and collect it if it advances automatically."""
    invoice = find(account, invoice_id)
    allowed.check_finalization(invoice)
    if params.auto_advance is not UNSET:
        invoice.auto_advance = params.auto_advance
    collecting.advance(account, invoice)
    return invoice


@resource.post("/<invoice_id>/send")
def send_invoice(account: Account, params: Operation, invoice_id: str) -> Invoice:
    """Send an invoice; a draft is finalized first. No email is sent."""
    invoice = find(account, invoice_id, param="invoice")
    allowed.check_sending(invoice)
    if invoice.status == "draft":
        collecting.finalize(account, invoice)
    publish(account, "invoice.sent", render(account, invoice))
    return invoice


@resource.post("/<invoice_id>/void")
def void_invoice(account: Account, params: Operation, invoice_id: str) -> Invoice:
    """Void an open or uncollectible invoice. Its usage is not billed again."""
    invoice = find(account, invoice_id)
    allowed.check_voiding(invoice)
    settling.void(account, invoice)
    return invoice


@resource.post("/<invoice_id>/mark_uncollectible")
def mark_uncollectible(account: Account, params: Operation, invoice_id: str) -> Invoice:
    """Mark an open invoice as uncollectible."""
    invoice = find(account, invoice_id)
    allowed.check_marking(invoice)
    settling.mark_uncollectible(account, invoice)
    return invoice


@resource.due(Work.FINALIZE_INVOICE)
def finalize_due(account: Account, subject: str) -> None:
    """Finalize a draft whose waiting time is over, unless it was finalized or held back meanwhile."""
    invoice = account.part(Invoices).table.get(subject)
    if invoice is not None and finalization.is_due(account, invoice):
        collecting.advance(account, invoice)


@resource.due(Work.FINALIZE_AFTER_EVENT)
def finalize_after_event(account: Account, subject: str) -> None:
    """Finalize a draft whose `invoice.created` was received an hour ago, after it had failed before."""
    event = account.part(Events).table.get(subject)
    if event is not None and event.type == "invoice.created" and event.object.tree()["test_clock"] is None:
        finalize_due(account, event.object.id)


@resource.due(Work.FIND_OVERDUE)
def overdue(account: Account, subject: str) -> None:
    """Note that an invoice was not paid by its due date, unless it came to an end meanwhile."""
    invoice = account.part(Invoices).table.get(subject)
    if invoice is not None and due_dates.is_over(account, invoice):
        standing.follow(account, invoice, "overdue")


def _is_due(invoice: Invoice, bounds: int | Range | None) -> bool:
    return bounds is None or (invoice.due_date is not None and within(bounds, invoice.due_date))


def _waiting(account: Account, invoice: Invoice) -> list[InvoiceItem]:
    items = account.part(InvoiceItems).waiting(invoice.customer, invoice.currency)
    return [item for item in items if invoice.subscription in (None, item.subscription)]


def _apply(account: Account, invoice: Invoice, terms: InvoiceTerms) -> None:
    """Store the parameters on a draft, or the few that a finalized invoice takes; raise StripeError 400."""
    if invoice.status == "draft":
        due_dates.check(account, invoice, terms)
        finalization.check(account, invoice, terms)
    invoice_terms.apply(account, invoice, terms)
    tax_terms.apply_default(account, invoice, terms.default_tax_rates)
    if invoice.status == "draft":
        due_dates.settle(invoice, terms)
        finalization.plan(account, invoice, terms)
