"""A random story of one subscription, told to the fake and to the oracle."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING
from typing import Any

from tests.money.conservation import oracle
from tests.money.conservation.oracle import Bill
from tests.money.conservation.oracle import Chain
from tests.money.conservation.oracle import Closing
from tests.money.conservation.oracle import Event
from tests.resources import shop
from tests.resources.shop import DAY
from tests.resources.shop import HOUR

if TYPE_CHECKING:
    from tests.money.conservation.scene import Scene

Tree = dict[str, Any]
METERS: dict[str, tuple[str, ...]] = {"calls": ("calls", "more calls", "weekly calls"), "bytes": ("bytes",)}
METER_OF = {price: meter for meter, prices in METERS.items() for price in prices}


class Story:
    """One subscription, and what it does with the events of its scene."""

    def __init__(self, scene: "Scene") -> None:
        self.scene, self.call, self.random = scene, scene.call, scene.random
        self.known: set[str] = set()
        self.mode = self.random.choice(("flexible", "flexible", "classic"))
        self.settled: list[Closing] = []
        self.bills: list[Bill] = []
        self.chains = {meter: Chain(meter) for meter in METERS}
        self.trial_end: int | None = None
        self.otherwise = oracle.BEFORE
        self.ended = sys.maxsize
        self.weekly = self.paused = False
        self.id = self.path = ""

    def fate(self, event: Event) -> tuple[str, str]:
        """The price that an event is billed under, or none and the reason."""
        return self.chains[event.meter].fate(event, self.otherwise)

    def conclude(self) -> None:
        """What is still pending when everything is over is not billed."""
        waiting = self._waiting()
        if self.paused:
            for chain in self._counting():
                chain.close(sys.maxsize, sys.maxsize, edge=True, reason=oracle.PAUSED)
        for closing in self.settled:
            if closing.items & waiting:
                closing.reason, closing.waits = oracle.PENDING, True

    # What the story is made of

    def begin(self) -> None:
        first = self.random.choice(("calls", "calls", "bytes"))
        names = [first, *(["seat"] if self.random.random() < 0.3 else [])]
        more: Tree = {"trial_period_days": self.random.choice((1, 14))} if self.random.random() < 0.2 else {}
        if self.random.random() < 0.3:
            more |= {"collection_method": "send_invoice", "days_until_due": 7}
        more["billing_mode"] = {"type": self.mode}
        self.scene.step += 2
        made = shop.subscribe(self.call, self.scene.customer, *(self.scene.prices[name] for name in names), **more)
        self.id, self.path, self.trial_end = made["id"], f"/v1/subscriptions/{made['id']}", made["trial_end"]
        self.otherwise = oracle.PRICELESS
        for meter, chain in self.chains.items():
            reason = oracle.BEFORE
            chain.begin(first if METER_OF[first] == meter else "", self.scene.now, self.scene.step, reason)
        self.scene.settle()

    def act(self) -> None:
        acts: list[Callable[[], None]] = [
            self._anchor,
            self._change_items,
            self._change_items,
            self._end_later,
            self._threshold,
            self._threshold,
            self._trial,
            self._resume if self.paused else self._pause,
            self._look,
        ]
        if self.random.random() < 0.08:
            acts = [self._end]
        self.random.choice(acts)()

    def _anchor(self) -> None:
        self.scene.post(self.path, {"billing_cycle_anchor": "now"}, then=self._restart)

    def _change_items(self) -> None:
        items = self._subscription["items"]["data"]
        item = self.random.choice(items)
        old = next(name for name, price in self.scene.prices.items() if price == item["price"]["id"])
        name = self.random.choice([*METER_OF, "seat"])
        if self.random.random() < 0.25:
            change, new = [{"id": item["id"], "deleted": True}], ""
        elif self.random.random() < 0.25:
            change, old, new = [{"price": self.scene.prices[name]}], "", name
        elif self.random.random() < 0.4:
            change, new = [{"id": item["id"], "deleted": True}, {"price": self.scene.prices[name]}], name
        else:
            change, new = [{"id": item["id"], "price": self.scene.prices[name]}], name
        if new and new != old and any(self._of_one_meter(new, chain, old) for chain in self.chains.values()):
            return  # one price of a meter at a time
        behavior = self.random.choice(("create_prorations", "always_invoice", "none"))
        if new == old and len(change) == 1:
            behavior = ""  # nothing changes
        before = self._waiting()
        self.scene.post(
            self.path,
            {"items": change, "proration_behavior": behavior or "none"},
            then=lambda: self._moved(old, new, behavior, before),
        )

    def _of_one_meter(self, new: str, chain: Chain, old: str) -> bool:
        return METER_OF.get(new) == chain.meter and chain.price not in ("", old)

    def _end_later(self) -> None:
        later = {"cancel_at": self.scene.now + self.random.choice((1, 2 * DAY, 40 * DAY))}
        terms = self.random.choice((later, {"cancel_at_period_end": True}, {"cancel_at_period_end": False}))
        self.scene.post(self.path, terms)

    def _threshold(self) -> None:
        amount = self.random.choice((50, 500, 5_000, 500_000))
        terms = {"amount_gte": amount, "reset_billing_cycle_anchor": self.random.random() < 0.5}
        self.scene.post(self.path, {"billing_thresholds": terms if self.random.random() < 0.8 else ""})

    def _trial(self) -> None:
        if self.random.random() < 0.6 and not self.trial_end:
            return
        ends = self.random.choice(("now", self.scene.now + self.random.choice((1, DAY, 9 * DAY))))

        def moved() -> None:
            self._restart()
            self.trial_end = None if ends == "now" else int(ends)

        if ends != "now" or self.trial_end:
            self.scene.post(self.path, {"trial_end": ends}, then=moved)

    def _pause(self) -> None:
        bills = self.random.random() < 0.7
        before, through = self._waiting(), {"type": "now" if bills else "none"}
        unused = {"type": self.random.choice(("item_current_period_start", "none", "now"))}
        terms: Tree = {"bill_for": {"outstanding_usage_through": through, "unused_time_from": unused}}
        terms["invoicing_behavior"] = self.random.choice(("invoice", "pending_invoice_item"))

        def stopped() -> None:
            self.paused = True
            for chain in self._counting():
                if bills:
                    closing = chain.close(self.scene.now, self.scene.step, bill=Bill(self.scene.step, self.scene.now))
                    closing.late, closing.items = oracle.PAUSED, self._waiting() - before
                    self.settled.append(closing)
                else:
                    chain.close(self.scene.now, self.scene.step, reason=oracle.UNBILLED_PAUSE)

        self.scene.post(f"{self.path}/pause", {"type": "subscription", **terms}, then=stopped)

    def _resume(self) -> None:
        terms = {"payment_behavior": "resume_on_payment_success", "proration_behavior": "always_invoice"}
        anchor = {"type": self.random.choice(("now", "unchanged"))}

        def resumed() -> None:
            self.paused = False
            for chain in self._counting():
                chain.close(self.scene.now, self.scene.step, edge=True, reason=oracle.PAUSED)

        self.scene.post(f"{self.path}/resume", {"billing_cycle_anchor": anchor, **terms}, then=resumed)

    def _look(self) -> None:
        """What shows, changes nothing; and a snapshot has everything."""
        fake = self.call.fake
        fake.explain_billing("calls", self.scene.customer)
        self.call.post("/v1/invoices/create_preview", {"subscription": self.id})
        fake.restore(fake.snapshot())

    def _end(self) -> None:
        bill = self.random.random() < 0.6
        self.scene.step += 2
        if self.call.delete(self.path, {"invoice_now": bill, "prorate": self.random.random() < 0.5}).status != 200:
            return
        self.scene.acts += 1
        made = self._bill(waits=True) if bill else None
        for chain in self._counting():
            if self.trial_end:
                chain.close(self.scene.now, self.scene.step, edge=True, reason=oracle.TRIAL)
            elif self.paused:
                chain.close(self.scene.now, self.scene.step, reason=oracle.PAUSED)
            else:
                self._closed(chain, made)
        self._over(self.scene.now, act=True, closing=made)
        self.scene.settle()

    # What it means to the oracle

    def _restart(self) -> None:
        """A period begins now."""
        bill = self._bill()
        for chain in self._counting():
            if self.trial_end:
                chain.close(self.scene.now, self.scene.step, edge=True, reason=oracle.TRIAL)
            else:
                self._closed(chain, bill)
        self.trial_end = None

    def _moved(self, old: str, new: str, behavior: str, before: frozenset[str]) -> None:
        """One price takes the place of another, or none does."""
        meter_before, meter_after = METER_OF.get(old), METER_OF.get(new)
        weekly = self._subscription["items"]["data"][0]["plan"]["interval"] == "week"
        turned, self.weekly = weekly != self.weekly and self.mode == "classic" and not self.trial_end, weekly
        if not behavior:
            return
        if meter_before:
            chain = self.chains[meter_before]
            if self.trial_end:
                chain.close(self.scene.now, self.scene.step, edge=True, reason=oracle.TRIAL)
            else:
                self._replaced(chain, "turned" if turned else behavior, self._waiting() - before)
            chain.price = ""
        if meter_after:
            self.chains[meter_after].begin(new, self.scene.now, self.scene.step, oracle.PRICELESS)
        if turned:
            self._restart()

    def _replaced(self, chain: Chain, how: str, items: frozenset[str]) -> None:
        """A price goes: what it has counted is billed as it is known now, with a new period, or never."""
        now, step = self.scene.now, self.scene.step
        if how == "turned":
            chain.close(now, step, bill=self._bill())
        elif self.mode == "classic" or how == "none":
            reason = oracle.IN_CLASSIC if self.mode == "classic" else oracle.WITHOUT_PRORATIONS
            chain.close(now, step, edge=True, reason=reason)
        else:
            closing = chain.close(now, step, bill=Bill(step, now))
            closing.late, closing.items = oracle.REPLACED, items
            self.settled.append(closing)
        chain.close(now, step, edge=True, act=False, reason=oracle.REPLACED)

    def _counting(self) -> list[Chain]:
        return [chain for chain in self.chains.values() if chain.price]

    def _closed(self, chain: Chain, bill: Bill | None) -> Closing:
        return chain.close(self.scene.now, self.scene.step, reason=oracle.DISCARDED, bill=bill)

    def _bill(self, *, waits: bool = False) -> Bill:
        """An invoice that an act makes now. A new cycle's bills what is known now; a closing one waits an hour."""
        return self._made(self.scene.now + HOUR if waits else self.scene.now)

    def _made(self, finalized: int) -> Bill:
        bill = Bill(self.scene.step + 1, finalized)
        self.bills.append(bill)
        return bill

    def _over(self, instant: int, *, act: bool, closing: Bill | None) -> None:
        """The subscription has ended: what was accepted before is a matter of prices, the rest came too late.

        Drafts from before stay drafts.
        """
        for bill in self.bills:
            if bill is not closing and bill.finalized > instant:
                bill.finalized = sys.maxsize
        for chain in self.chains.values():
            chain.close(instant, self.scene.step, edge=not act, act=act, reason=oracle.PRICELESS)
            chain.price = ""
        self.otherwise, self.trial_end, self.ended, self.paused = oracle.AFTER, None, self.scene.step, False

    # What happens by itself

    def settle(self) -> None:
        """Learn of the invoices that time and thresholds have made since, oldest first."""
        subscription = self._subscription
        ended = subscription["ended_at"] if self.otherwise != oracle.AFTER else None
        for invoice in shop.invoices(self.call, subscription=self.id):
            if invoice["id"] not in self.known:
                self.known.add(invoice["id"])
                self._heed(invoice)
        if self.trial_end and self.trial_end <= self.scene.now and not ended:
            self._edge_of_trial(self.trial_end)
        if ended is not None:
            for chain in self._counting():
                if self.trial_end or self.paused:
                    reason = oracle.PAUSED if self.paused else oracle.TRIAL
                    chain.close(ended, self.scene.step, edge=True, act=False, reason=reason)
            self._over(ended, act=False, closing=self.bills[-1] if self.bills else None)

    def _edge_of_trial(self, instant: int) -> None:
        for chain in self._counting():
            chain.close(instant, self.scene.step, edge=True, act=False, reason=oracle.TRIAL)
        self.trial_end = None

    def _heed(self, invoice: Tree) -> None:
        created, reason = invoice["created"], invoice["billing_reason"]
        if self.trial_end and created >= self.trial_end:
            at_its_end = created == self.trial_end
            self._edge_of_trial(self.trial_end)
            if at_its_end:
                return
        if reason == "subscription_cycle" and not self.trial_end:
            bill = self._made(created + HOUR)
            for chain in self._counting():
                chain.close(created, self.scene.step, edge=True, act=False, bill=bill)
        elif reason == "subscription_threshold":
            bill = self._made(created)
            reset = self._subscription["billing_thresholds"]["reset_billing_cycle_anchor"]
            for chain in self._counting():
                if reset:
                    chain.close(created, self.scene.step + 1, bill=bill)
                else:
                    chain.in_part.append((created, bill))

    # Small things

    def _waiting(self) -> frozenset[str]:
        """The invoice items of the subscription that wait for an invoice, or of none since one was canceled."""
        listed = self.call.get("/v1/invoiceitems", {"customer": self.scene.customer, "pending": True, "limit": 100})
        parents = {each["id"]: each["parent"] for each in listed.json["data"]}
        return frozenset(
            item
            for item, parent in parents.items()
            if parent is None or parent["subscription_details"]["subscription"] == self.id
        )

    @property
    def _subscription(self) -> Tree:
        found: Tree = self.call.get(self.path).json
        return found
