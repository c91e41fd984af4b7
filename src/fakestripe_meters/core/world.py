"""The world behind one engine: accounts by name, one clock, the journal, planned faults and settings."""

from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import ExitStack
from contextlib import contextmanager
from dataclasses import replace
from secrets import token_hex
from typing import Protocol

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import DueWork
from fakestripe_meters.core.account import Name
from fakestripe_meters.core.clock import Clock
from fakestripe_meters.core.clock import Move
from fakestripe_meters.core.clock import When
from fakestripe_meters.core.faults import Faults
from fakestripe_meters.core.ids import Ids
from fakestripe_meters.core.journal import Journal
from fakestripe_meters.core.locks import Lock
from fakestripe_meters.core.locks import Rank
from fakestripe_meters.core.options import Settings
from fakestripe_meters.core.sessions import Sessions


class Courier(Protocol):
    """What a world needs from the code that sends its deliveries."""

    def dispatch(self, world: "World", account: Account) -> None:
        """Send what an account has ready. Called after its lock is released, never under it."""

    def wait_until_sent(self, world: "World") -> None:
        """Send what all accounts have ready, and return when it was received or has failed."""

    def send_ready(self, world: "World") -> None:
        """Send what all accounts have ready."""

    def admit(self, *, leave: bool = False) -> bool:
        """Wait until the deliveries have ended that are under way, and return True.

        If one may wait for the caller, raise `Conflict`; or return False if another call waits for it, and the caller
        may `leave` it to that one.
        """

    def admit_move(self) -> None:
        """Do the same for a call that moves the clock, and raise `Conflict` if receivers move it without end."""

    def awaited(self) -> frozenset[object]:
        """Return the deliveries that are under way and that calls wait for."""

    def forget(self) -> None:
        """Drop everything of the old world: a new one begins. Nobody waits for its deliveries any more."""

    def drop(self, account: Account) -> None:
        """Drop everything of one account. Nobody waits for its deliveries any more."""


class NoCourier:
    """Sends nothing: deliveries stay ready."""

    def dispatch(self, world: "World", account: Account) -> None:
        """Do nothing."""

    def wait_until_sent(self, world: "World") -> None:
        """Return at once."""

    def send_ready(self, world: "World") -> None:
        """Do nothing."""

    def admit(self, *, leave: bool = False) -> bool:  # noqa: ARG002  as the protocol has it
        """Return at once."""
        return True

    def admit_move(self) -> None:
        """Return at once."""

    def awaited(self) -> frozenset[object]:
        """Return nothing."""
        return frozenset()

    def forget(self) -> None:
        """Do nothing."""

    def drop(self, account: Account) -> None:
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
        self._making = Lock(Rank.WORLD)
        self.clock = Clock(now, self.catch_up, admit=self.courier.admit_move, deliveries=self.courier.awaited)
        self.accounts: dict[Name, Account] = {}
        self._begin()

    def _begin(self) -> None:
        """Take the start-up's settings, and new seed, accounts, journal and faults; the accounts come last."""
        self.seed = str(self._seed) if self._seed is not None else token_hex(8)
        self.settings = replace(self._start_up)
        self.journal = Journal()
        self.faults = Faults()
        self.request_ids = Ids(f"{self.seed}/requests")
        self.courier.forget()
        self.accounts = {}

    def reset(self) -> None:
        """Drop everything and return to the initial state, including the clock."""
        with self._replaced("the fake was reset", self.clock.start):
            self._begin()

    def restore(
        self,
        clock: tuple[int | None, int],
        settings: Settings,
        request_ids: Ids,
        seed: str,
        accounts: dict[Name, Account],
    ) -> None:
        """Drop everything, and take over what a snapshot holds. `clock` is a clock's `state`."""
        with self._replaced("a snapshot was restored", clock):
            self._begin()
            self.seed, self.settings, self.request_ids = seed, settings, request_ids
            self.accounts = accounts

    def end(self, because: str) -> None:
        """Let what is under way come to its end: nobody asks for this world any more."""
        self.clock.interrupt(because)
        for account in list(self.accounts.values()):
            account.forgotten = True

    def forget(self, key: str) -> None:
        """Drop the accounts and the journal of one API key."""
        with self._making:
            for account in list(self.named(key)):
                self.accounts.pop(account.name, None)
                account.forgotten = True
                self.courier.drop(account)
        self.journal.forget(key)

    @contextmanager
    def standing_still(self) -> Iterator[list[Account]]:
        """Let nothing change within `with`, and yield the accounts, oldest first.

        The locks are taken in their one order. Moves of the clock and deliveries that are under way are not waited
        for: what they change next, they change afterwards.
        """
        while True:
            with ExitStack() as locks:
                accounts = list(self.accounts.values())
                for account in sorted(accounts, key=lambda each: each.lock.place):
                    locks.enter_context(account.lock)
                locks.enter_context(self._making)
                if accounts == list(self.accounts.values()):
                    yield accounts
                    return

    @contextmanager
    def _replaced(self, because: str, clock: tuple[int | None, int]) -> Iterator[None]:
        """Replace the world within `with`: no request or scheduled work sees parts of both the old and the new."""
        self.clock.interrupt(because)
        with self.standing_still() as accounts:
            for account in accounts:
                account.forgotten = True
            self.clock.restore(*clock, because=because)
            yield

    def account(self, key: str, connected: str | None = None) -> Account:
        """Return the account of a valid key (and `Stripe-Account`); create it on first use."""
        name = Name(key, connected)
        account = self.accounts.get(name)
        if account is None:
            with self._making:
                account = self.accounts.get(name)
                if account is None:
                    account = Account(
                        name,
                        self.settings,
                        f"{self.seed}/{key}/{connected or ''}",
                        due_work=self.due_work,
                        others=self.accounts,
                    )
                    self.accounts[name] = account
        return account

    def holder(self, token: str) -> Account | None:
        """Return the account of a meter event session's token; None if there is no such session or it has expired."""
        now_ns = self.clock.now_ns()
        for account in list(self.accounts.values()):
            sessions = account.peek(Sessions)
            if sessions is not None and sessions.holds(token, now_ns):
                return account
        return None

    def named(self, key: str) -> Iterator[Account]:
        """Yield the accounts of a key: its own and its connected accounts."""
        return (account for name, account in list(self.accounts.items()) if name.key == key)

    def enter(self, account: Account) -> None:
        """Bring an account to the present: do its scheduled work, each entry at its own instant."""
        now_ns = self.clock.now_ns()
        while (entry := account.agenda.pop_due(now_ns)) is not None:
            account.do_due(entry, entry.due_ns)
        account.now_ns = now_ns

    def catch_up(self, move: Move) -> None:
        """Do all scheduled work of all accounts that is due by the end of a move, in order of its due time.

        All deliveries are sent before time moves on, so that retries of failed ones are scheduled in time.
        """
        self.courier.wait_until_sent(self)
        move.check()
        while (first := self._first_due(move.until_ns)) is not None:
            account, due_ns = first
            move.reach(due_ns)
            with account.lock:
                while (entry := account.agenda.pop_due(due_ns)) is not None:
                    account.do_due(entry, entry.due_ns)
                    move.check()
            self.courier.wait_until_sent(self)
            move.check()

    def _first_due(self, until_ns: int) -> tuple[Account, int] | None:
        first: tuple[Account, int] | None = None
        for account in list(self.accounts.values()):
            due_ns = account.agenda.next_due_ns()
            if due_ns is not None and due_ns <= until_ns and (first is None or due_ns < first[1]):
                first = account, due_ns
        return first
