"""From one world to the next: a fake begins again, pauses between tests, and closes."""

from collections.abc import Callable
from functools import partial

from fakestripe_meters.call import out_of_service
from fakestripe_meters.core.clock import When
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.options import Settings
from fakestripe_meters.core.site import Site
from fakestripe_meters.core.world import World
from fakestripe_meters.delivery.outbox import Outbox
from fakestripe_meters.wire.message import Response

OVER = "this client belongs to a test that is over: make another one with http_client()"
CLOSED = "this FakeStripe is closed: make another one"


class Lifetime:
    """What an engine answers from, and whether it answers at all. `make` makes a world for an outbox and a site."""

    def __init__(
        self, make: Callable[..., World], settings: Settings | None, *, now: When | None, seed: int | str | None
    ) -> None:
        self.outbox = Outbox()
        self.site = Site()
        self._new_world = partial(make, courier=self.outbox, site=self.site)
        self.world = self._new_world(settings, now=now, seed=seed)
        self.failures: list[Exception] = []
        """Exceptions inside the fake, to be raised by `FakeStripe.check`: they are never an answer of Stripe's."""
        self.paused = ""
        """Why no request is answered now; empty while requests are answered."""
        self.closed = False
        """Whether it is paused for good."""
        self.pauses = 0
        """How many pauses there were: an in-process client that was made before one is not answered any more."""
        self.outbox.serve(self.world)

    def begin(self, settings: Settings, *, now: When | None = None, seed: int | str | None = None) -> None:
        """Replace the world with a new one, and answer again. The old one is not changed: other code may still hold it.

        A move of the old clock ends, and the old world's webhooks are no longer sent.
        """
        self.require_open()
        old, new = self.world, self._new_world(settings, now=now, seed=seed)
        self.outbox.served = None
        new.ever_called = old.note_called()
        self.world, self.failures = new, []
        old.end("the fake has begun again")
        self.outbox.forget()  # also what the old world has sent since the new one was made
        self.outbox.serve(new)
        self.paused = ""
        if self.closed:  # meanwhile
            self.close()
            self.require_open()

    def pause(self, why: str) -> None:
        """Answer requests with 503 and send no webhooks, until `begin`. End a move of the clock that is under way."""
        self.paused = CLOSED if self.closed else why
        self.pauses += 1
        self.world.clock.interrupt("the fake is closed" if self.closed else why)
        self.site.address = None  # a later test does not see whether this one had a server
        self.outbox.served = None
        self.outbox.close()

    def close(self) -> None:
        """Pause for good."""
        self.closed = True
        self.pause(CLOSED)

    def require_open(self) -> None:
        """Raise `Misuse` if it is closed."""
        if self.closed:
            raise Misuse(CLOSED)

    def refuse_late_client(self) -> Response:
        """Return the answer to an in-process client that was made before the last pause."""
        return out_of_service(self.paused or OVER)
