"""What the end of an invoice, or a failed payment, means for its subscription and its customer.

Documented in: https://docs.stripe.com/billing/subscriptions/overview.
"""

from collections.abc import Mapping
from typing import Literal

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.invoicing import drafts
from fakestripe_meters.domain.invoicing import due_dates
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import invoices
from fakestripe_meters.domain.records import payment_methods
from fakestripe_meters.domain.records import subscriptions
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.invoices import Invoices
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.subscriptions import Subscriptions

News = Literal["failed", "overdue", "paid", "uncollectible", "void"]
"""What may happen to an invoice: a payment fails, its due date passes, or the invoice comes to an end."""
# documented: the status of a subscription follows its most recent invoice that is not void; paying that one, or marking
# it as uncollectible, makes it active. In these statuses: no other, so `canceled` stays.
# observed: voiding the newest invoice does not bring an `unpaid` one back, marking it as uncollectible does (runs in a
# sandbox, 2026).
MOVES: Mapping[tuple[str, str], tuple[News, ...]] = {
    ("incomplete", "active"): ("paid",),
    ("active", "past_due"): ("failed", "overdue", "void"),
    ("past_due", "active"): ("paid", "uncollectible", "void"),
    ("unpaid", "active"): ("paid", "uncollectible"),
}
"""From which status to which a subscription moves, if its newest invoice says so, and after which news."""


@documented("what `delinquent` says of a customer, in Stripe's OpenAPI")
@inferred("voiding an invoice leaves it as it is, and a failed payment on request counts like an automatic one")
def follow(account: Account, invoice: Invoice, news: News, paid_by: str | None = None) -> None:
    """Record what the news of an invoice means for its customer and its subscription.

    `paid_by` is the payment method that was charged for it.
    """
    if news != "void":
        customers.kept(account, invoice.customer).delinquent = news in ("failed", "overdue")
    subscription = of(account, invoice)
    if subscription is None:
        return
    status = _said_by(account, _newest(account, subscription))
    moves = status is not None and news in MOVES.get((subscription.status, status), ())
    saves = paid_by is not None and _is_saved(account, subscription, paid_by)
    if moves or saves:
        before = subscriptions.render(account, subscription)
        subscription.status = (moves and status) or subscription.status
        subscription.default_payment_method = paid_by if saves else subscription.default_payment_method
        publish_update(account, "customer.subscription.updated", before, subscriptions.render(account, subscription))


def of(account: Account, invoice: Invoice) -> Subscription | None:
    """Return the subscription of an invoice, if it has one."""
    return account.part(Subscriptions).table.kept(invoice.subscription) if invoice.subscription else None


def change_status(account: Account, subscription: Subscription, status: str) -> None:
    """Change the status of a subscription and publish the event."""
    before = subscriptions.render(account, subscription)
    subscription.status = status
    publish_update(account, "customer.subscription.updated", before, subscriptions.render(account, subscription))


@documented("the setting stores the payment method that has paid as the subscription's own, in Stripe's OpenAPI")
@inferred("but not one that belongs to nobody")
def _is_saved(account: Account, subscription: Subscription, paid_by: str) -> bool:
    """Return whether the payment method that has paid becomes the default of a subscription."""
    if subscription.save_default_payment_method != "on_subscription":
        return False
    attached = payment_methods.kept(account, paid_by).customer is not None
    return attached and subscription.default_payment_method != paid_by


@documented("the cancellation of a subscription ends the automatic collection of its unpaid invoices")
@inferred("of drafts, too, and each of them is an `invoice.updated`")
def stop_collecting(account: Account, subscription: Subscription, *, but: Invoice | None = None) -> None:
    """Stop the automatic collection of a subscription's drafts and open invoices, but for one of them."""
    for invoice in account.part(Invoices).of(subscription.id):
        if invoice is not but and invoice.status in ("draft", "open") and invoice.auto_advance:
            before = drafts.render(account, invoice)
            invoice.auto_advance, invoice.automatically_finalizes_at = False, None
            publish_update(account, "invoice.updated", before, invoices.render(account, invoice))


@documented("a subscription is past due if the payment of its latest finalized invoice failed")
@inferred("invoices that were made by hand do not count, and neither does one that a change waits for")
def _newest(account: Account, subscription: Subscription) -> Invoice | None:
    """Return the newest invoice that counts. A draft counts only if it waits because the subscription is unpaid."""
    uncounted = ("void",) if subscription.status == "unpaid" else ("void", "draft")
    awaited = subscription.pending_update.invoice if subscription.pending_update else None
    made = (each for each in account.part(Invoices).of(subscription.id) if each.id != awaited)
    return next((each for each in made if each.billing_reason != "manual" and each.status not in uncounted), None)


@documented("one that was sent makes it past due if it is not paid by the due date, in Stripe's OpenAPI")
@inferred("an open invoice whose payment was not tried yet changes no status; without an invoice it is active")
def _said_by(account: Account, invoice: Invoice | None) -> str | None:
    """Return the status that the newest invoice gives its subscription; None if it leaves it as it is."""
    if invoice is None or invoice.status in ("paid", "uncollectible"):
        return "active"
    failed = invoice.attempted or due_dates.is_over(account, invoice)
    return "past_due" if invoice.status == "open" and failed else None
