"""The JSON schema of a type: of what a call of the control plane takes or answers."""

import datetime as dt
import inspect
import types
import typing
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Annotated
from typing import Any
from typing import Literal
from typing import NotRequired
from typing import Required
from typing import Union

from fakestripe_meters.openapi.objects import WHERE

Schema = dict[str, Any]
SCALARS: dict[object, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    types.NoneType: {"type": "null"},
    dt.datetime: {"type": "string", "format": "date-time"},
}
OF_VALUES: dict[type, str] = {bool: "boolean", int: "integer", str: "string"}
COVERS = (({"type": "number"}, {"type": "integer"}), ({"type": "string"}, SCALARS[dt.datetime]))
"""Schemas that make others superfluous."""


class Types:
    """Makes schemas of types. A `TypedDict` gets a name among the `components`, by which others refer to it."""

    def __init__(self) -> None:
        self.components: dict[str, Schema] = {}

    def schema(self, hint: Any) -> Schema:  # noqa: ANN401  a type expression has no type
        """Return the schema of a type; a type that JSON does not have may be anything."""
        choices: list[Schema] = []
        for each in self._choices(hint):
            if each not in choices:
                choices.append(each)
        for wide, narrow in COVERS:
            if wide in choices and narrow in choices:
                choices.remove(narrow)
        if len(choices) == 1:
            return choices[0]
        if all(each.keys() == {"type"} for each in choices):
            return {"type": [each["type"] for each in choices]}
        return {"anyOf": choices}

    def _choices(self, hint: Any) -> Iterator[Schema]:  # noqa: ANN401  likewise
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin in (Union, types.UnionType):
            for each in arguments:
                yield from self._choices(each)
        elif origin is Annotated:
            yield self._annotated(*arguments)
        elif origin in (NotRequired, Required):
            yield from self._choices(arguments[0])
        elif origin is Literal:
            yield {"type": OF_VALUES[type(arguments[0])], "enum": list(arguments)}
        elif origin in (list, tuple, Sequence):
            yield {"type": "array", "items": self.schema(arguments[0])}
        elif origin in (dict, Mapping):
            below = self.schema(arguments[1])
            yield {"type": "object", **({"additionalProperties": below} if below else {})}
        elif typing.is_typeddict(hint):
            yield self._named(hint)
        else:
            yield SCALARS.get(hint, {})

    def _annotated(self, hint: Any, mark: Any) -> Schema:  # noqa: ANN401  likewise
        """Return the schema of an object of Stripe's, which its mark names, or of any other type."""
        name = getattr(mark, "name", None)
        return self.schema(hint) if name is None else {"$ref": WHERE + name}

    def _named(self, kind: Any) -> Schema:  # noqa: ANN401  likewise
        name: str = kind.__name__
        if name not in self.components:
            self.components[name] = {}  # so that it can be within itself
            hints = typing.get_type_hints(kind, include_extras=True)
            self.components[name] = {
                "type": "object",
                "description": inspect.cleandoc(kind.__doc__ or ""),
                "properties": {each: self.schema(hint) for each, hint in hints.items()},
            }
            if required := [each for each in hints if each in kind.__required_keys__]:
                self.components[name]["required"] = required
        return {"$ref": WHERE + name}
