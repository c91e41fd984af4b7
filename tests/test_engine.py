"""The life of a request: who is let in, what is answered, and which of two errors comes first."""

import json
import re
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.faults import Fault
from fakestripe_meters.core.options import Settings
from fakestripe_meters.engine import Engine
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.expanding import Fields
from fakestripe_meters.framework.registry import Registry
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request
from fakestripe_meters.wire.schema import fields_of
from tests.conftest import FORM
from tests.conftest import KEY
from tests.conftest import Answer
from tests.conftest import Call

CUSTOMERS = "/v1/customers"
METERS = "/v1/billing/meters"
DAY = 86_400
UNKNOWN_URL = "/v1/unicorns"


def request(method: str, path: str = CUSTOMERS, query: str = "", key: str = KEY) -> Request:
    return Request(method, path, query, Headers({"Authorization": f"Bearer {key}"}))


@pytest.fixture
def engine() -> Engine:
    return Engine.fresh(now="2025-01-01", seed=1)


# Who is let in


def basic(key: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{key}:".encode()).decode()}


def test_a_key_is_taken_as_bearer_and_as_the_user_name_of_basic(call: Call) -> None:
    made = call.create(CUSTOMERS)
    assert call.get(CUSTOMERS, headers=basic(KEY)).ids == [made["id"]]
    assert call.get(CUSTOMERS, key="rk_test_restricted").status == 200


def assert_turned_away(answer: Answer) -> None:
    assert answer.status == 401
    assert answer.error["type"] == "invalid_request_error"
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Stripe"'
    assert answer.headers["Content-Type"] == "application/json"
    assert "Request-Id" not in answer.headers
    assert "Stripe-Version" not in answer.headers


def test_without_a_key_nobody_is_let_in(call: Call) -> None:
    for answer in (
        call.get(CUSTOMERS, key=None),
        call.get(CUSTOMERS, headers={"Authorization": "Bearer"}),
        call.get(CUSTOMERS, headers={"Authorization": KEY}),
        call.get(CUSTOMERS, headers={"Authorization": "Basic !"}),
        call.get(CUSTOMERS, headers=basic("")),
    ):
        assert_turned_away(answer)
        assert answer.error == {
            "message": "You did not provide an API key. You need to provide your API key in the Authorization header, "
            "using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See "
            "https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/.",
            "type": "invalid_request_error",
        }


def test_a_bad_key_is_refused_and_masked(call: Call) -> None:
    for headers in ({"Authorization": "Bearer sk_test_abc-def-1234"}, basic("sk_test_abc-def-1234")):
        answer = call.get(CUSTOMERS, headers=headers)
        assert_turned_away(answer)
        assert answer.error["message"] == "Invalid API Key provided: sk_test_********1234"


@pytest.mark.parametrize("kind", ["sk", "rk", "pk"])
def test_a_live_key_is_refused_and_masked(call: Call, kind: str) -> None:
    for headers in ({"Authorization": f"Bearer {kind}_live_abcdef123456"}, basic(f"{kind}_live_abcdef123456")):
        answer = call.post(CUSTOMERS, headers=headers)
        assert_turned_away(answer)
        assert "fake" in answer.error["message"]
        assert f"{kind}_live_********3456" in answer.error["message"]
        assert b"abcdef" not in answer.body
    assert "abcdef" not in repr(call.fake.journal)


def test_a_publishable_key_is_refused(call: Call) -> None:
    answer = call.get(CUSTOMERS, key="pk_test_abcdef123456")
    assert_turned_away(answer)
    assert answer.error["code"] == "secret_key_required"
    assert answer.error["message"].startswith("This API call cannot be made with a publishable API key. ")


def test_two_keys_never_see_each_other(call: Call) -> None:
    made = call.create(CUSTOMERS)
    assert call.get(CUSTOMERS, key="sk_test_other").ids == []
    assert call.get(CUSTOMERS).ids == [made["id"]]


def test_stripe_account_names_a_world_below_the_keys_own(call: Call) -> None:
    connected = {"Stripe-Account": "acct_1"}
    made = call.create(CUSTOMERS, headers=connected)
    assert call.get(CUSTOMERS).ids == []
    assert call.get(CUSTOMERS, headers={"stripe-account": "acct_1"}).ids == [made["id"]]
    assert call.get(CUSTOMERS, headers={"Stripe-Account": "acct_2"}).ids == []
    assert call.get(CUSTOMERS, headers=connected, key="sk_test_other").ids == []
    error = call.get(f"{CUSTOMERS}/x", headers=connected).error
    assert error["request_log_url"].startswith("https://dashboard.stripe.com/acct_1/test/workbench/logs?object=req_")


# Headers


def test_an_answer_has_stripes_headers(call: Call) -> None:
    expected = {
        "Content-Type": "application/json",
        "Stripe-Version": "2025-08-27.preview",
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Allow-Methods": "GET, HEAD, PUT, PATCH, POST, DELETE",
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "Request-Id, Stripe-Manage-Version, Stripe-Should-Retry, "
        "X-Stripe-External-Auth-Required, X-Stripe-Privileged-Session-Required",
        "Access-Control-Max-Age": "300",
        "Cache-Control": "no-cache, no-store",
    }
    for answer in (call.post(CUSTOMERS), call.get(CUSTOMERS), call.get(f"{CUSTOMERS}/x"), call.get(f"{CUSTOMERS}?x=1")):
        assert {name: answer.headers.get(name) for name in expected} == expected
        assert re.fullmatch("req_[0-9A-Za-z]{14}", answer.headers["Request-Id"])
        assert "Strict-Transport-Security" in answer.headers
        assert "Idempotency-Key" not in answer.headers
        assert "Original-Request" not in answer.headers


def test_a_post_that_succeeds_is_not_to_be_tried_again_and_nothing_else_says_so(call: Call) -> None:
    made = call.post(CUSTOMERS, idempotency_key="k")
    again = call.post(CUSTOMERS, idempotency_key="k")
    assert made.headers["Stripe-Should-Retry"] == again.headers["Stripe-Should-Retry"] == "false"
    path = f"{CUSTOMERS}/{made.json['id']}"
    assert call.post(path, {"name": "Ada"}).headers["Stripe-Should-Retry"] == "false"
    thin = call.post("/v2/core/event_destinations", "{}", headers={"Content-Type": "application/json"})
    session = call.post("/v2/billing/meter_event_session", "{}", headers={"Content-Type": "application/json"})
    for silent in (
        call.get(path),
        call.post(path, {"nope": 1}),
        call.post(f"{CUSTOMERS}/cus_x", {"name": "Ada"}),
        call.delete(path),
        thin,
        session,
    ):
        assert "Stripe-Should-Retry" not in silent.headers
    assert (thin.status, session.status) == (400, 200)


def test_an_answer_that_is_lost_says_nothing_about_another_try(call: Call) -> None:
    call.fake.fail_next(f"POST {CUSTOMERS}", status=500, after_commit=True)
    lost = call.post(CUSTOMERS)
    assert lost.status == 500
    assert "Stripe-Should-Retry" not in lost.headers
    assert len(call.get(CUSTOMERS).ids) == 1


def test_every_request_has_an_id_of_its_own(call: Call) -> None:
    answers = [call.get(CUSTOMERS, key=key) for key in (KEY, "sk_test_other") for _ in range(20)]
    assert len({answer.headers["Request-Id"] for answer in answers}) == 40


def test_an_error_tells_where_its_request_is_logged(call: Call) -> None:
    answer = call.get(f"{CUSTOMERS}/x")
    assert answer.error["request_log_url"].endswith(f"/test/workbench/logs?object={answer.headers['Request-Id']}")


def test_header_names_may_be_in_any_case(call: Call) -> None:
    headers = {"AUTHORIZATION": f"bearer {KEY}", "stripe-version": "2024-06-20", "idempotency-KEY": "k"}
    answer = call.post(CUSTOMERS, headers=headers)
    assert answer.headers["Stripe-Version"] == "2024-06-20"
    assert answer.headers["Idempotency-Key"] == "k"


# The version


@pytest.mark.parametrize(
    "version", ["2026-10-28.endive", "2025-11-17.preview", "2020-08-27", "2026-09-30.preview; a=v1"]
)
def test_the_version_that_was_asked_for_is_the_one_that_is_spoken(call: Call, version: str) -> None:
    assert call.get(CUSTOMERS, version=version).headers["Stripe-Version"] == version


@pytest.mark.parametrize("version", ["2019-2-19", "latest", "", "2025-08-27.preview,2025-08-27.preview"])
def test_an_invalid_version_is_refused(call: Call, version: str) -> None:
    answer = call.get(CUSTOMERS, version=version)
    assert answer.status == 400
    assert answer.error["message"] == f"Invalid Stripe API version: {version}"
    assert "Stripe-Version" not in answer.headers


# The layout


def test_an_object_is_laid_out_as_stripe_does(call: Call) -> None:
    params = {"display_name": "Tökens", "event_name": "t", "default_aggregation": {"formula": "sum"}}
    answer = call.post(METERS, params | {"dimension_payload_keys": ["model", "tier"]})
    assert (
        answer.body.decode()
        == f"""{{
  "id": "{answer.json["id"]}",
  "object": "billing.meter",
  "created": 1735689600,
  "customer_mapping": {{
    "event_payload_key": "stripe_customer_id",
    "type": "by_id"
  }},
  "default_aggregation": {{
    "formula": "sum"
  }},
  "dimension_payload_keys": [
    "model",
    "tier"
  ],
  "display_name": "Tökens",
  "event_name": "t",
  "event_time_window": null,
  "livemode": false,
  "status": "active",
  "status_transitions": {{
    "deactivated_at": null
  }},
  "tenant_payload_keys": null,
  "updated": 1735689600,
  "value_settings": {{
    "event_payload_key": "value"
  }}
}}
"""
    )


def test_an_error_is_laid_out_as_stripe_does(call: Call) -> None:
    answer = call.get(f"{CUSTOMERS}/cus_x")
    account = answer.error["request_log_url"].split("/")[3]
    assert account.startswith("acct_")
    assert (
        answer.body.decode()
        == f"""{{
  "error": {{
    "code": "resource_missing",
    "doc_url": "https://stripe.com/docs/error-codes/resource-missing",
    "message": "No such customer: 'cus_x'",
    "param": "id",
    "request_log_url": "https://dashboard.stripe.com/{account}/test/workbench/logs?object={answer.headers["Request-Id"]}",
    "type": "invalid_request_error"
  }}
}}
"""
    )


def test_a_list_is_laid_out_as_stripe_does(call: Call) -> None:
    assert (
        call.get(CUSTOMERS).body.decode()
        == """{
  "object": "list",
  "data": [],
  "has_more": false,
  "url": "/v1/customers"
}
"""
    )
    made = call.create(CUSTOMERS)
    call.delete(f"{CUSTOMERS}/{made['id']}")
    assert (
        call.get(f"{CUSTOMERS}/{made['id']}").body.decode()
        == f"""{{
  "id": "{made["id"]}",
  "object": "customer",
  "deleted": true
}}
"""
    )


# URLs


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", UNKNOWN_URL),
        ("GET", "/"),
        ("GET", "/v1"),
        ("GET", "/v1/customers/"),
        ("GET", "/v1/customers/cus_1/"),
        ("GET", "/v1/customers/cus_1/friends"),
        ("GET", "/V1/customers"),
        ("POST", UNKNOWN_URL),
        ("PUT", CUSTOMERS),
        ("PATCH", CUSTOMERS),
        ("DELETE", CUSTOMERS),
        ("OPTIONS", CUSTOMERS),
        ("GET", "/v1/billing/meters/mtr_1/deactivate"),
        ("POST", "/v1/billing/meters/mtr_1/delete"),
    ],
)
def test_an_unknown_url_or_method_is_not_recognised(call: Call, method: str, path: str) -> None:
    answer = call.request(method, path)
    assert answer.status == 404
    assert answer.error["message"] == (
        f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at "
        "https://support.stripe.com/."
    )
    assert {"code", "param", "doc_url"}.isdisjoint(answer.error)
    assert "Request-Id" in answer.headers


