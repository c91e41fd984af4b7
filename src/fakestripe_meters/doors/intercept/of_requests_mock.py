"""Work beside `requests-mock`: its mock takes the place of every adapter, and refuses whatever it has no stub for.

A stub for a URL of Stripe's wins over the fake. Calls without a stub go to the fake, and calls to its own socket pass
through.
"""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from requests import PreparedRequest
from requests import Response
from requests.adapters import HTTPAdapter

from fakestripe_meters.doors.intercept.hosts import engine_for
from fakestripe_meters.doors.intercept.hosts import is_own
from fakestripe_meters.doors.intercept.patches import Patch

Send = Callable[..., Response]


def patches(library: ModuleType) -> list[Patch]:
    """Return what to replace: `send` of the adapter that looks for a stub."""
    unmatched = library.NoMockAddress

    def make(original: Send) -> Send:
        def send(adapter: object, request: PreparedRequest, **named: Any) -> Response:  # noqa: ANN401  as in requests
            try:
                return original(adapter, request, **named)
            except unmatched:
                url = str(request.url)
                if engine_for(url) is None and not is_own(url):
                    raise
            return HTTPAdapter().send(request, **named)  # which is intercepted, too

        return send

    return [Patch(library.Adapter, "send", make)]
