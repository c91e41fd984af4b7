"""Changes to the items of a subscription: read, checked one by one, and only then applied."""

from collections.abc import Sequence

from fakestripe_meters.core import errors
from fakestripe_meters.core import pricing
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.invoicing import redeeming
from fakestripe_meters.domain.invoicing import tax_terms
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import products
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.prices import Price
from fakestripe_meters.domain.records.subscription_items import Item
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.subscribing import charging
from fakestripe_meters.domain.subscribing import discount_changes
from fakestripe_meters.domain.subscribing import item_periods
from fakestripe_meters.domain.subscribing import prorations
from fakestripe_meters.domain.subscribing.item_terms import ChosenItem
from fakestripe_meters.domain.subscribing.item_terms import ItemTerms
from fakestripe_meters.domain.subscribing.item_terms import ItemThreshold
from fakestripe_meters.domain.subscribing.item_terms import NewItem
from fakestripe_meters.domain.subscribing.item_terms import PreviewedItem
from fakestripe_meters.domain.subscribing.item_terms import PriceData
from fakestripe_meters.domain.subscribing.price_terms import RecurringTerms
from fakestripe_meters.domain.subscribing.price_terms import Sketch
from fakestripe_meters.domain.subscribing.price_terms import build
from fakestripe_meters.domain.subscribing.prorations import NOT_AT_ALL
from fakestripe_meters.domain.subscribing.prorations import Prorating
from fakestripe_meters.framework.amounts import check_charge
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.wire.schema import UNSET

WAYS = ("price", "plan", "price_data")
"""The parameters by which an item can name its price."""


@dataclass(slots=True, eq=False)
class Change:
    """A change that was read: `item` is None for a new item, `price` is None if the price stays."""

    path: str
    terms: ItemTerms
    item: Item | None
    price: Price | None
    deleted: bool = False
    made: Item | None = None
    """The new item, once it was added."""
    rates: list[str] | None = None
    """Its tax rates, if they change."""

    def within(self, name: str) -> str:
        """Return the path of one of its parameters in the request."""
        return f"{self.path}[{name}]" if self.path else name

    @property
    def named(self) -> str:
        """The path of the parameter that names the price."""
        named = [name for name in WAYS if getattr(self.terms, name, None) is not None]
        return self.within(named[0] if named else "price")

    def price_after(self, account: Account) -> Price:
        """Return the price that the item has afterwards."""
        if self.price is not None:
            return self.price
        return prices.kept(account, self.item.price if self.item else "")

    @observed("another price sets the quantity to 1 (stripe/stripe-python#388, craftcms/commerce-stripe#189)")
    @documented("the same: https://docs.stripe.com/api/subscription_items/update")
    def quantity_after(self, account: Account) -> int | None:
        """Return the quantity that the item has afterwards; None for a metered price."""
        if self.price_after(account).metered:
            return None
        if self.terms.quantity is not None:
            return self.terms.quantity
        kept = None if self.item is None or self.replaces else self.item.quantity
        return 1 if kept is None else kept

    @property
    def replaces(self) -> bool:
        """Whether the item gets another price."""
        return self.item is not None and self.price is not None and self.price.id != self.item.price

    def changes_quantity(self, account: Account) -> bool:
        """Return whether an item that stays gets another quantity."""
        return self.item is not None and not self.deleted and self.quantity_after(account) != self.item.quantity

    def moves(self, account: Account) -> bool:
        """Return whether the item costs something else afterwards, so that the rest of the period is prorated."""
        if self.item is None:
            return True
        return self.deleted or self.replaces or self.quantity_after(account) != self.item.quantity


def read(
    account: Account, subscription: Subscription | None, given: Sequence[ItemTerms], path: str = "items"
) -> list[Change]:
    """Read changes and look up the objects that they name, or raise StripeError 400."""
    return [read_one(account, subscription, terms, f"{path}[{index}]") for index, terms in enumerate(given)]


def read_one(account: Account, subscription: Subscription | None, terms: ItemTerms, path: str) -> Change:
    """Read one change, as `read` does; `path` is empty if its parameters are not in an array."""
    change = Change(path, terms, item=None, price=None)
    if isinstance(terms, PreviewedItem) and terms.id is not None:
        change.item = subscription.item(terms.id) if subscription else None
        change.deleted = terms.deleted
        if change.item is None:
            raise errors.objects.no_such("subscription_item", terms.id, param=change.within("id"), status=400)
    return resolve(account, change)


def resolve(account: Account, change: Change) -> Change:
    """Look up the price of a change, and check the parameters that are given with it."""
    change.price = None if change.deleted else _price_of(account, change)
    if change.price is None and change.item is None:
        raise errors.subscription_items.no_price(change.path or "price")
    if not change.deleted and change.terms.quantity is not None and change.price_after(account).metered:
        raise errors.subscription_items.quantity_on_metered(change.within("quantity"))
    merged(change.item.metadata if change.item else {}, change.terms.metadata, change.within("metadata"))
    change.rates = tax_terms.chosen(account, change.terms.tax_rates, change.within("tax_rates"))
    _check_charge(account, change)
    return change


def _check_charge(account: Account, change: Change) -> None:
    """Raise StripeError 400 if an item would cost more for a period than can be charged."""
    quantity = None if change.deleted else change.quantity_after(account)
    if quantity is not None:
        path = change.named if change.terms.quantity is None else change.within("quantity")
        check_charge(pricing.cost(change.price_after(account).tariff, quantity), path)


