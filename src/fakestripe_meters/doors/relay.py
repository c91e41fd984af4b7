"""Answer many clients by one thread, as long as no answer keeps it.

With a thread for each client, eight clients get half as many answers a second as with one thread for all: the threads
spend that time in waiting for Python's lock. So one thread has the lead. It waits for all clients, and answers
whichever has sent something. If an answer lasts long, or steps aside because it may wait for another call
(`core/aside.py`), a new thread takes the lead, and the one before ends with its answer.
"""

import selectors
import socket
import threading
from contextlib import suppress
from functools import partial
from typing import Protocol

from fakestripe_meters.core.aside import HERE
from fakestripe_meters.core.aside import step_aside

PATIENCE_S = 0.01
"""How long an answer may last, in real seconds, before another thread takes the lead: once to twice as long."""
NAME = "fakestripe-meters"
MANY = 4_096


class Talk(Protocol):
    """What the relay waits for: a connection, or a socket that accepts some."""

    socket: socket.socket

    def answer(self) -> bool:
        """Answer what has arrived, and return whether more may follow."""

    def end(self) -> None:
        """Close the socket."""


class Relay:
    """Answers talks from its construction until `close`, in threads that do not keep the program running."""

    def __init__(self) -> None:
        self._waiting = selectors.DefaultSelector()
        self._changing = threading.Lock()
        self._bell, self._rung = socket.socketpair()
        self._bell.setblocking(False)  # noqa: FBT003  a bell that has rung need not ring again
        self._waiting.register(self._rung, selectors.EVENT_READ)
        self._closing = threading.Event()
        self._leader = 0
        """The number of the thread that has the lead."""
        self._turns = 0
        """How many turns have begun."""
        self._under_way: Talk | None = None
        """The talk whose turn it is."""
        self._thread = threading.Thread(target=self._lead, args=(0,), name=NAME, daemon=True)
        self._thread.start()
        self._watcher = threading.Thread(target=self._watch, name=f"{NAME} watch", daemon=True)
        self._watcher.start()

    def add(self, talk: Talk) -> None:
        """Wait for a talk, too; end it if the relay is closed."""
        with self._changing:
            closed = self._closing.is_set() or talk.socket.fileno() < 0
            if not closed:
                self._waiting.register(talk.socket, selectors.EVENT_READ, talk)
                self._ring()  # not every system looks for what is added while it waits
        if closed:
            talk.end()

    def drop(self, talk: Talk) -> None:
        """Wait for a talk no longer."""
        with self._changing:
            self._forget(talk)

    def close(self) -> None:
        """Begin no further turn, and end all talks that nobody answers."""
        step_aside()  # it may be an answer that closes the relay
        with self._changing:
            self._closing.set()
            self._ring()
        self._watcher.join()
        self._thread.join()
        with self._changing:
            talks = [key.data for key in self._waiting.get_map().values() if key.data is not None]
            self._waiting.close()
        for talk in talks:
            talk.end()
        self._bell.close()
        self._rung.close()

    def _lead(self, number: int) -> None:
        """Answer one talk after another, as long as this thread has the lead."""
        HERE.step = partial(self._pass_on, number, None)
        while all(self._turn(number, key.data) for key, _ in self._waiting.select()):
            pass

    def _turn(self, number: int, talk: Talk | None) -> bool:
        """Answer a talk, and return whether this thread still has the lead."""
        with self._changing:
            if self._leader != number or self._closing.is_set():
                return False
            if talk is None:
                self._rung.recv(MANY)
                return True
            self._under_way = talk
            self._turns += 1
        goes_on = talk.answer()
        with self._changing:
            leads = self._leader == number
            if leads:
                self._under_way = None
                if not goes_on:
                    self._forget(talk)
        if not goes_on:
            talk.end()
        elif not leads:
            self.add(talk)
        return leads

    def _ring(self) -> None:
        """Wake the thread that has the lead."""
        with suppress(BlockingIOError):
            self._bell.send(b"!")

    def _forget(self, talk: Talk) -> None:
        if talk.socket in self._waiting.get_map():
            self._waiting.unregister(talk.socket)

    def _watch(self) -> None:
        """Pass the lead on if a turn lasts too long."""
        seen = 0
        while not self._closing.wait(PATIENCE_S):
            leader, turn = self._leader, self._turns
            if turn == seen:
                self._pass_on(leader, turn)
            seen = turn

    def _pass_on(self, number: int, turn: int | None) -> None:
        """Let a new thread take the lead, if a thread still has it and its turn, by default any, is not over."""
        with self._changing:
            talk = self._under_way
            if talk is None or self._leader != number or turn not in (None, self._turns) or self._closing.is_set():
                return
            self._under_way = None
            self._forget(talk)
            self._leader += 1
            self._thread = threading.Thread(target=self._lead, args=(self._leader,), name=f"{NAME} lead", daemon=True)
            self._thread.start()
