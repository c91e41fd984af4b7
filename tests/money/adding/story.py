"""A customer's invoices over some months, with discounts, tax rates, billing credits and a balance, all at random."""

from datetime import UTC
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Any

from tests.conftest import Call
from tests.money.adding.bill import Bill
from tests.money.adding.bill import Coupon
from tests.money.adding.bill import Row
from tests.money.adding.bill import Tax
from tests.money.conservation.money import check_money
from tests.money.crediting import clerk

Tree = dict[str, Any]
Given = list[tuple[str, Coupon, int]]
"""Discounts: each with a name that says what it is on, its coupon, and its start."""
HOUR = 3_600
EARLIER = "2024-10-28.acacia"
"""A version in which a customer is given a coupon by its parameter."""


class Story:
    """Sets a customer up, lets months pass, and compares every invoice with the clerk's."""

    def __init__(self, call: Call, random: Random) -> None:
        self.call, self.random = call, random
        self.invoices = self.notes = 0
        self.item_discounts: dict[str, Given] = {}
        self.rates_of: dict[str, list[Tax]] = {}
        self.seen: set[str] = set()
        self._stock()
        self._subscribe()

    def play(self, months: int) -> None:
        """Let months pass, with usage, further items and changes, and check what is billed."""
        self._check()
        for month in range(2, months + 2):
            for _ in range(self.random.randint(0, 2)):
                self.random.choice((self._use, self._add_item, self._change, self._adjust))()
            begins = int(datetime(2025, month, 1, tzinfo=UTC).timestamp())
            self.call.clock.freeze(begins + 2 * HOUR)
            self._check()

    def conclude(self) -> None:
        """Check that money is conserved."""
        assert self.invoices == check_money(self.call, self.customer)

    def _stock(self) -> None:
        """Make products, prices, coupons, tax rates and a customer."""
        random, call = self.random, self.call
        self.products = [call.create("/v1/products", {"name": name})["id"] for name in ("Seat", "Room", "Calls")]
        meter = {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
        usage = {"usage_type": "metered", "meter": call.create("/v1/billing/meters", meter)["id"]}
        self.prices = []
        for product, more in zip(self.products, ({}, {}, usage), strict=True):
            amount = random.choice((1, 7, 333, 1999, 12_345)) if not more else random.choice((1, 3, 17))
            recurring = {"interval": "month", **more}
            sent = {"currency": "usd", "unit_amount": amount, "product": product, "recurring": recurring}
            self.prices.append(call.create("/v1/prices", sent)["id"])
        self.coupons = [self._coupon(number) for number in range(random.randint(2, 5))]
        self.taxes = [self._tax_rate() for _ in range(random.randint(0, 3))]
        chosen = self._some(self.coupons, 1)
        sent = {"coupon": chosen[0].id} if chosen else {}
        customer = call.create("/v1/customers", sent, version=EARLIER)
        self.customer = customer["id"]
        self.customer_discount = self._put(chosen, "customer")
        self.credit = random.choice((0, 0, 40, 500))
        if self.credit:
            grant = {
                "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": self.credit}},
                "applicability_config": {"scope": {"price_type": "metered"}},
                "customer": self.customer,
            }
            call.create("/v1/billing/credit_grants", grant)
        self.balance = 0
        self._adjust()

    def _coupon(self, number: int) -> Coupon:
        random = self.random
        coupon = Coupon(f"C{number}")
        sent: Tree = {"id": coupon.id}
        if random.random() < 0.6:
            coupon.percent = Decimal(random.choice(("10", "33.33", "50", "12.5", "100", "0.5")))
            sent["percent_off"] = str(coupon.percent)
        else:
            coupon.amount = random.choice((1, 99, 500, 2_501, 40_000))
            sent |= {"amount_off": coupon.amount, "currency": "usd"}
        if random.random() < 0.3:
            coupon.products = frozenset(random.sample(self.products, random.randint(1, 2)))
            sent["applies_to"] = {"products": sorted(coupon.products)}
        coupon.duration = sent["duration"] = random.choice(("once", "repeating", "forever"))
        if coupon.duration == "repeating":
            coupon.months = sent["duration_in_months"] = random.randint(1, 3)
        self.call.create("/v1/coupons", sent)
        return coupon

    def _tax_rate(self) -> Tax:
        percent, inclusive = self.random.choice(("5", "7.95", "15", "19", "8.875")), self.random.random() < 0.4
        sent = {"display_name": "Tax", "percentage": percent, "inclusive": inclusive}
        return Tax(self.call.create("/v1/tax_rates", sent)["id"], Decimal(percent), inclusive)

    def _some(self, things: list[Any], most: int) -> list[Any]:
        return self.random.sample(things, self.random.randint(0, min(most, len(things))))

    def _subscribe(self) -> None:
        random = self.random
        items, discounts, rates = [], [], []
        for price in random.sample(self.prices, random.randint(1, 3)):
            discounts.append(self._some(self.coupons, 2))
            rates.append(self._some(self.taxes, 2))
            item: Tree = {"price": price, "discounts": of_coupons(discounts[-1])}
            item["tax_rates"] = [rate.id for rate in rates[-1]]
            if price != self.prices[2]:
                item["quantity"] = random.randint(1, 4)
            items.append(item)
        general, self.default_rates = self._some(self.coupons, 3), self._some(self.taxes, 2)
        sent = {"customer": self.customer, "items": items, "discounts": of_coupons(general)}
        sent["default_tax_rates"] = [rate.id for rate in self.default_rates]
        self.items = self.call.create("/v1/subscriptions", sent)["items"]["data"]
        self.general = self._put(general, "subscription")
        for item, coupons, taxes in zip(self.items, discounts, rates, strict=True):
            self.item_discounts[item["id"]] = self._put(coupons, item["id"])
            self.rates_of[item["id"]] = taxes

    def _put(self, coupons: list[Coupon], whose: str) -> Given:
        return [(f"{coupon.id} on {whose}", coupon, self.call.fake.clock.now()) for coupon in coupons]

    def _use(self) -> None:
        payload = {"stripe_customer_id": self.customer, "value": self.random.choice((1, 20, 345))}
        self.call.create("/v1/billing/meter_events", {"event_name": "calls", "payload": payload})

    def _add_item(self) -> None:
        amount = self.random.choice((-700, -1, 1, 250, 9_999))
        usable = [coupon for coupon in self.coupons if coupon.duration != "repeating"]
        coupons, rates = self._some(usable, 2), self._some(self.taxes, 2)
        sent: Tree = {"customer": self.customer, "amount": amount, "currency": "usd"}
        sent |= {"discounts": of_coupons(coupons), "tax_rates": [rate.id for rate in rates]}
        if self.random.random() < 0.3:
            sent["discountable"] = self.random.random() < 0.5
        item = self.call.create("/v1/invoiceitems", sent)
        self.item_discounts[item["id"]] = self._put(coupons, item["id"])
        self.rates_of[item["id"]] = rates

    def _change(self) -> None:
        licensed = [item for item in self.items if item["price"]["id"] != self.prices[2]]
        if licensed:
            item = self.random.choice(licensed)
            behavior = self.random.choice(("always_invoice", "create_prorations", "none"))
            sent = {"quantity": self.random.randint(1, 6), "proration_behavior": behavior}
            self.call.clock.advance(seconds=self.random.randint(1, 12) * 24 * HOUR)
            self.call.create(f"/v1/subscription_items/{item['id']}", sent)
            self._check()

    def _adjust(self) -> None:
        amount = self.random.choice((-2_000, -30, 30, 700))
        self.call.create(f"/v1/customers/{self.customer}/balance_transactions", {"amount": amount, "currency": "usd"})
        self.balance += amount

    def _check(self) -> None:
        """Compare all invoices that are new with those of the clerk."""
        for invoice in reversed(self.call.get("/v1/invoices", {"customer": self.customer, "limit": 100}).json["data"]):
            if invoice["id"] not in self.seen and invoice["status"] != "draft":
                self.seen.add(invoice["id"])
                self._compare(invoice)

    def _compare(self, invoice: Tree) -> None:
        self.invoices += 1
        lines = self.call.get(f"/v1/invoices/{invoice['id']}/lines", {"limit": 100}).json["data"]
        at = invoice["created"]
        general = self._applying(self.general, at) or self._applying(self.customer_discount, at)
        bill = Bill([self._row(line, at) for line in lines], general, self.credit, self.balance)
        bill.settle()
        names = self._names_of(lines, invoice)
        for row, line in zip(bill.rows, lines, strict=True):
            told = [(names[each["discount"]], each["amount"]) for each in line["discount_amounts"]]
            within = told[len(row.taken) :]  # a proration names the discounts that its amount is net of
            assert (told[: len(row.taken)], {amount for _, amount in within}) in (
                (row.taken, set()),
                (row.taken, {0} if is_proration(line) else None),
            ), (row, line)
            taxes = [
                (each["tax_rate_details"]["tax_rate"], each["amount"], each["taxable_amount"]) for each in line["taxes"]
            ]
            assert taxes == row.taxed, (row, line)
            paid = [each for each in line["pretax_credit_amounts"] if each["type"] != "discount"]
            assert sum(each["amount"] for each in paid) == row.credited, (row, line)
        shown = ("subtotal", "total", "amount_due", "ending_balance", "total_excluding_tax", "amount_paid")
        assert {name: invoice[name] for name in shown} == {
            "subtotal": bill.subtotal,
            "total": bill.total,
            "amount_due": bill.due,
            "ending_balance": bill.balance_after,
            "total_excluding_tax": bill.total - bill.added - bill.contained,
            "amount_paid": bill.due,
        }, (bill, invoice)
        assert invoice["subtotal_excluding_tax"] == bill.subtotal - bill.contained
        self._compare_sums(bill, invoice, names)
        self.credit, self.balance = bill.credit, bill.balance_after
        self._credit_back(invoice | {"lines": {"data": lines}})
        used = {name for row in bill.rows for name, amount in row.taken if amount}
        self.general, self.customer_discount = (
            without_once(self.general, used),
            without_once(self.customer_discount, used),
        )
        for owner, discounts in self.item_discounts.items():
            self.item_discounts[owner] = without_once(discounts, used)

    def _credit_back(self, invoice: Tree) -> None:
        """Credit parts of some lines of a paid invoice to the customer's balance."""
        account = clerk.of_invoice(invoice)
        for line in self._some([each for each in invoice["lines"]["data"] if each["amount"] > 0], 2):
            own = account.lines[line["id"]]
            part = own.part("amount", self.random.randint(1, own.amount))
            net = own.net(part)
            if not 0 < net <= account.creditable:
                continue
            terms = {"type": "invoice_line_item", "invoice_line_item": line["id"], "amount": part.gross}
            sent = {"invoice": invoice["id"], "lines": [terms], "credit_amount": net}
            note = self.call.create("/v1/credit_notes", sent)
            assert (note["total"], clerk.told(note["lines"]["data"][0])) == (net, part.shares), (note, own)
            own.parts.append(part)
            account.issue(clerk.Note(net, 0, [], {"credit": net}))
            self.balance -= net
            self.notes += 1

    def _compare_sums(self, bill: Bill, invoice: Tree, names: dict[str, str]) -> None:
        """What each discount and each tax rate comes to in all, of whatever owner it is."""
        taken: dict[str, int] = {}
        taxed: dict[str, tuple[int, int]] = {}
        for row in bill.rows:
            for name, amount in row.taken:
                taken[name] = taken.get(name, 0) + amount
            for rate, amount, base in row.taxed:
                former = taxed.get(rate, (0, 0))
                taxed[rate] = former[0] + amount, former[1] + base
        told = {names[each["discount"]]: each["amount"] for each in invoice["total_discount_amounts"]}
        assert {name: amount for name, amount in told.items() if amount or name in taken} == taken, (told, taken)
        sums = {
            each["tax_rate_details"]["tax_rate"]: (each["amount"], each["taxable_amount"])
            for each in invoice["total_taxes"]
        }
        assert sums == taxed, (sums, taxed)

    def _row(self, line: Tree, at: int) -> Row:
        parent = line["parent"]
        details, proration = parent[parent["type"]], is_proration(line)
        owner = details.get("invoice_item") or details["subscription_item"]
        own = [] if proration else self._applying(self.item_discounts.get(owner, []), at)
        rates = self.rates_of.get(details.get("subscription_item") if proration else owner) or self.default_rates
        pricing = line["pricing"] or {}
        price = pricing.get("price_details", {}).get("price")
        return Row(
            name=line["id"],
            amount=line["amount"],
            product=pricing.get("price_details", {}).get("product"),
            discountable=line["discountable"],
            creditable=price == self.prices[2] and details.get("invoice_item") is None,
            own=own,
            taxes=rates,
        )

    def _applying(self, discounts: Given, at: int) -> list[tuple[str, Coupon]]:
        """The discounts that an invoice of a time has: those that are over by then are left out."""
        return [(name, coupon) for name, coupon, start in discounts if not is_over(coupon, start, at)]

    def _names_of(self, lines: list[Tree], invoice: Tree) -> dict[str, str]:
        """The names of the discounts on an invoice by their ids, as the expanded invoice says."""
        expand = {"expand": ["total_discount_amounts.discount"]}
        totals = self.call.get(f"/v1/invoices/{invoice['id']}", expand).json["total_discount_amounts"]
        found = {each["discount"]["id"]: name_of(each["discount"]) for each in totals}
        assert {each["discount"] for line in lines for each in line["discount_amounts"]} == found.keys()
        return found


