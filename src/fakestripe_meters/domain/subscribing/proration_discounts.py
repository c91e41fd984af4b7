"""What discounts take off a proration: a credit gives back what was paid, a charge costs what an invoice would ask.

Documented in: https://docs.stripe.com/billing/subscriptions/prorations.
"""

from collections.abc import Iterable
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from fakestripe_meters.core import adding_up
from fakestripe_meters.core import pricing
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.adding_up import Off
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.invoicing import arithmetic
from fakestripe_meters.domain.invoicing import discounting
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import discounts
from fakestripe_meters.domain.records import line_sums
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records.invoice_items import InvoiceItem
from fakestripe_meters.domain.records.invoice_items import InvoiceItems
from fakestripe_meters.domain.records.invoices import Invoices
from fakestripe_meters.domain.records.line_sums import LineDiscount
from fakestripe_meters.domain.records.subscription_items import Debit
from fakestripe_meters.domain.records.subscription_items import Item
from fakestripe_meters.domain.records.subscriptions import Subscription


@dataclass(frozen=True, slots=True)
class Cost:
    """What a whole time costs, or did cost, before discounts, and what each discount takes off it."""

    gross: Fraction
    taken: Sequence[LineDiscount] = ()

    @property
    def net(self) -> Fraction:
        """What is left of it."""
        return self.gross - sum(each.amount for each in self.taken)


@documented("a credit is of what was paid, so it is net of the discounts of its time")
def paid(account: Account, item: Item, debit: Debit) -> Cost | None:
    """Return what a debit did cost by the invoice, or the proration, that charged it; None if that is not known."""
    charge = account.part(InvoiceItems).table.get(debit.invoice_item or "")
    if charge is not None:
        return Cost(Fraction(charge.amount), charge.taken) if charge.taken else None
    invoice = account.part(Invoices).table.get(debit.invoice or "")
    lines = [line for line in invoice.lines if line.item == item.id and line.start == debit.start] if invoice else []
    taken = [each for line in lines for each in line.discount_amounts]
    if not taken:
        return None
    added = [each for each in line_sums.add_discounts(taken, ()) if each.amount]
    return Cost(Fraction(sum(line.amount for line in lines)), added)


@documented("a charge has the discounts of the present; a fixed amount is shared by the items as on an invoice")
@inferred("a discount for once lowers no proration: it waits for an invoice of other lines")
def planned(account: Account, subscription: Subscription, item: Item, gross: Fraction) -> Cost:
    """Return what the whole period of an item costs with the discounts of now."""
    customer = customers.kept(account, subscription.customer)
    general = _lasting(account, subscription, discounting.inherited(account, customer, subscription))
    if not general and not any(each.discounts for each in (item, *subscription.items)):
        return Cost(gross)
    licensed = [each for each in subscription.items if each.quantity is not None]
    sums = adding_up.add_up([_line(account, subscription, each) for each in licensed], general)
    of_item = sums[[each.id for each in licensed].index(item.id)]
    taken = [LineDiscount(amount, off.id) for off, amount in (*of_item.own, *of_item.general) if amount]
    return Cost(gross, taken)


def _line(account: Account, subscription: Subscription, item: Item) -> adding_up.Line:
    price = prices.kept(account, item.price)
    amount = pricing.cost(price.tariff, item.quantity or 0)
    own = discounting.current(account, item.discounts)
    return adding_up.Line(amount, price.product, _lasting(account, subscription, own))


def _lasting(account: Account, subscription: Subscription, ids: Iterable[str]) -> list[Off]:
    found = [discounts.kept(account, each) for each in ids]
    lasting = (each for each in found if discounts.coupon_of(account, each).duration != "once")
    return [arithmetic.off_of(account, each, subscription.currency) for each in lasting]


@documented("`included` shows amounts that are net of discounts, `itemized` the whole amounts beside the discounts")
def apply(
    account: Account, subscription: Subscription, proration: InvoiceItem, cost: Cost, *, gross: int, net: int
) -> None:
    """Give a proration its amount, `net` or before discounts `gross`, and say what discounts do to it."""
    proration.amount = net
    if not cost.taken:
        return
    proration.description = f"{proration.description} ({_words(account, subscription, cost)})"
    if subscription.billing_mode == "flexible" and subscription.proration_discounts == "itemized":
        proration.amount = gross
        sign = 1 if gross > net else -1
        parts = adding_up.split(abs(gross - net), _weights(cost, abs(gross - net)))
        amounts = [sign * part for part in parts]
    else:
        amounts = [0] * len(cost.taken)
    proration.taken = [LineDiscount(amount, each.discount) for amount, each in zip(amounts, cost.taken, strict=True)]


def _weights(cost: Cost, whole: int) -> list[int]:
    """Return weights of the discounts that hold an amount, which is at most one more than they are."""
    first, *others = (each.amount for each in cost.taken)
    return [first + whole, *others] if first + sum(others) < whole else [first, *others]


@inferred("the words for an amount, and for several discounts")
def _words(account: Account, subscription: Subscription, cost: Cost) -> str:
    """Return how a description says what was taken off: `with 10.0% off` (Kiln-AI/stripe_world)."""
    words = []
    for each in cost.taken:
        coupon = discounts.coupon_of(account, discounts.kept(account, each.discount))
        amount = coupon.amount_in(subscription.currency) or 0
        money = pricing.money(amount, subscription.currency)
        words.append(f"{money} off" if coupon.percent_off is None else f"{_percent(coupon.percent_off)}% off")
    return f"with {' and '.join(words)}"


def _percent(percent: Decimal) -> str:
    """Return a percentage with at least one decimal."""
    text = f"{percent.normalize():f}"
    return text if "." in text else f"{text}.0"
