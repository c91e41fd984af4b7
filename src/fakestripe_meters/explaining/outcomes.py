"""Explain what became of usage: whether each event is billed, and if not, why."""

from collections.abc import Sequence
from typing import Literal
from typing import Protocol

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.usage_event import UsageEvent
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records.invoice_lines import Charge

Outcome = Literal["billed", "cancelled", "free", "overwritten", "late", "waiting"]
"""An event is late if it became visible after finalization, waiting if it is not visible yet: neither is billed.

What was cancelled after finalization is billed nevertheless. Usage whose price was replaced or removed is billed as it
was known then. In a trial, usage is free.
"""


class Known(Protocol):
    """What is known of usage when it is billed: on a finalized invoice, or under a price that is replaced."""

    @property
    def newest_usage(self) -> int | None:
        """The arrival number of the last event; None for a draft."""

    @property
    def unseen_usage(self) -> Sequence[int]:
        """The arrival numbers of the events that were not visible."""

    @property
    def cancelled_usage(self) -> Sequence[int] | None:
        """The arrival numbers of the events that had been cancelled."""


def meter_of(account: Account, charge: Charge) -> str | None:
    """Return the meter whose usage a charge bills; None for a charge that is not for usage."""
    if charge.quantity is not None or (charge.free and not charge.trial):
        return None
    return prices.kept(account, charge.price).meter


def outcomes(
    account: Account, charge: Charge, customer: str, known: Known | None = None
) -> list[tuple[UsageEvent, Outcome]]:
    """Return the events of a charge, visible ones by time, each with its outcome: now, or when it was billed."""
    meter, intake = prices.kept(account, charge.price).meter or "", account.part(Intake)
    found = intake.ledger(meter).fates(customer, charge.stretch, lambda event: _standing(event, known))
    waiting = [
        each.event
        for each in intake.waiting()
        if each.event.meter == meter
        and each.event.customer == customer
        and charge.stretch.holds(each.event)
        and not each.cancel
    ]
    return [
        *((event, _judged(event, winner, known)) for event, winner in found),
        *((event, "late" if _is_late(event, known) else "waiting") for event in waiting),
    ]


def _standing(event: UsageEvent, known: Known | None) -> bool:
    """Whether an event counts: at finalization or, for a draft and without an invoice, now."""
    return not _is_late(event, known) and not _is_cancelled(event, known)


def _is_late(event: UsageEvent, known: Known | None) -> bool:
    if known is None or known.newest_usage is None:
        return False
    return event.number > known.newest_usage or event.number in known.unseen_usage


def _is_cancelled(event: UsageEvent, known: Known | None) -> bool:
    if known is None or known.cancelled_usage is None:
        return event.cancelled
    return event.number in known.cancelled_usage


def _judged(event: UsageEvent, winner: UsageEvent | None, known: Known | None) -> Outcome:
    if _is_late(event, known):
        return "late"
    if _is_cancelled(event, known):
        return "cancelled"
    return "billed" if winner is None else "overwritten"
