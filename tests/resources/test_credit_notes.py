"""Credit notes: what they take off an invoice, and how they give back what was paid."""

import json

from tests.conftest import Call
from tests.resources.shop import FEBRUARY
from tests.resources.shop import HOUR
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import Tree
from tests.resources.shop import customer
from tests.resources.shop import events
from tests.resources.shop import invoices
from tests.resources.shop import metered
from tests.resources.shop import subscribe
from tests.resources.shop import types
from tests.resources.shop import use

NOTES = "/v1/credit_notes"


def billed(call: Call, *amounts: int, customer_id: str | None = None, quantity: int = 1, **terms: object) -> Tree:
    """A finalized invoice by hand, with a line of each amount."""
    payer = customer_id or customer(call)
    draft = call.create("/v1/invoices", {"customer": payer, "currency": "usd", "auto_advance": False, **terms})["id"]
    for amount in amounts:
        price = {"unit_amount_decimal": amount, "quantity": quantity}
        call.create("/v1/invoiceitems", {"customer": payer, "invoice": draft, "currency": "usd", **price})
    return call.create(f"/v1/invoices/{draft}/finalize")


def paid(call: Call, *amounts: int, customer_id: str | None = None) -> Tree:
    """A paid invoice by hand."""
    invoice = billed(call, *amounts, customer_id=customer_id)
    return call.create(f"/v1/invoices/{invoice['id']}/pay")


def read(call: Call, invoice: Tree) -> Tree:
    found: Tree = call.get(f"/v1/invoices/{invoice['id']}").json
    return found


def sums(call: Call, invoice: Tree) -> tuple[str, int, int, int, int]:
    """What is asked for, and what credit notes took off and gave back."""
    now = read(call, invoice)
    return (
        now["status"],
        now["amount_due"],
        now["amount_remaining"],
        now["pre_payment_credit_notes_amount"],
        now["post_payment_credit_notes_amount"],
    )


def of_line(invoice: Tree, number: int = 0, **part: object) -> Tree:
    line = invoice["lines"]["data"][number]["id"]
    return {"type": "invoice_line_item", "invoice_line_item": line, **part}


def own(unit_amount: int, quantity: int = 1, **terms: object) -> Tree:
    line = {"type": "custom_line_item", "description": "Sorry", "quantity": quantity, "unit_amount": unit_amount}
    return line | terms


# What was not paid yet


def test_a_credit_note_lowers_what_an_open_invoice_asks_for(call: Call) -> None:
    invoice = billed(call, 1000)
    note = call.create(NOTES, {"invoice": invoice["id"], "amount": 300})
    assert (note["type"], note["pre_payment_amount"], note["post_payment_amount"]) == ("pre_payment", 300, 0)
    assert sums(call, invoice) == ("open", 700, 700, 300, 0)
    assert read(call, invoice)["total"] == 1000
    assert call.create(f"/v1/invoices/{invoice['id']}/pay")["amount_paid"] == 700


def test_an_invoice_becomes_paid_when_credit_notes_leave_nothing(call: Call) -> None:
    invoice = billed(call, 1000)
    before = len(types(call))
    call.create(NOTES, {"invoice": invoice["id"], "amount": 400})
    assert types(call)[before:] == ["credit_note.created", "invoice.updated"]
    call.create(NOTES, {"invoice": invoice["id"], "lines": [own(300, 2)]})
    assert sums(call, invoice) == ("paid", 0, 0, 1000, 0)
    assert {"credit_note.created", "invoice.paid", "invoice.payment_succeeded"} <= set(types(call)[before + 2 :])
    now = read(call, invoice)
    assert (now["amount_paid"], now["attempt_count"], now["status_transitions"]["paid_at"]) == (0, 0, NEW_YEAR)


def test_what_exceeds_an_open_invoice_is_given_back(call: Call) -> None:
    """The customer's balance has paid 300 of 1000, so 700 are asked for."""
    ada = customer(call, balance=-300)
    invoice = billed(call, 1000, customer_id=ada)
    assert sums(call, invoice) == ("open", 700, 700, 0, 0)
    note = call.create(NOTES, {"invoice": invoice["id"], "amount": 1000, "credit_amount": 300})
    assert (note["type"], note["pre_payment_amount"], note["post_payment_amount"]) == ("mixed", 700, 300)
    assert sums(call, invoice) == ("paid", 0, 0, 700, 300)
    assert call.get(f"/v1/customers/{ada}").json["balance"] == -300