@pytest.mark.parametrize(
    "path", ["", "v1/customers", "//v1/customers/cus_x", "/v1//customers", "\0", "/v1/customers/a/b"]
)
def test_a_path_is_taken_as_it_is(engine: Engine, path: str) -> None:
    response = engine.handle(request("GET", path))
    assert (response.status, b"Unrecognized request URL" in response.body) == (404, True)


def test_a_head_is_a_get_without_its_body(call: Call) -> None:
    answer = call.request("HEAD", CUSTOMERS)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"


# What cannot be read


@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data; boundary=x", "text/plain"])
def test_a_body_that_is_no_form_is_refused(call: Call, content_type: str) -> None:
    answer = call.post(CUSTOMERS, b'{"name": "Jenny"}', headers={"Content-Type": content_type})
    assert answer.status == 400
    assert answer.error["message"].startswith("Invalid request (check that your POST content type is ")


@pytest.mark.parametrize(
    "body", [b"name=\xff", b"name=%ff", b"name[=1", b"a" * 2000 + b"=1", b"a" + b"[b]" * 100 + b"=1"]
)
def test_what_cannot_be_read_is_refused(call: Call, body: bytes) -> None:
    answer = call.post(CUSTOMERS, body)
    assert answer.status == 400
    assert answer.error["message"].startswith("Invalid request: ")


