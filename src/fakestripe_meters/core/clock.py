"""The emulated clock: integer nanoseconds, running or frozen; the only place that reads real time."""

import contextlib
import datetime as dt
import re
import sys
import time
from collections.abc import Callable
from collections.abc import Iterator
from decimal import Decimal

from fakestripe_meters.core import printing
from fakestripe_meters.core.errors import Conflict
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import quoted
from fakestripe_meters.core.locks import Lock
from fakestripe_meters.core.locks import Rank
from fakestripe_meters.core.moving import Course
from fakestripe_meters.core.moving import Move
from fakestripe_meters.core.progress import Told

SECOND_NS = 1_000_000_000
MINUTE_S = 60
HOUR_S = 3_600
DAY_S = 86_400
LAST_SECOND = 32_503_680_000
"""The year 3000, in Unix seconds: far enough for any test, and calendars still work beyond it."""

PATIENCE_S = 0.25
"""A call that waits for a move of the clock looks that often, in real seconds, whether the move goes on."""

NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")
ISO_8601 = re.compile(
    r"[0-9]{4}(-?[0-9]{2}-?[0-9]{2}|-?[Ww][0-9]{2}(-?[1-7])?)"
    r"([Tt ]([01][0-9]|2[0-3])(:?[0-5][0-9](:?[0-5][0-9]([.,][0-9]+)?)?)?"
    r"([Zz]|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?)?)?"
)
"""What is read as a date or a time. Python's own parser takes more, such as an offset of 99 minutes."""
INCOMPLETE = re.compile(r"(19[7-9][0-9]|2[0-9]{3})(?:-?(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])?)?")
"""Digits that stand for a year, a month, or a date without hyphens. As Unix seconds they would be in 1970."""

When = int | float | str | dt.datetime
"""An instant: Unix seconds, ISO 8601, or a datetime; both are UTC if they name no zone."""


def instant_ns(when: When, name: str = "when") -> int:
    """Return `when` in nanoseconds since 1970; raise `Misuse` unless it is an instant between 1970 and 3000."""
    return _within_reach(int(_unix_seconds(when, name) * SECOND_NS), when, name)


def duration_ns(seconds: float, name: str) -> int:
    """Return a duration of seconds in nanoseconds; raise `Misuse` unless it is a number, zero or more."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= LAST_SECOND:
        message = f"{name} must be a number of seconds, zero or more, not {quoted(seconds)}"
        raise Misuse(message, param=name)
    return int(Decimal(str(seconds)) * SECOND_NS)


def _within_reach(instant: int, when: object, name: str) -> int:
    if not 0 <= instant <= LAST_SECOND * SECOND_NS:
        message = f"{quoted(when)} is outside the years 1970 to 3000"
        raise Misuse(message, param=name)
    return instant


def _unix_seconds(when: When, name: str) -> Decimal:
    if isinstance(when, dt.datetime):
        return _since_1970(when)
    if isinstance(when, int | float | str) and not isinstance(when, bool):
        text = "" if isinstance(when, int) and abs(when) > LAST_SECOND * SECOND_NS else str(when)
        if isinstance(when, str) and (found := INCOMPLETE.fullmatch(text)):
            date = "-".join(found.groups("01"))
            raise Misuse(f"an instant needs a year, a month and a day, such as {date}, not {quoted(when)}", param=name)
        if NUMBER.fullmatch(text):
            return Decimal(text)
        if ISO_8601.fullmatch(text):
            with contextlib.suppress(ValueError):
                return _since_1970(dt.datetime.fromisoformat(text.upper()))
    message = f"a time must be ISO 8601 or Unix seconds, not {quoted(when)}"
    raise Misuse(message, param=name)


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


def machine_ns() -> int:
    """Return the machine's present, in nanoseconds since 1970: the times of files are by it, also under freezegun."""
    freezegun = sys.modules.get("freezegun.api")
    return int(time.time_ns() if freezegun is None else freezegun.real_time_ns())


def machine_seconds() -> float:
    """Return the machine's monotonic time in seconds, also under freezegun: how long something has really taken."""
    freezegun = sys.modules.get("freezegun.api")
    return float(time.monotonic() if freezegun is None else freezegun.real_monotonic())


