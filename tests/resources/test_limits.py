"""How much and how far: the largest amounts, quantities and lists, and the latest times."""

import json
from typing import Any

import pytest

from tests.conftest import Answer
from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import customer
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import one_time
from tests.resources.shop import product

PRICES, SUBSCRIPTIONS, INVOICES = "/v1/prices", "/v1/subscriptions", "/v1/invoices"
ITEMS, GRANTS, CUSTOMERS = "/v1/invoiceitems", "/v1/billing/credit_grants", "/v1/customers"
FIVE_YEARS = NEW_YEAR + 1_826 * DAY
TOO_LARGE = "The specified amount is greater than the maximum amount allowed. Use a lower amount and try again."
TOO_FAR = "Invalid timestamp: can be no more than five years in the future."
NEEDED = "If invoice collection method is 'send_invoice', you must specify 'due_date' or 'days_until_due'."
UNWANTED = "You can only specify 'due_date' or 'days_until_due' if invoice collection method is 'send_invoice'."
SENT = {"collection_method": "send_invoice"}
SCOPE = {"scope": {"price_type": "metered"}}
TWELVE, FIFTEEN, EIGHTEEN = 10**12 - 1, 10**15 - 1, 10**18 - 1


def held(call: Call) -> str:
    return json.dumps(call.fake.snapshot()["accounts"], default=str)


def refused(call: Call, path: str, params: Any) -> dict[str, Any]:  # noqa: ANN401  any tree
    """The error; nothing has changed."""
    before = held(call)
    answer = call.post(path, params)
    assert (answer.status, answer.error["type"]) == (400, "invalid_request_error")
    assert held(call) == before
    return answer.error


def too_large(most: int, value: object) -> str:
    return f"This value must be less than or equal to {most} (it currently is '{value}')."


