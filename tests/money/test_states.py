"""The table of the states of an invoice in `docs/money.md`: what happens in a row is done, and leads where it says."""

import re
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import pytest

from fakestripe_meters import FakeStripe
from tests.conftest import Call
from tests.conftest import through_engine
from tests.pages import Page
from tests.resources import shop
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import Tree

HEADING = "## The states of an invoice"
LEFT_OUT = ("customer.", "invoice.updated", "invoiceitem.", "payment_method.")
AUTHENTICATION = "pm_card_authenticationRequired"


def rows() -> list[list[str]]:
    """The rows of the table, cell by cell."""
    table = [line for line in Page("docs/money.md").section(HEADING).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


class Example:
    """An invoice of five dollars, and what may happen to it."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.customer = shop.customer(call)
        self.attach("pm_card_visa")

    def attach(self, name: str) -> None:
        """Make another card the one that pays."""
        self.method = self.call.create(f"/v1/payment_methods/{name}/attach", {"customer": self.customer})["id"]
        settings = {"default_payment_method": self.method}
        self.call.create(f"/v1/customers/{self.customer}", {"invoice_settings": settings})

    def draft(self, amount: int = 500) -> None:
        made = self.call.create("/v1/invoices", {"customer": self.customer, "auto_advance": False})
        self.path = f"/v1/invoices/{made['id']}"
        self.call.create(
            "/v1/invoiceitems", {"customer": self.customer, "invoice": made["id"], "amount": amount, "currency": "usd"}
        )

    def do(self, what: str, **terms: object) -> Tree:
        return self.call.create(f"{self.path}/{what}", terms)

    def pay(self, **terms: object) -> None:
        """Try to pay, whatever comes of it."""
        self.call.post(f"{self.path}/pay", terms)

    def clear(self) -> None:
        """Let the draft come to nothing, and finalize it."""
        [item] = self.call.get("/v1/invoiceitems", {"customer": self.customer}).json["data"]
        self.call.delete(f"/v1/invoiceitems/{item['id']}")
        self.do("finalize")

    def unfunded(self) -> None:
        """Finalize the draft when the customer has no payment method any more."""
        self.call.create(f"/v1/payment_methods/{self.method}/detach")
        self.do("finalize")

    def charged_with(self, name: str, **terms: object) -> None:
        self.attach(name)
        self.pay(**terms)

    def wait_for_authentication(self) -> None:
        self.draft()
        self.do("finalize")
        self.charged_with(AUTHENTICATION, off_session=False)

    @property
    def payment(self) -> Tree | None:
        """The payment that the invoice has made itself."""
        invoice = self.path.rpartition("/")[2]
        found = self.call.get("/v1/invoice_payments", {"invoice": invoice})
        return next((each for each in found.json["data"] if each["is_default"]), None) if found.status == 200 else None

    @property
    def intent(self) -> Tree:
        assert self.payment is not None
        found: Tree = self.call.get(f"/v1/payment_intents/{self.payment['payment']['payment_intent']}").json
        return found

    def act(self, what: str) -> None:
        """Do something with the payment intent."""
        self.call.create(f"/v1/payment_intents/{self.intent['id']}/{what}")

    def attach_another(self) -> None:
        terms: Tree = {"amount": 500, "currency": "usd", "customer": self.customer, "payment_method": self.method}
        made = self.call.create("/v1/payment_intents", terms | {"confirm": True, "payment_method_types": ["card"]})
        self.seen = len(shop.types(self.call))
        self.do("attach_payment", payment_intent=made["id"])

    def credit(self, **terms: object) -> None:
        self.call.create("/v1/credit_notes", {"invoice": self.path.rpartition("/")[2], "amount": 500, **terms})

    def events(self) -> list[str]:
        return [each for each in shop.types(self.call)[self.seen :] if not each.startswith(LEFT_OUT)]


def opened(example: Example) -> None:
    example.draft()
    example.do("finalize")


def paid(example: Example) -> None:
    opened(example)
    example.do("pay")


def uncollectible(example: Example) -> None:
    opened(example)
    example.do("mark_uncollectible")


BEFORE: dict[str, Callable[[Example], Any]] = {
    "draft": Example.draft,
    "open": opened,
    "open, and waits for authentication": Example.wait_for_authentication,
    "uncollectible": uncollectible,
    "paid": paid,
}
HAPPENS: dict[str, Callable[[Example], Any]] = {
    "it is finalized": lambda example: example.do("finalize"),
    "it is finalized, and nothing can pay": Example.unfunded,
    "it comes to nothing, and is finalized": Example.clear,
    "it is deleted": lambda example: example.call.delete(example.path),
    "the card is charged": lambda example: example.do("pay"),
    "the card declines": lambda example: example.charged_with(shop.DECLINING),
    "the card wants authentication, and the customer is present": lambda example: example.charged_with(
        AUTHENTICATION, off_session=False
    ),
    "the card wants authentication, and the customer is absent": lambda example: example.charged_with(AUTHENTICATION),
    "the customer authenticates": lambda example: example.call.fake.authenticate(example.intent["id"]),
    "the authentication fails": lambda example: example.call.fake.authenticate(example.intent["id"], succeeds=False),
    "a program confirms the payment intent": lambda example: example.act("confirm"),
    "a program cancels the payment intent": lambda example: example.act("cancel"),
    "it is paid out of band": lambda example: example.do("pay", paid_out_of_band=True),
    "another payment that has succeeded is attached": Example.attach_another,
    "a credit note takes all of it off": Example.credit,
    "it is voided": lambda example: example.do("void"),
    "it is marked as uncollectible": lambda example: example.do("mark_uncollectible"),
    "the charge is refunded": lambda example: example.call.create(
        "/v1/refunds", {"payment_intent": example.intent["id"]}
    ),
    "a credit note gives all of it to the customer's balance": lambda example: example.credit(credit_amount=500),
}


@pytest.fixture
def example() -> Iterator[Example]:
    with FakeStripe(now=NEW_YEAR, seed=1, limits="off") as fake:
        yield Example(Call(through_engine, fake))
        assert fake.engine.failures == []


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row[0]}: {row[1]}")
def test_each_row_is_so(example: Example, row: list[str]) -> None:
    before, happens, status, payment, intent, published = row
    BEFORE[before](example)
    example.seen = len(shop.types(example.call))
    HAPPENS[happens](example)
    found = example.call.get(example.path)
    assert (found.json["status"] if found.status == 200 else "gone") == status.strip("`")
    assert (example.payment["status"] if example.payment else "none") == payment.strip("`")
    assert (example.intent["status"] if example.payment else "none") == intent.strip("`")
    assert example.events() == re.findall(r"`(.*?)`", published)


def test_the_table_has_a_row_for_all_that_happens() -> None:
    assert {row[1] for row in rows()} == HAPPENS.keys()
    assert {row[0] for row in rows()} == BEFORE.keys()


@pytest.mark.parametrize("before", ["paid", "void"])
@pytest.mark.parametrize("what", ["pay", "void", "mark_uncollectible"])
def test_the_end_is_the_end(example: Example, before: str, what: str) -> None:
    opened(example)
    example.do({"paid": "pay"}.get(before, before))
    assert example.call.post(f"{example.path}/{what}").status == 400
