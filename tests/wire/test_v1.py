"""API v1: forms in; objects, lists and errors out."""

import pytest

from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.wire import v1
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request


def request(body: bytes = b"", content_type: str | None = None, query: str = "") -> Request:
    headers = Headers({"Content-Type": content_type} if content_type is not None else {})
    return Request("POST", "/v1/customers", query, headers, body)


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=utf-8",
        "APPLICATION/X-WWW-FORM-URLENCODED",
        " application/x-www-form-urlencoded ;x",
    ],
)
def test_a_form_is_read(content_type: str | None) -> None:
    assert v1.decode(request(b"a=1", content_type)) == {"a": "1"}


@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data; boundary=x", "text/plain", ";"])
def test_a_body_that_is_no_form_is_refused(content_type: str) -> None:
    with pytest.raises(StripeError) as caught:
        v1.decode(request(b'{"a": 1}', content_type))
    assert caught.value.status == 400
    assert caught.value.message.startswith("Invalid request (check that your POST content type is ")


def test_without_a_body_its_type_does_not_matter() -> None:
    assert v1.decode(request(b"", "application/json", "a=1")) == {"a": "1"}


def test_query_and_body_make_one_tree_and_the_body_goes_over_the_query() -> None:
    assert v1.decode(request(b"a=2&b[c]=3", None, "a=1&b[d]=4")) == {"a": "2", "b": {"c": "3", "d": "4"}}


def test_a_list_has_its_keys_in_stripes_order() -> None:
    tree = v1.list_object([{"id": "x"}], has_more=True, url="/v1/x")
    assert list(tree.items()) == [
        ("object", "list"),
        ("data", [{"id": "x"}]),
        ("has_more", True),
        ("url", "/v1/x"),
    ]


def test_an_error_has_its_keys_in_alphabetical_order() -> None:
    error = StripeError(404, "No such x", code="resource_missing", param="id")
    envelope = v1.error_object(error, account="acct_1", request_id="req_1")
    assert list(envelope.items()) == [
        ("code", "resource_missing"),
        ("doc_url", "https://stripe.com/docs/error-codes/resource-missing"),
        ("message", "No such x"),
        ("param", "id"),
        ("request_log_url", "https://dashboard.stripe.com/acct_1/test/workbench/logs?object=req_1"),
        ("type", "invalid_request_error"),
    ]


def test_what_an_error_does_not_have_is_left_out() -> None:
    envelope = v1.error_object(StripeError(401, "No"), account=None, request_id="")
    assert envelope == {"message": "No", "type": "invalid_request_error"}