def test_a_void_credit_note_counts_no_more(call: Call) -> None:
    invoice = billed(call, 1000)
    note = call.create(NOTES, {"invoice": invoice["id"], "amount": 300})
    before = len(types(call))
    call.clock.advance(60)
    void = call.create(f"{NOTES}/{note['id']}/void")
    assert void == note | {"status": "void", "voided_at": NEW_YEAR + 60}
    assert types(call)[before:] == ["credit_note.voided", "invoice.updated"]
    assert sums(call, invoice) == ("open", 1000, 1000, 0, 0)
    assert call.post(f"{NOTES}/{note['id']}/void").status == 400
    assert call.create(NOTES, {"invoice": invoice["id"], "amount": 1000})["number"].endswith("-CN-02")


# What was paid


def test_a_credit_note_credits_the_customers_balance(call: Call) -> None:
    invoice = paid(call, 1000)
    note = call.create(NOTES, {"invoice": invoice["id"], "amount": 400, "credit_amount": 400})
    assert (note["type"], note["pre_payment_amount"], note["post_payment_amount"]) == ("post_payment", 0, 400)
    assert sums(call, invoice) == ("paid", 1000, 0, 0, 400)
    transactions = f"/v1/customers/{invoice['customer']}/balance_transactions"
    booked = call.get(f"{transactions}/{note['customer_balance_transaction']}", {"expand": ["credit_note"]}).json
    assert (booked["amount"], booked["ending_balance"], booked["type"]) == (-400, -400, "credit_note")
    assert booked["invoice"] == invoice["id"]
    assert booked["credit_note"] == note
    (event,) = events(call, "customer.updated")[-1:]
    assert event["data"]["previous_attributes"]["balance"] == 0
    again = billed(call, 1000, customer_id=invoice["customer"])
    assert (again["starting_balance"], again["amount_due"]) == (-400, 600)


def test_a_credit_note_records_what_was_given_back_otherwise(call: Call) -> None:
    invoice = paid(call, 1000)
    note = call.create(NOTES, {"invoice": invoice["id"], "amount": 400, "out_of_band_amount": 400})
    assert (note["out_of_band_amount"], note["customer_balance_transaction"], note["refunds"]) == (400, None, [])
    assert sums(call, invoice) == ("paid", 1000, 0, 0, 400)


def test_the_parts_must_add_up_to_what_is_given_back(call: Call) -> None:
    invoice = paid(call, 1000)
    answer = call.post(NOTES, {"invoice": invoice["id"], "amount": 200, "credit_amount": 100})
    assert answer.status == 400
    assert answer.error["message"] == (
        "The sum of credit amount, refund amount and out of band amount ($1.00) must equal the credit note amount "
        "($2.00)."
    )


def test_a_credit_note_refunds_the_charge_that_paid_the_invoice(call: Call) -> None:
    """As recorded, with a line of its own (pay-rails/pay)."""
    invoice = paid(call, 2500)
    before = len(types(call))
    note = call.create(NOTES, {"invoice": invoice["id"], "refund_amount": 500, "lines": [own(500)]})
    (refund,) = note["refunds"]
    assert refund == {
        "amount_refunded": 500,
        "payment_record_refund": None,
        "refund": refund["refund"],
        "type": "refund",
    }
    assert types(call)[before:] == [
        "refund.created",
        "charge.refunded",
        "refund.updated",
        "charge.refund.updated",
        "credit_note.created",
        "invoice.updated",
    ]
    made = call.get(f"/v1/refunds/{refund['refund']}", {"expand": ["charge"]}).json
    assert (made["amount"], made["reason"], made["charge"]["amount_refunded"]) == (500, None, 500)
    assert sums(call, invoice) == ("paid", 2500, 0, 0, 500)
    assert note | {"id": "", "lines": [], "pdf": ""} == {
        "id": "",
        "object": "credit_note",
        "amount": 500,
        "amount_shipping": 0,
        "created": NEW_YEAR,
        "currency": "usd",
        "customer": invoice["customer"],
        "customer_account": None,
        "customer_balance_transaction": None,
        "discount_amount": 0,
        "discount_amounts": [],
        "effective_at": NEW_YEAR,
        "invoice": invoice["id"],
        "lines": [],
        "livemode": False,
        "memo": None,
        "metadata": {},
        "number": f"{invoice['number']}-CN-01",
        "out_of_band_amount": None,
        "pdf": "",
        "post_payment_amount": 500,
        "pre_payment_amount": 0,
        "pretax_credit_amounts": [],
        "reason": None,
        "refunds": [refund],
        "shipping_cost": None,
        "status": "issued",
        "subtotal": 500,
        "subtotal_excluding_tax": 500,
        "total": 500,
        "total_excluding_tax": 500,
        "total_taxes": [],
        "type": "post_payment",
        "voided_at": None,
    }
    too_much = call.post(NOTES, {"invoice": invoice["id"], "amount": 2001, "refund_amount": 2001})
    assert (too_much.status, too_much.error["param"]) == (400, "amount")


