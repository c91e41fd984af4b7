"""Describe the calls of the control plane: what they take and answer follows from the functions that do them."""

import inspect
import re
import typing
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import Protocol

from fakestripe_meters.core.site import PREFIX
from fakestripe_meters.openapi.json_types import Types
from fakestripe_meters.openapi.objects import WHERE

Schema = dict[str, Any]
TAG = "control plane"
JSON = "application/json"
MULTIPART = "multipart/form-data"
CONTENT = "content"
"""The parameter that is the file, of a call that takes one."""
VARIABLE = re.compile(r"<(?:path:)?(\w+)>")
WRAPPED = re.compile(r"(?<!\n)\n(?!\n)")
IN_HTTP = {"Raise `Misuse`": "Answer 400", "raise `Misuse`": "answer 400"}
NOT_FOR_READERS = re.compile(r"\n\n(?:Raises|Yields):.*", re.DOTALL)
ERROR: Schema = {
    "type": "object",
    "description": "What is wrong with a call of the control plane, and which of its parameters.",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "param"],
            "properties": {"message": {"type": "string"}, "param": {"type": ["string", "null"]}},
        },
    },
}
WRONG = {
    "400": "The call is wrong, and nothing has changed.",
    "403": "A browser sent the call for another site's web page.",
    "409": "The call cannot be made while another one is under way.",
    "503": "The fake is paused, or closed.",
}


class Row(Protocol):
    """One call, as `control/rows.py` has it."""

    @property
    def method(self) -> str:
        """Its method."""

    @property
    def path(self) -> str:
        """Its path below `/_fakestripe`, with `<name>` for what varies."""

    @property
    def does(self) -> Callable[..., Any]:
        """The function that does it; its first parameter is the `Control`."""

    @property
    def whole(self) -> Any:  # noqa: ANN401  a type expression has no type
        """The type of the body, if all of it is the only argument."""

    @property
    def shows(self) -> Callable[[Any], Any] | None:
        """What makes JSON of the answer, if it is something else."""

    @property
    def in_query(self) -> bool:
        """Whether the parameters are in the query."""

    @property
    def uploads(self) -> bool:
        """Whether the body is a file, which the function takes as `content`."""

    @property
    def origin(self) -> bool:
        """Whether the function is told the address that was asked."""


def described(rows: Iterable[Row]) -> tuple[dict[str, Schema], dict[str, Schema]]:
    """Return the paths of the control plane, and the components that they refer to."""
    types = Types()
    paths: dict[str, Schema] = {}
    for row in rows:
        path = PREFIX + VARIABLE.sub(r"{\1}", row.path)
        paths.setdefault(path, {})[row.method.lower()] = _operation(row, types)
    return paths, ({"control_error": ERROR} | types.components if paths else {})


def _operation(row: Row, types: Types) -> Schema:
    summary, about = _said(row.does)
    operation: Schema = {
        "operationId": row.does.__name__,
        "tags": [TAG],
        "summary": summary,
        **({"description": about} if about else {}),
        "security": [],
        "parameters": [*_in_path(row), *(_in_query(row, types) if row.in_query else ())],
        "responses": {"200": _content("What the call returns.", _answer(row, types))}
        | {status: _content(text, {"$ref": f"{WHERE}control_error"}) for status, text in WRONG.items()},
    }
    if not row.in_query and (body := _body(row, types)) is not None:
        operation["requestBody"] = body
    return operation


def _content(about: str, schema: Schema) -> Schema:
    return {"description": about, "content": {JSON: {"schema": schema}}}


def _in_path(row: Row) -> Iterator[Schema]:
    for name in VARIABLE.findall(row.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _in_query(row: Row, types: Types) -> Iterator[Schema]:
    for each, hint in _parameters(row):
        nested = {"style": "deepObject", "explode": True} if _is_hash(hint) else {}
        schema = kept_whole(types.schema(_given(hint)))
        yield {"name": each.name, "in": "query", "required": each.default is each.empty, "schema": schema, **nested}


def kept_whole(schema: Schema) -> Schema:
    """Return the schema of a parameter of the query: a hash is one choice of one.

    It says the same, but openapi-python-client would send the members of a bare hash without the parameter's name.
    """
    if schema.get("type") != "object":
        return schema
    about = {"description": schema["description"]} if "description" in schema else {}
    return {"anyOf": [schema], **about}


def _body(row: Row, types: Types) -> Schema | None:
    if row.whole is not None:
        return {"required": True, "content": {JSON: {"schema": types.schema(row.whole)}}}
    parameters = list(_parameters(row))
    if not parameters:
        return None
    if row.uploads:
        return _upload(parameters, types)
    required = [each.name for each, _ in parameters if each.default is each.empty]
    schema: Schema = {
        "type": "object",
        **({"required": required} if required else {}),
        "properties": {each.name: types.schema(hint) for each, hint in parameters},
        "additionalProperties": False,
    }
    return {"required": bool(required), "content": {JSON: {"schema": schema}}}


def _upload(parameters: Iterable[tuple[inspect.Parameter, Any]], types: Types) -> Schema:
    """Return the body of a call that takes a file: a form whose field `file` is the file."""
    fields = {each.name: types.schema(_given(hint)) for each, hint in parameters if each.name != CONTENT}
    file = {"type": "string", "format": "binary"}
    schema: Schema = {"type": "object", "required": ["file"], "properties": {"file": file, **fields}}
    return {"required": True, "content": {MULTIPART: {"schema": {**schema, "additionalProperties": False}}}}


def _answer(row: Row, types: Types) -> Schema:
    """Return the schema of the answer: a list is the `data` of a hash, and None is an empty hash."""
    hint = _hints(row.shows or row.does).get("return")
    if hint in (None, type(None)):
        return {"type": "object"}
    if typing.get_origin(hint) in (list, Sequence):
        return {"type": "object", "required": ["data"], "properties": {"data": types.schema(hint)}}
    return types.schema(hint)


def _parameters(row: Row) -> Iterator[tuple[inspect.Parameter, Any]]:
    """Yield each parameter that a caller names in the query or the body, with its type."""
    hints = _hints(row.does)
    _, *parameters = inspect.signature(row.does).parameters.values()
    for each in parameters:
        if each.name not in VARIABLE.findall(row.path) and not (row.origin and each.name == "origin"):
            yield each, hints[each.name]


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    return typing.get_type_hints(function, include_extras=True)


def _given(hint: Any) -> Any:  # noqa: ANN401  a type expression has no type
    """Return the type of a parameter that is sent: None stands for one that is not."""
    present = [each for each in typing.get_args(hint) if each is not type(None)]
    if type(None) not in typing.get_args(hint) or not present:
        return hint
    return typing.Union[tuple(present)]  # noqa: UP007  of a list


def _is_hash(hint: Any) -> bool:  # noqa: ANN401  likewise
    kinds = [hint, *typing.get_args(hint)]
    return any(typing.get_origin(each) in (dict, Mapping) or typing.is_typeddict(each) for each in kinds)


def _said(function: Callable[..., Any]) -> tuple[str, str]:
    """Return the first sentence of a docstring, and the rest of what it says to callers."""
    text = NOT_FOR_READERS.sub("", inspect.cleandoc(function.__doc__ or ""))
    for python, http in IN_HTTP.items():
        text = text.replace(python, http)
    summary, _, about = text.partition("\n")
    return summary, WRAPPED.sub(" ", about.strip())
