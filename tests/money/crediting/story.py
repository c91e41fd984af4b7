"""An invoice and its credit notes, chosen at random; what is previewed is held against what is done, and both against
the clerk's account.
"""

from copy import deepcopy
from random import Random
from typing import Any

from tests.conftest import Call
from tests.money.crediting import clerk
from tests.money.crediting.clerk import Account
from tests.money.crediting.clerk import Note
from tests.money.crediting.clerk import Part

Tree = dict[str, Any]
NOTES = "/v1/credit_notes"
MADE = ("customer_balance_transaction", "refunds")
"""What a preview cannot show."""


class Story:
    """Bills a customer once, and credits the invoice again and again."""

    def __init__(self, call: Call, random: Random) -> None:
        self.call, self.random = call, random
        self.rates = [self._rate() for _ in range(random.randint(0, 3))]
        balance = random.choice((0, 0, -150, -100_000, 90))
        self.customer = call.create("/v1/customers", {"balance": balance})["id"]
        self.invoice = self._bill()
        self.account = clerk.of_invoice(self.invoice)
        self.balance = self._balance()
        self.refunds: list[tuple[str, int]] = []
        self.ids: list[str] = []
        self.issued = self.refused = 0

    def play(self, steps: int) -> None:
        """Go on, and compare after each step."""
        self._compare()
        for _ in range(steps):
            self.random.choice(
                (self._note, self._note, self._note, self._too_much, self._void, self._pay, self._refund)
            )()
            self._compare()

    # The invoice

    def _rate(self) -> str:
        inclusive, percentage = self.random.random() < 0.4, self.random.choice((5, "7.95", 19, "8.875"))
        terms = {"display_name": "Tax", "inclusive": inclusive, "percentage": percentage}
        created: str = self.call.create("/v1/tax_rates", terms)["id"]
        return created

    def _coupon(self) -> Tree:
        random = self.random
        terms: Tree = {"duration": "forever"}
        if random.random() < 0.6:
            terms["percent_off"] = random.choice(("10", "33.33", "12.5", "100"))
        else:
            terms |= {"amount_off": random.choice((1, 99, 500)), "currency": "usd"}
        return {"coupon": self.call.create("/v1/coupons", terms)["id"]}

    def _bill(self) -> Tree:
        random, call = self.random, self.call
        terms = {"customer": self.customer, "currency": "usd", "auto_advance": False}
        terms["default_tax_rates"] = random.sample(self.rates, random.randint(0, min(2, len(self.rates))))
        terms["discounts"] = [self._coupon() for _ in range(random.choice((0, 0, 1, 2)))]
        draft = call.create("/v1/invoices", {name: value for name, value in terms.items() if value != []})["id"]
        for _ in range(random.randint(1, 4)):
            amount = random.choice((1, 7, 333, 1_999, 12_345, -50))
            item: Tree = {"customer": self.customer, "invoice": draft, "currency": "usd"}
            item |= {"unit_amount_decimal": amount, "quantity": random.randint(1, 7)}
            if random.random() < 0.3:
                item["discounts"] = [self._coupon()]
            call.create("/v1/invoiceitems", item)
        return call.create(f"/v1/invoices/{draft}/finalize")

    # What happens to it

    def _pay(self) -> None:
        if self.account.open:
            out_of_band = self.random.random() < 0.2
            self.account.pay()
            if out_of_band:
                self.account.charged = 0
            self.call.create(f"/v1/invoices/{self.invoice['id']}/pay", {"paid_out_of_band": out_of_band})

    def _refund(self) -> None:
        if self.account.refundable:
            amount = self.random.randint(1, self.account.refundable)
            (payment,) = self.call.get("/v1/invoice_payments", {"invoice": self.invoice["id"]}).json["data"]
            sent = {"payment_intent": payment["payment"]["payment_intent"], "amount": amount}
            self.refunds.append((self.call.create("/v1/refunds", sent)["id"], amount))
            self.account.refunded_apart += amount

    def _void(self) -> None:
        """The newest credit note that is left, while the invoice is open."""
        notes = [(number, note) for number, note in enumerate(self.account.notes) if not note.void]
        if self.account.open and notes:
            number, note = self.random.choice(notes)
            self.call.create(f"{NOTES}/{self.ids[number]}/void")
            self.account.strike(note)

    def _too_much(self) -> None:
        """More than what is left is refused, previewed or not."""
        self._refuse({"invoice": self.invoice["id"], "amount": max(0, self.account.creditable) + 1})
        if self.account.creditable > 0:  # and so is what nobody says how to give back, or too much of it
            amount = self.random.randint(1, self.account.creditable)
            back = max(0, amount - self.account.remaining) + 1
            self._refuse({"invoice": self.invoice["id"], "amount": amount, "out_of_band_amount": back})

    def _refuse(self, sent: Tree) -> None:
        previewed, done = self.call.get(f"{NOTES}/preview", sent), self.call.post(NOTES, sent)
        assert (previewed.status, done.status) == (400, 400)
        assert previewed.error["message"] == done.error["message"]
        self.refused += 1

    def _note(self) -> None:
        """Credit something by amount, by parts of lines, or by lines of its own, if the clerk finds it possible."""
        trial = deepcopy(self.account)
        sent: Tree = {"invoice": self.invoice["id"]}
        parts: list[tuple[str, Part]] = []
        if self.random.random() < 0.3:
            if trial.creditable <= 0:
                return
            total = sent["amount"] = self.random.randint(1, trial.creditable)
        else:
            lines, total, parts = self._lines(trial)
            sent["lines"] = lines
        if not 0 < total <= trial.creditable:
            if sent.get("lines"):
                self._refuse(sent)
            return
        before = min(total, trial.remaining)
        note = Note(total, before, parts, self._back(sent, total - before))
        self._issue(sent, note, trial.lines)

    def _lines(self, trial: Account) -> tuple[list[Tree], int, list[tuple[str, Part]]]:
        """Lines for a credit note, what they come to, and the parts of the invoice's lines in them."""
        random, total = self.random, 0
        lines: list[Tree] = []
        parts: list[tuple[str, Part]] = []
        for _ in range(random.randint(1, 3)):
            name = random.choice(list(trial.lines))
            account = trial.lines[name]
            if random.random() < 0.25:
                amount, quantity = random.choice((1, 50, 700)), random.randint(1, 3)
                lines.append(
                    {"type": "custom_line_item", "description": "a", "unit_amount": amount, "quantity": quantity}
                )
                total += amount * quantity
            elif account.amount > 0:
                measure = account.measured or random.choice(("amount", "quantity"))
                left = account.left(measure)
                if left > 0:
                    part = account.part(measure, random.choice((left, random.randint(1, left))))
                    account.measured = measure
                    account.parts.append(part)
                    parts.append((name, part))
                    total += account.net(part)
                    lines.append({"type": "invoice_line_item", "invoice_line_item": name, measure: part.measure})
        return lines, total, parts

    def _back(self, sent: Tree, after: int) -> dict[str, int]:
        """Choose how what was paid is given back, and say so in the request."""
        random = self.random
        back: dict[str, int] = {}
        if after and self.refunds and random.random() < 0.5:
            refund, left = self.refunds[-1]
            back["linked"] = min(left, random.randint(1, after))
            sent["refunds"] = [{"refund": refund, "amount_refunded": back["linked"]}]
            self.refunds[-1:] = [(refund, left - back["linked"])] if left > back["linked"] else []
        rest = after - back.get("linked", 0)
        for way, most in (("refund", self.account.refundable), ("credit", rest)):
            amount = random.choice((0, min(rest, most), random.randint(0, max(0, min(rest, most)))))
            if amount > 0:
                back[way] = sent[f"{way}_amount"] = amount
                rest -= amount
        if rest:
            back["out_of_band"] = sent["out_of_band_amount"] = rest
        return back

    def _issue(self, sent: Tree, note: Note, lines: dict[str, clerk.LineAccount]) -> None:
        previewed = self.call.get(f"{NOTES}/preview", sent)
        listed = self.call.get(f"{NOTES}/preview/lines", sent)
        assert (previewed.status, listed.status) == (200, 200), (sent, previewed.body, self.account)
        done = self.call.create(NOTES, sent)
        differs = {name for name in done if name not in MADE and done[name] != previewed.json[name]}
        assert differs <= {"lines"}
        assert previewed.json["lines"]["data"] == listed.json["data"] == done["lines"]["data"]
        self._compare_note(note, done, lines)
        for name, _ in note.parts:
            self.account.lines[name].measured = lines[name].measured
        self.account.issue(note)
        self.balance -= note.back.get("credit", 0)
        self.ids.append(done["id"])
        self.issued += 1

    # What is compared

    def _compare_note(self, note: Note, done: Tree, lines: dict[str, clerk.LineAccount]) -> None:
        assert (done["total"], done["amount"]) == (note.total, note.total), (done, note)
        assert (done["pre_payment_amount"], done["post_payment_amount"]) == (note.before, note.after)
        kind = "mixed" if note.before and note.after else "pre_payment" if note.before else "post_payment"
        assert done["type"] == kind
        shown = [line for line in done["lines"]["data"] if line["type"] == "invoice_line_item"]
        for (name, part), line in zip(note.parts, shown, strict=True):
            assert (line["invoice_line_item"], line["amount"]) == (name, part.gross)
            assert clerk.told(line) == part.shares, (line, part, lines[name])
        contained = [
            share for name, part in note.parts for key, share in part.shares.items() if key in lines[name].contained
        ]
        assert done["subtotal_excluding_tax"] == done["subtotal"] - sum(contained)
        taxes = sum(share for _, part in note.parts for key, share in part.shares.items() if key.startswith("tax "))
        assert done["total_excluding_tax"] == done["total"] - taxes
        assert sum(each["amount_refunded"] for each in done["refunds"]) == sum(
            note.back.get(way, 0) for way in ("refund", "linked")
        )
        assert done["out_of_band_amount"] == note.back.get("out_of_band")

    def _compare(self) -> None:
        account = self.account
        now = self.call.get(f"/v1/invoices/{self.invoice['id']}").json
        assert now["total"] == account.total
        assert (now["amount_due"], now["amount_remaining"], now["amount_paid"]) == (
            account.due,
            account.remaining,
            account.paid,
        ), (now, account)
        assert now["pre_payment_credit_notes_amount"] == account.before
        assert now["post_payment_credit_notes_amount"] == account.after
        assert now["status"] == ("open" if account.open else "paid")
        assert self._balance() == self.balance
        payments = self.call.get("/v1/invoice_payments", {"invoice": self.invoice["id"]}).json["data"]
        for payment in payments:
            intent = self.call.get(f"/v1/payment_intents/{payment['payment']['payment_intent']}").json
            if account.open:
                assert (payment["status"], payment["amount_requested"], intent["amount"]) == (
                    "open",
                    account.remaining,
                    account.remaining,
                )
            if account.charged:
                charge = self.call.get(f"/v1/charges/{intent['latest_charge']}").json
                assert charge["amount"] - charge["amount_refunded"] == account.refundable

    def _balance(self) -> int:
        balance: int = self.call.get(f"/v1/customers/{self.customer}").json["balance"]
        return balance
