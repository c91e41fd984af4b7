"""The life of a request: the order of the steps is our record of which error Stripe reports first."""

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map
from werkzeug.routing import MapAdapter
from werkzeug.routing import Rule

from fakestripe_meters import versions
from fakestripe_meters.core import errors
from fakestripe_meters.core import keys
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import SECOND
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.faults import Fault
from fakestripe_meters.core.journal import Exchange
from fakestripe_meters.core.world import World
from fakestripe_meters.resources import Registry
from fakestripe_meters.resources._endpoint import Endpoint
from fakestripe_meters.resources._endpoint import Operation
from fakestripe_meters.resources._expanding import check
from fakestripe_meters.resources._expanding import expand
from fakestripe_meters.wire import schema
from fakestripe_meters.wire import v1
from fakestripe_meters.wire.message import Request
from fakestripe_meters.wire.message import Response
from fakestripe_meters.wire.tree import Tree
from fakestripe_meters.wire.tree import pretty

LARGEST_BODY = 1_048_576
LONGEST_IDEMPOTENCY_KEY = 255
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


@dataclass(slots=True)
class Call:
    """What is known of a request so far; each step of the engine adds to it."""

    request: Request
    exchange: Exchange
    endpoint: Endpoint | None
    path: dict[str, str]
    account: Account
    idempotency_key: str | None
    version: versions.Version = versions.DEFAULT
    changes: tuple[versions.VersionChange, ...] = ()
    tree: Tree = None
    headers: dict[str, str] = field(default_factory=HEADERS.copy)


