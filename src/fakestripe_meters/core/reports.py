"""What became of usage that was accepted and then dropped: collected for ten seconds, then reported.

inferred: the windows are the clock's own tens of seconds, and at most ten samples of each kind are kept.
"""

from dataclasses import dataclass
from dataclasses import field

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.intake import Dropped

WINDOW_S = 10
DELAY_S = 2
MOST_SAMPLES = 10


@dataclass(slots=True, eq=False)
class Sample:
    """One dropped event: why, and the Idempotency-Key of the request that brought it."""

    message: str
    request: str


@dataclass(slots=True, eq=False)
class Kind:
    """All dropped events of one code."""

    count: int = 0
    samples: list[Sample] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Report:
    """What was dropped of one meter's events (of those without a meter, where it is None) in one window."""

    meter: str | None
    starts_at: int
    kinds: dict[str, Kind] = field(default_factory=dict)

    @property
    def ends_at(self) -> int:
        """The end of the window, Unix seconds."""
        return self.starts_at + WINDOW_S

    @property
    def count(self) -> int:
        """How many events it is about."""
        return sum(kind.count for kind in self.kinds.values())


@dataclass(eq=False)
class Reports(Part, name="reports"):
    """The reports that are being collected, by meter and window."""

    collected: dict[str, Report] = field(default_factory=dict)

    def note(self, account: Account, dropped: Dropped) -> None:
        """Put a dropped event into its report, which falls due shortly after its window."""
        starts_at = dropped.at - dropped.at % WINDOW_S
        subject = f"{dropped.meter or ''}/{starts_at}"
        report = self.collected.get(subject)
        if report is None:
            report = self.collected[subject] = Report(dropped.meter, starts_at)
            account.agenda.add((report.ends_at + DELAY_S) * SECOND_NS, Work.REPORT_ERRORS, subject)
        kind = report.kinds.setdefault(dropped.code, Kind())
        kind.count += 1
        if len(kind.samples) < MOST_SAMPLES:
            kind.samples.append(
                Sample(dropped.message, account.cause.idempotency_key or account.cause.request_id or "")
            )

    def take(self, subject: str) -> Report:
        """The report that fell due; it is collected no longer."""
        return self.collected.pop(subject)
