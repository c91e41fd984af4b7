"""An operation that is refused changes nothing: while it runs, every change is noted, and an error undoes them all.

Records, parts, tables, indexes, agendas and ids note their own changes, so an operation can't forget to. In exchange,
what they hold is never changed in place: a record's list is replaced by a new one. Only usage (`core.intake`) is too
large and changes too often to be noted: its operations check first and change last.
"""

from collections.abc import Callable
from contextvars import ContextVar
from contextvars import Token
from dataclasses import field
from types import TracebackType
from typing import Any
from typing import TypeAlias
from typing import TypeVar
from typing import dataclass_transform

from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.late import dataclass

Kind = TypeVar("Kind")
Change: TypeAlias = tuple[Callable[..., object], tuple[Any, ...]]
"""What takes a change back: a function and its arguments."""
SET = object.__setattr__


class Noted:
    """The changes of an operation, oldest first, without those that need not be taken back.

    After the first change of a kind to an owner, another of that kind needs no note: what takes back the first one
    takes back both. What the operation has made itself is gone anyway.
    """

    __slots__ = ("begun", "changes", "made")

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.begun: set[tuple[int, str]] = set()
        """The owners, by `id`, with the kinds of their changes."""
        self.made: set[int] = set()
        """The records that were made meanwhile, by `id`. If one is gone, only a newer one can have its place."""

    def add(self, others: "Noted") -> None:
        """Add what was noted within the operation."""
        self.changes += others.changes
        self.begun = others.begun
        self.made |= others.made


NOTED: ContextVar[Noted | None] = ContextVar("NOTED", default=None)
"""The changes of the operation that this thread runs; None outside of operations."""


class Atomic:
    """Within `with`, note all changes. An exception takes them back, unless it has `keeps_changes`.

    What stays is one with the changes of a block around it.
    """

    __slots__ = ("_noted", "_outer")

    def __enter__(self) -> None:
        self._noted = Noted()
        self._outer: Token[Noted | None] = NOTED.set(self._noted)

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        NOTED.reset(self._outer)
        if error is not None and not (isinstance(error, StripeError) and error.keeps_changes):
            self._take_back()
        elif (outer := NOTED.get()) is not None:
            outer.add(self._noted)

    def _take_back(self) -> None:
        for take_back, arguments in reversed(self._noted.changes):
            take_back(*arguments)


class DryRun(Atomic):
    """Within `with`, note all changes, and take them back in any case."""

    __slots__ = ()

    def __exit__(self, *_error: object) -> None:
        NOTED.reset(self._outer)
        self._take_back()


def is_noting() -> bool:
    """Return whether an operation runs, so that changes are noted."""
    return NOTED.get() is not None


def note(take_back: Callable[..., object], *arguments: Any) -> None:  # noqa: ANN401  whatever the function takes
    """Note how the change that is about to be made is taken back."""
    noted = NOTED.get()
    if noted is not None:
        noted.changes.append((take_back, arguments))


def begins(owner: object, kind: str) -> bool:
    """Return whether an operation has to note a change of this kind to an owner: the first one, whose note keeps it."""
    noted = NOTED.get()
    if noted is None or (id(owner), kind) in noted.begun:
        return False
    noted.begun.add((id(owner), kind))
    return True


def begin_again(owner: object, kind: str) -> None:
    """Have the next change of this kind to an owner noted: another kind, noted before it, is taken back after it."""
    noted = NOTED.get()
    if noted is not None:
        noted.begun.discard((id(owner), kind))


def has_begun(owner: object, kind: str) -> bool:
    """Return whether an operation has noted a change of this kind to an owner."""
    noted = NOTED.get()
    return noted is not None and (id(owner), kind) in noted.begun


def change(owner: object, name: str, value: object, /) -> None:
    """Set an attribute, and note its former value: the `__setattr__` of records and parts."""
    noted = NOTED.get()
    if noted is not None and id(owner) not in noted.made and (id(owner), name) not in noted.begun:
        noted.begun.add((id(owner), name))
        noted.changes.append((SET, (owner, name, getattr(owner, name, None))))  # a part that is being made has none yet
    SET(owner, name, value)


@dataclass_transform(eq_default=False, field_specifiers=(field,))
def record(kind: type[Kind]) -> type[Kind]:
    """Make a class a dataclass whose changes are noted. Its fields hold only what is never changed in place.

    A new object is filled without notes, which would take ten times as long. Then its class becomes a subclass that
    differs only in `__setattr__`.
    """
    own_post_init: Callable[[Kind], None] | None = vars(kind).get("__post_init__")

    def settle(new: Kind) -> None:
        if own_post_init is not None:
            own_post_init(new)
        new.__class__ = noting
        noted = NOTED.get()
        if noted is not None:
            noted.made.add(id(new))

    kind.__post_init__ = settle  # type: ignore[attr-defined]
    made = dataclass(slots=True, eq=False)(kind)
    names = {"__module__": kind.__module__, "__qualname__": kind.__qualname__, "__doc__": kind.__doc__}
    noting = type(kind.__name__, (made,), {"__slots__": (), "__setattr__": change, **names})
    return made
