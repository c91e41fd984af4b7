"""API v2: reads JSON, and writes objects, pages and errors as Stripe prints them."""

from collections.abc import Sequence
from hashlib import blake2b

from fakestripe_meters.core import errors
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.errors import shortened
from fakestripe_meters.wire import exact_json
from fakestripe_meters.wire import form
from fakestripe_meters.wire import v1
from fakestripe_meters.wire.message import Request
from fakestripe_meters.wire.tree import Json
from fakestripe_meters.wire.tree import Tree

NAME = "v2"
IDEMPOTENT_METHODS = frozenset({"POST", "DELETE"})
KEPT_S = 30 * DAY_S
"""For how many seconds an answer is kept under its Idempotency-Key."""
LOCK_STATUS = 409
"""The status if another request uses the object."""
KEEPS_FAILURES = False
"""Whether a failure is kept under its Idempotency-Key and repeated, instead of executing the request again."""
JSON = "application/json"
DOCS = "https://docs.stripe.com/error-codes#"
INVALID_FIELDS = "invalid_fields"
LARGEST_KEPT = 4_096


def decode(request: Request) -> Tree:
    """Return query and body as one tree, the body over the query; `StripeError` 400 if they cannot be read."""
    tree = form.parse(request.query) if request.query else {}
    if not request.body:
        return tree
    content_type = request.headers.lookup("content-type")
    if content_type and content_type.partition(";")[0].strip().lower() != JSON:
        raise errors.v2.unreadable("its Content-Type must be application/json")
    body = _parsed(request.body)
    if type(body) is not dict:
        raise errors.v2.unreadable("it must be a JSON object")
    return tree | body


def fingerprint(request: Request, tree: Tree) -> Tree | str:
    """Return what must be equal in all requests with one Idempotency-Key.

    That is the tree. Of a large body, such as a stream's, it is a digest: answers are kept for 30 days.
    """
    return tree if len(request.body) <= LARGEST_KEPT else blake2b(request.body, digest_size=16).hexdigest()


def list_object(data: Sequence[Json], *, next_page_url: str | None, previous_page_url: str | None) -> Tree:
    """Return a page of a list as JSON."""
    return {"data": list(data), "next_page_url": next_page_url, "previous_page_url": previous_page_url}


def error_object(error: StripeError, *, account: str | None, request_id: str) -> Tree:
    """Return the content of the error envelope: always a code and a message, a type only for typed errors."""
    if error.code in errors.OUR_CODES:
        return v1.error_object(error, account=account, request_id=request_id)
    code, kind, message = errors.v2.name(error)
    fields = {
        "code": code,
        "doc_url": DOCS + code if kind else None,
        "invalid_param": error.param if code == INVALID_FIELDS else None,
        "message": message or error.message,
        "request_log_url": v1.request_log_url(account, request_id) if account else None,
        "type": kind,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _parsed(body: bytes) -> Json:
    try:
        text = body.decode()
        tree: Json = exact_json.READER.decode(text)
    except UnicodeDecodeError:
        raise errors.v2.unreadable("it is not valid UTF-8") from None
    except RecursionError:
        raise errors.v2.unreadable(exact_json.TOO_DEEP) from None
    except ValueError as why:
        raise errors.v2.unreadable(f"it is not valid JSON: {shortened(str(why), 200)}") from None
    if exact_json.is_too_deep(body, tree):
        raise errors.v2.unreadable(exact_json.TOO_DEEP)
    if exact_json.has_half_pair(text, tree):
        raise errors.v2.unreadable(exact_json.HALF)
    return tree