def charge_of(call: Call, invoice: Tree) -> str:
    payment = call.get("/v1/invoice_payments", {"invoice": invoice["id"]}).json["data"][0]["payment"]
    charge: str = call.get(f"/v1/payment_intents/{payment['payment_intent']}").json["latest_charge"]
    return charge


def test_a_credit_note_links_refunds_that_were_made_before(call: Call) -> None:
    invoice, other = paid(call, 1000), paid(call, 1000)
    refund = call.create("/v1/refunds", {"charge": charge_of(call, invoice), "amount": 600})["id"]
    outside = call.post(NOTES, {"invoice": invoice["id"], "amount": 401, "out_of_band_amount": 401})
    assert (outside.status, outside.error["param"]) == (400, "amount")
    of_other = call.post(NOTES, {"invoice": other["id"], "amount": 600, "refunds": [{"refund": refund}]})
    assert (of_other.status, of_other.error["param"]) == (400, "refunds[0][refund]")
    part = {"refund": refund, "amount_refunded": 200}
    first = call.create(NOTES, {"invoice": invoice["id"], "amount": 200, "refunds": [part]})
    assert [(each["refund"], each["amount_refunded"]) for each in first["refunds"]] == [(refund, 200)]
    too_much = [{"refund": refund, "amount_refunded": 401}]
    answer = call.post(NOTES, {"invoice": invoice["id"], "amount": 401, "refunds": too_much})
    assert (answer.status, answer.error["param"]) == (400, "refunds[0][amount_refunded]")
    rest = call.create(
        NOTES, {"invoice": invoice["id"], "amount": 800, "refund_amount": 400, "refunds": [{"refund": refund}]}
    )
    assert sorted(each["amount_refunded"] for each in rest["refunds"]) == [400, 400]
    assert sums(call, invoice) == ("paid", 1000, 0, 0, 1000)
    again = call.post(NOTES, {"invoice": invoice["id"], "amount": 1, "refunds": [{"refund": refund}]})
    assert (again.status, again.error["param"]) == (400, "refunds[0][refund]")


def test_before_basil_one_refund_was_linked(call: Call) -> None:
    invoice = paid(call, 1000)
    refund = call.create("/v1/refunds", {"charge": charge_of(call, invoice), "amount": 600})["id"]
    terms = {"invoice": invoice["id"], "amount": 600, "refund": refund}
    note = call.create(NOTES, terms, version="2025-02-24.acacia")
    assert note["refund"] == refund
    assert [each["refund"] for each in call.get(f"{NOTES}/{note['id']}").json["refunds"]] == [refund]


def test_what_stripe_has_not_charged_is_not_refunded(call: Call) -> None:
    invoice = billed(call, 1000)
    call.create(f"/v1/invoices/{invoice['id']}/pay", {"paid_out_of_band": True})
    answer = call.post(NOTES, {"invoice": invoice["id"], "amount": 1, "refund_amount": 1})
    assert (answer.status, answer.error["param"]) == (400, "refund_amount")
    ada = customer(call, balance=-300)
    invoice = paid(call, 1000, customer_id=ada)
    answer = call.post(NOTES, {"invoice": invoice["id"], "amount": 701, "refund_amount": 701})
    assert (answer.status, answer.error["param"]) == (400, "refund_amount")
    call.create(NOTES, {"invoice": invoice["id"], "amount": 1000, "refund_amount": 700, "credit_amount": 300})


def test_the_payment_intent_asks_for_what_credit_notes_leave(call: Call) -> None:
    invoice = billed(call, 1000)
    (payment,) = call.get("/v1/invoice_payments", {"invoice": invoice["id"]}).json["data"]
    intent = f"/v1/payment_intents/{payment['payment']['payment_intent']}"

    def asked() -> tuple[int, str, int, str]:
        (now,) = call.get("/v1/invoice_payments", {"invoice": invoice["id"]}).json["data"]
        shown = call.get(intent).json
        return shown["amount"], shown["status"], now["amount_requested"], now["status"]

    note = call.create(NOTES, {"invoice": invoice["id"], "amount": 300})
    assert asked() == (700, "requires_payment_method", 700, "open")
    call.create(f"{NOTES}/{note['id']}/void")
    assert asked() == (1000, "requires_payment_method", 1000, "open")
    call.create(NOTES, {"invoice": invoice["id"], "amount": 1000})
    amount, status, _, state = asked()
    assert (amount, status, state) == (1000, "canceled", "canceled")


# Parts of lines


