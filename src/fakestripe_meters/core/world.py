"""The world behind one engine: accounts by name, one clock, the journal, planned faults and settings."""

import os
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import ExitStack
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from fakestripe_meters.core import called
from fakestripe_meters.core import moving
from fakestripe_meters.core import rewinding
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import DueWork
from fakestripe_meters.core.account import Name
from fakestripe_meters.core.account import Repeats
from fakestripe_meters.core.accounts import Accounts
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.clock import Clock
from fakestripe_meters.core.clock import When
from fakestripe_meters.core.courier import Courier
from fakestripe_meters.core.courier import NoCourier
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.faults import Faults
from fakestripe_meters.core.ids import Ids
from fakestripe_meters.core.journal import Journal
from fakestripe_meters.core.limits import Limits
from fakestripe_meters.core.locks import Lock
from fakestripe_meters.core.locks import Rank
from fakestripe_meters.core.moving import Move
from fakestripe_meters.core.options import Settings
from fakestripe_meters.core.polling import Poll
from fakestripe_meters.core.polling import Polling
from fakestripe_meters.core.progress import Telling
from fakestripe_meters.core.progress import Watch
from fakestripe_meters.core.scopes import Scopes
from fakestripe_meters.core.site import Site
from fakestripe_meters.core.stubs import Stubs

MOST_WORK = 100_000
"""How many pieces of scheduled work a move of the clock does, as far as they can be foreseen."""


