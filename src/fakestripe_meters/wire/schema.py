"""Parameters, declared once as typed classes: coercion, validation and error messages follow from the class.

    class CreateMeter(Params):
        display_name: str = param(max_length=250)
        event_time_window: Literal["day", "hour"] | None = param(default=None)

A field is a `str`, `int`, `bool`, `Decimal`, `Instant`, `Literal`, another `Params`, a `tuple[T, ...]`, a
`dict[str, T]`, or a union of those. There are three cases:

- absent: the field gets its default, which is `UNSET` where an operation must distinguish absent from empty
- an empty string: the field is None if it is `clearable`, and otherwise it is an error
- anything else: the field gets the value
"""

import types
import typing
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import FrozenInstanceError
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any
from typing import ClassVar
from typing import Final
from typing import TypeVar
from typing import cast
from typing import dataclass_transform

from fakestripe_meters.core import errors
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.instants import Instant
from fakestripe_meters.wire import coercing
from fakestripe_meters.wire.coercing import LONGEST
from fakestripe_meters.wire.coercing import MOST_ITEMS
from fakestripe_meters.wire.coercing import REQUIRED
from fakestripe_meters.wire.coercing import Coercer
from fakestripe_meters.wire.coercing import Rules
from fakestripe_meters.wire.tree import Json


