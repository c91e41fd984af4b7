"""What a subscription is billed for: usage when a period is over, quantities when it begins."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records.invoice_lines import Charge
from fakestripe_meters.domain.records.subscription_items import Item
from fakestripe_meters.domain.records.subscriptions import Subscription


def arrears(account: Account, subscription: Subscription, until: int) -> list[Charge]:
    """Return the charges for usage since the period began, under the prices that counted it; none within a trial."""
    if subscription.trialing:
        return []
    metered = [item for item in subscription.items if prices.kept(account, item.price).metered]
    return [*subscription.unbilled, *(usage_of(item, until) for item in metered if item.since < until)]


def usage_of(item: Item, until: int) -> Charge:
    """Return the charge for the usage of an item under its current price."""
    return Charge(item.id, item.price, item.since, until, billed=item.billed, skipped=item.skipped)


def ahead(account: Account, subscription: Subscription, *, prorate: bool = True) -> list[Charge]:
    """Return the charges for the quantities of the period that begins.

    They are prorated if the period is shorter than its cycle; without `prorate` such a period has none.
    """
    start, end = subscription.period_start, subscription.period_end
    full = subscription.cycle.period(start)
    clipped = (full.start, full.end) != (start, end) and not subscription.trialing
    if clipped and not prorate:
        return []
    part, whole = (end - start, full.end - full.start) if clipped else (1, 1)
    return [
        Charge(item.id, item.price, start, end, item.quantity, part, whole, free=subscription.trialing)
        for item in subscription.items
        if item.quantity is not None
    ]


@documented("in flexible billing it shows no metered price, in classic billing a line of zero")
def opening(account: Account, subscription: Subscription, *, prorate: bool = True) -> list[Charge]:
    """Return the charges of the first invoice."""
    charges = ahead(account, subscription, prorate=prorate)
    if subscription.billing_mode == "flexible":
        return charges
    start, end = subscription.period_start, subscription.period_end
    metered = [
        Charge(item.id, item.price, start, end, free=True) for item in subscription.items if item.quantity is None
    ]
    return charges + metered