class Clock:
    """Runs with the process's time, shifted by what was advanced; or is frozen at an instant.

    A frozen clock moves only through the methods below, one move at a time. Before each move they call
    `apply_due(move)`: it does the scheduled work, and lets the clock `reach` each instant at which some is due. So
    everything is done when `advance` returns.

    `admit` is called first, and may raise `Conflict`. `deliveries` returns the deliveries that the move under way waits
    for. A call that waits for the move is refused when one of them takes long, because it may come from the receiver.
    Within `rewound(instant_ns)` the clock goes back; it raises `Misuse` if too much has happened for that. `resumed` is
    called when the clock runs again.
    """

    def __init__(
        self,
        now: When | None = None,
        apply_due: Callable[[Move], None] = lambda _move: None,
        *,
        admit: Callable[[], None] = lambda: None,
        deliveries: Callable[[], frozenset[object]] = frozenset,
        rewound: Callable[[int], contextlib.AbstractContextManager[None]] = lambda _ns: contextlib.nullcontext(),
        resumed: Callable[[], None] = lambda: None,
    ) -> None:
        self._apply_due = apply_due
        self._admit = admit
        self._deliveries = deliveries
        self._rewound = rewound
        self._resumed = resumed
        self._real_ns = process_ns
        self._start_ns = None if now is None else instant_ns(now, "now")
        self._moving = Lock(Rank.MOVE)
        self._changing = Lock(Rank.LEAF)
        self._course = Course()
        self._state: tuple[int | None, int] = self._start_ns, 0

    def __str__(self) -> str:
        return f"{printing.instant(self.now())}, {'frozen' if self.frozen else 'running'}"

    def __repr__(self) -> str:
        return f"<Clock at {self}>"

    @property
    def frozen(self) -> bool:
        """Whether time stands still between moves."""
        return self._state[0] is not None

    def now_ns(self) -> int:
        """Return the present, in nanoseconds since 1970."""
        frozen_ns, shift_ns = self._state
        return frozen_ns if frozen_ns is not None else self._real_ns() + shift_ns

    def now(self) -> int:
        """Return the present in whole Unix seconds, as Stripe's `created`."""
        return self.now_ns() // SECOND_NS

    def freeze(self, when: When | None = None, *, progress: Told | None = None) -> None:
        """Stop at `when`, by default at the present. `progress` is told how far it is, as `advance` says.

        Raise `Misuse` if that takes a frozen clock back after something has happened, or a running one back before the
        newest thing that has happened.
        """
        wanted_ns = None if when is None else instant_ns(when)
        with self._moved() as course:
            now_ns, stood = self.now_ns(), self.frozen
            target_ns = now_ns if wanted_ns is None else wanted_ns
            if target_ns < now_ns:
                with self._rewound(target_ns), self._changed(course) as (_, shift_ns):
                    self._state = target_ns, shift_ns
            self._apply_due(Move(self, course, target_ns, progress))
            with self._changed(course) as (_, shift_ns):
                self._state = max(target_ns, self.now_ns()) if stood else target_ns, shift_ns

    def advance(self, seconds: float, *, progress: Told | None = None) -> None:
        """Move forward by `seconds`; scheduled work is done, in order of its due time, before this returns.

        If there is some, `progress` is called with a `Progress`: at first, after about each hundredth part of the work,
        and when all is done. It is called in this thread, between two pieces of work. If it raises, so does this: the
        clock then stands where it was, and the next move does the rest.
        """
        step_ns = duration_ns(seconds, "advance")
        with self._moved() as course:
            target_ns = _within_reach(self.now_ns() + step_ns, f"{seconds} seconds from now", "advance")
            shifted_ns = self._state[1] + step_ns
            self._apply_due(Move(self, course, target_ns, progress))
            with self._changed(course) as (frozen_ns, shift_ns):
                if frozen_ns is None:
                    self._state = None, max(shifted_ns, shift_ns)
                else:
                    self._state = max(target_ns, frozen_ns), shift_ns

    def resume(self) -> None:
        """Let a frozen clock run on from its instant."""
        with self._turn(self._course) as course, self._changed(course) as (frozen_ns, _):
            if frozen_ns is not None:
                self._state = None, frozen_ns - self._real_ns()
        self._resumed()

    def passing(self) -> Move:
        """Return the move of a running clock up to the present, which needs no call."""
        return Move(self, self._course, self.now_ns())

    def step(self, by_ns: int) -> bool:
        """Move a frozen clock forward, up to the year 3000, and leave what is due undone. Return whether it moves."""
        with self._changing:
            frozen_ns, shift_ns = self._state
            if frozen_ns is not None:
                self._state = min(frozen_ns + by_ns, LAST_SECOND * SECOND_NS), shift_ns
            return frozen_ns is not None

    def reach(self, instant_ns: int, course: Course) -> None:
        """Move forward to an instant unless it has passed; for a `Move`."""
        with self._changed(course) as (frozen_ns, shift_ns):
            behind_ns = instant_ns - self.now_ns()
            if behind_ns > 0:
                self._state = (None, shift_ns + behind_ns) if frozen_ns is None else (instant_ns, shift_ns)

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
        return self._state

    @property
    def start(self) -> tuple[int | None, int]:
        """The state in which the clock starts: frozen at the first instant, or running with the process's time."""
        return self._start_ns, 0

    def restore(self, frozen_ns: int | None, shift_ns: int, *, because: str = "a snapshot was restored") -> None:
        """Take over the `state` of another clock, and do no scheduled work. A move under way ends, with `because`."""
        with self._changing:
            self._moving = Lock(Rank.MOVE)  # nobody waits for the old world's move, which may not end soon
            self._course.ended, self._course = because, Course()
            self._state = frozen_ns, shift_ns

    def interrupt(self, because: str) -> None:
        """End the move that is under way, between two pieces of work: its call raises `Conflict`, with `because`."""
        with self._changing:
            self._course.ended, self._course = because, Course()

    @contextlib.contextmanager
    def _moved(self) -> Iterator[Course]:
        """Move the clock within `with`, once the deliveries that are under way have ended."""
        course = self._course
        self._admit()
        with self._turn(course):
            yield course

    @contextlib.contextmanager
    def _turn(self, course: Course) -> Iterator[Course]:
        """Wait for the move that is under way. A thread need not wait for its own."""
        moving, seen = self._moving, frozenset[object]()
        while not moving.acquire(PATIENCE_S):
            awaited = self._deliveries()
            if seen & awaited:
                message = (
                    "the clock is being moved, and waits until a webhook is answered: "
                    "if its receiver makes this call, let it answer first"
                )
                raise Conflict(message)
            seen = awaited
        try:
            course.check()
            yield course
        finally:
            moving.release()

    @contextlib.contextmanager
    def _changed(self, course: Course) -> Iterator[tuple[int | None, int]]:
        """Change the state within `with`, unless the course has ended: what is under way belongs to an older world."""
        with self._changing:
            course.check()
            yield self._state
