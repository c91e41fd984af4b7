"""Dataclasses whose methods are written when they are first called.

The standard library writes and compiles the methods of a dataclass when its module is loaded. There are some two
hundred here, and a program uses few of them: to write them all took a third of the time in which a server starts.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from dataclasses import field
from dataclasses import fields
from typing import Any
from typing import NoReturn
from typing import TypeVar
from typing import cast
from typing import dataclass_transform

Kind = TypeVar("Kind", bound=type)
ORDERING = ("__lt__", "__le__", "__gt__", "__ge__")
COPIED = ("default", "default_factory", "init", "repr", "hash", "compare", "kw_only")


@dataclass_transform(field_specifiers=(field,))
def dataclass(
    *,
    eq: bool = True,
    frozen: bool = False,
    kw_only: bool = False,
    order: bool = False,
    repr: bool = True,  # noqa: A002  as the standard library calls it
    slots: bool = False,
) -> Callable[[Kind], Kind]:
    """Return a decorator that makes a class a dataclass, as the one of the standard library does."""
    how: dict[str, Any] = {"eq": eq, "frozen": frozen, "order": order, "repr": repr}
    wanted = {"__repr__": repr, "__eq__": eq, "__hash__": eq and frozen, **dict.fromkeys(ORDERING, order)}

    def made_of(kind: Kind) -> Kind:
        if dataclasses.is_dataclass(kind):  # it inherits from one, and the two must agree
            return cast("Kind", dataclasses.dataclass(slots=slots, kw_only=kw_only, **how)(kind))
        late = ["__init__", *(name for name, is_wanted in wanted.items() if is_wanted and name not in vars(kind))]
        made: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)(kind)
        for name in late:
            setattr(made, name, _stand_in(made, name, late, how))
        if frozen:
            _freeze(made)
        elif eq:
            made.__hash__ = None
        return cast("Kind", made)

    return made_of


def _stand_in(made: type, name: str, late: list[str], how: dict[str, Any]) -> Callable[..., Any]:
    """Return a method that has the late ones written, and calls the one in whose place it stood."""

    def stand_in(self: object, *arguments: object, **named: object) -> object:
        _write(made, late, how)
        return getattr(made, name)(self, *arguments, **named)  # not of a subclass, which may have called this one

    return stand_in


def _write(made: Any, late: list[str], how: dict[str, Any]) -> None:  # noqa: ANN401  any dataclass
    """Have the standard library write the methods for a class with the same fields, and take them over."""
    after = {"__post_init__": made.__post_init__} if hasattr(made, "__post_init__") else {}
    specs = [(each.name, each.type, field(**{name: getattr(each, name) for name in COPIED})) for each in fields(made)]
    twin = dataclasses.make_dataclass(made.__qualname__, specs, namespace={"__doc__": made.__doc__, **after}, **how)
    for name in late:
        setattr(made, name, vars(twin)[name])


def _freeze(made: Any) -> None:  # noqa: ANN401  any dataclass
    made.__dataclass_params__.frozen = True
    made.__setattr__ = made.__delattr__ = _refuse
    made.__getstate__, made.__setstate__ = _state, _fill


def _refuse(_self: object, name: str, _value: object = None) -> NoReturn:
    message = f"cannot assign to or delete field {name!r}"
    raise FrozenInstanceError(message)


def _state(self: Any) -> list[object]:  # noqa: ANN401  any dataclass
    return [getattr(self, each.name) for each in fields(self)]


def _fill(self: Any, state: list[object]) -> None:  # noqa: ANN401  any dataclass
    for each, value in zip(fields(self), state, strict=True):
        object.__setattr__(self, each.name, value)
