"""What the operations declare of their parameters, one by one."""

import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fakestripe_meters.framework.endpoint import Endpoint
from fakestripe_meters.resources import registry
from fakestripe_meters.wire.coercing import Rules
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import fields_of

Step = str | int


@dataclass(frozen=True)
class Leaf:
    """A parameter that holds no others: where it is in a request, its type, and what it demands."""

    endpoint: Endpoint
    path: tuple[Step, ...]
    kind: Any
    rules: Rules

    def __str__(self) -> str:
        first, *rest = self.path
        return f"{self.endpoint.route} {first}{''.join(f'[{step}]' for step in rest)}"

    def set_in(self, tree: dict[str, Any], value: object) -> dict[str, Any]:
        """The same parameters with this one set."""
        made: dict[str, Any] = _with(tree, self.path, value)
        return made


def leaves() -> list[Leaf]:
    """Every leaf of every operation."""
    return [leaf for endpoint in registry().endpoints() for leaf in _of_params(endpoint, endpoint.params, ())]


def _of_params(endpoint: Endpoint, kind: type[Params], path: tuple[Step, ...]) -> Iterator[Leaf]:
    for name, (hint, rules) in fields_of(kind).items():
        yield from _of_hint(endpoint, hint, rules, (*path, name))


def _of_hint(endpoint: Endpoint, hint: Any, rules: Rules, path: tuple[Step, ...]) -> Iterator[Leaf]:  # noqa: ANN401  a type expression has no type
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        for each in arguments:
            yield from _of_hint(endpoint, each, rules, path)
    elif origin is tuple:
        yield from _of_hint(endpoint, arguments[0], rules, (*path, 0))
    elif origin is dict:
        yield from _of_hint(endpoint, arguments[1], rules, (*path, "eur"))
    elif isinstance(hint, type) and issubclass(hint, Params):
        yield from _of_params(endpoint, hint, path)
    else:
        yield Leaf(endpoint, path, hint, rules)


def _with(tree: Any, path: tuple[Step, ...], value: object) -> Any:  # noqa: ANN401  any JSON tree
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        elements: list[Any] = tree if isinstance(tree, list) and tree else [{}]
        return [_with(elements[0], rest, value), *elements[1:]]
    members: dict[str, Any] = tree if isinstance(tree, dict) else {}
    return members | {step: _with(members.get(step, {}), rest, value)}
