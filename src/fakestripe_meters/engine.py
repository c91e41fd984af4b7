"""The life of a request. The order of the steps is our record of which error Stripe reports first.

1. Note the request in the journal, find its endpoint, and authenticate it: 401 and 403 come before everything else.
2. Lock the account, do its scheduled work up to now, and give the request an id.
3. Find a planned fault. One that replaces the answer does so now, or after the work is done.
4. If the test has planned a stub for the call, answer by that. Else check the rate limit (429), the URL (404 or 501),
   the API version, the permissions of a restricted key (403), the body, and the parameters (400), in this order.
5. Answer a repeated Idempotency-Key with the first answer again, or else run the operation and write its answer. An
   operation that is refused changes nothing.
6. Take the webhooks that are ready, unlock the account, let time pass if the option `tick` says so, and send them.

A call below `/_vendors/` is another vendor's. It takes the same steps, but after a stub the vendor's module answers it
(`vendors/answering.py`).
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cache
from functools import partial

from fakestripe_meters import admission
from fakestripe_meters import idempotency
from fakestripe_meters import resources
from fakestripe_meters import stub_answers
from fakestripe_meters import versions
from fakestripe_meters.authentication import authenticate
from fakestripe_meters.call import Call
from fakestripe_meters.call import out_of_service
from fakestripe_meters.call import turn_away
from fakestripe_meters.core import errors
from fakestripe_meters.core.clock import When
from fakestripe_meters.core.errors import Conflict
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.journal import Exchange
from fakestripe_meters.core.options import Settings
from fakestripe_meters.core.site import BELOW_VENDORS
from fakestripe_meters.core.undo import Atomic
from fakestripe_meters.core.undo import DryRun
from fakestripe_meters.core.world import World
from fakestripe_meters.delivery.traffic import Parcel
from fakestripe_meters.framework.endpoint import Download
from fakestripe_meters.framework.endpoint import Endpoint
from fakestripe_meters.framework.endpoint import Simple
from fakestripe_meters.framework.registry import Registry
from fakestripe_meters.lifetime import OVER
from fakestripe_meters.lifetime import Lifetime
from fakestripe_meters.routing import routes_of
from fakestripe_meters.unserved import calls as unserved
from fakestripe_meters.wire.message import Request
from fakestripe_meters.wire.message import Response

LARGEST_BODY = 1_048_576
SUCCESS = 200
NOT_IMPLEMENTED = 501


class Engine(Lifetime):
    """Answers requests from the state of one world. Every door calls `handle`, and no door knows a rule of Stripe's."""

    def __init__(
        self,
        registry: Registry,
        settings: Settings | None = None,
        *,
        now: When | None = None,
        seed: int | str | None = None,
    ) -> None:
        works, repeats = registry.due_work(), registry.repeats()
        make = partial(World, due_work=works, repeats=repeats, poll=self._poll)
        super().__init__(make, settings, now=now, seed=seed)
        self.routes = routes_of(registry)
        self._expandable = cache(registry.expandable)
        self._expander = cache(registry.expander)
        self.elsewhere: Callable[[Request, Exchange, Response], Response] | None = None
        """Another server that answers calls which are not served."""
        self.told: Callable[[Exchange], object] | None = None
        """Is told of each request when it was answered."""

    @classmethod
    def fresh(
        cls, settings: Settings | None = None, *, now: When | None = None, seed: int | str | None = None
    ) -> "Engine":
        """Return an engine for all of Stripe's objects, with a new world. `Misuse` if `now` is not a time."""
        return cls(resources.registry(), settings, now=now, seed=seed)

    def handle(self, request: Request) -> Response:
        """Return Stripe's answer. An exception inside the fake is added to `failures` and raised."""
        if self.paused:
            return out_of_service(self.paused)
        world, failures, journal = self.world, self.failures, None
        exchange = Exchange(world.clock.now(), None, request.method, request.path)
        endpoint, path = self.routes.lookup(request.method, request.path)
        response = None
        notifications: list[Parcel] = []
        while response is None:
            if world is not self.world:  # the test that made the request is over
                return out_of_service(self.paused or OVER)
            if world.journal is not journal:  # at first, and after a reset
                journal = world.journal
                journal.add(exchange)
            call = _opened(world, request, exchange, endpoint, path)
            if isinstance(call, Response):
                response = call
                continue
            answer = self._answer_among_others if call.account.limits_in_force.at_once else self._answer_under_lock
            response, notifications = answer(call, failures)
        passes_on = response.status == NOT_IMPLEMENTED and not request.path.startswith(BELOW_VENDORS)
        elsewhere = self.elsewhere if passes_on else None
        if elsewhere is None:
            _keep(world, exchange, request, response)
        self._go_on(world, notifications, failures, ticks=world.journal is journal)  # not after a reset
        if elsewhere is not None:
            response = elsewhere(request, exchange, response)
            _keep(world, exchange, request, response)
        if self.told is not None:
            self.told(exchange)
        return response

    def _poll(self, world: World) -> bool:
        from fakestripe_meters.bucket import polling  # imported late: few fakes have a bucket

        return polling.poll(self, world)

    def _go_on(self, world: World, notifications: list[Parcel], failures: list[Exception], *, ticks: bool) -> None:
        """Let time pass if the option `tick` says so, and send webhooks; what handlers ask for comes later."""
        moved = ticks and bool(world.settings.tick_ns) and world.clock.step(world.settings.tick_ns)
        self.outbox.deliver(notifications)
        if moved:
            self._catch_up(world, failures)

    def _catch_up(self, world: World, failures: list[Exception]) -> None:
        """Do what is due since the option `tick` has moved the clock.

        Wait neither for another move of the clock nor for receivers: one of these may have made the request.
        """
        try:
            with suppress(Conflict):  # the world was replaced meanwhile, and its time is over
                world.catch_up(world.clock.passing(), wait=False)
        except Exception as failure:
            failures.append(failure)
            raise

    def _answer_among_others(self, call: Call, failures: list[Exception]) -> tuple[Response | None, list[Parcel]]:
        """Answer as below, and count the call among those that the account has at once."""
        with admission.Passing(call) as passing:
            passing.response, notifications = self._answer_under_lock(call, failures)
        return passing.response, notifications

    def _answer_under_lock(self, call: Call, failures: list[Exception]) -> tuple[Response | None, list[Parcel]]:
        """Answer, and take the webhooks to send; no answer if the account was dropped while the request waited."""
        with call.account.lock:
            if call.account.forgotten:
                return None, []
            try:
                response = self._answer_or_fail(call)
            except Exception as failure:
                failures.append(failure)
                raise
            return response, self.outbox.gather(call.world, call.account)

    def _answer_or_fail(self, call: Call) -> Response:
        """Answer, unless a planned fault loses, replaces or delays the answer."""
        call.world.enter(call.account)
        call.identify()
        fault = call.world.faults.strike(call.request.method, call.request.path, call.account.name.key)
        if fault and fault.goes_wrong and not fault.after_commit:
            return call.fail(fault)
        try:
            response = self._answer(call)
        except StripeError as error:
            response = call.refuse(error)
        if fault is None:
            return response
        return call.fail(fault) if fault.goes_wrong else replace(response, delay_s=fault.delay_s)

    def _answer(self, call: Call) -> Response:
        if call.world.stubs.planned and (stubbed := stub_answers.answer(call)) is not None:
            return stubbed
        if (others := call.answer()) is not None:
            return others
        admission.admit(call)
        endpoint = self._require_endpoint(call)
        self._choose_version(call)
        if call.scope is not None:
            call.scope.check(endpoint.route, call.account.id)
        self._decode(call, endpoint)
        params = self._parse(call, endpoint)
        return idempotency.replay(call, endpoint) or self._operate(call, endpoint, params)

    def _require_endpoint(self, call: Call) -> Endpoint:
        """Raise 404 (501 if Stripe knows it) for a URL that is not served, with a hint in the journal."""
        method, path, endpoint = call.request.method, call.request.path, call.endpoint
        if endpoint is not None and endpoint.is_offered(call.account.settings):
            return endpoint
        call.exchange.hint = endpoint.absence if endpoint else self.routes.nearest(method, path)
        raise unserved.no_such_url(call)

    def _choose_version(self, call: Call) -> None:
        """Take the API version from the `Stripe-Version` header, or else the default; raise 400 if it is invalid."""
        header = call.request.headers.lookup("stripe-version")
        version = versions.version(header)
        if version is None:
            raise errors.requests.invalid_version(header or "")
        if call.endpoint is not None:
            versions.check_endpoint(call.endpoint.route, version, call.request.path)
        call.version = version
        call.headers["Stripe-Version"] = call.exchange.api_version = version.text

    def _decode(self, call: Call, endpoint: Endpoint) -> None:
        """Read query and body into a tree, and find the changes between the request's version and the newest."""
        if len(call.request.body) > LARGEST_BODY:
            raise errors.requests.body_too_large(LARGEST_BODY)
        call.tree = endpoint.resource.style.decode(call.request)
        call.note_params()
        call.changes = versions.changes_for(endpoint.route, call.version, call.tree)

    def _parse(self, call: Call, endpoint: Endpoint) -> Simple:
        """Return the parameters as the newest version has them, or raise 400 (501 for what only Stripe has)."""
        params = unserved.parse(call, endpoint)
        versions.check_request(endpoint.route, call.version.date, call.tree, stated=call.version.stated)
        if params.expand:
            expandable = self._expandable().at(call.version.date, preview=call.version.preview)
            lists, searches = endpoint.lists, endpoint.searches
            call.plan = expandable.plan(endpoint.resource.name, params.expand, in_list=lists, in_search=searches)
            call.require_expanded()
        return params

    def _operate(self, call: Call, endpoint: Endpoint, params: Simple) -> Response:
        """Run the operation, write the answer in the request's version, and keep it under the Idempotency-Key.

        If the operation is refused, or is a dry one, it changes nothing.
        """
        account = call.account
        try:
            with DryRun() if endpoint.dry else Atomic():
                outcome = endpoint.run(account, params, call.path)
                if isinstance(outcome, Download):
                    return call.hand_over(outcome)
                tree = endpoint.show(account, outcome)
                tree = self._expander().expand(account, tree, call.plan, call.lower) if call.plan else call.lower(tree)
                response = call.respond(SUCCESS, tree, endpoint.headers)
        except StripeError as error:
            if (fewer := unserved.without(call, params, error)) is not None:
                return self._operate(call, endpoint, fewer)
            response = call.refuse(error)
        idempotency.keep(call, endpoint, response)
        return response


def _opened(
    world: World, request: Request, exchange: Exchange, endpoint: Endpoint | None, path: dict[str, str]
) -> Call | Response:
    """Return the call that a request is, of Stripe's or of another vendor's; or the answer that turns it away."""
    if request.path.startswith(BELOW_VENDORS):
        from fakestripe_meters.vendors import answering  # imported late: few programs send usage to other vendors

        return answering.opened(world, request, exchange)
    try:
        account, scope = authenticate(world, request, endpoint, path)
    except StripeError as error:
        return turn_away(request, exchange, error)
    return Call(request, exchange, world, account, endpoint, path, scope)


def _keep(world: World, exchange: Exchange, request: Request, response: Response) -> None:
    """Keep the answer in the journal; from here on, the exchange does not change."""
    world.journal.keep(exchange, request.headers.sent, response.headers, None if response.close else response.body)