def test_a_mebibyte_is_read_and_no_more(call: Call) -> None:
    body = b"metadata[a]=" + b"x" * (1_048_576 - 12)
    assert call.post(CUSTOMERS, body).status == 400
    answer = call.post(CUSTOMERS, body + b"x")
    assert answer.status == 413
    assert answer.error["message"] == "The request is too large: at most 1048576 bytes are accepted."
    assert call.get(CUSTOMERS).status == 200


def test_parameters_are_taken_from_query_and_body_together(call: Call) -> None:
    made = call.create(f"{CUSTOMERS}?name=Jenny&email=a@b.c", "name=Jonny&description=x")
    assert (made["name"], made["email"], made["description"]) == ("Jonny", "a@b.c", "x")


def test_a_body_without_a_type_is_a_form(call: Call) -> None:
    assert call.create(CUSTOMERS, "name=Jenny", headers={"Content-Type": ""})["name"] == "Jenny"


LETTERS = st.text(st.characters(codec="utf-8"), max_size=20)
HEADERS = st.dictionaries(
    st.sampled_from(["Authorization", "Stripe-Version", "Stripe-Account", "Idempotency-Key", "Content-Type"]),
    st.sampled_from([f"Bearer {KEY}", "2025-08-27.preview", "acct_1", FORM, "x" * 256]) | LETTERS,
)
PATHS = st.sampled_from([CUSTOMERS, METERS, f"{METERS}/x/deactivate", UNKNOWN_URL]) | LETTERS
BODIES = st.binary(max_size=60) | st.text("name[]=&%01é", max_size=40).map(str.encode)


@settings(max_examples=200)
@given(st.sampled_from(["GET", "POST", "DELETE", "HEAD", "X", ""]), PATHS, LETTERS, HEADERS, BODIES)
def test_any_request_is_answered_or_refused(
    method: str, path: str, query: str, headers: dict[str, str], body: bytes
) -> None:
    engine = ANY_REQUESTS
    response = engine.handle(Request(method, path, query, Headers({"Authorization": f"Bearer {KEY}"} | headers), body))
    assert response.status in {200, 400, 401, 403, 404}
    assert engine.failures == []


ANY_REQUESTS = Engine.fresh(now="2025-01-01", seed=1)


# Idempotency


def replayed(answer: Answer) -> bool:
    return answer.headers.get("Idempotent-Replayed") == "true"


def test_a_post_with_the_same_key_is_answered_again_and_not_done_again(call: Call) -> None:
    first, second = (call.post(CUSTOMERS, {"name": "Jenny"}, idempotency_key="k") for _ in range(2))
    assert (replayed(first), replayed(second)) == (False, True)
    assert (second.status, second.body) == (first.status, first.body)
    assert call.get(CUSTOMERS).ids == [first.json["id"]]


def test_a_replay_names_its_original(call: Call) -> None:
    first, second = (call.post(CUSTOMERS, idempotency_key="k") for _ in range(2))
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"] == "k"
    assert first.headers["Original-Request"] == second.headers["Original-Request"] == first.headers["Request-Id"]
    assert second.headers["Request-Id"] != first.headers["Request-Id"]
    assert second.headers["Stripe-Version"] == first.headers["Stripe-Version"]


@pytest.mark.parametrize(
    ("path", "params"),
    [(CUSTOMERS, {"name": "Jonny"}), (CUSTOMERS, {}), (CUSTOMERS, {"name": "Jenny", "phone": "1"}), (METERS, {})],
)
def test_a_key_is_good_for_one_request_only(call: Call, path: str, params: dict[str, Any]) -> None:
    call.create(CUSTOMERS, {"name": "Jenny"}, idempotency_key="k")
    if path == METERS:
        params = {"display_name": "x", "event_name": "x", "default_aggregation": {"formula": "sum"}}
    answer = call.post(path, params, idempotency_key="k")
    assert answer.status == 400
    assert answer.error["type"] == "idempotency_error"
    assert answer.error["message"] == (
        "Keys for idempotent requests can only be used with the same parameters they were first used with. "
        "Try using a key other than 'k' if you meant to execute a different request."
    )
    assert not replayed(answer)
    assert len(call.get(CUSTOMERS).ids) == 1


