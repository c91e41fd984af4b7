"""Read the bodies of vendors' calls, and what stands in them: JSON, also packed, and times."""

import zlib
from typing import Any

from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.errors import quoted
from fakestripe_meters.core.errors import shortened
from fakestripe_meters.core.instants import parse
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.vendors.vendor import JSON
from fakestripe_meters.vendors.vendor import Refusal
from fakestripe_meters.wire import exact_json
from fakestripe_meters.wire.message import Request

LARGEST = 1_048_576
"""In bytes, as for Stripe's calls: the doors read one more."""
LARGEST_UNPACKED = 16 * LARGEST
GZIP = 16 + zlib.MAX_WBITS
PLAIN = ("", "identity")


def content_type(request: Request) -> str:
    """Return the content type of a request, in lower case and without parameters; empty if it has none."""
    return (request.headers.lookup("content-type") or "").partition(";")[0].strip().lower()


def json_body(request: Request) -> Any:  # noqa: ANN401  any JSON
    """Return the body of a request as JSON, whatever its content type says, or raise `Refusal`."""
    return parsed(unpacked(request))


def typed_json_body(request: Request) -> Any:  # noqa: ANN401  any JSON
    """Return the body of a request as JSON, or raise `Refusal`: 415 unless its content type is JSON's."""
    if (kind := content_type(request)) != JSON:
        raise Refusal(415, f"Unsupported content type {quoted(kind)}: send {JSON}")
    return json_body(request)


def parsed(body: bytes) -> Any:  # noqa: ANN401  any JSON
    """Return a body as JSON, with its decimals exact, or raise `Refusal`."""
    try:
        text = body.decode()
        tree = exact_json.READER.decode(text)
    except RecursionError:
        raise _invalid(exact_json.TOO_DEEP) from None
    except ValueError as error:
        raise _invalid(shortened(str(error), 200)) from None
    if exact_json.is_too_deep(body, tree):
        raise _invalid(exact_json.TOO_DEEP)
    if exact_json.has_half_pair(text, tree):
        raise _invalid(exact_json.HALF)
    return tree


@inferred("413 for a body that is too large, 415 for an encoding other than gzip, and how large a body may be")
def unpacked(request: Request) -> bytes:
    """Return the body of a request, unpacked if it is gzipped, or raise `Refusal`."""
    body = request.body
    if len(body) > LARGEST:
        raise Refusal(413, f"The body is larger than {LARGEST} bytes")
    encoding = request.headers.lookup("content-encoding")
    if encoding is None or (encoding := encoding.strip().lower()) in PLAIN:
        return body
    if encoding != "gzip":
        raise Refusal(415, f"Unsupported content encoding {quoted(encoding)}: send gzip, or none")
    packed = zlib.decompressobj(GZIP)
    try:
        body = packed.decompress(body, LARGEST_UNPACKED + 1)
    except zlib.error:
        raise Refusal(400, "The body is not gzipped, as its content encoding says") from None
    if len(body) > LARGEST_UNPACKED:
        raise Refusal(413, f"The body is larger than {LARGEST_UNPACKED} bytes when it is unpacked")
    if not packed.eof or packed.unused_data:
        raise Refusal(400, "The gzipped body is cut off, or something follows it")
    return body


def seconds(text: str) -> int:
    """Return an RFC 3339 time as Unix seconds; ValueError unless it is one, between 1970 and 3000."""
    return parse(text) // SECOND_NS


def _invalid(reason: str) -> Refusal:
    return Refusal(400, f"The body is not valid JSON: {reason}")