def test_a_line_is_credited_by_quantity(call: Call) -> None:
    invoice = billed(call, 500, quantity=3)
    note = call.create(NOTES, {"invoice": invoice["id"], "lines": [of_line(invoice, quantity=2)]})
    (line,) = note["lines"]["data"]
    assert line == {
        "id": line["id"],
        "object": "credit_note_line_item",
        "amount": 1000,
        "description": invoice["lines"]["data"][0]["description"],
        "discount_amount": 0,
        "discount_amounts": [],
        "invoice_line_item": invoice["lines"]["data"][0]["id"],
        "livemode": False,
        "pretax_credit_amounts": [],
        "quantity": 2,
        "tax_rates": [],
        "taxes": [],
        "type": "invoice_line_item",
        "unit_amount": 500,
        "unit_amount_decimal": "500",
    }
    too_many = call.post(NOTES, {"invoice": invoice["id"], "lines": [of_line(invoice, quantity=2)]})
    assert (too_many.status, too_many.error["param"]) == (400, "lines[0][quantity]")
    other_way = call.post(NOTES, {"invoice": invoice["id"], "lines": [of_line(invoice, amount=100)]})
    assert (other_way.status, other_way.error["param"]) == (400, "lines[0][amount]")
    call.create(NOTES, {"invoice": invoice["id"], "lines": [of_line(invoice, quantity=1)]})
    assert sums(call, invoice) == ("paid", 0, 0, 1500, 0)


def test_a_line_is_credited_by_amount(call: Call) -> None:
    invoice = billed(call, 1000, 2000)
    lines = [of_line(invoice, 0, amount=250), of_line(invoice, 1, amount=1), of_line(invoice, 0, amount=50)]
    note = call.create(NOTES, {"invoice": invoice["id"], "lines": lines})
    assert [(line["amount"], line["unit_amount"]) for line in note["lines"]["data"]] == [
        (250, None),
        (1, None),
        (50, None),
    ]
    assert (note["amount"], note["total"], note["subtotal"]) == (301, 301, 301)
    too_much = call.post(NOTES, {"invoice": invoice["id"], "lines": [of_line(invoice, 0, amount=701)]})
    assert (too_much.status, too_much.error["param"]) == (400, "lines[0][amount]")
    call.create(NOTES, {"invoice": invoice["id"], "lines": [of_line(invoice, 0, amount=700)]})


def test_a_line_of_its_own_has_taxes_by_the_rates_that_it_names(call: Call) -> None:
    exclusive = call.create("/v1/tax_rates", {"display_name": "VAT", "inclusive": False, "percentage": 20})["id"]
    inclusive = call.create("/v1/tax_rates", {"display_name": "GST", "inclusive": True, "percentage": 10})["id"]
    invoice = billed(call, 5000)
    note = call.create(
        NOTES,
        {
            "invoice": invoice["id"],
            "lines": [own(1000, tax_rates=[exclusive]), own(1100, tax_rates=[inclusive])],
        },
    )
    first, second = note["lines"]["data"]
    assert first["taxes"] == [
        {
            "amount": 200,
            "tax_behavior": "exclusive",
            "tax_rate_details": {"tax_rate": exclusive},
            "taxability_reason": "not_available",
            "taxable_amount": 1000,
            "type": "tax_rate_details",
        }
    ]
    assert [rate["id"] for rate in first["tax_rates"]] == [exclusive]
    assert second["taxes"][0]["amount"] == 100
    assert (note["subtotal"], note["subtotal_excluding_tax"]) == (2100, 2000)
    assert (note["total"], note["total_excluding_tax"]) == (2300, 2000)
    assert [tax["amount"] for tax in note["total_taxes"]] == [200, 100]


def test_a_part_of_a_line_takes_its_share_of_discounts_and_taxes_with_it(call: Call) -> None:
    """1000, 10 % off the line and 5 % off the invoice, leave 855, of which 7 % are 60. Three parts are the whole."""
    item_coupon = call.create("/v1/coupons", {"percent_off": 10, "duration": "once"})["id"]
    coupon = call.create("/v1/coupons", {"percent_off": 5, "duration": "once"})["id"]
    rate = call.create("/v1/tax_rates", {"display_name": "VAT", "inclusive": False, "percentage": 7})["id"]
    ada = customer(call)
    terms = {"currency": "usd", "discounts": [{"coupon": coupon}], "default_tax_rates": [rate]}
    draft = call.create("/v1/invoices", {"customer": ada, **terms})["id"]
    item = {"invoice": draft, "amount": 1000, "currency": "usd", "discounts": [{"coupon": item_coupon}]}
    call.create("/v1/invoiceitems", {"customer": ada, **item})
    invoice = call.create(f"/v1/invoices/{draft}/finalize")
    (whole,) = invoice["lines"]["data"]
    assert (invoice["subtotal"], invoice["total"]) == (900, 915)
    notes = [
        call.create(NOTES, {"invoice": invoice["id"], "lines": [of_line(invoice, amount=amount)]})
        for amount in (333, 333, 334)
    ]
    parts = [note["lines"]["data"][0] for note in notes]
    for number, discount in enumerate(whole["discount_amounts"]):
        amounts = [part["discount_amounts"][number]["amount"] for part in parts]
        assert sum(amounts) == discount["amount"]
        assert {part["discount_amounts"][number]["discount"] for part in parts} == {discount["discount"]}
    assert [part["discount_amount"] for part in parts] == [33 + 15, 34 + 15, 33 + 15]
    assert [part["taxes"][0]["amount"] for part in parts] == [20, 20, 20]
    assert [note["subtotal"] for note in notes] == [300, 299, 301]
    assert [note["total"] for note in notes] == [305, 304, 306]
    assert [note["total_excluding_tax"] for note in notes] == [285, 284, 286]
    assert [each["amount"] for each in notes[0]["discount_amounts"]] == [15, 33]
    assert [each["type"] for each in notes[0]["pretax_credit_amounts"]] == ["discount", "discount"]
    assert sums(call, invoice) == ("paid", 0, 0, 915, 0)