def test_the_order_of_parameters_does_not_matter(call: Call) -> None:
    first = call.post(CUSTOMERS, "name=Jenny&phone=1", idempotency_key="k")
    second = call.post(f"{CUSTOMERS}?phone=1", "name=Jenny", idempotency_key="k")
    assert replayed(second)
    assert second.body == first.body


def test_keys_of_two_accounts_have_nothing_to_do_with_each_other(call: Call) -> None:
    first = call.post(CUSTOMERS, idempotency_key="k")
    second = call.post(CUSTOMERS, idempotency_key="k", key="sk_test_other")
    third = call.post(CUSTOMERS, idempotency_key="k", headers={"Stripe-Account": "acct_1"})
    assert len({first.json["id"], second.json["id"], third.json["id"]}) == 3


def test_a_key_is_remembered_for_24_hours_on_the_emulated_clock(call: Call) -> None:
    first = call.post(CUSTOMERS, idempotency_key="k")
    call.clock.advance(DAY - 1)
    assert replayed(call.post(CUSTOMERS, idempotency_key="k"))
    call.clock.advance(1)
    again = call.post(CUSTOMERS, {"name": "Jenny"}, idempotency_key="k")
    assert not replayed(again)
    assert again.json["id"] != first.json["id"]


def test_an_error_raised_by_the_work_is_remembered(call: Call) -> None:
    first = call.post(f"{CUSTOMERS}/cus_x", {"name": "x"}, idempotency_key="k")
    second = call.post(f"{CUSTOMERS}/cus_x", {"name": "x"}, idempotency_key="k")
    assert first.status == 404
    assert replayed(second)
    assert (second.status, second.body) == (404, first.body)


@pytest.mark.parametrize("params", [{"unknown": "x"}, {"balance": "x"}, {"email": "x"}, {"expand": ["x"]}, "name[=1"])
def test_what_is_refused_before_the_work_is_not_remembered(call: Call, params: Any) -> None:  # noqa: ANN401  any parameters
    assert call.post(CUSTOMERS, params, idempotency_key="k").status == 400
    answer = call.post(CUSTOMERS, {"name": "Jenny"}, idempotency_key="k")
    assert answer.status == 200
    assert not replayed(answer)


def test_get_and_delete_take_no_notice_of_the_key(call: Call) -> None:
    made = call.create(CUSTOMERS)
    for length in (0, 5, 300):
        answer = call.get(CUSTOMERS, idempotency_key="k" * length)
        assert answer.status == 200
        assert "Idempotency-Key" not in answer.headers
    assert call.delete(f"{CUSTOMERS}/{made['id']}", idempotency_key="k").status == 200
    assert call.delete(f"{CUSTOMERS}/{made['id']}", idempotency_key="k").status == 404


def test_an_empty_key_is_refused(call: Call) -> None:
    answer = call.post(CUSTOMERS, idempotency_key="")
    assert answer.status == 400
    assert answer.error["message"] == "Idempotency Key must be a non-empty string."


def test_a_key_has_at_most_255_characters(call: Call) -> None:
    assert call.post(CUSTOMERS, idempotency_key="k" * 255).status == 200
    assert call.post(CUSTOMERS, idempotency_key="k" * 256).status == 400
    assert len(call.get(CUSTOMERS).ids) == 1


@pytest.mark.usefixtures("eager_threads")
def test_eight_threads_with_one_key_make_one_object(call: Call) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: call.post(CUSTOMERS, {"name": "x"}, idempotency_key="k"), range(24)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1
    assert sum(replayed(answer) for answer in answers) == 23
    assert len(call.get(CUSTOMERS).ids) == 1


# Expanding


def test_what_cannot_be_expanded_is_refused(call: Call) -> None:
    made = call.create(CUSTOMERS)
    for answer in (
        call.get(f"{CUSTOMERS}/{made['id']}", {"expand": ["friend"]}),
        call.post(CUSTOMERS, {"expand": ["friend"]}),
        call.get(f"{CUSTOMERS}/{made['id']}", "expand[]=friend"),
        call.get(CUSTOMERS, {"expand": ["data.friend"]}),
    ):
        assert answer.status == 400
        assert re.fullmatch(r"This property cannot be expanded \((data\.)?friend\)\.", answer.error["message"])
    assert call.get(CUSTOMERS).ids == [made["id"]]


def test_in_a_list_the_elements_are_expanded(call: Call) -> None:
    assert call.get(CUSTOMERS, {"expand": ["friend"]}).error["message"] == (
        "This property cannot be expanded (friend). You may want to try expanding 'data.friend' instead."
    )
    assert call.get(CUSTOMERS, {"expand": ["customer.friend"]}).error["message"] == (
        "This property cannot be expanded (customer). You may want to try expanding 'data.customer' instead."
    )
    error = call.get(CUSTOMERS, {"expand": ["data.friend"]}).error
    assert error["message"] == "This property cannot be expanded (data.friend)."


@pytest.mark.parametrize("path", ["a.b.c.d.e", "data.a.b.c.d"])
def test_expanding_has_an_end(call: Call, path: str) -> None:
    answer = call.get(CUSTOMERS if path.startswith("data") else f"{CUSTOMERS}/x", {"expand": [path]})
    assert answer.status == 400
    assert answer.error["code"] == "property_expansion_max_depth"
    assert answer.error["message"] == f"You cannot expand more than 4 levels of a property. Property: {path}"


