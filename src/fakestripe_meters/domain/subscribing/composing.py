"""Whether the items of a subscription go together: what they share, and what they must not share."""

from collections.abc import Sequence

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records.prices import Price
from fakestripe_meters.domain.records.prices import Recurring
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.subscribing.item_changes import Change

MOST_ITEMS = 20


def compose(
    account: Account, subscription: Subscription | None, changes: Sequence[Change], path: str | None
) -> tuple[str, Recurring]:
    """Return the currency and the interval that all items share after the changes, or raise StripeError 400.

    `path` is that of the array of the items; None if the request has no array.
    """
    changed = {change.item.id for change in changes if change.item}
    items = [item for item in subscription.items if item.id not in changed] if subscription else []
    wanted = [(change, change.price_after(account)) for change in changes if not change.deleted]
    if not items and not wanted:
        raise errors.billing.no_items(path)
    if len(items) + len(wanted) > MOST_ITEMS:
        raise errors.params.too_many(path, MOST_ITEMS, "items")
    first = prices.kept(account, items[0].price) if items else wanted[0][1]
    currency = subscription.currency if subscription else first.currency
    for change, price in wanted:
        if price.currency != currency:
            raise _another_currency(subscription, change, price, currency)
        if price.rhythm.cadence != first.rhythm.cadence:
            raise errors.billing.mixed_intervals(change.named)
    _check_different({item.price: item.id for item in items}, [price.id for _, price in wanted])
    return currency, first.rhythm


@observed("that a new subscription and a running one refuse another currency differently (Kiln-AI/stripe_world)")
def _another_currency(subscription: Subscription | None, change: Change, price: Price, currency: str) -> StripeError:
    if subscription is None:
        return errors.billing.mixed_currencies(change.named, price.currency, currency)
    return errors.prices.only_supports(change.named, price.currency, currency)


def _check_different(taken: dict[str, str], price_ids: Sequence[str]) -> None:
    """Raise StripeError 400 if two items have the same price; `taken` has the items that do not change, by price."""
    seen: set[str] = set()
    for price_id in filter(None, price_ids):  # a price that is created together with the item has no id yet
        if price_id in taken:
            raise errors.billing.price_there(price_id, taken[price_id])
        if price_id in seen:
            raise errors.billing.price_twice(price_id)
        seen.add(price_id)