def grant(whose: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401  parameters of any kind
    money = {"type": "monetary", "monetary": {"currency": "usd", "value": 5}}
    return {"customer": whose, "amount": money, "applicability_config": SCOPE, **more}


# Amounts and quantities


def test_a_price_has_up_to_eighteen_digits(call: Call) -> None:
    terms = {"currency": "usd", "product": product(call)}
    assert call.create(PRICES, terms | {"unit_amount": EIGHTEEN})["unit_amount"] == EIGHTEEN
    refusal = refused(call, PRICES, terms | {"unit_amount_decimal": f"{EIGHTEEN}.5"})
    assert refusal["message"] == too_large(EIGHTEEN, f"{EIGHTEEN}.5")
    assert (refusal["param"], refusal["code"]) == ("unit_amount_decimal", "parameter_invalid_integer")


def test_a_price_is_not_negative(call: Call) -> None:
    refusal = refused(call, PRICES, {"currency": "usd", "product": product(call), "unit_amount_decimal": "-0.5"})
    assert refusal["message"] == "This value must be greater than or equal to 0."


@pytest.mark.parametrize(("unit_amount", "quantity"), [(TWELVE, 2), (1, TWELVE + 1), (10**17, 1)])
def test_an_item_that_costs_more_than_can_be_charged_is_refused(call: Call, unit_amount: int, quantity: int) -> None:
    terms = {"customer": customer(call), "items": [{"price": licensed(call, unit_amount), "quantity": quantity}]}
    refusal = refused(call, SUBSCRIPTIONS, terms)
    assert (refusal["code"], refusal["param"]) == ("amount_too_large", "items[0][quantity]")
    assert refusal["message"] == TOO_LARGE


def test_the_dearest_item_is_billed(call: Call) -> None:
    price = licensed(call, TWELVE)
    call.create(SUBSCRIPTIONS, {"customer": customer(call), "items": [{"price": price}]})
    assert [invoice["total"] for invoice in invoices(call)] == [TWELVE]


def test_an_item_is_not_changed_to_cost_more_than_can_be_charged(call: Call) -> None:
    cheap, dear = licensed(call, 1), licensed(call, TWELVE + 1)
    made = call.create(SUBSCRIPTIONS, {"customer": customer(call), "items": [{"price": cheap}]})
    item = made["items"]["data"][0]["id"]
    assert refused(call, f"/v1/subscription_items/{item}", {"quantity": TWELVE + 1})["param"] == "quantity"
    assert refused(call, f"/v1/subscription_items/{item}", {"price": dear})["param"] == "price"
    details = {"items": [{"id": item, "price": dear}]}
    preview = {"subscription": made["id"], "subscription_details": details}
    refusal = refused(call, "/v1/invoices/create_preview", preview)
    assert refusal["param"] == "subscription_details[items][0][price]"


def test_a_quantity_has_up_to_fifteen_digits(call: Call) -> None:
    free = {"customer": customer(call), "items": [{"price": licensed(call, 0), "quantity": FIFTEEN}]}
    assert call.create(SUBSCRIPTIONS, free)["items"]["data"][0]["quantity"] == FIFTEEN
    free["items"] = [{"price": licensed(call, 0), "quantity": FIFTEEN + 1}]
    refusal = refused(call, SUBSCRIPTIONS, free)
    assert refusal["message"] == too_large(FIFTEEN, FIFTEEN + 1)
    assert refusal["param"] == "items[0][quantity]"


@pytest.mark.parametrize(
    ("terms", "param"),
    [
        ({"unit_amount_decimal": str(TWELVE), "quantity": 2}, "quantity"),
        ({"unit_amount_decimal": "-1", "quantity_decimal": str(TWELVE + 1)}, "quantity_decimal"),
        ({"unit_amount_decimal": str(10**17)}, "unit_amount_decimal"),
    ],
)
def test_an_invoice_item_of_more_than_can_be_charged_is_refused(call: Call, terms: dict[str, Any], param: str) -> None:
    refusal = refused(call, ITEMS, {"customer": customer(call), "currency": "usd", **terms})
    assert (refusal["code"], refusal["param"], refusal["message"]) == ("amount_too_large", param, TOO_LARGE)


def test_an_invoice_item_that_cannot_be_changed_stays_as_it_was(call: Call) -> None:
    made = call.create(ITEMS, {"customer": customer(call), "pricing": {"price": one_time(call)}, "quantity": 3})
    assert refused(call, f"{ITEMS}/{made['id']}", {"quantity": FIFTEEN})["param"] == "quantity"
    dear = call.create(PRICES, {"currency": "usd", "product": product(call), "unit_amount": TWELVE})["id"]
    assert refused(call, f"{ITEMS}/{made['id']}", {"pricing": {"price": dear}})["param"] == "pricing"
    assert call.get(f"{ITEMS}/{made['id']}").json == made


@pytest.mark.parametrize(
    ("path", "terms", "param"),
    [
        (CUSTOMERS, {"balance": TWELVE + 1}, "balance"),
        (CUSTOMERS, {"balance": -TWELVE - 1}, "balance"),
        (CUSTOMERS, {"next_invoice_sequence": 10**9}, "next_invoice_sequence"),
        (ITEMS, {"customer": "ADA", "amount": -TWELVE - 1}, "amount"),
        (SUBSCRIPTIONS, {"customer": "ADA", "items": [{"price": "SEAT"}], "days_until_due": 1_827}, "days_until_due"),
        (INVOICES, {"customer": "ADA", **SENT, "days_until_due": 1_827}, "days_until_due"),
        (ITEMS, {"customer": "ADA", "amount": 1, "period": {"start": 0, "end": 10**11}}, "period[end]"),
    ],
)
def test_what_is_beyond_its_bounds_is_refused(call: Call, path: str, terms: dict[str, Any], param: str) -> None:
    ada, seat = customer(call), licensed(call)
    terms = {name: ada if value == "ADA" else value for name, value in terms.items()}
    if "items" in terms:
        terms["items"] = [{"price": seat}]
    refusal = refused(call, path, terms)
    assert (refusal["param"], refusal["code"]) == (param, "parameter_invalid_integer")
    assert refusal["message"].startswith("This value must be ")


# Times


def test_credits_expire_within_five_years(call: Call) -> None:
    ada = customer(call)
    made = call.create(GRANTS, grant(ada, expires_at=FIVE_YEARS))
    for path, terms in ((GRANTS, grant(ada)), (f"{GRANTS}/{made['id']}", {})):
        refusal = refused(call, path, terms | {"expires_at": FIVE_YEARS + 1})
        assert (refusal["message"], refusal["param"]) == (TOO_FAR, "expires_at")
    refusal = refused(call, GRANTS, grant(ada, effective_at=FIVE_YEARS + 1))
    assert (refusal["message"], refusal["param"]) == (TOO_FAR, "effective_at")


def test_on_a_test_clock_five_years_are_counted_from_its_time(call: Call) -> None:
    clock = call.create("/v1/test_helpers/test_clocks", {"frozen_time": NEW_YEAR + 100 * DAY})["id"]
    ada = call.create(CUSTOMERS, {"test_clock": clock})["id"]
    made = call.create(GRANTS, grant(ada, expires_at=FIVE_YEARS + 100 * DAY))
    for path, terms in ((GRANTS, grant(ada)), (f"{GRANTS}/{made['id']}", {})):
        refused(call, path, terms | {"expires_at": FIVE_YEARS + 100 * DAY + 1})


def test_a_trial_is_first_within_five_years_and_then_within_two(call: Call) -> None:
    terms = {"customer": customer(call), "items": [{"price": licensed(call)}]}
    refusal = refused(call, SUBSCRIPTIONS, terms | {"trial_end": FIVE_YEARS + 1})
    assert (refusal["message"], refusal["param"]) == (TOO_FAR, "trial_end")
    assert "730" in refused(call, SUBSCRIPTIONS, terms | {"trial_end": FIVE_YEARS})["message"]


def test_a_subscription_is_cancelled_within_five_years(call: Call) -> None:
    terms = {"customer": customer(call), "items": [{"price": licensed(call)}]}
    refusal = refused(call, SUBSCRIPTIONS, terms | {"cancel_at": FIVE_YEARS + 1})
    assert (refusal["message"], refusal["param"]) == (TOO_FAR, "cancel_at")
    made = call.create(SUBSCRIPTIONS, terms | {"cancel_at": FIVE_YEARS})
    assert made["cancel_at"] == FIVE_YEARS
    refused(call, f"{SUBSCRIPTIONS}/{made['id']}", {"cancel_at": FIVE_YEARS + 1})
    details = {"subscription": made["id"], "subscription_details": {"cancel_at": FIVE_YEARS + 1}}
    assert refused(call, f"{INVOICES}/create_preview", details)["param"] == "subscription_details[cancel_at]"


# When sent invoices are due


def test_a_sent_invoice_is_due_within_five_years(call: Call) -> None:
    terms = {"customer": customer(call), **SENT}
    made = call.create(INVOICES, terms | {"due_date": FIVE_YEARS})
    for path, more in ((INVOICES, terms), (f"{INVOICES}/{made['id']}", {})):
        refusal = refused(call, path, more | {"due_date": FIVE_YEARS + 1})
        assert (refusal["message"], refusal["param"]) == (TOO_FAR, "due_date")


def test_an_invoice_is_sent_only_if_it_is_due_some_day(call: Call) -> None:
    ada = customer(call)
    assert refused(call, INVOICES, {"customer": ada, **SENT})["message"] == NEEDED
    charged = call.create(INVOICES, {"customer": ada})["id"]
    assert refused(call, f"{INVOICES}/{charged}", SENT)["message"] == NEEDED
    changed = call.create(f"{INVOICES}/{charged}", SENT | {"days_until_due": 3})
    assert changed["collection_method"] == "send_invoice"
    assert call.create(f"{INVOICES}/{charged}", SENT | {"description": "still"})["description"] == "still"


@pytest.mark.parametrize("when", [{"days_until_due": 3}, {"due_date": NEW_YEAR + DAY}])
def test_an_invoice_that_is_charged_is_not_due(call: Call, when: dict[str, int]) -> None:
    ada = customer(call)
    assert refused(call, INVOICES, {"customer": ada, **when})["message"] == UNWANTED
    charged = call.create(INVOICES, {"customer": ada})["id"]
    assert refused(call, f"{INVOICES}/{charged}", when)["message"] == UNWANTED
    sent = call.create(INVOICES, {"customer": ada, **SENT, **when})
    assert sent["collection_method"] == "send_invoice"


# Lists


@pytest.mark.parametrize(
    ("path", "name", "element", "most"),
    [
        ("/v1/products", "images", "https://example.com/a.png", 8),
        ("/v1/products", "marketing_features", {"name": "Fast"}, 15),
        (PRICES, "lookup_keys", "key", 10),
        (CUSTOMERS, "preferred_locales", "de", 1_000),
    ],
)
def test_a_list_has_only_so_many_elements(call: Call, path: str, name: str, element: object, most: int) -> None:
    def ask(number: int) -> Answer:
        several = {name: [element] * number}
        return call.get(path, several) if path == PRICES else call.post(path, several | {"name": "x"})

    assert ask(most).status == 200
    error = ask(most + 1).error
    assert (error["message"], error["param"]) == (f"Array {name} exceeded maximum {most} allowed elements.", name)