def keep_prices(account: Account, changes: Sequence[Change]) -> None:
    """Add the prices that are created together with the changes."""
    for change in changes:
        if change.price is not None and not change.price.id:
            prices.add(account, change.price)


def make(
    account: Account, subscription: Subscription, changes: Sequence[Change], prorating: Prorating = NOT_AT_ALL
) -> list[InvoiceItem]:
    """Apply changes that were checked, and return their prorations, which are in no table yet.

    `stopped_usage.py` decides what becomes of the usage so far. If a new period begins right after, and is billed in
    full, only what is credited for the rest of the old one is prorated.
    """
    # First all credits, then all changes, then all charges: a fixed discount is shared by all items, those of before or
    # those of after.
    moving = [change for change in changes if change.moves(account)]
    credited = {id(change): _unused(account, subscription, change, prorating.at) for change in moving}
    items = {id(change): _make(account, subscription, change) for change in changes}
    found: list[InvoiceItem] = []
    for change in moving:
        found += credited[id(change)]
        item = items[id(change)]
        if item is not None and prorating.rest:
            found += prorations.remaining(account, subscription, item, prorating.at)
    return found


def _unused(account: Account, subscription: Subscription, change: Change, at: int | None) -> list[InvoiceItem]:
    """Return the credits for the item as it is before a change."""
    return [] if change.item is None else prorations.unused(account, subscription, [change.item], at)


def _make(account: Account, subscription: Subscription, change: Change) -> Item | None:
    """Apply a change, and return its item; None if that is removed."""
    item = change.item
    if change.deleted and item is not None:
        subscription.items = tuple(each for each in subscription.items if each is not item)
        redeeming.end_all(account, item.discounts, item=item.id)
        return None
    if item is None:
        item = _add(account, subscription, change)
        _start_counting(account, item)
    elif change.replaces:
        _alter(account, subscription, item, change)
        _start_counting(account, item)
    else:
        _alter(account, subscription, item, change)
    return item


def _add(account: Account, subscription: Subscription, change: Change) -> Item:
    thresholds = change.terms.billing_thresholds
    item = Item(
        id=account.ids.new("si_"),
        created=account.now,
        price=change.price_after(account).id,
        quantity=change.quantity_after(account),
        since=account.now,
        metadata=merged({}, change.terms.metadata),
        usage_gte=thresholds.usage_gte if isinstance(thresholds, ItemThreshold) else None,
        tax_rates=change.rates or [],
    )
    item_periods.settle(account, subscription, item)
    subscription.items = (*subscription.items, item)
    change.made = item
    if subscription.id:  # the items of a new subscription get theirs once that has an id
        apply_discounts(account, subscription, change, item)
    return item


def apply_discounts(account: Account, subscription: Subscription, change: Change, item: Item) -> None:
    """Put the discounts that a change names on its item."""
    path, existing = change.within("discounts"), bool(subscription.latest_invoice)
    discount_changes.apply_to_item(account, subscription, item, change.terms.discounts, path=path, changes=existing)


def _alter(account: Account, subscription: Subscription, item: Item, change: Change) -> None:
    quantity = change.quantity_after(account)
    item.price, item.quantity = change.price_after(account).id, quantity
    item_periods.settle(account, subscription, item)
    item.metadata = merged(item.metadata, change.terms.metadata)
    apply_discounts(account, subscription, change, item)
    if change.rates is not None:
        item.tax_rates = change.rates
    thresholds = change.terms.billing_thresholds
    if thresholds is not UNSET:
        item.usage_gte = thresholds.usage_gte if thresholds else None


def _start_counting(account: Account, item: Item) -> None:
    """Count usage under the price that an item has now."""
    item.count_after(charging.cut(account), account.now)


def _price_of(account: Account, change: Change) -> Price | None:
    terms = change.terms
    named = [name for name in WAYS if getattr(terms, name, None) is not None]
    if len(named) > 1:
        raise errors.params.exclusive_params([change.within(name) for name in named])
    if isinstance(terms, NewItem) and terms.price_data is not None:
        return _price_of_data(account, change, terms.price_data)
    if terms.plan is not None:
        # observed: for a new subscription, the param is `plan`, not its path in the request (pay-rails/pay).
        return _checked(prices.find_plan(account, terms.plan, param="plan", status=400), change, "plan")
    if terms.price is not None:
        return _checked(prices.find(account, terms.price, param=change.within("price"), status=400), change, "price")
    return None


def _checked(price: Price, change: Change, name: str) -> Price:
    if price.recurring is None:
        raise errors.prices.price_of_wrong_type(change.within(name), "one_time", "recurring")
    kept = isinstance(change.terms, ChosenItem) or (change.item is not None and change.item.price == price.id)
    if not price.active and not kept:
        raise errors.objects.inactive(change.within(name), "price")
    return price


def _price_of_data(account: Account, change: Change, data: PriceData) -> Price:
    def within(name: str) -> str:
        return f"{change.within('price_data')}[{name}]"

    product = products.find(account, data.product, param=within("product"), status=400)
    recurring = RecurringTerms(interval=data.recurring.interval, interval_count=data.recurring.interval_count)
    sketch = Sketch(
        currency=data.currency,
        product=product.id,
        recurring=recurring,
        unit_amount=data.unit_amount,
        unit_amount_decimal=data.unit_amount_decimal,
        tax_behavior=data.tax_behavior,
    )
    return build(account, sketch, within)