# Previews and lists


def test_a_preview_shows_what_the_credit_note_will_be_and_changes_nothing(call: Call) -> None:
    invoice = paid(call, 1000, 2000)
    wanted = {
        "invoice": invoice["id"],
        "lines": [of_line(invoice, 1, amount=700), own(100, 3, metadata={"why": "late"})],
        "credit_amount": 1000,
        "reason": "order_change",
        "memo": "Sorry",
        "metadata": {"ticket": "7"},
        "effective_at": NEW_YEAR - 60,
    }
    before = call.fake.snapshot()["accounts"]
    preview = call.get(f"{NOTES}/preview", wanted).json
    lines = call.get(f"{NOTES}/preview/lines", {**wanted, "limit": 1}).json
    assert call.fake.snapshot()["accounts"] == before
    assert lines["data"][0]["amount"] == 700
    assert (lines["has_more"], lines["url"]) == (True, preview["lines"]["url"])
    note = call.create(NOTES, wanted)
    differs = {name for name in note if note[name] != preview[name]}
    assert differs == {"lines", "customer_balance_transaction"}
    assert [line["amount"] for line in preview["lines"]["data"]] == [700, 300]
    assert note["lines"]["data"][1]["metadata"] == {"why": "late"}


def test_credit_notes_and_their_lines_are_listed(call: Call) -> None:
    first, second = billed(call, 1000), billed(call, 1000)
    notes = [
        call.create(NOTES, {"invoice": each["id"], "lines": [own(1) for _ in range(12)]}) for each in (first, second)
    ]
    assert call.get(NOTES).ids == [note["id"] for note in notes[::-1]]
    assert call.get(NOTES, {"invoice": first["id"]}).ids == [notes[0]["id"]]
    assert call.get(NOTES, {"customer": second["customer"]}).ids == [notes[1]["id"]]
    assert call.get(NOTES, {"created": {"gt": NEW_YEAR}}).ids == []
    assert call.get(f"{NOTES}/{notes[0]['id']}").json == notes[0]
    assert (len(notes[0]["lines"]["data"]), notes[0]["lines"]["has_more"]) == (10, True)
    path = f"{NOTES}/{notes[0]['id']}/lines"
    page = call.get(path, {"limit": 10}).json
    assert page["data"] == notes[0]["lines"]["data"]
    rest = call.get(path, {"starting_after": page["data"][-1]["id"]}).json
    assert (len(rest["data"]), rest["has_more"], rest["url"]) == (2, False, path)


def test_memo_and_metadata_can_be_changed(call: Call) -> None:
    note = call.create(NOTES, {"invoice": billed(call, 1000)["id"], "amount": 1, "metadata": {"a": "b"}})
    changed = call.create(f"{NOTES}/{note['id']}", {"memo": "Sorry", "metadata": {"c": "d"}})
    assert changed == note | {"memo": "Sorry", "metadata": {"a": "b", "c": "d"}}
    (event,) = events(call, "credit_note.updated")
    assert event["data"]["previous_attributes"] == {"memo": None, "metadata": {"a": "b"}}
    call.create(f"{NOTES}/{note['id']}", {"memo": "Sorry"})
    assert len(events(call, "credit_note.updated")) == 1


def test_what_a_credit_note_names_can_be_expanded(call: Call) -> None:
    invoice = billed(call, 1000)
    note = call.create(NOTES, {"invoice": invoice["id"], "amount": 1, "expand": ["customer", "invoice.customer"]})
    assert note["customer"]["object"] == note["invoice"]["customer"]["object"] == "customer"
    assert note["invoice"]["pre_payment_credit_notes_amount"] == 1


# What is refused