class World:
    """The state behind one engine.

    `due_work` maps kinds of scheduled work to functions, and `repeats` maps those that schedule themselves again to
    estimates. `courier` sends deliveries. `poll` looks into the bucket, if there is one.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        now: When | None = None,
        seed: int | str | None = None,
        due_work: Mapping[str, DueWork],
        repeats: Mapping[str, Repeats] | None = None,
        courier: Courier | None = None,
        site: Site | None = None,
        poll: Poll | None = None,
    ) -> None:
        self._start_up = settings or Settings()
        self.site = site or Site()
        self.site.public_url = self._start_up.public_url
        self._seed = seed
        self.due_work = due_work
        self.repeats: Mapping[str, Repeats] = {} if repeats is None else repeats
        self.courier: Courier = NoCourier() if courier is None else courier
        self._making = Lock(Rank.WORLD)
        self.clock = Clock(
            now,
            self._move,
            admit=self.courier.admit_move,
            deliveries=self.courier.awaited,
            rewound=self.rewound,
            resumed=lambda: self.courier.attend(self),
        )
        self.accounts = Accounts()
        self.scopes = Scopes()
        self.ever_called: called.Called = {}
        self.listeners: list[Any] = []
        """What a test listens with to its accounts, also to those that are made later. A restore keeps it."""
        self.watch = Watch()
        self.polling = Polling(None if self._start_up.bucket is None else poll)
        self.under_way: Telling | None = None
        """How far the move of the clock is that is under way."""
        self._begin()

    def _begin(self, *, restored: bool = False) -> None:
        """Take the start-up's settings, and new seed, accounts, journal, faults and stubs; the accounts come last."""
        self.note_called()
        self.seed = str(self._seed) if self._seed is not None else os.urandom(8).hex()
        self.settings = replace(self._start_up)
        self.limits: dict[str, Limits] = {}
        """The rate limits of single API keys."""
        self.scopes = Scopes()
        self.journal = Journal()
        self.faults = Faults()
        self.stubs = Stubs()
        self.request_ids = Ids(f"{self.seed}/requests")
        if restored:
            self.courier.forget(restored=True)
        else:
            self.courier.forget()
            self.listeners.clear()
            self.checkpoints: dict[str, Any] = {}
        self.polling.begin(self.clock.now_ns())
        self.accounts = Accounts()

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
        accounts: Accounts,
        *,
        limits: dict[str, Limits],
        scopes: Scopes,
    ) -> None:
        """Drop everything, and take over what a snapshot holds. `clock` is a clock's `state`."""
        with self._replaced("a snapshot was restored", clock):
            self._begin(restored=True)
            self.seed, self.settings, self.request_ids = seed, settings, request_ids
            self.limits, self.scopes = limits, scopes
            for account in accounts.values():
                account.now_ns = account.own_ns = self.clock.now_ns()  # nothing in the snapshot is later
                account.limits = limits.get(account.name.key)
                account.opened = account.opened or account.now  # a snapshot of an older release does not say
            self.accounts = accounts

    def note_called(self) -> called.Called:
        """Return what was ever called, and keep it: accounts or restricted keys may be removed now."""
        self.ever_called = called.merged([self.ever_called, *self.accounts.called(), *self.scopes.called()])
        return self.ever_called

    def end(self, because: str) -> None:
        """End a move of the clock that is under way, and mark all accounts as forgotten: another world begins."""
        self.clock.interrupt(because)
        for account in list(self.accounts.values()):
            account.forgotten = True

    def forget(self, key: str) -> None:
        """Drop the accounts, the journal, the planned faults, the limits and the restricted keys of one API key."""
        self.note_called()
        with self._making:
            self.limits.pop(key, None)
            self.scopes.forget(key)
            for account in list(self.named(key)):
                self.accounts.remove(account)
                account.forgotten = True
                self.courier.drop(account)
        self.journal.forget(key)
        self.faults.forget(key)

    def limit(self, key: str, limits: Limits) -> None:
        """Give the accounts of one API key rate limits of their own."""
        with self._making:
            self.limits[key] = limits
            for account in self.named(key):
                account.limits = limits

    @contextmanager
    def standing_still(self) -> Iterator[list[Account]]:
        """Let nothing change within `with`, and yield the accounts, oldest first.

        The locks are taken in their one order. Moves of the clock and deliveries that are under way are not waited for:
        they continue afterwards.
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
    def rewound(self, instant_ns: int) -> Iterator[None]:
        """Let the clock go back to an instant within `with`; raise `Misuse` if too much has happened.

        A frozen clock goes back only if nothing was created yet. A running one goes back to the second of the newest
        request or work at most, in the accounts in which something was created.
        """
        with self.standing_still() as accounts:
            rewinding.rewind(self.clock, self.accounts, accounts, instant_ns)
            self.polling.begin(instant_ns)
            yield

    @contextmanager
    def _replaced(self, because: str, clock: tuple[int | None, int]) -> Iterator[None]:
        """Replace the world within `with`: no request or scheduled work sees parts of both the old and the new."""
        self.clock.interrupt(because)
        with self.standing_still() as accounts:
            for account in accounts:
                account.forgotten = True
            self.clock.restore(*clock, because=because)
            yield
        self.courier.attend(self)

    def account(self, key: str, connected: str | None = None) -> Account:
        """Return the account of a valid key (and `Stripe-Account`); create it on first use.

        To change it, `lock` it: while nothing is made in it, it may be dropped.
        """
        known = self.accounts.get((key, connected))  # type: ignore[call-overload]  # a Name, which takes longer to make
        return known or self._made(Name(key, connected))

    def lock(self, account: Account) -> Account:
        """Lock an account, or the one that has taken its place, and return it; the caller releases its lock.

        In a world that has ended, no account takes the place of another.
        """
        account.lock.acquire()
        while account.forgotten and (other := self.accounts.get(account.name)) is not account:
            account.lock.release()
            account = other or self.account(*account.name)
            account.lock.acquire()
        return account

    def _made(self, name: Name) -> Account:
        with self._making:
            accounts = self.accounts
            account = accounts.get(name)
            if account is None:
                seed = f"{self.seed}/{name.key}/{name.connected or ''}"
                account = Account(
                    name,
                    self.settings,
                    seed,
                    due_work=self.due_work,
                    others=accounts,
                    tokens=accounts.tokens,
                    listeners=self.listeners,
                    site=self.site,
                    watch=self.watch,
                )
                account.opened, account.limits = self.clock.now(), self.limits.get(name.key)
                accounts.add(account)
        accounts.drop_blank(self.clock.now_ns())
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
        while (entry := account.agenda.pop_due(now_ns)) is not None:
            account.do_own(entry)
        account.now_ns = account.own_ns = now_ns

    def _move(self, move: Move) -> None:
        """Do the scheduled work of a move, unless it is more than `MOST_WORK` and smaller steps would have less."""
        waiting, repeated = self.expected(move.until_ns)
        if repeated and waiting + repeated > MOST_WORK:
            message = (
                f"this would do about {waiting + repeated:,} pieces of scheduled work, and {MOST_WORK:,} is the most "
                "for one call: move the clock in smaller steps"
            )
            raise Misuse(message)
        around = self.under_way  # a receiver of webhooks may move the clock as well
        telling = self.under_way = Telling(move.told or self.watch.told, waiting + repeated)
        try:
            self.catch_up(move, telling=telling)
            telling.end(move.until_ns // SECOND_NS)
        finally:
            self.under_way = around

    def expected(self, until_ns: int) -> tuple[int, int]:
        """Return how many pieces of work are scheduled up to an instant, and about how many will follow them."""
        return moving.expected(self, until_ns)

    def catch_up(self, move: Move, *, wait: bool = True, telling: Telling | None = None) -> None:
        """Do all scheduled work of all accounts that is due by the end of a move, in order of its due time.

        All deliveries are sent before time moves on, so that retries of failed ones are scheduled in time.
        """
        moving.catch_up(self, move, wait=wait, telling=telling or Telling(None, 0))
