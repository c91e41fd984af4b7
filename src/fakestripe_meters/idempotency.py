"""Idempotency keys: a request that is repeated under the same key gets the first answer again."""

from fakestripe_meters.call import Call
from fakestripe_meters.core import errors
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.replays import Answer
from fakestripe_meters.framework.endpoint import Endpoint
from fakestripe_meters.wire.message import Response

LONGEST_KEY = 255
SUCCESS = 200
# documented: no result is kept of a request that conflicts with another (https://docs.stripe.com/api/idempotent_requests).
NOT_KEPT = {429, 501}


def replay(call: Call, endpoint: Endpoint) -> Response | None:
    """Return the answer that is kept under the request's Idempotency-Key, if there is one."""
    key = call.exchange.idempotency_key
    if key is None or call.request.method not in endpoint.resource.style.IDEMPOTENT_METHODS:
        return None
    if not key:
        raise errors.requests.idempotency_key_empty()
    if len(key) > LONGEST_KEY:
        raise errors.requests.idempotency_key_too_long(LONGEST_KEY)
    call.headers["Idempotency-Key"] = key
    call.headers["Original-Request"] = call.exchange.request_id
    kept = call.account.replays.lookup(key, call.account.now_ns)
    if kept is None:
        return None
    if kept.fingerprint != call.fingerprint:
        raise errors.requests.idempotency_mismatch(key)
    answer = kept.answer
    call.exchange.status = answer.status
    fresh = {"Request-Id": call.exchange.request_id, "Idempotent-Replayed": "true"}
    return Response(answer.status, answer.headers | fresh, answer.body.encode("utf-8", "replace"))


def keep(call: Call, endpoint: Endpoint, response: Response) -> None:
    """Keep an answer under the request's Idempotency-Key, if it has one and the answer is of a kind that is kept."""
    key = call.headers.get("Idempotency-Key")
    style = endpoint.resource.style
    kept = response.status == SUCCESS or (style.KEEPS_FAILURES and response.status not in NOT_KEPT)
    if key and kept:
        answer = Answer(response.status, response.headers, response.body.decode())
        account, kept_ns = call.account, style.KEPT_S * SECOND_NS
        account.replays.store(key, call.fingerprint, answer, now_ns=account.now_ns, kept_ns=kept_ns)
