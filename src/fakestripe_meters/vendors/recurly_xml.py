"""Recurly's API v2 speaks XML, and has ended for new sites: its usage records, and its refusals.

Documented in: https://github.com/recurly/recurly-client-python/blob/v2/tests/fixtures/usage/created.xml.
"""

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from fakestripe_meters.core.printing import masked
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.vendors import reading
from fakestripe_meters.vendors.vendor import Refusal
from fakestripe_meters.wire.message import Request

XML = "application/xml; charset=utf-8"
TYPES = ("application/xml", "text/xml")
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
NOT_XML = "The body is not valid XML"
TIMES = ("recording_timestamp", "usage_timestamp", "created_at", "updated_at")
SYMBOLS = {
    400: "bad_request",
    401: "unauthorized",
    404: "not_found",
    413: "bad_request",
    415: "unsupported_media_type",
    422: "invalid",
    429: "too_many_requests",
    500: "internal_server_error",
    503: "service_unavailable",
}


@documented("a usage element with one element for each field")
@inferred("no document type, and no element in another")
def body(request: Request) -> dict[str, str | None]:
    """Return the fields in an XML body, or raise `Refusal`."""
    if (kind := reading.content_type(request)) not in TYPES:
        raise Refusal(415, f"Unsupported content type {kind[:100]!r}: send application/xml")
    text = reading.unpacked(request)
    if b"<!" in text or b"\x00" in text:  # before it is parsed: a document type could make it large
        raise Refusal(400, f"{NOT_XML}, or it has a document type")
    try:
        root = ET.fromstring(text)  # noqa: S314  see above
    except (ET.ParseError, ValueError, LookupError):  # an encoding that nobody knows is a LookupError
        raise Refusal(400, NOT_XML) from None
    if root.tag != "usage":
        raise Refusal(400, "The body must be a usage element")
    fields: dict[str, str | None] = {}
    for each in root:
        if len(each) or each.tag in fields:
            raise Refusal(400, f"{each.tag[:100]} must be there once, and be a text")
        value = (each.text or "").strip()
        fields[each.tag] = value or None
    return fields


def usage(address: str, shown: Mapping[str, Any]) -> bytes:
    """Return a usage record as XML."""
    amount = shown["amount"]
    kind = "integer" if amount == int(amount) else "float"
    lines = [
        f'<usage href="{_escaped(address)}">',
        f"  <id>{_escaped(shown['id'])}</id>",
        f'  <amount type="{kind}">{amount:f}</amount>',
        f"  <merchant_tag>{_escaped(shown['merchant_tag'] or '')}</merchant_tag>",
        *(f'  <{name} type="datetime">{shown[name]}</{name}>' for name in TIMES),
        '  <billed_at nil="nil"></billed_at>',
        "  <usage_type>PRICE</usage_type>",
        "</usage>",
    ]
    return _document(lines)


@inferred("a refusal of a field is an `errors` element, any other an `error` element")
def envelope(refusal: Refusal, _request_id: str) -> bytes:
    """Return the body of a refusal."""
    symbol = _escaped(refusal.code or SYMBOLS.get(refusal.status, "bad_request"))
    message = _escaped(masked(refusal.message))
    param = refusal.extra.get("param")
    if param:
        field = _escaped(f"usage.{param}")
        return _document(["<errors>", f'  <error field="{field}" symbol="{symbol}">{message}</error>', "</errors>"])
    described = [f"  <symbol>{symbol}</symbol>", f"  <description>{message}</description>"]
    return _document(["<error>", *described, "</error>"])


def _document(lines: list[str]) -> bytes:
    return (HEAD + "\n".join(lines) + "\n").encode("utf-8", "replace")


def _escaped(text: str) -> str:
    """Return a text for XML, which cannot have control characters."""
    return escape("".join(each if each.isprintable() else " " for each in text), {'"': "&quot;"})