@pytest.mark.parametrize("expand", ["expand=friend", "expand[a]=friend", "expand[0][a]=friend", "expand[]=", "expand="])
def test_expand_is_an_array_of_strings(call: Call, expand: str) -> None:
    answer = call.post(f"{CUSTOMERS}?{expand}")
    assert answer.status == 400
    assert answer.error["param"].startswith("expand")


@pytest.mark.parametrize("path", ["data.", "data..", ".", "..", "data.data.friend", "x\0"])
def test_an_odd_path_cannot_be_expanded(call: Call, path: str) -> None:
    answer = call.get(CUSTOMERS, {"expand": [path]})
    assert answer.status == 400
    assert "cannot be expanded" in answer.error["message"]


def toys() -> Resource:
    """Objects that refer to one another: beside, in a hash, in an array of hashes; and one that is left out."""

    def render(_account: Account, name: str) -> dict[str, Any]:
        parts = [{"toy": "wheel"}, {"toy": None}]
        return {
            "id": name,
            "object": "toy",
            "box": {"toy": "ball"},
            "friend": "bear",
            "friends": ["ball", "nobody", "bear"],
            "parts": {"data": parts},
            "quality": 1,
        }

    def price(_account: Account, name: str) -> dict[str, Any]:
        return {"id": f"price of {name}", "object": "price"}

    fields: Fields = {
        "box": {"toy": "toy"},
        "friend": "toy",
        "friends": "robot toy",
        "parts": {"data": {"toy": "toy"}},
        "price": "price",
    }

    def by_id(_account: Account, name: str) -> str | None:
        return None if name == "nobody" else name

    resource = Resource("toy", "/v1/toys", render=render, by_id=by_id, left_out={"price": price}, expands=fields)

    @resource.get("/<name>")
    def retrieve(account: Account, params: Operation, name: str) -> str:  # noqa: ARG001  operations share one shape
        return name

    @resource.get()
    def list_(account: Account, params: ListParams) -> Listing:  # noqa: ARG001  operations share one shape
        return Listing(["car", "train"], has_more=False, url="/v1/toys")

    return resource


def toy(path: str, *expand: str, resource: Resource | None = None) -> Any:  # noqa: ANN401  any JSON tree
    engine = Engine(Registry({"toys": ("/v1/toys",)}, lambda _name: resource or toys()), now=0, seed=1)
    response = engine.handle(request("GET", path, "&".join(f"expand[]={each}" for each in expand)))
    assert response.status == 200, response.body
    return json.loads(response.body)


def test_an_id_gives_way_to_the_object_it_names() -> None:
    plain = toy("/v1/toys/car")
    assert plain["friend"] == "bear"
    assert toy("/v1/toys/car", "friend") == plain | {"friend": toy("/v1/toys/bear")}
    assert toy("/v1/toys/car", "box.toy") == plain | {"box": {"toy": toy("/v1/toys/ball")}}


def test_an_array_is_expanded_in_all_its_elements() -> None:
    assert toy("/v1/toys/car", "parts.data.toy")["parts"]["data"] == [{"toy": toy("/v1/toys/wheel")}, {"toy": None}]


def test_what_is_left_out_is_there_when_it_is_asked_for() -> None:
    assert "price" not in toy("/v1/toys/car")
    assert toy("/v1/toys/car", "price")["price"] == {"id": "price of car", "object": "price"}


def test_an_object_in_an_object_can_be_expanded() -> None:
    car = toy("/v1/toys/car", "friend.box.toy.price", "friend.friend", "friend")
    assert car["friend"]["id"] == "bear"
    assert car["friend"]["box"]["toy"]["price"]["id"] == "price of ball"
    assert car["friend"]["friend"]["friend"] == "bear"


def test_a_list_is_expanded_object_by_object() -> None:
    found = toy("/v1/toys", "data.friend", "data.price")["data"]
    assert [(each["friend"]["id"], each["price"]["id"]) for each in found] == [
        ("bear", "price of car"),
        ("bear", "price of train"),
    ]


def test_an_array_of_ids_is_expanded_in_all_its_elements() -> None:
    ball, nobody, bear = toy("/v1/toys/car", "friends.price")["friends"]
    assert (ball["id"], nobody, bear["price"]["id"]) == ("ball", "nobody", "price of bear")


def test_what_is_included_stands_in_the_order_of_the_names() -> None:
    assert list(toy("/v1/toys/car", "price")) == [
        *("id", "object", "box", "friend", "friends", "parts", "price", "quality"),
    ]


def test_a_hash_can_be_expanded_without_effect() -> None:
    assert toy("/v1/toys/car", "box", "parts", "parts.data") == toy("/v1/toys/car")
    assert toy("/v1/toys", "data") == toy("/v1/toys")


def test_asking_twice_is_asking_once() -> None:
    loaded: list[str] = []

    def by_id(_account: Account, name: str) -> str:
        loaded.append(name)
        return name

    resource = toys()
    resource.by_id = by_id
    expand = ["data.friend"] * 500 + ["data.friend.price"] * 500
    assert [each["friend"]["price"]["id"] for each in toy("/v1/toys", *expand, resource=resource)["data"]] == [
        "price of bear",
        "price of bear",
    ]
    assert loaded == ["bear"]


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("friend.", "friend."),
        (".friend", ""),
        ("friend..friend", "friend."),
        ("friend.x.friend", "friend.x"),
        ("price.toy", "price.toy"),
        ("id", "id"),
        ("parts.toy", "parts.toy"),
        ("data.friend", "data"),
        ("always", "always"),
    ],
)
def test_a_path_that_leads_nowhere_cannot_be_expanded(path: str, named: str) -> None:
    with pytest.raises(AssertionError, match=re.escape(f"This property cannot be expanded ({named}).")):
        toy("/v1/toys/car", path)


