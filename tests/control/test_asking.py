"""Questions about usage over HTTP: each event with its fate and its request, and wrong questions refused."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from werkzeug.test import Client

from fakestripe_meters import FakeStripe
from fakestripe_meters.core.keys import own_account
from tests.conftest import DOORS
from tests.conftest import KEY
from tests.conftest import Call

NEW_YEAR = 1_735_689_600
HOUR = 3_600
EVENTS = "/v1/billing/meter_events"


@pytest.fixture
def call() -> Iterator[Call]:
    with FakeStripe(now=NEW_YEAR, seed=1) as fake:
        yield Call(DOORS["engine"], fake)
        assert fake.engine.failures == []


def ask(call: Call, path: str, body: object = None, **query: object) -> tuple[int, Any]:
    client = Client(call.fake.wsgi_app, use_cookies=False)
    if body is not None:
        answer = client.post(f"/_fakestripe/{path}", data=json.dumps(body))
    else:
        answer = client.get(f"/_fakestripe/{path}", query_string=query)
    return answer.status_code, answer.get_json()


def told(call: Call, path: str, **query: object) -> Any:  # noqa: ANN401  any JSON
    status, answer = ask(call, path, **query)
    assert status == 200, answer
    return answer


def customer(call: Call) -> str:
    """A customer, and a meter of tokens by model."""
    params = {"display_name": "Tokens", "event_name": "tokens", "default_aggregation": {"formula": "sum"}}
    call.create("/v1/billing/meters", params | {"dimension_payload_keys": ["model"]})
    found: str = call.create("/v1/customers")["id"]
    return found


def use(call: Call, whose: str, value: object, identifier: str | None = None, **more: Any) -> str:  # noqa: ANN401
    """Report usage, and return the id of the request."""
    payload = {"stripe_customer_id": whose, "value": value, "model": more.pop("model", "large")}
    event = {"event_name": "tokens", "payload": payload, **({"identifier": identifier} if identifier else {})}
    return call.post(EVENTS, event | more).headers["Request-Id"]


def test_each_event_has_its_fate_and_its_request(call: Call) -> None:
    whose = customer(call)
    first = use(call, whose, 1500, "first")
    gone = use(call, whose, 9, "gone")
    call.create(
        "/v1/billing/meter_event_adjustments",
        {"event_name": "tokens", "type": "cancel", "cancel": {"identifier": "gone"}},
    )
    twice = use(call, whose, 1500, "first")
    call.clock.advance(2 * HOUR)
    late = use(call, whose, "0.5", "late", timestamp=NEW_YEAR + 1, model="small")
    call.fake.control.set_lag(30)
    hidden = use(call, whose, 4, "hidden", timestamp=NEW_YEAR + 2)
    found = told(call, "explain", meter="tokens", customer=whose, start=NEW_YEAR, end=NEW_YEAR + HOUR)
    rows = {(each["identifier"], each["fate"]): each for each in found["events"]}
    assert {key: (each["value"], each["request_id"], each["late"]) for key, each in rows.items()} == {
        ("first", "counted"): (1500, first, False),
        ("first", "refused"): (1500, twice, False),
        ("gone", "cancelled"): (9, gone, False),
        ("late", "counted"): (0.5, late, True),
        ("hidden", "waiting"): (4, hidden, False),
    }
    assert rows["first", "refused"]["why"].startswith("duplicate: An event already exists with identifier first")
    assert (rows["first", "refused"]["received"], rows["late", "counted"]["received"]) == (None, NEW_YEAR + 2 * HOUR)
    assert rows["late", "counted"]["dimensions"] == {"model": "small"}
    assert (found["value"], found["formula"], found["events_total"]) == (1500.5, "sum", 5)
    assert found["fates"] == {"cancelled": 1, "counted": 2, "refused": 1, "waiting": 1}
    assert [each["timestamp"] for each in found["events"]] == sorted(each["timestamp"] for each in found["events"])


def test_an_identifier_that_stripe_chose_leads_to_its_request_too(call: Call) -> None:
    whose = customer(call)
    requests = [use(call, whose, 1), use(call, whose, 2), use(call, whose, 1)]
    found = told(call, "explain", meter="tokens", customer=whose)
    assert [each["request_id"] for each in found["events"]] == requests


def test_what_was_dropped_or_refused_for_nobody_may_have_been_meant_for_this_customer(call: Call) -> None:
    call.fake.begin(now=NEW_YEAR, seed=1, async_validation=True)
    whose, other = customer(call), call.create("/v1/customers")["id"]
    use(call, "cus_nobody", 70, "typo")
    use(call, other, 5, "others")
    use(call, whose, "many", "text")
    found = told(call, "explain", meter="tokens", customer=whose, start=NEW_YEAR, end=NEW_YEAR + 1)
    assert [(each["identifier"], each["fate"], each["value"]) for each in found["events"]] == [
        ("typo", "dropped", 70),
        ("text", "dropped", "many"),
    ]
    assert "No such customer: 'cus_nobody'" in found["events"][0]["why"]
    assert found["fates"] == {"dropped": 2, "foreign": 1}


def test_dimensions_select_and_the_rest_is_only_counted(call: Call) -> None:
    whose = customer(call)
    for identifier, model in (("a", "large"), ("b", "small"), ("c", "tiny")):
        use(call, whose, 10, identifier, model=model)
    one = told(call, "explain", meter="tokens", customer=whose, **{"dimension_filters[model]": "large"})
    assert ([each["identifier"] for each in one["events"]], one["value"]) == (["a"], 10)
    assert one["fates"] == {"counted": 1, "filtered": 2}
    assert one["dimension_filters"] == {"model": ["large"]}
    for several in ("dimension_filters[model][]", "dimension_filters[model]", "dimension_filters[model][0]"):
        query = {"meter": "tokens", "customer": whose, several: ["large", "tiny"]}
        assert told(call, "usage", **query) == {"value": 20}
        assert told(call, "usage/by_day", **query) == {"data": [{"day": "2025-01-01", "value": 20}]}


def test_an_account_is_asked_for_by_key_or_id(call: Call) -> None:
    whose = customer(call)
    use(call, whose, 3)
    call.create("/v1/billing/meters", METER, headers={"Stripe-Account": "acct_connected"})
    query = {"meter": "tokens", "customer": whose}
    for account in (KEY, own_account(KEY)):
        assert told(call, "usage", **query, account=account) == {"value": 3}
    status, answer = ask(call, "usage", **query, account="acct_connected")
    assert (status, answer["error"]["param"]) == (400, "customer")


METER = {"display_name": "Tokens", "event_name": "tokens", "default_aggregation": {"formula": "sum"}}
WRONG = [
    ({"meter": "tonkens"}, "meter"),
    ({"customer": "cus_nobody"}, "customer"),
    ({"start": "yesterday"}, "start"),
    ({"end": "2025-02-30"}, "end"),
    ({"start": "2025-02-01", "end": "2025-01-01"}, "end"),
    ({"timezone": "Mars/Phobos"}, "timezone"),
    ({"dimension_filters[colour]": "red"}, "dimension_filters[colour]"),
    ({"dimension_filters": "red"}, "dimension_filters"),
    ({"account": "acct_nobody"}, "account"),
    ({"meter[a]": "b"}, "meter[a]"),
    ({"merer": "tokens"}, "merer"),
]


@pytest.mark.parametrize("path", ["usage", "usage/by_day", "explain"])
@pytest.mark.parametrize(("change", "param"), WRONG)
def test_a_wrong_question_is_refused_with_its_parameter(
    call: Call, path: str, change: dict[str, object], param: str
) -> None:
    query = {"meter": "tokens", "customer": customer(call)} | change
    status, answer = ask(call, path, **query)
    assert (status, answer["error"]["param"]) == (400, param)


@pytest.mark.parametrize(
    ("change", "param"), [({"limit": 0}, "limit"), ({"limit": "all"}, "limit"), ({"offset": -1}, "offset")]
)
def test_a_wrong_window_is_refused(call: Call, change: dict[str, object], param: str) -> None:
    status, answer = ask(call, "explain", meter="tokens", customer=customer(call), **change)
    assert (status, answer["error"]["param"]) == (400, param)


def test_more_filters_than_the_analytics_take_are_refused(call: Call) -> None:
    query = {f"dimension_filters[k{number}]": "a" for number in range(11)}
    status, answer = ask(call, "usage", meter="tokens", customer=customer(call), **query)
    assert (status, answer["error"]["param"]) == (400, "dimension_filters")


def test_keys_that_a_client_sent_are_masked(call: Call) -> None:
    whose, key = customer(call), "sk_test_0123456789abcdef"
    use(call, whose, 1, key, model=key)
    answer = json.dumps(told(call, "explain", meter="tokens", customer=whose))
    assert "0123456789" not in answer
    assert "cdef" in answer


def test_billing_differences_rates_and_the_report_are_there_over_http(call: Call) -> None:
    whose = customer(call)
    use(call, whose, 3, "only")
    billing = told(call, "explain/billing", meter="tokens", customer=whose)
    assert [(each["identifier"], each["invoice"], each["reason"]) for each in billing["events"]] == [
        ("only", None, "without a price")
    ]
    status, found = ask(call, "usage/differences", {"expected": {whose: {"tokens": 4}}})
    assert (status, [(each["got"], each["expected"]) for each in found["differences"]]) == (200, [(3, 4)])
    assert found["told"][0] == f"tokens of {whose}: 3, expected 4 (1 too few)"
    assert ask(call, "usage/differences", {"expected": {whose: {"tokens": {"2025-01-01": 3}}}})[1] == {
        "differences": [],
        "told": [],
    }
    assert told(call, "rates") == {
        "peaks": call.fake.peak_rates(),
        "limits": {"meter_events": 1, "global": 2, "endpoint": 1},
        "too_many": [],
    }
    assert told(call, "report") == {"report": call.fake.report()}
    assert EVENTS in call.fake.report()


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "expected"),
        ({"expected": 3}, "expected"),
        ({"expected": {"cus_nobody": {"tokens": 3}}}, "expected"),
        ({"expected": {"CUSTOMER": {"tonkens": 3}}}, "meter"),
        ({"expected": {"CUSTOMER": {"tokens": "many"}}}, "expected"),
        ({"expected": {"CUSTOMER": {"tokens": {"someday": 3}}}}, "expected"),
        ({"expected": {"CUSTOMER": {"tokens": 3}}, "start": True}, "start"),
    ],
)
def test_a_wrong_expectation_is_refused(call: Call, body: dict[str, Any], param: str) -> None:
    whole = json.loads(json.dumps(body).replace("CUSTOMER", customer(call)))
    status, answer = ask(call, "usage/differences", whole)
    assert (status, answer["error"]["param"]) == (400, param)


TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ("2025-01-01", "1735689600", "-1", "0", "9" * 18, "tokens", "UTC", "2025-01-01T00:00", "cus_1", "\0")
    ),
)
NAMES = ("start", "end", "timezone", "dimension_filters[model]", "dimension_filters[a][]", "limit", "offset", "account")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.dictionaries(st.sampled_from(NAMES), TEXTS, max_size=4))
def test_no_question_makes_the_control_plane_fail(asked: tuple[Call, str], query: dict[str, str]) -> None:
    call, whose = asked
    for path in ("usage", "usage/by_day", "explain", "explain/billing", "agenda"):
        whom = {} if path == "agenda" else {"meter": "tokens", "customer": whose}
        status, answer = ask(call, path, **whom, **query)
        assert status in (200, 400)
        assert status == 200 or answer["error"]["param"].partition("[")[0] in {each.partition("[")[0] for each in query}


@pytest.fixture(scope="module")
def asked() -> Iterator[tuple[Call, str]]:
    with FakeStripe(now=NEW_YEAR, seed=1) as fake:
        call = Call(DOORS["engine"], fake)
        whose = customer(call)
        use(call, whose, 5, "one")
        yield call, whose


def test_events_beyond_a_limit_are_only_counted(call: Call) -> None:
    whose = customer(call)
    for number in range(30):
        use(call, whose, 1, f"e{number}", timestamp=NEW_YEAR - number)
    found = told(call, "explain", meter="tokens", customer=whose, limit=2, start=NEW_YEAR - 9)
    assert ([each["identifier"] for each in found["events"]], found["events_total"]) == (["e9", "e8"], 10)
    assert found["fates"] == {"counted": 10, "outside": 20}
    following = told(call, "explain", meter="tokens", customer=whose, limit=2, offset=2, start=NEW_YEAR - 9)
    assert [each["identifier"] for each in following["events"]] == ["e7", "e6"]
