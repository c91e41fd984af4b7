"""Chargebee's idempotency keys: https://apidocs.chargebee.com/docs/api/idempotency.

Documented in: the names of the two headers in Chargebee's Python SDK 3.29.
"""

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import field
from functools import partial
from hashlib import blake2b
from typing import Any

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.vendors.vendor import Refusal
from fakestripe_meters.vendors.vendor import Reply
from fakestripe_meters.vendors.vendor import Sent
from fakestripe_meters.vendors.vendor import Taken
from fakestripe_meters.wire.message import Request

KEY = "chargebee-idempotency-key"
REPLAYED = {"chargebee-idempotency-replayed": "true"}
LONGEST = 100


@dataclass(eq=False)
class Replays(Part, name="chargebee_replays"):
    """The answers that idempotency keys stand for."""

    answers: Mapping[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    """For each key, what the request was, and the answer. Replaced as a whole."""


@documented("the same key brings the first answer again, and a header says so")
@inferred("a key stands for a request that succeeded, for ever, and for no other; it has at most 100 characters")
def once(sent: Sent, record: Callable[[Sent], Taken]) -> Taken:
    """Return what a call makes of a request; or, if its idempotency key is known, the answer that it had."""
    key = sent.request.headers.lookup(KEY)
    if key is None:
        return record(sent)
    if not 1 <= len(key) <= LONGEST:
        raise _refusal(f"must have 1 to {LONGEST} characters")
    replays = sent.account.peek(Replays)
    known = None if replays is None else replays.answers.get(key)
    request = _print_of(sent.request)
    if known is None:
        taken = record(sent)
        return taken._replace(keep=partial(_keep, sent.account, key, (request, taken.reply.tree)))
    if known[0] != request:
        raise _refusal("was used for another request")
    return Taken((), Reply(200, known[1], REPLAYED))


def _keep(account: Account, key: str, answer: tuple[str, dict[str, Any]]) -> None:
    replays = account.part(Replays)
    replays.answers = {**replays.answers, key: answer}


def _print_of(request: Request) -> str:
    return blake2b(request.path.encode("utf-8", "replace") + b"\n" + request.body, digest_size=16).hexdigest()


def _refusal(reason: str) -> Refusal:
    return Refusal(400, f"{KEY} : {reason}", code="invalid_request", extra={"param": KEY})