class Unset(Enum):
    """The type of `UNSET`: a field of type `str | None | Unset` distinguishes absent from empty."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET
LARGEST = 999_999_999_999_999_999
"""The largest integer that any parameter takes; it has 64 bits."""


def param(
    *,
    default: Any = REQUIRED,  # noqa: ANN401  of the field's own type
    clearable: bool = False,
    max_length: int = LONGEST,
    least: int | None = None,
    most: int | None = None,
    clamps: bool = False,
    most_items: int = MOST_ITEMS,
    order: tuple[str, ...] = (),
    check: Callable[[Any, str], None] | None = None,
    unserved: bool | tuple[object, ...] = False,
    doc: str = "",
) -> Any:  # noqa: ANN401  it stands where the field's own type is declared
    """Declare a field, required unless it has a default. `check(value, path)` may refuse a coerced value.

    A number lies between `least` and `most`, and a test checks that it has both: it is refused beyond them, or taken as
    the nearest of them if the field `clamps`. A string has at most `max_length` characters, an array or hash at most
    `most_items` elements. A refusal names the words of a `Literal` in the order of the alphabet, or in that of `order`.
    The fake does not act on values that are `unserved`, or on any but the default if that is True: they are refused
    with 501.
    """
    return Rules(
        default=default,
        clearable=clearable,
        max_length=max_length,
        least=least,
        most=most,
        clamps=clamps,
        most_items=most_items,
        order=order,
        check=check,
        unserved=unserved,
        doc=doc or _remark(unserved),
    )


def _remark(unserved: bool | tuple[object, ...]) -> str:  # noqa: FBT001  it is a parameter of `param`
    """Return what the documentation says about values that the fake does not act on."""
    if isinstance(unserved, tuple):
        values = " and ".join(f"`{str(each).lower() if isinstance(each, bool) else each}`" for each in unserved)
        return f"Not served: {values} {'gets' if len(unserved) == 1 else 'get'} 501."
    return "Not served: any value gets 501." if unserved else ""


def any_integer(*, default: Any = REQUIRED, doc: str = "") -> Any:  # noqa: ANN401  likewise
    """Declare an integer that needs no bounds: it is only compared, or the operation checks it."""
    return param(default=default, least=-LARGEST, most=LARGEST, doc=doc)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(param, any_integer))
class Params:
    """The parameters of one operation, or one hash within them. Subclasses are frozen and keyword-only.

    Parameters that come in great numbers may override `quick`, as a shortcut.
    """

    @staticmethod
    def quick(_tree: Json) -> "Params | None":
        """Return the parameters if they are sent in the usual form; None leaves them to the full validation."""
        return None

    declared: ClassVar[Mapping[str, Rules]] = {}

    def __init_subclass__(cls) -> None:
        # Not dataclasses: there are more than a hundred, and each start would have to compile their methods.
        bases = [base.declared for base in reversed(cls.__mro__[1:]) if issubclass(base, Params)]
        own = {name: rules for name, rules in vars(cls).items() if isinstance(rules, Rules)}
        for name, rules in own.items():
            setattr(cls, name, rules.default)  # hides a base class's attribute of the same name
        cls.declared = {name: rules for fields in (*bases, own) for name, rules in fields.items()}

    def __init__(self, **values: Any) -> None:  # noqa: ANN401  as the fields are declared
        defaults = {name: rules.default for name, rules in self.declared.items() if not rules.required}
        vars(self).update(defaults, **values)
        if vars(self).keys() != self.declared.keys():
            message = f"{type(self).__name__} takes {', '.join(self.declared)}"
            raise TypeError(message)

    def given(self, names: Iterable[str]) -> Iterator[tuple[str, Any]]:
        """Yield the name and the value of each of these parameters that the request sets."""
        values = ((name, getattr(self, name, UNSET)) for name in names)
        return ((name, value) for name, value in values if value is not UNSET)

    def __setattr__(self, name: str, value: object) -> None:
        raise FrozenInstanceError(name)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    def __hash__(self) -> int:
        return hash(type(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"


P = TypeVar("P", bound=Params)


def parse(kind: type[P], tree: Json, path: str = "") -> P:
    """Return `tree` as an instance of `kind`; `StripeError` 400 with the path of what is wrong."""
    return cast("P", _compiled(kind)(tree, path))  # type: ignore[arg-type]  # a class is hashable


def parse_field(kind: type[Params], name: str, tree: Json, path: str) -> object:
    """Return the value of one field; raise as `parse` does."""
    return _field(*fields_of(kind)[name])(tree, path)


def fields_of(kind: type[Params]) -> dict[str, tuple[Any, Rules]]:
    """Return name → (type, rules) of each declared parameter, for the reference documentation and tests."""
    hints = typing.get_type_hints(kind)
    return {name: (hints[name], rules) for name, rules in kind.declared.items()}


@cache
def _compiled(kind: type[Params]) -> Coercer:
    defaults = {name: rules.default for name, rules in kind.declared.items() if not rules.required}
    coercers = {name: _field(hint, rules) for name, (hint, rules) in fields_of(kind).items()}
    required = [name for name in coercers if name not in defaults]
    quick = kind.quick if kind.quick is not Params.quick else None

    def coerce(tree: Json, path: str) -> object:
        if quick is not None and (usual := quick(tree)) is not None:
            return usual
        if type(tree) is not dict:
            raise errors.params.invalid_object(path)
        if not coercers.keys() >= tree.keys():
            raise errors.params.unknown_params([_join(path, name) for name in tree if name not in coercers])
        for name in required:
            if name not in tree:
                raise errors.params.missing_param(_join(path, name))
        values = defaults.copy()
        try:
            for name, each in tree.items():
                values[name] = coercers[name](each, f"{path}[{name}]" if path else name)
        except StripeError:
            for name in [each for each in coercers if each in tree]:  # the first that is declared is the one refused
                coercers[name](tree[name], _join(path, name))
            raise
        parsed = object.__new__(kind)
        object.__setattr__(parsed, "__dict__", values)
        return parsed

    return coerce


def _join(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def _field(hint: Any, rules: Rules) -> Coercer:  # noqa: ANN401  a type expression has no type
    inner = _coercer(hint, rules)

    def coerce(tree: Json, path: str) -> object:
        if tree == "" or tree is None:
            if rules.clearable:
                return None
            if tree is None:
                raise errors.params.missing_param(path)
            raise errors.params.empty_param(path)
        value = inner(tree, path)
        if rules.check is not None:
            rules.check(value, path)
        return value

    return _if_served(coerce, rules) if rules.unserved else coerce


def _if_served(coerce_field: Coercer, rules: Rules) -> Coercer:
    def coerce(tree: Json, path: str) -> object:
        value = coerce_field(tree, path)
        if not rules.serves(value):
            raise errors.unserved.param(path)
        return value

    return coerce


def _coercer(hint: Any, rules: Rules) -> Coercer:  # noqa: ANN401  a type expression has no type
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _one_of([each for each in arguments if each not in (types.NoneType, Unset)], rules)
    if origin is typing.Literal:
        return coercing.choice(arguments, rules)
    if origin is tuple:
        return coercing.array_of(_coercer(arguments[0], rules), rules)
    if origin is dict:
        nullable = types.NoneType in typing.get_args(arguments[1])
        return coercing.map_of(_coercer(arguments[1], rules), rules, nullable=nullable)
    if isinstance(hint, type) and issubclass(hint, Params):
        return _compiled(hint)  # type: ignore[arg-type]  # a class is hashable
    scalars: dict[Any, Callable[[Rules], Coercer]] = {
        str: coercing.string,
        int: coercing.integer,
        bool: lambda _rules: coercing.boolean,
        Decimal: coercing.decimal,
        Instant: lambda _rules: coercing.instant,
    }
    return scalars[hint](rules)


def _one_of(hints: list[Any], rules: Rules) -> Coercer:
    """Return a coercer for a union: a hash or a scalar by what was sent, and a literal word before other scalars."""
    if len(hints) == 1:
        return _coercer(hints[0], rules)
    hashes = [_coercer(hint, rules) for hint in hints if isinstance(hint, type) and issubclass(hint, Params)]
    words = {word for hint in hints for word in typing.get_args(hint) if typing.get_origin(hint) is typing.Literal}
    scalars = [_coercer(hint, rules) for hint in hints if hint in (str, int, bool, Decimal)]
    if words and not scalars:
        scalars = [coercing.choice(tuple(words), rules)]

    def coerce(tree: Json, path: str) -> object:
        if isinstance(tree, dict) and hashes:
            return hashes[0](tree, path)
        if isinstance(tree, str) and tree in words:
            return tree
        return (scalars or hashes)[0](tree, path)

    return coerce
