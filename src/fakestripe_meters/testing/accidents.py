"""What a test may let happen: faults by chance, and a stretch of time that leaves no trace."""

from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from copy import deepcopy
from typing import TYPE_CHECKING

from fakestripe_meters.core import checks
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.faults import Chaos
from fakestripe_meters.core.faults import Fault

if TYPE_CHECKING:
    from fakestripe_meters.control import Control
    from fakestripe_meters.engine import Engine


class Accidents:
    """Things that go wrong behind an engine, or did and are undone."""

    engine: "Engine"
    control: "Control"

    def chaos(
        self,
        *,
        seed: int | str,
        rate: float,
        call: str = "* *",
        statuses: Sequence[int] = (429, 500, 503),
        close: bool = False,
        after_commit: bool = False,
    ) -> None:
        """From now on let about the share `rate` of the requests like `call` go wrong; 0 ends it.

        Equal seeds give equal failures: which of the calls of one method and path go wrong, and how, depends on
        nothing else. They are answered with one of `statuses`; with `close` the connection may drop instead, and
        with `after_commit` the work may be done and only its answer lost.
        """
        method, path = checks.call(call, "call")
        self.control.check_target(method, path)
        share = _share(rate)
        for status in statuses:
            checks.error_status(status, "statuses")
        moments = [False, True] if checks.flag(after_commit, "after_commit") else [False]
        ways = [*statuses, *([None] if checks.flag(close, "close") else [])]
        if not ways:
            raise Misuse("this chaos has no effect: give statuses or close", param="statuses")
        faults = [
            Fault(method, path, status, after_commit=late, close=status is None) for status in ways for late in moments
        ]
        self.engine.world.faults.chaos = Chaos(seed, share, faults) if share else None

    @contextmanager
    def checkpoint(self) -> Iterator[None]:
        """Afterwards, and after an exception too, all is as it was: objects, usage, clock, ids, limits, settings.

        The journal goes on, and so do faults that were planned.
        """
        world = self.engine.world
        snapshot = self.control.snapshot()
        kept = {name: deepcopy((each.limiter, each.replays)) for name, each in world.accounts.items()}
        try:
            yield
        finally:
            journal, faults = world.journal, world.faults
            self.control.restore(snapshot)
            world.journal, world.faults = journal, faults
            for name, (limiter, replays) in kept.items():
                world.accounts[name].limiter, world.accounts[name].replays = limiter, replays

    def check(self) -> None:
        """Raise an exception that occurred inside the fake, with its own traceback; it is never Stripe's answer.

        Or else what webhook handlers within the process have failed with.
        """
        __tracebackhide__ = True
        failures, self.engine.failures[:] = self.engine.failures.copy(), []
        if failures:
            if failures[1:]:
                failures[0].add_note(f"and {len(failures) - 1} more exceptions inside the fake")
            raise failures[0]
        self.engine.outbox.raise_failures()

    def forget_failures_in(self, error: BaseException | None) -> None:
        """`check` need not raise what has surfaced already: an exception, or one that it was raised from."""
        while error is not None:
            self.engine.failures[:] = [failure for failure in self.engine.failures if failure is not error]
            error = error.__cause__ or error.__context__


def _share(rate: object) -> float:
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= 1:
        raise checks.refused("rate", "a number from 0 to 1", rate)
    return rate
