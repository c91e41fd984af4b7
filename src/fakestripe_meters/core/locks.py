"""The locks of a fake, and the one order in which a thread takes them: no two threads can then wait for each other.

A thread that holds a lock takes only locks of a higher place: first the clock's move, then the locks of accounts, by
name, then the world's, and at last one leaf. It may take a lock again that it holds. A wrong order raises
`OutOfOrder`, whether or not another thread holds the lock.
"""

import threading
from enum import IntEnum
from typing import Protocol


class Rank(IntEnum):
    """The kinds of locks, in the order in which they are taken."""

    MOVE = 1
    """A clock is moved. It is held while the webhooks that the move causes are delivered."""
    ACCOUNT = 2
    """A request or scheduled work changes an account. Nothing is delivered while it is held."""
    WORLD = 3
    """An account is made or dropped, or the world is replaced."""
    LEAF = 4
    """A few values change together. No other lock is taken meanwhile."""


class OutOfOrder(RuntimeError):  # noqa: N818  it names what happened, not a kind of error
    """A thread takes a lock in the wrong order: a bug of the fake, which could stop two threads for good."""


class Ranked(Protocol):
    """What has a place in the order: its rank and, among locks of one rank, its name."""

    place: tuple[Rank, str]


class Held(threading.local):
    """The locks that the thread holds, in the order in which it took them."""

    def __init__(self) -> None:
        self.locks: list[Ranked] = []


HELD = Held()


def _check(new: Ranked, held: list[Ranked]) -> None:
    if new in held:
        return
    for each in held:
        if new.place < each.place or each.place[0] == Rank.LEAF:
            message = f"a lock of rank {new.place[0].name} is taken while one of rank {each.place[0].name} is held"
            raise OutOfOrder(message)


def check_delivering() -> None:
    """Raise `OutOfOrder` if this thread holds more than the clock's move: a receiver's calls would wait for it."""
    for each in HELD.locks:
        if each.place[0] != Rank.MOVE:
            message = f"a delivery is made or awaited while a lock of rank {each.place[0].name} is held"
            raise OutOfOrder(message)


class Lock:
    """A lock with a place in the order. The thread that holds it may take it again."""

    __slots__ = ("_lock", "place")

    def __init__(self, rank: Rank, name: str = "") -> None:
        self.place = (rank, name)
        self._lock = threading.RLock()

    def acquire(self, timeout: float = -1) -> bool:
        """Take the lock, and return whether that succeeded within `timeout` seconds; below zero, wait for it."""
        held = HELD.locks
        if held:
            _check(self, held)
        taken = self._lock.acquire(timeout=timeout)
        if taken:
            held.append(self)
        return taken

    def release(self) -> None:
        """Release the lock, which must be the one that the thread took last."""
        HELD.locks.pop()
        self._lock.release()

    def __enter__(self) -> None:
        held = HELD.locks
        if held:
            _check(self, held)
        self._lock.acquire()
        held.append(self)

    def __exit__(self, *_error: object) -> None:
        HELD.locks.pop()
        self._lock.release()


class Condition(threading.Condition):
    """A leaf on which threads wait for each other. A thread cannot take it again while it holds it."""

    def __init__(self) -> None:
        super().__init__(threading.Lock())
        self.place = (Rank.LEAF, "")

    def __enter__(self) -> bool:
        held = HELD.locks
        if self in held:
            message = "a thread takes a condition twice"
            raise OutOfOrder(message)
        _check(self, held)
        entered = super().__enter__()
        held.append(self)
        return entered

    def __exit__(self, *error: object) -> None:
        HELD.locks.pop()
        super().__exit__(*error)  # type: ignore[arg-type]  # three, as Python passes them
