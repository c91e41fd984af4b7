"""Which request of the journal to another vendor brought a usage event."""

from collections.abc import Iterable
from collections.abc import Sequence

from fakestripe_meters.core.journal import Exchange
from fakestripe_meters.core.site import VENDORS
from fakestripe_meters.explaining.explained import Explained

REFUSED = 400


class VendorRequests:
    """The requests that bring usage to other vendors.

    An event's identifier begins with the name of its vendor. What follows is what the vendor calls it, which its
    request says.
    """

    def __init__(self, journal: Iterable[Exchange]) -> None:
        self._at: dict[tuple[str, int], list[Exchange]] = {}
        """By vendor and second, those that were accepted; a request may have begun in the second before it counts."""
        for each in journal:
            if 0 < each.status < REFUSED:
                vendor = each.path[len(VENDORS) + 1 :].partition("/")[0]
                for second in (each.at, each.at + 1):
                    self._at.setdefault((vendor, second), []).append(each)

    def brought(self, event: Explained) -> Exchange | None:
        """Return the request that brought an event; None if it is no vendor's, or cannot be told from others."""
        if not self._at or event.received is None:
            return None
        vendor, _, key = event.identifier.partition(":")
        there = self._at.get((vendor, event.received), ())
        found = _saying(there, key) or _saying(there, key.partition(" ")[2]) or there
        return found[0] if len(found) == 1 or found is not there else None


def _saying(there: Sequence[Exchange], key: str) -> Sequence[Exchange]:
    return [each for each in there if each.says(key)]
