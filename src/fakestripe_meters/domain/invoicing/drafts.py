"""Drafts: how an invoice is created, and how its lines follow the usage until it is finalized."""

from collections.abc import Sequence

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.invoicing import arithmetic
from fakestripe_meters.domain.invoicing import discounting
from fakestripe_meters.domain.invoicing import due_dates
from fakestripe_meters.domain.invoicing import finalization
from fakestripe_meters.domain.invoicing import payment_options
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import invoice_items
from fakestripe_meters.domain.records import invoice_lines
from fakestripe_meters.domain.records import invoices
from fakestripe_meters.domain.records import layouts
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import products
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.invoice_items import InvoiceItems
from fakestripe_meters.domain.records.invoice_lines import Charge
from fakestripe_meters.domain.records.invoice_lines import InvoiceLine
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.invoices import Invoices
from fakestripe_meters.domain.records.layouts import Recipient
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.wire.tree import Tree


def render(account: Account, invoice: Invoice) -> Tree:
    """Return an invoice as Stripe shows it now; the lines of a draft are updated."""
    refresh(account, invoice)
    return invoices.render(account, invoice)


@documented(
    "while a subscription is unpaid, its invoices stay drafts that do not advance, "
    "https://docs.stripe.com/billing/subscriptions/overview"
)
def of_subscription(
    account: Account,
    subscription: Subscription,
    reason: str,
    charges: list[Charge],
    period_start: int,
    *,
    closes_at_once: bool = False,
) -> Invoice:
    """Return a draft, in no table yet, for a subscription's charges; its period ends now."""
    advances = subscription.status != "unpaid" and subscription.withholding(account.now) is None
    invoice = Invoice(
        id="",
        created=account.now,
        customer=subscription.customer,
        currency=subscription.currency,
        billing_reason=reason,
        period_start=period_start,
        period_end=account.now,
        subscription=subscription.id,
        subscription_metadata=dict(subscription.metadata),
        charges=discounting.on_charges(account, charges),
        auto_advance=advances,
        closes_at_once=closes_at_once,
        collection_method=subscription.collection_method,
        days_until_due=subscription.days_until_due,
        default_payment_method=None,
        test_clock=subscription.test_clock,
    )
    if advances:
        invoice.automatically_finalizes_at = account.now + finalization.wait_of(account, invoice)
    due_dates.settle(invoice)
    take_over(account, invoice, subscription)
    return invoice


@documented("what invoices take over from a subscription, and by default from a customer, in Stripe's OpenAPI")
@inferred("a draft has what its customer and its subscription said when it was created")
def take_over(account: Account, invoice: Invoice, subscription: Subscription | None) -> None:
    """Take over what a new draft's subscription says of its invoices or else its customer."""
    customer = customers.kept(account, invoice.customer)
    invoice.discounts = discounting.inherited(account, customer, subscription)
    if subscription is None:
        invoice.layout = layouts.combined(customer.layout)
    else:
        invoice.layout = layouts.combined(subscription.layout, customer.layout)
        invoice.default_tax_rates = subscription.default_tax_rates
        invoice.description = subscription.invoice_description
        invoice.statement_descriptor = _descriptor(account, subscription)
        invoice.payment_settings = {
            "payment_method_options": payment_options.passed_on(subscription.payment_method_options),
            "payment_method_types": subscription.payment_method_types,
        }
    invoice.footer = invoice.layout.footer


@documented("by default, it is that of the first item's product, as Stripe's OpenAPI says")
def _descriptor(account: Account, subscription: Subscription) -> str | None:
    """Return what a card's statement says of a subscription's invoices."""
    price = prices.kept(account, subscription.items[0].price) if subscription.items else None
    return products.kept(account, price.product).statement_descriptor if price else None


def add(account: Account, invoice: Invoice, items: Sequence[InvoiceItem] = ()) -> Invoice:
    """Add a new draft and the items that go on it, and schedule its finalization if it advances automatically."""
    invoice.id = account.ids.new("in_", 24)
    for item in items:
        invoice_items.attach(account, item, invoice.id)
    invoice.items = (*invoice.items, *(item.id for item in invoice_items.newest_first(items)))
    account.part(Invoices).add(invoice)
    discounting.take(account, invoice)
    finalization.schedule(account, invoice)
    return invoice


def count(account: Account, subscription: Subscription) -> None:
    """Count a new invoice of a subscription; raise StripeError 429 if requests have made too many."""
    account.count(subscription.id, "subscription_invoices_per_minute", "subscription_invoices_per_day")


def announce(account: Account, invoice: Invoice) -> None:
    """Publish that a draft was created."""
    invoice.announcement = publish(account, "invoice.created", render(account, invoice)).id


def waiting(account: Account, subscription: Subscription) -> list[InvoiceItem]:
    """Return the items that would go on a subscription's next invoice: its own, and those of no subscription."""
    items = account.part(InvoiceItems).waiting(subscription.customer, subscription.currency)
    return [item for item in items if item.subscription in (None, subscription.id)]


@observed("a cycle's draft follows late usage of its period, and so do the credits on it (runs in a sandbox, 2026)")
def refresh(account: Account, invoice: Invoice, extra: Sequence[InvoiceItem] = ()) -> None:
    """Update the lines of a draft; a finalized invoice stays as it is. `extra` items are in no table."""
    if invoice.status != "draft":
        return
    table = account.part(InvoiceItems).table
    own = [item for item in map(table.get, invoice.items) if item is not None]
    items = [item for item in own if not item.late] + invoice_items.newest_first(extra)
    lines = [invoice_items.line_of(item, invoice.line_prefix) for item in items]
    for charge in invoice.charges:
        lines += _lines_of(account, invoice, charge)
    # documented: what was added later comes last, in chronological order, as Stripe's OpenAPI says of `invoice.lines`
    lines += [invoice_items.line_of(item, invoice.line_prefix) for item in own if item.late]
    invoice.lines = lines
    arithmetic.settle(account, invoice)
    _address(invoice, customers.kept(account, invoice.customer))


def _lines_of(account: Account, invoice: Invoice, charge: Charge) -> list[InvoiceLine]:
    return invoice_lines.lines_of(
        account,
        charge,
        customer=invoice.customer,
        subscription=invoice.subscription or "",
        prefix=invoice.line_prefix,
    )


def _address(invoice: Invoice, customer: Customer) -> None:
    invoice.starting_balance = customers.balance_in(customer, invoice.currency)
    invoice.recipient = Recipient(
        address=customer.address,
        email=customer.email,
        name=customer.name,
        phone=customer.phone,
        shipping=customer.shipping,
        tax_exempt=customer.tax_exempt,
    )