BAD: dict[str, tuple[Tree, str | None]] = {
    "nothing": ({}, "amount"),
    "both": ({"amount": 1, "lines": [own(1)]}, "amount"),
    "no amount": ({"amount": 0}, "amount"),
    "a negative amount": ({"amount": -1}, "amount"),
    "a fraction": ({"amount": "1.5"}, "amount"),
    "too much": ({"amount": 1001}, "amount"),
    "far too much": ({"amount": 10**15}, "amount"),
    "a line without a type": ({"lines": [{"description": "Sorry"}]}, "lines[0][type]"),
    "a line of another type": ({"lines": [{"type": "shipping"}]}, "lines[0][type]"),
    "no description": ({"lines": [{"type": "custom_line_item"}]}, "lines[0][description]"),
    "no quantity": ({"lines": [{"type": "custom_line_item", "description": "a"}]}, "lines[0][quantity]"),
    "no price": ({"lines": [{"type": "custom_line_item", "description": "a", "quantity": 1}]}, "lines[0][unit_amount]"),
    "two prices": ({"lines": [own(1, unit_amount_decimal="1")]}, "lines[0][unit_amount]"),
    "a price that is free": ({"lines": [own(0)]}, "lines"),
    "a negative price": ({"lines": [own(-1)]}, "lines[0][unit_amount]"),
    "no units": ({"lines": [own(1, 0)]}, "lines[0][quantity]"),
    "too many units": ({"lines": [own(10**9, 10**9)]}, "lines[0][quantity]"),
    "an amount of its own line": ({"lines": [own(1, amount=1)]}, "lines[0][amount]"),
    "a line of its own that names another": (
        {"lines": [own(1, invoice_line_item="il_1")]},
        "lines[0][invoice_line_item]",
    ),
    "an unknown rate": ({"lines": [own(1, tax_rates=["txr_1"])]}, "lines[0][tax_rates]"),
    "an unknown tax": (
        {"lines": [own(1, tax_amounts=[{"amount": 1, "tax_rate": "txr_1", "taxable_amount": 1}])]},
        "lines[0][tax_amounts][0][tax_rate]",
    ),
    "half a tax": ({"lines": [own(1, tax_amounts=[{"amount": 1}])]}, "lines[0][tax_amounts][0][tax_rate]"),
    "no line": ({"lines": [{"type": "invoice_line_item"}]}, "lines[0][invoice_line_item]"),
    "an unknown line": (
        {"lines": [{"type": "invoice_line_item", "invoice_line_item": "il_1", "amount": 1}]},
        "lines[0][invoice_line_item]",
    ),
    "a credit before payment": ({"amount": 1, "credit_amount": 1}, None),
    "out of band before payment": ({"amount": 1, "out_of_band_amount": 1}, None),
    "a refund before payment": ({"amount": 1, "refund_amount": 1}, None),
    "a negative credit": ({"amount": 1, "credit_amount": -1}, "credit_amount"),
    "an unknown refund": ({"amount": 1, "refunds": [{"refund": "re_1"}]}, "refunds[0][refund]"),
    "no refund": ({"amount": 1, "refunds": [{"amount_refunded": 1}]}, "refunds[0][refund]"),
    "another reason": ({"amount": 1, "reason": "regret"}, "reason"),
    "another email": ({"amount": 1, "email_type": "love"}, "email_type"),
    "a time before all times": ({"amount": 1, "effective_at": -1}, "effective_at"),
    "a long memo": ({"amount": 1, "memo": "m" * 5001}, "memo"),
    "a long key": ({"amount": 1, "metadata": {"k" * 41: "v"}}, f"metadata[{'k' * 41}]"),
    "something else": ({"amount": 1, "colour": "red"}, "colour"),
    "another invoice": ({"amount": 1, "invoice": "in_1"}, "invoice"),
}


def test_what_makes_no_sense_is_refused(call: Call) -> None:
    """A fixture of all tests checks that a refusal changes nothing."""
    invoice = billed(call, 1000)["id"]
    for bad, (terms, param) in BAD.items():
        wanted = {"invoice": invoice, **terms}
        for answer in (
            call.post(NOTES, wanted),
            call.get(f"{NOTES}/preview", wanted),
            call.get(f"{NOTES}/preview/lines", wanted),
        ):
            assert (bad, answer.status, answer.error.get("param")) == (bad, 400, param)


BAD_PARTS: dict[str, tuple[Tree, str]] = {
    "neither amount nor quantity": ({}, "amount"),
    "both": ({"amount": 1, "quantity": 1}, "amount"),
    "too much": ({"amount": 1501}, "amount"),
    "too many": ({"quantity": 4}, "quantity"),
    "a description": ({"amount": 1, "description": "a"}, "description"),
    "a price": ({"quantity": 1, "unit_amount": 1}, "unit_amount"),
    "a decimal price": ({"quantity": 1, "unit_amount_decimal": "1.5"}, "unit_amount_decimal"),
    "rates": ({"amount": 1, "tax_rates": ["txr_1"]}, "tax_rates"),
}