# Paging


@pytest.fixture
def ids(call: Call) -> list[str]:
    """Five customers' ids, newest first."""
    return [call.create(CUSTOMERS)["id"] for _ in range(5)][::-1]


@pytest.mark.parametrize(
    ("params", "positions", "has_more"),
    [
        ({}, "01234", False),
        ({"limit": 2}, "01", True),
        ({"limit": 5}, "01234", False),
        ({"limit": 100}, "01234", False),
        ({"limit": 2, "starting_after": 1}, "23", True),
        ({"limit": 2, "starting_after": 2}, "34", False),
        ({"starting_after": 4}, "", False),
        ({"limit": 2, "ending_before": 4}, "23", True),
        ({"limit": 2, "ending_before": 2}, "01", False),
        ({"ending_before": 0}, "", False),
    ],
)
def test_a_list_is_paged_both_ways(
    call: Call, ids: list[str], params: dict[str, int], positions: str, has_more: bool
) -> None:
    cursors = {name: ids[value] for name, value in params.items() if name != "limit"}
    answer = call.get(CUSTOMERS, params | cursors)
    assert answer.ids == [ids[int(position)] for position in positions]
    assert (answer.json["has_more"], answer.json["url"]) == (has_more, CUSTOMERS)


def test_a_page_has_ten_objects_unless_told_otherwise(call: Call) -> None:
    for _ in range(11):
        call.create(CUSTOMERS)
    answer = call.get(CUSTOMERS)
    assert len(answer.ids) == 10
    assert answer.json["has_more"]


@pytest.mark.parametrize(("limit", "found"), [(0, 1), (-1, 1), (-(10**17), 1), (101, 100), (200, 100), (10**17, 100)])
def test_a_limit_below_1_or_above_100_is_taken_as_the_nearest(call: Call, limit: int, found: int) -> None:
    for _ in range(101):
        call.create(CUSTOMERS)
    answer = call.get(CUSTOMERS, {"limit": limit})
    assert (len(answer.ids), answer.json["has_more"]) == (found, True)


@pytest.mark.parametrize("limit", ["ten", "1.0", "٣", "9" * 30])
def test_a_limit_is_an_integer(call: Call, limit: str) -> None:
    answer = call.get(CUSTOMERS, {"limit": limit})
    assert answer.status == 400
    assert (answer.error["message"], answer.error["param"]) == (f"Invalid integer: {limit}", "limit")


def test_all_lists_take_any_limit(call: Call) -> None:
    endpoints = [each for each in call.fake.engine.routes.every if issubclass(each.params, ListParams)]
    assert len(endpoints) > 12
    for endpoint in endpoints:
        limit = fields_of(endpoint.params)["limit"][1]
        assert (limit.least, limit.most, limit.clamps) == (1, 100, True)


@pytest.mark.parametrize("cursor", ["starting_after", "ending_before"])
def test_a_cursor_that_names_nothing_is_refused(call: Call, cursor: str) -> None:
    answer = call.get(CUSTOMERS, {cursor: "cus_x"})
    assert answer.status == 400
    assert answer.error["message"] == "No such customer: 'cus_x'"
    assert (answer.error["code"], answer.error["param"]) == ("resource_missing", cursor)


def test_two_cursors_are_refused(call: Call, ids: list[str]) -> None:
    answer = call.get(CUSTOMERS, {"starting_after": ids[0], "ending_before": ids[1]})
    assert answer.status == 400
    sentence = "Received both starting_after and ending_before parameters. Please pass in only one."
    assert (answer.error["message"], answer.error["type"]) == (sentence, "invalid_request_error")
    assert answer.error.keys() == {"message", "request_log_url", "type"}


@pytest.mark.parametrize("unknown", ["starting_after", "ending_before"])
def test_each_of_two_cursors_is_looked_up_before_they_are_refused(call: Call, ids: list[str], unknown: str) -> None:
    cursors = {"starting_after": ids[0], "ending_before": ids[1]} | {unknown: "cus_x"}
    answer = call.get(CUSTOMERS, cursors)
    assert (answer.status, answer.error["code"], answer.error["param"]) == (400, "resource_missing", unknown)


# Which of two errors


def test_the_key_goes_before_the_url(call: Call) -> None:
    assert call.get(UNKNOWN_URL, key=None).status == 401


def test_the_account_goes_before_the_url(call: Call) -> None:
    assert call.get(UNKNOWN_URL, headers={"Stripe-Account": "x"}).status == 403


def test_the_url_goes_before_the_version(call: Call) -> None:
    assert call.get(UNKNOWN_URL, version="x").status == 404


def test_the_version_goes_before_the_form(call: Call) -> None:
    assert "version" in call.post(CUSTOMERS, b"\xff", version="x").error["message"]


def test_the_form_goes_before_the_parameters(call: Call) -> None:
    assert "UTF-8" in call.post(CUSTOMERS, b"foo=\xff").error["message"]


def test_parameters_go_before_what_can_be_expanded(call: Call) -> None:
    assert call.post(CUSTOMERS, {"expand": ["friend"], "foo": "x"}).error["code"] == "parameter_unknown"


def test_parameters_go_before_the_idempotency_key(call: Call) -> None:
    assert call.post(CUSTOMERS, {"foo": "x"}, idempotency_key="").error["code"] == "parameter_unknown"


def test_the_idempotency_key_goes_before_the_object(call: Call) -> None:
    assert call.post(f"{CUSTOMERS}/cus_x", idempotency_key="").status == 400


def test_parameters_go_before_the_object(call: Call) -> None:
    assert call.post(f"{CUSTOMERS}/cus_x", {"foo": "x"}).status == 400


# Limits


