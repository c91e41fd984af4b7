"""A value against a JSON schema of the description: what has another type, what is missing, what is not described."""

import re
from collections.abc import Iterator
from typing import Any

Json = Any
KINDS: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
}


def complaints(document: Json, schema: Json, value: Json, at: str = "") -> Iterator[str]:
    """Where a value is not as a schema describes it, and how."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        found = [list(complaints(document, each, value, at)) for each in schema["anyOf"]]
        yield from min(found, key=lambda each: (bool(each) and each[0].startswith(f"{at} is no "), len(each)))
        return
    if not fits(schema, value):
        yield f"{at} is no {schema.get('type', schema)}: {value!r:.60}"
    elif isinstance(value, list):
        for each in value:
            yield from complaints(document, schema.get("items", {}), each, f"{at}[]")
    elif isinstance(value, dict):
        yield from _members(document, schema, value, at)


def fits(schema: Json, value: Json) -> bool:
    """Whether a value is as a schema describes it, apart from what is inside it."""
    kinds = schema.get("type", [])
    for kind in [kinds] if isinstance(kinds, str) else kinds:
        if isinstance(value, KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool)):
            break
    else:
        if kinds:
            return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        return False
    return bool(schema.get("const", value) == value)


def _members(document: Json, schema: Json, value: dict[str, Json], at: str) -> Iterator[str]:
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{at}.{name} is absent"
    properties = schema.get("properties", {})
    others = schema.get("additionalProperties", not properties)
    for name, each in value.items():
        if name in properties:
            yield from complaints(document, properties[name], each, f"{at}.{name}")
        elif isinstance(others, dict):
            yield from complaints(document, others, each, f"{at}.*")
        elif not others:
            yield f"{at}.{name} is not described"
