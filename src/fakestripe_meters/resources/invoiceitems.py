"""Invoice items: https://docs.stripe.com/api/invoiceitems."""

from decimal import Decimal

from fakestripe_meters.core import errors
from fakestripe_meters.core import pricing
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.exact import ONE
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import invoice_items
from fakestripe_meters.domain.records import invoices
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import products
from fakestripe_meters.domain.records import subscriptions
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.invoice_items import InvoiceItems
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.invoices import Invoices
from fakestripe_meters.domain.subscribing.price_terms import check_currency
from fakestripe_meters.domain.subscribing.price_terms import check_decimals
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
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree

PATH = "/v1/invoiceitems"


def check_signed_decimals(value: Decimal, path: str) -> None:
    """Raise StripeError 400 if an amount, which may be negative, has more than twelve decimals."""
    check_decimals(abs(value), path)


class ItemPeriod(Params):
    """A stretch of time, in Unix seconds."""

    end: int = param(least=0)
    start: int = param(least=0)


class Pricing(Params):
    """A one-time price."""

    price: str = param()


class InvoiceItemTerms(Operation):
    """The parameters of a new invoice item and of an update."""

    amount: int | Unset = param(default=UNSET, doc="Negative amounts are credits.")
    description: str | Unset | None = param(default=UNSET, clearable=True)
    discountable: bool | Unset = param(default=UNSET)
    metadata: Metadata = metadata()
    period: ItemPeriod | None = param(default=None)
    pricing: Pricing | None = param(default=None)
    quantity: int | None = param(default=None, least=0)
    quantity_decimal: Decimal | None = param(default=None, check=check_decimals)
    unit_amount_decimal: Decimal | None = param(default=None, check=check_signed_decimals)


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

    created: int | Range | None = param(default=None)
    customer: str | None = param(default=None)
    invoice: str | None = param(default=None)
    pending: bool | None = param(default=None)


resource = Resource(
    "invoiceitem",
    PATH,
    render=invoice_items.render,
    expands={
        "customer": Expansion("customer", customers.show),
        "test_clock": test_clocks.IN_FULL,
    },
    time=test_clocks.time_in(lambda account: account.part(InvoiceItems).table),
)


@resource.post()
def create(account: Account, params: CreateInvoiceItem) -> InvoiceItem:
    """Add an item to a draft, or to the customer's next invoice."""
    draft = _draft(account, params.invoice)
    customer = _customer(account, params, draft)
    with test_clocks.time_of(account, customer.test_clock):
        item = InvoiceItem(
            id="",
            date=account.now,
            customer=customer.id,
            currency=_currency(params, draft, customer),
            amount=0,
            start=account.now,
            end=account.now,
            invoice=params.invoice,
            subscription=_subscription_of(account, params.subscription, customer),
            test_clock=customer.test_clock,
        )
        _apply(account, item, params)
        _check_currency(params, draft, item)
        item.id = account.ids.new("ii_", 24)
        invoice_items.add(account, item)
        if draft is not None:
            draft.items.append(item.id)
    return item


@resource.get("/<item_id>")
def retrieve(account: Account, params: Operation, item_id: str) -> InvoiceItem:
    """Return an invoice item."""
    return invoice_items.find(account, item_id)


@resource.post("/<item_id>")
def update(account: Account, params: UpdateInvoiceItem, item_id: str) -> InvoiceItem:
    """Change the given fields, unless the invoice of the item is finalized."""
    item = invoice_items.find(account, item_id)
    _check_open(account, item)
    _apply(account, item, params)
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
    draft = _check_open(account, item)
    invoice_items.remove(account, item)
    if draft is not None:
        draft.items.remove(item.id)
    return {"id": item.id, "object": "invoiceitem", "deleted": True}


def _draft(account: Account, invoice_id: str | None) -> Invoice | None:
    if invoice_id is None:
        return None
    invoice = invoices.find(account, invoice_id, param="invoice", status=400)
    if invoice.status != "draft":
        raise errors.billing.item_invoiced()
    return invoice


