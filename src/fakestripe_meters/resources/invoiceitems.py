"""Invoice items: https://docs.stripe.com/api/invoiceitems."""

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.invoicing import discounting
from fakestripe_meters.domain.invoicing import item_discounts
from fakestripe_meters.domain.invoicing.invoice_item_terms import InvoiceItemTerms
from fakestripe_meters.domain.invoicing.invoice_item_terms import apply
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import invoice_items
from fakestripe_meters.domain.records import invoices
from fakestripe_meters.domain.records import subscriptions
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.invoice_items import InvoiceItems
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.invoices import Invoices
from fakestripe_meters.framework.amounts import check_currency
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import Range
from fakestripe_meters.framework.listing import check_filter
from fakestripe_meters.framework.listing import page
from fakestripe_meters.framework.listing import within
from fakestripe_meters.wire.schema import any_integer
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree

PATH = "/v1/invoiceitems"


class CreateInvoiceItem(InvoiceItemTerms):
    """A new invoice item: by default for the customer's next invoice, with `invoice` for that draft."""

    currency: str | None = param(default=None, check=check_currency)
    customer: str | None = param(default=None)
    invoice: str | None = param(default=None)
    subscription: str | None = param(default=None)


class UpdateInvoiceItem(InvoiceItemTerms):
    """A change to an invoice item; not possible once its invoice is finalized."""


class ListInvoiceItems(ListParams):
    """Which invoice items to list."""

    created: int | Range | None = any_integer(default=None)
    customer: str | None = param(default=None)
    invoice: str | None = param(default=None)
    pending: bool | None = param(default=None)


resource = Resource(
    "invoiceitem",
    PATH,
    render=invoice_items.render,
    by_id=lambda account, item_id: account.part(InvoiceItems).table.get(item_id),
    time=test_clocks.time_in(lambda account: account.part(InvoiceItems).table),
)


@resource.post()
def create(account: Account, params: CreateInvoiceItem) -> InvoiceItem:
    """Add an item to a draft, or to the customer's next invoice."""
    draft = _draft(account, params.invoice)
    customer = _customer(account, params, draft)
    with test_clocks.changing(account, customer.test_clock):
        item = InvoiceItem(
            id="",
            date=account.now,
            customer=customer.id,
            currency=_currency(params, draft, customer),
            amount=0,
            start=account.now,
            end=account.now,
            invoice=params.invoice,
            late=params.invoice is not None,
            subscription=_subscription_of(account, params.subscription, customer),
            test_clock=customer.test_clock,
        )
        apply(account, item, params)
        _check_currency(params, draft, item)
        item.id = account.ids.new("ii_", 24)
        item_discounts.apply(account, item, params.discounts)
        customers.settle_currency(customer, item.currency)
        invoice_items.add(account, item)
        if draft is not None:
            draft.items = (*draft.items, item.id)
    return item


@resource.get("/<item_id>")
def retrieve(account: Account, params: Operation, item_id: str) -> InvoiceItem:
    """Return an invoice item."""
    return invoice_items.find(account, item_id)


@resource.post("/<item_id>")
def update(account: Account, params: UpdateInvoiceItem, item_id: str) -> InvoiceItem:
    """Change the given fields, unless the invoice of the item is finalized or deleted."""
    item = invoice_items.find(account, item_id)
    if not _is_open(account, item):
        raise errors.invoices.item_deleted()
    apply(account, item, params)
    item_discounts.apply(account, item, params.discounts)
    return item


@resource.get()
def list_(account: Account, params: ListInvoiceItems) -> Listing:
    """List invoice items, newest first."""
    check_filter(account.part(Customers).table, params.customer, "customer", "customer")
    check_filter(account.part(Invoices).table, params.invoice, "invoice", "invoice")

    def wanted(item: InvoiceItem) -> bool:
        return (
            params.customer in (None, item.customer)
            and params.invoice in (None, item.invoice)
            and params.pending in (None, item.invoice is None)
            and within(params.created, item.date)
        )

    return page(account.part(InvoiceItems).table, params, url=PATH, noun="invoiceitem", where=wanted)


@resource.delete("/<item_id>")
def delete(account: Account, params: Operation, item_id: str) -> Tree:
    """Delete an invoice item that is on no invoice, or on a draft."""
    item = invoice_items.find(account, item_id)
    if not _is_open(account, item):
        raise errors.invoices.item_attached()
    invoice_items.remove(account, item)
    discounting.drop_of_item(account, item)
    draft = account.part(Invoices).table.get(item.invoice or "")
    if draft is not None:
        draft.items = tuple(each for each in draft.items if each != item.id)
    return {"id": item.id, "object": "invoiceitem", "deleted": True}


def _draft(account: Account, invoice_id: str | None) -> Invoice | None:
    if invoice_id is None:
        return None
    invoice = invoices.find(account, invoice_id, param="invoice", status=400)
    if invoice.status != "draft":
        raise errors.invoices.not_editable()
    return invoice


def _is_open(account: Account, item: InvoiceItem) -> bool:
    """Return whether an item waits for an invoice, or is on a draft that was not deleted."""
    invoice = account.part(Invoices).table.get(item.invoice or "")
    return item.invoice is None or (invoice is not None and invoice.status == "draft")


def _customer(account: Account, params: CreateInvoiceItem, draft: Invoice | None) -> Customer:
    if params.customer is None:
        if draft is None:
            raise errors.params.missing_param("customer")
        return customers.find(account, draft.customer, param="invoice", status=400)
    customer = customers.find(account, params.customer, param="customer", status=400)
    if draft is not None and draft.customer != customer.id:
        raise errors.objects.of_another("invoice", "invoice", "customer")
    return customer


def _currency(params: CreateInvoiceItem, draft: Invoice | None, customer: Customer) -> str:
    """Return the currency of an amount without a price."""
    known = draft.currency if draft else customers.currency_of(customer)
    return params.currency.lower() if params.currency else known


def _check_currency(params: CreateInvoiceItem, draft: Invoice | None, item: InvoiceItem) -> None:
    wanted = draft.currency if draft else item.currency
    if params.currency is not None and params.currency.lower() != wanted:
        if draft is None:  # so the currency is that of a price
            raise errors.prices.only_supports("currency", wanted, params.currency.lower())
        raise errors.invoices.other_currency("currency", wanted)


def _subscription_of(account: Account, subscription_id: str | None, customer: Customer) -> str | None:
    if subscription_id is None:
        return None
    subscription = subscriptions.find(account, subscription_id, param="subscription", status=400)
    if subscription.customer != customer.id:
        raise errors.objects.of_another("subscription", "subscription", "customer")
    return subscription.id
