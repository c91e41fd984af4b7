"""Credit notes: what they take off an invoice, and how they give back what was paid."""

import pytest

from tests.conftest import Call
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import Tree
from tests.resources.shop import customer
from tests.resources.shop import events
from tests.resources.shop import types

NOTES = "/v1/credit_notes"


def billed(call: Call, *amounts: int, customer_id: str | None = None, quantity: int = 1, **terms: object) -> Tree:
    """A finalized invoice by hand, with a line of each amount."""
    payer = customer_id or customer(call)
    draft = call.create("/v1/invoices", {"customer": payer, "currency": "usd", "auto_advance": False, **terms})["id"]
    for amount in amounts:
        price = {"unit_amount_decimal": amount, "quantity": quantity}
        call.create("/v1/invoiceitems", {"customer": payer, "invoice": draft, "currency": "usd", **price})
    return call.create(f"/v1/invoices/{draft}/finalize")


def paid(call: Call, *amounts: int, **terms: object) -> Tree:
    """A paid invoice by hand."""
    return call.create(f"/v1/invoices/{billed(call, *amounts, **terms)['id']}/pay")


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


def own(amount: int, quantity: int = 1, **terms: object) -> Tree:
    return {"type": "custom_line_item", "description": "Sorry", "quantity": quantity, "unit_amount": amount, **terms}


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
    assert (answer.status, answer.error["message"]) == (
        400,
        "The sum of credit amount, refund amount and out of band amount ($1.00) must equal the credit note amount "
        "($2.00).",
    )


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
