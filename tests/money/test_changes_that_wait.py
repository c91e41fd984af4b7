"""Random stories of changes that wait for a payment: each event is on one invoice, or on none for a named reason."""

from collections import Counter
from random import Random
from typing import Any

import pytest

from fakestripe_meters import FakeStripe
from tests.conftest import Call
from tests.conftest import through_engine
from tests.resources import shop
from tests.resources.shop import DAY
from tests.resources.shop import HOUR
from tests.resources.shop import NEW_YEAR

Tree = dict[str, Any]
GOOD, BAD = "pm_card_visa", shop.DECLINING
GIVEN_UP = "on a pending update's void invoice"
NAMED = {GIVEN_UP, "replaced or removed in classic mode", "in a trial", "without a price"}


class Story:
    """A customer with usage of one meter: event number k is worth 3 ** k cents."""

    def __init__(self, call: Call, random: Random) -> None:
        self.call, self.random = call, random
        counter = shop.meter(call)
        self.metered = [shop.metered(call, counter) for _ in range(2)]
        self.seats = [shop.licensed(call, amount) for amount in (1000, 3000, 9000)]
        self.customer = shop.customer(call)
        trial = {"trial_end": NEW_YEAR + 9 * DAY} if random.random() < 0.3 else {}
        mode = {"billing_mode": {"type": random.choice(("classic", "flexible"))}}
        self.id = shop.subscribe(call, self.customer, self.metered[0], self.seats[0], **mode, **trial)["id"]
        self.used = 0

    @property
    def path(self) -> str:
        return f"/v1/subscriptions/{self.id}"

    def now(self) -> Tree:
        found: Tree = self.call.get(self.path).json
        return found

    def items(self) -> list[Tree]:
        found: list[Tree] = self.now()["items"]["data"]
        return found

    def play(self, acts: int) -> None:
        for _ in range(acts):
            act = self.random.choice((self.use, self.use, self.wait, self.change, self.change, self.pay, self.give_up))
            act()
        self.call.create(self.path, {"default_payment_method": GOOD})
        self.call.clock.advance(70 * DAY)

    def use(self) -> None:
        if self.used < 25:
            shop.use(self.call, self.customer, 3**self.used)
            self.used += 1

    def wait(self) -> None:
        self.call.clock.advance(self.random.choice((1, 60, HOUR, 5 * HOUR, DAY, 12 * DAY)))

    def change(self) -> None:
        metered, seat = self.items()
        wishes: tuple[Tree, ...] = (
            {"billing_cycle_anchor": "now"},
            {"trial_end": "now"},
            {"items": [{"id": metered["id"], "price": self.random.choice(self.metered)}]},
            {"items": [{"id": seat["id"], "price": self.random.choice(self.seats)}]},
            {
                "items": [
                    {"id": metered["id"], "price": self.random.choice(self.metered)},
                    {"id": seat["id"], "price": self.random.choice(self.seats)},
                ]
            },
        )
        self.call.create(self.path, {"default_payment_method": self.random.choice((BAD, BAD, GOOD))})
        behavior = self.random.choice(("pending_if_incomplete", "pending_if_incomplete", "allow_incomplete"))
        terms = {"proration_behavior": "always_invoice", "payment_behavior": behavior}
        self.call.create(self.path, {**self.random.choice(wishes), **terms})

    def pay(self) -> None:
        for invoice in shop.invoices(self.call, status="open"):
            self.call.create(f"/v1/invoices/{invoice['id']}/pay", {"payment_method": GOOD})

    def give_up(self) -> None:
        if self.now()["pending_update"] is not None and self.random.random() < 0.3:
            self.call.create(f"/v1/invoices/{self.now()['latest_invoice']}/void")


def decoded(total: int) -> set[int]:
    """The numbers of the events whose values add up to an amount."""
    digits = []
    while total:
        total, digit = divmod(total, 3)
        digits.append(digit)
    assert set(digits) <= {0, 1}, digits
    return {number for number, digit in enumerate(digits) if digit}


def billed_by(story: Story, invoice: Tree) -> set[int]:
    listed = story.call.get(f"/v1/invoices/{invoice['id']}/lines", {"limit": 100}).json["data"]
    return decoded(sum(each["amount"] for each in listed if each["pricing"]["price_details"]["price"] in story.metered))


@pytest.mark.parametrize("seed", range(40))
def test_each_event_is_on_one_invoice_or_on_none_for_a_named_reason(seed: int) -> None:
    with FakeStripe(now=NEW_YEAR, limits="off", seed=seed) as fake:
        story = Story(Call(through_engine, fake), Random(seed))
        story.play(25)
        explained = fake.explain_billing("calls", story.customer).events
        numbers = [round(float(event.value)) for event in explained]
        assert sorted(numbers) == [3**number for number in range(story.used)]
        told: dict[str | None, set[int]] = {}
        for event in explained:
            assert event.invoice or event.reason in NAMED, event
            told.setdefault(event.invoice or event.reason, set()).update(decoded(int(event.value)))
        given_up: set[int] = set()
        billed: Counter[int] = Counter()
        for invoice in shop.invoices(story.call):
            found = billed_by(story, invoice)
            if invoice["status"] == "void":
                given_up |= found
            else:
                assert found == told.get(invoice["id"], set()), invoice["id"]
                billed.update(found)
        assert given_up == told.get(GIVEN_UP, set())
        assert set(billed.values()) <= {1}
        assert fake.engine.failures == []
