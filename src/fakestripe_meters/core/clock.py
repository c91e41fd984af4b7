"""The emulated clock: integer nanoseconds, running or frozen; the only place that reads real time."""

import contextlib
import datetime as dt
import re
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from threading import RLock

from fakestripe_meters.core.errors import Misuse

SECOND_NS = 1_000_000_000
MINUTE_S = 60
HOUR_S = 3_600
DAY_S = 86_400
LAST_SECOND = 32_503_680_000
"""The year 3000: far enough for any test, and calendars still work beyond it."""

NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")

When = int | float | str | dt.datetime
"""An instant: Unix seconds, ISO 8601 (UTC where it names no zone), or a datetime."""


def instant_ns(when: When) -> int:
    """Nanoseconds since 1970 of `when`; `Misuse` for what is no instant between 1970 and 3000."""
    return _within_reach(int(_unix_seconds(when) * SECOND_NS), when)


def duration_ns(seconds: float, name: str) -> int:
    """Nanoseconds of a duration in seconds; `Misuse` unless it is a number, zero or more."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= LAST_SECOND:
        message = f"{name} takes a number of seconds, zero or more, not {seconds!r}"
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
        with contextlib.suppress(ValueError):
            return _since_1970(dt.datetime.fromisoformat(text))
    message = f"an instant is ISO 8601 or Unix seconds, not {when!r}"
    raise Misuse(message)


def _since_1970(when: dt.datetime) -> Decimal:
    aware = when if when.tzinfo else when.replace(tzinfo=dt.UTC)
    elapsed = aware - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    return Decimal(elapsed // dt.timedelta(microseconds=1)) / 1_000_000


def process_ns() -> int:
    """What the process takes for the present, in nanoseconds since 1970.

    freezegun gives code in a thread of few frames the real time, a server's for one; so it is asked itself.
    """
    freezegun = sys.modules.get("freezegun.api")
    if freezegun is not None and freezegun.freeze_factories:
        return int(_since_1970(freezegun.freeze_factories[-1]()) * SECOND_NS)
    return time.time_ns()


class Clock:
    """Running with the process's time (shifted by whatever was advanced), or frozen at an instant.

    Nobody but the clock's own methods moves a frozen clock, and they take turns. `settle(until_ns)` is called
    before each move: whoever keeps due work does it then, so that after `advance` everything is done, and lets the
    clock `reach` each instant at which some is due.
    """

    def __init__(self, now: When | None = None) -> None:
        self.settle: Callable[[int], None] = lambda _until_ns: None
        self.process_ns = process_ns
        self._start_ns = None if now is None else instant_ns(now)
        self._moving = RLock()
        self.restart()

    def restart(self) -> None:
        """Back to the start-up mode: frozen at the first instant, or running with the process's time."""
        with self._moving:
            self._frozen_ns = self._start_ns
            self._shift_ns = 0

    @property
    def frozen(self) -> bool:
        """Whether time stands still between calls of `advance`."""
        return self._frozen_ns is not None

    def now_ns(self) -> int:
        """Nanoseconds since 1970."""
        frozen = self._frozen_ns
        return frozen if frozen is not None else self.process_ns() + self._shift_ns

    def now(self) -> int:
        """Whole Unix seconds, as Stripe's `created`."""
        return self.now_ns() // SECOND_NS

    def freeze(self, when: When | None = None) -> None:
        """Stop at `when`, or at the present instant. A frozen clock does not go back: reset first."""
        with self._moving:
            target_ns = self.now_ns() if when is None else instant_ns(when)
            if self.frozen and target_ns < self.now_ns():
                message = f"the clock stands frozen at {self.now()} and does not go back: reset first"
                raise Misuse(message, param="freeze")
            stood = self.frozen
            self.settle(target_ns)
            self._frozen_ns = max(target_ns, self.now_ns()) if stood else target_ns

    def advance(self, seconds: float) -> None:
        """Move forward; work that falls due is done, in order, before this returns."""
        step_ns = duration_ns(seconds, "advance")
        with self._moving:
            target_ns = _within_reach(self.now_ns() + step_ns, f"{seconds} seconds from now")
            shift_ns = self._shift_ns + step_ns
            self.settle(target_ns)
            if self._frozen_ns is None:
                self._shift_ns = max(shift_ns, self._shift_ns)
            else:
                self._frozen_ns = max(target_ns, self._frozen_ns)

    def reach(self, instant_ns: int) -> None:
        """Be at an instant or beyond it; for whoever does due work while the clock is being moved."""
        with self._moving:
            behind_ns = instant_ns - self.now_ns()
            if behind_ns > 0 and self._frozen_ns is not None:
                self._frozen_ns = instant_ns
            elif behind_ns > 0:
                self._shift_ns += behind_ns

    def resume(self) -> None:
        """Run on from the instant at which the clock stands."""
        with self._moving:
            if self._frozen_ns is not None:
                self._shift_ns = self._frozen_ns - self.process_ns()
                self._frozen_ns = None

    def state(self) -> tuple[int | None, int]:
        """The instant at which it is frozen, if it is, and how far it is ahead of the process's time."""
        with self._moving:
            return self._frozen_ns, self._shift_ns

    def restore(self, frozen_ns: int | None, shift_ns: int) -> None:
        """Be as another clock was when asked for its `state`. Nothing falls due by it."""
        with self._moving:
            self._frozen_ns, self._shift_ns = frozen_ns, shift_ns
