"""A stub answers a call in the fake's place, whichever door the call comes through."""

import asyncio
import base64
import json
from typing import Any

import httpx
import pytest
import requests
import stripe

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse
from fakestripe_meters.unserved.elsewhere import Elsewhere
from tests.conftest import KEY
from tests.conftest import NOW
from tests.conftest import Call

QUOTES = "/v1/quotes"
QUOTE = {"id": "qt_1", "object": "quote", "amount_total": 1.5, "metadata": {}, "lines": [None, True, "Ünï"]}
OTHER_KEY = "sk_test_someone_else"


def test_a_call_that_only_stripe_has_gets_the_stubs_answer(call: Call) -> None:
    stub = call.fake.stub("POST /v1/quotes", json=QUOTE)
    answer = call.post(QUOTES, {"customer": "cus_1", "metadata": {"a": "b"}})
    assert (answer.status, answer.json) == (200, QUOTE)
    assert answer.headers["Request-Id"].startswith("req_")
    assert answer.headers["Content-Type"] == "application/json"
    [asked] = stub.calls
    assert (asked.method, asked.path, asked.params) == (
        "POST",
        QUOTES,
        {"customer": "cus_1", "metadata": {"a": "b"}},
    )
    assert asked.request_id == answer.headers["Request-Id"] == call.fake.journal[-1].request_id


def test_a_call_that_is_served_gets_it_too_and_nothing_happens(call: Call) -> None:
    call.fake.stub("POST /v1/customers", json={"id": "cus_stubbed"}, times=1)
    first, second = (call.post("/v1/customers", {"name": "Ada"}).json["id"] for _ in range(2))
    assert first == "cus_stubbed"
    assert call.get("/v1/customers").ids == [second]


def test_the_journal_says_that_a_stub_answered(call: Call) -> None:
    refusal = {"error": {"message": "No, sk_test_12345678901234567890.", "code": "no"}}
    call.fake.stub("POST /v1/quotes", json=refusal, status=402)
    call.post(QUOTES, {"customer": "cus_1"})
    [exchange] = call.fake.journal
    assert (exchange.status, exchange.hint, exchange.params) == (402, "answered by a stub", {"customer": "cus_1"})
    assert exchange.error == {"message": "No, sk_test_****************7890.", "code": "no"}


@pytest.mark.parametrize("tree", [None, [], [1, "x"], "text", 7, 0.1, True, {}])
def test_any_json_can_be_the_answer(call: Call, tree: object) -> None:
    call.fake.stub("POST /v1/quotes", json=tree)
    assert call.post(QUOTES).json == tree


def test_the_answer_is_what_it_was_when_it_was_planned(call: Call) -> None:
    tree = {"id": "qt_1"}
    stub = call.fake.stub("POST /v1/quotes", json=tree)
    tree["id"] = "qt_2"
    assert call.post(QUOTES).json == stub.json == {"id": "qt_1"}


@pytest.mark.parametrize("status", [204, 205, 304])
def test_an_answer_without_a_body_has_none(call: Call, status: int) -> None:
    call.fake.stub("DELETE /v1/coupons/*", status=status)
    answer = call.delete("/v1/coupons/c")
    assert (answer.status, answer.body) == (status, b"")
    assert call.get("/v1/customers").status == 200  # the connection is still in step
    with pytest.raises(Misuse, match=f"an answer of {status} has no body"):
        call.fake.stub("DELETE /v1/coupons/*", status=status, json={})


def test_headers_come_besides_the_usual_ones_or_in_their_place(call: Call) -> None:
    call.fake.stub("POST /v1/quotes", json={}, headers={"X-Mine": "1", "content-type": "application/problem+json"})
    headers = call.post(QUOTES).headers
    assert (headers["X-Mine"], headers["Content-Type"]) == ("1", "application/problem+json")
    assert headers["Request-Id"].startswith("req_")


