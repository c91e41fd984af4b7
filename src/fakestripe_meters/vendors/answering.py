"""Answer a vendor's call: what is known of it on its way through the engine, which treats it as one of Stripe's."""

from collections.abc import Mapping
from dataclasses import replace
from json import JSONEncoder
from typing import Any

from fakestripe_meters.call import Call as StripesCall
from fakestripe_meters.core import keys
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Cause
from fakestripe_meters.core.errors import NOT_SERVED
from fakestripe_meters.core.errors import either
from fakestripe_meters.core.errors import shortened
from fakestripe_meters.core.faults import Fault
from fakestripe_meters.core.journal import Exchange
from fakestripe_meters.core.printing import masked
from fakestripe_meters.core.site import VENDORS
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.world import World
from fakestripe_meters.vendors import NAMES
from fakestripe_meters.vendors import named
from fakestripe_meters.vendors.counting import count
from fakestripe_meters.vendors.vendor import JSON
from fakestripe_meters.vendors.vendor import NO_RETRY
from fakestripe_meters.vendors.vendor import Refusal
from fakestripe_meters.vendors.vendor import Sent
from fakestripe_meters.vendors.vendor import Taken
from fakestripe_meters.vendors.vendor import Vendor
from fakestripe_meters.wire.message import Request
from fakestripe_meters.wire.message import Response

NOT_IMPLEMENTED = 501
PLANNED = "planned by the test"
ENCODER = JSONEncoder(ensure_ascii=False, default=float)
"""What `json.dumps` would make anew for each answer."""


class Call(StripesCall):
    """A request to a vendor, for the account that its key names."""

    __slots__ = ("_below", "_vendor")

    def __init__(self, vendor: Vendor, request: Request, exchange: Exchange, world: World) -> None:
        headers = {"Content-Type": JSON}
        super().__init__(request, exchange, world, _account(world, request), None, {}, headers=headers)
        self._vendor = vendor
        self._below = request.path[len(VENDORS) + len(vendor.name) + 1 :]
        """The path below the vendor's own."""

    @inferred("the header with the request's id")
    def identify(self) -> None:
        """Give the request an id, for its headers, the journal, and the events that it causes."""
        request_id = self.world.request_ids.new("req_")
        self.headers["X-Request-Id"] = self.exchange.request_id = request_id
        self.exchange.account = self.account.name.key
        self.account.cause = Cause(request_id, None)

    def answer(self) -> Response:
        """Count what the call brings, and return the vendor's answer; a call that is refused counts nothing."""
        try:
            taken = self._taken()
        except Refusal as refusal:
            return self._turn_down(refusal)
        for usage in taken.usage:
            count(self.account, self._vendor, usage)
        if taken.keep is not None:
            taken.keep()
        reply = taken.reply
        self.exchange.status = reply.status
        if reply.tree is None:
            del self.headers["Content-Type"]
        return Response(reply.status, {**self.headers, **reply.headers}, _written(reply.tree))

    def _taken(self) -> Taken:
        found = self._vendor.find(self.request.method, self._below)
        if found is None:
            raise _not_served(self._vendor, self.request)
        call, values = found
        body = self.tree = call.reads(self.request)
        self.note_params()
        return call.does(Sent(self.request, body, self.account, values))

    def fail(self, fault: Fault) -> Response:
        """Return the error that a planned fault puts in the place of the answer, in the vendor's envelope."""
        status = fault.status or 500
        self.exchange.hint = PLANNED
        message = f"A planned fault of fakestripe-meters answered this request with {status}."
        return replace(
            self._turn_down(Refusal(status, message, code=fault.code)), delay_s=fault.delay_s, close=fault.close
        )

    def _turn_down(self, refusal: Refusal) -> Response:
        return _refused(self._vendor, refusal, self.exchange, self.headers)


def opened(world: World, request: Request, exchange: Exchange) -> Call | Response:
    """Return the call that a request is; or what turns it away: 404 if there is no such vendor, 401 without a key."""
    name = request.path.split("/")[2]
    vendor = named(name)
    if vendor is None:
        message = f"fakestripe-meters knows no vendor {shortened(name)!r} below {VENDORS}/: there are {either(NAMES)}."
        _note(exchange, Refusal(404, message))
        return Response(404, {"Content-Type": JSON}, _written({"error": exchange.error}))
    vendor = vendor.speaking(request.path)
    if not _key(request) and vendor.needs_key(request):
        exchange.request_id = world.request_ids.new("req_")  # without one, Recurly's SDK fails
        return _refused(vendor, Refusal(401, vendor.no_key), exchange, {"X-Request-Id": exchange.request_id})
    return Call(vendor, request, exchange, world)


@inferred("any key stands for that of the default account, except that a test key of Stripe's names its own")
def _account(world: World, request: Request) -> Account:
    """Return the account that a key is for. What a restricted one may do is about Stripe's calls only."""
    key = _key(request)
    if not keys.TEST_KEY.fullmatch(key):
        return world.account(keys.DEFAULT_KEY)
    scope = world.scopes.get(key) if world.scopes else None
    return world.account(key if scope is None else scope.account)


def _key(request: Request) -> str:
    return keys.from_authorization(request.headers.lookup("authorization"))


def _not_served(vendor: Vendor, request: Request) -> Refusal:
    served = either(f"{each.method} {VENDORS}/{vendor.name}{each.path}" for each in vendor.calls)
    asked = f"{request.method} {shortened(request.path)}"
    message = (
        f"fakestripe-meters serves {vendor.title}'s ingestion only, which is {served}, and not {asked}. Answer this "
        f'call by a stub: fakestripe.stub("{asked}", json=…), or POST /_fakestripe/stubs.'
    )
    return Refusal(NOT_IMPLEMENTED, message, code=NOT_SERVED, headers=NO_RETRY)


def _refused(vendor: Vendor, refusal: Refusal, exchange: Exchange, headers: Mapping[str, str]) -> Response:
    _note(exchange, refusal)
    body = _written(masked(vendor.envelope(refusal, exchange.request_id)))
    return Response(refusal.status, {**headers, **refusal.headers, "Content-Type": vendor.error_type}, body)


def _note(exchange: Exchange, refusal: Refusal) -> None:
    """Note a refusal in the journal, which has the words of all vendors in the same place."""
    exchange.status = refusal.status
    error = {"message": refusal.message}
    exchange.error = masked(error if refusal.code is None else {"code": refusal.code, **error})


def _written(tree: Any) -> bytes:  # noqa: ANN401  any JSON
    if isinstance(tree, bytes):
        return tree
    return b"" if tree is None else ENCODER.encode(tree).encode("utf-8", "replace")
