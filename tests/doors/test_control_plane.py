"""The control plane: a test's grip on the world, as JSON over HTTP."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from werkzeug.test import Client
from werkzeug.test import TestResponse

import fakestripe_meters
from fakestripe_meters import FakeStripe
from fakestripe_meters.control.naming import WANTED
from fakestripe_meters.core.limits import KINDS
from fakestripe_meters.doors.control_plane import wrong
from tests.conftest import KEY
from tests.conftest import NOW

CUSTOMERS = "/v1/customers"
EVENTS = "/v1/billing/meter_events"
NEW_YEAR = 1735689600
OTHER_KEY = "sk_test_somebodyelse"
CALLS = [
    ("GET", "health"),
    ("POST", "reset"),
    ("GET", "clock"),
    ("POST", "clock"),
    ("GET", "limits"),
    ("PUT", "limits"),
    ("GET", "lag"),
    ("PUT", "lag"),
    ("POST", "flush"),
    ("POST", "payment_intents/pi_1/authenticate"),
    ("POST", "setup_intents/seti_1/authenticate"),
    ("POST", "checkout/sessions/cs_1/complete"),
    ("POST", "checkout/sessions/cs_1/expire"),
    ("GET", "journal"),
    ("POST", "faults"),
    ("GET", "faults"),
    ("DELETE", "faults"),
    ("POST", "stubs"),
    ("GET", "stubs"),
    ("DELETE", "stubs"),
    ("GET", "unstruck"),
    ("GET", "snapshot"),
    ("PUT", "snapshot"),
    ("GET", "dropped"),
    ("GET", "accounts"),
    ("GET", "agenda"),
    ("GET", "usage"),
    ("GET", "usage/by_day"),
    ("POST", "usage/differences"),
    ("GET", "explain"),
    ("GET", "explain/billing"),
    ("GET", "invoices/in_1/explain"),
    ("GET", "rates"),
    ("GET", "report"),
    ("GET", "journal/req_1"),
    ("POST", "checkpoints"),
    ("GET", "checkpoints"),
    ("POST", "checkpoints/chk_1/rewind"),
    ("DELETE", "checkpoints/chk_1"),
    ("POST", "chaos"),
    ("GET", "chaos"),
    ("DELETE", "chaos"),
    ("GET", "webhooks"),
    ("GET", "webhooks/del_1"),
    ("GET", "webhooks/settings"),
    ("GET", "webhooks/unheard"),
    ("POST", "webhooks/hold"),
    ("POST", "webhooks/release"),
    ("POST", "webhooks/repeat"),
    ("POST", "webhooks/drop"),
    ("POST", "webhooks/settle"),
    ("POST", "webhooks/allow"),
    ("PUT", "webhooks/timeout"),
]
FAULT = {"method": "POST", "path": CUSTOMERS, "status": 503}


class Plane:
    """The control plane of a fake, and its API beside it."""

    def __init__(self, fake: FakeStripe) -> None:
        self.fake = fake
        self.client = Client(fake.wsgi_app, use_cookies=False)

    def raw(self, method: str, call: str, body: bytes = b"", query: str = "") -> TestResponse:
        return self.client.open(f"/_fakestripe/{call}", method=method, data=body, query_string=query)

    def ask(self, method: str, call: str, body: object = None, query: str = "") -> Any:  # noqa: ANN401  any JSON tree
        """The answer to a call that must succeed."""
        response = self.raw(method, call, b"" if body is None else json.dumps(body).encode(), query)
        assert response.status_code == 200, response.data
        return json.loads(response.data)

    def refusal(self, method: str, call: str, body: object = None, query: str = "") -> tuple[str, str | None]:
        """The message and the parameter of a call that must be refused."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        response = self.raw(method, call, raw, query)
        assert response.status_code == 400, response.data
        error = json.loads(response.data)["error"]
        assert error.keys() == {"message", "param"}
        return error["message"], error["param"]

    def api(self, method: str, path: str, key: str = KEY, **form: str) -> TestResponse:
        return self.client.open(path, method=method, data=form, headers={"Authorization": f"Bearer {key}"})

    def use(self, **event: str) -> None:
        """Send an event of a meter that is made for it, of a customer likewise."""
        customer = json.loads(self.api("POST", CUSTOMERS).data)["id"]
        meter = {"display_name": "Tokens", "event_name": "tokens", "default_aggregation[formula]": "sum"}
        self.api("POST", "/v1/billing/meters", **meter)
        sent = {"payload[stripe_customer_id]": customer, "payload[value]": "7", **event}
        assert self.api("POST", EVENTS, event_name="tokens", **sent).status_code == 200

    def used(self) -> str:
        """The usage that is visible, as the summaries' answer."""
        meter = json.loads(self.api("GET", "/v1/billing/meters").data)["data"][0]["id"]
        customer = json.loads(self.api("GET", CUSTOMERS).data)["data"][0]["id"]
        query = f"customer={customer}&start_time={NEW_YEAR - 3600}&end_time={NEW_YEAR + 3600}"
        answer = self.api("GET", f"/v1/billing/meters/{meter}/event_summaries?{query}").data
        return "".join(str(each["aggregated_value"]) for each in json.loads(answer)["data"])


