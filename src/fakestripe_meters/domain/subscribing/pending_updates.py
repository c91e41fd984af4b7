"""Changes that are made once they are paid for.

Documented in: https://docs.stripe.com/billing/subscriptions/pending-updates.
"""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import fields
from dataclasses import replace
from typing import Any

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.periods import Cycle
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.records import invoice_items
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.invoice_lines import Charge
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.invoices import Invoices
from fakestripe_meters.domain.records.pauses import ON_ATTEMPT
from fakestripe_meters.domain.records.pauses import ON_SUCCESS
from fakestripe_meters.domain.records.pauses import Resuming
from fakestripe_meters.domain.records.pending_updates import PendingUpdate
from fakestripe_meters.domain.records.subscription_items import Item
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.domain.records.subscriptions import render
from fakestripe_meters.domain.records.waived_usage import Settled
from fakestripe_meters.domain.subscribing import charging
from fakestripe_meters.domain.subscribing import cycles
from fakestripe_meters.domain.subscribing import scheduled_ends
from fakestripe_meters.domain.subscribing import stopped_usage
from fakestripe_meters.domain.subscribing import trial_warnings
from fakestripe_meters.domain.subscribing.subscription_terms import UpdateSubscription
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.wire.schema import UNSET

CHANGED = ("billing_cycle_anchor", "status", "trial_start", "trial_end")
"""What a change can do to a subscription, besides to its items."""


class Former:
    """A subscription and its items as they were before a change, to go back to."""

    def __init__(self, subscription: Subscription) -> None:
        """Remember a subscription as it is now."""
        self.subscription = replace(
            subscription,
            cancellation=replace(subscription.cancellation),
            items=[replace(item) for item in subscription.items],
        )
        self._items = tuple(subscription.items)

    def changed(self, subscription: Subscription, name: str) -> Any:  # noqa: ANN401  as the field is declared
        """Return a field of the subscription as it is after the change; None if that is as before."""
        value = getattr(subscription, name)
        return None if value == getattr(self.subscription, name) else value

    def freed(self, subscription: Subscription) -> list[Charge]:
        """Return the usage of the trial, or of the pause, that the change ends, under prices that stay."""
        stay = {(item.id, item.price) for item in subscription.items}
        new = subscription.waived[len(self.subscription.waived) :]
        free = [waived.charge for waived in new if waived.reason in ("in a trial", "while paused")]
        return [charge for charge in free if (charge.item, charge.price) in stay]

    def put_back(self, subscription: Subscription) -> None:
        """Take the change back. What was invoiced stays invoiced."""
        for item, former in zip(self._items, self.subscription.items, strict=True):
            _put_back(item, former)
        unchanged = replace(self.subscription, items=self._items, latest_invoice=subscription.latest_invoice)
        _put_back(subscription, unchanged)


@inferred("a change that would end a period earlier than the present one does waits until then at most")
@documented("how long a resumption waits: 23 hours, or a year: https://docs.stripe.com/billing/subscriptions/pause")
def park(
    account: Account,
    subscription: Subscription,
    former: Former,
    invoice: Invoice,
    params: UpdateSubscription | None,
    *,
    resumes: Resuming | None = None,
) -> None:
    """Take a change back, and have it wait for its invoice; `params` is None if the request was about one item.

    `resumes` says when the change resumes a paused subscription, if it does.
    """
    update = PendingUpdate(
        invoice=invoice.id,
        expires_at=_end_of_wait(account, subscription, former, resumes),
        items=[replace(item) for item in subscription.items],
        sets_items=resumes is None and (params is None or bool(params.items)),
        resumes=resumes,
        free=former.freed(subscription),
        **{name: former.changed(subscription, name) for name in CHANGED},
    )
    if params is not None:
        update.metadata = _kept_metadata(former.subscription, params.metadata)
        update.cancel_at_period_end = (
            None if params.cancel_at_period_end is UNSET else bool(params.cancel_at_period_end)
        )
    settled = subscription.settled[len(former.subscription.settled) :]
    former.put_back(subscription)
    subscription.pending_update = update
    _close_billed(subscription, invoice, settled)
    kind, due = Work.EXPIRE_PENDING_UPDATE, update.expires_at
    test_clocks.schedule(account, subscription.test_clock, due, kind, subscription.id)


def _end_of_wait(account: Account, subscription: Subscription, former: Former, resumes: Resuming | None) -> int:
    """Return up to when a change waits, in Unix seconds."""
    if resumes == ON_SUCCESS:
        return Cycle(account.now, "year", 1).edge(1)
    ends = account.now + cycles.PATIENCE_S
    return ends if resumes else min(former.subscription.period_end, subscription.period_end, ends)