def is_proration(line: Tree) -> bool:
    """Whether a line credits or charges a part of a period."""
    return bool(line["parent"][line["parent"]["type"]]["proration"])


def name_of(discount: Tree) -> str:
    """What the stories call a discount."""
    whose = discount["invoice_item"] or discount["subscription_item"]
    whose = whose or ("subscription" if discount["subscription"] else "customer")
    return f"{discount['source']['coupon']} on {whose}"


def of_coupons(coupons: list[Coupon]) -> list[Tree] | str:
    """The parameter that puts coupons on something."""
    return [{"coupon": coupon.id} for coupon in coupons] or ""


def without_once(discounts: Given, gone: set[str]) -> Given:
    """Discounts without those for once that are used up."""
    return [each for each in discounts if each[1].duration != "once" or each[0] not in gone]


def is_over(coupon: Coupon, start: int, at: int) -> bool:
    """Whether the months of a coupon are over at a time."""
    if coupon.duration != "repeating":
        return False
    begun = datetime.fromtimestamp(start, UTC)
    year, month = divmod(begun.month - 1 + coupon.months, 12)
    day = min(begun.day, 28)  # the stories begin on the first, and no item is discounted for months
    return at >= begun.replace(year=begun.year + year, month=month + 1, day=day).timestamp()
