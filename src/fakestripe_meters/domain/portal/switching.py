"""Which subscriptions the portal can switch, and to what.

Documented in: https://docs.stripe.com/customer-management.
"""

from collections.abc import Iterator

from fakestripe_meters.core import errors
from fakestripe_meters.core import pricing
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.periods import Cycle
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.planning import ending
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import promotion_codes
from fakestripe_meters.domain.records.portal_configurations import PortalConfiguration
from fakestripe_meters.domain.records.portal_configurations import SwitchableProduct
from fakestripe_meters.domain.records.prices import Price
from fakestripe_meters.domain.records.promotion_codes import PromotionCode
from fakestripe_meters.domain.records.subscription_items import Item
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.subscribing.item_terms import ItemChanges

SWITCHABLE = ("active", "past_due", "trialing", "unpaid")
"""The statuses in which a subscription can be switched."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a customer wants instead; what is None stays as it is."""

    price: str | None = None
    quantity: int | None = None
    code: str | None = None
    """A promotion code."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A price that a customer may switch to, and the product with the quantities that it allows."""

    price: Price
    product: SwitchableProduct


@documented("one with several products or with usage-based billing can be canceled, and not updated")
@inferred("nor one with a schedule, or that has not been paid for the first time; the words of the reasons")
def obstacle(account: Account, subscription: Subscription) -> str | None:
    """Return why the portal cannot switch a subscription, for the end of a sentence; None if it can."""
    if subscription.status not in SWITCHABLE:
        return f"it is {subscription.status}"
    if len(subscription.items) > 1:
        return "it has multiple `items`"
    if any(prices.kept(account, item.price).metered for item in subscription.items):
        return "it has usage-based billing"
    if ending.of(account, subscription) is not None:
        return "it is managed by a subscription schedule"
    return None


def only_item(subscription: Subscription) -> Item:
    """Return the item of a subscription that the portal can switch."""
    (item,) = subscription.items
    return item


@inferred("an inactive price is not offered, nor one in another currency")
def choices(account: Account, configuration: PortalConfiguration, subscription: Subscription) -> Iterator[Choice]:
    """Yield the prices that a customer may have; the present one is among them if it is listed."""
    present = only_item(subscription).price
    for product in configuration.switches.products:
        for price_id in product.prices:
            price = prices.lookup(account, price_id)
            if price is not None and price.currency == subscription.currency and (price.active or price_id == present):
                yield Choice(price, product)


def check(account: Account, configuration: PortalConfiguration, subscription: Subscription) -> None:
    """Raise StripeError 400 unless a customer may switch a subscription to something."""
    switches = configuration.switches
    if not switches.enabled or not switches.allowed:
        raise errors.portal.feature_disabled(errors.portal.UPDATE, "subscription cannot be updated")
    reason = obstacle(account, subscription)
    if reason is not None:
        raise errors.portal.cannot_switch(reason)


def any_other(account: Account, configuration: PortalConfiguration, subscription: Subscription) -> bool:
    """Return whether there is another price or quantity to switch to."""
    item = only_item(subscription)
    if "quantity" in configuration.switches.allowed:
        product = configuration.switches.product_of(item.price)
        if product is not None and product.adjustable:
            return True
    others = any(each.price.id != item.price for each in choices(account, configuration, subscription))
    return others and "price" in configuration.switches.allowed


@inferred("the sentence, from parts of it that programs look for")
def check_any(account: Account, configuration: PortalConfiguration, subscription: Subscription) -> None:
    """Raise StripeError 400 unless there is something to switch to."""
    check(account, configuration, subscription)
    if not any_other(account, configuration, subscription):
        raise errors.portal.cannot_switch(
            "there is no price in the portal configuration available to change to and its quantity cannot be changed"
        )


def check_change(configuration: PortalConfiguration, item: Item, wish: Wish) -> tuple[str, int | None]:
    """Return the price and the quantity after a change; raise StripeError 400 if the configuration forbids it."""
    switches = configuration.switches
    price = wish.price or item.price
    amount = item.quantity if wish.quantity is None else wish.quantity
    if price == item.price and amount == item.quantity:
        raise errors.portal.nothing_to_confirm()
    product = switches.product_of(price)
    if price != item.price and "price" not in switches.allowed:
        raise errors.portal.update_not_allowed(item.id, "price", configuration.id)
    if product is None:
        raise errors.portal.not_offered(item.id, price, configuration.id)
    if amount != item.quantity:
        if "quantity" not in switches.allowed:
            raise errors.portal.update_not_allowed(item.id, "quantity", configuration.id)
        if amount is None or not product.allows(amount):
            raise errors.portal.quantity_not_allowed(item.id, amount or 0)
    return price, amount


@documented("the two conditions: https://docs.stripe.com/customer-management/configure-portal")
@inferred("the amount is that of an interval, whatever its length")
def waits(
    account: Account, configuration: PortalConfiguration, subscription: Subscription, wanted: ItemChanges
) -> bool:
    """Return whether a switch waits for the end of the period."""
    item = only_item(subscription)
    before, after = prices.kept(account, item.price), prices.kept(account, wanted.price or item.price)
    lasts_s = [_length(each) for each in (before, after)]
    amounts = [pricing.cost(before.tariff, item.quantity or 0), pricing.cost(after.tariff, wanted.quantity or 0)]
    conditions = configuration.switches.waits_if
    shortens = "shortening_interval" in conditions and lasts_s[1] < lasts_s[0]
    return shortens or ("decreasing_item_amount" in conditions and amounts[1] < amounts[0])


def _length(price: Price) -> int:
    cycle = Cycle(0, *price.rhythm.cadence)
    return cycle.edge(1) - cycle.edge(0)


def code_of(account: Account, configuration: PortalConfiguration, code: str | None) -> PromotionCode | None:
    """Return the promotion code that a customer has entered, if any; raise StripeError 400 if there is none."""
    if not code:
        return None
    found = promotion_codes.entered(account, code) if "promotion_code" in configuration.switches.allowed else None
    if found is None:
        raise errors.portal.unknown_code(code)
    return found