class Engine:
    """`handle(Request) -> Response`, over one world; every door leads here and none knows a rule."""

    def __init__(self, world: World, registry: Registry) -> None:
        self.world = world
        self.failures: list[Exception] = []
        """Exceptions inside the fake, for whoever runs the test: they are never Stripe's answer."""
        self._expansions = registry.expansions()
        endpoints = list(registry.endpoints())
        self._fixed = {(each.method, each.rule): each for each in endpoints if "<" not in each.rule}
        self._variable = _routes(endpoints)

    def handle(self, request: Request) -> Response:
        """Answer as Stripe would. An exception inside the fake is kept in `failures` and raised."""
        exchange = Exchange(self.world.clock.now(), None, request.method, request.path)
        self.world.journal.note(exchange)
        try:
            account = self._authenticate(request)
        except StripeError as error:
            return _turned_away(exchange, error)
        call = Call(request, exchange, *self._find(request), account, request.headers.find("idempotency-key"))
        with account.lock:
            try:
                return self._with_faults(call)
            except Exception as failure:
                self.failures.append(failure)
                raise

    def _with_faults(self, call: Call) -> Response:
        self.world.enter(call.account)
        self._identify(call)
        fault = self.world.faults.strike(call.request.method, call.request.path)
        if fault and fault.goes_wrong and not fault.after_commit:
            return self._go_wrong(call, fault)
        try:
            response = self._answer(call)
        except StripeError as error:
            response = self._refuse(call, error)
        if fault is None:
            return response
        return self._go_wrong(call, fault) if fault.goes_wrong else replace(response, delay_s=fault.delay_s)

    def _answer(self, call: Call) -> Response:
        self._admit(call)
        endpoint = self._route(call)
        self._negotiate(call)
        self._decode(call, endpoint)
        params = self._parse(call, endpoint)
        return self._replay(call, endpoint) or self._operate(call, endpoint, params)

    # The steps, in their order

    def _authenticate(self, request: Request) -> Account:
        key = keys.from_authorization(request.headers.find("authorization"))
        keys.check(key)
        connected = request.headers.find("stripe-account")
        if connected is not None:
            keys.check_connected(connected)
        return self.world.account(key, connected)

    def _identify(self, call: Call) -> None:
        call.exchange.account = call.account.name[0]
        call.exchange.request_id = call.headers["Request-Id"] = self.world.request_ids.new("req_")
        call.exchange.idempotency_key = call.idempotency_key

    def _admit(self, call: Call) -> None:
        bucket = call.endpoint.resource.limit if call.endpoint else "global"
        account = call.account
        reason = account.limiter.admit(bucket, account.settings.limits, account.now_ns)
        if reason is not None:
            raise errors.rate_limited(reason)

    def _route(self, call: Call) -> Endpoint:
        if call.endpoint is None:
            raise errors.unrecognized_url(call.request.method, call.request.path)
        return call.endpoint

    def _negotiate(self, call: Call) -> None:
        header = call.request.headers.find("stripe-version")
        version = versions.version(header)
        if version is None:
            raise errors.invalid_version(header or "")
        call.version = version
        call.exchange.api_version = call.headers["Stripe-Version"] = version.text

    def _decode(self, call: Call, endpoint: Endpoint) -> None:
        if len(call.request.body) > LARGEST_BODY:
            raise errors.body_too_large(LARGEST_BODY)
        call.tree = call.exchange.params = endpoint.resource.style.decode(call.request)
        call.changes = versions.changes_for(endpoint.route, call.version, call.tree)

    def _parse(self, call: Call, endpoint: Endpoint) -> Operation:
        params = schema.parse(endpoint.params, versions.upgrade(call.changes, endpoint.route, call.tree))
        if params.expand:
            check(self._expansions, endpoint.resource.name, params.expand, in_list=endpoint.lists)
        return params

    def _replay(self, call: Call, endpoint: Endpoint) -> Response | None:
        key = call.idempotency_key
        if key is None or call.request.method not in endpoint.resource.style.IDEMPOTENT_METHODS:
            call.idempotency_key = None
            return None
        if not key or len(key) > LONGEST_IDEMPOTENCY_KEY:
            raise errors.idempotency_key_too_long(LONGEST_IDEMPOTENCY_KEY) if key else errors.idempotency_key_empty()
        call.headers["Idempotency-Key"] = key
        call.headers["Original-Request"] = call.exchange.request_id
        replay = call.account.replays.find(key, call.account.now_ns)
        if replay is None:
            return None
        if replay.fingerprint != _fingerprint(call):
            raise errors.idempotency_mismatch(key)
        call.exchange.status = replay.answer.status
        fresh = {"Request-Id": call.exchange.request_id, "Idempotent-Replayed": "true"}
        return replace(replay.answer, headers=replay.answer.headers | fresh)

    def _operate(self, call: Call, endpoint: Endpoint, params: Operation) -> Response:
        try:
            outcome = endpoint.operate(call.account, params, **call.path)
            tree = endpoint.show(call.account, outcome)
            expand(call.account, self._expansions, tree, params.expand)
            response = _respond(call, 200, versions.downgrade(call.changes, tree))
        except StripeError as error:
            response = self._refuse(call, error)
        if call.idempotency_key:
            now_ns, kept_ns = call.account.now_ns, endpoint.resource.style.KEPT_S * SECOND
            call.account.replays.store(
                call.idempotency_key, _fingerprint(call), response, now_ns=now_ns, kept_ns=kept_ns
            )
        return response

    # What happens instead

    def _refuse(self, call: Call, error: StripeError) -> Response:
        style = call.endpoint.resource.style if call.endpoint else v1
        spelled = _spelled(error, call.changes)
        body = style.error_object(spelled, account=call.account.id, request_id=call.exchange.request_id)
        call.exchange.error = body
        call.headers.update(error.headers)
        return _respond(call, error.status, {"error": body})

    def _go_wrong(self, call: Call, fault: Fault) -> Response:
        response = self._refuse(call, errors.planned(fault.status or 500))
        return replace(response, delay_s=fault.delay_s, close=fault.close)

    def _find(self, request: Request) -> tuple[Endpoint | None, dict[str, str]]:
        fixed = self._fixed.get((request.method, request.path))
        if fixed is not None:
            return fixed, {}
        try:
            endpoint, path = self._variable.match(request.path, request.method)
        except HTTPException:
            return None, {}
        return endpoint, dict(path)


def _routes(endpoints: Iterable[Endpoint]) -> MapAdapter:
    rules = [Rule(each.rule, methods=[each.method], endpoint=each) for each in endpoints]
    return Map(rules, merge_slashes=False, redirect_defaults=False).bind("api.stripe.com")


def _fingerprint(call: Call) -> object:
    return call.request.method, call.request.path, call.tree


def _spelled(error: StripeError, changes: tuple[versions.VersionChange, ...]) -> StripeError:
    """The error in the words of the version that was spoken."""
    if not changes:
        return error
    message = error.message
    for mentioned in error.mentions:
        message = message.replace(mentioned, versions.spelling(changes, mentioned))
    param = versions.spelling(changes, error.param) if error.param else None
    return StripeError(error.status, message, error_type=error.type, code=error.code, param=param)


def _respond(call: Call, status: int, tree: Tree) -> Response:
    call.exchange.status = status
    return Response(status, call.headers, pretty(tree))


def _turned_away(exchange: Exchange, error: StripeError) -> Response:
    """Who is not let in learns neither a request id nor a version: observed."""
    exchange.status = error.status
    exchange.error = v1.error_object(error, account=None, request_id="")
    return Response(error.status, HEADERS | error.headers, pretty({"error": exchange.error}))
