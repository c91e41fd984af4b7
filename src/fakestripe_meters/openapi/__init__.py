"""Describe the API and the control plane as OpenAPI 3.1, from what is declared: nothing in it is written twice.

The fields of answers are those of `objects.txt`; what they mean is in Stripe's reference.
"""

import inspect
import re
import types
import typing
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from fakestripe_meters.core.instants import Instant
from fakestripe_meters.framework.endpoint import Endpoint
from fakestripe_meters.openapi import control_plane
from fakestripe_meters.openapi import objects
from fakestripe_meters.openapi.control_plane import Row
from fakestripe_meters.wire import v1
from fakestripe_meters.wire.coercing import DECIMAL
from fakestripe_meters.wire.coercing import Rules
from fakestripe_meters.wire.schema import LARGEST
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import fields_of

Schema = dict[str, Any]
PATH_PARAMETER = re.compile(r"<(?:path:)?(\w+)>")
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
SCALARS: dict[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    Decimal: {"type": "string", "pattern": f"^{DECIMAL.pattern}$"},
    Instant: {"type": "string", "format": "date-time"},
}
TEXT: Schema = {"type": "string"}
IN_V1 = dict.fromkeys(("message", "type", "code", "param", "doc_url", "request_log_url"), TEXT)
IN_V2 = dict.fromkeys(("message", "code", "type", "invalid_param", "doc_url", "request_log_url"), TEXT)


ABOUT = (
    "A fake of Stripe's usage-based billing. Generated from what its endpoints declare. Answers are described as a "
    "request without a `Stripe-Version` gets them."
)


def _envelope(properties: Schema, *required: str) -> Schema:
    error = {"type": "object", "required": list(required), "properties": properties}
    return {"type": "object", "required": ["error"], "properties": {"error": error}}


ERRORS = {"api_error": _envelope(IN_V1, "message", "type"), "api_error_v2": _envelope(IN_V2, "message", "code")}


def description(endpoints: Iterable[Endpoint], version: str, *, rows: Iterable[Row] = (), server: str = "") -> Schema:
    """Return the whole document.

    `version` is that of fakestripe-meters, `rows` are the calls of the control plane, and `server` is the address of
    both.
    """
    paths: dict[str, Schema] = {}
    tags: dict[str, str] = {}
    for endpoint in endpoints:
        tags.setdefault(endpoint.resource.name, _first_sentence(inspect.getmodule(endpoint.operate)))
        path = PATH_PARAMETER.sub(r"{\1}", endpoint.rule)
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(endpoint)
    of_control, components = control_plane.described(rows)
    if of_control:
        tags[control_plane.TAG] = "What a test may ask and change, which Stripe has not."
    return {
        "openapi": "3.1.0",
        "info": {"title": "fakestripe-meters", "version": version, "description": ABOUT},
        **({"servers": [{"url": server}]} if server else {}),
        "tags": [{"name": name, "description": about} for name, about in tags.items()],
        "paths": paths | of_control,
        "components": {
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "Any `sk_test_…` or `rk_test_…` key."},
                "session": {"type": "http", "scheme": "bearer", "description": "A meter event session's token."},
            },
            "schemas": ERRORS | objects.schemas() | components,
        },
    }


def _operation(endpoint: Endpoint) -> Schema:
    schema = schema_of(endpoint.params)
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in PATH_PARAMETER.findall(endpoint.rule)
    ]
    in_query = [] if endpoint.method == "POST" else list(_query(schema, nested_as_form=endpoint.resource.style is v1))
    error = "api_error" if endpoint.resource.style is v1 else "api_error_v2"
    operation: Schema = {
        "operationId": endpoint.name,
        "tags": [endpoint.resource.name],
        "summary": _first_sentence(endpoint.operate),
        "security": [{"session" if endpoint.resource.in_session else "key": []}],
        "parameters": in_path + in_query,
        "responses": {
            "200": {
                "description": "The requested object or list.",
                "content": _download() if endpoint.downloads else {JSON: {"schema": objects.answer(endpoint)}},
            },
            "default": {
                "description": "An error, as Stripe words it.",
                "content": {JSON: {"schema": {"$ref": f"#/components/schemas/{error}"}}},
            },
        },
    }
    if endpoint.method == "POST":
        operation["requestBody"] = _body(endpoint, schema)
    return operation