@pytest.mark.parametrize(("key", "status"), [(None, 401), ("sk_live_12345678901234567890", 401), ("pk_test_1", 401)])
def test_without_a_test_key_a_stub_does_not_answer(call: Call, key: str | None, status: int) -> None:
    stub = call.fake.stub("* *", json={})
    assert call.post(QUOTES, key=key).status == status
    assert stub.calls == []


def test_limits_versions_parameters_and_idempotency_are_not_looked_at(call: Call) -> None:
    call.fake.begin(now=NOW, limits={"global": 1})
    call.fake.stub("POST /v1/customers", json={})
    for sent in ({"no": "such"}, {"nor": "this"}):
        answer = call.post("/v1/customers", sent, version="nonsense", idempotency_key="once")
        assert (answer.status, answer.headers.get("Idempotent-Replayed")) == (200, None)
    call.fake.control.clear_stubs()
    assert call.post("/v1/customers", {"name": "Ada"}, idempotency_key="once").status == 200


def test_of_two_stubs_the_latest_answers_until_it_is_used_up_or_removed(call: Call) -> None:
    call.fake.stub("POST /v1/quotes", json={"by": "the first"})
    call.fake.stub("POST /v1/quotes", json={"by": "the second"}, times=1)
    third = call.fake.stub("POST /v1/*", json={"by": "the third"})
    answered = [call.post(QUOTES).json["by"]]
    third.remove()
    answered += [call.post(QUOTES).json["by"] for _ in range(2)]
    assert answered == ["the third", "the second", "the first"]
    assert len(third.calls) == 1


def test_the_fake_answers_again_after_the_last_time(call: Call) -> None:
    call.fake.stub("POST /v1/quotes", json={}, times=2)
    assert [call.post(QUOTES).status for _ in range(3)] == [200, 200, 501]


def test_a_star_is_one_segment_and_not_an_empty_one(call: Call) -> None:
    stub = call.fake.stub("POST /v1/quotes/*/accept", json={})
    paths = ("/v1/quotes/qt_1/accept", "/v1/quotes/qt%201/accept", "/v1/quotes/a/b/accept", "/v1/quotes//accept")
    assert [call.post(each).status for each in paths] == [200, 200, 404, 404]
    assert [each.path for each in stub.calls] == ["/v1/quotes/qt_1/accept", "/v1/quotes/qt 1/accept"]


@pytest.mark.parametrize("path", ["/v1/accounts/acct_nobody", "/v1/accounts/*"])
def test_an_account_that_does_not_exist_can_be_shown(call: Call, path: str) -> None:
    call.fake.stub(f"GET {path}", json={"id": "acct_nobody"}, times=1)
    assert [call.get("/v1/accounts/acct_nobody").status for _ in range(2)] == [200, 403]


def test_beside_a_star_each_sign_means_itself(call: Call) -> None:
    call.fake.stub("GET /oauth.2/*", json={})
    assert call.get("/oauth.2/token").status == 200
    assert call.get("/oauth-2/token").status == 404


def test_a_path_outside_the_api_can_be_answered(call: Call) -> None:
    stub = call.fake.stub("POST /oauth/token", json={"stripe_user_id": "acct_1"})
    assert call.post("/oauth/token", {"code": "ac_1"}).json == {"stripe_user_id": "acct_1"}
    assert stub.calls[0].params == {"code": "ac_1"}


def test_each_call_notes_its_account_and_its_headers_with_masked_keys(call: Call) -> None:
    key = "sk_test_12345678901234567890"
    stub = call.fake.stub("POST /v1/quotes", json={})
    basic = base64.b64encode(f"{key}:".encode()).decode()
    call.post(QUOTES, key=key, headers={"Stripe-Account": "acct_1", "X-Trace": f"seen {key}"})
    call.post(QUOTES, {"note": key}, headers={"Authorization": f"Basic {basic}"}, key=None)
    assert {each.account for each in stub.calls} == {"sk_test_****************7890"}
    first, second = stub.calls
    assert (first.headers["stripe-account"], first.headers["X-Trace"]) == (
        "acct_1",
        "seen sk_test_****************7890",
    )
    assert first.headers["authorization"] == "Bearer sk_test_****************7890"
    assert second.headers["Authorization"] == "Basic sk_test_****************7890"
    assert second.params == {"note": "sk_test_****************7890"}
    assert key not in repr(stub.calls) + json.dumps(call.fake.control.stubs())