@pytest.fixture(scope="module")
def fake() -> FakeStripe:
    return FakeStripe(now=NOW, seed=1)


@pytest.fixture
def plane(fake: FakeStripe) -> Plane:
    fake.reset()
    return Plane(fake)


# Every call


def test_health_is_asked_without_a_key(plane: Plane) -> None:
    assert plane.ask("GET", "health") == {"status": "ok", "version": fakestripe_meters.__version__}


def test_a_health_check_may_have_any_query(plane: Plane) -> None:
    assert plane.ask("GET", "health", query="t=1738368000&t=2") == plane.ask("GET", "health")


@pytest.mark.parametrize(
    ("method", "call"), [("GET", "unicorns"), ("GET", ""), ("PATCH", "clock"), ("OPTIONS", "clock"), ("GET", "reset")]
)
def test_unknown_calls_are_not_found_in_the_same_form(plane: Plane, method: str, call: str) -> None:
    response = plane.raw(method, call)
    assert response.status_code == 404
    assert json.loads(response.data) == {
        "error": {"message": f"the control plane has no call {method} /_fakestripe/{call}", "param": None}
    }


def test_control_calls_are_not_in_the_journal(plane: Plane) -> None:
    plane.ask("GET", "clock")
    assert plane.ask("GET", "journal") == {"data": []}


@pytest.mark.parametrize(("method", "call"), [each for each in CALLS if each[0] in ("POST", "PUT")])
@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[]",
        b"7",
        b"null",
        b'"text"',
        b'{"freeze": NaN}',
        b'{"seconds": Infinity}',
        b'{"advance": 1e999}',
        b'{"unicorn": 1}',
        b'{"": 1}',
        b'{"\\ud800": 1}',
        b"1" * 5_000,
        b"account=" + KEY.encode(),
        "{}".encode("utf-16"),
        b"a" * 1_048_577,
    ],
)
def test_bodies_that_make_no_sense_are_refused(plane: Plane, method: str, call: str, body: bytes) -> None:
    message, _ = plane.refusal(method, call, body)
    assert message
    assert len(message) <= 1_001


