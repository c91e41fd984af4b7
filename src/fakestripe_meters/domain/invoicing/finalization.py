"""When a draft is finalized without a request.

Documented in: https://docs.stripe.com/invoicing/scheduled-finalization.
"""

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.clock import HOUR_S
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events import deliveries
from fakestripe_meters.domain.invoicing.invoice_terms import InvoiceTerms
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.framework.times import check_ahead
from fakestripe_meters.wire.schema import UNSET

GRACE_S = HOUR_S
"""How long a draft waits for finalization, in seconds, unless the grace period covers it; no setting changes it."""
LONGEST_DELAY_S = 3 * DAY_S
"""How long a webhook that fails can delay it, in seconds after the draft was created."""


@documented("a time can only be set while the draft advances automatically, and at most five years ahead")
@inferred("a time that has passed is refused")
def check(account: Account, invoice: Invoice, terms: InvoiceTerms) -> None:
    """Raise StripeError 400 if a request sets a time at which the draft cannot be finalized."""
    wanted = terms.automatically_finalizes_at
    if wanted is UNSET:
        return
    if not (invoice.auto_advance if terms.auto_advance is UNSET else terms.auto_advance):
        raise errors.invoices.does_not_advance("automatically_finalizes_at")
    if wanted <= account.now:
        raise errors.params.in_the_past("automatically_finalizes_at", wanted)
    check_ahead(account, wanted, "automatically_finalizes_at")


def plan(account: Account, invoice: Invoice, terms: InvoiceTerms) -> None:
    """Set when a draft is finalized, if it advances automatically; else unset it."""
    wanted = terms.automatically_finalizes_at
    if not invoice.auto_advance:
        invoice.automatically_finalizes_at, invoice.time_chosen, invoice.delayed_from = None, False, None
    elif wanted is not UNSET:
        invoice.automatically_finalizes_at, invoice.time_chosen, invoice.delayed_from = wanted, True, None
    elif invoice.automatically_finalizes_at is None:
        invoice.automatically_finalizes_at = _usual(account, invoice)


def schedule(account: Account, invoice: Invoice) -> None:
    """Schedule a draft's finalization, if it advances automatically."""
    due = invoice.automatically_finalizes_at
    if invoice.auto_advance and due is not None:
        test_clocks.schedule(account, invoice.test_clock, due, Work.FINALIZE_INVOICE, invoice.id)


@documented(
    "while a destination has not answered `invoice.created` with 2xx, the invoice is not finalized: it is so an hour "
    "after the answer, or after 72 hours, https://docs.stripe.com/billing/subscriptions/webhooks. A time that was "
    "set counts nevertheless"
)
@inferred("an event that was not sent yet delays nothing, and neither do deliveries about invoices on test clocks")
def is_due(account: Account, invoice: Invoice) -> bool:
    """Return whether a draft is finalized now; if a failing webhook delays it, schedule that anew."""
    due = planned(account, invoice)
    if due is None or due <= account.now:
        return due is not None
    if due != invoice.automatically_finalizes_at:
        if invoice.delayed_from is None:
            invoice.delayed_from = invoice.automatically_finalizes_at
        invoice.automatically_finalizes_at = due
        schedule(account, invoice)
    return False


def planned(account: Account, invoice: Invoice) -> int | None:
    """Return when a draft is finalized if its webhooks fare as they do now; None if it is not finalized by itself."""
    wanted = invoice.automatically_finalizes_at
    if invoice.status != "draft" or not invoice.auto_advance or wanted is None:
        return None
    return wanted if invoice.time_chosen or invoice.test_clock else _delayed(account, invoice, wanted)


def _delayed(account: Account, invoice: Invoice, planned: int) -> int:
    usual = planned if invoice.delayed_from is None else invoice.delayed_from
    event = invoice.announcement
    if event is None:
        return usual
    if deliveries.is_failing(account, event):
        return max(usual, invoice.created + LONGEST_DELAY_S)
    received = deliveries.recovered_at(account, event)
    return usual if received is None else max(usual, received + deliveries.AFTER_S)


def wait_of(account: Account, invoice: Invoice) -> int:
    """Return how long a new draft waits, in seconds."""
    return account.settings.finalization_grace_s if _is_covered(account, invoice) else GRACE_S


@documented(
    "the grace period is for invoices of billing cycles, and for those of a schedule's phase change with usage; not "
    "for those of a cancellation at once, of a new cycle, or made by hand. A rule can limit it to those with a metered "
    "price, https://docs.stripe.com/billing/subscriptions/usage-based/configure-grace-period"
)
@inferred("an invoice has a metered price if one of its lines is made from one, also a line of zero")
def _is_covered(account: Account, invoice: Invoice) -> bool:
    """Return whether the grace period that can be set covers a draft."""
    if invoice.billing_reason != "subscription_cycle" or invoice.closes_at_once:
        return False
    return account.settings.grace_for == "all" or any(
        prices.kept(account, charge.price).metered for charge in invoice.charges
    )


@observed("it is counted from the draft's creation, also if the draft advances again (Kiln-AI/stripe_world)")
@inferred("if that has passed, it is counted from now")
def _usual(account: Account, invoice: Invoice) -> int:
    wait_s = wait_of(account, invoice)
    due = invoice.created + wait_s
    return due if due > account.now else account.now + wait_s
