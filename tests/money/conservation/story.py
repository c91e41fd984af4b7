"""A random story of one subscription, told to the fake and to the oracle.

Event number k is worth 3 ** k, and a unit costs a cent, so that amounts say which events they are made of.
"""

import sys
from collections.abc import Callable
from random import Random
from typing import Any

from tests.conftest import Call
from tests.money.conservation import oracle
from tests.money.conservation.oracle import Bill
from tests.money.conservation.oracle import Chain
from tests.money.conservation.oracle import Closing
from tests.money.conservation.oracle import Event
from tests.resources import shop
from tests.resources.shop import DAY
from tests.resources.shop import HOUR
from tests.resources.shop import NEW_YEAR

Tree = dict[str, Any]
MOST_EVENTS = 16
METERS: dict[str, tuple[str, ...]] = {"calls": ("calls", "more calls", "weekly calls"), "bytes": ("bytes",)}
METER_OF = {price: meter for meter, prices in METERS.items() for price in prices}
WAITS = (1, 59, 61, HOUR // 2, HOUR, DAY, 5 * DAY, 20 * DAY, 33 * DAY)
LAGS = (0, 0, 0, 61, 2 * HOUR)
LONG = 120 * DAY


class Story:
    """One subscription and its events. `step` counts what happens: requests are even, what they cause is odd."""

    def __init__(self, call: Call, random: Random) -> None:
        self.call, self.random, self.step = call, random, 2
        self.lag = random.choice(LAGS)
        self.clock = None if self.lag or random.random() < 0.7 else self._test_clock()
        self.acts = 0
        self.events: list[Event] = []
        self.known: set[str] = set()
        self.pending: list[Closing] = []
        self.chains = {meter: Chain(meter) for meter in METERS}
        self.trial_end: int | None = None
        self.otherwise = oracle.PRICELESS
        self.ended = sys.maxsize
        self.prices, self.weekly = self._price_list(), False
        call.fake.control.set_lag(self.lag)

    def fate(self, event: Event) -> tuple[str, str]:
        """The price that an event is billed under, or none and the reason."""
        return self.chains[event.meter].fate(event, self.otherwise)

    # What the story is made of

    def play(self, acts: int) -> None:
        """Begin, let so many things happen, and wait until everything is finalized."""
        self._begin()
        for _ in range(acts):
            if self.random.random() < 0.3:
                self._wait(self.random.choice(WAITS))
            self._use() if self.random.random() < 0.5 else self._act()
        self._wait(LONG)
        self._wait(HOUR)

    def _begin(self) -> None:
        terms = {"test_clock": self.clock} if self.clock else {}
        self.customer = shop.customer(self.call, **terms)
        for _ in range(self.random.randrange(3)):
            self._use()
        first = self.random.choice(("calls", "calls", "bytes"))
        names = [first, *(["seat"] if self.random.random() < 0.3 else [])]
        more: Tree = {"trial_period_days": self.random.choice((1, 14))} if self.random.random() < 0.2 else {}
        if self.random.random() < 0.3:
            more |= {"collection_method": "send_invoice", "days_until_due": 7}
        self.sends = "days_until_due" in more
        self.step += 2
        made = shop.subscribe(self.call, self.customer, *(self.prices[name] for name in names), **more)
        self.path, self.trial_end = f"/v1/subscriptions/{made['id']}", made["trial_end"]
        for meter, chain in self.chains.items():
            reason = oracle.BEFORE
            chain.begin(first if METER_OF[first] == meter else "", self.now, self.step, reason)
        self._settle()

    def _use(self) -> None:
        if len(self.events) == MOST_EVENTS:
            return
        now, number = self.now, len(self.events)
        shift = self.random.choice((0, 0, 0, 0, 1, 7, 300, -1, -59, -HOUR, -2 * DAY, -34 * DAY))
        event = Event(
            f"e{number}", 3**number, self.random.choice((*METERS, "calls")), now + shift, now, self.step + 2, self.lag
        )
        self._post(
            "/v1/billing/meter_events",
            {
                "event_name": event.meter,
                "identifier": event.identifier,
                "payload": {"stripe_customer_id": self.customer, "value": event.value},
                "timestamp": event.timestamp,
            },
            then=lambda: self.events.append(event),
        )

    def _act(self) -> None:
        acts: list[Callable[[], None]] = [
            self._anchor,
            self._cancel_event,
            self._cancel_event,
            self._change_items,
            self._change_items,
            self._end_later,
            self._threshold,
            self._threshold,
            self._trial,
            self._look,
        ]
        if self.random.random() < 0.08:
            acts = [self._end]
        self.random.choice(acts)()

    def _anchor(self) -> None:
        self._post(self.path, {"billing_cycle_anchor": "now"}, then=self._restart)

    def _cancel_event(self) -> None:
        standing = [each for each in self.events if not each.cancelled and each.accepted > self.wall - DAY]
        if not standing:
            return
        event = self.random.choice(standing)

        def cancelled() -> None:
            event.cancelled = self.now, self.step

        cancel = {"event_name": event.meter, "type": "cancel", "cancel": {"identifier": event.identifier}}
        self._post("/v1/billing/meter_event_adjustments", cancel, then=cancelled)

    def _change_items(self) -> None:
        items = self._subscription["items"]["data"]
        item = self.random.choice(items)
        old = next(name for name, price in self.prices.items() if price == item["price"]["id"])
        name = self.random.choice([*METER_OF, "seat"])
        if self.random.random() < 0.25:
            change, new = [{"id": item["id"], "deleted": True}], ""
        elif self.random.random() < 0.25:
            change, old, new = [{"price": self.prices[name]}], "", name
        elif self.random.random() < 0.4:
            change, new = [{"id": item["id"], "deleted": True}, {"price": self.prices[name]}], name
        else:
            change, new = [{"id": item["id"], "price": self.prices[name]}], name
        if new and new != old and any(self._of_one_meter(new, chain, old) for chain in self.chains.values()):
            return  # one price of a meter at a time
        behavior = self.random.choice(("create_prorations", "always_invoice", "none"))
        self._post(
            self.path,
            {"items": change, "proration_behavior": behavior},
            then=lambda: self._moved(old, new),
        )

    def _of_one_meter(self, new: str, chain: Chain, old: str) -> bool:
        return METER_OF.get(new) == chain.meter and chain.price not in ("", old)

    def _end_later(self) -> None:
        later = {"cancel_at": self.now + self.random.choice((1, 2 * DAY, 40 * DAY))}
        terms = self.random.choice((later, {"cancel_at_period_end": True}, {"cancel_at_period_end": False}))
        self._post(self.path, terms)

    def _threshold(self) -> None:
        amount = self.random.choice((50, 500, 5_000, 500_000))
        terms = {"amount_gte": amount, "reset_billing_cycle_anchor": self.random.random() < 0.5}
        self._post(self.path, {"billing_thresholds": terms if self.random.random() < 0.8 else ""})

    def _trial(self) -> None:
        if self.random.random() < 0.6 and not self.trial_end:
            return
        ends = self.random.choice(("now", self.now + self.random.choice((1, DAY, 9 * DAY))))

        def moved() -> None:
            self._restart()
            self.trial_end = None if ends == "now" else int(ends)

        if ends != "now" or self.trial_end:
            self._post(self.path, {"trial_end": ends}, then=moved)

    def _look(self) -> None:
        """What shows, changes nothing; and a snapshot has everything."""
        fake = self.call.fake
        fake.explain_billing("calls", self.customer)
        self.call.post("/v1/invoices/create_preview", {"subscription": self.path.rpartition("/")[2]})
        fake.restore(fake.snapshot())

    def _end(self) -> None:
        bill = self.random.random() < 0.6
        self.step += 2
        if self.call.delete(self.path, {"invoice_now": bill, "prorate": self.random.random() < 0.5}).status != 200:
            return
        self.acts += 1
        made = self._bill() if bill else None
        for chain in self._counting():
            if self.trial_end:
                chain.close(self.now, self.step, edge=True, reason=oracle.TRIAL)
            else:
                self._closed(chain, made)
        if not bill:
            for closing in self.pending:
                closing.reason, closing.bill = oracle.DISCARDED, None
            self.pending = []
        self._over(self.now, act=True)
        self._settle()

    # What it means to the oracle

    def _restart(self) -> None:
        """A period begins now."""
        bill = self._bill()
        for chain in self._counting():
            if self.trial_end:
                chain.close(self.now, self.step, edge=True, reason=oracle.TRIAL)
            else:
                self._closed(chain, bill)
        self.trial_end = None

    def _moved(self, old: str, new: str) -> None:
        """One price takes the place of another, or none does."""
        meter_before, meter_after = METER_OF.get(old), METER_OF.get(new)
        weekly = self._subscription["items"]["data"][0]["plan"]["interval"] == "week"
        turned, self.weekly = weekly != self.weekly, weekly
        if old == new:
            return
        if meter_before:
            chain = self.chains[meter_before]
            if self.trial_end:
                chain.close(self.now, self.step, edge=True, reason=oracle.TRIAL)
            else:
                self.pending.append(self._closed(chain, None))
            chain.price = ""
        if meter_after and meter_after == meter_before:
            self.chains[meter_after].price = new
        elif meter_after:
            self.chains[meter_after].begin(new, self.now, self.step, oracle.PRICELESS)
        if turned and not self.trial_end:
            self._restart()

    def _counting(self) -> list[Chain]:
        return [chain for chain in self.chains.values() if chain.price]

    def _closed(self, chain: Chain, bill: Bill | None) -> Closing:
        return chain.close(self.now, self.step, reason=oracle.DISCARDED, bill=bill)

    def _bill(self) -> Bill:
        """An invoice that an act makes now; it also has what was waiting for one."""
        bill = Bill(self.step + 1, self.now + HOUR if self.sends else self.now)
        self._flush(bill)
        return bill

    def _flush(self, bill: Bill) -> None:
        for closing in self.pending:
            closing.bill = bill
        self.pending = []

    def _over(self, instant: int, *, act: bool) -> None:
        """The subscription has ended: what was accepted before is a matter of prices, the rest came too late."""
        for chain in self.chains.values():
            chain.close(instant, self.step, edge=not act, act=act, reason=oracle.PRICELESS)
            chain.price = ""
        self.otherwise, self.trial_end, self.ended = oracle.AFTER, None, self.step

    # What happens by itself

    def _wait(self, seconds: int) -> None:
        self.step += 2
        if self.clock:
            target = {"frozen_time": self.now + seconds}
            self.call.create(f"/v1/test_helpers/test_clocks/{self.clock}/advance", target)
        else:
            self.call.clock.advance(seconds)
        self._settle()

    def _settle(self) -> None:
        """Learn of the invoices that time and thresholds have made since, oldest first."""
        subscription = self._subscription
        ended = subscription["ended_at"] if self.otherwise != oracle.AFTER else None
        for invoice in shop.invoices(self.call, customer=self.customer):
            if invoice["id"] not in self.known:
                self.known.add(invoice["id"])
                self._heed(invoice)
        if self.trial_end and self.trial_end <= self.now and not ended:
            self._edge_of_trial(self.trial_end)
        if ended is not None:
            for chain in self._counting():
                if self.trial_end:
                    chain.close(ended, self.step, edge=True, act=False, reason=oracle.TRIAL)
            self._over(ended, act=False)

    def _edge_of_trial(self, instant: int) -> None:
        for chain in self._counting():
            chain.close(instant, self.step, edge=True, act=False, reason=oracle.TRIAL)
        self.trial_end = None

    def _heed(self, invoice: Tree) -> None:
        created, reason = invoice["created"], invoice["billing_reason"]
        if self.trial_end and created >= self.trial_end:
            at_its_end = created == self.trial_end
            self._edge_of_trial(self.trial_end)
            if at_its_end:
                return
        if reason == "subscription_cycle" and not self.trial_end:
            bill = Bill(self.step + 1, created + HOUR)
            self._flush(bill)
            for chain in self._counting():
                chain.close(created, self.step, edge=True, act=False, bill=bill)
        elif reason == "subscription_threshold":
            bill = Bill(self.step + 1, created)
            self._flush(bill)
            reset = self._subscription["billing_thresholds"]["reset_billing_cycle_anchor"]
            for chain in self._counting():
                if reset:
                    chain.close(created, self.step + 1, bill=bill)
                else:
                    chain.in_part.append((created, bill))

    # Small things

    @property
    def wall(self) -> int:
        """The account's own time, in which 24 hours are counted."""
        return self.call.clock.now()

    @property
    def now(self) -> int:
        if self.clock is None:
            return self.wall
        found: int = self.call.get(f"/v1/test_helpers/test_clocks/{self.clock}").json["frozen_time"]
        return found

    @property
    def _subscription(self) -> Tree:
        found: Tree = self.call.get(self.path).json
        return found

    def _post(self, path: str, params: Tree, then: Callable[[], None] = lambda: None) -> None:
        """Do something; if it is not refused, tell the oracle, and see what it has caused."""
        self.step += 2
        if self.call.post(path, params).status == 200:
            self.acts += 1
            then()
            if hasattr(self, "path"):
                self._settle()

    def _test_clock(self) -> str:
        made: str = self.call.create("/v1/test_helpers/test_clocks", {"frozen_time": NEW_YEAR})["id"]
        return made

    def _price_list(self) -> dict[str, str]:
        meters = {name: shop.meter(self.call, name) for name in METERS}
        return {
            "calls": shop.metered(self.call, meters["calls"]),
            "more calls": shop.metered(self.call, meters["calls"]),
            "weekly calls": shop.metered(self.call, meters["calls"], interval="week"),
            "bytes": shop.metered(self.call, meters["bytes"]),
            "seat": shop.licensed(self.call, 700),
        }
