"""What becomes of usage whose price is replaced or removed before its period is over.

Documented in: https://docs.stripe.com/billing/subscriptions/usage-based/manage-billing-setup.
"""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import replace

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.exact import ZERO
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.records import invoice_lines
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.invoice_lines import Charge
from fakestripe_meters.domain.records.invoice_lines import InvoiceLine
from fakestripe_meters.domain.records.subscription_items import Item
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.waived_usage import Settled
from fakestripe_meters.domain.records.waived_usage import Unbilled
from fakestripe_meters.domain.subscribing import charging
from fakestripe_meters.domain.subscribing.item_changes import Change

REPLACED: Unbilled = "after its price was replaced or removed"


def gone(changes: Iterable[Change]) -> list[Item]:
    """Return the items that changes remove, or to which they give another price, each once."""
    found = {change.item.id: change.item for change in changes if change.item and (change.deleted or change.replaces)}
    return list(found.values())


def stop(account: Account, subscription: Subscription, items: Iterable[Item]) -> list[Charge]:
    """Return the charges for usage of items whose price is about to be replaced or removed; in a trial, it is free."""
    cut, counting = charging.cut(account), charging.metered(account, items)
    if subscription.trialing:
        charging.waive_trial(subscription, counting, cut)
        return []
    return [charging.usage_of(item, cut) for item in counting]


@documented("if a new billing cycle begins with the change, the usage is billed, in classic mode as well")
@inferred("also without prorations, as at the end of any period")
def close(account: Account, subscription: Subscription, stopped: Sequence[Charge]) -> list[Charge]:
    """Return the charges of usage that is billed with the period that the change ends."""
    _waive_late(subscription, stopped)
    return [charge for charge in stopped if charging.is_due(account, subscription, charge)]


@documented(
    "in flexible mode, invoice items bill it: they wait for the next invoice, or are invoiced at once, as "
    "`proration_behavior` says; with `none`, it is not billed. In classic mode it never is"
)
def settle(account: Account, subscription: Subscription, stopped: Sequence[Charge], behavior: str) -> list[InvoiceItem]:
    """Return the invoice items, in no table yet, for usage whose price was replaced or removed within a period."""
    if subscription.billing_mode == "classic":
        _waive(subscription, stopped, "replaced or removed in classic mode")
        return []
    if behavior == "none":
        _waive(subscription, stopped, "replaced or removed without prorations")
        return []
    _waive_late(subscription, stopped)
    return bill(account, subscription, stopped, REPLACED)


def bill(account: Account, subscription: Subscription, stopped: Sequence[Charge], late: Unbilled) -> list[InvoiceItem]:
    """Return the invoice items, in no table yet, for usage that counts no more from now on."""
    return [item for charge in stopped for item in _items_of(account, subscription, charge, late)]


def _waive(subscription: Subscription, stopped: Sequence[Charge], reason: Unbilled) -> None:
    """Record that usage is never billed: what was accepted before the change, and what is reported later."""
    both = [charge for each in stopped for charge in (each, replace(each, closed=None))]
    charging.waive(subscription, both, reason)


@documented("usage that is reported after its price was replaced is on no invoice")
def _waive_late(subscription: Subscription, stopped: Sequence[Charge]) -> None:
    late = [replace(charge, after=charge.closed, closed=None, billed=ZERO) for charge in stopped]
    charging.waive(subscription, filter(_covers_time, late), REPLACED)


def _covers_time(charge: Charge) -> bool:
    return charge.stretch.start < charge.end


@inferred(
    "there is an item for each line that an invoice would have, and none if nothing was used and nothing is due. It is "
    "no proration. Its amount does not change any more, also if usage becomes visible or is cancelled later"
)
def _items_of(account: Account, subscription: Subscription, charge: Charge, late: Unbilled) -> list[InvoiceItem]:
    lines = invoice_lines.lines_of(
        account, charge, customer=subscription.customer, subscription=subscription.id, prefix=""
    )
    due = any(line.amount for line in lines) or charging.any_used(account, subscription, charge)
    items = [_item_of(account, subscription, line) for line in lines] if due else []
    subscription.settled = [*subscription.settled, _settled(account, subscription, charge, items, late)]
    return items


def _item_of(account: Account, subscription: Subscription, line: InvoiceLine) -> InvoiceItem:
    return InvoiceItem(
        id=account.ids.new("ii_", 24),
        date=account.now,
        customer=subscription.customer,
        currency=subscription.currency,
        amount=line.amount,
        start=line.start,
        end=line.end,
        description=line.description,
        price=line.price,
        product=line.product,
        unit_amount=line.unit_amount,
        quantity=line.quantity,
        subscription=subscription.id,
        subscription_item=line.item,
        metered=True,
        tier=line.tier,
        discounts=line.discounts,
        tax_rates=line.tax_rates,
        test_clock=subscription.test_clock,
    )


def _settled(
    account: Account, subscription: Subscription, charge: Charge, items: Sequence[InvoiceItem], late: Unbilled
) -> Settled:
    """Return what is known of the usage now, to explain later why some is not billed."""
    intake, meter = account.part(Intake), prices.kept(account, charge.price).meter
    unseen = (each.event for each in intake.waiting() if not each.cancel)
    cancelled = intake.ledger(meter).cancelled(subscription.customer) if meter is not None else ()
    return Settled(
        charge,
        [item.id for item in items],
        newest_usage=intake.newest_number,
        unseen_usage=[event.number for event in unseen if event.customer == subscription.customer],
        cancelled_usage=[event.number for event in cancelled if charge.stretch.holds(event)],
        late=late,
    )
