"""FakeStripe: a world, its engine, and the ways to reach it, as one object for tests."""

from collections.abc import Mapping
from functools import cached_property
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING
from typing import Any
from typing import Self
from typing import Unpack

from fakestripe_meters.core import keys
from fakestripe_meters.core.clock import Clock
from fakestripe_meters.core.journal import Exchanges
from fakestripe_meters.core.option_checks import check_leaks
from fakestripe_meters.core.options import Options
from fakestripe_meters.core.options import settings_of
from fakestripe_meters.core.options_help import with_options_listed
from fakestripe_meters.core.options_help import with_options_named
from fakestripe_meters.core.printing import counted
from fakestripe_meters.testing.accidents import Accidents
from fakestripe_meters.testing.assertions import Assertions
from fakestripe_meters.testing.importing import Importing
from fakestripe_meters.testing.planning import Planning
from fakestripe_meters.testing.restricting import Restricting
from fakestripe_meters.testing.vendor_mapping import VendorMapping
from fakestripe_meters.testing.visits import Visits

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from flask import Flask

    from fakestripe_meters.control import Control
    from fakestripe_meters.control.bucket import BucketState
    from fakestripe_meters.core.intake import Dropped
    from fakestripe_meters.core.world import World
    from fakestripe_meters.delivery.webhooks import Webhooks
    from fakestripe_meters.doors.intercept import Interception
    from fakestripe_meters.doors.sdk import Client
    from fakestripe_meters.doors.server import Server
    from fakestripe_meters.engine import Engine
    from fakestripe_meters.testing.process_time import Following


