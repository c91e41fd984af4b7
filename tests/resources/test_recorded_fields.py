"""Fields that recordings of Stripe show, and fields that they leave out where there is nothing to say."""

from tests.conftest import Call
from tests.resources.shop import FEBRUARY
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import Tree
from tests.resources.shop import customer
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import meter
from tests.resources.shop import metered
from tests.resources.shop import subscribe

HALF = (NEW_YEAR + FEBRUARY) // 2


def seats(call: Call, count: int = 1) -> Tree:
    """A subscription to some seats."""
    items = [{"price": licensed(call), "quantity": count}]
    made: Tree = call.create("/v1/subscriptions", {"customer": customer(call), "items": items})
    return made


def change(call: Call, subscription: Tree, behavior: str = "always_invoice", **terms: object) -> None:
    """A change of the first item."""
    (item, *_) = subscription["items"]["data"]
    call.create(f"/v1/subscription_items/{item['id']}", terms | {"proration_behavior": behavior})


def parents(invoice: Tree) -> list[Tree]:
    """Where the lines come from."""
    return [line["parent"]["subscription_item_details"] for line in invoice["lines"]["data"]]


def test_a_subscription_of_one_item_shows_its_plan_and_quantity(call: Call) -> None:
    subscription = seats(call, 3)
    (item,) = subscription["items"]["data"]
    assert (subscription["plan"], subscription["quantity"]) == (item["plan"], 3)
    change(call, subscription, quantity=5)
    assert call.get(f"/v1/subscriptions/{subscription['id']}").json["quantity"] == 5


def test_a_subscription_of_several_items_shows_neither_and_of_a_metered_price_no_quantity(call: Call) -> None:
    ada, usage = customer(call), metered(call, meter(call))
    both = subscribe(call, ada, usage, licensed(call))
    assert (both["plan"], both["quantity"]) == (None, None)
    one = subscribe(call, ada, usage)
    assert (one["plan"]["id"], one["quantity"]) == (usage, None)


def test_the_billing_mode_says_since_when_it_is(call: Call) -> None:
    subscription = seats(call)
    assert subscription["billing_mode"]["updated_at"] == subscription["created"]
    items = [{"price": licensed(call)}]
    terms = {"customer": customer(call), "items": items, "billing_mode": {"type": "classic"}}
    assert call.create("/v1/subscriptions", terms)["billing_mode"] == {"flexible": None, "type": "classic"}


def test_an_invoice_by_hand_says_how_it_is_printed_and_another_does_not(call: Call) -> None:
    ada = customer(call)
    call.create("/v1/invoiceitems", {"customer": ada, "amount": 5, "currency": "usd"})
    draft = call.create("/v1/invoices", {"customer": ada, "pending_invoice_items_behavior": "include"})
    printed = {"amount_tax_display": None, "pdf": {"page_size": "auto"}, "template": None, "template_version": None}
    assert draft["rendering"] == printed
    final = call.create(f"/v1/invoices/{draft['id']}/finalize")
    assert final["rendering"] == printed | {"pdf": {"page_size": "letter"}}
    seats(call)
    assert invoices(call)[-1]["rendering"] is None


def test_what_there_is_nothing_to_say_of_is_left_out(call: Call) -> None:
    subscription = seats(call)
    (invoice,) = invoices(call)
    assert "threshold_reason" not in invoice
    assert "subscription_proration_date" not in invoice["parent"]["subscription_details"]
    assert "presentment_details" not in subscription
    assert "billed_until" not in subscription["items"]["data"][0]
    assert invoice["issuer"] == subscription["invoice_settings"]["issuer"] == {"type": "self"}
    assert (invoice["amount_paid_off_stripe"], subscription["managed_payments"]) == (0, {"enabled": False})


def test_a_credit_names_the_line_by_which_the_time_was_paid(call: Call) -> None:
    subscription = seats(call)
    (first,) = invoices(call)
    call.clock.freeze(HALF)
    change(call, subscription, quantity=2)
    credit, debit = invoices(call)[-1]["lines"]["data"]
    paid = {"invoice": first["id"], "invoice_line_items": [first["lines"]["data"][0]["id"]]}
    assert credit["parent"]["subscription_item_details"]["proration_details"] == {"credited_items": paid}
    assert debit["parent"]["subscription_item_details"]["proration_details"] == {"credited_items": None}
    for line in (credit, debit):
        assert (line["pricing"]["unit_amount_decimal"], line["discountable"]) == (None, False)
    items = {each["id"]: each for each in call.get("/v1/invoiceitems").json["data"]}
    of_credit = items[credit["parent"]["subscription_item_details"]["invoice_item"]]
    details = {"invoice_line_item_details": paid, "type": "invoice_line_items"}
    assert of_credit["proration_details"] == {"credited_items": details, "discount_amounts": []}
    assert of_credit["net_amount"] == credit["amount"]


def test_the_next_credit_names_the_debit_of_the_change_before(call: Call) -> None:
    subscription = seats(call)
    call.clock.freeze(HALF)
    change(call, subscription, quantity=2)
    debit = invoices(call)[-1]["lines"]["data"][1]
    call.clock.advance(60)
    change(call, subscription, quantity=3)
    credited = parents(invoices(call)[-1])[0]["proration_details"]["credited_items"]
    assert credited == {"invoice": debit["invoice"], "invoice_line_items": [debit["id"]]}


def test_a_credit_for_what_was_not_charged_itself_names_what_was(call: Call) -> None:
    subscription = seats(call)
    (first,) = invoices(call)
    call.clock.freeze(HALF)
    change(call, subscription, "none", price=licensed(call, 900))
    call.clock.advance(60)
    change(call, subscription, quantity=2)
    credited = parents(invoices(call)[-1])[0]["proration_details"]["credited_items"]
    assert credited == {"invoice": first["id"], "invoice_line_items": [first["lines"]["data"][0]["id"]]}


def test_what_a_credit_names_is_in_a_snapshot(call: Call) -> None:
    subscription = seats(call)
    call.clock.freeze(HALF)
    change(call, subscription, quantity=2)
    before = invoices(call)
    call.fake.restore(call.fake.snapshot())
    assert invoices(call) == before
