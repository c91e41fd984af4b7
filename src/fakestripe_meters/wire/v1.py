"""API v1: reads forms, and writes objects, lists and errors as Stripe prints them."""

from collections.abc import Mapping
from collections.abc import Sequence

from fakestripe_meters.core import errors
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.wire import form
from fakestripe_meters.wire.message import Request
from fakestripe_meters.wire.tree import Json
from fakestripe_meters.wire.tree import Tree

NAME = "v1"
IDEMPOTENT_METHODS = frozenset({"POST"})
KEPT_S = DAY_S
"""For how many seconds an answer is kept under its Idempotency-Key."""
LOCK_STATUS = 429
"""The status if another request uses the object."""
KEEPS_FAILURES = True
"""Whether a failure is kept under its Idempotency-Key and repeated, instead of executing the request again."""
FORM = "application/x-www-form-urlencoded"
DOCS = "https://stripe.com/docs/error-codes/"


def decode(request: Request) -> Tree:
    """Return query and body as one tree, the body over the query; `StripeError` 400 if they cannot be read."""
    content_type = request.headers.lookup("content-type")
    if request.body and content_type and content_type.partition(";")[0].strip().lower() != FORM:
        raise errors.requests.not_a_form()
    return form.parse(request.query, request.body)


def fingerprint(_request: Request, tree: Tree) -> Tree:
    """Return what must be equal in all requests with one Idempotency-Key: the whole tree."""
    return tree


# observed: the order of the keys (pay-rails/pay, Kiln-AI/stripe_world).
def list_object(data: Sequence[Json], *, has_more: bool, url: str) -> Tree:
    """Return a page of a list as JSON."""
    return {"object": "list", "data": list(data), "has_more": has_more, "url": url}


def search_result(data: Sequence[Json], *, next_page: str | None, total: int | None, url: str) -> Tree:
    """Return a page of what a search has found as JSON; `total_count` is left out without a total."""
    # observed: the order of the keys, without a total (stripe/stripe-node#1508).
    found: Tree = {"object": "search_result", "data": list(data), "has_more": next_page is not None}
    found["next_page"] = next_page
    if total is not None:
        found["total_count"] = total
    found["url"] = url
    return found


# observed: the envelope and the order of its keys, and the address of the log (pay-rails/pay).
def error_object(error: StripeError, *, account: str | None, request_id: str) -> Tree:
    """Return the content of the error envelope: keys in alphabetical order, absent ones left out."""
    ours = error.code in errors.OUR_CODES
    fields: Mapping[str, Json] = {
        "code": error.code,
        "doc_url": DOCS + error.code.replace("_", "-") if error.code and not ours else None,
        "message": error.message,
        "param": error.param,
        "request_log_url": request_log_url(account, request_id) if account and not ours else None,
        "type": error.type,
    }
    if error.extra:
        fields = dict(sorted({**fields, **error.extra}.items()))
    return {name: value for name, value in fields.items() if value is not None}


def request_log_url(account: str, request_id: str) -> str:
    """Return the URL at which Stripe's Workbench would show the request."""
    return f"https://dashboard.stripe.com/{account}/test/workbench/logs?object={request_id}"
