"""Searches: https://docs.stripe.com/search. `tests/framework/test_search_language.py` tests the language itself."""

from typing import Any

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters.framework import searching
from tests.conftest import Answer
from tests.conftest import Call

UNPARSABLE = (
    'We were unable to parse your search query. Try using the format `metadata["key"]:"value"` to query for metadata '
    'or key:"value" to query for other fields.'
)
OBJECTS = ("customers", "invoices", "prices", "products", "subscriptions")
NEW_YEAR = 1_735_689_600

everywhere = pytest.mark.parametrize("objects", OBJECTS)


def search(call: Call, objects: str, query: str, **params: Any) -> Answer:  # noqa: ANN401  parameters of any kind
    return call.get(f"/v1/{objects}/search", {"query": query} | params)


def found(call: Call, objects: str, query: str) -> list[str]:
    answer = search(call, objects, query)
    assert answer.status == 200, answer.body
    return answer.ids


def customers(call: Call, *names: str) -> list[str]:
    return [call.create("/v1/customers", {"name": name})["id"] for name in names]


def subscribed(call: Call, customer: str, **terms: Any) -> dict[str, Any]:  # noqa: ANN401  parameters of any kind
    price = {
        "currency": "usd",
        "unit_amount": 700,
        "recurring": {"interval": "month"},
        "product_data": {"name": "Seats"},
    }
    items = [{"price": call.create("/v1/prices", price)["id"]}]
    return call.create("/v1/subscriptions", {"customer": customer, "items": items} | terms)


# The answer


@everywhere
def test_nothing_is_found_at_first(call: Call, objects: str) -> None:
    assert search(call, objects, 'metadata["a"]:"b"').json == {
        "object": "search_result",
        "data": [],
        "has_more": False,
        "next_page": None,
        "url": f"/v1/{objects}/search",
    }


def test_the_newest_comes_first_as_it_is_shown_elsewhere(call: Call) -> None:
    first, _, last = customers(call, "Amy Ash", "Bob", "Amy Oak")
    answer = search(call, "customers", 'name:"amy"').json
    assert answer["data"] == [call.get(f"/v1/customers/{each}").json for each in (last, first)]
    assert list(answer) == ["object", "data", "has_more", "next_page", "url"]


def test_ten_are_found_by_default_and_a_hundred_at_most(call: Call) -> None:
    customers(call, *(["Amy"] * 12))
    assert len(found(call, "customers", 'name:"amy"')) == 10
    assert len(search(call, "customers", 'name:"amy"', limit=100).ids) == 12
    for limit, sentence in (
        (0, "This value must be greater than or equal to 1."),
        (101, "This value must be less than or equal to 100 (it currently is '101')."),
    ):
        error = search(call, "customers", 'name:"amy"', limit=limit).error
        assert (error["message"], error["code"], error["param"]) == (sentence, "parameter_invalid_integer", "limit")


def test_pages_follow_each_other_while_new_objects_are_made(call: Call) -> None:
    made = customers(call, *(["Amy"] * 5))
    seen, token = [], None
    while True:
        page = search(call, "customers", 'name:"amy"', limit=2, **({"page": token} if token else {})).json
        seen += [each["id"] for each in page["data"]]
        token = page["next_page"]
        assert page["has_more"] is (token is not None)
        if token is None:
            break
        customers(call, "Amy")
    assert seen == made[::-1]


def test_a_page_begins_after_an_object_that_was_deleted_meanwhile(call: Call) -> None:
    first, second, third = customers(call, "Amy", "Amy", "Amy")
    token = search(call, "customers", 'name:"amy"', limit=1).json["next_page"]
    call.delete(f"/v1/customers/{third}")
    assert search(call, "customers", 'name:"amy"', page=token).ids == [second, first]


def test_a_page_is_that_of_one_query_and_one_kind_of_object(call: Call) -> None:
    customers(call, "Amy", "Amy")
    token = search(call, "customers", 'name:"amy"', limit=1).json["next_page"]
    for objects, query in (("customers", 'name:"Amy"'), ("products", 'name:"amy"')):
        refused = search(call, objects, query, page=token)
        assert (refused.status, refused.error["message"]) == (400, f"{token} is an invalid page.")


@pytest.mark.parametrize("token", ["x", "zzzz", "Ä", "YWJj", "a" * 1_000])
def test_a_page_that_no_search_gave_out_is_the_param_of_its_refusal(call: Call, token: str) -> None:
    refused = search(call, "customers", 'name:"amy"', page=token)
    assert (refused.status, refused.error["param"]) == (400, token)
    assert refused.error["message"] == f"{token} is an invalid page."
    assert "code" not in refused.error


