"""The world behind one engine: accounts by name, one clock, the journal, planned faults and settings."""

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import replace
from secrets import token_hex
from threading import Lock
from typing import Protocol

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import DueWork
from fakestripe_meters.core.account import Name
from fakestripe_meters.core.accounts import Accounts
from fakestripe_meters.core.clock import Clock
from fakestripe_meters.core.clock import When
from fakestripe_meters.core.faults import Faults
from fakestripe_meters.core.ids import Ids
from fakestripe_meters.core.journal import Journal
from fakestripe_meters.core.options import Settings


class Courier(Protocol):
    """What a world needs from the code that sends its deliveries."""

    def dispatch(self, world: "World", account: Account) -> None:
        """Send what an account has ready. Called after its lock is released, never under it."""

    def wait_until_sent(self, world: "World") -> None:
        """Send what all accounts have ready, and return when it was received or has failed."""

    def forget(self) -> None:
        """Drop everything of the old world: a new one begins."""


class NoCourier:
    """Sends nothing: deliveries stay ready."""

    def dispatch(self, world: "World", account: Account) -> None:
        """Do nothing."""

    def wait_until_sent(self, world: "World") -> None:
        """Return at once."""

    def forget(self) -> None:
        """Do nothing."""


class World:
    """The state behind one engine. `due_work` maps kinds of scheduled work to functions; `courier` sends deliveries."""

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        now: When | None = None,
        seed: int | str | None = None,
        due_work: Mapping[str, DueWork],
        courier: Courier | None = None,
    ) -> None:
        self._start_up = settings or Settings()
        self._seed = seed
        self.due_work = due_work
        self.courier: Courier = NoCourier() if courier is None else courier
        self._making = Lock()
        self.clock = Clock(now, self.catch_up)
        self._begin()

    def _begin(self) -> None:
        self.seed = str(self._seed) if self._seed is not None else token_hex(8)
        self.settings = replace(self._start_up)
        self.accounts = Accounts()
        self.journal = Journal()
        self.faults = Faults()
        self.request_ids = Ids(f"{self.seed}/requests")
        self.courier.forget()

    def reset(self) -> None:
        """Drop everything and return to the initial state, including the clock."""
        self.clock.restart()
        self._begin()

    def forget(self, key: str) -> None:
        """Drop the accounts and the journal of one API key."""
        for account in list(self.named(key)):
            self.accounts.remove(account)
        self.journal.forget(key)

    def account(self, key: str, connected: str | None = None) -> Account:
        """Return the account of a valid key (and `Stripe-Account`); create it on first use.

        To change it, `lock` it: while nothing is made in it, it may be dropped.
        """
        return self.accounts.get(Name(key, connected)) or self._made(Name(key, connected))

    def lock(self, account: Account) -> Account:
        """Lock an account, or the one that has taken its place, and return it; the caller releases its lock."""
        account.lock.acquire()
        while account.retired:
            account.lock.release()
            account = self.account(*account.name)
            account.lock.acquire()
        return account

    def _made(self, name: Name) -> Account:
        accounts = self.accounts
        with self._making:
            account = accounts.get(name)
            if account is None:
                seed = f"{self.seed}/{name.key}/{name.connected or ''}"
                account = Account(
                    name, self.settings, seed, due_work=self.due_work, others=accounts, tokens=accounts.tokens
                )
                accounts.add(account)
        accounts.tidy(self.clock.now_ns())
        return account

    def holder(self, token: str) -> Account | None:
        """Return the account of a meter event session's token; None if there is no such session or it has expired."""
        return self.accounts.holder(token, self.clock.now_ns())

    def named(self, key: str) -> Iterator[Account]:
        """Yield the accounts of a key: its own and its connected accounts."""
        return (account for name, account in list(self.accounts.items()) if name.key == key)

    def enter(self, account: Account) -> None:
        """Bring an account to the present: do its scheduled work, each entry at its own instant."""
        now_ns = self.clock.now_ns()
        self._run_due(account, now_ns)
        account.now_ns = account.own_ns = now_ns

    def catch_up(self, until_ns: int) -> None:
        """Do all scheduled work of all accounts that is due by `until_ns`, in order of its due time.

        All deliveries are sent before time moves on, so that retries of failed ones are scheduled in time.
        """
        self.courier.wait_until_sent(self)
        while (first := self._first_due(until_ns)) is not None:
            account, due_ns = first
            self.clock.reach(due_ns)  # before the lock: moving the clock locks one account after another
            with account.lock:
                self._run_due(account, due_ns)
            self.courier.wait_until_sent(self)

    def _first_due(self, until_ns: int) -> tuple[Account, int] | None:
        first: tuple[Account, int] | None = None
        for account in list(self.accounts.values()):
            due_ns = account.agenda.next_due_ns()
            if due_ns is not None and due_ns <= until_ns and (first is None or due_ns < first[1]):
                first = account, due_ns
        return first

    def _run_due(self, account: Account, until_ns: int) -> None:
        while (entry := account.agenda.pop_due(until_ns)) is not None:
            account.own_ns = entry.due_ns
            account.do_due(entry, entry.due_ns)
