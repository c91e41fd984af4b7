"""Error reports about events that were accepted and dropped: collected in windows of ten seconds, then published."""

from collections.abc import Sequence
from dataclasses import field
from typing import Any

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.index import Index
from fakestripe_meters.core.instants import rfc3339
from fakestripe_meters.core.intake import Dropped
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.periods import within_calendar
from fakestripe_meters.core.printing import masked
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.events import thin
from fakestripe_meters.domain.events.thin import Related

# inferred: a window begins at every tenth second of the clock, and a report keeps at most ten samples of each kind.
WINDOW_S = 10
DELAY_S = 2
MOST_SAMPLES = 10


@record
class Sample:
    """One dropped event: why, and the Idempotency-Key of its request (without one, the request's id)."""

    message: str
    request: str


@record
class ErrorType:
    """The dropped events of one code."""

    count: int = 0
    samples: Sequence[Sample] = field(default_factory=list)


@record
class Report:
    """The dropped events of one meter in one window; `meter` is None for events without a meter."""

    meter: str | None
    starts_at: int
    kinds: Index[ErrorType] = field(default_factory=Index)

    def __post_init__(self) -> None:
        """Raise ValueError for a window that cannot be shown."""
        within_calendar(self.ends_at)

    @property
    def ends_at(self) -> int:
        """The end of the window, in Unix seconds."""
        return self.starts_at + WINDOW_S

    @property
    def count(self) -> int:
        """The number of dropped events."""
        return sum(kind.count for kind in self.kinds.values())


@dataclass(eq=False)
class Reports(Part, name="reports"):
    """The reports of windows that have not been published, by meter and window."""

    collected: Index[Report] = field(default_factory=Index)

    def add(self, account: Account, dropped: Dropped) -> None:
        """Add a dropped event to its report; a new report is scheduled for shortly after its window."""
        starts_at = dropped.at - dropped.at % WINDOW_S
        subject = f"{dropped.meter or ''}/{starts_at}"
        report = self.collected.get(subject)
        if report is None:
            report = self.collected[subject] = Report(dropped.meter, starts_at)
            account.agenda.add((report.ends_at + DELAY_S) * SECOND_NS, Work.REPORT_ERRORS, subject)
        kind = report.kinds.setdefault(dropped.code, ErrorType())
        kind.count += 1
        if len(kind.samples) < MOST_SAMPLES:
            request = account.cause.idempotency_key or account.cause.request_id or ""
            kind.samples = (*kind.samples, Sample(dropped.message, request))

    def take(self, subject: str) -> Report | None:
        """Remove and return the report that is due now, if there is one."""
        return self.collected.pop(subject, None)


def publish(account: Account, subject: str) -> None:
    """Publish which events of a meter, or of no meter, were dropped in one window."""
    found = account.part(Reports).take(subject)
    if found is None:
        return
    kind, related = "v1.billing.meter.no_meter_found", None
    if found.meter is not None:
        kind = "v1.billing.meter.error_report_triggered"
        related = Related(found.meter, "billing.meter", f"/v1/billing/meters/{found.meter}")
    thin.publish(account, kind, related, data=_data(found))


def _data(found: Report) -> dict[str, Any]:
    are_events = "is 1 invalid event" if found.count == 1 else f"are {found.count} invalid events"
    return {
        "developer_message_summary": f"There {are_events}",
        "reason": {
            "error_count": found.count,
            "error_types": [_error_type(code, kind) for code, kind in found.kinds.items()],
        },
        "validation_end": rfc3339(found.ends_at * SECOND_NS),
        "validation_start": rfc3339(found.starts_at * SECOND_NS),
    }


def _error_type(code: str, kind: ErrorType) -> dict[str, Any]:
    return {
        "code": code,
        "error_count": kind.count,
        "sample_errors": [
            {"error_message": masked(sample.message), "request": {"identifier": sample.request}}
            for sample in kind.samples
        ],
    }
