"""The emulated clock: integer nanoseconds, running or frozen; the only place that reads real time."""

import contextlib
import datetime as dt
import re
import sys
import time
from collections.abc import Callable
from collections.abc import Iterator
from decimal import Decimal
from threading import RLock

from fakestripe_meters.core.errors import Misuse

SECOND_NS = 1_000_000_000
MINUTE_S = 60
HOUR_S = 3_600
DAY_S = 86_400
LAST_SECOND = 32_503_680_000
"""The year 3000, in Unix seconds: far enough for any test, and calendars still work beyond it."""

NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")
ISO_8601 = re.compile(
    r"[0-9]{4}(-?[0-9]{2}-?[0-9]{2}|-?[Ww][0-9]{2}(-?[1-7])?)"
    r"([Tt ]([01][0-9]|2[0-3])(:?[0-5][0-9](:?[0-5][0-9]([.,][0-9]+)?)?)?"
    r"([Zz]|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?)?)?"
)
"""What is read as a date or a time. Python's own parser takes more, such as an offset of 99 minutes."""

When = int | float | str | dt.datetime
"""An instant: Unix seconds, ISO 8601, or a datetime; both are UTC if they name no zone."""


def instant_ns(when: When) -> int:
    """Return `when` in nanoseconds since 1970; raise `Misuse` unless it is an instant between 1970 and 3000."""
    return _within_reach(int(_unix_seconds(when) * SECOND_NS), when)


def duration_ns(seconds: float, name: str) -> int:
    """Return a duration of seconds in nanoseconds; raise `Misuse` unless it is a number, zero or more."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= LAST_SECOND:
        message = f"{name} must be a number of seconds, zero or more, not {seconds!r}"
        raise Misuse(message, param=name)
    return int(Decimal(str(seconds)) * SECOND_NS)


def _within_reach(instant: int, when: object) -> int:
    if not 0 <= instant <= LAST_SECOND * SECOND_NS:
        message = f"{when!r} is outside the years 1970 to 3000"
        raise Misuse(message)
    return instant


def _unix_seconds(when: When) -> Decimal:
    if isinstance(when, dt.datetime):
        return _since_1970(when)
    if isinstance(when, int | float | str) and not isinstance(when, bool):
        text = str(when)
        if NUMBER.fullmatch(text):
            return Decimal(text)
        if ISO_8601.fullmatch(text):
            with contextlib.suppress(ValueError):
                return _since_1970(dt.datetime.fromisoformat(text.upper()))
    message = f"a time must be ISO 8601 or Unix seconds, not {when!r}"
    raise Misuse(message)


def _since_1970(when: dt.datetime) -> Decimal:
    aware = when if when.utcoffset() is not None else when.replace(tzinfo=dt.UTC)
    elapsed = aware - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    return Decimal(elapsed // dt.timedelta(microseconds=1)) / 1_000_000


def process_ns() -> int:
    """Return the process's present, in nanoseconds since 1970: freezegun's while it is active.

    freezegun shows the real time to code with few stack frames, such as a server's thread. So this reads the time
    from freezegun itself.
    """
    freezegun = sys.modules.get("freezegun.api")
    if freezegun is not None and freezegun.freeze_factories:
        return int(_since_1970(freezegun.freeze_factories[-1]()) * SECOND_NS)
    return time.time_ns()


class Clock:
    """Runs with the process's time, shifted by what was advanced; or is frozen at an instant.

    A frozen clock moves only through the methods below, which take a lock. Before each move they call
    `apply_due(until_ns)`: it does the scheduled work and lets the clock `reach` each instant at which some is due. So
    everything is done when `advance` returns.
    """

    def __init__(self, now: When | None = None, apply_due: Callable[[int], None] = lambda _until_ns: None) -> None:
        self._apply_due = apply_due
        self._real_ns = process_ns
        self._start_ns = None if now is None else instant_ns(now)
        self._moving = RLock()
        self.restart()

    def restart(self) -> None:
        """Return to the start-up mode: frozen at the first instant, or running with the process's time."""
        with self._moving:
            self._frozen_ns = self._start_ns
            self._shift_ns = 0

    @property
    def frozen(self) -> bool:
        """Whether time stands still between moves."""
        return self._frozen_ns is not None

    def now_ns(self) -> int:
        """Return the present, in nanoseconds since 1970."""
        frozen = self._frozen_ns
        return frozen if frozen is not None else self._real_ns() + self._shift_ns

    def now(self) -> int:
        """Return the present in whole Unix seconds, as Stripe's `created`."""
        return self.now_ns() // SECOND_NS

    def freeze(self, when: When | None = None) -> None:
        """Stop at `when`, by default at the present. Raise `Misuse` if that takes a frozen clock back."""
        with self._moving:
            target_ns = self.now_ns() if when is None else instant_ns(when)
            if self.frozen and target_ns < self.now_ns():
                message = f"a frozen clock cannot go back, and this one is at {self.now()}: reset the fake first"
                raise Misuse(message, param="freeze")
            stood = self.frozen
            self._apply_due(target_ns)
            self._frozen_ns = max(target_ns, self.now_ns()) if stood else target_ns

    def advance(self, seconds: float) -> None:
        """Move forward by `seconds`; scheduled work is done, in order of its due time, before this returns."""
        step_ns = duration_ns(seconds, "advance")
        with self._moving:
            target_ns = _within_reach(self.now_ns() + step_ns, f"{seconds} seconds from now")
            shift_ns = self._shift_ns + step_ns
            self._apply_due(target_ns)
            if self._frozen_ns is None:
                self._shift_ns = max(shift_ns, self._shift_ns)
            else:
                self._frozen_ns = max(target_ns, self._frozen_ns)

    def reach(self, instant_ns: int) -> None:
        """Move forward to an instant unless it has passed; for the code that does scheduled work during a move."""
        with self._moving:
            behind_ns = instant_ns - self.now_ns()
            if behind_ns > 0 and self._frozen_ns is not None:
                self._frozen_ns = instant_ns
            elif behind_ns > 0:
                self._shift_ns += behind_ns

    def resume(self) -> None:
        """Let a frozen clock run on from its instant."""
        with self._moving:
            if self._frozen_ns is not None:
                self._shift_ns = self._frozen_ns - self._real_ns()
                self._frozen_ns = None

    @contextlib.contextmanager
    def running_by(self, real_ns: Callable[[], int]) -> Iterator[None]:
        """Within `with`, run by `real_ns()` (nanoseconds since 1970) instead of the process's time."""
        usual_ns, self._real_ns = self._real_ns, real_ns
        try:
            yield
        finally:
            self._real_ns = usual_ns

    def state(self) -> tuple[int | None, int]:
        """Return the instant at which the clock is frozen, or None, and how far it is ahead of the process's time."""
        with self._moving:
            return self._frozen_ns, self._shift_ns

    def restore(self, frozen_ns: int | None, shift_ns: int) -> None:
        """Take over the `state` of another clock. This does no scheduled work."""
        with self._moving:
            self._frozen_ns, self._shift_ns = frozen_ns, shift_ns
