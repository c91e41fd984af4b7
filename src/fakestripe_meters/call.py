"""One request on its way through the engine: what is known of it so far, and how it is answered.

Observed in: pay-rails/pay.
"""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import field
from dataclasses import replace

from fakestripe_meters import versions
from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Cause
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.faults import Fault
from fakestripe_meters.core.journal import Exchange
from fakestripe_meters.core.keys import named_account
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.limits import Over
from fakestripe_meters.core.printing import masked
from fakestripe_meters.core.scopes import Scope
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.world import World
from fakestripe_meters.framework.endpoint import Download
from fakestripe_meters.framework.endpoint import Endpoint
from fakestripe_meters.framework.endpoint import Style
from fakestripe_meters.framework.expanding import Plan
from fakestripe_meters.framework.expanding import needed_by
from fakestripe_meters.wire import v1
from fakestripe_meters.wire import v2
from fakestripe_meters.wire.message import Request
from fakestripe_meters.wire.message import Response
from fakestripe_meters.wire.tree import Tree
from fakestripe_meters.wire.tree import pretty

# observed: Stripe sends these headers with every answer.
HEADERS = {
    "Content-Type": "application/json",
    "Access-Control-Allow-Credentials": "true",
    "Access-Control-Allow-Methods": "GET, HEAD, PUT, PATCH, POST, DELETE",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Request-Id, Stripe-Manage-Version, Stripe-Should-Retry, "
    "X-Stripe-External-Auth-Required, X-Stripe-Privileged-Session-Required",
    "Access-Control-Max-Age": "300",
    "Cache-Control": "no-cache, no-store",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains; preload",
}
NONE: Mapping[str, str] = {}
LARGEST_NOTED = 4_096
"""In bytes. The journal keeps thousands of requests: of a larger body, such as a stream's, it notes only the size."""


