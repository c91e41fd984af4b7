"""The second look at a call that the engine is about to refuse: does Stripe have what the fake does not know?"""

import re
from collections.abc import Sequence

from fakestripe_meters import versions
from fakestripe_meters.call import Call
from fakestripe_meters.core import errors
from fakestripe_meters.core import printing
from fakestripe_meters.core.errors import NOT_SERVED
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.framework.endpoint import Endpoint
from fakestripe_meters.framework.endpoint import Simple
from fakestripe_meters.wire import schema
from fakestripe_meters.wire.tree import Tree

UNKNOWN = {"parameter_unknown", NOT_SERVED}
"""The codes of refusals that the second look may change."""
HEADER = "Fakestripe-Ignored"
LONGEST_HEADER = 1_000
"""In characters: a request may have thousands of parameters."""


def no_such_url(call: Call) -> StripeError:
    """Return 501 if Stripe has the URL of a call, in the version that the call names; else Stripe's 404."""
    from fakestripe_meters.unserved import table

    method, path = call.request.method, call.request.path
    known = table.operation(method, path)
    version = versions.version(call.request.headers.lookup("stripe-version")) or versions.DEFAULT
    # A call that is served, but not to this account, is Stripe's 404 as well.
    if call.endpoint is None and known is not None and known.is_in(version.date, preview=version.preview):
        pattern = table.path_of(path).replace(table.ANY, "*")
        call.exchange.hint = (
            f"Stripe has this URL, fakestripe-meters does not serve it: {errors.unserved.stub(method, pattern)}"
        )
        return errors.unserved.url(method, path, pattern)
    return errors.requests.unrecognized_url(method, path)


def parse(call: Call, endpoint: Endpoint) -> Simple:
    """Return the parameters of a call as the newest version has them, or raise."""
    tree = versions.upgrade(call.changes, endpoint.route, call.tree)
    try:
        return schema.parse(endpoint.params, tree)
    except StripeError as refusal:
        if refusal.code not in UNKNOWN:
            raise
    return _parse_sifted(call, endpoint, tree)


def _parse_sifted(call: Call, endpoint: Endpoint, tree: Tree) -> Simple:
    """Return the parameters of a call without those that only Stripe has, or raise.

    Stripe's own 400 comes first. Then 501, if such a parameter would change something, unless the fake ignores it.
    """
    from fakestripe_meters.unserved import table
    from fakestripe_meters.unserved.sifting import Sifter

    known = table.operations().get(re.sub("<[^>]*>", table.ANY, endpoint.rule), {}).get(endpoint.method, table.NOTHING)
    sifter = Sifter(call.version.date, call.version.preview)
    sifted = sifter.sift(endpoint.params, known, tree)
    try:
        params = schema.parse(endpoint.params, sifted)
    except StripeError as refusal:
        if refusal.code == "parameter_missing" and refusal.param in sifter.unserved:  # it was there, and taken out
            raise errors.unserved.param(refusal.param) from None
        raise
    if sifter.wrong:
        raise errors.params.unknown_params(sifter.wrong)
    if sifter.empty:
        raise errors.params.empty_param(sifter.empty[0])
    if sifter.unserved and call.account.settings.unserved == "refuse":
        raise errors.unserved.param(sifter.unserved[0])
    _note(call, sifter.inert, sifter.unserved)
    return params


def without(call: Call, params: Simple, refusal: StripeError) -> Simple | None:
    """Return the parameters without one that an operation has refused with 501, if the fake ignores it; else None."""
    name, ignores = refusal.param or "", call.account.settings.unserved == "ignore"
    if refusal.code != NOT_SERVED or not ignores or name not in params.declared:
        return None
    _note(call, call.exchange.ignored, [name])
    return type(params)(**vars(params) | {name: params.declared[name].default})


def _note(call: Call, inert: Sequence[str], unserved: Sequence[str]) -> None:
    """Name in the journal what has no effect, and in a header what would have had one at Stripe."""
    inert, unserved = ([versions.spelling(call.changes, each) for each in paths] for paths in (inert, unserved))
    call.exchange.ignored = (*inert, *unserved)
    if unserved:
        named = printing.line(", ".join(filter(None, [call.headers.get(HEADER), *unserved])))
        call.headers[HEADER] = named.encode("ascii", "backslashreplace").decode()[:LONGEST_HEADER]
