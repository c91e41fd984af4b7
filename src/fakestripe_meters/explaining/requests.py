"""Which request of the journal brought a usage event, and which requests that report usage were refused."""

from collections import deque
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from decimal import InvalidOperation
from typing import Any

from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.clock import instant_ns
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.journal import Exchange
from fakestripe_meters.domain.records.meters import Meter
from fakestripe_meters.explaining.usage import Explained

SINGLE = ("/v1/billing/meter_events", "/v2/billing/meter_events")
STREAM = "/v2/billing/meter_event_stream"
REFUSED = 400
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

    @property
    def signature(self) -> _Signature:
        """What an event without an identifier of the sender is found by."""
        return self.customer, number_of(self.value), self.timestamp


class UsageRequests:
    """The requests that report usage of one meter."""

    def __init__(self, journal: Iterable[Exchange], key: str, meter: Meter) -> None:
        reports = [each for each in journal if each.account == key and each.path in (*SINGLE, STREAM)]
        self._sent = [sent for each in reports for sent in _events(each, meter)]
        self._arrived = [each for each in self._sent if _worked(each) and each.event_name == meter.event_name]
        self._named = {each.identifier: each.exchange for each in self._arrived if each.identifier}
        self._keys = {each.idempotency_key for each in reports if each.status < REFUSED and each.idempotency_key}

    def brought(self, events: Iterable[Explained]) -> dict[str, str]:
        """Return the ids of the requests that brought events, by the events' identifiers; `events` are in order.

        If the sender left the identifier to Stripe, its requests are told apart by customer, value, time and order.
        """
        unnamed: dict[_Signature, deque[Exchange]] = {}
        for sent in self._arrived:
            if sent.identifier is None:
                unnamed.setdefault(sent.signature, deque()).append(sent.exchange)
        found: dict[str, str] = {}
        for event in events:
            exchange = self._named.get(event.identifier)
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
        return [
            sent
            for sent in self._sent
            if not _worked(sent)
            and sent.identifier not in there
            and (sent.exchange.idempotency_key is None or sent.exchange.idempotency_key not in self._keys)
        ]


def number_of(value: str) -> Decimal | None:
    """Return a value as a number; None if it is not one."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _worked(sent: Sent) -> bool:
    return 0 < sent.exchange.status < REFUSED


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
            )


def _seconds(timestamp: object, otherwise: int) -> int:
    """Return a timestamp as Unix seconds, whether it was sent as these or as ISO 8601."""
    text = str(otherwise if timestamp is None else timestamp)
    try:
        return int(text) if text.isdecimal() else instant_ns(text) // SECOND_NS
    except Misuse:
        return otherwise
