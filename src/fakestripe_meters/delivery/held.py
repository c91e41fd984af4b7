"""What a test holds back: which types of notifications, and those that wait for it to decide."""

from collections.abc import Sequence

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import shortened
from fakestripe_meters.core.locks import Condition
from fakestripe_meters.delivery.traffic import Parcel
from fakestripe_meters.domain.events.destinations import matches


class Held:
    """The parcels that are held back, in the order in which they would have been sent."""

    def __init__(self, condition: Condition) -> None:
        self._condition = condition
        self.types: tuple[str, ...] = ()
        """The types that are held back, or groups of them; none if nothing is."""
        self.parcels: list[Parcel] = []

    def wants(self, kind: str) -> bool:
        """Whether notifications of a type are held back."""
        return matches(kind, self.types)

    def hold(self, types: tuple[str, ...]) -> None:
        """Hold these types back from now on, beside those that are held back already."""
        with self._condition:
            self.types = tuple(dict.fromkeys((*self.types, *types)))

    def sift(self, parcels: list[Parcel]) -> list[Parcel]:
        """Keep the parcels that are to be held back, and return the others."""
        if not self.types:
            return parcels
        rest: list[Parcel] = []
        with self._condition:
            for each in parcels:
                if not self.wants(each.notification.type):
                    rest.append(each)
                elif not each.account.forgotten:
                    self.parcels.append(each)
        return rest

    def take(self, ids: Sequence[str], param: str) -> list[Parcel]:
        """Take out those with these ids, in this order; raise `Misuse`, and take none, if one is not among them."""
        with self._condition:
            held = {each.notification.id: each for each in self.parcels}
            taken: list[Parcel] = []
            for identifier in ids:
                if identifier not in held:
                    raise Misuse(f"the webhook {shortened(identifier)} is not held", param=param)
                taken.append(held.pop(identifier))
            self.parcels = list(held.values())
            return taken

    def take_all(self) -> list[Parcel]:
        """Hold nothing back any more, and return what was."""
        with self._condition:
            self.types, held, self.parcels = (), self.parcels, []
            return held

    def drop(self, account: Account | None = None) -> None:
        """Forget the parcels of an account, or all. The caller holds the condition."""
        self.parcels = [each for each in self.parcels if account is not None and each.account is not account]
