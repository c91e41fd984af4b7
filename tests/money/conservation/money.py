"""Money is conserved: what invoices come to is paid, or stays on the customer's balance; credits are spent once."""

from tests.conftest import Call
from tests.resources.shop import Tree


def check_money(call: Call, customer: str) -> int:
    """Check all invoices of a customer together, and return how many they are."""
    finalized = [each for each in listed(call, "invoices", customer) if each["status_transitions"]["finalized_at"]]
    for invoice in finalized:
        check_invoice(call, invoice)
    check_balance(call, customer, finalized)
    check_notes(call, customer, finalized)
    check_charges(call, customer, finalized)
    check_credits(call, customer, finalized)
    return len(finalized)


def check_invoice(call: Call, invoice: Tree) -> None:
    """Its lines come to its total, and that is due, was on the balance before, or is on it afterwards."""
    lines = call.get(f"/v1/invoices/{invoice['id']}/lines", {"limit": 100}).json["data"]
    left = sum(line["amount"] - sum(each["amount"] for each in line["pretax_credit_amounts"]) for line in lines)
    added = sum(tax["amount"] for line in lines for tax in line["taxes"] if tax["tax_behavior"] == "exclusive")
    assert invoice["total"] == left + added, invoice
    taken = sum(each["amount"] for line in lines for each in line["pretax_credit_amounts"])
    assert sum(each["amount"] for each in invoice["total_pretax_credit_amounts"]) == taken, invoice
    notes = invoice["pre_payment_credit_notes_amount"]
    moved = invoice["ending_balance"] - invoice["starting_balance"]
    assert invoice["total"] == invoice["amount_due"] + notes + moved, invoice


def check_balance(call: Call, customer: str, finalized: list[Tree]) -> None:
    """The balance is the sum of its transactions, of which each invoice has as much as it says."""
    transactions = call.get(f"/v1/customers/{customer}/balance_transactions", {"limit": 100}).json["data"]
    assert call.get(f"/v1/customers/{customer}").json["balance"] == sum(each["amount"] for each in transactions)
    for invoice in finalized:
        own = [each for each in transactions if each["invoice"] == invoice["id"] and "void" not in each["type"]]
        moved = sum(each["amount"] for each in own if each["type"] not in {"credit_note", "unapplied_from_invoice"})
        assert moved == invoice["ending_balance"] - invoice["starting_balance"], invoice


def check_notes(call: Call, customer: str, finalized: list[Tree]) -> None:
    """What credit notes come to was taken off their invoices, refunded, put onto the balance, or given back by hand."""
    notes = [each for each in listed(call, "credit_notes", customer) if each["status"] == "issued"]
    for note in notes:
        booked = note["customer_balance_transaction"]
        credited = call.get(f"/v1/customers/{customer}/balance_transactions/{booked}").json["amount"] if booked else 0
        back = sum(each["amount_refunded"] for each in note["refunds"]) + (note["out_of_band_amount"] or 0) - credited
        assert note["total"] == note["pre_payment_amount"] + back, note
    for invoice in finalized:
        own = [note for note in notes if note["invoice"] == invoice["id"]]
        for part in ("pre_payment", "post_payment"):
            assert invoice[f"{part}_credit_notes_amount"] == sum(note[f"{part}_amount"] for note in own), invoice
        assert sum(note["total"] for note in own) <= max(0, invoice["total"]), invoice


def check_charges(call: Call, customer: str, finalized: list[Tree]) -> None:
    """Cards were charged what invoices say was paid by them."""
    charged = sum(each["amount_captured"] for each in listed(call, "charges", customer) if each["paid"])
    assert charged == sum(each["amount_paid"] - each["amount_paid_off_stripe"] for each in finalized)


def check_credits(call: Call, customer: str, finalized: list[Tree]) -> None:
    """What billing credits paid is missing in the grants."""
    paid = sum(
        each["amount"]
        for invoice in finalized
        for each in invoice["total_pretax_credit_amounts"]
        if each["type"] == "credit_balance_transaction" and invoice["status"] != "void"
    )
    transactions = listed(call, "billing/credit_balance_transactions", customer)
    spent = 0
    for each in transactions:
        if each["type"] == "debit" and each["debit"]["type"] == "credits_applied":
            spent += each["debit"]["amount"]["monetary"]["value"]
        elif each["type"] == "credit" and each["credit"]["type"] == "credits_application_invoice_voided":
            spent -= each["credit"]["amount"]["monetary"]["value"]
    assert paid == spent, (paid, spent)


def listed(call: Call, name: str, customer: str) -> list[Tree]:
    """All objects of a kind that a customer has."""
    found: list[Tree] = []
    while True:
        after = {"starting_after": found[-1]["id"]} if found else {}
        page = call.get(f"/v1/{name}", {"customer": customer, "limit": 100, **after}).json
        found += page["data"]
        if not page["has_more"]:
            return found
