"""The invoice of a payment in Checkout.

Documented in: https://docs.stripe.com/payments/checkout/receipts, https://docs.stripe.com/api/checkout/sessions/create.
"""

from decimal import Decimal

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.invoicing import drafts
from fakestripe_meters.domain.invoicing import invoice_discounts
from fakestripe_meters.domain.invoicing import invoice_terms
from fakestripe_meters.domain.invoicing import one_time_prices
from fakestripe_meters.domain.invoicing.invoice_terms import InvoiceTerms
from fakestripe_meters.domain.invoicing.redeeming import DiscountTerms
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import invoice_items
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import products
from fakestripe_meters.domain.records.checkout_lines import CheckoutLine
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.wire import schema


@inferred("it is one as if created by hand, and its lines are invoice items; it has the session's discount only")
def drafted(account: Account, session: CheckoutSession, customer: Customer | None) -> Invoice | None:
    """Draft the invoice of what is bought in a session; None if it makes none."""
    if customer is None or not session.invoice_creation.get("enabled"):
        return None
    currency = session.currency or ""
    customers.settle_currency(customer, currency)
    invoice = Invoice(
        id="",
        created=account.now,
        customer=customer.id,
        currency=currency,
        billing_reason="manual",
        period_start=account.now,
        period_end=account.now,
        auto_advance=False,
        test_clock=session.test_clock,
    )
    drafts.take_over(account, invoice, None)
    invoice_terms.apply(account, invoice, _terms(session))
    items = [_item(account, invoice, line) for line in session.lines]
    drafts.add(account, invoice, [invoice_items.add(account, item) for item in items])
    named = [DiscountTerms(coupon=each.coupon, promotion_code=each.promotion_code) for each in session.discounts]
    invoice_discounts.apply(account, invoice, tuple(named))
    drafts.announce(account, invoice)
    return invoice


def _terms(session: CheckoutSession) -> InvoiceTerms:
    data = dict(session.invoice_creation.get("invoice_data") or {})
    rendering = data.pop("rendering_options", None)
    said = {name: value for name, value in data.items() if value is not None}
    return schema.parse(InvoiceTerms, said | ({"rendering": rendering} if rendering else {}))


def _item(account: Account, invoice: Invoice, line: CheckoutLine) -> InvoiceItem:
    price, quantity = prices.kept(account, line.price), Decimal(line.quantity or 0)
    return InvoiceItem(
        id=account.ids.new("ii_", 24),
        date=account.now,
        customer=invoice.customer,
        currency=invoice.currency,
        amount=one_time_prices.amount(price, quantity),
        start=account.now,
        end=account.now,
        description=products.kept(account, price.product).name,
        price=price.id,
        product=price.product,
        unit_amount=price.amounts.unit_amount,
        quantity=quantity,
        tax_rates=line.tax_rates,
        test_clock=invoice.test_clock,
    )
