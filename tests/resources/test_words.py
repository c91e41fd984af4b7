"""What is said of a request as a whole, word for word, in the sentences of both APIs."""

import pytest

from tests.conftest import Answer
from tests.conftest import Call

CUSTOMERS = "/v1/customers"
SUPPORT = "https://support.stripe.com/"
STREAM, SESSION = "/v2/billing/meter_event_stream", "/v2/billing/meter_event_session"
USAGE, DESTINATIONS = "/v2/billing/meter_events", "/v2/core/event_destinations"
PREVIEW = "2025-09-30.preview"


def said(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.error["message"]


@pytest.mark.parametrize(
    ("key", "status", "sentence"),
    [
        (
            None,
            401,
            (
                "You did not provide an API key. You need to provide your API key in the Authorization header, using "
                "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See "
                f"https://stripe.com/docs/api#authentication for details, or we can help at {SUPPORT}."
            ),
        ),
        ("sk_tset_5dPZsYp2", 401, "Invalid API Key provided: ************sYp2"),
        (
            "pk_test_5dPZsYp2",
            401,
            (
                "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a "
                "list of your API keys at https://dashboard.stripe.com/account/apikeys."
            ),
        ),
        (
            "sk_live_5dPZsYp2",
            401,
            (
                "This is fakestripe-meters, a fake of Stripe, and it was sent a live key (sk_live_****sYp2). The key "
                "should never have come here: check where your code sends it, and consider rolling it."
            ),
        ),
    ],
)
def test_a_key_that_is_none(call: Call, key: str | None, status: int, sentence: str) -> None:
    refused = call.get(CUSTOMERS, key=key)
    assert said(refused) == (status, sentence)
    assert refused.headers["WWW-Authenticate"] == 'Bearer realm="Stripe"'


def test_an_account_that_is_none(call: Call) -> None:
    refused = call.get(CUSTOMERS, headers={"Stripe-Account": "x"})
    sentence = (
        "The provided key 'sk_test_******ripe' does not have access to account 'x' (or that account does not exist). "
        "Application access may have been revoked."
    )
    assert (said(refused), refused.error["code"]) == ((403, sentence), "account_invalid")


def test_an_idempotency_key_that_cannot_be_taken(call: Call) -> None:
    call.create(CUSTOMERS, {"name": "Ada"}, idempotency_key="a")
    other = call.post(CUSTOMERS, {"name": "Bob"}, idempotency_key="a")
    sentence = (
        "Keys for idempotent requests can only be used with the same parameters they were first used with. "
        "Try using a key other than 'a' if you meant to execute a different request."
    )
    assert (said(other), other.error["type"]) == ((400, sentence), "idempotency_error")
    long = call.post(CUSTOMERS, {"name": "Bob"}, idempotency_key="a" * 256)
    assert said(long) == (400, "Idempotency Key must be at most 255 characters long.")


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("cus_'x", r"cus_\'x"),
        ('cus_"x', r"cus_\"x"),
        (r"cus_\x", r"cus_\\x"),
        ("<cus>&x", r"\u003Ccus\u003E\u0026x"),
        ("cus_ä€", "cus_ä€"),
        ("c" * 998, "c" * 998),
        ("c" * 500 + "u" * 499, f"{'c' * 490}...(truncated)...{'u' * 490}"),
    ],
)
def test_an_id_is_repeated_with_escapes_and_without_its_middle(call: Call, sent: str, shown: str) -> None:
    refused = call.get(CUSTOMERS, {"starting_after": sent})
    assert said(refused) == (400, f"No such customer: '{shown}'")
    usage = {"event_name": "calls", "payload": {"stripe_customer_id": sent, "value": "1"}}
    meter = {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
    call.create("/v1/billing/meters", meter)
    assert said(call.post("/v1/billing/meter_events", usage)) == (400, f"No such customer: '{shown}'")


@pytest.mark.parametrize("sent", [" cus_x", "cus_x ", "cus_x\n", "'cus_x", 'cus_x"'])
def test_an_id_with_blanks_or_quotes_around_it_comes_with_a_hint(call: Call, sent: str) -> None:
    message = call.get(CUSTOMERS, {"starting_after": sent}).error["message"]
    assert message.endswith("'. Make sure you use the exact id without extra whitespace or quotes")


def test_items_of_invoices_and_subscriptions_are_repeated_so_too(call: Call) -> None:
    item = call.get("/v1/invoiceitems/ii_'x")
    assert said(item) == (404, r"No such Invoice Item: 'ii_\'x'(livemode=false)")
    assert said(call.get("/v1/subscription_items/si_'x")) == (404, r"Invalid subscription_item id: si_\'x")


def test_a_body_that_is_no_form(call: Call) -> None:
    refused = call.post(CUSTOMERS, "{}", headers={"Content-Type": "application/json"})
    sentence = (
        "Invalid request (check that your POST content type is application/x-www-form-urlencoded). "
        f"If you have any questions, we can help at {SUPPORT}."
    )
    assert said(refused) == (400, sentence)


@pytest.mark.parametrize(
    ("status", "kind", "sentence"),
    [
        (
            500,
            "api_error",
            (
                f"An error occurred while processing your request. Try again later or contact us at {SUPPORT} "
                "if the problem persists."
            ),
        ),
        (400, "invalid_request_error", "A planned fault of fakestripe-meters answered this request with 400."),
        (
            409,
            "invalid_request_error",
            (
                "This object can’t be accessed right now because another API request or Stripe process currently "
                "accessing it. If you see this error intermittently, retry the request. If you see this error "
                "frequently and are making multiple concurrent requests to a single object, make your requests "
                "serially or at a lower rate."
            ),
        ),
    ],
)
def test_a_planned_fault(call: Call, status: int, kind: str, sentence: str) -> None:
    call.fake.fail_next(f"GET {CUSTOMERS}", status=status)
    refused = call.get(CUSTOMERS)
    assert (said(refused), refused.error["type"]) == ((status, sentence), kind)


@pytest.mark.parametrize(
    ("path", "body", "sentence"),
    [
        (USAGE, "[]", "The request body cannot be read: it must be a JSON object."),
        (USAGE, b"\xff", "The request body cannot be read: it is not valid UTF-8."),
        (USAGE, "[" * 200 + "]" * 200, "The request body cannot be read: it is nested more than 32 levels deep."),
        (USAGE, '{"a": "\\ud800"}', "The request body cannot be read: it holds half a surrogate pair."),
        (
            USAGE,
            '{"event_name": "a", "payload": {}, "timestamp": "x"}',
            "Invalid timestamp: x; must be an RFC 3339 date and time",
        ),
        (
            DESTINATIONS,
            (
                '{"name": "a", "type": "webhook_endpoint", "event_payload": "thin", "enabled_events": ["*"],'
                ' "snapshot_api_version": "2025-09-30.preview", "webhook_endpoint": {"url": "https://a.example/"}}'
            ),
            "snapshot_api_version is for snapshot events only.",
        ),
    ],
)
def test_json_that_cannot_be_taken(call: Call, path: str, body: str | bytes, sentence: str) -> None:
    refused = call.post(path, body, version=PREVIEW, headers={"Content-Type": "application/json"})
    assert said(refused) == (400, sentence)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("{", "The request body cannot be read: it is not valid JSON: Expecting"),
        (
            '{"a": 1e999999}',
            "The request body cannot be read: it is not valid JSON: a number is out of range: 1e999999",
        ),
    ],
)
def test_json_that_is_none(call: Call, body: str, sentence: str) -> None:
    refused = call.post(USAGE, body, version=PREVIEW, headers={"Content-Type": "application/json"})
    assert refused.status == 400
    assert refused.error["message"].startswith(sentence)


def test_a_page_that_no_list_has_given_out(call: Call) -> None:
    refused = call.get("/v2/core/events", {"page": "x"}, version=PREVIEW)
    assert said(refused) == (400, "Invalid page token: x")


def test_a_stream_that_is_not_of_a_session(call: Call) -> None:
    options = {"version": PREVIEW, "headers": {"Content-Type": "application/json"}}
    expired = call.post(STREAM, '{"events": []}', key="x", **options)
    sentence = (
        "The meter event session has expired or never existed. Create a new one with POST "
        "/v2/billing/meter_event_session and use its authentication_token."
    )
    assert (said(expired), expired.error["code"]) == ((401, sentence), "billing_meter_event_session_expired")
    needed = call.post(STREAM, '{"events": []}', key="sk_test_5dPZsYp2", **options)
    sentence = (
        "The meter event stream takes the authentication_token of a meter event session (POST "
        "/v2/billing/meter_event_session), not an API key: sk_test_****sYp2."
    )
    assert said(needed) == (401, sentence)
