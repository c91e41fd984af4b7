"""Which request of the journal brought a usage event, and which requests that report usage were refused."""

from collections import deque
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from decimal import Decimal
from decimal import InvalidOperation
from functools import cached_property
from typing import Any

from fakestripe_meters.core.account import Name
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.clock import instant_ns
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.journal import Exchange
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.site import BELOW_VENDORS
from fakestripe_meters.domain.records.meters import Meter
from fakestripe_meters.explaining.explained import Explained
from fakestripe_meters.explaining.vendor_requests import VendorRequests

SINGLE = ("/v1/billing/meter_events", "/v2/billing/meter_events")
STREAM = "/v2/billing/meter_event_stream"
REFUSED = 400
DUPLICATES = ("An event already exists with identifier", "A meter event with a duplicate identifier")
"""How the messages begin that refuse an identifier that was taken."""
_Signature = tuple[str | None, Decimal | None, int]


@dataclass(frozen=True, slots=True)
class Sent:
    """One event as a request reported it, and the request. `timestamp` is in Unix seconds."""

    exchange: Exchange
    event_name: str
    identifier: str | None
    customer: str | None
    timestamp: int
    value: str
    payload: Mapping[str, object]

    @property
    def signature(self) -> _Signature:
        """What an event without an identifier of the sender is found by."""
        return self.customer, number_of(self.value), self.timestamp


class UsageRequests:
    """The requests that report usage of one meter."""

    def __init__(self, journal: Iterable[Exchange], account: Name, meter: Meter) -> None:
        self._meter = meter
        own = [each for each in journal if (each.account, each.connected) == account]
        self._reports = [each for each in own if each.path in (*SINGLE, STREAM)]
        self._to_vendors = VendorRequests(each for each in own if each.path.startswith(BELOW_VENDORS))

    @cached_property
    def _refusals(self) -> list[Sent]:
        return [sent for each in self._reports if not _worked(each) for sent in _events(each, self._meter)]

    def _arrived(self, seconds: Collection[int]) -> Iterator[Sent]:
        """Yield the events that arrived in some seconds; a request may have begun in the second before."""
        name = self._meter.event_name
        for each in self._reports:
            if _worked(each) and (each.at in seconds or each.at + 1 in seconds):
                yield from (sent for sent in _events(each, self._meter) if sent.event_name == name)

    def brought(self, events: Iterable[Explained]) -> dict[str, str]:
        """Return the ids of the requests that brought events, by the events' identifiers; `events` are in order.

        If the sender left the identifier to Stripe, its requests are told apart by customer, value, time and order.
        """
        events = list(events)
        named: dict[str, Exchange] = {}
        unnamed: dict[_Signature, deque[Exchange]] = {}
        for sent in self._arrived({each.received for each in events if each.received is not None}):
            if sent.identifier is None:
                unnamed.setdefault(sent.signature, deque()).append(sent.exchange)
            else:
                named[sent.identifier] = sent.exchange
        found: dict[str, str] = {}
        for event in events:
            exchange = named.get(event.identifier) or self._to_vendors.brought(event)
            if exchange is None and unnamed:
                waiting = unnamed.get((event.customer, number_of(event.value), event.timestamp))
                exchange = waiting.popleft() if waiting else None
            if exchange is not None:
                found[event.identifier] = exchange.request_id
        return found

    def refused(self, arrived: Iterable[str]) -> list[Sent]:
        """Return the events that were refused and did not arrive at another try; `arrived` are identifiers.

        Those for another meter are among them, because a wrong name may be why they were refused.
        """
        there = set(arrived)
        return [sent for sent in self._refusals if sent.identifier not in there and not self._tried_again(sent)]

    def refused_reports(self, has_arrived: Callable[[str], bool]) -> Iterator[Explained]:
        """Yield the reports of events of the meter that were refused and did not arrive at another try.

        Those of an identifier that was taken are among them. `has_arrived` says whether an identifier arrived.
        """
        for sent in self._refusals:
            if sent.event_name != self._meter.event_name or self._tried_again(sent):
                continue
            message = str((sent.exchange.error or {}).get("message") or f"{sent.exchange.status or 'no answer'}")
            duplicate = message.startswith(DUPLICATES)
            if duplicate or sent.identifier is None or not has_arrived(sent.identifier):
                yield Explained(
                    identifier=sent.identifier or "",
                    customer=sent.customer,
                    timestamp=sent.timestamp,
                    value=sent.value,
                    outcome="refused",
                    why=f"duplicate: {message}" if duplicate else message,
                    request_id=sent.exchange.request_id,
                    dimensions={key: str(sent.payload[key]) for key in self._meter.keys if key in sent.payload},
                )

    def _tried_again(self, sent: Sent) -> bool:
        key = sent.exchange.idempotency_key
        return key is not None and key in self._keys

    @cached_property
    def _keys(self) -> set[str]:
        worked = (each for each in self._reports if each.status < REFUSED)
        return {each.idempotency_key for each in worked if each.idempotency_key}


def number_of(value: str) -> Decimal | None:
    """Return a value as a number; None if it is not one."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _worked(exchange: Exchange) -> bool:
    return 0 < exchange.status < REFUSED


def _events(exchange: Exchange, meter: Meter) -> Iterator[Sent]:
    params: Any = exchange.params
    if not isinstance(params, dict):
        return
    events = params.get("events") if exchange.path == STREAM else [params]
    for event in events if isinstance(events, list) else []:
        if isinstance(event, dict):
            payload = event.get("payload")
            payload = payload if isinstance(payload, dict) else {}
            yield Sent(
                exchange,
                str(event.get("event_name")),
                event.get("identifier"),
                payload.get(meter.customer_key),
                _seconds(event.get("timestamp"), exchange.at),
                str(payload.get(meter.value_key, "")),
                payload,
            )


def _seconds(timestamp: object, otherwise: int) -> int:
    """Return a timestamp as Unix seconds, whether it was sent as these or as ISO 8601."""
    text = str(otherwise if timestamp is None else timestamp)
    try:
        return int(text) if text.isdecimal() else instant_ns(text) // SECOND_NS
    except Misuse:
        return otherwise