def _check_open(account: Account, item: InvoiceItem) -> Invoice | None:
    return _draft(account, item.invoice)


def _customer(account: Account, params: CreateInvoiceItem, draft: Invoice | None) -> Customer:
    if params.customer is None:
        if draft is None:
            raise errors.params.missing_param("customer")
        return customers.find(account, draft.customer, param="invoice", status=400)
    customer = customers.find(account, params.customer, param="customer", status=400)
    if draft is not None and draft.customer != customer.id:
        raise errors.objects.of_another("invoice", "invoice", "customer")
    return customer


@inferred("US dollars if nothing else is known")
def _currency(params: CreateInvoiceItem, draft: Invoice | None, customer: Customer) -> str:
    """Return the currency of an amount without a price."""
    known = draft.currency if draft else customer.currency
    return params.currency.lower() if params.currency else known or "usd"


def _check_currency(params: CreateInvoiceItem, draft: Invoice | None, item: InvoiceItem) -> None:
    wanted = draft.currency if draft else item.currency
    if params.currency is not None and params.currency.lower() != wanted:
        raise errors.billing.other_currency("currency", wanted)


def _subscription_of(account: Account, subscription_id: str | None, customer: Customer) -> str | None:
    if subscription_id is None:
        return None
    subscription = subscriptions.find(account, subscription_id, param="subscription", status=400)
    if subscription.customer != customer.id:
        raise errors.objects.of_another("subscription", "subscription", "customer")
    return subscription.id


def _apply(account: Account, item: InvoiceItem, params: InvoiceItemTerms) -> None:
    changed = merged(item.metadata, params.metadata)  # first what may raise, so that nothing is half done
    _reprice(account, item, params)
    item.metadata = changed
    if params.description is not UNSET:
        item.description = params.description
    if params.discountable is not UNSET:
        item.discountable = params.discountable
    if params.period is not None:
        item.start, item.end = params.period.start, params.period.end


def _reprice(account: Account, item: InvoiceItem, params: InvoiceItemTerms) -> None:
    if params.quantity is not None and params.quantity_decimal is not None:
        raise errors.params.exclusive_params(("quantity", "quantity_decimal"))
    quantity = params.quantity_decimal if params.quantity is None else Decimal(params.quantity)
    ways = [name for name in ("amount", "pricing", "unit_amount_decimal") if getattr(params, name) not in (None, UNSET)]
    if len(ways) > 1:
        raise errors.params.exclusive_params(ways)
    if not ways and not item.id:
        raise errors.params.need_one_of(("amount", "pricing", "unit_amount_decimal"))
    if params.pricing is not None:
        _take_price(account, item, params.pricing.price)
    elif params.unit_amount_decimal is not None:
        item.unit_amount, item.price, item.product = params.unit_amount_decimal, None, None
    item.quantity = item.quantity if quantity is None else quantity
    if params.amount is not UNSET:
        item.amount, item.unit_amount, item.quantity = params.amount, Decimal(params.amount), quantity or ONE
    elif ways or quantity is not None:
        item.amount = _amount(account, item)


def _take_price(account: Account, item: InvoiceItem, price_id: str) -> None:
    path = "pricing[price]"
    price = prices.find(account, price_id, param=path, status=400)
    if price.recurring is not None:
        raise errors.billing.price_of_wrong_type(path, "recurring", "one_time")
    if not price.active:
        raise errors.objects.inactive(path, "price")
    if item.invoice is not None and price.currency != item.currency:
        raise errors.billing.other_currency(path, item.currency)
    item.price, item.product, item.currency = price.id, price.product, price.currency
    item.unit_amount = price.amounts.unit_amount
    item.description = products.kept(account, price.product).name


def _amount(account: Account, item: InvoiceItem) -> int:
    if item.price is not None:
        price = prices.find(account, item.price)
        return sum(line.rounded for line in pricing.bill(price.tariff, item.quantity))
    unit_amount = item.unit_amount or Decimal(0)
    (line,) = pricing.bill(pricing.PerUnit(unit_amount=abs(unit_amount)), item.quantity)
    return line.rounded if unit_amount >= 0 else -line.rounded
