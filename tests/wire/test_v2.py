"""API v2's style: JSON in, and its envelopes out."""

import pytest

from fakestripe_meters.core import errors
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.wire import v2
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request
from fakestripe_meters.wire.tree import Tree


def decode(body: bytes, *, query: str = "", content_type: str | None = "application/json") -> object:
    headers = Headers({"Content-Type": content_type} if content_type else {})
    return v2.decode(Request("POST", "/v2/x", query, headers, body))


def shown(error: StripeError) -> Tree:
    return v2.error_object(error, account=None, request_id="")


def test_an_empty_body_is_an_empty_object() -> None:
    assert decode(b"") == {}


def test_the_body_goes_over_the_query_whose_arrays_are_indexed() -> None:
    assert decode(b'{"a": 1}', query="a=0&include[0]=b") == {"a": 1, "include": {"0": "b"}}


def test_of_a_repeated_key_the_last_one_counts() -> None:
    assert decode(b'{"a": 1, "a": 2}') == {"a": 2}


@pytest.mark.parametrize("content_type", [None, "application/json; charset=utf-8", "APPLICATION/JSON"])
def test_json_is_known_by_its_type_or_taken_for_it(content_type: str | None) -> None:
    assert decode(b"{}", content_type=content_type) == {}


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b"a=b",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": 0.' + b"1" * 200 + b"}",
        b'{"a": ' + b"9" * 5_000 + b"}",
        b'{"a": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"a": "\xff"}',
        b'\xef\xbb\xbf{"a": 1}',
        b"\x00",
        b'{"a": ' + b"[" * 33 + b"]" * 33 + b"}",
        b'{"a": ' * 40 + b"1" + b"}" * 40,
        b"[" * 100_000,
    ],
)
def test_what_is_no_sound_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(StripeError) as refusal:
        decode(body)
    assert refusal.value.status == 400
    assert shown(refusal.value)["code"] == "invalid_json"


def test_what_json_has_no_word_for_is_named() -> None:
    with pytest.raises(StripeError, match="it is not valid JSON: -Infinity is not a JSON number"):
        decode(b'{"a": -Infinity}')


def test_brackets_within_strings_are_not_nesting() -> None:
    text = "[{" * 100
    assert decode(f'{{"a": "{text}"}}'.encode()) == {"a": text}


def test_whole_surrogate_pairs_are_letters() -> None:
    assert decode(b'{"a": "\\ud83d\\ude00"}') == {"a": "😀"}


def test_another_content_type_is_refused() -> None:
    with pytest.raises(StripeError, match="application/json"):
        decode(b"a=b", content_type="application/x-www-form-urlencoded")


@pytest.mark.parametrize(
    ("error", "code", "kind"),
    [
        (errors.metering.no_active_meter("calls"), "no_meter", None),
        (errors.metering.no_active_meter("calls", archived=True), "archived_meter", None),
        (errors.metering.event_exists("one"), "duplicate_meter_event", None),
        (errors.metering.no_customer_key("id"), "payload_no_customer_defined", None),
        (errors.metering.no_value_key("value"), "payload_no_value_defined", None),
        (errors.metering.invalid_value("value", "x"), "payload_invalid_value", None),
        (errors.metering.too_many_digits("value", "1" * 16, 15), "meter_event_value_too_many_digits", None),
        (errors.metering.no_such_event_customer("id", "cus_x"), "meter_event_customer_not_found", None),
        (errors.metering.no_dimension_key("model"), "missing_dimension_payload_keys", None),
        (errors.metering.timestamp_too_old(1), "timestamp_too_far_in_past", None),
        (errors.metering.timestamp_ahead(1), "timestamp_in_future", None),
        (errors.metering.event_not_found("one"), "invalid_cancel_configuration", None),
        (errors.params.missing_param("a"), "invalid_fields", None),
        (errors.objects.no_such("event", "evt_x"), "not_found", None),
        (errors.requests.unrecognized_url("GET", "/v2/x"), "not_found", None),
        (errors.requests.no_key(), "unauthorized", None),
        (errors.requests.invalid_account("sk_test_*", "acct"), "forbidden", None),
        (errors.requests.body_too_large(1), "request_too_large", None),
        (errors.requests.planned(409), "too_many_concurrent_requests", None),
        (errors.requests.planned(500), "internal_error", None),
        (errors.requests.planned(429), "account_rate_limit_exceeded", "rate_limit"),
        (errors.requests.rate_limited("endpoint-rate"), "account_rate_limit_exceeded", "rate_limit"),
        (errors.requests.idempotency_mismatch("key"), "idempotency_error", "idempotency_error"),
        (errors.v2.session_expired(), "billing_meter_event_session_expired", "temporary_session_expired"),
    ],
)
def test_errors_have_the_names_of_api_v2(error: StripeError, code: str, kind: str | None) -> None:
    body = shown(error)
    assert (body["code"], body.get("type")) == (code, kind)
    assert body["message"]


def test_only_typed_errors_have_a_type_and_a_page_of_documentation() -> None:
    assert shown(errors.metering.no_active_meter("calls")) == {
        "code": "no_meter",
        "message": "A meter must exist to submit events.",
    }
    assert shown(errors.v2.session_expired())["doc_url"] == (
        "https://docs.stripe.com/error-codes#billing_meter_event_session_expired"
    )


def test_a_refused_field_is_named() -> None:
    assert shown(errors.params.missing_param("events[0][payload]"))["invalid_param"] == "events[0][payload]"


def test_a_page_knows_its_neighbours() -> None:
    page = v2.list_object([1], next_page_url="/next", previous_page_url=None)
    assert page == {"data": [1], "next_page_url": "/next", "previous_page_url": None}