def test_limits_go_before_the_url_and_behind_the_key(call: Call) -> None:
    call.fake.control.set_limits({"global": 2})
    assert [call.get(UNKNOWN_URL).status for _ in range(3)] == [404, 404, 429]
    assert call.get(UNKNOWN_URL, key=None).status == 401
    assert call.get(UNKNOWN_URL, key="sk_test_other").status == 404


def test_a_limited_call_is_refused_in_stripes_words_and_the_next_second_brings_more(call: Call) -> None:
    call.fake.control.set_limits({"profile": "sandbox"})
    assert {call.post(CUSTOMERS).status for _ in range(25)} == {200}
    answer = call.post(CUSTOMERS, idempotency_key="k")
    assert answer.status == 429
    assert answer.headers["Stripe-Rate-Limited-Reason"] == "global-rate"
    assert answer.error["message"] == (
        "Request rate limit exceeded. You can learn more about rate limits here https://stripe.com/docs/rate-limits."
    )
    assert (answer.error["code"], answer.error["type"]) == ("rate_limit", "invalid_request_error")
    call.clock.advance(1)
    again = call.post(CUSTOMERS, idempotency_key="k")
    assert again.status == 200
    assert not replayed(again)


# Planned faults


@pytest.mark.parametrize(
    ("status", "error_type", "code"),
    [
        (400, "invalid_request_error", None),
        (409, "invalid_request_error", "lock_timeout"),
        (429, "invalid_request_error", "rate_limit"),
        (500, "api_error", None),
        (503, "api_error", None),
    ],
)
def test_a_planned_fault_answers_in_the_place_of_the_work(
    call: Call, status: int, error_type: str, code: str | None
) -> None:
    call.fake.fail_next("POST /v1/customers", status=status, times=2)
    for _ in range(2):
        answer = call.post(CUSTOMERS)
        assert (answer.status, answer.error["type"], answer.error.get("code")) == (status, error_type, code)
        assert "Request-Id" in answer.headers
    assert call.post(CUSTOMERS).status == 200
    assert len(call.get(CUSTOMERS).ids) == 1


def test_a_planned_fault_strikes_only_what_it_is_for(call: Call) -> None:
    call.fake.fail_next("POST /v1/customers", status=500)
    assert call.get(CUSTOMERS).status == 200
    assert call.post(METERS).status == 400
    assert call.post(CUSTOMERS).status == 500


def test_a_planned_fault_is_not_remembered_under_the_idempotency_key(call: Call) -> None:
    call.fake.fail_next("POST /v1/customers", status=500)
    assert call.post(CUSTOMERS, idempotency_key="k").status == 500
    answer = call.post(CUSTOMERS, idempotency_key="k")
    assert answer.status == 200
    assert not replayed(answer)


@pytest.mark.parametrize("status", [429, 500])
def test_after_the_work_only_its_answer_is_lost_and_the_retry_gets_it(call: Call, status: int) -> None:
    call.fake.fail_next("POST /v1/customers", status=status, after_commit=True)
    assert call.post(CUSTOMERS, {"name": "Jenny"}, idempotency_key="k").status == status
    answer = call.post(CUSTOMERS, {"name": "Jenny"}, idempotency_key="k")
    assert answer.status == 200
    assert replayed(answer)
    assert "Stripe-Rate-Limited-Reason" not in answer.headers
    assert call.get(CUSTOMERS).ids == [answer.json["id"]]


@pytest.mark.parametrize("after_commit", [False, True])
def test_a_connection_can_be_dropped(call: Call, after_commit: bool) -> None:
    call.fake.fail_next("POST /v1/customers", close=True, after_commit=after_commit)
    with pytest.raises(ConnectionError):
        call.post(CUSTOMERS)
    assert len(call.get(CUSTOMERS).ids) == after_commit


def test_an_answer_can_be_late(engine: Engine) -> None:
    engine.world.faults.plan(Fault("POST", CUSTOMERS, delay_s=1.5))
    engine.world.faults.plan(Fault("POST", CUSTOMERS, 500, delay_s=2.5))
    responses = [engine.handle(request("POST")) for _ in range(3)]
    assert [(response.status, response.delay_s) for response in responses] == [(200, 1.5), (500, 2.5), (200, 0)]


# The journal


def test_the_journal_tells_what_was_asked_and_answered(call: Call) -> None:
    answer = call.post(CUSTOMERS, {"name": "Jenny"}, idempotency_key="k", version="2026-10-28.endive")
    [exchange] = call.fake.journal
    assert (exchange.at, exchange.method, exchange.path) == (1735689600, "POST", CUSTOMERS)
    assert exchange.params == {"name": "Jenny"}
    assert (exchange.status, exchange.error) == (200, None)
    assert exchange.request_id == answer.headers["Request-Id"]
    assert (exchange.idempotency_key, exchange.api_version) == ("k", "2026-10-28.endive")
    assert exchange.account is not None
    assert KEY not in exchange.account


def test_the_journal_tells_what_was_refused(call: Call) -> None:
    error = call.post(CUSTOMERS, {"foo": "x"}).error
    call.get(CUSTOMERS, key=None)
    refused, turned_away = call.fake.journal
    assert (refused.status, refused.error) == (400, error)
    assert (turned_away.status, turned_away.account) == (401, None)


# Atomicity


def test_an_account_answers_one_request_at_a_time_and_holds_up_no_other(engine: Engine) -> None:
    waiting = Thread(target=engine.handle, args=(request("POST"),))
    account = engine.world.account(KEY)
    with account.lock:
        waiting.start()
        assert engine.handle(request("POST", key="sk_test_other")).status == 200
        waiting.join(0.02)
        assert waiting.is_alive()
    waiting.join()


