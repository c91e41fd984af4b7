"""Requests and responses that belong to no library."""

import pytest

from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request
from fakestripe_meters.wire.message import Response


def test_a_header_is_found_in_any_case() -> None:
    headers = Headers({"Stripe-Version": "x"})
    assert headers["stripe-version"] == headers["STRIPE-VERSION"] == headers["Stripe-Version"] == "x"
    assert "sTRIPE-vERSION" in headers
    assert headers.lookup("stripe-version") == "x"


def test_header_names_are_kept_as_written() -> None:
    assert dict(Headers([("X-a", "1"), ("Y", "2")])) == {"X-a": "1", "Y": "2"}


def test_of_a_repeated_header_the_last_one_counts() -> None:
    headers = Headers([("A", "1"), ("a", "2")])
    assert list(headers.items()) == [("a", "2")]
    assert len(headers) == 1


def test_a_header_that_is_not_there_is_not_found() -> None:
    headers = Headers()
    assert headers.lookup("a") is None
    assert headers.get("a", "b") == "b"
    with pytest.raises(KeyError):
        headers["a"]


def test_an_empty_header_is_there() -> None:
    assert Headers({"A": ""}).lookup("a") == ""


def test_a_request_needs_a_method_and_a_path_only() -> None:
    first, second = Request("GET", "/"), Request("GET", "/")
    assert (first.query, dict(first.headers), first.body) == ("", {}, b"")
    assert first.headers is not second.headers


def test_a_response_is_neither_late_nor_lost_unless_planned() -> None:
    response = Response(200, {}, b"")
    assert (response.delay_s, response.close) == (0, False)
