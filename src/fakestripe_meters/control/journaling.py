"""What was asked and what was answered, for whoever looks on: keys are masked."""

from collections.abc import Callable
from dataclasses import fields
from fnmatch import fnmatchcase
from itertools import dropwhile
from itertools import islice
from typing import Any
from typing import cast

from fakestripe_meters.control import answers as shapes
from fakestripe_meters.control.naming import ID
from fakestripe_meters.control.naming import Naming
from fakestripe_meters.core import checks
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import quoted
from fakestripe_meters.core.journal import KEPT
from fakestripe_meters.core.journal import Exchange
from fakestripe_meters.core.printing import masked


class Journaling(Naming):
    """The part of the control plane that shows the journal."""

    def exchanges(
        self,
        account: str | None = None,
        path: str | None = None,
        limit: int | None = None,
        after: str | None = None,
    ) -> list[Exchange]:
        """Return the requests so far, oldest first; the arguments are those of `journal`. Keys are masked."""
        if path is not None:
            checks.text(path, "path")
        found = self._later_than(after)
        of_account = self._of(account)
        found = [each for each in found if of_account(each) and _is_at(path, each)]
        if limit is not None:
            most = checks.whole(limit, "limit", 1, KEPT)
            found = found[-most:] if after is None else found[:most]
        return [shown(each) for each in found]

    def journal(
        self,
        account: str | None = None,
        path: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        answers: bool = False,  # noqa: FBT001, FBT002  JSON
    ) -> list[shapes.JournalEntry]:
        """Return the requests so far, oldest first: of an account, to a path, the last `limit`. Keys are masked.

        A `*` in the path stands for anything. With `after`, the id of a request: those that came later, the first
        `limit` of them. With `answers`: also the headers and the answer of each, as long as they are kept.
        """
        whole = checks.flag(answers, "answers")
        return [_entry(each, whole=whole) for each in self.exchanges(account, path, limit, after)]

    def exchange(self, request_id: str) -> shapes.JournalEntry:
        """Return one request with its headers and its answer. Keys are masked."""
        return _entry(shown(self.noted(request_id)), whole=True)

    def latest(
        self, account: str, most: int, *, before: str = "", wanted: Callable[[Exchange], bool]
    ) -> list[Exchange]:
        """Return the latest requests that are `wanted`, newest first: of an account, or of nobody's key.

        With `before`, the id of a request: only earlier ones. Keys are masked.
        """
        of_account = self._of(account)
        journal = self.world.journal
        noted = reversed(journal)
        if before and not any(each.request_id == before for each in noted):  # which leaves the earlier ones
            noted = reversed(journal)
        found = (each for each in noted if each.account is None or of_account(each))
        return [shown(each) for each in islice(filter(wanted, found), most)]

    def noted(self, request_id: object, param: str = "request_id") -> Exchange:
        """Return a request of the journal by its id, as it was noted: its key is not masked."""
        wanted = checks.text(request_id, param)
        found = next((each for each in reversed(self.world.journal) if wanted and each.request_id == wanted), None)
        if found is None:
            message = f"there is no request {quoted(wanted)} among the last {KEPT:,}"
            raise Misuse(message, param=param)
        return found

    def _later_than(self, request_id: str | None) -> list[Exchange]:
        noted = list(self.world.journal)
        if request_id is None:
            return noted
        wanted = self.noted(request_id, "after").request_id
        return list(dropwhile(lambda each: each.request_id != wanted, noted))[1:]

    def _of(self, account: str | None) -> Callable[[Exchange], bool]:
        """Return what tells whether a request is one of an account, or of a key and all accounts connected to it."""
        if account is None:
            return lambda _each: True
        if any(name.connected == account for name in list(self.world.accounts)):
            return lambda each: each.connected == account
        key = self._key(account)
        whole = not account.startswith(ID)
        return lambda each: each.account == key and (whole or each.connected is None)


def shown(exchange: Exchange) -> Exchange:
    """Return a copy of a request for others to see, with keys masked; what it was answered masks itself."""
    noted: Any = masked({each.name: getattr(exchange, each.name) for each in fields(exchange)})
    return Exchange(**noted)


def _is_at(path: str | None, exchange: Exchange) -> bool:
    return path in (None, exchange.path) or (path is not None and "*" in path and fnmatchcase(exchange.path, path))


def _entry(exchange: Exchange, *, whole: bool) -> shapes.JournalEntry:
    always = shapes.JournalEntry.__required_keys__
    told = {name: getattr(exchange, name) for name in shapes.JournalEntry.__annotations__ if whole or name in always}
    return cast("shapes.JournalEntry", told)
