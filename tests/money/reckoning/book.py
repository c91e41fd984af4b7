"""What a subscription is billed, worked out by the documented rules alone: an account book of one customer.

`docs/changes.md` has the rules, row by row. Nothing here is shared with the code under test. Amounts are fractions
until a line is written, and time is a list of edges.
"""

from dataclasses import dataclass
from dataclasses import field
from fractions import Fraction

from tests.money.reckoning import calendar
from tests.money.reckoning.catalogue import SET_UP
from tests.money.reckoning.prices import Price
from tests.money.reckoning.prices import prorated
from tests.money.reckoning.prices import rounded

HOUR = 3_600
LEAST = 50
"""The least that is charged, in US cents."""


@dataclass(frozen=True)
class Line:
    """A line or a pending item: a `period`, a `proration`, `usage`, or an `item` of its own."""

    kind: str
    price: str
    amount: int
    start: int
    end: int


@dataclass(frozen=True)
class Event:
    """Usage as it was reported."""

    meter: str
    timestamp: int
    accepted: int
    value: int


@dataclass(frozen=True)
class Stretch:
    """A time in which a metered price counts: from its first second up to its end."""

    price: Price
    start: int
    end: int

    def line(self, events: list[Event], read: int) -> Line:
        """Return the line of what was accepted before an instant at which it is read."""
        counted = [each for each in events if self.price.meter == each.meter and self.start <= each.timestamp]
        used = sum(each.value for each in counted if each.timestamp < self.end and each.accepted < read)
        return Line("usage", self.price.name, sum(self.price.amounts(Fraction(used))), self.start, self.end)


@dataclass(frozen=True)
class Act:
    """What is done to an item, by its name: `keep` it at a quantity, `swap` its price, `add` or `remove` it."""

    what: str
    item: str
    price: Price | None = None
    quantity: int = 0


@dataclass
class Debit:
    """What was asked for a time; from `until` on, it has been given back."""

    price: str
    amount: int
    start: int
    end: int
    until: int


@dataclass
class Item:
    """An item of the subscription, its period, and what was asked for it."""

    price: Price
    quantity: int
    start: int
    end: int
    counts_from: int
    since: int = 0
    """Since when it is there, in this period."""
    debits: list[Debit] = field(default_factory=list)

    @property
    def cost(self) -> Fraction:
        """What a whole period costs, before it is rounded."""
        return self.price.unit * self.quantity

    def stretch(self, end: int) -> Stretch:
        return Stretch(self.price, self.counts_from, end)


@dataclass(eq=False)
class Invoice:
    """An invoice: what is on it for good, and the usage that it reads until it is finalized."""

    created: int
    reason: str
    lines: list[Line]
    usage: list[Stretch] = field(default_factory=list)
    finalizes: int | None = None
    finalized: bool = False
    amount_due: int = 0
    starting_balance: int = 0
    period: tuple[int, int] | None = None
    """Its own period, where a source says which."""


