"""Sessions: who may open one, what its token is good for, and until when."""

import pytest

from tests.conftest import Call
from tests.resources.v2.conftest import customer
from tests.resources.v2.conftest import make
from tests.resources.v2.conftest import meter
from tests.resources.v2.conftest import post
from tests.resources.v2.conftest import stream
from tests.resources.v2.conftest import token
from tests.resources.v2.conftest import total
from tests.resources.v2.conftest import usage

SESSION = "/v2/billing/meter_event_session"


@pytest.mark.parametrize("key", ["sk_test_fakestripe", "rk_test_restricted"])
def test_a_session_lasts_a_quarter_of_an_hour(call: Call, key: str) -> None:
    made = make(call, SESSION, key=key)
    assert made.pop("id").startswith("bmes_test_")
    assert made.pop("authentication_token").startswith("token_")
    assert made == {
        "object": "v2.billing.meter_event_session",
        "created": "2025-01-01T00:00:00.000Z",
        "expires_at": "2025-01-01T00:15:00.000Z",
        "livemode": False,
    }


def test_an_empty_body_will_do(call: Call) -> None:
    assert call.post(SESSION).status == 200
    assert post(call, SESSION, {"minutes": 5}).error["code"] == "invalid_fields"


def test_a_token_is_good_until_it_expires(call: Call) -> None:
    whose, bearer = customer(call), token(call)
    meter(call)
    call.clock.advance(899.999)
    assert stream(call, [usage(whose)], bearer).status == 200
    call.clock.advance(0.001)
    answer = stream(call, [usage(whose)], bearer)
    assert answer.status == 401
    assert answer.error["type"] == "temporary_session_expired"
    assert answer.error["code"] == "billing_meter_event_session_expired"
    assert {"message", "doc_url"} < set(answer.error)


@pytest.mark.parametrize("bearer", ["token_nope", "nonsense"])
def test_an_unknown_token_has_expired(call: Call, bearer: str) -> None:
    token(call)
    assert stream(call, [], bearer).error["type"] == "temporary_session_expired"


@pytest.mark.parametrize("bearer", ["sk_test_fakestripe", "rk_test_restricted", "sk_live_1234567890", None])
def test_an_api_key_does_not_open_the_stream(call: Call, bearer: str | None) -> None:
    token(call)
    answer = stream(call, [], bearer or "", headers={} if bearer else {"Authorization": ""})
    assert answer.status == 401
    assert answer.error["code"] == "unauthorized"
    assert "sk_live_1234567890" not in answer.body.decode()


def test_a_token_opens_nothing_else(call: Call) -> None:
    bearer = token(call)
    assert call.get("/v1/customers", key=bearer).status == 401
    assert post(call, SESSION, key=bearer).status == 401


def test_a_token_leads_to_the_account_that_opened_it(call: Call) -> None:
    keys = ("sk_test_one", "sk_test_two")
    worlds = {key: (customer(call, key=key), meter(call, key=key), token(call, key=key)) for key in keys}
    for key, (whose, _, bearer) in worlds.items():
        assert stream(call, [usage(whose, str(len(key)))], bearer).status == 200
    for key, (whose, meter_id, _) in worlds.items():
        assert total(call, meter_id, whose, key=key) == len(key)


def test_a_connected_account_has_a_token_of_its_own(call: Call) -> None:
    connected = {"Stripe-Account": "acct_connected"}
    whose, meter_id = customer(call, headers=connected), meter(call, headers=connected)
    bearer = token(call, headers=connected)
    assert stream(call, [usage(whose, "4")], bearer).status == 200
    assert total(call, meter_id, whose, headers=connected) == 4


def test_stripe_context_names_a_connected_account_too(call: Call) -> None:
    whose = customer(call, headers={"Stripe-Account": "acct_connected"})
    assert call.get(f"/v1/customers/{whose}", headers={"Stripe-Context": "acct_connected"}).status == 200
    assert call.get(f"/v1/customers/{whose}").status == 404


def test_a_token_survives_a_snapshot(call: Call) -> None:
    whose, meter_id, bearer = customer(call), meter(call), token(call)
    snapshot = call.fake.snapshot()
    call.fake.reset()
    assert stream(call, [usage(whose)], bearer).status == 401
    call.fake.restore(snapshot)
    assert stream(call, [usage(whose)], bearer).status == 200
    assert total(call, meter_id, whose) == 1


def test_expired_sessions_are_forgotten(call: Call) -> None:
    for _ in range(3):
        token(call)
        call.clock.advance(900)
    token(call)
    (account,) = call.fake.snapshot()["accounts"]
    assert len(account["parts"]["sessions"]["by_token"]) == 1
