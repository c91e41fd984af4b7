"""A customer's subscriptions in words: what they bill, how much was used, and what comes next."""

from collections.abc import Iterator
from collections.abc import Sequence
from typing import NamedTuple

from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.planning import ending
from fakestripe_meters.domain.portal import overview
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records.subscription_items import Item
from fakestripe_meters.domain.records.subscription_schedules import Schedule
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.pages import portal_words
from fakestripe_meters.pages import price_words
from fakestripe_meters.pages import words

MOST = 20
"""How many subscriptions of a customer are shown."""
WITHHELD = {
    "keep_as_draft": "invoices stay drafts",
    "mark_uncollectible": "invoices are given up",
    "void": "invoices are voided",
}


class ItemFacts(NamedTuple):
    """An item of a subscription in words."""

    id: str
    name: str
    price: str
    tiers: Sequence[str]
    meter: str
    """The id of the meter whose usage it bills; empty if it bills none."""
    meter_name: str
    usage: str
    """How much was used in its period."""
    first_day: str
    """The first day of its period, such as `2025-01-01`."""
    last_day: str


class Coming(NamedTuple):
    """What happens to a subscription next, or has happened to it."""

    label: str
    when: int | None
    text: str


class NextInvoice(NamedTuple):
    """The next invoice of a subscription, as a preview shows it."""

    when: int
    amount: str
    lines: Sequence[tuple[str, str]]
    """What, and how much."""


class SubscriptionFacts(NamedTuple):
    """A subscription in words."""

    id: str
    name: str
    status: str
    living: bool
    start: int
    end: int
    items: Sequence[ItemFacts]
    coming: Sequence[Coming]
    invoice: NextInvoice | None


def of(account: Account, customer: str) -> list[SubscriptionFacts]:
    """Return the subscriptions of a customer in words: those that have not ended first, newest first."""
    every = account.part(Subscriptions).of(customer)
    every.reverse()
    every.sort(key=lambda each: not each.living)
    return [_subscription(account, each) for each in every[:MOST]]


def more(account: Account, customer: str) -> int:
    """Return how many subscriptions of a customer are not shown."""
    return max(0, len(account.part(Subscriptions).of(customer)) - MOST)


def _subscription(account: Account, each: Subscription) -> SubscriptionFacts:
    items = [_item(account, each, item) for item in each.items]
    return SubscriptionFacts(
        id=each.id,
        name=words.plain(each.description or " + ".join(dict.fromkeys(item.name for item in items))),
        status=each.status,
        living=each.living,
        start=each.period_start,
        end=each.period_end,
        items=items,
        coming=list(_coming(account, each)),
        invoice=_next_invoice(account, each),
    )


def _item(account: Account, of: Subscription, item: Item) -> ItemFacts:
    price = prices.kept(account, item.price)
    cost = price_words.of(account, price)
    usage = overview.usage_of(account, of, item)
    return ItemFacts(
        id=item.id,
        name=portal_words.quantified(portal_words.name_of(account, price), item.quantity),
        price=cost.text,
        tiers=cost.tiers,
        meter="" if usage is None else usage.meter.id,
        meter_name="" if usage is None else words.plain(usage.meter.display_name),
        usage="" if usage is None else words.quantity(usage.value),
        first_day=words.iso(item.period_start)[:10],
        last_day=words.iso(item.period_end - 1)[:10],
    )


def _next_invoice(account: Account, each: Subscription) -> NextInvoice | None:
    """Return what the next invoice comes to, as a preview shows it; nothing stays of that."""
    if each.status not in overview.SHOWN:
        return None
    preview = overview.next_invoice(account, each)
    if preview is None:
        return None
    return NextInvoice(each.turns_at, portal_words.due(preview), portal_words.preview_lines(preview))


def _coming(account: Account, each: Subscription) -> Iterator[Coming]:
    if not each.living:
        yield Coming("Ended", each.ended_at, "")
        return
    if each.trialing and each.trial_end is not None:
        yield Coming("Trial ends", each.trial_end, "")
    if each.paused is not None:
        yield Coming("Paused", each.paused.since, each.paused.reason.replace("_", " "))
    if each.pause_collection is not None:
        until = each.pause_collection.resumes_at
        label = "Collection is paused" if until is None else "Collection resumes"
        yield Coming(label, until, WITHHELD[each.pause_collection.behavior])
    if each.pending_update is not None:
        yield Coming("A change waits", each.pending_update.expires_at, f"until {each.pending_update.invoice} is paid")
    yield from _planned(account, ending.of(account, each))
    if each.ends_at is not None:
        yield Coming("Ends", each.ends_at, "")


def _planned(account: Account, schedule: Schedule | None) -> Iterator[Coming]:
    """Yield the next phase of a schedule, if there is one."""
    if schedule is None or schedule.phase is None or schedule.current is None or schedule.is_last:
        return
    following = schedule.phases[schedule.current + 1]
    named = [(prices.kept(account, item.price), item.quantity) for item in following.items]
    told = (portal_words.quantified(portal_words.name_of(account, price), quantity) for price, quantity in named)
    yield Coming("Next phase", schedule.phase.end, " + ".join(told))
