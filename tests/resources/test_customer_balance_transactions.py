"""A customer's balance: what changes it, what it pays, and what is too small to be charged."""

import pytest

from fakestripe_meters.core.currencies import LEAST_CHARGED
from tests.conftest import Call
from tests.resources.shop import FEBRUARY
from tests.resources.shop import HOUR
from tests.resources.shop import MARCH
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import Tree
from tests.resources.shop import customer
from tests.resources.shop import events
from tests.resources.shop import invoices
from tests.resources.shop import metered
from tests.resources.shop import subscribe
from tests.resources.shop import types
from tests.resources.shop import use

DECLINING = "pm_card_chargeCustomerFail"


def path(customer_id: str) -> str:
    return f"/v1/customers/{customer_id}/balance_transactions"


def booked(call: Call, customer_id: str) -> list[tuple[str, int, int]]:
    """The type, the amount and the ending balance of each transaction, oldest first."""
    found = call.get(path(customer_id), {"limit": 100}).json["data"]
    return [(each["type"], each["amount"], each["ending_balance"]) for each in found][::-1]


def finalized(call: Call, customer_id: str, amount: int, currency: str = "usd", **terms: object) -> Tree:
    """An invoice by hand for an amount."""
    draft = call.create("/v1/invoices", {"customer": customer_id, "currency": currency, **terms})["id"]
    call.create("/v1/invoiceitems", {"customer": customer_id, "invoice": draft, "amount": amount, "currency": currency})
    return call.create(f"/v1/invoices/{draft}/finalize")


def due(invoice: Tree) -> tuple[str, int, int, int, int | None]:
    return (
        invoice["status"],
        invoice["total"],
        invoice["amount_due"],
        invoice["starting_balance"],
        invoice["ending_balance"],
    )


def test_what_is_too_small_to_be_charged_goes_onto_the_balance(call: Call) -> None:
    """As recorded for a total of 4 cents (Kiln-AI/stripe_world)."""
    ada = customer(call)
    subscribe(call, ada, metered(call), default_payment_method=DECLINING)
    use(call, ada, 49)
    call.clock.freeze(FEBRUARY + HOUR)
    (invoice,) = invoices(call)
    assert due(invoice) == ("paid", 49, 0, 0, 49)
    assert (invoice["attempted"], invoice["attempt_count"], invoice["auto_advance"]) == (True, 0, False)
    assert (invoice["amount_paid"], invoice["amount_remaining"]) == (0, 0)
    assert booked(call, ada) == [("invoice_too_small", 49, 49)]
    (transaction,) = call.get(path(ada)).json["data"]
    assert transaction == {
        "id": transaction["id"],
        "object": "customer_balance_transaction",
        "amount": 49,
        "checkout_session": None,
        "created": FEBRUARY + HOUR,
        "credit_note": None,
        "currency": "usd",
        "customer": ada,
        "customer_account": None,
        "description": None,
        "ending_balance": 49,
        "invoice": invoice["id"],
        "livemode": False,
        "metadata": {},
        "type": "invoice_too_small",
    }
    assert transaction["id"].startswith("cbtxn_")
    happened = types(call)
    assert "invoice.paid" in happened
    assert "invoice.payment_failed" not in happened


def test_the_next_invoice_has_it(call: Call) -> None:
    ada = customer(call)
    subscribe(call, ada, metered(call))
    use(call, ada, 20)
    call.clock.freeze(FEBRUARY + HOUR)
    use(call, ada, 30)
    call.clock.freeze(MARCH)
    assert due(invoices(call)[-1]) == ("draft", 30, 50, 20, None)
    call.clock.freeze(MARCH + HOUR)
    assert due(invoices(call)[-1]) == ("paid", 30, 50, 20, 0)
    assert booked(call, ada) == [("invoice_too_small", 20, 20), ("applied_to_invoice", -20, 0)]


def test_small_amounts_add_up_until_they_can_be_charged(call: Call) -> None:
    ada = customer(call)
    assert [due(finalized(call, ada, 20)) for _ in range(3)] == [
        ("paid", 20, 0, 0, 20),
        ("paid", 20, 0, 20, 40),
        ("open", 20, 60, 40, 0),
    ]
    assert booked(call, ada) == [
        ("invoice_too_small", 20, 20),
        ("applied_to_invoice", -20, 0),
        ("invoice_too_small", 40, 40),
        ("applied_to_invoice", -40, 0),
    ]
    updates = [event["data"]["previous_attributes"] for event in events(call, "customer.updated")]
    assert updates[-2:] == [{"balance": 20}, {"balance": 40}]