@pytest.mark.parametrize(
    ("method", "call", "body", "query", "sentence", "param"),
    [
        ("POST", "flush", b"[]", "", "the body must be a JSON object, not []", "the body"),
        ("POST", "flush", b"NaN", "", "the body is not valid JSON: NaN is not a finite number", None),
        ("POST", "flush", b"1e999", "", "the body is not valid JSON: 1e999 is not a finite number", None),
        (
            "POST",
            "flush",
            b"",
            "account=x",
            "send the parameters of this call in the body, not in the query",
            "account",
        ),
        ("POST", "flush", b"a" * 1_048_577, "", "the body is larger than 1048576 bytes", None),
        ("PUT", "lag", b"", "", "missing parameter 'seconds'", "seconds"),
        ("POST", "payment_intents/pi_1/authenticate", b"", "", "there is no intent 'pi_1'", "intent"),
        ("POST", "payment_intents/pi_1/authenticate", b'{"intent": "pi_2"}', "", "the path names the intent", "intent"),
        (
            "POST",
            "payment_intents/pi_1/authenticate",
            b'{"succeeds": 1}',
            "",
            "succeeds must be true or false, not 1",
            "succeeds",
        ),
        (
            "POST",
            "setup_intents/pi_1/authenticate",
            b"",
            "",
            "intent must be an id that begins with seti_, not 'pi_1'",
            "intent",
        ),
        ("POST", "checkout/sessions/cs_1/complete", b"", "", "there is no Checkout session 'cs_1'", "session_id"),
        (
            "POST",
            "checkout/sessions/cs_1/complete",
            b'{"session_id": "cs_2"}',
            "",
            "the path names the session",
            "session_id",
        ),
        (
            "POST",
            "checkout/sessions/cs_1/complete",
            b'{"email": 1}',
            "",
            "email must be a string, not 1",
            "email",
        ),
        (
            "POST",
            "checkout/sessions/cs_1/complete",
            b'{"address": "US"}',
            "",
            "address must be an object of city, country, line1, line2, postal_code, state, not 'US'",
            "address",
        ),
        ("POST", "checkout/sessions/cs_1/expire", b"", "", "there is no Checkout session 'cs_1'", "session_id"),
        *(
            ("GET", call, b"", "account=sk_test_a", "unknown parameter 'account': none exists", "account")
            for call in ("clock", "lag", "faults", "stubs", "unstruck", "snapshot")
        ),
        ("GET", "journal", b"", "limit=1&limit=2", "the query gives limit more than once", "limit"),
    ],
)
def test_what_is_wrong_with_a_call_is_said(  # noqa: PLR0917  pytest passes them by name
    plane: Plane, method: str, call: str, body: bytes, query: str, sentence: str, param: str | None
) -> None:
    assert plane.refusal(method, call, body, query) == (sentence, param)


def test_a_body_may_have_a_mebibyte(plane: Plane) -> None:
    assert plane.raw("POST", "flush", b"{}".rjust(1_048_576)).status_code == 200
    assert plane.raw("POST", "flush", b"{}".rjust(1_048_577)).status_code == 400


def test_a_long_message_is_cut() -> None:
    for length in (1_000, 1_001):
        shown = json.loads(wrong(400, "a" * length).data)["error"]["message"]
        assert shown == "a" * 1_000 + "…" * (length - 1_000)


@pytest.mark.parametrize("call", ["reset", "flush"])
def test_no_body_is_as_good_as_an_empty_object(plane: Plane, call: str) -> None:
    assert plane.ask("POST", call) == plane.ask("POST", call, {}) == {}


def test_an_unknown_field_is_named_and_the_nearest_one_suggested(plane: Plane) -> None:
    message, param = plane.refusal("POST", "clock", {"advanse": 1})
    assert (message, param) == ("unknown parameter 'advanse': did you mean advance?", "advanse")


# Clock


def test_the_clock_is_shown_and_advanced(plane: Plane) -> None:
    assert plane.ask("GET", "clock") == {"now": NEW_YEAR, "frozen": True}
    assert plane.ask("POST", "clock", {"advance": 3600}) == {"now": NEW_YEAR + 3600, "frozen": True}


@pytest.mark.parametrize("when", ["2025-01-02T00:00:00Z", NEW_YEAR + 86_400, "2025-01-02"])
def test_the_clock_is_frozen_elsewhere(plane: Plane, when: object) -> None:
    assert plane.ask("POST", "clock", {"freeze": when}) == {"now": NEW_YEAR + 86_400, "frozen": True}


def test_the_clock_is_let_run(plane: Plane) -> None:
    assert plane.ask("POST", "clock", {"resume": True})["frozen"] is False
    assert plane.ask("GET", "clock")["now"] >= NEW_YEAR


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, None),
        ({"advance": 1, "resume": True}, None),
        ({"freeze": None}, "freeze"),
        ({"resume": False}, "resume"),
        ({"resume": 1}, "resume"),
        ({"advance": -1}, "advance"),
        ({"advance": True}, "advance"),
        ({"advance": "3600"}, "advance"),
        ({"advance": 10**20}, "advance"),
        ({"freeze": "soon"}, "freeze"),
        ({"freeze": [1]}, "freeze"),
        ({"freeze": True}, "freeze"),
        ({"freeze": -1}, "freeze"),
    ],
)
def test_a_clock_call_that_makes_no_sense_moves_nothing(plane: Plane, body: object, param: str | None) -> None:
    assert plane.refusal("POST", "clock", body)[1] == param
    assert plane.ask("GET", "clock") == {"now": NEW_YEAR, "frozen": True}


