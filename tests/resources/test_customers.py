"""Customers, as far as usage-based billing needs them."""

from typing import Any

import pytest

from tests.conftest import Call

CUSTOMERS = "/v1/customers"
NEW_YEAR = 1735689600
UNKNOWN = {
    "code": "resource_missing",
    "doc_url": "https://stripe.com/docs/error-codes/resource-missing",
    "message": "No such customer: 'cus_x'",
    "param": "id",
    "type": "invalid_request_error",
}


def named(call: Call, *names: str) -> list[str]:
    """Customers of those names, made one second after another, and their ids."""
    ids = []
    for name in names:
        ids.append(call.create(CUSTOMERS, {"name": name})["id"])
        call.clock.advance(1)
    return ids


def without_url(error: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in error.items() if name != "request_log_url"}


# Create


def test_a_customer_needs_nothing(call: Call) -> None:
    customer = call.create(CUSTOMERS)
    assert customer["id"].startswith("cus_")
    assert len(customer["id"]) == 18
    assert len(customer["invoice_prefix"]) == 8
    assert customer == {
        "id": customer["id"],
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": NEW_YEAR,
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": customer["invoice_prefix"],
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }


def test_a_customer_shows_what_was_said_of_it(call: Call) -> None:
    said = {
        "balance": -500,
        "description": "A good one",
        "email": "jenny@example.com",
        "metadata": {"plan": "gold", "é": "ü€"},
        "name": "Jenny Rosén",
        "phone": "+46 1",
        "preferred_locales": ["sv", "en"],
        "tax_exempt": "reverse",
    }
    customer = call.create(CUSTOMERS, said)
    assert {name: customer[name] for name in said} == said
    assert call.get(f"{CUSTOMERS}/{customer['id']}").json == customer


def test_an_address_is_shown_whole(call: Call) -> None:
    customer = call.create(CUSTOMERS, {"address": {"city": "Umeå"}})
    address = {"city": "Umeå", "country": None, "line1": None, "line2": None, "postal_code": None, "state": None}
    assert customer["address"] == address


def test_goods_go_to_a_name_at_an_address(call: Call) -> None:
    customer = call.create(CUSTOMERS, {"shipping": {"name": "Jenny", "address": {"line1": "x"}, "phone": ""}})
    assert customer["shipping"]["name"] == "Jenny"
    assert customer["shipping"]["address"]["line1"] == "x"
    assert customer["shipping"]["phone"] is None
    error = call.post(CUSTOMERS, {"shipping": {"address": {"line1": "x"}}}).error
    assert error["message"] == "Missing required param: shipping[name]."


@pytest.mark.parametrize("email", ["jenny", "jenny@", "@example.com", "a@b", "a@b.", "a@b@c.d", "a b@c.d", "@"])
def test_what_is_no_email_address_is_refused(call: Call, email: str) -> None:
    error = call.post(CUSTOMERS, {"email": email}).error
    assert error["message"] == f"Invalid email address: {email}"
    assert (error["code"], error["param"]) == ("email_invalid", "email")


@pytest.mark.parametrize(
    ("params", "message", "param"),
    [
        ({"tax_exempt": "maybe"}, "Invalid tax_exempt: must be one of none, reverse, or exempt", "tax_exempt"),
        ({"balance": "much"}, "Invalid integer: much", "balance"),
        ({"balance": 10**18}, f"Invalid integer: {10**18}", "balance"),
        ({"address": "Umeå"}, "Invalid object", "address"),
        ({"preferred_locales": "sv"}, "Invalid array", "preferred_locales"),
        ({"name": {"first": "Jenny"}}, 'Invalid string: {"first":"Jenny"}', "name"),
        ({"name": "x" * 257}, "Invalid string: xxxx...xxxx; must be at most 256 characters", "name"),
        ({"address": {"town": "Umeå"}}, "Received unknown parameter: address[town]", "address[town]"),
        ({"id": "cus_mine"}, "Received unknown parameter: id", "id"),
    ],
)
def test_wrong_parameters_are_refused(call: Call, params: dict[str, Any], message: str, param: str) -> None:
    answer = call.post(CUSTOMERS, params)
    assert answer.status == 400
    assert (answer.error["message"], answer.error["param"]) == (message, param)