@dataclass(slots=True)
class Call:
    """What is known of a request: each step of the engine adds to it. The exchange is its entry in the journal."""

    request: Request
    exchange: Exchange
    world: World
    account: Account
    endpoint: Endpoint | None
    path: dict[str, str]
    scope: Scope | None = None
    """What its key may do, if it is a restricted one."""
    version: versions.Version = versions.DEFAULT
    changes: versions.Changes = versions.NO_CHANGES
    tree: Tree = field(default_factory=dict)
    over: Over | None = None
    """The limit that it is over, if any."""
    plan: Plan | None = None
    """What to expand in the answer, if anything."""
    headers: dict[str, str] = field(default_factory=HEADERS.copy)

    @property
    def fingerprint(self) -> tuple[str, str, object]:
        """What must be the same when an Idempotency-Key is used again: method, path and parameters."""
        return self.request.method, self.request.path, style_of(self.request).fingerprint(self.request, self.tree)

    @observed("`Stripe-Account` is in the answer that shows a connected account, although it was not sent")
    @inferred("`Stripe-Account` is in every answer to a request that names an account; one set of recordings has none")
    def identify(self) -> None:
        """Give the request an id, for its headers, the journal, and the events that it causes."""
        request_id = self.world.request_ids.new("req_")
        idempotency_key = self.request.headers.lookup("idempotency-key")
        self.headers["Request-Id"] = self.exchange.request_id = request_id
        self.exchange.account, self.exchange.connected = self.account.name
        self.exchange.idempotency_key = idempotency_key
        self.account.cause = Cause(request_id, idempotency_key)
        if self.endpoint is not None:
            self.account.called.add(self.endpoint.route)
            if self.scope is not None:
                self.scope.called.add(self.endpoint.route)
        if self.account.name.connected is not None or named_account(self.request.headers) is not None:
            self.headers["Stripe-Account"] = self.account.id

    def answer(self) -> Response | None:
        """Return the answer of another vendor; None, because this is a call of Stripe's."""
        return None

    @property
    def _is_small(self) -> bool:
        return len(self.request.body) <= LARGEST_NOTED

    def note_params(self) -> None:
        """Note the parameters in the journal, or only the size of a large body."""
        self.exchange.params = self.tree if self._is_small else f"{len(self.request.body)} bytes"

    def require_expanded(self) -> None:
        """Note which permissions the expanded objects need; raise 403 if a restricted key has none of them."""
        needs = set(needed_by(self.plan or {}))
        self.account.called |= needs
        if self.scope is not None:
            self.scope.called |= needs
            self.scope.check_expanded(sorted(needs), self.account.id)

    def lower(self, tree: Tree) -> Tree:
        """Return a tree in the shape that it has in the request's version."""
        if not self.changes:
            return tree
        from fakestripe_meters.domain.records.former import Former  # imported late: it loads most kinds of records

        return versions.downgrade(self.changes, tree, Former(self.account))

    def respond(self, status: int, tree: Tree, headers: Mapping[str, str] = NONE) -> Response:
        """Return an answer with a tree, which is of the request's version."""
        self.exchange.status = status
        return Response(status, {**self.headers, **headers}, pretty(tree))

    def hand_over(self, file: Download) -> Response:
        """Return an answer with a file."""
        self.exchange.status = 200
        return Response(200, {**self.headers, **file.headers}, file.data)

    def refuse(self, error: StripeError) -> Response:
        """Return an answer with an error, which names parameters as in the request's version."""
        self._note_refused(error)
        spelled = _spelled(error, self.changes, self.tree)
        style = style_of(self.request)
        body = style.error_object(spelled, account=self.account.id, request_id=self.exchange.request_id)
        body = self.exchange.error = masked(body)
        self.headers.update(error.headers)
        return self.respond(error.status, self.lower({"error": body}))

    def _note_refused(self, error: StripeError) -> None:
        """Note the parameters of a request that was refused before they were read, and what only the journal says."""
        self.exchange.hint = error.hint or self.exchange.hint
        if self.exchange.params is None:
            with suppress(StripeError):
                self.tree = style_of(self.request).decode(self.request) if self._is_small else {}
                self.note_params()

    def fail(self, fault: Fault) -> Response:
        """Return the error that a planned fault puts in the place of the answer."""
        response = self.refuse(errors.requests.planned(fault.status or 500, fault.code, fault.reason))
        return replace(response, delay_s=fault.delay_s, close=fault.close)


def style_of(request: Request) -> Style:
    """Return `v2` for URLs below `/v2/` and else `v1`, also for unknown URLs."""
    return v2 if request.path.startswith("/v2/") else v1


@observed("such an answer has neither a request id nor a version")
def turn_away(request: Request, exchange: Exchange, error: StripeError) -> Response:
    """Return the answer to a request that is not authenticated: 401 or 403, without a request id or a version."""
    exchange.status = error.status
    exchange.error = masked(style_of(request).error_object(error, account=None, request_id=""))
    return Response(error.status, HEADERS | error.headers, pretty({"error": exchange.error}))


def out_of_service(why: str) -> Response:
    """Return 503, in the form of the control plane: the fake is closed, or the test of the request is over."""
    body = json.dumps({"error": {"message": why, "param": None}})
    headers = {"Content-Type": "application/json", "Stripe-Should-Retry": "false"}
    return Response(503, headers, f"{body}\n".encode())


def _spelled(error: StripeError, changes: tuple[versions.VersionChange, ...], sent: Tree) -> StripeError:
    """Return the error with its parameters named as in the request's version."""
    if not changes:
        return error
    message = error.message
    for mentioned in error.mentions:
        spelled = versions.spelling(changes, mentioned, sent)
        message = spelled.join(re.split(rf"(?<!\w){re.escape(mentioned)}(?!\w)", message))
    param = versions.spelling(changes, error.param, sent) if error.param else error.param
    return StripeError(
        error.status,
        message,
        error_type=error.type,
        code=error.code,
        param=param,
        reason=error.reason,
        extra=error.extra,
    )