def test_a_part_that_a_line_does_not_have_is_refused(call: Call) -> None:
    invoice = billed(call, 500, quantity=3)
    for bad, (terms, param) in BAD_PARTS.items():
        answer = call.post(NOTES, {"invoice": invoice["id"], "lines": [of_line(invoice, **terms)]})
        assert (bad, answer.status, answer.error["param"]) == (bad, 400, f"lines[0][{param}]")


def test_drafts_and_void_invoices_have_no_credit_notes(call: Call) -> None:
    ada = customer(call)
    draft = call.create("/v1/invoices", {"customer": ada})["id"]
    void = billed(call, 1000)["id"]
    call.create(f"/v1/invoices/{void}/void")
    for invoice, status in ((draft, "draft"), (void, "void")):
        answer = call.post(NOTES, {"invoice": invoice, "amount": 1})
        assert (answer.status, answer.error["param"]) == (400, "invoice")
        assert answer.error["message"] == f"You cannot create a credit note for a {status} invoice."


def test_a_line_that_gives_something_back_is_not_credited(call: Call) -> None:
    invoice = billed(call, -500, 1000)
    negative = next(line for line in invoice["lines"]["data"] if line["amount"] < 0)["id"]
    line = {"type": "invoice_line_item", "invoice_line_item": negative, "amount": 1}
    answer = call.post(NOTES, {"invoice": invoice["id"], "lines": [line]})
    assert (answer.status, answer.error["param"]) == (400, "lines[0][invoice_line_item]")
    positive = next(line for line in invoice["lines"]["data"] if line["amount"] > 0)["id"]
    line = {"type": "invoice_line_item", "invoice_line_item": positive, "amount": 501}
    answer = call.post(NOTES, {"invoice": invoice["id"], "lines": [line]})
    assert (answer.status, answer.error["param"]) == (400, "lines")


def test_a_credit_note_of_a_paid_invoice_is_never_void(call: Call) -> None:
    invoice = paid(call, 1000)
    note = call.create(NOTES, {"invoice": invoice["id"], "amount": 1, "out_of_band_amount": 1})
    assert call.post(f"{NOTES}/{note['id']}/void").status == 400


def test_what_is_not_served_says_so(call: Call) -> None:
    invoice = billed(call, 1000)["id"]
    outside = {"type": "payment_record_refund", "payment_record_refund": {"payment_record": "a", "refund_group": "b"}}
    for terms in ({"shipping_cost": {"shipping_rate": "shr_1"}}, {"amount": 1, "refunds": [outside]}):
        assert call.post(NOTES, {"invoice": invoice, **terms}).status == 501


def test_an_unknown_credit_note_is_not_found(call: Call) -> None:
    for answer in (
        call.get(f"{NOTES}/cn_1"),
        call.get(f"{NOTES}/cn_1/lines"),
        call.post(f"{NOTES}/cn_1"),
        call.post(f"{NOTES}/cn_1/void"),
    ):
        assert (answer.status, answer.error["message"]) == (404, "No such credit_note: 'cn_1'")


# Older versions


def test_before_basil_a_credit_note_had_tax_amounts_and_one_refund(call: Call) -> None:
    rate = call.create("/v1/tax_rates", {"display_name": "VAT", "inclusive": False, "percentage": 20})["id"]
    invoice = billed(call, 1200)["id"]
    terms = {"invoice": invoice, "lines": [own(100, tax_rates=[rate])]}
    note = call.create(NOTES, terms, version="2025-02-24.acacia")
    assert (note["refund"], note["type"]) == (None, "pre_payment")
    assert note["tax_amounts"] == note["lines"]["data"][0]["tax_amounts"]
    assert note["tax_amounts"] == [
        {
            "amount": 20,
            "inclusive": False,
            "tax_rate": rate,
            "taxability_reason": None,
            "taxable_amount": 100,
        }
    ]
    assert not {"pre_payment_amount", "post_payment_amount", "customer_account"} & note.keys()
    unknown = call.post(NOTES, {"invoice": invoice, "amount": 1, "refund": "re_1"}, version="2025-02-24.acacia")
    assert (unknown.status, unknown.error["param"]) == (400, "refund")
    newer = call.post(NOTES, {"invoice": invoice, "amount": 1, "refund": "re_1"})
    assert (newer.status, newer.error["code"]) == (400, "parameter_unknown")


