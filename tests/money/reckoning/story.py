"""A random story of one subscription: each act is done to the fake, and written into the account book."""

from collections.abc import Callable
from random import Random
from typing import Any

from tests.conftest import Call
from tests.money.reckoning import calendar
from tests.money.reckoning import catalogue
from tests.money.reckoning.book import Act
from tests.money.reckoning.book import Book
from tests.money.reckoning.book import Event
from tests.money.reckoning.book import Line
from tests.money.reckoning.catalogue import ONCE
from tests.money.reckoning.catalogue import PRICES
from tests.money.reckoning.catalogue import SET_UP
from tests.money.reckoning.choices import WAITS
from tests.money.reckoning.choices import Choices
from tests.money.reckoning.comparison import check
from tests.money.reckoning.prices import Price
from tests.resources import shop
from tests.resources.shop import DAY
from tests.resources.shop import HOUR

Tree = dict[str, Any]
EARLY = 1704067200
"""New year 2024: no story begins before it."""
STARTS = (1735689600, 1738303200, 1740823384, 1706666400)
"""New year 2025; 31 January 2025, 06:00; 1 March 2025, 10:03:04; 31 January 2024, 02:00."""


class Story:
    """One customer, one subscription."""

    def __init__(self, call: Call, random: Random, mode: str, without: frozenset[str] = frozenset()) -> None:
        self.call, self.random = call, random
        self.log: list[str] = []
        self.acts = 0
        call.clock.freeze(random.choice(STARTS))
        self.book = Book(mode, call.clock.now())
        self.choices = Choices(random, self.book, without)
        self.ids = catalogue.made(call)
        self.names = {identifier: name for name, identifier in self.ids.items()}
        self.customer = shop.customer(call)
        self.item_ids: dict[str, str] = {}
        self.path = ""

    def play(self, acts: int) -> None:
        """Begin, let so many things happen, and compare after each; at the end, wait until all is final."""
        self._begin()
        for _ in range(acts):
            self._wait(self.random.choice(WAITS))
            if not self.book.ended:
                self.random.choice(self._possible())()
            check(self)
        self._wait(40 * DAY)
        self._wait(HOUR + 1)

    def _possible(self) -> list[Callable[[], None]]:
        acts = [*[self._use] * 3, *[self._change] * 4, self._change_item]
        if self.book.pending:
            acts += [self._bill]
        if "cancel" not in self.choices.without:
            acts += [self._cancel, self._cancel_at_period_end]
        if self.book.trialing:
            return [*acts, self._end_trial, self._extend_trial]
        return acts if "reset" in self.choices.without else [*acts, self._reset]

    # Acts

    def _begin(self) -> None:
        began = self._wait_unsubscribed() if self.choices.may("backdate", 0.2) else None
        items = self.choices.first_items()
        form: Tree = {
            "customer": self.customer,
            "billing_mode": {"type": self.book.mode},
            "items": [self._terms(*each) for each in items.values()],
        }
        trial_end = self.book.now + 10 * DAY if not began and self.choices.may("trial", 0.25) else None
        set_up = not began and self.choices.may("set-up", 0.2)
        form |= {"backdate_start_date": began} if began else {}
        form |= {"trial_end": trial_end} if trial_end else {}
        form |= {"add_invoice_items": [{"price": self.ids[SET_UP]}]} if set_up else {}
        made = self._post("/v1/subscriptions", form)
        self.path = f"/v1/subscriptions/{made['id']}"
        self.book.begin(items, trial_end, int(ONCE.unit) if set_up else 0, began)
        self._learn(made)
        check(self)

    def _wait_unsubscribed(self) -> int:
        """Let the customer use something for some months, the last days excepted, and say when that began."""
        began = self.book.now
        for _ in range(self.random.randint(1, 3)):
            self._use()
            self._wait(self.random.choice((3 * DAY, 20 * DAY)))
        whole = calendar.period(began, "month", self.book.now)[1]
        self._wait(whole - self.book.now + self.random.choice((1, 5 * DAY, 20 * DAY)))
        return began

    def _use(self) -> None:
        """Report usage, as of now or of a moment ago; never as of before the last time that a stretch began."""
        now = self.book.now
        begun = [each.counts_from for each in self.book.items.values()]
        ago = (0, 0, 1, HOUR, 2 * DAY) if self.choices.may("late", 1) else (0,)
        timestamp = max([now - self.random.choice(ago), *begun]) if begun else now
        event = Event(self.random.choice(("calls", "bytes")), timestamp, now, self.random.choice((1, 90, 333, 1200)))
        payload = {"stripe_customer_id": self.customer, "value": event.value}
        self._post("/v1/billing/meter_events", {"event_name": event.meter, "timestamp": timestamp, "payload": payload})
        self.book.events.append(event)

    def _change(self) -> None:
        acts = self.choices.acts()
        if not acts:
            return
        behavior = self.choices.behavior()
        form: Tree = {"items": [self._act(each) for each in acts], "proration_behavior": behavior}
        reset = self.choices.resettable() and self.choices.may("reset", 0.15)
        date = None if reset else self.choices.date(acts)
        if reset:
            form["billing_cycle_anchor"] = "now"
        if date:
            form["proration_date"] = date
        set_up = not reset and self.choices.may_add(acts, behavior)
        if set_up:
            form["add_invoice_items"] = [{"price": self.ids[SET_UP]}]
        made = self._post(self.path, form)
        self.book.change(acts, behavior, date, reset=reset, extra=int(ONCE.unit) if set_up else 0)
        self._learn(made)

    def _change_item(self) -> None:
        """Change one item, by its own path."""
        acts = self.choices.acts()[:1]
        if not acts or (not self.book.flexible and not self.book.trialing and self._has_other_interval(acts[0])):
            return
        [act] = acts
        behavior, date = self.choices.behavior(), self.choices.date(acts)
        form = self._act(act) | {"proration_behavior": behavior} | ({"proration_date": date} if date else {})
        path = "/v1/subscription_items" if act.what == "add" else f"/v1/subscription_items/{form.pop('id')}"
        if act.what == "remove":
            del form["deleted"]
            self._delete(path, form)
        else:
            self._post(path, form | ({"subscription": self.path.rpartition("/")[2]} if act.what == "add" else {}))
        self.book.change(acts, behavior, date)
        self._learn(self.call.get(self.path).json)

    def _has_other_interval(self, act: Act) -> bool:
        return bool(act.price and act.price.interval != self.book.interval)

    def _bill(self) -> None:
        """Have what is pending invoiced, by an invoice made by hand."""
        subscription = self.path.rpartition("/")[2]
        draft = self._post("/v1/invoices", {"customer": self.customer, "subscription": subscription})
        invoice = self._post(f"/v1/invoices/{draft['id']}/finalize", {})
        if invoice["status"] == "open":
            self._post(f"/v1/invoices/{draft['id']}/pay", {})
        self.book.bill()

    def _reset(self) -> None:
        if not self.choices.resettable():
            return
        behavior = self.choices.behavior()
        made = self._post(self.path, {"billing_cycle_anchor": "now", "proration_behavior": behavior})
        self.book.change([], behavior, reset=True)
        self._learn(made)

    def _end_trial(self) -> None:
        self._post(self.path, {"trial_end": "now"})
        self.book.end_trial(None)

    def _extend_trial(self) -> None:
        """Move its end, unless something is pending: no source says whether that makes an invoice."""
        if self.book.pending:
            return
        assert self.book.trial_end
        later = self.book.trial_end + 5 * DAY
        self._post(self.path, {"trial_end": later, "proration_behavior": "none"})
        self.book.end_trial(later)

    def _cancel(self) -> None:
        """Seldom; not while a draft is open, whose fate is another story."""
        if self.random.randrange(3) or any(each.finalizes for each in self.book.invoices):
            return
        invoice_now, prorate = self.random.choice((True, False)), self.random.choice((True, False))
        if not invoice_now and not prorate and any(each.kind == "usage" for each in self.book.pending):
            return
        self._delete(self.path, {"invoice_now": invoice_now, "prorate": prorate})
        self.book.cancel(invoice_now=invoice_now, prorate=prorate)

    def _cancel_at_period_end(self) -> None:
        if self.random.randrange(3) or len({each.end for each in self.book.items.values()}) > 1:
            return
        self._post(self.path, {"cancel_at_period_end": True})
        self.book.cancels_at_period_end = True

    def _wait(self, seconds: int) -> None:
        target = self.book.now + seconds
        self.log.append(f"{self.book.now} wait until {target}")
        self.call.clock.freeze(target)
        self.book.advance(target)
        check(self)

    # Requests

    def _act(self, act: Act) -> Tree:
        if act.what == "remove":
            return {"id": self.item_ids[act.item], "deleted": True}
        if act.what == "keep":
            return {"id": self.item_ids[act.item], "quantity": act.quantity}
        assert act.price
        terms = self._terms(act.price, act.quantity)
        return terms if act.what == "add" else terms | {"id": self.item_ids[act.item]}

    def _terms(self, price: Price, quantity: int) -> Tree:
        return {"price": self.ids[price.name]} | ({} if price.meter else {"quantity": quantity})

    def _post(self, path: str, form: Tree) -> Tree:
        self.log.append(f"{self.book.now} POST {path} {form}")
        answer = self.call.post(path, form)
        assert answer.status == 200, self.told(answer.body)
        self.acts += 1
        made: Tree = answer.json
        return made

    def _delete(self, path: str, form: Tree) -> None:
        self.log.append(f"{self.book.now} DELETE {path} {form}")
        answer = self.call.delete(path, form)
        assert answer.status == 200, self.told(answer.body)
        self.acts += 1

    def _learn(self, subscription: Tree) -> None:
        """Learn which item has which id, by its price."""
        ids = {self.names[each["price"]["id"]]: each["id"] for each in subscription["items"]["data"]}
        self.item_ids = {name: ids[item.price.name] for name, item in self.book.items.items()}

    # Words

    def told(self, *about: object) -> str:
        """Tell what happened, for a failure."""
        words = "\n".join([*map(str, about), *self.log])
        for name, identifier in [*self.ids.items(), *self.item_ids.items()]:
            words = words.replace(identifier, f"<{name}>")
        return words

    def line(self, shown: Tree) -> Line:
        """Read a line of an invoice, or a pending item."""
        price = self.names[shown["pricing"]["price_details"]["price"]]
        parent = (shown.get("parent") or {}).get("subscription_item_details") or {}
        kind = "proration" if shown.get("proration", parent.get("proration")) else "period"
        if price == SET_UP:
            kind = "item"
        elif PRICES[price].meter:
            kind = "usage"
        return Line(kind, price, shown["amount"], shown["period"]["start"], shown["period"]["end"])