@pytest.mark.parametrize(
    ("path", "body", "kind", "params"),
    [
        (QUOTES, b"a[b]=1&c=", "application/x-www-form-urlencoded", {"a": {"b": "1"}, "c": ""}),
        (f"{QUOTES}?d=2", b'{"a": [1, 0.5]}', "application/json; charset=utf-8", {"d": "2", "a": [1, 0.5]}),
        ("/v2/core/accounts", b'{"a": null}', "application/json", {"a": None}),
        (QUOTES, b"[1]", "application/json", "3 bytes"),
        ("/v1/files", b"--x\r\n", "multipart/form-data; boundary=x", "5 bytes"),
    ],
)
def test_parameters_are_read_as_their_content_type_says(
    call: Call, path: str, body: bytes, kind: str, params: object
) -> None:
    stub = call.fake.stub(f"POST {path.partition('?')[0]}", json={})
    assert call.post(path, body, headers={"Content-Type": kind}).status == 200
    assert stub.calls[0].params == params == call.fake.journal[-1].params


def test_a_planned_fault_strikes_before_the_stub(call: Call) -> None:
    stub = call.fake.stub("POST /v1/quotes", json={})
    call.fake.fail_next("POST /v1/quotes", status=500)
    assert [call.post(QUOTES).status for _ in range(2)] == [500, 200]
    assert len(stub.calls) == 1


def test_a_stub_wins_over_another_server() -> None:
    with FakeStripe(now=NOW, seed=1) as fake:
        fake.engine.elsewhere = Elsewhere("http://127.0.0.1:9").answer
        fake.stub("POST /v1/quotes", json=QUOTE)
        fake.stub("GET /v1/quotes", json={}, status=501)
        auth = (fake.api_key, "")
        with fake.intercept():
            assert requests.post(f"https://api.stripe.com{QUOTES}", auth=auth, timeout=5).json() == QUOTE
            assert requests.get(f"https://api.stripe.com{QUOTES}", auth=auth, timeout=5).status_code == 501
            assert requests.get(f"https://api.stripe.com{QUOTES}/qt_1", auth=auth, timeout=5).status_code == 502


@pytest.mark.filterwarnings("ignore:Use 'content:DeprecationWarning")  # the SDK's
def test_the_sdk_is_answered_also_without_waiting() -> None:
    with FakeStripe(now=NOW, seed=1) as fake, fake.intercept():
        stub = fake.stub("POST /v1/quotes", json=QUOTE)
        fake.stub("POST /oauth/token", json={"stripe_user_id": "acct_1"})
        direct = stripe.StripeClient(fake.api_key, http_client=fake.http_client())
        patched = stripe.StripeClient(fake.api_key)
        assert direct.v1.quotes.create({"customer": "cus_1"}).id == "qt_1"
        assert asyncio.run(patched.v1.quotes.create_async({"customer": "cus_1"})).id == "qt_1"
        token = direct.oauth.token({"grant_type": "authorization_code", "code": "ac_1"})
        assert token.stripe_user_id == "acct_1"

        async def by_httpx() -> Any:  # noqa: ANN401  any JSON
            async with httpx.AsyncClient(auth=(KEY, "")) as client:
                return (await client.post(f"https://api.stripe.com{QUOTES}")).json()

        assert asyncio.run(by_httpx()) == QUOTE
    assert len(stub.calls) == 3