@documented("a resumption is also made once its invoice is uncollectible or, unless it is to succeed, has failed")
def settle(account: Account, subscription: Subscription) -> None:
    """Make the change that waits if its invoice is paid, or drop it if that is void."""
    update = subscription.pending_update
    if update is None:
        return
    invoice = account.part(Invoices).table.kept(update.invoice)
    if invoice.status == "void":
        _drop(account, subscription, invoice)
    elif invoice.status == "paid" or (update.resumes and invoice.status == "uncollectible"):
        _make(account, subscription, update)
    elif update.resumes == ON_ATTEMPT:
        update.status = "past_due"
        _make(account, subscription, update)


@observed("it is an event that is no `customer.subscription.updated` (alexmata25/AnyAICam)")
@documented("usage on its invoice is on no later one")
def _drop(account: Account, subscription: Subscription, invoice: Invoice) -> None:
    metered = [charge for charge in _for_usage(invoice) if prices.kept(account, charge.price).metered]
    metered += [each.charge for each in subscription.settled if set(each.items) & set(invoice.items)]
    charging.waive(subscription, metered, "on a pending update's void invoice")
    subscription.pending_update = None
    publish(account, "customer.subscription.pending_update_expired", render(account, subscription))


@inferred("the order of its events")
def _make(account: Account, subscription: Subscription, update: PendingUpdate) -> None:
    before, turned_at = render(account, subscription), subscription.turns_at
    subscription.pending_update = None
    _replace_items(account, subscription, update.items)
    charging.waive(subscription, update.free, "while paused" if update.resumes else "in a trial")
    for name in CHANGED:
        if getattr(update, name) is not None:
            setattr(subscription, name, getattr(update, name))
    if update.billing_cycle_anchor is not None:
        subscription.anchor_config = None
    if update.metadata is not None:
        everything = {**subscription.metadata, **update.metadata}  # however many keys there are meanwhile
        subscription.metadata = {key: value for key, value in everything.items() if value}
    if update.cancel_at_period_end is not None:
        end = UpdateSubscription(cancel_at_period_end=update.cancel_at_period_end)
        scheduled_ends.apply(account, subscription, end)
    subscription.pause = None if update.resumes else subscription.pause
    account.part(Subscriptions).index(subscription)
    if subscription.turns_at != turned_at:
        cycles.schedule(account, subscription)
    if update.trial_end is not None:
        trial_warnings.announce(account, subscription)
    after = render(account, subscription)
    if update.resumes:
        publish(account, "customer.subscription.resumed", after)
    publish_update(account, "customer.subscription.updated", before, after)
    publish(account, "customer.subscription.pending_update_applied", after)


@inferred("a new price counts usage from the payment on. What an item's metadata and threshold were set to stays")
def _replace_items(account: Account, subscription: Subscription, items: Sequence[Item]) -> None:
    """Put the items in their place as the change has made them, and keep the usage that was counted meanwhile."""
    cut = charging.cut(account)
    present = {item.id: item for item in subscription.items}
    stays = {item.id for item in items if item.id in present and present[item.id].price == item.price}
    _let_go(account, subscription, [item for item in subscription.items if item.id not in stays])
    for item in items:
        former = present.get(item.id)
        if former is not None:
            item.metadata, item.usage_gte = former.metadata, former.usage_gte
        if item.id not in stays:
            item.count_after(cut, account.now)
    subscription.items = tuple(items)


@documented("usage of a metered price that the change removes, from then until the payment, is billed in flexible mode")
def _let_go(account: Account, subscription: Subscription, items: Iterable[Item]) -> None:
    """Bill, or waive, what items have counted that the change removes, or to which it gives another price."""
    stopped = stopped_usage.stop(account, subscription, items)
    for item in stopped_usage.settle(account, subscription, stopped, "create_prorations"):
        invoice_items.add(account, item)


def _close_billed(subscription: Subscription, invoice: Invoice, settled: Sequence[Settled]) -> None:
    """Count what is on the invoice of a change no more, whatever becomes of it."""
    on_it = [each for each in settled if set(each.items) & set(invoice.items)]
    subscription.settled = [*subscription.settled, *on_it]
    charges = [*_for_usage(invoice), *(each.charge for each in on_it)]
    keys = {charge.key for charge in charges}
    subscription.unbilled = [charge for charge in subscription.unbilled if charge.key not in keys]
    for charge in charges:
        item = subscription.item(charge.item)
        if item is not None and item.price == charge.price and charge.closed is not None:
            item.count_after(charge.closed, item.earliest)


def _for_usage(invoice: Invoice) -> list[Charge]:
    """Return the charges of an invoice without those that show the usage of a trial: the trial has not ended yet."""
    return [charge for charge in invoice.charges if not charge.trial]


def _kept_metadata(subscription: Subscription, given: Metadata) -> dict[str, str] | None:
    """Return what is to be merged into the metadata of a subscription; an empty value removes its key."""
    if given is UNSET:
        return None
    return dict.fromkeys(subscription.metadata, "") if given is None else {key: given[key] or "" for key in given}


def _put_back(record: Any, former: Any) -> None:  # noqa: ANN401  two records of the same kind
    for each in fields(former):
        setattr(record, each.name, getattr(former, each.name))