def test_a_clock_that_has_seen_something_goes_back_after_a_reset_only(plane: Plane) -> None:
    plane.api("POST", CUSTOMERS)
    message = f"a frozen clock cannot go back after something has happened, and this one is at {NEW_YEAR}"
    assert plane.refusal("POST", "clock", {"freeze": 5}) == (f"{message}: reset the fake first", "freeze")
    plane.ask("POST", "reset")
    assert plane.ask("POST", "clock", {"freeze": 5}) == {"now": 5, "frozen": True}


# Limits


def test_limits_are_a_profile_and_single_ones_over_it(plane: Plane) -> None:
    documented = dict.fromkeys(KINDS) | {"analytics": 100, "meter_events": 1_000, "stream": 10_000}
    assert plane.ask("GET", "limits") == documented
    assert plane.ask("PUT", "limits", {"global": 7}) == documented | {"global": 7}
    assert plane.ask("PUT", "limits", {"analytics": None, "profile": "live"}) == {
        "analytics": None,
        "meter_events": 1_000,
        "stream": 10_000,
        "global": 100,
        "endpoint": 25,
        "search": 20,
        "file_reads": 20,
        "file_writes": 20,
        "subscription_invoices_per_minute": 10,
        "subscription_invoices_per_day": 20,
        "subscription_quantities_per_hour": 200,
        "payment_intent_updates_per_hour": 1_000,
        "global_concurrency": None,
        "endpoint_concurrency": None,
        "object_concurrency": None,
    }


def test_a_limit_holds_from_the_next_request_on(plane: Plane) -> None:
    plane.ask("PUT", "limits", {"profile": "off", "global": 2})
    statuses = [plane.api("GET", CUSTOMERS).status_code for _ in range(3)]
    plane.ask("POST", "clock", {"advance": 1})
    assert [*statuses, plane.api("GET", CUSTOMERS).status_code] == [200, 200, 429, 200]


def test_limits_can_be_those_of_one_account_and_show_what_is_left(plane: Plane) -> None:
    wish = {"global": 2, "analytics": None, "account": OTHER_KEY}
    assert plane.ask("PUT", "limits", wish)["left"]["global"] == 2
    plane.api("GET", CUSTOMERS, key=OTHER_KEY)
    shown = plane.ask("GET", "limits", query=f"account={OTHER_KEY}")
    assert (shown["global"], shown["analytics"]) == (2, None)
    assert (shown["left"]["global"], shown["left"]["analytics"]) == (1, None)
    assert plane.ask("GET", "limits", query=f"account={KEY}")["left"]["global"] is None
    assert "left" not in plane.ask("GET", "limits")


@pytest.mark.parametrize("account", ["sk_test_********else", "", "acct_1"])
def test_limits_of_what_is_no_full_key_are_refused(plane: Plane, account: str) -> None:
    assert plane.refusal("PUT", "limits", {"global": 2, "account": account})[1] == "account"
    assert plane.refusal("GET", "limits", query=f"account={account}")[1] == "account"
    assert plane.refusal("PUT", "limits", {"account": KEY})[1] is None


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, None),
        ({"profile": "quick"}, "profile"),
        ({"profile": None}, "profile"),
        ({"profile": ["live"]}, "profile"),
        ({"analytics": 0}, "analytics"),
        ({"analytics": 1.5}, "analytics"),
        ({"analytics": True}, "analytics"),
        ({"global": "7"}, "global"),
        ({"global_": 7}, "global_"),
        ({"profile": "off", "unicorn": 1}, "unicorn"),
        *(({name: 0}, name) for name in KINDS),
        ({"endpoint": -25}, "endpoint"),
        ({"endpoint": 1e9}, "endpoint"),
        ({"endpoint": "25"}, "endpoint"),
        ({"search": [20]}, "search"),
        ({"file_reads": {"per_s": 20}}, "file_reads"),
        ({"files": 20}, "files"),
        ({"endpoint/POST /v1/customers": 5}, "endpoint/POST /v1/customers"),
        ({"subscription_invoices_per_minute": 10.0}, "subscription_invoices_per_minute"),
        ({"subscription_invoices_per_hour": 10}, "subscription_invoices_per_hour"),
        ({"global_concurrency": True}, "global_concurrency"),
        ({"object_concurrency": 1_000_001}, "object_concurrency"),
        ({"concurrency": 5}, "concurrency"),
        ({"endpoint": 5, "endpoint_concurrency": 0}, "endpoint_concurrency"),
    ],
)
def test_limits_that_make_no_sense_change_nothing(plane: Plane, body: object, param: str | None) -> None:
    before = plane.ask("GET", "limits")
    assert plane.refusal("PUT", "limits", body)[1] == param
    assert plane.ask("GET", "limits") == before