def test_a_negative_total_is_credit(call: Call) -> None:
    """As recorded for a total of -334 (Kiln-AI/stripe_world)."""
    ada = customer(call)
    invoice = finalized(call, ada, -334)
    assert due(invoice) == ("paid", -334, 0, 0, -334)
    assert (invoice["attempted"], invoice["attempt_count"]) == (True, 0)
    assert booked(call, ada) == [("applied_to_invoice", -334, -334)]
    seen = call.get(f"/v1/customers/{ada}", {"expand": ["invoice_credit_balance"]}).json
    assert (seen["balance"], seen["currency"], seen["invoice_credit_balance"]) == (-334, "usd", {"usd": 334})
    assert due(finalized(call, ada, 1000)) == ("open", 1000, 666, -334, 0)
    assert booked(call, ada)[1:] == [("applied_to_invoice", 334, 0)]


def test_credit_that_leaves_too_little_is_used_up_first(call: Call) -> None:
    ada = customer(call, balance=-100)
    assert due(finalized(call, ada, 149)) == ("paid", 149, 0, -100, 49)
    assert booked(call, ada) == [
        ("initial", -100, -100),
        ("applied_to_invoice", 100, 0),
        ("invoice_too_small", 49, 49),
    ]


@pytest.mark.parametrize("currency", ["usd", "gbp", "jpy", "huf"])
def test_each_currency_has_its_minimum(call: Call, currency: str) -> None:
    ada, least = customer(call), LEAST_CHARGED[currency]
    assert due(finalized(call, ada, least, currency))[:3] == ("open", least, least)
    assert due(finalized(call, ada, least - 1, currency))[:3] == ("paid", least - 1, 0)


def test_a_currency_without_a_known_minimum_has_none(call: Call) -> None:
    assert due(finalized(call, customer(call), 1, "isk"))[:3] == ("open", 1, 1)


def test_an_invoice_that_is_sent_can_be_too_small_as_well(call: Call) -> None:
    ada = customer(call)
    assert due(finalized(call, ada, 5, collection_method="send_invoice", days_until_due=3)) == ("paid", 5, 0, 0, 5)


def test_each_currency_has_a_balance_of_its_own(call: Call) -> None:
    ada = customer(call, balance=-500)
    assert due(finalized(call, ada, 200, "eur")) == ("open", 200, 200, 0, 0)
    assert due(finalized(call, ada, 5, "eur")) == ("paid", 5, 0, 0, 5)
    seen = call.get(f"/v1/customers/{ada}", {"expand": ["invoice_credit_balance"]}).json
    assert (seen["balance"], seen["currency"]) == (-500, "usd")
    assert seen["invoice_credit_balance"] == {"eur": -5, "usd": 500}
    assert due(finalized(call, ada, 200, "eur")) == ("open", 200, 205, 5, 0)
    newest, *_ = call.get(path(ada)).json["data"]
    assert (newest["currency"], newest["amount"], newest["ending_balance"]) == ("eur", -5, 0)


def test_a_void_invoice_gives_back_what_it_took(call: Call) -> None:
    ada = customer(call, balance=300)
    invoice = finalized(call, ada, 1000)
    call.create(f"/v1/invoices/{invoice['id']}/void")
    assert booked(call, ada)[1:] == [("applied_to_invoice", -300, 0), ("unapplied_from_invoice", 300, 300)]
    of_the_invoice = call.get(path(ada), {"invoice": invoice["id"]}).json["data"]
    assert [each["type"] for each in of_the_invoice] == ["unapplied_from_invoice", "applied_to_invoice"]


def test_giving_it_back_is_an_update_of_the_customer(call: Call) -> None:
    ada = customer(call, balance=-300)
    invoice = finalized(call, ada, 1000)
    call.create(f"/v1/invoices/{invoice['id']}/void")
    assert [
        (each["data"]["previous_attributes"], each["data"]["object"]["balance"])
        for each in events(call, "customer.updated")
    ] == [({"balance": -300}, 0), ({"balance": 0}, -300)]


def test_a_void_invoice_that_took_nothing_books_nothing(call: Call) -> None:
    ada = customer(call)
    call.create(f"/v1/invoices/{finalized(call, ada, 1000)['id']}/void")
    assert booked(call, ada) == []


def test_a_customers_balance_is_booked_when_it_is_given_and_when_it_changes(call: Call) -> None:
    ada = customer(call, balance=-500)
    assert call.get(f"/v1/customers/{ada}").json["currency"] == "usd"
    call.create(f"/v1/customers/{ada}", {"balance": -200})
    call.create(f"/v1/customers/{ada}", {"balance": -200, "name": "Ada"})
    assert booked(call, ada) == [("initial", -500, -500), ("adjustment", 300, -200)]
    (created,) = events(call, "customer.created")
    assert created["data"]["object"]["balance"] == -500
    assert booked(call, customer(call, balance=0)) == []


