"""A piece of scheduled work, as those who put it into words see it."""

from collections.abc import Mapping
from collections.abc import Sequence
from functools import cached_property

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Entry
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.intake import Waiting
from fakestripe_meters.core.late import dataclass

Told = tuple[str, str] | None
"""What happens, and the id of what it happens to; None if the work no longer applies."""


class Look:
    """One look at the work of an account."""

    def __init__(self, account: Account) -> None:
        self.account = account

    @cached_property
    def waiting(self) -> Mapping[int, Sequence[Waiting]]:
        """The changes of usage that the lag delays, by the second in which they become visible."""
        found: dict[int, list[Waiting]] = {}
        for each in self.account.part(Intake).waiting():
            found.setdefault(each.due_ns // SECOND_NS, []).append(each)
        return found


@dataclass(frozen=True, slots=True)
class Due:
    """One entry of an agenda."""

    look: Look
    entry: Entry

    @property
    def account(self) -> Account:
        """Whose work it is."""
        return self.look.account

    @property
    def at(self) -> int:
        """When it is done, in Unix seconds."""
        return self.entry.due_ns // SECOND_NS

    @property
    def due_ns(self) -> int:
        """When it is done, in nanoseconds."""
        return self.entry.due_ns

    @property
    def subject(self) -> str:
        """What it is done to: mostly an id."""
        return self.entry.subject