# Lag


def test_usage_stays_invisible_until_the_lag_is_over(plane: Plane) -> None:
    assert plane.ask("GET", "lag") == {"seconds": 0}
    assert plane.ask("PUT", "lag", {"seconds": 30}) == {"seconds": 30}
    plane.use()
    assert plane.used() == ""
    plane.ask("POST", "clock", {"advance": 30})
    assert float(plane.used()) == 7


def test_a_flush_makes_usage_visible_at_once(plane: Plane) -> None:
    plane.ask("PUT", "lag", {"seconds": 30.5})
    plane.use()
    assert plane.ask("POST", "flush", {}) == {}
    assert float(plane.used()) == 7
    assert plane.ask("GET", "lag") == {"seconds": 30.5}


@pytest.mark.parametrize("seconds", [-1, "30", None, True, [], 10**30])
def test_a_lag_is_a_number_of_seconds(plane: Plane, seconds: object) -> None:
    assert plane.refusal("PUT", "lag", {"seconds": seconds})[1] == "seconds"


def test_a_lag_must_be_given(plane: Plane) -> None:
    assert plane.refusal("PUT", "lag", {}) == ("missing parameter 'seconds'", "seconds")


# Journal


def test_the_journal_tells_what_was_asked_and_answered(plane: Plane) -> None:
    plane.client.post(
        CUSTOMERS,
        data={"name": "Ada"},
        headers={
            "Authorization": f"Bearer {KEY}",
            "Idempotency-Key": "once",
            "Stripe-Version": "2025-08-27.preview",
        },
    )
    plane.api("GET", f"{CUSTOMERS}/cus_none")
    first, second = plane.ask("GET", "journal")["data"]
    assert first["request_id"].startswith("req_")
    assert (first["at"], first["method"], first["path"]) == (NEW_YEAR, "POST", CUSTOMERS)
    assert (first["params"], first["status"], first["error"]) == ({"name": "Ada"}, 200, None)
    assert (first["idempotency_key"], first["api_version"]) == ("once", "2025-08-27.preview")
    assert (second["status"], second["error"]["code"]) == (404, "resource_missing")


def test_the_journal_masks_keys_and_is_filtered_by_whole_ones(plane: Plane) -> None:
    plane.api("GET", CUSTOMERS)
    plane.api("GET", CUSTOMERS, key=OTHER_KEY)
    (entry,) = plane.ask("GET", "journal", query=f"account={OTHER_KEY}")["data"]
    assert entry["account"] == "sk_test_********else"
    assert plane.ask("GET", "journal", query="account=sk_test_nobody") == {"data": []}


def test_the_journal_is_filtered_by_path_and_cut_to_the_last(plane: Plane) -> None:
    for name in ("a", "b", "c"):
        plane.api("POST", CUSTOMERS, name=name)
    plane.api("GET", "/v1/billing/meters")
    names = [each["params"]["name"] for each in plane.ask("GET", "journal", query=f"path={CUSTOMERS}&limit=2")["data"]]
    assert names == ["b", "c"]
    assert [each["method"] for each in plane.ask("GET", "journal", query="limit=1")["data"]] == ["GET"]


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=", "limit"),
        ("limit=ten", "limit"),
        ("limit=1.5", "limit"),
        ("limit=" + "9" * 5_000, "limit"),
        ("limit=1&limit=2", "limit"),
        ("acount=x", "acount"),
        ("account=", "account"),
        ("account=sk_live_x", "account"),
        ("account=sk_test_********else", "account"),
        ("%ff=1", "\ufffd"),
    ],
)
def test_a_journal_query_that_makes_no_sense_is_refused(plane: Plane, query: str, param: str) -> None:
    assert plane.refusal("GET", "journal", query=query)[1] == param


def test_a_refusal_does_not_repeat_a_live_key(plane: Plane) -> None:
    message, _ = plane.refusal("GET", "dropped", query="account=sk_live_verysecretindeed")
    assert "verysecret" not in message


# Faults


