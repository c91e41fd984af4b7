"""Random failures, checkpoints, and the check for exceptions inside the fake."""

from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fakestripe_meters.control import Control
    from fakestripe_meters.engine import Engine


class Accidents:
    """Methods of `FakeStripe` that make requests fail, undo what a test has done, and report failures of the fake."""

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
        """Let a share of the requests like `call` fail at random: `rate` is from 0 to 1, and 0 ends it.

        `call` is a method and a path, such as "POST /v1/invoices/*/pay"; `*` stands for any. A failing request
        gets the Stripe error of one of `statuses`. With `close` the connection may be dropped instead, and with
        `after_commit` the work may be done, and only its answer lost. The failures depend on the seed only: with the
        same `seed` the same calls of each method and path fail, in the same way.

        Raises:
            Misuse: no request could match `call`, `rate` or a status is out of range, or nothing would ever fail.
        """
        self.control.start_chaos(seed, rate, call, statuses, close=close, after_commit=after_commit)

    @contextmanager
    def checkpoint(self) -> Iterator[None]:
        """Restore objects, usage, clock, ids, limits and settings at the end of a `with`, also after an exception.

        The journal, planned faults, stubs, and the tries and failures of webhooks are kept.
        """
        self.engine.require_open()
        checkpoint = self.control.taken_checkpoint()
        try:
            yield
        finally:
            self.control.go_back(checkpoint)

    def check(self) -> None:
        """Raise an exception that occurred inside the fake, or else the failures of webhook handlers, if there are any.

        An exception inside the fake is a bug of the fake, never an answer of Stripe's. It has its own traceback, and is
        raised once. The pytest fixture calls this after each test.
        """
        __tracebackhide__ = True
        failures, self.engine.failures[:] = self.engine.failures.copy(), []
        if failures:
            if failures[1:]:
                failures[0].add_note(f"and {len(failures) - 1} more exceptions inside the fake")
            raise failures[0]
        self.engine.outbox.raise_failures()

    def forget_failures_in(self, error: BaseException | None) -> None:
        """Let `check` not raise an exception that was raised already, nor those that it was raised from."""
        while error is not None:
            self.engine.failures[:] = [failure for failure in self.engine.failures if failure is not error]
            error = error.__cause__ or error.__context__
