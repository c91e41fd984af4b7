"""FakeStripe: a world, the engine over it, and the ways in, as one object that a test can hold."""

from collections.abc import Mapping
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING
from typing import Any

from fakestripe_meters.core import keys
from fakestripe_meters.core.clock import Clock
from fakestripe_meters.core.clock import When
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.journal import Exchange

if TYPE_CHECKING:
    from flask import Flask

    from fakestripe_meters.core.intake import Dropped
    from fakestripe_meters.doors.server import Server


class FakeStripe:
    """A Stripe of one's own.

    `now` freezes the clock there (ISO 8601 or Unix seconds); without it the clock runs. `limits` is a
    profile's name, or single limits in calls per second over the documented ones. `lag` is for how many
    seconds accepted usage stays invisible. `async_validation` judges meter events behind the 200,
    `relaxed` lifts Stripe's caps on test clocks, and equal `seed`s give equal ids.

    Raises:
        Misuse: an argument makes no sense.
    """

    def __init__(
        self,
        *,
        now: When | None = None,
        limits: str | Mapping[str, Any] = "documented",
        lag: float = 0,
        async_validation: bool = False,
        relaxed: bool = False,
        seed: int | str | None = None,
    ) -> None:
        # What werkzeug takes to load, only those pay who make one.
        from fakestripe_meters.control import Control
        from fakestripe_meters.control import settings
        from fakestripe_meters.engine import Engine

        start = settings(limits=limits, lag=lag, async_validation=async_validation, relaxed=relaxed)
        self.engine = Engine.fresh(start, now=now, seed=_seed(seed))
        self.control = Control(self.engine)
        self.api_key = keys.DEFAULT_KEY
        self._opening = Lock()
        self._app: Flask | None = None
        self._server: Server | None = None

    def __enter__(self) -> "FakeStripe":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the socket, if one is open; asking for the URL would open another."""
        with self._opening:
            server, self._server = self._server, None
        if server is not None:
            server.close()

    @property
    def url(self) -> str:
        """`http://127.0.0.1:<port>`; the socket opens on first use."""
        from fakestripe_meters.doors.server import Server

        app = self.wsgi_app
        with self._opening:
            if self._server is None:
                self._server = Server(app)
            return self._server.url

    @property
    def wsgi_app(self) -> "Flask":
        """The whole fake as a WSGI application: the API and the control plane."""
        from fakestripe_meters.doors.flask_app import create_app

        with self._opening:
            if self._app is None:
                self._app = create_app(self)
            return self._app

    @property
    def clock(self) -> Clock:
        """The emulated clock: `now()`, `frozen`, `freeze(when)`, `advance(seconds)`, `resume()`."""
        return self.engine.world.clock

    @property
    def journal(self) -> list[Exchange]:
        """The requests so far and their outcomes, oldest first; keys are masked."""
        return self.control.exchanges()

    @property
    def dropped_events(self) -> "list[Dropped]":
        """Usage that was answered with 200 and never counted, oldest first, of all accounts."""
        return self.control.dropped_usage()

    def reset(self) -> None:
        """Drop everything and begin again: objects, usage, journal, faults, settings, and the clock."""
        self.control.reset()

    def flush(self) -> None:
        """Make all accepted usage visible now."""
        self.control.flush()

    def fail_next(  # noqa: PLR0913  a fault has this many facts
        self,
        call: str,
        *,
        status: int | None = None,
        times: int = 1,
        after_commit: bool = False,
        delay: float = 0.0,
        close: bool = False,
    ) -> None:
        """Let the next `times` requests like `call` ("POST /v1/billing/meter_events") go wrong.

        They are answered with the Stripe error of that `status`, after `delay` seconds; with
        `after_commit` the work is done first and only its answer lost; `close` drops the connection.

        Raises:
            Misuse: the fault would never strike, or do nothing.
        """
        if not isinstance(call, str) or len(call.split()) != 2:  # noqa: PLR2004  a method and a path
            message = f"a call is a method and a path, such as 'POST /v1/billing/meter_events', not {call!r}"
            raise Misuse(message, param="call")
        method, path = call.split()
        self.control.plan_fault(
            method=method,
            path=path,
            status=status,
            times=times,
            after_commit=after_commit,
            delay=delay,
            close=close,
        )

    def snapshot(self) -> dict[str, Any]:
        """The whole world as plain data for `json.dumps`; it carries the keys of its accounts in full."""
        return self.control.snapshot()

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Put a snapshot's world in the place of this one; `Misuse`, and nothing changed, if it is none."""
        self.control.restore(snapshot)


def _seed(seed: int | str | None) -> int | str | None:
    if isinstance(seed, bool) or not isinstance(seed, int | str | None):
        message = f"seed takes a whole number or a string, not {seed!r}"
        raise Misuse(message, param="seed")
    return seed