def test_a_fault_strikes_as_often_as_planned(plane: Plane) -> None:
    plane.ask("POST", "faults", FAULT | {"times": 2})
    assert [plane.api("POST", CUSTOMERS).status_code for _ in range(3)] == [503, 503, 200]


def test_a_fault_is_listed_until_it_has_struck_and_can_be_planned_again(plane: Plane) -> None:
    planned = plane.ask("POST", "faults", FAULT | {"times": 2, "delay": 0.0})
    plane.api("POST", CUSTOMERS)
    (left,) = plane.ask("GET", "faults")["data"]
    assert left == planned | {"times": 1}
    plane.ask("POST", "faults", left)
    assert len(plane.ask("GET", "faults")["data"]) == 2
    assert plane.ask("DELETE", "faults") == {}
    assert plane.ask("GET", "faults") == {"data": []}


def test_a_fault_after_the_commit_loses_the_answer_only(plane: Plane) -> None:
    plane.ask("POST", "faults", FAULT | {"after_commit": True})
    assert plane.api("POST", CUSTOMERS, name="Ada").status_code == 503
    assert [each["name"] for each in json.loads(plane.api("GET", CUSTOMERS).data)["data"]] == ["Ada"]


@pytest.mark.parametrize("path", ["*", CUSTOMERS, f"{CUSTOMERS}/cus_1", "/v1/billing/meters/mtr_1/deactivate", EVENTS])
@pytest.mark.parametrize("method", ["*", "POST"])
def test_a_fault_strikes_where_something_answers(plane: Plane, method: str, path: str) -> None:
    plane.ask("POST", "faults", {"method": method, "path": path, "status": 500})


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"method": "PUT"}, "method"),
        ({"method": "PSOT"}, "method"),
        ({"method": 1}, "method"),
        ({"method": None}, "method"),
        ({"path": "/v1/customer"}, "path"),
        ({"path": f"{CUSTOMERS}?name=x"}, "path"),
        ({"path": f"{CUSTOMERS}/<customer_id>"}, "path"),
        ({"path": ""}, "path"),
        ({"path": "/" * 100_000}, "path"),
        ({"path": ["*"]}, "path"),
        ({"path": "/v1/billing/meters/mtr_1/event_summaries"}, "method"),
        ({"status": 399}, "status"),
        ({"status": 600}, "status"),
        ({"status": "429"}, "status"),
        ({"status": 429.0}, "status"),
        ({"status": True}, "status"),
        ({"status": None}, "status"),
        ({"times": 0}, "times"),
        ({"times": 1.0}, "times"),
        ({"times": True}, "times"),
        ({"times": 10**30}, "times"),
        ({"after_commit": 1}, "after_commit"),
        ({"after_commit": True, "status": None}, "after_commit"),
        ({"delay": -0.1}, "delay"),
        ({"delay": 61}, "delay"),
        ({"delay": "1"}, "delay"),
        ({"delay": True}, "delay"),
        ({"close": "yes"}, "close"),
        ({"colse": True}, "colse"),
        ({"reason": "rate"}, "reason"),
        ({"reason": 429}, "reason"),
        ({"reason": ["global-rate"]}, "reason"),
        ({"reason": "global-rate", "status": 503}, "reason"),
        ({"reason": "global-rate", "status": None, "delay": 1}, "reason"),
        ({"reason": "global-rate", "code": "lock_timeout", "status": 429}, "reason"),
        ({"code": "lock-timeout"}, "code"),
        ({"code": True}, "code"),
        ({"code": "lock_timeout", "status": 500}, "code"),
        ({"code": "rate_limit", "status": 409}, "code"),
        ({"code": "rate_limit", "status": None, "close": True}, "code"),
    ],
)
def test_a_fault_that_makes_no_sense_is_not_planned(plane: Plane, change: dict[str, object], param: str) -> None:
    assert plane.refusal("POST", "faults", FAULT | change)[1] == param
    assert plane.ask("GET", "faults") == {"data": []}


def test_for_a_fault_that_could_never_strike_the_nearest_path_is_named(plane: Plane) -> None:
    message, _ = plane.refusal("POST", "faults", FAULT | {"path": "/v1/billing/meter_event"})
    assert EVENTS in message


