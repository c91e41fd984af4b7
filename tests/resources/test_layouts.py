"""What is printed on an invoice, and how it may be paid: kept, shown, and taken over from subscription and customer."""

from typing import Any

import pytest

from tests.conftest import Call
from tests.resources.shop import MARCH
from tests.resources.shop import licensed
from tests.resources.shop import product

CUSTOMERS, INVOICES, SUBSCRIPTIONS = "/v1/customers", "/v1/invoices", "/v1/subscriptions"
ORDER, TEAM = {"name": "Order", "value": "7"}, {"name": "Team", "value": "Ops"}
THREE_D = {"card": {"request_three_d_secure": "any"}}
METHODS = [
    "acss_debit",
    "bancontact",
    "billie",
    "card",
    "customer_balance",
    "konbini",
    "payto",
    "pix",
    "sepa_debit",
    "upi",
    "us_bank_account",
]

Tree = dict[str, Any]


def customer(call: Call, **settings: object) -> Tree:
    return call.create(CUSTOMERS, {"invoice_settings": settings} if settings else {})


def draft(call: Call, owner: Tree, **terms: object) -> Tree:
    return call.create(INVOICES, {"customer": owner["id"], **terms})


def subscribed(call: Call, owner: Tree, **terms: object) -> Tree:
    items = [{"price": licensed(call)}]
    return call.create(SUBSCRIPTIONS, {"customer": owner["id"], "items": items, **terms})


def invoices_of(call: Call, subscription: Tree) -> list[Tree]:
    found: list[Tree] = call.get(INVOICES, {"subscription": subscription["id"]}).json["data"]
    return found


# Customers


def test_the_names_of_a_business_and_of_a_person_are_shown_if_there_are_any(call: Call) -> None:
    assert not {"business_name", "individual_name"} & customer(call).keys()
    made = call.create(CUSTOMERS, {"business_name": "Engines Ltd", "individual_name": "Ada King"})
    assert (made["business_name"], made["individual_name"]) == ("Engines Ltd", "Ada King")
    assert [*made] == ["id", "object", *sorted(made.keys() - {"id", "object"})]
    changed = call.create(f"{CUSTOMERS}/{made['id']}", {"business_name": "", "individual_name": "Ada"})
    assert "business_name" not in changed
    assert changed["individual_name"] == "Ada"


@pytest.mark.parametrize("name", ["business_name", "individual_name"])
def test_such_a_name_has_at_most_150_characters(call: Call, name: str) -> None:
    assert call.create(CUSTOMERS, {name: "a" * 150})[name] == "a" * 150
    assert call.post(CUSTOMERS, {name: "a" * 151}).error["param"] == name


def test_a_customers_settings_for_invoices_are_kept_changed_and_cleared(call: Call) -> None:
    made = customer(call, custom_fields=[ORDER], footer="Bye", rendering_options={"amount_tax_display": "exclude_tax"})
    assert made["invoice_settings"] == {
        "custom_fields": [ORDER],
        "default_payment_method": None,
        "footer": "Bye",
        "rendering_options": {"amount_tax_display": "exclude_tax", "template": None},
    }
    path = f"{CUSTOMERS}/{made['id']}"
    changed = call.create(path, {"invoice_settings": {"custom_fields": [ORDER, TEAM], "rendering_options": ""}})
    assert changed["invoice_settings"] == made["invoice_settings"] | {
        "custom_fields": [ORDER, TEAM],
        "rendering_options": None,
    }
    cleared = call.create(path, {"invoice_settings": {"custom_fields": "", "footer": ""}})
    assert set(cleared["invoice_settings"].values()) == {None}
    assert call.get(path).json == cleared


@pytest.mark.parametrize(
    ("settings", "param"),
    [
        ({"custom_fields": [ORDER] * 5}, "invoice_settings[custom_fields]"),
        ({"custom_fields": [{"name": "Order"}]}, "invoice_settings[custom_fields][0][value]"),
        ({"custom_fields": [{"name": "a" * 41, "value": "b"}]}, "invoice_settings[custom_fields][0][name]"),
        ({"custom_fields": [{"name": "a", "value": "b" * 141}]}, "invoice_settings[custom_fields][0][value]"),
        ({"custom_fields": "Order"}, "invoice_settings[custom_fields]"),
        (
            {"footer": "x", "rendering_options": {"amount_tax_display": "gross"}},
            "invoice_settings[rendering_options][amount_tax_display]",
        ),
    ],
)
def test_settings_that_cannot_be_are_refused_and_change_nothing(call: Call, settings: Tree, param: str) -> None:
    made = customer(call, footer="Bye")
    refused = call.post(f"{CUSTOMERS}/{made['id']}", {"name": "Ada", "invoice_settings": settings})
    assert (refused.status, refused.error["param"]) == (400, param)
    assert call.get(f"{CUSTOMERS}/{made['id']}").json == made


# Invoices


