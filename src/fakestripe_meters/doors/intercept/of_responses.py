"""Work beside `responses`: the mocks that a test activates would refuse whatever they have no stub for.

A stub for a URL of Stripe's wins over the fake, so that a suite can be converted test by test. Calls without a stub go
to the fake, and calls to its own socket pass through.
"""

from collections.abc import Callable
from typing import Any

from requests import PreparedRequest
from requests.exceptions import ConnectionError as RequestsConnectionError
from responses import BaseResponse
from responses import PassthroughResponse
from responses import RequestsMock
from urllib3.exceptions import ProtocolError
from urllib3.response import HTTPResponse

from fakestripe_meters.doors.intercept.hosts import Answers
from fakestripe_meters.doors.intercept.hosts import engine_for
from fakestripe_meters.doors.intercept.hosts import is_own
from fakestripe_meters.doors.intercept.of_requests import exchange
from fakestripe_meters.doors.intercept.patches import Patch

Match = tuple[BaseResponse | None, list[str]]


def patches() -> list[Patch]:
    """Return what to replace: the search for a stub, which all mocks of the library share."""
    return [Patch(RequestsMock, "_find_match", _finder)]


class FromTheFake(BaseResponse):
    """Takes the place of a stub where there is none, and answers from the fake."""

    def __init__(self, engine: Answers, request: PreparedRequest) -> None:
        super().__init__(str(request.method), str(request.url))
        self._engine = engine

    def get_response(self, request: PreparedRequest) -> HTTPResponse:
        """Return the fake's answer."""
        try:
            return exchange(self._engine, request, getattr(request, "req_kwargs", {}).get("timeout"))
        except ProtocolError as error:
            raise RequestsConnectionError(error, request=request) from error


def _finder(original: Callable[[RequestsMock, PreparedRequest], Match]) -> Callable[[Any, PreparedRequest], Match]:
    def find_match(mock: RequestsMock, request: PreparedRequest) -> Match:
        stubs = list(mock.registered())
        found, reasons = original(mock, request)
        if found is None and (answer := _answer(request)) is not None:
            _put_back(mock, stubs)
            return answer, []
        return found, reasons

    return find_match


def _answer(request: PreparedRequest) -> BaseResponse | None:
    engine = engine_for(str(request.url))
    if engine is not None:
        return FromTheFake(engine, request)
    return PassthroughResponse(str(request.method), str(request.url)) if is_own(str(request.url)) else None


def _put_back(mock: RequestsMock, stubs: list[BaseResponse]) -> None:
    """Restore the stubs that an ordered registry drops at the first call that does not match."""
    if mock.registered() != stubs:
        registry = mock.get_registry()
        registry.reset()
        for stub in stubs:
            registry.add(stub)
