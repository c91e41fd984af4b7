"""`invoice_items` of a preview: items that the invoice would have as well, and changes to those that wait for it."""

from collections.abc import Sequence
from decimal import Decimal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.invoicing import invoice_item_terms
from fakestripe_meters.domain.invoicing import item_discounts
from fakestripe_meters.domain.invoicing import one_time_prices
from fakestripe_meters.domain.invoicing.invoice_item_terms import InvoiceItemTerms
from fakestripe_meters.domain.invoicing.invoice_item_terms import Pricing
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.subscribing.previewing.preview_terms import PreviewedInvoiceItem
from fakestripe_meters.wire.schema import UNSET

PATH = "invoice_items"
WAYS = ("amount", "price", "price_data", "unit_amount", "unit_amount_decimal")
"""The parameters by which an item can get its amount."""
EXCLUSIVE = (WAYS, ("quantity", "quantity_decimal"))
SAME = ("description", "discountable", "metadata", "period", "price_data", "quantity", "quantity_decimal", "tax_rates")
SPELLED = {"pricing[price]": "price"}
"""What the parameters of a preview call what has another name in those of an invoice item."""


@documented("an item that is named is changed, any other is added: https://docs.stripe.com/api/invoices/create_preview")
@inferred("an item that is not on the previewed invoice is not found")
def add(
    account: Account, invoice: Invoice, waiting: Sequence[InvoiceItem], given: Sequence[PreviewedInvoiceItem]
) -> list[InvoiceItem]:
    """Return the items of a previewed invoice: those that wait, changed in place, and the new ones.

    Raise StripeError 400 if something is wrong with what is given.
    """
    items = list(waiting)
    for index, terms in enumerate(given):
        path = f"{PATH}[{index}]"
        _check_exclusive(terms, path)
        if terms.invoiceitem is None:
            items.append(_added(account, invoice, terms, path))
        else:
            item = _named(items, terms.invoiceitem, path)
            _change(account, item, terms, path)
            item_discounts.apply(account, item, terms.discounts, f"{path}[discounts]")
    return items


def currency_of(account: Account, given: Sequence[PreviewedInvoiceItem]) -> str | None:
    """Return the currency of the first item that has one; None if none has."""
    for index, terms in enumerate(given):
        if terms.price is not None:
            return one_time_prices.named(account, terms.price, f"{PATH}[{index}][price]").currency
        stated = terms.price_data.currency if terms.price_data else terms.currency
        if stated is not None:
            return stated.lower()
    return None


def _added(account: Account, invoice: Invoice, terms: PreviewedInvoiceItem, path: str) -> InvoiceItem:
    if all(getattr(terms, name) is None for name in WAYS):
        raise errors.params.need_one_of([f"{path}[{name}]" for name in WAYS])
    item = InvoiceItem(
        id="",
        date=account.now,
        customer=invoice.customer,
        currency=(terms.currency or invoice.currency).lower(),
        amount=0,
        start=account.now,
        end=account.now,
        subscription=invoice.subscription,
        test_clock=invoice.test_clock,
    )
    _change(account, item, terms, path)
    if item.currency != invoice.currency:
        named = next(
            (name for name in ("price", "price_data", "currency") if getattr(terms, name) is not None), "price"
        )
        where = f"{path}[price_data][currency]" if named == "price_data" else f"{path}[{named}]"
        raise errors.prices.only_supports(where, item.currency, invoice.currency, whose="the invoice's")
    item.id = account.ids.new("ii_", 24)
    item_discounts.apply(account, item, terms.discounts, f"{path}[discounts]")
    return item


def _named(items: Sequence[InvoiceItem], item_id: str, path: str) -> InvoiceItem:
    for item in items:
        if item.id == item_id:
            return item
    raise errors.objects.no_such("invoiceitem", item_id, param=f"{path}[invoiceitem]", status=400)


def _change(account: Account, item: InvoiceItem, terms: PreviewedInvoiceItem, path: str) -> None:
    """Store the parameters on an item, or raise StripeError 400 with the path in the preview."""
    try:
        invoice_item_terms.apply(account, item, _as_of_an_item(terms))
    except StripeError as error:
        name = SPELLED.get(error.param or "", error.param or "")
        if name == "unit_amount_decimal" and terms.unit_amount is not None:
            name = "unit_amount"
        first, bracket, rest = name.partition("[")
        error.param = f"{path}[{first}]{bracket}{rest}"
        raise


def _as_of_an_item(terms: PreviewedInvoiceItem) -> InvoiceItemTerms:
    """Return the parameters that an invoice item would be created with."""
    exact = terms.unit_amount_decimal if terms.unit_amount is None else Decimal(terms.unit_amount)
    return InvoiceItemTerms(
        amount=UNSET if terms.amount is None else terms.amount,
        pricing=None if terms.price is None else Pricing(price=terms.price),
        unit_amount_decimal=exact,
        **{name: getattr(terms, name) for name in SAME},
    )


def _check_exclusive(terms: PreviewedInvoiceItem, path: str) -> None:
    for names in EXCLUSIVE:
        given = [f"{path}[{name}]" for name in names if getattr(terms, name) is not None]
        if len(given) > 1:
            raise errors.params.exclusive_params(given)