def test_a_fault_of_one_account_is_listed_with_its_key_masked(plane: Plane) -> None:
    planned = plane.ask("POST", "faults", FAULT | {"account": OTHER_KEY, "path": f"{CUSTOMERS}/*"})
    assert planned["account"] == "sk_test_********else"
    assert plane.api("POST", f"{CUSTOMERS}/cus_1").status_code == 404
    assert plane.api("POST", f"{CUSTOMERS}/cus_1", key=OTHER_KEY).status_code == 503
    message, param = plane.refusal("POST", "faults", planned)
    assert (param, message) == (
        "account",
        f"account must be {WANTED}, not 'sk_test_********else'",
    )


# Stubs, and what was not met

STUB = {"method": "POST", "path": "/v1/quotes", "json": {"id": "qt_1"}}


def test_a_stub_answers_and_is_listed_with_its_calls(plane: Plane) -> None:
    wish = STUB | {"status": 201, "headers": {"X-Mine": "1"}, "times": 2}
    assert plane.ask("POST", "stubs", wish) == wish | {"calls": []}
    answer = plane.api("POST", "/v1/quotes", customer="cus_1")
    assert (answer.status_code, answer.get_json(), answer.headers["X-Mine"]) == (201, {"id": "qt_1"}, "1")
    (stub,) = plane.ask("GET", "stubs")["data"]
    (asked,) = stub["calls"]
    assert stub | {"calls": []} == wish | {"calls": []}
    assert (asked["method"], asked["path"], asked["params"]) == ("POST", "/v1/quotes", {"customer": "cus_1"})
    assert asked["request_id"] == answer.headers["Request-Id"]
    assert asked["account"] == "sk_test_" + "*" * (len(KEY) - 12) + KEY[-4:]
    assert KEY not in json.dumps(stub)
    assert plane.ask("DELETE", "stubs") == {}
    assert plane.ask("GET", "stubs") == {"data": []}
    assert plane.api("POST", "/v1/quotes").status_code == 501


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"method": "PSOT"}, "method"),
        ({"path": "/v1/quotes/{id}"}, "path"),
        ({"path": None}, "path"),
        ({"status": 100}, "status"),
        ({"times": 0}, "times"),
        ({"headers": {"A": 1}}, "headers[A]"),
        ({"headers": []}, "headers"),
        ({"account": KEY}, "account"),
    ],
)
def test_a_stub_that_makes_no_sense_is_not_planned(plane: Plane, change: dict[str, object], param: str) -> None:
    assert plane.refusal("POST", "stubs", STUB | change)[1] == param
    assert plane.ask("GET", "stubs") == {"data": []}


def test_what_was_planned_and_not_met_is_listed(plane: Plane) -> None:
    plane.ask("POST", "faults", FAULT | {"times": 2})
    plane.ask("POST", "stubs", STUB)
    plane.api("GET", CUSTOMERS)
    assert plane.ask("GET", "unstruck")["data"] == [
        {
            "kind": "fault",
            "call": f"POST {CUSTOMERS}",
            "outcome": "503",
            "planned": 2,
            "met": 0,
            "left": 2,
            "account": None,
            "near": [f"GET {CUSTOMERS} → 200 (another method)"],
        }
    ]


# Dropped


def test_what_was_dropped_is_told_with_its_reason() -> None:
    plane = Plane(FakeStripe(now=NOW, async_validation=True))
    plane.use(**{"payload[stripe_customer_id]": "cus_none"})
    (dropped,) = plane.ask("GET", "dropped")["data"]
    assert dropped.keys() == {"code", "message", "event", "at"}
    assert dropped["at"] == NEW_YEAR
    assert plane.ask("GET", "dropped", query=f"account={KEY}") == {"data": [dropped]}
    assert plane.ask("GET", "dropped", query=f"account={OTHER_KEY}") == {"data": []}


# Reset


def test_a_reset_leaves_nothing(plane: Plane) -> None:
    plane.use()
    plane.ask("PUT", "limits", {"profile": "sandbox"})
    plane.ask("PUT", "lag", {"seconds": 30})
    plane.ask("POST", "faults", FAULT)
    plane.ask("POST", "clock", {"advance": 3600})
    plane.ask("POST", "reset", {})
    assert plane.ask("GET", "clock") == {"now": NEW_YEAR, "frozen": True}
    assert plane.ask("GET", "limits")["meter_events"] == 1_000
    assert plane.ask("GET", "lag") == {"seconds": 0}
    assert plane.ask("GET", "faults") == plane.ask("GET", "journal") == plane.ask("GET", "dropped") == {"data": []}
    assert json.loads(plane.api("GET", CUSTOMERS).data)["data"] == []


