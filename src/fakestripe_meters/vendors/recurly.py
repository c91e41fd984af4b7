"""Recurly: https://recurly.com/developers/api/v2021-02-25/index.html#operation/create_usage.

Documented in: the types of Recurly's Python SDK 4.79, and, for API v2, the recorded answer in the tests of its older
SDKs, https://github.com/recurly/recurly-client-python/blob/v2/tests/fixtures/usage/created.xml.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any
from typing import NamedTuple
from urllib.parse import quote

from fakestripe_meters.core.errors import shortened
from fakestripe_meters.core.printing import instant
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.vendors import forms
from fakestripe_meters.vendors import reading
from fakestripe_meters.vendors import recurly_xml
from fakestripe_meters.vendors.vendor import Call
from fakestripe_meters.vendors.vendor import Refusal
from fakestripe_meters.vendors.vendor import Reply
from fakestripe_meters.vendors.vendor import Sent
from fakestripe_meters.vendors.vendor import Taken
from fakestripe_meters.vendors.vendor import Usage
from fakestripe_meters.vendors.vendor import Vendor

FIELDS = ("amount", "merchant_tag", "recording_timestamp", "usage_timestamp")
TIMES = ("recording_timestamp", "usage_timestamp")
LONGEST_TAG = 255
ID_LENGTH = 12
NINE_PLACES = Decimal("1e-9")
FUTURE = "Cannot create usage record with a usage timestamp in the future."
TYPES = {
    400: "bad_request",
    401: "unauthorized",
    404: "not_found",
    413: "bad_request",
    415: "invalid_content_type",
    422: "validation",
    429: "too_many_requests",
    500: "internal_server_error",
    503: "service_unavailable",
}


class Record(NamedTuple):
    """A usage record: what was sent of it, and when the usage was and was noted, in Unix seconds."""

    id: str
    amount: Decimal
    merchant_tag: str | None
    recorded: int
    used: int


@documented("201 and the usage record; no call is a repeat of another")
def record(sent: Sent) -> Taken:
    """Count usage of a subscription's add-on, which the path names; the body is JSON."""
    subscription, add_on = (_name(each) for each in sent.path)
    made = _record(sent, sent.body)
    return Taken((_usage(sent, made, subscription, add_on),), Reply(201, _shown(sent, made)))


@documented("201 and the usage record as XML, with its address")
def record_xml(sent: Sent) -> Taken:
    """Count usage of a subscription's add-on, which the path names, as API v2 does; the body is XML."""
    subscription, add_on = sent.path
    made = _record(sent, sent.body)
    address = f"https://api.recurly.com/v2/subscriptions/{quote(subscription)}/add_ons/{quote(add_on)}/usage/{made.id}"
    shown = recurly_xml.usage(address, {**_shown(sent, made), "id": made.id})
    headers = {"Content-Type": recurly_xml.XML, "Location": address}
    return Taken((_usage(sent, made, subscription, add_on),), Reply(201, shown, headers))


@documented("`uuid-` stands before a subscription's UUID, and `code-` before an add-on's code")
def _name(segment: str) -> str:
    return segment.removeprefix("uuid-").removeprefix("code-")


@inferred("the subscription's id or UUID names the customer, and the add-on's id or code the meter")
def _usage(sent: Sent, made: Record, subscription: str, add_on: str) -> Usage:
    return Usage(f"recurly:{made.id}", subscription, add_on, made.used, {}, sent.body, f"{made.amount:f}")


@documented("an amount may be negative or 0; a usage timestamp is not in the future")
@inferred("an amount is required, and has nine decimals as if every add-on had decimal quantities")
def _record(sent: Sent, body: Any) -> Record:  # noqa: ANN401  any JSON
    if not isinstance(body, Mapping):
        raise Refusal(400, "The body must be an object")
    for name in body:
        if name not in FIELDS:
            raise _wrong(shortened(name), "is not a parameter of this call")
    amount = forms.number(body.get("amount"))
    if amount is None:
        raise _wrong("amount", "is not a number")
    tag = body.get("merchant_tag")
    if tag is not None and (not isinstance(tag, str) or len(tag) > LONGEST_TAG):
        raise _wrong("merchant_tag", f"must be a text of at most {LONGEST_TAG} characters")
    recorded, used = (_seconds(body, name, sent.now) for name in TIMES)
    if used > sent.now:
        raise Refusal(422, FUTURE, extra={"param": "usage_timestamp"})
    return Record(forms.made_id(sent, ID_LENGTH), _rounded(amount), tag, recorded, used)


def _rounded(amount: Decimal) -> Decimal:
    exponent = amount.as_tuple().exponent
    return amount.quantize(NINE_PLACES).normalize() if isinstance(exponent, int) and exponent < -9 else amount  # noqa: PLR2004  as NINE_PLACES


def _seconds(body: Mapping[str, Any], name: str, now: int) -> int:
    text = body.get(name)
    if text is None:
        return now
    try:
        return reading.seconds(text)
    except (TypeError, ValueError):
        raise _wrong(name, "must be an ISO 8601 date and time, such as 2025-01-01T00:00:00Z") from None


def _shown(sent: Sent, made: Record) -> dict[str, Any]:
    at = {each: instant(each) for each in {sent.now, made.recorded, made.used}}
    return {
        "id": made.id,
        "object": "usage",
        "merchant_tag": made.merchant_tag,
        "amount": made.amount,
        "recording_timestamp": at[made.recorded],
        "usage_timestamp": at[made.used],
        "usage_type": "price",
        "tier_type": "flat",
        "tiers": [],
        "percentage_tiers": [],
        "usage_percentage": None,
        "unit_amount": None,
        "unit_amount_decimal": None,
        "measured_unit_id": None,
        "billed_at": None,
        "created_at": at[sent.now],
        "updated_at": at[sent.now],
    }


def _wrong(param: str, reason: str) -> Refusal:
    return Refusal(422, f"{param} {reason}", extra={"param": param})


@documented("an error has a type, a message and params")
@inferred("which refusal has which type")
def envelope(refusal: Refusal, _request_id: str) -> dict[str, Any]:
    """Return the body of a refusal."""
    kind = refusal.code or TYPES.get(refusal.status, "bad_request")
    param = refusal.extra.get("param")
    params = [{"param": param, "message": refusal.message}] if param else []
    return {"error": {"type": kind, "message": refusal.message, "params": params}}


V3 = Vendor(
    name="recurly",
    title="Recurly",
    calls=(
        Call("POST", "/subscriptions/*/add_ons/*/usage", record, reading.typed_json_body),
        Call("POST", "/v2/subscriptions/*/add_ons/*/usage", record_xml, recurly_xml.body),
    ),
    window_ns=0,
    envelope=envelope,
    no_key="Unauthorized: send your API key as the user name of Basic authentication",
)
V2 = replace(V3, envelope=recurly_xml.envelope, error_type=recurly_xml.XML)
VENDOR = replace(V3, former=V2, former_path="/v2/")
