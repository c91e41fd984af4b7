"""Questions about all that there is: which accounts, what is due, and how quickly requests came.

What they need is imported late, so that a server starts quickly.
"""

from typing import TYPE_CHECKING

from fakestripe_meters.control.answers import AccountSummary
from fakestripe_meters.control.answers import Report
from fakestripe_meters.control.answers import Scheduled
from fakestripe_meters.control.bucket import Buckets
from fakestripe_meters.control.limit_answers import PeakRates
from fakestripe_meters.control.visiting import Visiting
from fakestripe_meters.core import checks
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import quoted

if TYPE_CHECKING:
    from fakestripe_meters.core.account import Account
    from fakestripe_meters.core.agenda import Agenda

MOST_ROWS = 10_000


class Overview(Visiting, Buckets):
    """Answers questions about all accounts, or about those that an `account` names: a key or an id."""

    def listed_accounts(self) -> list[AccountSummary]:
        """Return the accounts that have been used, oldest first, and how much is in each."""
        from fakestripe_meters.control import summaries

        return summaries.listed(self.world)

    def agenda(
        self, account: str | None = None, limit: int | None = None, test_clock: str | None = None
    ) -> list[Scheduled]:
        """Return what happens next by itself as the clock moves, soonest first: at most the next `limit`.

        With `test_clock`, the id of a test clock: what happens as that clock moves.
        """
        from fakestripe_meters.control import agenda

        most = None if limit is None else checks.whole(limit, "limit", 1, MOST_ROWS)
        found: list[Scheduled] = []
        known = test_clock is None
        for each in self._accounts(account):
            with each.lock:
                if each.forgotten:
                    continue
                self.world.enter(each)
                queue = _queue(each, test_clock)
                if queue is not None:
                    known = True
                    found += agenda.scheduled(each, queue, most)
        if not known:
            message = f"there is no test clock {quoted(test_clock)}"
            raise Misuse(message, param="test_clock")
        self.world.courier.send_ready(self.world)
        if test_clock is None:
            found += self.next_poll(account)
        return sorted(found, key=lambda row: row["at"])[:most]

    def peak_rates(self) -> PeakRates:
        """Return the most requests in one second of emulated time, and what was refused with 429.

        The former by method and URL, and by the limit that would count them.
        """
        from fakestripe_meters.control import reports

        peaks = reports.peaks(self.engine)
        limits = reports.peaks_by_limit(self.engine)
        return {"peaks": peaks, "limits": limits, "too_many": reports.too_many(self.engine, peaks)}

    def report(self) -> Report:
        """Return what there is to tell about a failing test, for people: the last calls, and what went wrong."""
        from fakestripe_meters.control import reports

        return {"report": reports.Fake(self.engine, self).report()}


def _queue(account: "Account", test_clock: str | None) -> "Agenda | None":
    """Return what is scheduled by the account's own clock, or by a test clock; None if it has no such test clock."""
    if test_clock is None:
        return account.agenda
    from fakestripe_meters.domain.records.test_clocks import TestClocks

    wanted, clocks = checks.text(test_clock, "test_clock"), account.peek(TestClocks)
    return None if clocks is None else clocks.table.get(wanted)