def test_a_draft_has_its_customers_settings_unless_it_says_otherwise(call: Call) -> None:
    options = {"amount_tax_display": "include_inclusive_tax"}
    owner = customer(call, custom_fields=[ORDER], footer="Bye", rendering_options=options)
    plain = draft(call, owner)
    assert (plain["custom_fields"], plain["footer"]) == ([ORDER], "Bye")
    assert plain["rendering"] == options | {"pdf": {"page_size": "auto"}, "template": None, "template_version": None}
    own = draft(call, owner, custom_fields=[TEAM], footer="Hello", rendering={"pdf": {"page_size": "a4"}})
    assert (own["custom_fields"], own["footer"]) == ([TEAM], "Hello")
    assert own["rendering"] == plain["rendering"] | {"pdf": {"page_size": "a4"}}
    bare = draft(call, owner, custom_fields="", footer="")
    assert (bare["custom_fields"], bare["footer"]) == (None, None)


def test_a_draft_keeps_what_its_customer_said_when_it_was_created(call: Call) -> None:
    owner = customer(call, custom_fields=[ORDER], footer="Bye")
    before = draft(call, owner)
    call.create(f"{CUSTOMERS}/{owner['id']}", {"invoice_settings": {"custom_fields": [TEAM], "footer": ""}})
    assert call.get(f"{INVOICES}/{before['id']}").json == before
    assert draft(call, owner)["custom_fields"] == [TEAM]


def test_what_is_printed_on_a_draft_is_changed_and_cleared(call: Call) -> None:
    made = draft(call, customer(call))
    path = f"{INVOICES}/{made['id']}"
    address = {
        "line1": "1 Main St",
        "line2": None,
        "city": "Berlin",
        "country": "DE",
        "postal_code": None,
        "state": None,
    }
    terms = {
        "custom_fields": [ORDER, TEAM],
        "shipping_details": {"name": "Ada", "address": {"line1": "1 Main St", "city": "Berlin", "country": "DE"}},
        "statement_descriptor": "TOKENS",
        "rendering": {"amount_tax_display": "exclude_tax"},
        "number": "A-1",
        "effective_at": MARCH,
    }
    changed = call.create(path, terms)
    assert changed == made | {
        "custom_fields": [ORDER, TEAM],
        "shipping_details": {"name": "Ada", "address": address, "phone": None},
        "statement_descriptor": "TOKENS",
        "rendering": {
            "amount_tax_display": "exclude_tax",
            "pdf": {"page_size": "auto"},
            "template": None,
            "template_version": None,
        },
        "number": "A-1",
        "effective_at": MARCH,
    }
    clearing = dict.fromkeys(
        ("custom_fields", "shipping_details", "statement_descriptor", "number", "effective_at"), ""
    )
    cleared = call.create(path, clearing | {"rendering": {"amount_tax_display": ""}})
    assert cleared == made


@pytest.mark.parametrize(
    ("terms", "param"),
    [
        ({"custom_fields": [ORDER] * 5}, "custom_fields"),
        ({"number": "1" * 27}, "number"),
        ({"statement_descriptor": "a" * 23}, "statement_descriptor"),
        ({"statement_descriptor": "2025"}, "statement_descriptor"),
        ({"rendering": {"pdf": {"page_size": "a5"}}}, "rendering[pdf][page_size]"),
        ({"shipping_details": {"name": "Ada"}}, "shipping_details[address]"),
        ({"effective_at": "today"}, "effective_at"),
        ({"payment_settings": {"payment_method_types": ["cash"]}}, "payment_settings[payment_method_types][0]"),
        (
            {"payment_settings": {"payment_method_options": {"card": {"network": "visa"}}}},
            "payment_settings[payment_method_options][card][network]",
        ),
    ],
)
def test_terms_that_cannot_be_are_refused_and_change_nothing(call: Call, terms: Tree, param: str) -> None:
    made = draft(call, customer(call))
    refused = call.post(f"{INVOICES}/{made['id']}", {"description": "x", **terms})
    assert (refused.status, refused.error["param"]) == (400, param)
    assert call.get(f"{INVOICES}/{made['id']}").json == made


def test_a_finalized_invoice_is_not_printed_anew(call: Call) -> None:
    path = f"{INVOICES}/{draft(call, customer(call))['id']}"
    final = call.create(f"{path}/finalize")
    for terms in (
        {"custom_fields": [ORDER]},
        {"number": "A-1"},
        {"effective_at": MARCH},
        {"rendering": {"amount_tax_display": "exclude_tax"}},
        {"shipping_details": ""},
        {"statement_descriptor": "TOKENS"},
        {"payment_settings": {"payment_method_types": ["card"]}},
    ):
        assert call.post(path, terms).status == 400
    assert call.get(path).json == final


def test_an_invoice_keeps_the_number_and_the_date_that_it_was_given(call: Call) -> None:
    owner = customer(call)
    given = draft(call, owner, number="2025-001", effective_at=MARCH)
    assert (given["number"], given["effective_at"]) == ("2025-001", MARCH)
    final = call.create(f"{INVOICES}/{given['id']}/finalize")
    assert (final["number"], final["effective_at"]) == ("2025-001", MARCH)
    assert call.get(f"{CUSTOMERS}/{owner['id']}").json["next_invoice_sequence"] == 1
    usual = call.create(f"{INVOICES}/{draft(call, owner)['id']}/finalize")
    assert usual["number"] == f"{owner['invoice_prefix']}-0001"
    assert usual["effective_at"] == usual["status_transitions"]["finalized_at"]


