"""Answer a call by a stub: what is noted of the call, and what goes out."""

from fakestripe_meters.call import Call
from fakestripe_meters.call import style_of
from fakestripe_meters.core import keys
from fakestripe_meters.core import printing
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.stubs import Stub
from fakestripe_meters.core.stubs import StubbedCall
from fakestripe_meters.wire import v1
from fakestripe_meters.wire import v2
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request
from fakestripe_meters.wire.message import Response
from fakestripe_meters.wire.tree import Tree

HINT = "answered by a stub"
KINDS = {v1.FORM: v1, v2.JSON: v2}
FIRST_ERROR = 400


def answer(call: Call) -> Response | None:
    """Return the answer of the stub that is for a call; None if there is none."""
    stub = call.world.stubs.take(call.request.method, call.request.path)
    if stub is None:
        return None
    request, exchange, params = call.request, call.exchange, _params(call)
    noted = StubbedCall(
        exchange.at,
        printing.mask(call.account.name.key),
        request.method,
        printing.masked(request.path),
        printing.masked(params),
        Headers(_masked(request)),
        exchange.request_id,
    )
    stub.note(noted)
    exchange.status, exchange.error, exchange.hint = stub.status, _error_in(stub), HINT
    replaced = {name.lower() for name in stub.headers}
    usual = {name: value for name, value in call.headers.items() if name.lower() not in replaced}
    return Response(stub.status, {**usual, **stub.headers}, stub.body)


def _params(call: Call) -> Tree | str:
    """Return what was sent, read as its content type says, and note it in the journal."""
    kind = (call.request.headers.lookup("content-type") or "").partition(";")[0].strip().lower()
    try:
        call.tree = KINDS.get(kind, style_of(call.request)).decode(call.request)
    except StripeError:
        call.exchange.params = unread = f"{len(call.request.body)} bytes"
        return unread
    call.note_params()
    return call.tree


def _masked(request: Request) -> dict[str, str]:
    """Return a request's headers with masked keys, also the key that `Basic` hides."""
    shown = printing.masked(dict(request.headers))
    for name, value in request.headers.items():
        if name.lower() == "authorization":
            scheme = value.strip().partition(" ")[0]
            shown[name] = f"{scheme} {printing.mask(keys.from_authorization(value))}"
    return shown


def _error_in(stub: Stub) -> Tree | None:
    """Return the error that a stub answers in Stripe's form, for the journal."""
    error = stub.json.get("error") if isinstance(stub.json, dict) else None
    return printing.masked(error) if stub.status >= FIRST_ERROR and isinstance(error, dict) else None