def test_a_stub_tells_what_it_is_and_how_often_it_has_answered() -> None:
    with FakeStripe(now=NOW, seed=1) as fake:
        always = fake.stub("post /v1/quotes", json={})
        twice = fake.stub("GET /v1/quotes/*", json={}, status=404, times=2)
        client = stripe.StripeClient(fake.api_key, http_client=fake.http_client())
        client.v1.quotes.create()
        assert repr(always) == "<Stub POST /v1/quotes → 200: 1 answered>"
        assert repr(twice) == "<Stub GET /v1/quotes/* → 404: 0 of 2 answered>"


def test_a_stub_goes_with_a_reset_and_stays_beyond_a_checkpoint(call: Call) -> None:
    call.fake.stub("POST /v1/quotes", json={})
    with call.fake.checkpoint():
        assert call.post(QUOTES).status == 200
    assert call.post(QUOTES).status == 200
    assert "stubs" not in call.fake.snapshot()
    for leave in (call.fake.reset, lambda: call.fake.restore(call.fake.snapshot()), lambda: call.fake.begin(now=NOW)):
        stub = call.fake.stub("POST /v1/quotes", json={})
        leave()
        assert call.post(QUOTES).status == 501
        stub.remove()  # it is gone already
        assert stub.calls == []


@pytest.mark.parametrize(
    ("options", "param"),
    [
        ({"json": object()}, "json"),
        ({"json": float("nan")}, "json"),
        ({"json": {1, 2}}, "json"),
        ({"status": 199}, "status"),
        ({"status": 600}, "status"),
        ({"status": "200"}, "status"),
        ({"status": True}, "status"),
        ({"times": 0}, "times"),
        ({"times": 1.5}, "times"),
        ({"headers": [("a", "b")]}, "headers"),
        ({"headers": {"a b": "c"}}, "headers"),
        ({"headers": {1: "c"}}, "headers"),
        ({"headers": {"A": "1", "a": "2"}}, "headers"),
        ({"headers": {"A": "1\r\nB: 2"}}, "headers[A]"),
        ({"headers": {"A": 1}}, "headers[A]"),
        ({"headers": {"A": "€"}}, "headers[A]"),
        ({"headers": {"Transfer-Encoding": "chunked"}}, "headers"),
        ({"headers": {"content-length": "3"}}, "headers"),
    ],
)
def test_what_is_no_answer_is_a_misuse(options: dict[str, Any], param: str) -> None:
    with FakeStripe(now=NOW, seed=1) as fake:
        with pytest.raises(Misuse) as misuse:
            fake.stub("POST /v1/quotes", **options)
        assert misuse.value.param == param
        assert fake.control.stubs() == []


def nested(levels: int) -> object:
    tree: object = 1
    for _ in range(levels):
        tree = [tree]
    return tree


@pytest.mark.parametrize("levels", [101, 900, 100_000])
def test_an_answer_that_is_nested_too_deep_is_a_misuse(call: Call, levels: int) -> None:
    with pytest.raises(Misuse, match=r"json .*levels deep") as misuse:
        call.fake.stub("POST /v1/quotes", json=nested(levels))
    assert misuse.value.param == "json"
    body = b'{"method": "POST", "path": "/v1/quotes", "json": %s}' % (b"[" * levels + b"1" + b"]" * levels)
    assert call.fake.wsgi_app.test_client().post("/_fakestripe/stubs", data=body).status_code == 400
    assert call.fake.control.stubs() == []


def test_an_answer_may_be_nested_a_hundred_levels_deep(call: Call) -> None:
    call.fake.stub("POST /v1/quotes", json=nested(100))
    assert call.post(QUOTES).status == 200
    assert call.fake.wsgi_app.test_client().get("/_fakestripe/stubs").status_code == 200


def test_a_closed_fake_takes_no_stub_but_tells_what_was_not_met() -> None:
    fake = FakeStripe(now=NOW, seed=1)
    fake.stub("POST /v1/quotes", json={}, times=1)
    fake.close()
    with pytest.raises(Misuse, match="closed"):
        fake.stub("POST /v1/quotes", json={})
    assert str(fake.unstruck) == "POST /v1/quotes → stub 200: planned 1, met 0"
