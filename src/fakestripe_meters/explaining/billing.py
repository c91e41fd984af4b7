"""Explain what became of each reported event: the invoice that bills it, or the reason why none does."""

from collections.abc import Iterator
from collections.abc import Sequence
from decimal import Decimal
from itertools import chain
from typing import Literal

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.printing import counted
from fakestripe_meters.core.printing import instant
from fakestripe_meters.core.printing import line
from fakestripe_meters.core.usage_event import UsageEvent
from fakestripe_meters.core.usage_event import by_time
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records.invoice_items import InvoiceItems
from fakestripe_meters.domain.records.invoice_lines import Charge
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.invoices import Invoices
from fakestripe_meters.domain.records.meters import Meter
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.domain.records.waived_usage import Settled
from fakestripe_meters.domain.subscribing import charging
from fakestripe_meters.explaining.outcomes import Known
from fakestripe_meters.explaining.outcomes import Outcome
from fakestripe_meters.explaining.outcomes import meter_of
from fakestripe_meters.explaining.outcomes import outcomes

Reason = Literal[
    "",
    "after finalization",
    "after its price was replaced or removed",
    "after the subscription ended",
    "backdated without prorations",
    "before the subscription began",
    "cancelled",
    "ended without an invoice",
    "in a trial",
    "its invoice item was deleted",
    "not billed yet",
    "not visible yet",
    "on a pending update's void invoice",
    "overwritten",
    "paused without billing it",
    "replaced or removed in classic mode",
    "replaced or removed without prorations",
    "while paused",
    "without a price",
]
"""Why no invoice bills an event; empty if one does.

Its price may have been replaced or removed; in classic mode or without prorations, nothing bills it then. It is
`without a price` if no price of the meter was part of the subscription when it was used, or when it was accepted.
It was used `while paused`, or before and reported meanwhile.
"""


@dataclass(frozen=True, slots=True)
class Billing:
    """What one subscription does with one event. `timestamp` is in Unix seconds.

    The event is on `invoice`, under the `price` of an `item`, or on none for a `reason`. If it was cancelled or
    overwritten after a threshold's invoice had billed it, `given_back` is the invoice that credits it.
    """

    identifier: str
    """The identifier of the event."""
    timestamp: int
    value: Decimal
    """What it adds, or replaces."""
    subscription: str | None
    """The id of the subscription; None if the customer has none to the meter."""
    item: str | None
    price: str | None
    invoice: str | None
    given_back: str | None
    reason: Reason

    def __str__(self) -> str:
        """Return one line."""
        fate = f"on {self.invoice}" if self.invoice else self.reason
        back = f", given back on {self.given_back}" if self.given_back else ""
        return line(f"{instant(self.timestamp)}  {self.value:>8f}  {fate}{back}  [{self.identifier}]")


@dataclass(frozen=True, slots=True, repr=False)
class BillingExplanation:
    """All events of a customer and a meter, by time, once for each subscription to the meter. It prints as a table."""

    meter: Meter
    """The meter, with its `id` and `event_name`."""
    customer: str
    """The id of the customer."""
    events: Sequence[Billing]
    """One entry for each event and subscription, by time."""

    def of(self, identifier: str) -> list[Billing]:
        """Return what became of one event."""
        return [event for event in self.events if event.identifier == identifier]

    def __str__(self) -> str:
        return "\n".join([self._head, *(f"  {event}" for event in self.events)])

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self._head}, {counted(len(self.events), 'event')}>"

    @property
    def _head(self) -> str:
        return line(f"{self.meter.event_name} of {self.customer}")


_Way = tuple[str, str]
"""The item and the price that count an event."""
_Step = tuple[Invoice | None, Outcome, Reason]
"""What an invoice does with an event; without an invoice, the reason why none has it."""
_Fate = tuple[str | None, str | None, Reason]
"""The invoice that bills an event, the one that gives it back, and the reason if none bills it."""


def explain_billing(account: Account, meter: Meter, customer: str) -> BillingExplanation:
    """Explain what is billed of a customer's usage of a meter. The account must be locked."""
    intake = account.part(Intake)
    waiting = (each.event for each in intake.waiting() if each.event.meter == meter.id and not each.cancel)
    hidden = (event for event in waiting if event.customer == customer)
    events = sorted(chain(intake.ledger(meter.id).of(customer), hidden), key=by_time)
    all_of_them = account.part(Subscriptions).of(customer)
    concerned = [each for each in all_of_them if _has_had(account, meter, each)] or all_of_them
    found = [billing for each in concerned for billing in _billings(account, meter, each, events)]
    if not all_of_them:
        found = [_billing(event, None, (None, None), (None, None, "without a price")) for event in events]
    found.sort(key=lambda billing: billing.timestamp)
    return BillingExplanation(meter, customer, found)


def _has_had(account: Account, meter: Meter, subscription: Subscription) -> bool:
    return any(meter_of(account, charge) == meter.id for _, charge, *_ in _charges(account, subscription))


