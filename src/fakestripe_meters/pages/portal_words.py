"""A customer's subscriptions, cards, invoices and own data, in words for the pages of the portal."""

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import NamedTuple

from fakestripe_meters.core import pricing
from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.planning import ending
from fakestripe_meters.domain.portal import overview
from fakestripe_meters.domain.portal import own_data
from fakestripe_meters.domain.portal import switching
from fakestripe_meters.domain.portal import waiting
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import products
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.payment_methods import PaymentMethods
from fakestripe_meters.domain.records.portal_configurations import PortalConfiguration
from fakestripe_meters.domain.records.prices import Price
from fakestripe_meters.domain.records.subscription_items import Item
from fakestripe_meters.domain.records.subscription_schedules import Schedule
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.pages import cards
from fakestripe_meters.pages import price_words
from fakestripe_meters.pages import words

ADDRESS = {
    "line1": "Street",
    "line2": "Second line",
    "city": "City",
    "state": "State or region",
    "postal_code": "Postal code",
    "country": "Country, in two letters",
}
OWN = {"name": "Name", "email": "Email", "phone": "Phone"}


class ItemWords(NamedTuple):
    """An item of a subscription in words."""

    name: str
    price: str
    tiers: Sequence[str]
    meter: str
    """The name of the meter whose usage it bills; empty if it bills none."""
    usage: str
    """How much was used in the current period."""


class SubscriptionWords(NamedTuple):
    """A subscription in words, and what its customer may do with it."""

    id: str
    name: str
    status: str
    items: Sequence[ItemWords]
    period: str
    ends: int | None
    """When it is to end, in Unix seconds."""
    then: str
    """What it is to be switched to; empty if nothing waits."""
    switches: int | None
    """When it is to be switched, in Unix seconds."""
    renews: int | None
    """When it is invoiced next, in Unix seconds."""
    amount: str
    """What the next invoice comes to, as far as it is known; empty if there is none."""
    has_usage: bool
    may_cancel: bool
    may_keep: bool
    may_renew: bool
    may_switch: bool


class InvoiceWords(NamedTuple):
    """An invoice in words."""

    id: str
    number: str
    created: int
    total: str
    status: str
    payable: bool


class CardWords(NamedTuple):
    """A card that a customer has, in words."""

    id: str
    label: str
    default: bool
    removable: bool


def name_of(account: Account, price: Price) -> str:
    """Return what a price is for."""
    return words.plain(products.kept(account, price.product).name)


def quantified(name: str, quantity: int | None) -> str:
    """Return a name with how many of it: `3 × Seat`."""
    return name if quantity in (None, 1) else f"{quantity:,} × {name}"


def subscription(account: Account, configuration: PortalConfiguration, each: Subscription) -> SubscriptionWords:
    """Return a subscription in words."""
    items = [_item(account, each, item) for item in each.items]
    preview = overview.next_invoice(account, each)
    ends = each.ends_at
    schedule = ending.of(account, each)
    cancels = configuration.cancellations.enabled and schedule is None
    then, switches = _waiting(account, schedule)
    return SubscriptionWords(
        id=each.id,
        name=words.plain(each.description or " + ".join(dict.fromkeys(item.name for item in items))),
        status=each.status,
        items=items,
        period=words.days(each.period_start, each.period_end),
        ends=ends,
        then=then,
        switches=switches,
        renews=None if preview is None else each.turns_at,
        amount="" if preview is None else due(preview),
        has_usage=any(item.meter for item in items),
        may_cancel=cancels and ends is None,
        may_keep=bool(then) and schedule is not None and schedule.of_portal and configuration.switches.enabled,
        may_renew=cancels and ends is not None,
        may_switch=ends is None and _may_switch(account, configuration, each),
    )


def _item(account: Account, of: Subscription, item: Item) -> ItemWords:
    price = prices.kept(account, item.price)
    cost = price_words.of(account, price)
    usage = overview.usage_of(account, of, item)
    return ItemWords(
        name=quantified(name_of(account, price), item.quantity),
        price=cost.text,
        tiers=cost.tiers,
        meter="" if usage is None else words.plain(usage.meter.display_name),
        usage="" if usage is None else pricing.units(usage.value),
    )


def _waiting(account: Account, schedule: Schedule | None) -> tuple[str, int | None]:
    """Return what a schedule switches its subscription to, and when."""
    follows = None if schedule is None else waiting.next_item(schedule)
    if follows is None:
        return "", None
    item, when = follows
    price = prices.kept(account, item.price)
    return f"{quantified(name_of(account, price), item.quantity)}, {price_words.of(account, price).text}", when


def _may_switch(account: Account, configuration: PortalConfiguration, each: Subscription) -> bool:
    switches = configuration.switches
    if not switches.enabled or not switches.allowed or switching.obstacle(account, each) is not None:
        return False
    return switching.any_other(account, configuration, each)


def due(preview: Mapping[str, Any]) -> str:
    """Return what an invoice comes to that is only previewed."""
    return pricing.money(preview["amount_due"], preview["currency"])


def preview_lines(preview: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the lines of an invoice that is only previewed: what, and how much."""
    lines, currency = preview["lines"]["data"], preview["currency"]
    return [(words.plain(line["description"] or "Item"), pricing.money(line["amount"], currency)) for line in lines]


def invoices(account: Account, customer: Customer) -> list[InvoiceWords]:
    """Return the latest invoices of a customer, newest first."""
    return [_invoice(each) for each in overview.invoices_of(account, customer.id)]


def _invoice(invoice: Invoice) -> InvoiceWords:
    return InvoiceWords(
        id=invoice.id,
        number=invoice.number or invoice.id,
        created=invoice.created,
        total=pricing.money(invoice.total, invoice.currency),
        status=invoice.status,
        payable=invoice.status in ("open", "uncollectible"),
    )


def saved_cards(account: Account, customer: Customer) -> Iterator[CardWords]:
    """Yield the cards of a customer."""
    for method in account.part(PaymentMethods).of(customer.id):
        yield CardWords(
            method.id,
            cards.saved(method),
            method.id == customer.default_payment_method,
            own_data.removable(account, customer, method),
        )


def who(customer: Customer) -> Iterator[tuple[str, str]]:
    """Yield what is known about a customer: what, and its value."""
    for name, label in OWN.items():
        if value := getattr(customer, name):
            yield label, words.plain(value)
    for label, address in (("Address", customer.address), ("Shipping", (customer.shipping or {}).get("address"))):
        parts = [str(address[name]) for name in ADDRESS if address.get(name)] if address else []
        if parts:
            yield label, words.plain(", ".join(parts))


def fields(customer: Customer, allowed: Collection[str]) -> Iterator[tuple[str, str, str]]:
    """Yield the fields that a customer may change: name, label, and value."""
    for name, label in OWN.items():
        if name in allowed:
            yield name, label, getattr(customer, name) or ""
    if "address" in allowed:
        for name, label in ADDRESS.items():
            yield name, label, (customer.address or {}).get(name) or ""
    if "shipping" in allowed:
        shipping = customer.shipping or {}
        yield "shipping_name", "Ship to", shipping.get("name") or ""
        for name, label in ADDRESS.items():
            yield f"shipping_{name}", f"Shipping: {label.lower()}", (shipping.get("address") or {}).get(name) or ""