class Book:
    """One customer's only subscription, its invoices, its pending items, and the customer's balance."""

    def __init__(self, mode: str, now: int) -> None:
        self.mode, self.now = mode, now
        self.flexible = mode == "flexible"
        self.anchor = now
        self.items: dict[str, Item] = {}
        self.trial_end: int | None = None
        self.cancels_at_period_end = False
        self.ended = False
        self.pending: list[Line] = []
        self.invoices: list[Invoice] = []
        self.balance = 0
        self.events: list[Event] = []

    @property
    def trialing(self) -> bool:
        return self.trial_end is not None and self.now < self.trial_end

    @property
    def interval(self) -> str:
        """The interval of classic mode, which all items share."""
        return next(iter(self.items.values())).price.interval

    # The beginning

    def begin(
        self,
        items: dict[str, tuple[Price, int]],
        trial_end: int | None = None,
        extra: int = 0,
        began: int | None = None,
    ) -> None:
        """Begin: licensed prices are billed in advance, with `add_invoice_items`; a trial costs nothing.

        `began` is `backdate_start_date`. In flexible mode it is the anchor, and each period since then is billed as if
        it had been billed at its end. In classic mode the anchor is now: the time since then is a proration, and the
        usage since then is on the invoice of the first cycle.
        """
        self.trial_end = trial_end
        self.anchor = began or self.now if self.flexible else self.now
        past: list[Line] = []
        for name, (price, quantity) in items.items():
            start, end = calendar.period(self.anchor, price.interval, self.now)
            counts_from = start if self.flexible else began or start
            self.items[name] = Item(price, quantity, start, trial_end or end, counts_from)
            past += self._missed(self.items[name], began) if began else []
        lines = [] if self.trialing else self._in_advance(list(self.items.values()))
        invoice = self._bill("subscription_create", [*self._extra(extra), *past, *lines])
        invoice.period = (self.now, self.now) if began is None else None

    def _missed(self, item: Item, began: int) -> list[Line]:
        """Bill the time since a subscription is said to have begun."""
        if not self.flexible:
            return [] if item.price.meter else [self._imagined(item, began)]
        lines = []
        while began < item.start:
            end = calendar.after(self.anchor, item.price.interval, began)
            if item.price.meter:
                lines.append(Stretch(item.price, began, end).line(self.events, self.now))
            else:
                lines.append(Line("period", item.price.name, rounded(item.cost), began, end))
            began = end
        return lines

    def _imagined(self, item: Item, began: int) -> Line:
        """Return the proration of classic mode: of periods that are imagined to begin when the subscription did."""
        start, end = calendar.period(began, item.price.interval, self.now)
        whole = 0
        while calendar.edge(began, item.price.interval, whole) < start:
            whole += 1
        amount = prorated(item.cost * (whole + Fraction(self.now - start, end - start)))
        return Line("proration", item.price.name, amount, began, self.now)

    def _extra(self, amount: int) -> list[Line]:
        """Return the item that `add_invoice_items` makes: of the time in which all items have a period."""
        start, end = max(each.start for each in self.items.values()), min(each.end for each in self.items.values())
        return [Line("item", SET_UP, amount, start, end)] if amount else []

    # What time does

    def advance(self, to: int) -> None:
        """Let time pass: drafts become final, and periods end."""
        while (due := self._next()) is not None and due <= to:
            self.now = due
            for invoice in self.invoices:
                if invoice.finalizes == due:
                    self._finalize(invoice)
            if not self.ended and any(each.end == due for each in self.items.values()):
                self._turn()
        self.now = to

    def _next(self) -> int | None:
        dues = [each.finalizes for each in self.invoices if each.finalizes is not None]
        dues += [] if self.ended else [each.end for each in self.items.values()]
        return min(dues, default=None)

    def _turn(self) -> None:
        """End the periods that are over, with one invoice for all of them."""
        over = [each for each in self.items.values() if each.end == self.now]
        in_trial = self.trial_end == self.now
        starts = {each.start for each in over}
        closed = list(self.items.values()) if self.cancels_at_period_end else over
        usage = [] if in_trial else [each.stretch(self.now) for each in closed if each.price.meter]
        if in_trial:
            self.anchor, self.trial_end = self.now, None
        lines, self.pending = self.pending, []
        if self.cancels_at_period_end:
            self.ended = True
        else:
            for each in over:
                each.start = each.counts_from = self.now
                each.end = calendar.after(self.anchor, each.price.interval, self.now)
                each.debits = [debit for debit in each.debits if debit.until > self.now]
            lines = [*lines, *self._in_advance(over)]
        invoice = self._bill("subscription_cycle", lines, usage, self.now + HOUR)
        if len(starts) == 1 and not in_trial:
            invoice.period = starts.pop(), self.now

    # Changes

    def change(
        self, acts: list[Act], behavior: str, date: int | None = None, *, reset: bool = False, extra: int = 0
    ) -> None:
        """Change items. `reset` is `billing_cycle_anchor=now`, `extra` the amount of `add_invoice_items`."""
        asked = reset
        if not self.flexible and not self.trialing:
            reset = reset or any(each.price and each.price.interval != self.interval for each in acts)
        starts = {each.start for each in self.items.values()}
        usage = self._usage(None if reset else {each.item for each in acts if each.what in ("swap", "remove")})
        changed = [each.item for each in acts if each.item in self.items]
        if behavior == "none" or self.trialing:
            new = self._made(acts, {}, debit=False)
        else:
            credited = changed if self.flexible or not reset else [*self.items]
            given_back = {each: self._credit(self.items[each], date or self.now) for each in credited}
            new = self._made(acts, given_back, debit=not reset, first=date or self.now)
        if reset:
            kept = [name for name in self.items if name not in {each.item for each in acts}]
            kept = kept if self.flexible and behavior != "none" else []
            invoice = self._reset(new, usage, behavior, kept, extra)
            if invoice and asked:
                invoice.period = self.now, self.now
            return
        if self.flexible and behavior != "none":
            new += [each.line(self.events, self.now) for each in usage]
        new, extras = [each for each in new if each.amount], self._extra(extra)
        free = self.trialing and any(each.price and not each.price.meter for each in acts)
        billed = new or free or self.pending or (extras and not self.flexible)
        self._settle([*new, *extras], starts, at_once=behavior == "always_invoice" and bool(billed))

    def _made(self, acts: list[Act], given_back: dict[str, list[Line]], *, debit: bool, first: int = 0) -> list[Line]:
        """Do what is asked; return the prorations, of each item the credits before the debit."""
        new: list[Line] = []
        for act in acts:
            self._do(act)
            new += given_back.pop(act.item, [])
            if debit and act.what != "remove":
                new += self._debit(self.items[act.item], first)
        return [*new, *(line for several in given_back.values() for line in several)]

    def _usage(self, ending: set[str] | None) -> list[Stretch]:
        """Return what some items, or all, have counted; in a trial it costs nothing."""
        metered = {name: each for name, each in self.items.items() if each.price.meter and not self.trialing}
        return [each.stretch(self.now) for name, each in metered.items() if ending is None or name in ending]

    def _do(self, act: Act) -> None:
        if act.what == "remove":
            del self.items[act.item]
        elif act.what == "keep":
            self.items[act.item].quantity = act.quantity
        else:
            assert act.price
            self._place(act.item, act.price, act.quantity)

    def _place(self, name: str, price: Price, quantity: int) -> None:
        """Give an item a price, and the price's period: a trial's, or the one that the anchor says."""
        old = self.items.get(name)
        if self.trialing:
            start, end = self._trial_period()
        elif old and old.price.interval == price.interval:
            start, end = old.start, old.end
        else:
            start, end = calendar.period(self.anchor, price.interval, self.now)
        debits, since = (old.debits, old.since) if old else ([], self.now)
        self.items[name] = Item(price, quantity, start, end, self.now, since, debits)

    def _trial_period(self) -> tuple[int, int]:
        assert self.trial_end
        return min(each.start for each in self.items.values()), self.trial_end

    def _credit(self, item: Item, first: int) -> list[Line]:
        """Give back what was asked for the time from an instant on; in classic mode, what it costs at present."""
        if item.price.meter:
            return []
        if not self.flexible:
            amount = prorated(-item.cost * Fraction(item.end - first, item.end - item.start))
            return [Line("proration", item.price.name, amount, first, item.end)]
        lines = []
        for debit in item.debits:
            start = max(first, debit.start)
            if start < debit.until:
                amount = prorated(Fraction(-debit.amount * (debit.until - start), debit.end - debit.start))
                lines.append(Line("proration", debit.price, amount, start, debit.until))
                debit.until = start
        item.debits = [each for each in item.debits if each.until > each.start]
        return lines

    def _debit(self, item: Item, first: int) -> list[Line]:
        """Ask for the time from an instant until the end of the period."""
        if item.price.meter or first >= item.end:
            return []
        amount = prorated(item.cost * Fraction(item.end - first, item.end - item.start))
        item.debits.append(Debit(item.price.name, amount, first, item.end, item.end))
        return [Line("proration", item.price.name, amount, first, item.end)]

    def _in_advance(self, items: list[Item]) -> list[Line]:
        """Ask for whole periods."""
        lines = []
        for item in items:
            if not item.price.meter:
                amount = rounded(item.cost)
                item.debits.append(Debit(item.price.name, amount, item.start, item.end, item.end))
                lines.append(Line("period", item.price.name, amount, item.start, item.end))
        return lines

    def _reset(
        self, new: list[Line], usage: list[Stretch], behavior: str, kept: list[str], extra: int = 0
    ) -> Invoice | None:
        """Begin all periods anew, and bill what ends and what begins.

        Of the items that are `kept`, only the time is charged that is not paid yet; if there is nothing else to bill,
        that is a proration like others. All other items are charged for a whole period, at once.
        """
        self.anchor, self.trial_end = self.now, None
        for item in self.items.values():
            item.start = item.counts_from = self.now
            item.end = calendar.after(self.anchor, item.price.interval, self.now)
        for name in kept:
            item = self.items[name]
            new += self._debit(item, max([self.now, *(each.until for each in item.debits)]))
        whole = self._in_advance([each for name, each in self.items.items() if name not in kept])
        read = [each.line(self.events, self.now) for each in usage]
        new = [*(each for each in new if each.amount), *self._extra(extra)]
        if not whole and not read and behavior != "always_invoice":
            self.pending = [*new, *self.pending]
            return None
        joins = self.flexible or behavior != "always_invoice"
        pending, self.pending = (self.pending, []) if joins else ([], self.pending)
        return self._bill("subscription_update", [*new, *pending, *read, *whole])

    def _settle(self, new: list[Line], starts: set[int], *, at_once: bool) -> None:
        """Bill prorations at once, with all that is pending, or keep them until the next invoice.

        `starts` says when the periods of the items began.
        """
        if at_once:
            lines, self.pending = [*new, *self.pending], []
            invoice = self._bill("subscription_update", lines)
            if len(starts) == 1 and not self.trialing:
                invoice.period = starts.pop(), self.now
        else:
            self.pending = [*new, *self.pending]

    def bill(self) -> None:
        """Bill what is pending on request; usage is left to the end of its period."""
        lines, self.pending = self.pending, []
        self._bill("manual", lines)

    def end_trial(self, instant: int | None) -> None:
        """Move the end of a trial, to now or to a later instant."""
        if instant is None:
            if invoice := self._reset([], [], "create_prorations", []):
                invoice.reason = ""
            return
        self.trial_end = instant
        for item in self.items.values():
            item.start, item.end = self.now, instant

    # The end

    def cancel(self, *, invoice_now: bool, prorate: bool) -> None:
        """End at once. Without either, what is pending for the time that is left is forgotten, and so is the usage."""
        new = []
        if prorate and not self.trialing:
            new = [line for each in self.items.values() for line in self._credit(each, self.now)]
        usage = self._usage(None)
        for invoice in self.invoices:
            invoice.finalizes = None
        self.ended = True
        if invoice_now:
            lines, self.pending = [*new, *self.pending], []
            self._bill("", lines, usage, self.now + HOUR)
        elif prorate:
            self.pending = [*new, *self.pending]
        else:
            self.pending = [each for each in self.pending if each.kind == "item"]

    # Invoices

    def _bill(
        self, reason: str, lines: list[Line], usage: list[Stretch] | None = None, finalizes: int | None = None
    ) -> Invoice:
        """Make an invoice: a draft until an instant, or final at once. `reason` is empty where no source gives it."""
        invoice = Invoice(self.now, reason, lines, usage or [], finalizes)
        self.invoices.append(invoice)
        if finalizes is None:
            self._finalize(invoice)
        return invoice

    def _finalize(self, invoice: Invoice) -> None:
        """Read the usage for the last time, and settle with the balance; what is too small to charge stays on it."""
        invoice.lines = self.lines_of(invoice)
        invoice.usage, invoice.finalizes, invoice.finalized = [], None, True
        invoice.starting_balance = self.balance
        due = self.balance + sum(each.amount for each in invoice.lines)
        invoice.amount_due = due if due >= LEAST else 0
        self.balance = due - invoice.amount_due

    def lines_of(self, invoice: Invoice) -> list[Line]:
        """Return the lines that an invoice has now; those of nothing are left out."""
        lines = [
            *invoice.lines,
            *(each.line(self.events, self.now + (invoice.finalizes != self.now)) for each in invoice.usage),
        ]
        return [each for each in lines if each.amount]