@with_options_listed
class FakeStripe(Accidents, Planning, Restricting, Visits, VendorMapping, Importing, Assertions):
    """A fake Stripe, with its own objects, clock and webhooks.

    All options are keyword arguments. Their defaults stand in brackets:

    {options}

    Raises:
        Misuse: an option is unknown, or its value makes no sense.
    """

    api_key: str = keys.DEFAULT_KEY
    """The API key of the default account. Any other test key works too, and has an account of its own."""

    @with_options_named
    def __init__(self, **options: Unpack[Options]) -> None:
        from fakestripe_meters.engine import Engine  # imported late: only code that makes a fake waits for it

        self.engine = Engine.fresh(settings_of(options), now=options.get("now"), seed=options.get("seed"))
        self.engine.site.opener = lambda: self.url
        self._opening = Lock()
        self._app: Flask | None = None
        self._server: Server | None = None
        self._prepare()

    def _prepare(self) -> None:
        """Load what calls may need: code under test may later replace what an import needs, such as files."""
        from fakestripe_meters.delivery import sending  # noqa: F401
        from fakestripe_meters.domain.records import former  # noqa: F401

        _ = self.control

    @cached_property
    def control(self) -> "Control":  # type: ignore[override]  # it is only read
        """What tests do with the fake, as the control plane, the pages and the methods of this class do it."""
        from fakestripe_meters.control import Control

        return Control(self.engine)

    def __repr__(self) -> str:
        engine: Engine | None = vars(self).get("engine")  # there is none if an option was refused
        if engine is None:
            return "<FakeStripe without a world>"
        world, closed = engine.world, ", closed" if engine.closed else ""
        seen = f"{counted(len(world.accounts), 'account')}, {counted(len(world.journal), 'request')}"
        return f"<FakeStripe at {world.clock}{closed}: {seen}>"

    def __enter__(self) -> Self:
        self.engine.require_open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the fake. Raise the failures of webhook handlers, unless another exception is being raised."""
        self.close()
        if error is None:
            self.engine.outbox.raise_failures()

    def close(self) -> None:
        """Close the fake for good: close its socket, answer no more requests, and send no more webhooks.

        A move of the clock that is under way ends between two pieces of work, and its call raises `Misuse`. The
        journal, usage, explanations and snapshots can still be read, and `check` and assertions still work. All other
        uses raise `Misuse`. Clients and applications that you got from the fake before answer 503.
        """
        with self._opening:
            server, self._server = self._server, None
        self.engine.close()  # first: the server waits for answers
        if server is not None:
            server.close()
            self.engine.close()  # also what clients have begun since

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self.engine.closed

    @cached_property
    def webhooks(self) -> "Webhooks":
        """The webhooks: collect them, call handlers with them, hold, release, repeat and drop them."""
        from fakestripe_meters.delivery.webhooks import Webhooks

        def world() -> "World":
            self.engine.require_open()
            return self.engine.world

        return Webhooks(self.engine.outbox, world, lambda: self.engine.world)

    @property
    def url(self) -> str:
        """The address of the fake's server, `http://127.0.0.1:<port>`. The first use opens the socket."""
        # All that its requests need, because the code under test may later replace what an import needs.
        from fakestripe_meters.doors import control_plane  # noqa: F401
        from fakestripe_meters.doors import pages  # noqa: F401
        from fakestripe_meters.doors.server import Server

        app = self.wsgi_app
        with self._opening:
            self.engine.require_open()
            if self._server is None:
                self._server = Server(app, engine=self.engine)
            self.engine.site.listens(self._server.host, self._server.port)
            return self._server.url

    @property
    def wsgi_app(self) -> "Flask":
        """The fake as a WSGI application: Stripe's API, and the control plane below `/_fakestripe/`."""
        from fakestripe_meters.doors.flask_app import create_app

        self.engine.require_open()
        with self._opening:
            if self._app is None:
                self._app = create_app(self)
            return self._app

    def http_client(self) -> "Client":
        """Return a `stripe.HTTPClient` for `StripeClient(key, http_client=…)`: sync and async calls, no socket."""
        from fakestripe_meters.doors.sdk import Client

        self.engine.require_open()
        self.engine.routes.load()
        return Client(self.engine)

    def intercept(self, *, leaks: str | None = None) -> "Interception":
        """Return a context manager and decorator: while it is active, calls to Stripe's hosts go to this fake.

        That covers the calls of this process by the official SDK and by most HTTP clients. Calls to other hosts are not
        changed. If several fakes intercept, the innermost answers. At the end all patches are undone.

        `leaks` says what becomes of connections to Stripe that are not intercepted. With "refuse" they raise `Misuse`,
        and so does `check`, in case the code under test swallows it. "allow" lets them go. By default they are
        treated as the interception around this one says, and else allowed.

        Raises:
            Misuse: `leaks` is another word.
        """
        from fakestripe_meters.doors.intercept import Interception

        self.engine.require_open()
        self.engine.routes.load()
        if leaks is not None:
            check_leaks(leaks, "leaks")
        return Interception(self.engine, lambda: self._server.url if self._server else None, leaks)

    def freeze_process(self) -> "AbstractContextManager[Following]":
        """Return a context manager in which the process sees the time of `clock`, by freezegun. Both move together."""
        from fakestripe_meters.testing.process_time import process_follows

        self.engine.require_open()
        self.engine.routes.load()
        return process_follows(self.clock)

    def advance_on_sleep(self) -> "AbstractContextManager[None]":
        """Return a context manager in which `time.sleep` and `asyncio.sleep` advance `clock` instead of waiting.

        That holds for all code of this process that sleeps under the name `sleep`: `time.sleep(…)`, or `sleep(…)` after
        `from time import sleep`. Other ways to wait stay real, such as an `Event` with a timeout, or `trio.sleep`.
        """
        from fakestripe_meters.testing.sleeping import sleeping_advances

        self.engine.require_open()
        return sleeping_advances(self.clock)

    @property
    def clock(self) -> Clock:
        """The emulated clock: `now()` in Unix seconds, `frozen`, `freeze(when)`, `advance(seconds)`, `resume()`."""
        return self.engine.world.clock

    @property
    def journal(self) -> Exchanges:
        """The requests so far with their outcomes, oldest first; `find` some, or print them. Keys are masked."""
        return Exchanges(self.control.exchanges())

    def report(self) -> str:
        """Return what pytest shows of this fake when a test fails: print it in other runners."""
        return self.control.report()["report"]

    @property
    def dropped_events(self) -> "list[Dropped]":
        """Usage that was answered with 200 but never counted, oldest first, of all accounts. Each says why."""
        return self.control.dropped_usage()

    @property
    def bucket(self) -> "BucketState":
        """The folder that stands for the S3 bucket, its next poll, and which files were not imported, with reasons."""
        return self.control.bucket()

    @with_options_named
    def begin(self, **options: Unpack[Options]) -> None:
        """Drop everything and start again with these options, at the same URL."""
        self.engine.begin(settings_of(options), now=options.get("now"), seed=options.get("seed"))

    def reset(self) -> None:
        """Drop objects, usage, journal, faults and stubs, restore clock and settings, and start again."""
        self.engine.require_open()
        self.control.reset()

    def flush(self) -> None:
        """Make all accepted usage visible now, and wait until all webhooks that are ready were sent."""
        self.engine.require_open()
        self.control.flush()

    def authenticate(self, intent: str, *, succeeds: bool = True, account: str | None = None) -> str:
        """Let the customer authenticate a payment or a card (3-D Secure), or fail to; return the intent's new status.

        `intent` is the id of a payment intent or a setup intent that requires action. `account` is an API key
        or the id of an account; it says whose the intent is, if several accounts have one of that id.

        Raises:
            Misuse: There is no such intent, or it does not wait to be authenticated.
        """
        self.engine.require_open()
        return self.control.authenticate(intent, succeeds, account)["status"]

    def snapshot(self) -> dict[str, Any]:
        """Return the whole world as plain data for `json.dumps`. It contains the API keys of its accounts in full."""
        return self.control.snapshot()

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Replace this world with that of a snapshot. If it is not a valid one, raise `Misuse` and change nothing.

        The journal, planned faults and stubs start empty, and `webhook_hosts` stays as it is.
        """
        self.engine.require_open()
        self.control.restore(snapshot)