@pytest.mark.parametrize("prefix", ["a", "abc", "AB_1", "ABCDEFGHIJKLM", "A B", "Ä", " A"])
def test_a_prefix_of_invoice_numbers_has_up_to_twelve_capitals_or_digits(call: Call, prefix: str) -> None:
    jenny = call.create(CUSTOMERS)["id"]
    for path in (CUSTOMERS, f"{CUSTOMERS}/{jenny}"):
        answer = call.post(path, {"invoice_prefix": prefix})
        sentence = "Invoice number prefix must be 1–12 uppercase letters or numbers."  # noqa: RUF001  as Stripe has it
        assert (answer.status, answer.error["message"]) == (400, sentence)
        assert answer.error.keys() == {"message", "request_log_url", "type"}


@pytest.mark.parametrize("prefix", ["A", "7", "P626092001", "ABCDEFGHIJKL"])
def test_a_prefix_of_invoice_numbers_belongs_to_one_customer(call: Call, prefix: str) -> None:
    holder, other = call.create(CUSTOMERS, {"invoice_prefix": prefix}), call.create(CUSTOMERS)
    assert holder["invoice_prefix"] == prefix
    sentence = f"This invoice number prefix is taken by customer: {holder['id']}. Please enter a different prefix."
    for path in (CUSTOMERS, f"{CUSTOMERS}/{other['id']}"):
        answer = call.post(path, {"invoice_prefix": prefix})
        assert (answer.status, answer.error["message"]) == (400, sentence)
        assert (answer.error["param"], "code" in answer.error) == ("invoice_prefix", False)
    assert call.create(f"{CUSTOMERS}/{holder['id']}", {"invoice_prefix": prefix})["invoice_prefix"] == prefix
    call.delete(f"{CUSTOMERS}/{holder['id']}")
    assert call.create(f"{CUSTOMERS}/{other['id']}", {"invoice_prefix": prefix})["invoice_prefix"] == prefix


def test_a_name_that_is_a_number_is_a_string(call: Call) -> None:
    made = call.create(CUSTOMERS, {"name": 42, "description": True})
    assert (made["name"], made["description"]) == ("42", "true")


def test_what_is_refused_makes_no_customer(call: Call) -> None:
    call.post(CUSTOMERS, {"email": "jenny"})
    assert call.get(CUSTOMERS).ids == []


# Retrieve


def test_an_unknown_customer_is_not_found(call: Call) -> None:
    for answer in (
        call.get(f"{CUSTOMERS}/cus_x"),
        call.post(f"{CUSTOMERS}/cus_x", {"name": "x"}),
        call.delete(f"{CUSTOMERS}/cus_x"),
    ):
        assert answer.status == 404
        assert without_url(answer.error) == UNKNOWN


def test_an_id_may_hold_any_letters(call: Call) -> None:
    error = call.get(f"{CUSTOMERS}/%E2%82%AC%20%3F%25").error
    assert error["message"] == "No such customer: '€ ?%'"


def test_another_keys_customer_is_not_found(call: Call) -> None:
    [customer] = named(call, "Jenny")
    assert call.get(f"{CUSTOMERS}/{customer}", key="sk_test_other").status == 404


# Update


def test_an_update_changes_what_is_given_and_nothing_else(call: Call) -> None:
    before = call.create(CUSTOMERS, {"name": "Jenny", "email": "jenny@example.com", "balance": 5})
    call.clock.advance(60)
    after = call.create(f"{CUSTOMERS}/{before['id']}", {"name": "Jonny"})
    assert after == before | {"name": "Jonny"}
    assert call.get(f"{CUSTOMERS}/{before['id']}").json == after


