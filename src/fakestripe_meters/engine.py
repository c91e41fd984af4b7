"""The life of a request: the order of the steps is our record of which error Stripe reports first."""

from dataclasses import replace

from fakestripe_meters import resources
from fakestripe_meters import versions
from fakestripe_meters.call import Call
from fakestripe_meters.call import turn_away
from fakestripe_meters.core import errors
from fakestripe_meters.core import keys
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Cause
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.clock import When
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.faults import Fault
from fakestripe_meters.core.journal import Exchange
from fakestripe_meters.core.replays import Replay
from fakestripe_meters.core.settings import Settings
from fakestripe_meters.core.world import World
from fakestripe_meters.delivery.outbox import Outbox
from fakestripe_meters.framework.endpoint import Endpoint
from fakestripe_meters.framework.endpoint import Simple
from fakestripe_meters.framework.expanding import check
from fakestripe_meters.framework.expanding import expand
from fakestripe_meters.resources import Registry
from fakestripe_meters.routing import routes_of
from fakestripe_meters.wire import schema
from fakestripe_meters.wire.message import Request
from fakestripe_meters.wire.message import Response

LARGEST_BODY = 1_048_576
LONGEST_IDEMPOTENCY_KEY = 255
SUCCESS = 200


class Engine:
    """`handle(Request) -> Response`, over one world; every door leads here and none knows a rule."""

    def __init__(self, world: World, registry: Registry) -> None:
        self.world = world
        self.outbox = world.post = Outbox()
        self.routes = routes_of(registry)
        self.failures: list[Exception] = []
        """Exceptions inside the fake, for whoever runs the test: they are never Stripe's answer."""
        self._expansions = registry.expansions()

    @classmethod
    def fresh(
        cls, settings: Settings | None = None, *, now: When | None = None, seed: int | str | None = None
    ) -> "Engine":
        """An engine for all of Stripe's objects over a new world; `Misuse` if `now` is no instant."""
        registry = resources.registry()
        return cls(World(settings, now=now, seed=seed, due_work=registry.due_work()), registry)

    def begin(self, settings: Settings, *, now: When | None = None, seed: int | str | None = None) -> None:
        """Leave the world as it is, to whoever holds it, and begin another one."""
        self.world = World(settings, now=now, seed=seed, due_work=self.world.due_work, post=self.outbox)
        self.failures = []

    def handle(self, request: Request) -> Response:
        """Answer as Stripe would. An exception inside the fake is kept in `failures` and raised."""
        exchange = Exchange(self.world.clock.now(), None, request.method, request.path)
        self.world.journal.note(exchange)
        endpoint, path = self.routes.find(request.method, request.path)
        try:
            account = self._authenticate(request, endpoint)
        except StripeError as error:
            return turn_away(request, exchange, error)
        call = Call(request, exchange, account, endpoint, path)
        with account.lock:
            try:
                response = self._answer_or_go_wrong(call)
            except Exception as failure:
                self.failures.append(failure)
                raise
        self.outbox.dispatch(self.world, account)
        return response

    def _answer_or_go_wrong(self, call: Call) -> Response:
        self.world.enter(call.account)
        self._identify(call)
        fault = self.world.faults.strike(call.request.method, call.request.path)
        if fault and fault.goes_wrong and not fault.after_commit:
            return self._go_wrong(call, fault)
        try:
            response = self._answer(call)
        except StripeError as error:
            response = call.refuse(error)
        if fault is None:
            return response
        return self._go_wrong(call, fault) if fault.goes_wrong else replace(response, delay_s=fault.delay_s)

    def _answer(self, call: Call) -> Response:
        self._admit(call)
        endpoint = self._recognise(call)
        self._negotiate(call)
        self._decode(call, endpoint)
        params = self._parse(call, endpoint)
        return self._replay(call, endpoint) or self._operate(call, endpoint, params)

    def _authenticate(self, request: Request, endpoint: Endpoint | None) -> Account:
        key = keys.from_authorization(request.headers.find("authorization"))
        if endpoint is not None and endpoint.resource.in_session:
            return self._enter_session(key)
        keys.check(key)
        connected = request.headers.find("stripe-account")
        if connected is None:
            connected = request.headers.find("stripe-context")
        if connected is not None:
            keys.check_connected(connected)
        return self.world.account(key, connected)

    def _enter_session(self, token: str) -> Account:
        account = self.world.holder(token)
        if account is None:
            raise keys.no_session(token)
        return account

    def _identify(self, call: Call) -> None:
        request_id = self.world.request_ids.new("req_")
        idempotency_key = call.request.headers.find("idempotency-key")
        call.headers["Request-Id"] = call.exchange.request_id = request_id
        call.exchange.account = call.account.name.key
        call.exchange.idempotency_key = idempotency_key
        call.account.cause = Cause(request_id, idempotency_key)

    def _admit(self, call: Call) -> None:
        bucket = call.endpoint.resource.limit if call.endpoint else "global"
        reason = call.account.admit(bucket) if bucket else None
        if reason is not None:
            raise errors.rate_limited(reason)

    def _recognise(self, call: Call) -> Endpoint:
        method, path, endpoint = call.request.method, call.request.path, call.endpoint
        if endpoint is not None and endpoint.is_offered(call.account.settings):
            return endpoint
        call.exchange.hint = endpoint.absence if endpoint else self.routes.nearest(method, path)
        raise errors.unrecognized_url(method, path)

    def _negotiate(self, call: Call) -> None:
        header = call.request.headers.find("stripe-version")
        version = versions.version(header)
        if version is None:
            raise errors.invalid_version(header or "")
        call.version = version
        call.headers["Stripe-Version"] = call.exchange.api_version = version.text

    def _decode(self, call: Call, endpoint: Endpoint) -> None:
        if len(call.request.body) > LARGEST_BODY:
            raise errors.body_too_large(LARGEST_BODY)
        call.tree = endpoint.resource.style.decode(call.request)
        call.note_params()
        call.changes = versions.changes_for(endpoint.route, call.version, call.tree)

    def _parse(self, call: Call, endpoint: Endpoint) -> Simple:
        params = schema.parse(endpoint.params, versions.upgrade(call.changes, endpoint.route, call.tree))
        if params.expand:
            check(self._expansions, endpoint.resource.name, params.expand, in_list=endpoint.lists)
        return params

    def _replay(self, call: Call, endpoint: Endpoint) -> Response | None:
        key = call.exchange.idempotency_key
        if key is None or call.request.method not in endpoint.resource.style.IDEMPOTENT_METHODS:
            return None
        if not key or len(key) > LONGEST_IDEMPOTENCY_KEY:
            raise errors.idempotency_key_too_long(LONGEST_IDEMPOTENCY_KEY) if key else errors.idempotency_key_empty()
        call.headers["Idempotency-Key"] = key
        call.headers["Original-Request"] = call.exchange.request_id
        replay: Replay[Response] | None = call.account.replays.find(key, call.account.now_ns)
        if replay is None:
            return None
        if replay.fingerprint != call.fingerprint:
            raise errors.idempotency_mismatch(key)
        call.exchange.status = replay.answer.status
        fresh = {"Request-Id": call.exchange.request_id, "Idempotent-Replayed": "true"}
        return replace(replay.answer, headers=replay.answer.headers | fresh)

    def _operate(self, call: Call, endpoint: Endpoint, params: Simple) -> Response:
        account = call.account
        try:
            tree = endpoint.show(account, endpoint.operate(account, params, **call.path))
            expand(account, self._expansions, tree, params.expand)
            response = call.respond(SUCCESS, tree)
        except StripeError as error:
            response = call.refuse(error)
        style = endpoint.resource.style
        succeeded = response.status == SUCCESS
        if (key := call.headers.get("Idempotency-Key")) and (succeeded or style.KEEPS_FAILURES):
            kept_ns = style.KEPT_S * SECOND_NS
            account.replays.store(key, call.fingerprint, response, now_ns=account.now_ns, kept_ns=kept_ns)
        return response

    def _go_wrong(self, call: Call, fault: Fault) -> Response:
        response = call.refuse(errors.planned(fault.status or 500))
        return replace(response, delay_s=fault.delay_s, close=fault.close)
