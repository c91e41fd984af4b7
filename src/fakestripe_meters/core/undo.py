"""An operation that is refused changes nothing: while it runs, every change is noted, and an error takes all back.

Records, parts, tables, indexes, agendas and ids note their own changes, so an operation can't forget to. In exchange,
what they hold is never changed in place: a record's list is replaced by a new one. Only usage (`core.intake`) is too
large and changes too often to be noted: its operations check first and change last.
"""

from collections.abc import Callable
from contextvars import ContextVar
from contextvars import Token
from dataclasses import dataclass
from dataclasses import field
from types import TracebackType
from typing import Any
from typing import TypeAlias
from typing import TypeVar
from typing import dataclass_transform

from fakestripe_meters.core.errors import StripeError

Kind = TypeVar("Kind")
Change: TypeAlias = tuple[Callable[..., object], tuple[Any, ...]]
"""What takes a change back: a function and its arguments."""
NOTED: ContextVar[list[Change] | None] = ContextVar("NOTED", default=None)
"""The changes of the operation that this thread runs, oldest first; None outside of operations."""
MISSING = object()


class Attempt:
    """Within `with`, note all changes; take them back if an exception ends it, unless the error `keeps` them.

    A `rehearsal` takes them back in any case.
    """

    def __init__(self, *, rehearsal: bool = False) -> None:
        self._rehearsal = rehearsal
        self._changes: list[Change] = []

    def __enter__(self) -> None:
        self._outer: Token[list[Change] | None] = NOTED.set(self._changes)

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        NOTED.reset(self._outer)
        if self._rehearsal or (error is not None and not (isinstance(error, StripeError) and error.keeps)):
            while self._changes:
                take_back, arguments = self._changes.pop()
                take_back(*arguments)


def is_noting() -> bool:
    """Return whether an operation runs, so that changes are noted."""
    return NOTED.get() is not None


def note(take_back: Callable[..., object], *arguments: Any) -> None:  # noqa: ANN401  whatever the function takes
    """Note how the change that is about to be made is taken back."""
    changes = NOTED.get()
    if changes is not None:
        changes.append((take_back, arguments))


def change(owner: object, name: str, value: object, /) -> None:
    """Set an attribute, and note its former value: the `__setattr__` of records and parts."""
    changes = NOTED.get()
    if changes is not None:
        former = getattr(owner, name, MISSING)
        if former is not MISSING:
            changes.append((object.__setattr__, (owner, name, former)))
    object.__setattr__(owner, name, value)


@dataclass_transform(eq_default=False, field_specifiers=(field,))
def record(kind: type[Kind]) -> type[Kind]:
    """Make a class a dataclass whose changes are noted. Its fields hold only what is never changed in place."""
    made = dataclass(slots=True, eq=False, frozen=True)(kind)  # frozen, so that `__init__` goes past `__setattr__`
    made.__setattr__ = change  # type: ignore[method-assign]
    return made