def test_an_update_without_parameters_changes_nothing(call: Call) -> None:
    before = call.create(CUSTOMERS, {"name": "Jenny"})
    assert call.create(f"{CUSTOMERS}/{before['id']}") == before


@pytest.mark.parametrize(
    ("name", "value", "cleared"),
    [
        ("address", {"city": "Umeå"}, None),
        ("description", "x", None),
        ("email", "a@b.c", None),
        ("name", "x", None),
        ("phone", "1", None),
        ("shipping", {"name": "x", "address": {"line1": "x"}}, None),
        ("tax_exempt", "exempt", "none"),
        ("metadata", {"a": "1"}, {}),
    ],
)
def test_an_empty_string_clears(call: Call, name: str, value: object, cleared: object) -> None:
    customer = call.create(CUSTOMERS, {name: value})
    assert call.create(f"{CUSTOMERS}/{customer['id']}", {name: ""})[name] == cleared
    assert call.create(CUSTOMERS, {name: ""})[name] == cleared


@pytest.mark.parametrize("name", ["balance", "preferred_locales"])
def test_what_cannot_be_cleared_is_refused(call: Call, name: str) -> None:
    error = call.post(CUSTOMERS, {name: ""}).error
    assert (error["code"], error["param"]) == ("parameter_invalid_empty", name)


# Metadata


def test_metadata_is_merged_key_by_key(call: Call) -> None:
    path = f"{CUSTOMERS}/{call.create(CUSTOMERS, {'metadata': {'a': '1', 'b': '2'}})['id']}"
    assert call.create(path, {"metadata": {"b": "3", "c": "4"}})["metadata"] == {"a": "1", "b": "3", "c": "4"}
    assert call.create(path, {"metadata": {"a": "", "x": ""}})["metadata"] == {"b": "3", "c": "4"}
    assert call.create(path, {"name": "Jenny"})["metadata"] == {"b": "3", "c": "4"}
    assert call.create(path, {"metadata": ""})["metadata"] == {}


def test_metadata_has_at_most_50_keys(call: Call) -> None:
    full = {f"key{number}": "x" for number in range(50)}
    customer = call.create(CUSTOMERS, {"metadata": full, "name": "Jenny"})
    path = f"{CUSTOMERS}/{customer['id']}"
    answer = call.post(path, {"metadata": {"one more": "x"}, "name": "Jonny"})
    assert answer.status == 400
    assert (answer.error["message"], answer.error["param"]) == ("Metadata can have at most 50 keys.", "metadata")
    assert call.get(path).json == customer
    exchanged = call.create(path, {"metadata": {"one more": "x", "key0": ""}})
    assert len(exchanged["metadata"]) == 50


@pytest.mark.parametrize(
    ("metadata", "message", "param"),
    [
        ({"k" * 41: "x"}, "key can have at most 40 characters, but you passed in a key that is 41", f"[{'k' * 41}]"),
        ({"k": "x" * 501}, "value can have at most 500 characters, but you passed in a value that is 501", "[k]"),
        ({"k": {"a": "b"}}, 'Invalid string: {"a":"b"}', "[k]"),
        ("x", "Invalid object", ""),
    ],
)
def test_metadata_out_of_bounds_is_refused(call: Call, metadata: object, message: str, param: str) -> None:
    answer = call.post(CUSTOMERS, {"metadata": metadata})
    assert message in answer.error["message"]
    assert answer.error["param"] == f"metadata{param}"


def test_metadata_keys_may_be_numbers_but_not_nameless(call: Call) -> None:
    assert call.create(CUSTOMERS, "metadata[0]=x")["metadata"] == {"0": "x"}
    assert call.post(CUSTOMERS, "metadata[]=x").error["message"] == "Invalid object"
    assert call.post(CUSTOMERS, "metadata[a[b]]=x").error["message"].startswith("Invalid request: the brackets")


def test_metadata_keys_and_values_may_be_as_long_as_documented(call: Call) -> None:
    metadata = {"k" * 40: "x" * 500, "é" * 40: "é" * 500}
    assert call.create(CUSTOMERS, {"metadata": metadata})["metadata"] == metadata


