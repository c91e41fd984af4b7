"""What the engine answers, for the doors that speak HTTP."""

import json
import logging
from functools import cache

from fakestripe_meters.core import printing
from fakestripe_meters.core.site import VENDORS
from fakestripe_meters.engine import Engine
from fakestripe_meters.wire.message import Request
from fakestripe_meters.wire.message import Response

API = ("/v1", "/v2", VENDORS)
"""What the paths are below that are the engine's alone."""
STARTS = tuple(f"{each}/".encode() for each in API)
"""How such paths begin, as bytes."""
BUG = "fakestripe-meters failed: this is a bug in fakestripe-meters, not an answer of Stripe's. See its log."
DROPPED = "a planned fault drops the connection"
log = logging.getLogger("fakestripe_meters")


def answer_of(engine: Engine, request: Request) -> Response:
    """Return the engine's answer; if the engine fails, log that, and return 500."""
    try:
        return engine.handle(request)
    except Exception as error:  # noqa: BLE001  it is logged, and kept in `Engine.failures`
        log.error("fakestripe-meters failed\n%s", printing.trace(error))  # noqa: TRY400  `exception` masks nothing
        body = json.dumps({"error": {"message": BUG, "type": "api_error"}}) + "\n"
        return Response(500, {"Content-Type": "application/json"}, body.encode())


@cache
def status_line(status: int) -> str:
    """Return a status with its phrase, as in `404 Not Found`."""
    from http import HTTPStatus

    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:  # a stub may answer with any
        return f"{status} Unknown"