@pytest.mark.parametrize("way", ["reset", "forget"])
def test_a_request_that_waits_while_its_account_is_dropped_is_answered_by_the_new_one(engine: Engine, way: str) -> None:
    old = engine.world.account(KEY)
    answers: list[int] = []
    waiting = Thread(target=lambda: answers.append(engine.handle(request("POST")).status))
    ways: dict[str, Callable[[], None]] = {
        "reset": engine.world.reset,
        "forget": lambda: engine.world.forget(KEY),
    }
    with old.lock:
        waiting.start()
        waiting.join(0.02)
        ways[way]()
    waiting.join()
    new = engine.world.account(KEY)
    assert new is not old
    assert answers == [200]
    assert (new.ids.counts["cus_"], old.ids.counts["cus_"]) == (1, 0)


@pytest.mark.usefixtures("eager_threads")
def test_threads_make_as_many_objects_as_they_ask_for(call: Call) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: call.create(CUSTOMERS)["id"], range(80)))
    assert len(set(made)) == 80
    assert set(call.get(CUSTOMERS, {"limit": 100}).ids) == set(made)


def test_a_failure_of_the_fake_itself_is_no_answer_of_stripes(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object) -> None:
        message = "a bug"
        raise RuntimeError(message)

    monkeypatch.setattr(engine.world, "enter", fail)
    with pytest.raises(RuntimeError, match="a bug"):
        engine.handle(request("POST"))
    assert [str(failure) for failure in engine.failures] == ["a bug"]


# Pauses


def test_a_paused_engine_answers_every_request_with_503_until_it_begins_again(engine: Engine) -> None:
    engine.handle(request("POST"))
    engine.pause("nobody is here")
    for asked in (
        request("POST"),
        request("GET", "/v1/nowhere"),
        request("GET", "/v2/core/events"),
        Request("GET", ""),
    ):
        answer = engine.handle(asked)
        assert (answer.status, json.loads(answer.body)) == (
            503,
            {"error": {"message": "nobody is here", "param": None}},
        )
    assert len(engine.world.journal) == 1
    engine.begin(Settings())
    assert engine.handle(request("POST")).status == 200
    assert len(engine.world.journal) == 1


def test_a_request_that_is_under_way_ends_in_the_world_in_which_it_began(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, enter = engine.world, engine.world.enter

    def begin_again(account: Account) -> None:
        engine.pause("a test is over")
        engine.begin(Settings(), now="2026-01-01", seed=2)
        engine.world.faults.plan(Fault("*", "*", status=500))
        enter(account)

    monkeypatch.setattr(old, "enter", begin_again)
    answer = engine.handle(request("POST"))
    assert (answer.status, json.loads(answer.body)["created"]) == (200, 1735689600)
    assert [each.status for each in old.journal] == [200]
    assert (len(engine.world.journal), engine.world.accounts, len(engine.world.faults.planned())) == (0, {}, 1)


def test_an_exception_in_a_world_that_is_over_is_no_failure_of_the_next(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begin_again_and_break_down(_account: Account) -> None:
        engine.begin(Settings())
        raise LookupError

    monkeypatch.setattr(engine.world, "enter", begin_again_and_break_down)
    with pytest.raises(LookupError):
        engine.handle(request("POST"))
    assert engine.failures == []


def test_a_request_that_waits_for_its_account_is_turned_away_if_the_world_ends_meanwhile(engine: Engine) -> None:
    answers: list[int] = []
    account = engine.world.account(KEY)
    waiting = Thread(target=lambda: answers.append(engine.handle(request("POST")).status))
    with account.lock:
        waiting.start()
        while not len(engine.world.journal):
            waiting.join(0.001)
        engine.begin(Settings(), now="2026-01-01")
    waiting.join()
    assert answers == [503]
    assert (len(engine.world.journal), engine.world.accounts) == (0, {})


def test_a_clock_on_its_way_stops_where_it_is_when_the_engine_pauses(engine: Engine) -> None:
    handled = engine.handle(request("POST"))
    assert handled.status == 200
    account = engine.world.account(KEY)
    done = []

    def pause(_account: Account, subject: str) -> None:
        done.append(subject)
        engine.pause("nobody is here")

    account.due_work = {"pause": pause}
    for days in (1, 2):
        account.agenda.add(account.now_ns + days * 86_400 * 10**9, "pause", str(days))
    with pytest.raises(Misuse, match="nobody is here"):
        engine.world.clock.advance(3 * 86_400)
    assert done == ["1"]
    assert engine.world.clock.now() == 1735689600 + 86_400


def test_no_result_is_kept_of_what_an_operation_does_not_serve(call: Call) -> None:
    price = {"currency": "usd", "recurring": {"interval": "month"}, "product_data": {"name": "Seats"}}
    cheap = call.create("/v1/prices", price | {"unit_amount": 100})["id"]
    customer = call.create(CUSTOMERS, {"invoice_settings": {"default_payment_method": "pm_card_visa"}})["id"]
    sold = call.create("/v1/subscriptions", {"customer": customer, "items": [{"price": cheap}]})
    item = f"/v1/subscription_items/{sold['items']['data'][0]['id']}"
    terms = {"quantity": 3, "metadata": {"a": "b"}, "payment_behavior": "pending_if_incomplete"}
    for _ in range(2):
        answer = call.post(item, terms, idempotency_key="k")
        assert (answer.status, answer.headers.get("Idempotent-Replayed")) == (501, None)
    del terms["metadata"]
    assert call.post(item, terms, idempotency_key="k").status == 200


def test_a_version_is_echoed_without_the_blanks_around_it() -> None:
    asked = {"Authorization": f"Bearer {KEY}", "Stripe-Version": " 2025-03-31.basil\n"}
    answer = Engine.fresh().handle(Request("GET", CUSTOMERS, "", Headers(asked), b""))
    assert (answer.status, answer.headers["Stripe-Version"]) == (200, "2025-03-31.basil")
