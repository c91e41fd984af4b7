"""By identifier, the event that was accepted last under it.

An identifier leads to whatever holds its event, such as a block of several hundred: to know each event's own place, an
object for each would be needed.
"""

from typing import Protocol

from fakestripe_meters.core.usage_event import UsageEvent


class Holder(Protocol):
    """What holds events: a block, or an event itself."""

    def named(self, identifier: str) -> UsageEvent:
        """Return the event with an identifier, of several the one that arrived last; ValueError if there is none."""


class Identifiers(dict[str, Holder]):
    """The holder of each identifier's event."""

    __slots__ = ()

    def event(self, identifier: str) -> UsageEvent | None:
        """Return the event that was accepted last under an identifier, or None."""
        holder = self.get(identifier)
        return None if holder is None else holder.named(identifier)

    def lead_to(self, event: UsageEvent, holder: Holder) -> None:
        """Let an identifier lead to where its event is now, unless it leads to a newer event."""
        identifier = event.identifier
        known = self.get(identifier)
        if known is None or known.named(identifier).number <= event.number:
            self[identifier] = holder
