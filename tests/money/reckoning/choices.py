"""What a story may do next, as the state of the account book allows."""

from random import Random

from tests.money.reckoning import calendar
from tests.money.reckoning.book import Act
from tests.money.reckoning.book import Book
from tests.money.reckoning.book import Item
from tests.money.reckoning.catalogue import PRICES
from tests.money.reckoning.prices import Price
from tests.resources.shop import DAY
from tests.resources.shop import HOUR

KINDS = (
    "backdate",
    "none",
    "trial",
    "set-up",
    "swap",
    "metered",
    "date",
    "mixed",
    "interval",
    "reset",
    "cancel",
    "late",
)
"""What can be left out of the stories."""
WAITS = (7, 61, HOUR // 2, 2 * HOUR, DAY, 3 * DAY + 11, 12 * DAY + 5_000, 33 * DAY)
QUANTITIES = (1, 1, 2, 3, 5)


class Choices:
    """Draws what happens; never what is left out."""

    def __init__(self, random: Random, book: Book, without: frozenset[str]) -> None:
        self.random, self.book, self.without = random, book, without

    def may(self, kind: str, chance: float) -> bool:
        """Say whether something happens now."""
        return kind not in self.without and self.random.random() < chance

    def behavior(self) -> str:
        """Choose a `proration_behavior`; no source says what a trial in classic mode invoices at once."""
        several = ["create_prorations", "create_prorations"]
        several += [] if self.book.trialing and not self.book.flexible else ["always_invoice"]
        return self.random.choice(several + ([] if "none" in self.without else ["none"]))

    def quantity(self, price: Price) -> int:
        return 1 if price.meter else self.random.choice(QUANTITIES)

    def first_items(self) -> dict[str, tuple[Price, int]]:
        """Choose a licensed price, and none, one or two metered ones."""
        licensed = ["seat", "desk", "room", "stool"] + (["seat a year", "desk a quarter"] if self._may_mix() else [])
        names = [self.random.choice(licensed), *self.random.sample(["calls", "bytes"], self.random.randrange(3))]
        return {name: (PRICES[name], self.quantity(PRICES[name])) for name in names}

    def acts(self) -> list[Act]:
        """Choose what to do with one item or two, or another item to add."""
        if not self.book.flexible and not self.book.trialing and self.may("interval", 0.2):
            several = self._other_interval()
            if several:
                return several
        names = self.random.sample(sorted(self.book.items), self.random.randint(1, min(2, len(self.book.items))))
        chosen: list[Act] = []
        for name in names:
            act = self._of_item(self.book.items[name], name, chosen)
            if act:
                chosen.append(act)
        free = [each for each in PRICES.values() if self._may_add(each, chosen)]
        if free and (not chosen or self.random.random() < 0.2):
            price = self.random.choice(free)
            chosen.append(Act("add", price.name, price, self.quantity(price)))
        return chosen

    def may_add(self, chosen: list[Act], behavior: str) -> bool:
        """Say whether the call adds an item of its own: whether that is alone if only usage changes, no source says."""
        licensed = any(each.price and not each.price.meter for each in chosen)
        clear = licensed or behavior != "always_invoice" or not self.book.flexible
        return clear and self.may("set-up", 0.15)

    def resettable(self) -> bool:
        """Say whether all periods are paid for: what a new anchor charges of others, no source says."""
        licensed = [each for each in self.book.items.values() if not each.price.meter]
        paid = all(max([0, *(debit.until for debit in each.debits)]) == each.end for each in licensed)
        return not self.book.trialing and (paid or not self.book.flexible)

    def date(self, chosen: list[Act]) -> int | None:
        """Choose an earlier instant to prorate from, if only licensed prices are changed."""
        changed = [self.book.items[each.item] for each in chosen if each.item in self.book.items]
        prices = [each.price for each in chosen if each.price] + [each.price for each in changed]
        if any(each.meter for each in prices) or self.book.trialing or not self.may("date", 0.3):
            return None
        if not self.book.flexible and any(each.interval != self.book.interval for each in prices):
            return None
        begun = [calendar.period(self.book.anchor, each.interval, self.book.now)[0] for each in prices]
        starts = [each.start for each in self.book.items.values()] + [each.since for each in changed]
        return self.random.randint(max(begun + starts), self.book.now)

    def _of_item(self, item: Item, name: str, chosen: list[Act]) -> Act | None:
        if item.price.meter and "metered" in self.without:
            return None
        kind = self.random.choice(("keep", "keep", "swap", "swap", "remove"))
        if kind == "remove" and not self._may_remove(item, chosen):
            kind = "swap"
        if kind == "remove":
            return Act(kind, name)
        if kind == "keep" and not item.price.meter:
            others = [each for each in QUANTITIES if each != item.quantity]
            return Act(kind, name, item.price, self.random.choice(others))
        alike = [each for each in PRICES.values() if self._may_swap(item, each, chosen)]
        if not alike or "swap" in self.without:
            return None
        price = self.random.choice(alike)
        return Act("swap", name, price, self.quantity(price))

    def _may_remove(self, item: Item, chosen: list[Act]) -> bool:
        """A licensed item stays, so that there is always one."""
        gone = {each.item for each in chosen if each.what == "remove"}
        left = [each for name, each in self.book.items.items() if name not in gone and each is not item]
        return any(not each.price.meter for each in left)

    def _may_swap(self, item: Item, price: Price, chosen: list[Act]) -> bool:
        if price.meter != item.price.meter or price.name in self._used(chosen):
            return False
        return price.interval == item.price.interval or self._may_mix()

    def _may_add(self, price: Price, chosen: list[Act]) -> bool:
        meters = {each.price.meter for each in self.book.items.values() if each.price.meter}
        if price.name in self._used(chosen) | set(self.book.items) or price.meter in meters:
            return False
        return self._may_mix() or price.interval == self.book.interval

    def _may_mix(self) -> bool:
        """Say whether another interval is possible."""
        return self.book.flexible and not self.book.trialing and "mixed" not in self.without

    def _used(self, chosen: list[Act]) -> set[str]:
        return {each.price.name for each in self.book.items.values()} | {
            each.price.name for each in chosen if each.price
        }

    def _other_interval(self) -> list[Act]:
        """Swap all items for prices of another interval, as classic mode demands."""
        items = self.book.items
        interval = self.random.choice([each for each in ("month", "year") if each != self.book.interval])
        others = [each for each in PRICES.values() if not each.meter and each.interval == interval]
        if len(others) < len(items) or any(each.price.meter for each in items.values()):
            return []
        prices = self.random.sample(others, len(items))
        return [Act("swap", name, price, self.quantity(price)) for name, price in zip(items, prices, strict=True)]
