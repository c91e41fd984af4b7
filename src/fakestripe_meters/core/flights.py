"""Which calls of an account are answered at the same time, for the limits of calls at once."""

from threading import Lock

from fakestripe_meters.core.clock import machine_seconds
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.limits import Limits
from fakestripe_meters.core.limits import Over


@dataclass(slots=True, eq=False)
class Flight:
    """A call that is being answered: its operation, and what it changes."""

    route: str
    locked: object
    """What no other call may change meanwhile; None if it changes nothing."""
    ends: float | None = None
    """When a planned delay of its answer is over, in real seconds; None if that is not known yet."""


class Flights:
    """The calls of one account that are being answered. They are counted only while a limit says so."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._flights: list[Flight] = []
        self.peaks: dict[str, int] = {}
        """The most calls at once, by limit. Calls that are refused count."""

    def begin(self, flight: Flight, limits: Limits) -> Over | None:
        """Count a call; return None if it may pass, else the limit that it is over: then it isn't counted."""
        with self._lock:
            self._flights = self._present()
            counts = self._counts(flight)
            self.peaks |= {name: max(count + 1, self.peaks.get(name, 0)) for name, count in counts.items()}
            for name, count in counts.items():
                most = limits.of(name)
                if most is not None and count >= most:
                    return Over(name, most)
            self._flights.append(flight)
        return None

    def end(self, flight: Flight, delay_s: float) -> None:
        """Stop counting a call, when its answer has been delayed by so many real seconds."""
        flight.ends = machine_seconds() + delay_s

    def left(self, limits: Limits) -> dict[str, int | None]:
        """Return how many more calls may begin now, by limit; of operations and objects, for the busiest."""
        with self._lock:
            present = self._present()
        of_each = {
            "global_concurrency": len(present),
            "endpoint_concurrency": _most([each.route for each in present]),
            "object_concurrency": _most([each.locked for each in present if each.locked is not None]),
        }
        rates = {name: (limits.of(name), used) for name, used in of_each.items()}
        return {name: None if most is None else max(0, most - used) for name, (most, used) in rates.items()}

    def _present(self) -> list[Flight]:
        now = machine_seconds()  # a delay that is planned takes real time
        return [each for each in self._flights if each.ends is None or each.ends > now]

    def _counts(self, flight: Flight) -> dict[str, int]:
        """Return how many calls there are that count for the same limits."""
        counts = {
            "global_concurrency": len(self._flights),
            "endpoint_concurrency": sum(each.route == flight.route for each in self._flights),
        }
        if flight.locked is not None:
            counts["object_concurrency"] = sum(each.locked == flight.locked for each in self._flights)
        return counts


def _most(keys: list[object]) -> int:
    return max(map(keys.count, keys), default=0)