def test_a_very_long_page_is_cut_in_the_sentence(call: Call) -> None:
    error = search(call, "customers", 'name:"amy"', page="a" * 500 + "b" * 501).error
    assert error["message"] == f"{'a' * 100}...{'b' * 100} is an invalid page."


def test_a_page_is_taken_as_it_was_given_out_only(call: Call) -> None:
    customers(call, "Amy", "Amy")
    token = search(call, "customers", 'name:"amy"', limit=1).json["next_page"]
    assert search(call, "customers", 'name:"amy"', page=f"{token}=").error["message"] == f"{token}= is an invalid page."


def test_the_total_has_a_limit(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    assert searching.LARGEST_TOTAL == 10_000
    monkeypatch.setattr(searching, "LARGEST_TOTAL", 2)
    customers(call, *(["Amy"] * 3))
    page = search(call, "customers", 'name:"amy"', expand=["total_count"]).json
    assert (page["total_count"], len(page["data"])) == (2, 3)


def test_the_total_is_counted_if_it_is_expanded(call: Call) -> None:
    customers(call, *(["Amy"] * 3), "Bob")
    page = search(call, "customers", 'name:"amy"', limit=1, expand=["total_count"]).json
    assert page["total_count"] == 3
    assert list(page) == ["object", "data", "has_more", "next_page", "total_count", "url"]
    following = search(call, "customers", 'name:"amy"', page=page["next_page"], expand=["total_count"]).json
    assert following["total_count"] == 3


def test_a_list_has_no_total(call: Call) -> None:
    refused = call.get("/v1/customers", {"expand": ["total_count"]})
    assert (refused.status, refused.error["message"]) == (400, "This property cannot be included (total_count)")


def test_what_is_found_can_be_expanded(call: Call) -> None:
    (customer,) = customers(call, "Amy")
    made = subscribed(call, customer)
    answer = search(call, "subscriptions", 'status:"active"', expand=["data.customer", "total_count"]).json
    assert [each["customer"]["id"] for each in answer["data"]] == [customer]
    assert [each["id"] for each in answer["data"]] == [made["id"]]
    invoices = search(call, "invoices", f'customer:"{customer}"', expand=["data.customer"]).json["data"]
    assert [each["customer"]["name"] for each in invoices] == ["Amy"]
    refused = search(call, "subscriptions", 'status:"active"', expand=["customer"])
    assert refused.error["message"].startswith("This property cannot be expanded (customer).")


# The query


@everywhere
def test_a_search_needs_a_query(call: Call, objects: str) -> None:
    missing = call.get(f"/v1/{objects}/search").error
    assert missing["message"] == "Missing required param: query."
    assert (missing["code"], missing["param"]) == ("parameter_missing", "query")
    assert search(call, objects, "").error["code"] == "parameter_invalid_empty"
    assert search(call, objects, "a" * 5_001).status == 400


@everywhere
@pytest.mark.parametrize("query", ["asdf", " ", "a:1 AND b:2 OR c:3", 'metadata["a"]~"xyz"', "metadata:1"])
def test_a_query_that_cannot_be_understood(call: Call, objects: str, query: str) -> None:
    refused = search(call, objects, query)
    assert (refused.status, refused.error["message"]) == (400, UNPARSABLE)
    assert not {"code", "param"} & refused.error.keys()


@everywhere
def test_a_field_that_cannot_be_searched(call: Call, objects: str) -> None:
    error = search(call, objects, 'foo:"bar"').error
    assert error["message"] == (
        f"Field `foo` is an unsupported search field for resource `{objects}`. "
        f"See http://stripe.com/docs/search#query-fields-for-{objects} for a list of supported fields."
    )
    assert not {"code", "param"} & error.keys()


def test_a_subscription_is_not_found_by_its_customer(call: Call) -> None:
    assert "`customer` is an unsupported search field" in search(call, "subscriptions", 'customer:"x"').error["message"]


# Each kind of object


def test_customers_are_found_by_their_fields(call: Call) -> None:
    terms = {"email": "Amy@Example.com", "name": "Amy Ash", "phone": "+491234", "metadata": {"plan": "gold"}}
    made = call.create("/v1/customers", terms)["id"]
    call.clock.advance(10)
    other = customers(call, "Bob")[0]
    for query in (
        'email:"amy@example.com"',
        'email~"EXAMPLE"',
        'name:"ash"',
        'phone:"+491234"',
        'metadata["plan"]:"gold"',
        f"created:{NEW_YEAR}",
        f"created<{NEW_YEAR + 10}",
    ):
        assert found(call, "customers", query) == [made], query
    assert found(call, "customers", "email:null") == [other]
    assert found(call, "customers", f"created>={NEW_YEAR}") == [other, made]


def test_products_are_found_by_their_fields(call: Call) -> None:
    terms = {"name": "Red Boat", "description": "It floats", "shippable": "true", "url": "https://example.com/boat"}
    made = call.create("/v1/products", terms | {"metadata": {"a": "b"}, "active": "false"})["id"]
    other = call.create("/v1/products", {"name": "Car"})["id"]
    for query in (
        'active:"false"',
        'name~"boat"',
        'description:"floats"',
        'shippable:"true"',
        'url~"/boat"',
        'metadata["a"]:"b"',
    ):
        assert found(call, "products", query) == [made], query
    assert found(call, "products", "url:null") == [other]


def test_prices_are_found_by_their_fields(call: Call) -> None:
    product = call.create("/v1/products", {"name": "Boat"})["id"]
    once = {"currency": "eur", "unit_amount": 5, "product": product, "lookup_key": "boat", "metadata": {"a": "b"}}
    made = call.create("/v1/prices", once)["id"]
    monthly = {"currency": "usd", "unit_amount": 5, "recurring": {"interval": "month"}, "product_data": {"name": "Car"}}
    other = call.create("/v1/prices", monthly)["id"]
    call.create(f"/v1/prices/{other}", {"active": "false"})
    for query in (
        'active:"true"',
        'currency:"EUR"',
        'lookup_key:"boat"',
        f'product:"{product}"',
        'type:"one_time"',
        'metadata["a"]:"b"',
    ):
        assert found(call, "prices", query) == [made], query
    assert found(call, "prices", 'type:"recurring"') == [other]


def test_subscriptions_are_found_by_their_fields_also_after_their_end(call: Call) -> None:
    (customer,) = customers(call, "Amy")
    made = subscribed(call, customer, metadata={"team": "red"})["id"]
    assert found(call, "subscriptions", 'status:"active" AND metadata["team"]:"red"') == [made]
    assert found(call, "subscriptions", "canceled_at>0") == []
    call.clock.advance(60)
    call.delete(f"/v1/subscriptions/{made}")
    assert found(call, "subscriptions", f'status:"canceled" canceled_at:{NEW_YEAR + 60} created:{NEW_YEAR}') == [made]


def test_invoices_are_found_by_their_fields(call: Call) -> None:
    (customer,) = customers(call, "Amy")
    subscription = subscribed(call, customer)
    made = call.get(f"/v1/invoices/{subscription['latest_invoice']}").json
    draft = call.create("/v1/invoices", {"customer": customer, "metadata": {"a": "b"}})["id"]
    for query in (
        f'customer:"{customer}" AND status:"paid"',
        f'number:"{made["number"]}"',
        f'subscription:"{subscription["id"]}"',
        "total>699",
        'status~"pai"',
        "-number:null",
    ):
        assert found(call, "invoices", query) == [made["id"]], query
    for query in ('status:"draft"', 'metadata["a"]:"b"', "total:0", "subscription:null"):
        assert found(call, "invoices", query) == [draft], query
    assert found(call, "invoices", 'currency:"usd" AND created>0 AND receipt_number:null') == [draft, made["id"]]
    assert found(call, "invoices", "last_finalization_error_code:null last_finalization_error_type:null") != []


def test_what_was_deleted_is_not_found(call: Call) -> None:
    (customer,) = customers(call, "Amy")
    product = call.create("/v1/products", {"name": "Amy"})["id"]
    plan = {"currency": "usd", "amount": 5, "interval": "month", "product": {"name": "Plan"}}
    price = call.create("/v1/plans", plan)["id"]
    for path in (f"/v1/customers/{customer}", f"/v1/products/{product}", f"/v1/plans/{price}"):
        assert call.delete(path).status == 200
    assert found(call, "customers", 'name:"amy"') == found(call, "products", 'name:"amy"') == []
    assert found(call, "prices", 'type:"recurring"') == []


def test_what_is_on_a_test_clock_is_found_through_its_customer_or_subscription_only(call: Call) -> None:
    clock = call.create("/v1/test_helpers/test_clocks", {"frozen_time": NEW_YEAR})["id"]
    customer = call.create("/v1/customers", {"name": "Amy", "test_clock": clock})["id"]
    subscription = subscribed(call, customer)
    assert found(call, "customers", 'name:"amy"') == found(call, "subscriptions", 'status:"active"') == []
    assert found(call, "invoices", 'status:"paid"') == []
    assert found(call, "invoices", f'-customer:"x" OR subscription:"{subscription["latest_invoice"]}"') == []
    for query in (f'customer:"{customer}"', f'status:"paid" OR subscription:"{subscription["id"]}"'):
        assert found(call, "invoices", query) == [subscription["latest_invoice"]], query


def test_each_account_finds_its_own(call: Call) -> None:
    customers(call, "Amy")
    assert call.get("/v1/customers/search", {"query": 'name:"amy"'}, key="sk_test_other").json["data"] == []


# Versions, and other words


def test_searches_began_with_2020_08_27(call: Call) -> None:
    path, query = "/v1/products/search", {"query": 'name:"amy"'}
    assert call.get(path, query, version="2020-08-27").status == 200
    refused = call.get(path, query, version="2017-08-15")
    assert refused.status == 400
    assert refused.error["message"] == (
        "Search is not supported on api version 2017-08-15. Update your API version, or set the API Version of this "
        "request to 2020-08-27 or greater."
    )


# The lag


@pytest.fixture
def late(call: Call) -> Call:
    call.fake.begin(now=NEW_YEAR, seed=1, lag=30)
    return call


def test_with_a_lag_new_objects_are_found_after_it(late: Call) -> None:
    (customer,) = customers(late, "Amy")
    assert found(late, "customers", 'name:"amy"') == []
    late.clock.advance(29)
    assert found(late, "customers", 'name:"amy"') == []
    late.clock.advance(1)
    assert found(late, "customers", 'name:"amy"') == [customer]


def test_with_a_lag_a_changed_object_is_found_as_it_was(late: Call) -> None:
    (customer,) = customers(late, "Amy")
    late.clock.advance(60)
    for name in ("Bob", "Eve"):
        late.create(f"/v1/customers/{customer}", {"name": name})
        assert found(late, "customers", 'name:"amy"') == [customer]
        assert found(late, "customers", f'name:"{name}"') == []
        late.clock.advance(20)
    assert found(late, "customers", 'name:"bob"') == [customer]
    assert [each["name"] for each in search(late, "customers", 'name:"bob"').json["data"]] == ["Eve"]
    late.clock.advance(10)
    assert found(late, "customers", 'name:"eve"') == [customer]


def test_with_a_lag_an_invoice_is_found_in_the_state_that_it_had(late: Call) -> None:
    (customer,) = customers(late, "Amy")
    subscription = subscribed(late, customer)
    draft = late.create("/v1/invoices", {"customer": customer})["id"]
    assert found(late, "invoices", "created>0") == []
    late.clock.advance(60)
    assert found(late, "invoices", f'subscription:"{subscription["id"]}"') == [subscription["latest_invoice"]]
    late.create(f"/v1/invoices/{draft}/finalize")
    assert found(late, "invoices", 'status:"draft" AND subscription:null') == [draft]
    late.clock.advance(30)
    assert found(late, "invoices", 'status:"draft"') == []


@pytest.mark.parametrize("query", ['lookup_key:"seats"', 'product:"prod_a"', 'active:"true"', 'type:"recurring"'])
def test_with_a_lag_a_changed_price_is_found_as_it_was_and_its_plan_with_the_same_id_is_none(
    late: Call, query: str
) -> None:
    late.create("/v1/products", {"id": "prod_a", "name": "Seats"})
    wanted = {"currency": "usd", "unit_amount": 5, "product": "prod_a", "recurring": {"interval": "month"}}
    price = late.create("/v1/prices", wanted | {"lookup_key": "seats"})["id"]
    late.clock.advance(60)
    late.create(f"/v1/prices/{price}", {"lookup_key": "chairs", "active": False})
    assert found(late, "prices", query) == [price]
    late.clock.advance(30)
    assert found(late, "prices", 'lookup_key:"seats"') == []


def test_a_flush_lets_searches_see_everything_so_far(late: Call) -> None:
    (first,) = customers(late, "Amy")
    late.fake.flush()
    (second,) = customers(late, "Amy")
    assert found(late, "customers", 'name:"amy"') == [first]
    late.fake.flush()
    late.create(f"/v1/customers/{first}", {"name": "Bob"})
    assert found(late, "customers", 'name:"amy"') == [second, first]


def test_a_lag_that_begins_later_hides_only_what_it_would_have_hidden(call: Call) -> None:
    (early,) = customers(call, "Amy")
    call.clock.advance(60)
    customers(call, "Amy")
    call.fake.control.set_lag(30)
    assert found(call, "customers", 'name:"amy"') == [early]


def test_a_snapshot_carries_what_searches_do_not_see_yet(late: Call) -> None:
    (first,) = customers(late, "Amy")
    late.fake.flush()
    customers(late, "Amy")
    with FakeStripe(now=0) as other:
        other.restore(late.fake.snapshot())
        assert found(Call(late._door, other), "customers", 'name:"amy"') == [first]  # noqa: SLF001  the same door