def test_the_reset_of_one_account_leaves_the_others_alone(plane: Plane) -> None:
    plane.api("POST", CUSTOMERS)
    plane.api("POST", CUSTOMERS, key=OTHER_KEY)
    plane.ask("POST", "clock", {"advance": 60})
    plane.ask("POST", "reset", {"account": KEY})
    assert plane.ask("GET", "clock")["now"] == NEW_YEAR + 60
    assert [each["account"] for each in plane.ask("GET", "journal")["data"]] == ["sk_test_********else"]
    assert json.loads(plane.api("GET", CUSTOMERS).data)["data"] == []
    assert len(json.loads(plane.api("GET", CUSTOMERS, key=OTHER_KEY).data)["data"]) == 1


@pytest.mark.parametrize("account", ["", "acct_1", "sk_live_x", 7, [], {}, True, "sk_test_é", "\ud800"])
def test_only_an_account_that_can_be_is_reset(plane: Plane, account: object) -> None:
    plane.api("POST", CUSTOMERS)
    assert plane.refusal("POST", "reset", {"account": account})[1] == "account"
    assert len(plane.ask("GET", "journal")["data"]) == 1


def test_a_query_on_a_reset_is_refused_rather_than_everything_dropped(plane: Plane) -> None:
    plane.api("POST", CUSTOMERS)
    assert plane.refusal("POST", "reset", query=f"account={KEY}")[1] == "account"
    assert len(plane.ask("GET", "journal")["data"]) == 1


# Snapshots


def test_a_snapshot_is_put_back(plane: Plane) -> None:
    plane.use()
    snapshot = plane.ask("GET", "snapshot")
    customers = plane.api("GET", CUSTOMERS).data
    plane.ask("POST", "reset", {})
    assert plane.ask("PUT", "snapshot", snapshot) == {}
    assert plane.api("GET", CUSTOMERS).data == customers
    assert float(plane.used()) == 7


def test_a_snapshot_may_be_larger_than_a_request(plane: Plane) -> None:
    for _ in range(200):
        plane.api("POST", CUSTOMERS, description="x" * 5_000)
    snapshot = plane.ask("GET", "snapshot")
    assert len(json.dumps(snapshot)) > 1_048_576
    plane.ask("PUT", "snapshot", snapshot)


# Whatever is sent

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
CLOCK = ["freeze", "advance", "resume"]
SETTINGS = ["account", "profile", "analytics", "global", "seconds"]
WORLD = ["format", "clock", "seed", "request_ids", "settings", "accounts", "request_state"]
FIELDS = st.sampled_from([*CLOCK, *SETTINGS, *WORLD, *FAULT, "times", "after_commit", "delay", "close"])
BODIES = st.binary(max_size=100) | (JSON | st.dictionaries(FIELDS, JSON, max_size=4)).map(
    lambda tree: json.dumps(tree).encode()
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(call=st.sampled_from(CALLS), body=BODIES, query=st.text(max_size=20))
def test_nothing_that_is_sent_makes_the_control_plane_fail(
    plane: Plane, call: tuple[str, str], body: bytes, query: str
) -> None:
    response = plane.raw(*call, body, query.encode("utf-8", "replace").decode())
    assert response.status_code in (200, 400)
    assert isinstance(json.loads(response.data), dict)


@pytest.mark.parametrize(("succeeds", "status"), [(True, "succeeded"), (False, "requires_payment_method")])
def test_a_payment_is_authenticated(plane: Plane, succeeds: bool, status: str) -> None:
    terms = "amount=100&currency=usd&payment_method=pm_card_authenticationRequired&confirm=true&return_url=https://a.example"
    for key in (KEY, OTHER_KEY):
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-www-form-urlencoded"}
        sent = plane.client.post("/v1/payment_intents", data=terms, headers=headers)
        intent = json.loads(sent.data)["id"]
        asked = plane.ask("POST", f"payment_intents/{intent}/authenticate", {"succeeds": succeeds, "account": key})
        assert asked == {"id": intent, "status": status}
        refused = plane.refusal("POST", f"payment_intents/{intent}/authenticate", b"")
        assert refused == (
            f"{intent} has the status {status}: only one that requires action can be authenticated",
            "intent",
        )
