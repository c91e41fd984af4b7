"""What some vendors' calls have in common: forms, ids made of a request's, and numbers that are sent as text."""

import re
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from hashlib import blake2b
from urllib.parse import parse_qsl
from urllib.parse import quote

from fakestripe_meters.vendors import reading
from fakestripe_meters.vendors.vendor import Refusal
from fakestripe_meters.vendors.vendor import Sent
from fakestripe_meters.wire.message import Request

MOST_FIELDS = 1_000
FOREVER_NS = 2**63
"""For repeats that a vendor never takes for something new."""
NUMBER = re.compile(r"-?[0-9]{1,50}(?:\.[0-9]{1,50})?")


def form_body(request: Request) -> Mapping[str, str]:
    """Return the body of a request as a form, or raise `Refusal`."""
    body = reading.unpacked(request)
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Refusal(400, "The body is not a form in UTF-8") from None
    form = dict(pairs)
    if len(form) < len(pairs):
        twice = next(name for place, (name, _) in enumerate(pairs) if name in dict(pairs[:place]))
        raise Refusal(400, f"{twice[:100]} is given twice")
    return form


def made_id(sent: Sent, length: int, number: int = 0) -> str:
    """Return an id of at most 32 characters for what a request makes: another for each request and number."""
    cause = f"{sent.account.cause.request_id}/{number}".encode()
    return blake2b(cause, digest_size=16).hexdigest()[:length]


def key_of(vendor: str, parts: Sequence[object]) -> str:
    """Return what tells an event from others, of parts none of which can be taken for another."""
    return f"{vendor}:{'/'.join(quote(str(part), safe='') for part in parts)}"


def number(value: object) -> Decimal | None:
    """Return a number of JSON's, or the number that a text is; None for anything else."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Decimal(value)
    return Decimal(value) if isinstance(value, str) and NUMBER.fullmatch(value) else None