def _download() -> Schema:
    return {"text/csv": {"schema": {"type": "string", "format": "binary"}}}


def _query(schema: Schema, *, nested_as_form: bool) -> Iterable[Schema]:
    for name, below in schema["properties"].items():
        style = {"style": "deepObject", "explode": True} if nested_as_form and _is_nested(below) else {}
        required = name in schema.get("required", ())
        yield {"name": name, "in": "query", "required": required, "schema": control_plane.kept_whole(below), **style}


def _body(endpoint: Endpoint, schema: Schema) -> Schema:
    required = bool(schema.get("required"))
    if endpoint.resource.style is not v1:
        return {"required": required, "content": {JSON: {"schema": schema}}}
    nested = [name for name, below in schema["properties"].items() if _is_nested(below)]
    encoding = {name: {"style": "deepObject", "explode": True} for name in nested}
    content = {"schema": schema, **({"encoding": encoding} if encoding else {})}
    return {"required": required, "content": {FORM: content}}


def _is_nested(schema: Schema) -> bool:
    return any(each.get("type") in ("array", "object") for each in schema.get("anyOf", [schema]))


def schema_of(kind: type[Params]) -> Schema:
    """Return the JSON schema of a class of parameters."""
    fields = fields_of(kind)
    schema: Schema = {
        "type": "object",
        "description": inspect.cleandoc(kind.__doc__ or ""),
        "properties": {name: _field(hint, rules) for name, (hint, rules) in fields.items()},
        "additionalProperties": False,
    }
    if required := [name for name, (_, rules) in fields.items() if rules.required]:
        schema["required"] = required
    return schema


def _field(hint: Any, rules: Rules) -> Schema:  # noqa: ANN401  a type expression has no type
    choices = list(_alternatives(hint, rules))
    if rules.clearable:
        choices.append({"const": ""})
    schema: Schema = choices[0] if len(choices) == 1 else {"anyOf": choices}
    about = " ".join(filter(None, (schema.get("description"), rules.doc)))
    return schema | {"description": about} if about else schema


def _alternatives(hint: Any, rules: Rules) -> Iterable[Schema]:  # noqa: ANN401  a type expression has no type
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        for each in arguments:
            if each not in (types.NoneType, Unset):
                yield from _alternatives(each, rules)
    elif origin is typing.Literal:
        yield {"enum": sorted(arguments)}
    elif origin is tuple:
        yield {"type": "array", "items": _one(arguments[0], rules), "maxItems": rules.most_items}
    elif origin is dict:
        yield {"type": "object", "additionalProperties": _one(arguments[1], rules)}
    elif isinstance(hint, type) and issubclass(hint, Params):
        yield schema_of(hint)
    else:
        yield SCALARS[hint] | _bounds(hint, rules)


def _one(hint: Any, rules: Rules) -> Schema:  # noqa: ANN401  a type expression has no type
    choices = list(_alternatives(hint, rules))
    return choices[0] if len(choices) == 1 else {"anyOf": choices}


def _bounds(hint: Any, rules: Rules) -> Schema:  # noqa: ANN401  a type expression has no type
    limits = {"maxLength": rules.max_length} if hint is str else {"minimum": rules.least, "maximum": rules.most}
    return {
        name: limit
        for name, limit in limits.items()
        if hint in (str, int) and limit is not None and abs(limit) < LARGEST
    }


def _first_sentence(of: Any) -> str:  # noqa: ANN401  anything with a docstring
    return inspect.cleandoc(of.__doc__ or "").partition("\n")[0]
