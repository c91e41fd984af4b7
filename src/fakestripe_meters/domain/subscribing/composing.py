"""Whether the items of a subscription go together: what they share, and what they must not share."""

from collections.abc import Mapping
from collections.abc import Sequence

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.periods import Interval
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records.prices import Price
from fakestripe_meters.domain.records.prices import Recurring
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.subscribing.item_changes import Change

MOST_ITEMS = 20
DAYS_OF_MONTH = 30
MEASURES: Mapping[Interval, tuple[Interval, int]] = {
    "day": ("day", 1),
    "week": ("day", 7),
    "month": ("month", 1),
    "year": ("month", 12),
}


def compose(
    account: Account, subscription: Subscription | None, changes: Sequence[Change], path: str | None, billing_mode: str
) -> tuple[str, Recurring]:
    """Return the currency and the shortest interval of the items after the changes, or raise StripeError 400.

    `path` is that of the array of the items; None if the request has no array.
    """
    changed = {change.item.id for change in changes if change.item}
    items = [item for item in subscription.items if item.id not in changed] if subscription else []
    wanted = [(change, change.price_after(account)) for change in changes if not change.deleted]
    if not items and not wanted:
        raise errors.subscription_items.no_items(path)
    if len(items) + len(wanted) > MOST_ITEMS:
        raise errors.params.too_many(path, MOST_ITEMS, "items")
    currency = subscription.currency if subscription else wanted[0][1].currency
    for change, price in wanted:
        if price.currency != currency:
            raise _another_currency(subscription, change, price, currency)
    kept = [prices.kept(account, item.price).rhythm for item in items]
    shortest = _check_intervals(kept, wanted, billing_mode)
    _check_different({item.price: item.id for item in items}, [price.id for _, price in wanted], path)
    return currency, shortest


def _check_intervals(kept: Sequence[Recurring], wanted: Sequence[tuple[Change, Price]], billing_mode: str) -> Recurring:
    """Return the shortest interval, or raise StripeError 400 and name an item that does not go with those before it."""
    rhythms = list(kept)
    for change, price in wanted:
        rhythms.append(price.rhythm)
        shortest = min(rhythms, key=_days)
        if not all(_go_together(shortest, each, billing_mode) for each in rhythms):
            raise errors.subscription_items.mixed_intervals(change.named)
    return min(rhythms, key=_days)


@documented("which intervals go together: https://docs.stripe.com/billing/subscriptions/mixed-interval")
def _go_together(shortest: Recurring, other: Recurring, billing_mode: str) -> bool:
    """Return whether an interval is a multiple of the shortest; in classic billing mode it must be the same."""
    if shortest.cadence == other.cadence:
        return True
    (unit, length), (other_unit, other_length) = _measured(shortest), _measured(other)
    divides = (unit, length) == ("day", 1) or (unit == other_unit and other_length % length == 0)
    return billing_mode == "flexible" and divides


def _measured(recurring: Recurring) -> tuple[Interval, int]:
    """Return an interval in days or in months: a week has seven days and a year twelve months."""
    unit, length = MEASURES[recurring.interval]
    return unit, length * recurring.interval_count


def _days(recurring: Recurring) -> int:
    """Return about how many days an interval has."""
    unit, length = _measured(recurring)
    return length if unit == "day" else length * DAYS_OF_MONTH


@observed("that a new subscription and a running one refuse another currency differently (Kiln-AI/stripe_world)")
def _another_currency(subscription: Subscription | None, change: Change, price: Price, currency: str) -> StripeError:
    if subscription is None:
        return errors.subscription_items.mixed_currencies(change.named, price.currency, currency)
    return errors.prices.only_supports(change.named, price.currency, currency)


def _check_different(taken: dict[str, str], price_ids: Sequence[str], path: str | None) -> None:
    """Raise StripeError 400 if two items have the same price; `taken` has the items that do not change, by price."""
    seen: set[str] = set()
    for price_id in filter(None, price_ids):  # a price that is created together with the item has no id yet
        if price_id in taken:
            raise errors.subscription_items.price_there(price_id, taken[price_id])
        if price_id in seen:
            raise errors.subscription_items.price_twice(price_id, path)
        seen.add(price_id)
