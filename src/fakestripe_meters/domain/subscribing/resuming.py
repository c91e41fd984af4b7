"""How a paused subscription is resumed: at once, or once the invoice of its first period is paid.

Documented in: https://docs.stripe.com/billing/subscriptions/pause, https://docs.stripe.com/api/subscriptions/resume.
"""

from collections.abc import Sequence

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.invoicing import collecting
from fakestripe_meters.domain.invoicing import drafts
from fakestripe_meters.domain.invoicing import paying
from fakestripe_meters.domain.records import invoice_items
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.invoice_lines import Charge
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.pauses import ON_ATTEMPT
from fakestripe_meters.domain.records.pauses import ON_SUCCESS
from fakestripe_meters.domain.records.pauses import Resuming
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.subscriptions import render
from fakestripe_meters.domain.subscribing import charging
from fakestripe_meters.domain.subscribing import cycles
from fakestripe_meters.domain.subscribing import dropped_updates
from fakestripe_meters.domain.subscribing import issuing
from fakestripe_meters.domain.subscribing import pending_updates
from fakestripe_meters.domain.subscribing import prorations
from fakestripe_meters.domain.subscribing.pending_updates import Former
from fakestripe_meters.domain.subscribing.subscription_terms import Anchor
from fakestripe_meters.domain.subscribing.subscription_terms import Prorations
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.wire.schema import param


class ResumeSubscription(Operation):
    """How to resume a subscription."""

    billing_cycle_anchor: Anchor | None = param(default=None, doc="By default, the billing cycle begins anew now.")
    payment_behavior: Resuming = param(default=ON_ATTEMPT)
    proration_behavior: Prorations = param(
        default="create_prorations", doc="How the rest of a period is billed if the billing cycle is unchanged."
    )
    proration_date: int | None = param(default=None, least=0, most=LAST_SECOND)

    @property
    def restarts_cycle(self) -> bool:
        """Whether the billing cycle begins anew."""
        return self.billing_cycle_anchor is None or self.billing_cycle_anchor.type == "now"


@observed(
    "while its invoice is not paid, the subscription is paused as before, and the update that waits has a new anchor "
    "only if that is another second (Kiln-AI/stripe_world)"
)
@documented("the invoice is finalized at once, and charged if the request says so; without an invoice, it is active")
def resume(account: Account, subscription: Subscription, params: ResumeSubscription) -> None:
    """Resume a subscription, or raise StripeError and change nothing."""
    _check(account, subscription, params)
    dropped_updates.give_up(account, subscription)
    before, former = render(account, subscription), Former(subscription)
    charges, debits = _go_on(account, subscription, params)
    for item in debits:
        invoice_items.add(account, item)
    invoice = _draft(account, subscription, params, charges)
    if invoice is not None and _waits(account, subscription, invoice, params.payment_behavior, former):
        publish_update(account, "customer.subscription.updated", before, render(account, subscription))
        return
    cycles.schedule(account, subscription)
    publish(account, "customer.subscription.resumed", render(account, subscription))
    publish_update(account, "customer.subscription.updated", before, render(account, subscription))


@observed("one that has ended is not found (Kiln-AI/stripe_world)")
@inferred("which dates a resumption can be prorated as of: those since the pause")
def _check(account: Account, subscription: Subscription, params: ResumeSubscription) -> None:
    if not subscription.living:
        raise errors.objects.no_such("subscription", subscription.id)
    pause = subscription.paused
    if pause is None:
        raise errors.pausing.not_paused()
    if subscription.collection_method != "charge_automatically":
        raise errors.pausing.invoices_are_sent("resume")
    if params.payment_behavior == ON_SUCCESS and subscription.billing_mode == "classic":
        raise errors.pausing.needs_flexible_mode(f"`{ON_SUCCESS}`", "payment_behavior")
    date = params.proration_date
    if date is None:
        return
    if params.restarts_cycle:
        raise errors.billing_cycles.proration_date_and_anchor("proration_date")
    ends = min(subscription.cycle_of(item).next_edge(account.now) for item in subscription.items)
    if not pause.since <= date <= ends:
        raise errors.billing_cycles.proration_date_outside("proration_date")


@documented("a new billing cycle has no prorations; if it is unchanged, the rest of the period is charged as one")
@inferred(
    "what was used during the pause is on no invoice. The period that begins has the days from now on. If the billing "
    "cycle is unchanged, time that was paid before the pause and not given back is not charged again"
)
def _go_on(
    account: Account, subscription: Subscription, params: ResumeSubscription
) -> tuple[list[Charge], Sequence[InvoiceItem]]:
    """Begin a period, and return what is charged for it, and as invoice items for the rest of one."""
    now, cut = account.now, charging.cut(account)
    charging.waive_pause(subscription, charging.metered(account, subscription.items), cut)
    subscription.status, subscription.pause = "active", None
    for item in subscription.items:
        item.count_after(cut, now)
    if params.restarts_cycle:
        for item in subscription.items:
            item.debits = ()
        return cycles.begin_period(account, subscription, now, anchor=now, cut=cut), []
    cycles.begin_period(account, subscription, now, cut=cut)
    if params.proration_behavior == "none":
        return [], []
    found: list[InvoiceItem] = []
    at = params.proration_date or now
    for item in subscription.items:
        paid = max((debit.end for debit in item.debits), default=at)
        found += prorations.remaining(account, subscription, item, max(at, paid), earliest=at)
    return [], found


def _draft(
    account: Account, subscription: Subscription, params: ResumeSubscription, charges: list[Charge]
) -> Invoice | None:
    """Draft the invoice that a resumption makes, and return it; None if it makes none."""
    if not params.restarts_cycle and params.proration_behavior != "always_invoice":
        return None
    invoice = issuing.draft(account, subscription, "subscription_update", charges, account.now)
    if invoice is not None:
        drafts.count(account, subscription)
        if params.payment_behavior == ON_ATTEMPT:
            invoice.auto_advance, invoice.automatically_finalizes_at = False, None
        issuing.announce(account, subscription, invoice)
    return invoice


@documented("a payment that is tried with the request needs a payment method")
@inferred("the customer is absent then")
def _waits(account: Account, subscription: Subscription, invoice: Invoice, behavior: Resuming, former: Former) -> bool:
    """Finalize the invoice of a resumption, and return whether the subscription stays paused until that is paid."""
    collecting.finalize(account, invoice)
    if invoice.status != "open":
        return False
    answer = None
    if behavior == ON_SUCCESS:
        answer = paying.foreseen(account, invoice, off_session=True)
        if answer is None:
            raise errors.subscriptions.no_payment_method()
    waits = answer != "passes"
    if waits:
        pending_updates.park(account, subscription, former, invoice, None, resumes=behavior)
    if behavior == ON_SUCCESS:
        collecting.attempt(account, invoice, paying.method_of(account, invoice), off_session=True)
    return waits
