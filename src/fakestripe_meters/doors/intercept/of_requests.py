"""Intercept `requests`, which the SDK's synchronous calls use: replace `send` of its adapter.

A mock of `responses` would refuse all other hosts, keep every call forever, and cost a third more. Mocks that a test
activates itself are handled in `of_responses`.
"""

from collections.abc import Callable
from http.client import RemoteDisconnected
from http.client import responses as REASONS  # noqa: N812  a table
from io import BytesIO
from typing import Any

from requests import PreparedRequest
from requests import Response
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import ReadTimeout
from requests.exceptions import RetryError
from urllib3.exceptions import MaxRetryError
from urllib3.exceptions import ProtocolError
from urllib3.response import HTTPResponse

from fakestripe_meters.doors.intercept import mocks
from fakestripe_meters.doors.intercept.hosts import Answers
from fakestripe_meters.doors.intercept.hosts import Vendor
from fakestripe_meters.doors.intercept.hosts import ask
from fakestripe_meters.doors.intercept.hosts import engine_for
from fakestripe_meters.doors.intercept.hosts import request_to
from fakestripe_meters.doors.intercept.patches import Patch
from fakestripe_meters.doors.waiting import wait

Send = Callable[..., Response]


def patches() -> list[Patch]:
    """Return what to replace."""
    return [Patch(HTTPAdapter, "send", _sender)]


def exchange(engine: Answers, request: PreparedRequest, timeout: Any) -> HTTPResponse:  # noqa: ANN401  as requests takes it
    """Return an answer as urllib3 does, or raise as it does for a dropped connection or a late answer."""
    values = (value for _, value in request.headers.lower_items())  # `items` takes longer: it looks each name up
    sent = dict(zip(request.headers, values, strict=True))
    answer = ask(engine, request_to(str(request.url), str(request.method), sent, request.body))
    patience = _read_timeout(timeout)
    if patience is not None and answer.delay_s > patience:
        wait(patience)
        raise ReadTimeout(f"Read timed out. (read timeout={patience})", request=request)
    wait(answer.delay_s)
    if answer.close:
        reason = "Remote end closed connection without response"
        raise ProtocolError("Connection aborted.", RemoteDisconnected(reason))
    return HTTPResponse(
        body=BytesIO(answer.body),
        headers={"Content-Length": str(len(answer.body)), **answer.headers},
        status=answer.status,
        reason=REASONS.get(answer.status),
        preload_content=False,
        request_method=request.method,
    )


def _sender(original: Send) -> Send:
    def send(  # noqa: PLR0917  as in requests
        adapter: HTTPAdapter,
        request: PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002  as in requests
        timeout: Any = None,  # noqa: ANN401  as in requests
        verify: Any = True,  # noqa: ANN401, FBT002  as in requests
        cert: Any = None,  # noqa: ANN401  as in requests
        proxies: Any = None,  # noqa: ANN401  as in requests
    ) -> Response:
        engine = engine_for(str(request.url))
        mocked = isinstance(engine, Vendor) and (not mocks.is_own(original, "requests") or mocks.below_requests())
        if engine is None or mocked:
            return original(adapter, request, stream=stream, timeout=timeout, verify=verify, cert=cert, proxies=proxies)
        return _persist(adapter, request, engine, timeout)

    return send


def _persist(adapter: HTTPAdapter, request: PreparedRequest, engine: Answers, timeout: Any) -> Response:  # noqa: ANN401  as above
    """Try as often as the adapter's `max_retries` says, without waiting in between."""
    retries = adapter.max_retries
    while True:
        try:
            answer = exchange(engine, request, timeout)
            if not retries.is_retry(str(request.method), answer.status, "Retry-After" in answer.headers):
                return adapter.build_response(request, answer)
            retries = retries.increment(request.method, request.url, response=answer)
        except ProtocolError as error:
            retries = _after_lost_connection(retries, request, error)
        except MaxRetryError as error:
            if retries.raise_on_status:
                raise RetryError(error, request=request) from error
            return adapter.build_response(request, answer)


def _after_lost_connection(retries: Any, request: PreparedRequest, error: ProtocolError) -> Any:  # noqa: ANN401  urllib3's
    try:
        return retries.increment(request.method, request.url, error=error)
    except (ProtocolError, MaxRetryError) as final:
        raise RequestsConnectionError(final, request=request) from final


def _read_timeout(timeout: Any) -> float | None:  # noqa: ANN401  as above
    """Return the seconds to wait for an answer, from a number, a pair (connect, read), urllib3's Timeout, or None."""
    if isinstance(timeout, tuple):
        timeout = timeout[1]
    seconds = getattr(timeout, "read_timeout", timeout)
    return seconds if isinstance(seconds, int | float) else None
