"""How recordings become facts: `observe.py`, with recordings made up for the purpose."""

from typing import Any

from tests.conformance import observe
from tests.conformance.facts import came_later
from tests.conformance.facts import objects

Json = Any
CUSTOMER = "cus_K9Fo2BpabkGWva"
PRICE = "price_1PmHofKXBGcbgpbZCVOHQep3"
AT = 1_700_000_000


def exchange(response: Json, *, at: int = AT, status: int = 200, method: str = "GET", **terms: Json) -> Json:
    usual = {"path": f"/v1/customers/{CUSTOMER}", "query": [], "body": [], "version": "2025-10-29.clover"}
    asked = usual | {"account": None, "method": method, "at": at, "status": status}
    return asked | {"response": response} | terms


def customer(**fields: Json) -> Json:
    return {"id": CUSTOMER, "object": "customer"} | fields


def test_fields_are_in_order_with_how_often_each_type_was_seen() -> None:
    first = exchange(customer(email="a", settings={"footer": None}, tags=["x"]))
    second = exchange(customer(balance=1, email=None, settings=None, tags=[]), at=AT + 90 * 86_400)
    found = observe.facts({"a": [first, second]})
    assert found["objects"]["customer"]["2025-10-29.clover"] == {
        "seen": 2,
        "recorded": "2023-11 to 2024-02",
        "fields": {
            "id": "str 2",
            "object": "str 2",
            "balance": "int 1",
            "email": "str 1, null 1",
            "settings": "hash 1, null 1",
            "settings.footer": "null 1",
            "tags": "array 2",
            "tags[]": "str 1",
        },
    }
    assert list(found["objects"]["customer"]["2025-10-29.clover"]["fields"])[2:4] == ["balance", "email"]


def test_an_object_within_another_stands_for_itself_and_what_is_deleted_too() -> None:
    price = {"id": PRICE, "object": "price", "metadata": {"any": "name"}}
    found = observe.facts({"a": [exchange(customer(price=price)), exchange(customer(deleted=True))]})["objects"]
    assert found["customer"]["2025-10-29.clover"]["fields"]["price"] == "object:price 1"
    assert "metadata.any" not in found["price"]["2025-10-29.clover"]["fields"]
    assert found["customer deleted"]["2025-10-29.clover"]["seen"] == 1


def test_a_refusal_is_written_once_with_placeholders_and_one_of_a_key_is_not() -> None:
    error = {"message": f"No such customer: '{CUSTOMER}'", "type": "invalid_request_error", "doc_url": "https://x"}
    refused = exchange({"error": error}, status=404)
    found = observe.facts({"a": [refused, refused, exchange({"error": error}, status=401)]})
    assert found["refusals"] == [
        {
            "do": "GET /v1/customers/cus_…",
            "version": "2025-10-29.clover",
            "recorded": "2023-11",
            "status": 404,
            "message": "No such customer: 'cus_…'",
            "type": "invalid_request_error",
        }
    ]


def test_a_conversation_has_symbols_for_ids_and_nothing_for_what_cannot_be_equal() -> None:
    asked = exchange(customer(created=5, name="A"), body=[["email", "a b"], ["expand[]", "tax"]], method="POST")
    again = exchange(customer(created=6, name="A"), at=AT + 3)
    expired = exchange({"error": {"type": "invalid_request_error"}}, status=401)
    told = observe.conversations({"test_a": [asked, again, expired]})
    (conversation,) = told["conversations"]
    assert (conversation["name"], conversation["begins"], conversation["expired"]) == ("a/1", AT, 1)
    answer = {"id": "cus_1", "object": "customer", "created": 0, "name": "A"}
    assert conversation["steps"] == [
        {
            "at": 0,
            "do": "POST /v1/customers/cus_1",
            "form": "email=a+b&expand[]=tax",
            "version": "2025-10-29.clover",
            "status": 200,
            "answer": answer,
        },
        {"at": 3, "do": "GET /v1/customers/cus_1", "version": "2025-10-29.clover", "status": 200, "answer": answer},
    ]


def test_a_conversation_is_cut_where_recordings_of_other_days_were_added() -> None:
    later = exchange(customer(), at=AT + 7_300)
    back = exchange(customer(), at=AT + 100)
    newer = exchange(customer(), at=AT + 3_800, version="2026-03-25.dahlia")
    told = observe.stretches([exchange(customer()), later, back, exchange(customer(), at=AT + 90), newer])
    assert [len(part) for part in told] == [1, 1, 2, 1]


def test_what_occurs_often_is_written_once() -> None:
    price = {"id": PRICE, "object": "price", "nickname": "n" * 200}
    told = observe.conversations(
        {"test_a": [exchange(customer(price=price)), exchange(customer(name="B", price=price))]}
    )
    assert [step["answer"]["price"] for step in told["conversations"][0]["steps"]] == ["*0", "*0"]
    assert told["objects"] == [price | {"id": "price_1"}]


def test_the_facts_say_what_was_always_there_and_what_came_later() -> None:
    seen = objects()["customer"]["2026-03-25.dahlia"]
    assert seen.always("customer_account")
    assert seen.always("invoice_settings.footer")
    assert came_later("customer", "customer_account", "2025-11")
    assert not came_later("customer", "customer_account", "2026-03")
    assert not came_later("customer", "surname", "2020-01")