def _billings(
    account: Account, meter: Meter, subscription: Subscription, events: Sequence[UsageEvent]
) -> Iterator[Billing]:
    """Yield what a subscription does with each event: once, or once for each of its items with the meter."""
    ways: dict[int, dict[_Way, list[_Step]]] = {}
    for number, way, step in _steps(account, meter, subscription):
        ways.setdefault(number, {}).setdefault(way, []).append(step)
    for event in events:
        counted = ways.get(event.number)
        if counted is None:
            yield _billing(event, subscription.id, (None, None), (None, None, _outside(subscription, event)))
        else:
            yield from (_billing(event, subscription.id, way, _concluded(steps)) for way, steps in counted.items())


def _billing(event: UsageEvent, subscription: str | None, way: _Way | tuple[None, None], fate: _Fate) -> Billing:
    item, price = way
    invoice, given_back, reason = fate
    return Billing(
        event.identifier, event.timestamp, event.value, subscription, item, price, invoice, given_back, reason
    )


def _steps(account: Account, meter: Meter, subscription: Subscription) -> Iterator[tuple[int, _Way, _Step]]:
    """Yield the numbers of all events that the subscription counts, in the order of its invoices."""
    for invoice, charge, reason, known in _charges(account, subscription):
        if meter_of(account, charge) == meter.id:
            late: dict[Outcome, Reason] = {"late": known.late} if isinstance(known, Settled) else {}
            names = _NAMES | late
            for event, outcome in outcomes(account, charge, subscription.customer, known):
                yield event.number, (charge.item, charge.price), (invoice, outcome, names.get(outcome, reason))


_Billed = tuple[Invoice | None, Charge, Reason, Known | None]
"""A charge and the invoice that has it or, if none has it, the reason; and what was known of its usage then."""


def _charges(account: Account, subscription: Subscription) -> Iterator[_Billed]:
    given_up = {each.charge.key for each in subscription.waived if each.reason == "on a pending update's void invoice"}
    for invoice in account.part(Invoices).table:
        if invoice.subscription == subscription.id:
            charges = (each for each in invoice.charges if each.key not in given_up and not each.trial)
            yield from ((invoice, charge, "", invoice) for charge in charges)
    for waived in subscription.waived:
        yield None, waived.charge, waived.reason, None
    for settled in (each for each in subscription.settled if each.charge.key not in given_up):
        yield *_place(account, settled), settled
    yield from ((None, charge, "not billed yet", None) for charge in subscription.unbilled)
    if subscription.living:
        ends = LAST_SECOND if subscription.ends_at is None else subscription.ends_at
        reasons: dict[str, Reason] = {"paused": "while paused", "trialing": "in a trial"}
        reason = reasons.get(subscription.status, "not billed yet")
        for item in subscription.items:
            if prices.kept(account, item.price).metered:
                yield None, charging.usage_of(item, ends), reason, None


def _place(account: Account, settled: Settled) -> tuple[Invoice | None, Charge, Reason]:
    """Return the invoice that has the items for usage whose price was replaced or removed, or why none has them."""
    found = [item for item in map(account.part(InvoiceItems).table.get, settled.items) if item is not None]
    invoices = (account.part(Invoices).table.get(item.invoice or "") for item in found)
    invoice = next((each for each in invoices if each is not None), None)
    return invoice, settled.charge, "not billed yet" if found else "its invoice item was deleted"


def _concluded(steps: Sequence[_Step]) -> _Fate:
    billed_by: str | None = None
    reason: Reason = ""
    for invoice, outcome, why in steps:
        if billed_by is not None:
            if invoice is not None and outcome in ("cancelled", "overwritten"):
                return billed_by, invoice.id, ""
        elif invoice is not None and outcome == "billed":
            billed_by = invoice.id
        else:
            reason = why
    return billed_by, None, "" if billed_by else reason


_NAMES: dict[Outcome, Reason] = {
    "cancelled": "cancelled",
    "overwritten": "overwritten",
    "late": "after finalization",
    "waiting": "not visible yet",
}


def _outside(subscription: Subscription, event: UsageEvent) -> Reason:
    """Return why a subscription never counted an event."""
    begun, ended = subscription.begun, subscription.ended
    earliest = subscription.created if subscription.started is None or begun is not None else subscription.started
    if event.cancelled:
        return "cancelled"
    if subscription.started is not None and subscription.started <= event.timestamp < earliest:
        return "backdated without prorations"
    if event.timestamp < earliest or (begun is not None and begun.holds(event)):
        return "before the subscription began"
    if ended is not None:
        return "without a price" if ended.holds(event) else "after the subscription ended"
    ends_at = subscription.ends_at if subscription.living else subscription.ended_at
    return "after the subscription ended" if ends_at is not None and event.timestamp >= ends_at else "without a price"