def test_before_may_2025_no_credit_note_was_mixed(call: Call) -> None:
    invoice = billed(call, 1000, customer_id=customer(call, balance=-300))
    terms = {"invoice": invoice["id"], "amount": 1000, "credit_amount": 300}
    assert call.create(NOTES, terms, version="2025-04-30.basil")["type"] == "pre_payment"
    assert call.get(NOTES).json["data"][0]["type"] == "mixed"


def test_billing_credits_that_paid_for_a_line_are_taken_off_its_credit_note(call: Call) -> None:
    """1000 calls cost 1000, of which a grant pays 400: 600 are due, and half of the line is credited with 300."""
    ada = customer(call, invoice_settings={"default_payment_method": "pm_card_visa"})
    grant = {
        "customer": ada,
        "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": 400}},
        "applicability_config": {"scope": {"price_type": "metered"}},
    }
    call.create("/v1/billing/credit_grants", grant)
    subscribe(call, ada, metered(call))
    use(call, ada, 1000)
    call.clock.freeze(FEBRUARY + HOUR)
    (invoice,) = invoices(call)
    assert (invoice["subtotal"], invoice["total"], invoice["status"]) == (1000, 600, "paid")
    terms = {"invoice": invoice["id"], "lines": [of_line(invoice, quantity=500)], "refund_amount": 300}
    note = call.create(NOTES, terms)
    (line,) = note["lines"]["data"]
    assert (line["amount"], line["quantity"], line["unit_amount"]) == (500, 500, 1)
    (whole,) = invoice["lines"]["data"][0]["pretax_credit_amounts"]
    assert line["pretax_credit_amounts"] == note["pretax_credit_amounts"] == [whole | {"amount": 200}]
    assert (note["subtotal"], note["total"]) == (500, 300)
    rest = call.create(NOTES, {**terms, "reason": "duplicate"})
    assert (rest["total"], sums(call, invoice)) == (300, ("paid", 600, 0, 0, 600))


def test_an_uncollectible_invoice_can_be_credited(call: Call) -> None:
    invoice = billed(call, 1000)
    call.create(f"/v1/invoices/{invoice['id']}/mark_uncollectible")
    note = call.create(NOTES, {"invoice": invoice["id"], "amount": 400})
    assert (note["type"], sums(call, invoice)) == ("pre_payment", ("uncollectible", 600, 600, 400, 0))
    call.create(NOTES, {"invoice": invoice["id"], "amount": 600})
    assert sums(call, invoice) == ("paid", 0, 0, 1000, 0)


def test_a_credit_note_is_of_the_time_of_its_test_clock(call: Call) -> None:
    clock = call.create("/v1/test_helpers/test_clocks", {"frozen_time": NEW_YEAR + 7_000})["id"]
    invoice = billed(call, 1000, customer_id=customer(call, test_clock=clock))
    wanted = {"invoice": invoice["id"], "amount": 400}
    for note in (call.get(f"{NOTES}/preview", wanted).json, call.create(NOTES, wanted)):
        assert (note["created"], note["effective_at"]) == (NEW_YEAR + 7_000, NEW_YEAR + 7_000)
    assert call.create(f"{NOTES}/{note['id']}/void")["voided_at"] == NEW_YEAR + 7_000


def test_the_balance_of_a_deleted_customer_is_not_credited(call: Call) -> None:
    invoice = paid(call, 1000)
    call.delete(f"/v1/customers/{invoice['customer']}")
    wanted = {"invoice": invoice["id"], "amount": 400}
    answer = call.post(NOTES, {**wanted, "credit_amount": 400})
    assert (answer.status, answer.error["param"]) == (400, "credit_amount")
    call.create(NOTES, {**wanted, "refund_amount": 400})


def test_credit_notes_survive_a_snapshot(call: Call) -> None:
    invoice = billed(call, 500, quantity=3)
    note = call.create(NOTES, {"invoice": invoice["id"], "lines": [of_line(invoice, quantity=1), own(5)]})
    call.fake.restore(call.fake.snapshot())
    assert call.get(f"{NOTES}/{note['id']}").json == note
    assert call.post(NOTES, {"invoice": invoice["id"], "lines": [of_line(invoice, amount=1)]}).status == 400
    assert call.create(NOTES, {"invoice": invoice["id"], "amount": 1})["number"].endswith("-CN-02")


def test_credit_notes_of_all_kinds_come_back_from_a_snapshot(call: Call) -> None:
    invoice = paid(call, 1000)
    ways = {"refund_amount": 300, "credit_amount": 200, "out_of_band_amount": 100}
    note = call.create(NOTES, {"invoice": invoice["id"], "amount": 600, **ways})
    written = json.dumps(call.fake.snapshot())
    call.fake.restore(json.loads(written))
    assert json.dumps(call.fake.snapshot()) == written
    assert call.get(f"{NOTES}/{note['id']}").json["customer_balance_transaction"] is not None