def test_a_transaction_changes_the_balance(call: Call) -> None:
    ada = customer(call)
    terms = {"amount": -250, "currency": "EUR", "description": "for the outage", "metadata": {"ticket": "7"}}
    made = call.create(path(ada), terms)
    assert (made["type"], made["amount"], made["ending_balance"], made["currency"]) == ("adjustment", -250, -250, "eur")
    assert (made["description"], made["metadata"], made["invoice"]) == ("for the outage", {"ticket": "7"}, None)
    assert made["created"] == NEW_YEAR
    seen = call.get(f"/v1/customers/{ada}").json
    assert (seen["balance"], seen["currency"]) == (-250, "eur")
    (updated,) = events(call, "customer.updated")
    assert updated["data"]["previous_attributes"] == {"balance": 0, "currency": None}
    assert call.get(f"{path(ada)}/{made['id']}").json == made
    call.create(path(ada), {"amount": 50, "currency": "usd"})
    assert call.get(f"/v1/customers/{ada}").json["balance"] == -250


def test_only_its_description_and_metadata_can_be_changed(call: Call) -> None:
    ada = customer(call)
    made = call.create(path(ada), {"amount": 5, "currency": "usd", "metadata": {"a": "1"}})
    one = f"{path(ada)}/{made['id']}"
    changed = call.create(one, {"description": "typo", "metadata": {"b": "2"}})
    assert changed == made | {"description": "typo", "metadata": {"a": "1", "b": "2"}}
    assert call.create(one, {"description": "", "metadata": ""}) == made | {"metadata": {}}
    assert call.post(one, {"amount": 7}).error["param"] == "amount"
    assert call.delete(one).status == 404


def test_transactions_are_listed_newest_first_and_by_customer(call: Call) -> None:
    ada, bob = customer(call), customer(call)
    first = call.create(path(ada), {"amount": 5, "currency": "usd"})["id"]
    call.create(path(bob), {"amount": 5, "currency": "usd"})
    call.clock.advance(HOUR)
    second = call.create(path(ada), {"amount": 6, "currency": "usd"})["id"]
    assert call.get(path(ada)).ids == [second, first]
    assert call.get(path(ada)).json["url"] == path(ada)
    assert call.get(path(ada), {"created": {"gt": NEW_YEAR}}).ids == [second]
    assert call.get(path(ada), {"limit": 1, "starting_after": second}).ids == [first]


def test_a_transaction_of_a_customer_on_a_test_clock_has_its_time(call: Call) -> None:
    clock = call.create("/v1/test_helpers/test_clocks", {"frozen_time": MARCH})["id"]
    ada = customer(call, test_clock=clock, balance=7)
    call.create(path(ada), {"amount": 5, "currency": "usd"})
    assert {each["created"] for each in call.get(path(ada)).json["data"]} == {MARCH}


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"currency": "usd"}, "amount"),
        ({"amount": 5}, "currency"),
        ({"amount": 5, "currency": "nix"}, "currency"),
        ({"amount": "much", "currency": "usd"}, "amount"),
        ({"amount": 10**13, "currency": "usd"}, "amount"),
        ({"amount": 5, "currency": "usd", "description": "x" * 351}, "description"),
        ({"amount": 5, "currency": "usd", "metadata": {"k" * 41: "v"}}, "metadata[" + "k" * 41 + "]"),
    ],
)
def test_a_wrong_transaction_is_refused(call: Call, params: Tree, param: str) -> None:
    ada = customer(call)
    answer = call.post(path(ada), params)
    assert (answer.status, answer.error["param"]) == (400, param)
    assert booked(call, ada) == []


def test_what_is_not_there_is_not_found(call: Call) -> None:
    ada, bob = customer(call), customer(call)
    made = call.create(path(ada), {"amount": 5, "currency": "usd"})["id"]
    for missing in (f"{path(bob)}/{made}", f"{path(ada)}/cbtxn_none"):
        for answer in (call.get(missing), call.post(missing)):
            assert (answer.status, answer.error["code"]) == (404, "resource_missing")
    assert call.get(path("cus_none")).status == 404
    assert call.post(path("cus_none"), {"amount": 5, "currency": "usd"}).status == 404
    assert call.get(path(ada), {"invoice": "in_none"}).status == 400
    call.delete(f"/v1/customers/{ada}")
    assert call.get(path(ada)).status == 404
