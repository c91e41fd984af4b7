"""What happens by itself to subscriptions, their schedules and their invoices, in plain words."""

from collections.abc import Callable
from collections.abc import Mapping

from fakestripe_meters.control.due_work import Due
from fakestripe_meters.control.due_work import Told
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.domain.events.snapshots import Events
from fakestripe_meters.domain.invoicing import finalization
from fakestripe_meters.domain.planning import entering
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.invoices import Invoices
from fakestripe_meters.domain.records.subscription_schedules import Schedules
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.domain.subscribing import thresholds
from fakestripe_meters.domain.subscribing import trial_warnings

# Subscriptions


def _of_subscription(words: Callable[[Subscription, int], str | None]) -> Callable[[Due], Told]:
    def tell(due: Due) -> Told:
        subscription = due.account.part(Subscriptions).table.get(due.subject)
        what = None if subscription is None or not subscription.living else words(subscription, due.at)
        return None if what is None else (what, due.subject)

    return tell


def _turn(subscription: Subscription, at: int) -> str | None:
    if subscription.status == "incomplete" or subscription.turns_at != at:
        return None
    if subscription.ends_by(at):
        return "subscription ends"
    return "trial ends" if subscription.trialing and subscription.trial_end == at else "billing period ends"


def _pending_items(subscription: Subscription, at: int) -> str | None:
    every = subscription.pending_interval
    return "waiting invoice items are invoiced" if every is not None and every.next == at else None


def _thresholds(subscription: Subscription, _at: int) -> str | None:
    return "usage is compared with the billing thresholds" if thresholds.counts(subscription) else None


def _trial_ends_soon(subscription: Subscription, at: int) -> str | None:
    ends = subscription.trial_end
    soon = subscription.trialing and ends is not None and ends - trial_warnings.WARNING_S <= at
    return "trial is announced to end soon" if soon else None


def _pending_update(subscription: Subscription, at: int) -> str | None:
    update = subscription.pending_update
    return "unpaid change is given up" if update is not None and update.expires_at <= at else None


def _settles(subscription: Subscription, _at: int) -> str | None:
    return None if subscription.pending_update is None else "paid change is made"


def _expires(subscription: Subscription, _at: int) -> str | None:
    return "subscription expires, as its first invoice is unpaid" if subscription.status == "incomplete" else None


def _given_up(subscription: Subscription, _at: int) -> str | None:
    return "subscription is canceled, as an invoice is unpaid" if subscription.status == "past_due" else None


def _resumes(subscription: Subscription, at: int) -> str | None:
    pause = subscription.pause_collection
    return "invoices are collected again" if pause is not None and pause.resumes_at == at else None


def _phase(due: Due) -> Told:
    schedule = due.account.part(Schedules).table.get(due.subject)
    if schedule is None or not schedule.running or schedule.turns_at != due.at:
        return None
    if schedule.status == "not_started":
        return "schedule begins its subscription", due.subject
    if not schedule.is_last:
        return "next phase of the schedule begins", due.subject
    return ("schedule begins once more" if schedule.end_behavior == "renew" else "schedule ends"), due.subject


def _schedule_ends_soon(due: Due) -> Told:
    schedule = due.account.part(Schedules).table.get(due.subject)
    if schedule is None or schedule.status != "active" or not schedule.is_last:
        return None
    soon = schedule.ends_at - entering.WARNING_S == due.at
    return ("schedule is announced to end soon", due.subject) if soon else None


# Invoices


def _of_invoice(words: Callable[[Account, Invoice, int], str | None]) -> Callable[[Due], Told]:
    def tell(due: Due) -> Told:
        invoice = due.account.part(Invoices).table.get(due.subject)
        what = None if invoice is None else words(due.account, invoice, due.at)
        return None if what is None else (what, due.subject)

    return tell


def _finalized(account: Account, invoice: Invoice, at: int) -> str | None:
    planned = finalization.planned(account, invoice)
    if planned is None or invoice.automatically_finalizes_at != at or planned < at:
        return None
    return "invoice is finalized" if planned == at else "invoice is finalized, or waits for a receiver of webhooks"


def _finalized_after_event(due: Due) -> Told:
    event = due.account.part(Events).table.get(due.subject)
    invoice = None if event is None else due.account.part(Invoices).table.get(event.object.id or "")
    if event is None or invoice is None or invoice.announcement != event.id or invoice.test_clock is not None:
        return None
    planned = finalization.planned(due.account, invoice)
    earlier = invoice.automatically_finalizes_at
    if planned is None or planned > due.at or earlier is None or earlier <= due.at:
        return None
    return "invoice is finalized", invoice.id


def _overdue(_account: Account, invoice: Invoice, at: int) -> str | None:
    over = invoice.status == "open" and invoice.due_date is not None and invoice.due_date <= at
    return "invoice becomes overdue" if over else None


def _retried(_account: Account, invoice: Invoice, at: int) -> str | None:
    retries = invoice.status == "open" and invoice.auto_advance and invoice.next_attempt == at
    return "payment of the invoice is tried again" if retries else None


TOLD: Mapping[Work, Callable[[Due], Told]] = {
    Work.ANNOUNCE_SCHEDULE_END: _schedule_ends_soon,
    Work.BILL_PENDING_ITEMS: _of_subscription(_pending_items),
    Work.CHANGE_PHASE: _phase,
    Work.END_TRIAL_SOON: _of_subscription(_trial_ends_soon),
    Work.EXPIRE_PENDING_UPDATE: _of_subscription(_pending_update),
    Work.EXPIRE_SUBSCRIPTION: _of_subscription(_expires),
    Work.FINALIZE_AFTER_EVENT: _finalized_after_event,
    Work.FINALIZE_INVOICE: _of_invoice(_finalized),
    Work.FIND_OVERDUE: _of_invoice(_overdue),
    Work.GIVE_UP_SUBSCRIPTION: _of_subscription(_given_up),
    Work.CHECK_THRESHOLDS: _of_subscription(_thresholds),
    Work.RESUME_COLLECTION: _of_subscription(_resumes),
    Work.RETRY_PAYMENT: _of_invoice(_retried),
    Work.SETTLE_PENDING_UPDATE: _of_subscription(_settles),
    Work.TURN_SUBSCRIPTION: _of_subscription(_turn),
}
"""For each kind of work, what tells it."""