# Delete


def test_a_deleted_customer_answers_with_little(call: Call) -> None:
    [customer] = named(call, "Jenny")
    little = {"id": customer, "object": "customer", "deleted": True}
    assert call.delete(f"{CUSTOMERS}/{customer}").json == little
    assert call.get(f"{CUSTOMERS}/{customer}").json == little


def test_a_deleted_customer_cannot_be_changed_or_deleted_again(call: Call) -> None:
    [customer] = named(call, "Jenny")
    call.delete(f"{CUSTOMERS}/{customer}")
    for answer in (call.post(f"{CUSTOMERS}/{customer}", {"name": "x"}), call.delete(f"{CUSTOMERS}/{customer}")):
        assert answer.status == 404
        assert answer.error["message"] == f"No such customer: '{customer}'"


def test_a_deleted_customer_is_listed_no_more_but_its_id_is_still_a_cursor(call: Call) -> None:
    first, second, third = named(call, "a", "b", "c")
    call.delete(f"{CUSTOMERS}/{second}")
    assert call.get(CUSTOMERS).ids == [third, first]
    assert call.get(CUSTOMERS, {"starting_after": second}).ids == [first]
    assert call.get(CUSTOMERS, {"ending_before": second}).ids == [third]


# List


def test_customers_are_listed_newest_first(call: Call) -> None:
    first, second = named(call, "a", "b")
    answer = call.get(CUSTOMERS)
    assert answer.ids == [second, first]
    assert {name: answer.json[name] for name in ("object", "has_more", "url")} == {
        "object": "list",
        "has_more": False,
        "url": "/v1/customers",
    }
    assert answer.json["data"][1] == call.get(f"{CUSTOMERS}/{first}").json


def test_customers_can_be_found_by_email(call: Call) -> None:
    jenny = call.create(CUSTOMERS, {"email": "Jenny@example.com"})["id"]
    call.create(CUSTOMERS, {"email": "jonny@example.com"})
    assert call.get(CUSTOMERS, {"email": "Jenny@example.com"}).ids == [jenny]
    assert call.get(CUSTOMERS, {"email": "jenny@example.com"}).ids == []


@pytest.mark.parametrize(
    ("created", "names"),
    [
        (NEW_YEAR + 1, "b"),
        ({"gt": NEW_YEAR}, "cb"),
        ({"gte": NEW_YEAR}, "cba"),
        ({"lt": NEW_YEAR + 1}, "a"),
        ({"lte": NEW_YEAR + 1}, "ba"),
        ({"gt": NEW_YEAR, "lt": NEW_YEAR + 2}, "b"),
        ({"gt": NEW_YEAR + 2}, ""),
    ],
)
def test_customers_can_be_found_by_the_instant_of_their_creation(call: Call, created: object, names: str) -> None:
    named(call, "a", "b", "c")
    found = call.get(CUSTOMERS, {"created": created}).json["data"]
    assert "".join(customer["name"] for customer in found) == names


@pytest.mark.parametrize(
    ("created", "param"), [("x", "created"), ({"gt": "x"}, "created[gt]"), ({"eq": "1"}, "created[eq]")]
)
def test_a_wrong_instant_is_refused(call: Call, created: object, param: str) -> None:
    assert call.get(CUSTOMERS, {"created": created}).error["param"] == param


def test_filters_hold_across_pages(call: Call) -> None:
    for number in range(5):
        call.create(CUSTOMERS, {"email": f"{'odd' if number % 2 else 'even'}@example.com", "name": str(number)})
    page = call.get(CUSTOMERS, {"email": "even@example.com", "limit": 2})
    assert [each["name"] for each in page.json["data"]] == ["4", "2"]
    assert page.json["has_more"]
    page = call.get(CUSTOMERS, {"email": "even@example.com", "limit": 2, "starting_after": page.ids[-1]})
    assert [each["name"] for each in page.json["data"]] == ["0"]
    assert not page.json["has_more"]
