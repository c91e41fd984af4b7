"""Whether a call may pass: the rate limits, and those of calls that are answered at the same time."""

from contextlib import suppress
from types import TracebackType
from typing import Self

from fakestripe_meters.call import LARGEST_NOTED
from fakestripe_meters.call import Call
from fakestripe_meters.call import style_of
from fakestripe_meters.core import errors
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.flights import Flight
from fakestripe_meters.core.site import BELOW_VENDORS
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.wire.message import Response

READS = ("GET", "HEAD")


def admit(call: Call) -> None:
    """Raise 429 if a call is over a limit."""
    over = call.over
    if over is None:
        endpoint = call.endpoint
        if endpoint is None:
            over = call.account.admit("global")
        elif endpoint.limit is not None:
            over = call.account.admit(endpoint.limit, 1, endpoint.route)
    if over is not None:
        raise errors.requests.over_limit(over.reason, str(over), lock_status=style_of(call.request).LOCK_STATUS)


class Passing:
    """Within `with`, count a call among those at once; if they are too many, it is over a limit and does not count.

    Calls of other vendors do not count.
    """

    def __init__(self, call: Call) -> None:
        self._call = call
        self._counts = not call.request.path.startswith(BELOW_VENDORS)
        self._flight = Flight(call.endpoint.route if call.endpoint else "", _locked(call))
        self.response: Response | None = None
        """Its answer, once there is one."""

    def __enter__(self) -> Self:
        account = self._call.account
        if self._counts:
            self._call.over = account.flights.begin(self._flight, account.limits_in_force)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._call.account.flights.end(self._flight, self.response.delay_s if self.response else 0.0)


@inferred("a change locks the object that its URL names first; a read locks nothing")
def _locked(call: Call) -> object:
    """Return what a call locks; None if it locks nothing."""
    endpoint, request = call.endpoint, call.request
    if endpoint is None or request.method in READS:
        return None
    if call.path:
        return next(iter(call.path.values()))
    locks = endpoint.resource.locks
    if locks is not None and len(request.body) <= LARGEST_NOTED:
        with suppress(StripeError):
            return locks(endpoint.resource.style.decode(request))
    return None