# Subscriptions


def test_a_subscriptions_invoices_have_its_settings_or_else_its_customers(call: Call) -> None:
    owner = customer(call, custom_fields=[ORDER], footer="Bye")
    plain = subscribed(call, owner)
    assert plain["invoice_settings"]["custom_fields"] is None
    [first] = invoices_of(call, plain)
    assert (first["custom_fields"], first["footer"], first["description"]) == ([ORDER], "Bye", None)
    own = subscribed(call, owner, invoice_settings={"custom_fields": [TEAM], "description": "Seats"})
    settings = own["invoice_settings"]
    assert (settings["custom_fields"], settings["description"], settings["footer"]) == ([TEAM], "Seats", None)
    [first] = invoices_of(call, own)
    assert (first["custom_fields"], first["footer"], first["description"]) == ([TEAM], "Bye", "Seats")
    by_hand = draft(call, owner, subscription=own["id"])
    assert (by_hand["custom_fields"], by_hand["description"]) == ([TEAM], "Seats")


def test_a_subscriptions_settings_are_changed_for_the_next_invoice(call: Call) -> None:
    made = subscribed(call, customer(call), invoice_settings={"footer": "Bye", "custom_fields": [ORDER]})
    path = f"{SUBSCRIPTIONS}/{made['id']}"
    changed = call.create(path, {"invoice_settings": {"custom_fields": "", "footer": "Hello", "description": "Seats"}})
    assert changed["invoice_settings"] == made["invoice_settings"] | {
        "custom_fields": None,
        "description": "Seats",
        "footer": "Hello",
    }
    [first] = invoices_of(call, made)
    assert (first["footer"], first["custom_fields"]) == ("Bye", [ORDER])
    preview = call.create(f"{INVOICES}/create_preview", {"subscription": made["id"]})
    assert (preview["footer"], preview["custom_fields"], preview["description"]) == ("Hello", None, "Seats")


def test_a_subscriptions_invoices_have_the_descriptor_of_the_first_items_product(call: Call) -> None:
    data = {"currency": "usd", "unit_amount": 100, "recurring": {"interval": "month"}}
    items = [
        {"price_data": data | {"product": product(call, "Seats", statement_descriptor="SEATS")}},
        {"price_data": data | {"product": product(call, "Tokens", statement_descriptor="TOKENS")}},
    ]
    made = call.create(SUBSCRIPTIONS, {"customer": customer(call)["id"], "items": items})
    assert [each["statement_descriptor"] for each in invoices_of(call, made)] == ["SEATS"]


def test_a_subscription_hands_its_payment_settings_to_its_invoices(call: Call) -> None:
    options = {
        "card": {"request_three_d_secure": "any", "network": "visa"},
        "konbini": "",
        "pix": {"mandate_options": {"amount": 5}},
    }
    settings = {"payment_method_types": ["card"], "payment_method_options": options}
    made = subscribed(call, customer(call), payment_settings=settings)["payment_settings"]
    assert list(made["payment_method_options"]) == METHODS
    assert {name: value for name, value in made["payment_method_options"].items() if value} == {
        "card": {"network": "visa", "request_three_d_secure": "any"},
        "pix": {
            "mandate_options": {"amount": 5, "amount_includes_iof": None, "end_date": None, "payment_schedule": None}
        },
    }
    [invoice] = call.get(INVOICES).json["data"]
    shown = invoice["payment_settings"]
    assert (shown["default_mandate"], shown["payment_method_types"]) == (None, ["card"])
    assert list(shown["payment_method_options"]) == METHODS
    assert shown["payment_method_options"]["card"] == {"request_three_d_secure": "any"}
    assert shown["payment_method_options"]["pix"] == {}


def test_options_of_a_method_are_changed_and_cleared_without_the_others(call: Call) -> None:
    made = draft(
        call, customer(call), payment_settings={"payment_method_options": THREE_D, "payment_method_types": ["card"]}
    )
    path = f"{INVOICES}/{made['id']}"
    bank = {
        "us_bank_account": {"financial_connections": {"permissions": ["balances"]}, "verification_method": "instant"}
    }
    more = call.create(path, {"payment_settings": {"payment_method_options": bank}})["payment_settings"]
    assert more["payment_method_types"] == ["card"]
    assert {name: value for name, value in more["payment_method_options"].items() if value} == THREE_D | {
        "us_bank_account": {
            "financial_connections": {"permissions": ["balances"], "prefetch": None},
            "verification_method": "instant",
        }
    }
    less = call.create(path, {"payment_settings": {"payment_method_options": {"us_bank_account": "", "card": ""}}})
    assert less["payment_settings"]["payment_method_options"] is None
    none = call.create(path, {"payment_settings": {"payment_method_types": ""}})
    assert none["payment_settings"] == dict.fromkeys(none["payment_settings"])
