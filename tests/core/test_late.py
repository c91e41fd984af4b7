"""A dataclass whose methods are written late is like one of the standard library's, before and after."""

import copy
import dataclasses
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from dataclasses import field
from itertools import product
from typing import Any
from typing import ClassVar

import pytest

from fakestripe_meters.core import late

Options = dict[str, bool]
EVERY = [
    dict(zip(("frozen", "slots", "eq", "order", "kw_only", "repr"), values, strict=True))
    for values in product((True, False), repeat=6)
    if values[2] or not values[3]  # an order needs eq
]


class Shape:
    """A class to be decorated."""

    total: int
    parts: list[str] = field(default_factory=list)
    note: str = "none"
    hidden: int = field(default=0, repr=False, compare=False)
    kind: ClassVar[str] = "shape"


def both(options: Options) -> list[Any]:
    """The class that the standard library makes, and the one that is written late."""
    return [
        decorate(**options)(type("Shape", (), dict(vars(Shape))))
        for decorate in (dataclasses.dataclass, late.dataclass)
    ]


def outcome(act: Callable[[], object]) -> object:
    try:
        return act()
    except (TypeError, AttributeError) as error:
        return type(error), str(error)


@pytest.mark.parametrize("options", EVERY, ids=lambda each: "-".join(name for name, on in each.items() if on))
def test_it_is_made_printed_compared_and_hashed_alike(options: Options) -> None:
    for first in range(5):  # whichever of them has the methods written
        theirs, ours = (outcomes(kind, options, first) for kind in both(options))
        assert theirs == ours


def outcomes(kind: Any, options: Options, first: int) -> list[object]:  # noqa: ANN401  any dataclass
    """What comes of five uses of a class, of which one is the first."""
    one, same, more = kind(total=1), kind(total=1, hidden=5), kind(total=2, parts=["a"])
    uses: list[Callable[[], object]] = [
        lambda: one == same,
        lambda: one < more,
        lambda: hash(one) == hash(same) if options["frozen"] and options["eq"] else None,
        lambda: repr(more) if options["repr"] else None,
        lambda: kind(1, ["b"]).parts,
    ]
    return [outcome(use) for use in (*uses[first:], *uses[:first])]


@pytest.mark.parametrize("arguments", [(), (1, 2, 3, 4, 5)])
def test_wrong_arguments_are_refused_in_the_same_words(arguments: tuple[int, ...]) -> None:
    theirs, ours = both({})
    assert outcome(lambda: ours(*arguments)) == outcome(lambda: theirs(*arguments))


@late.dataclass(frozen=True, slots=True)
class Frozen:
    """One that cannot change."""

    total: int
    parts: tuple[str, ...] = ()


def test_a_frozen_one_cannot_change_and_can_be_copied() -> None:
    one = Frozen(1, ("a",))
    with pytest.raises(FrozenInstanceError, match="total"):
        one.total = 2  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError, match="total"):
        del one.total
    for other in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one)), dataclasses.replace(one)):
        assert other == one
        assert other is not one
    assert dataclasses.asdict(one) == {"total": 1, "parts": ("a",)}
    assert not hasattr(one, "__dict__")


def test_what_a_class_says_itself_stays() -> None:
    @late.dataclass(frozen=True)
    class Own:
        total: int

        def __post_init__(self) -> None:
            object.__setattr__(self, "total", self.total + 1)

        def __repr__(self) -> str:
            return "own"

        def __eq__(self, other: object) -> bool:
            return other == "own"

        def __hash__(self) -> int:
            return 7

    one = Own(1)
    assert (repr(one), one == "own", hash(one), one.total) == ("own", True, 7, 2)


def test_a_subclass_has_the_fields_of_both() -> None:
    @late.dataclass(frozen=True, slots=True)
    class More(Frozen):
        """One with a field more."""

        note: str = "none"

    assert More(1, ("a",), "b") != More(1, ("a",))
    assert (More(1).note, Frozen(1).parts) == ("none", ())


def test_a_subclass_may_be_the_first_to_call_what_it_replaces() -> None:
    @late.dataclass(eq=False)
    class Plain:
        """A class of which there is no object yet."""

        total: int

    class Special(Plain):
        """A class with an initializer of its own."""

        def __init__(self) -> None:
            super().__init__(total=3)

    assert Special().total == 3
