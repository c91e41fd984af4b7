"""The schemas of Stripe's objects, as the fake shows them: names and types, read from `objects.txt`.

`tests/conformance/shown.py` writes that file from answers of the fake and the types that Stripe declares, and explains
its format. A test holds all that is told in stories against it.
"""

import re
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import field
from functools import cache
from typing import Any

from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.packaged import text_of
from fakestripe_meters.framework.endpoint import Endpoint

Schema = dict[str, Any]
WHERE = "#/components/schemas/"
LEFT = ({"id", "object", "deleted"}, {"id", "object"})
"""The keys that are left of a deleted object, in v1 and in v2."""
DELETED = "deleted_"
SCALARS = {"str": "string", "decimal": "string", "int": "integer", "float": "number", "bool": "boolean"}
NULL: Schema = {"type": "null"}
TEXT: Schema = {"type": "string"}
OBJECT: Schema = {"type": "object"}
OPERATION = re.compile("(?:GET|POST|DELETE) /")


@dataclass(frozen=True, slots=True)
class Shape:
    """An object or a field: its types, and what is inside it."""

    words: str = "hash"
    inside: "dict[str, Shape]" = field(default_factory=dict)

    @property
    def is_required(self) -> bool:
        """Whether it is always there."""
        return self.words.endswith("!")


@dataclass(frozen=True, slots=True)
class Shown:
    """What the file says: the objects, and the operations that answer otherwise than their resource declares."""

    objects: dict[str, Shape]
    answers: dict[str, str]


@cache
def shown() -> Shown:
    """Return what the file says. Cached, because it is read from a file."""
    return read(text_of(__package__, "objects.txt").splitlines())


def read(lines: Iterable[str]) -> Shown:
    """Return what lines say."""
    found = Shown({}, {})
    holders: list[Shape] = []
    for line in lines:
        if OPERATION.match(line):
            route, _, answer = line.rpartition(" ")
            found.answers[route] = answer
            continue
        depth = len(line) - len(line.lstrip(" "))
        name, _, words = line.strip().partition(" ")
        shape = Shape(words or "hash")
        (holders[depth - 1].inside if depth else found.objects)[name] = shape
        holders[depth:] = [shape]
    return found


def schemas() -> dict[str, Schema]:
    """Return name → schema of each object."""
    return {name: _object(name, shape) for name, shape in shown().objects.items()}


def is_deleted(tree: dict[str, Any]) -> bool:
    """Return whether an answer is what is left of a deleted object."""
    return tree.keys() in LEFT


def answered(tree: dict[str, Any]) -> Iterator[str]:
    """Yield the words for an answer: an object's name, or the kind of a list with what is in it, each once."""
    name = tree.get("object", "page" if "data" in tree else "nothing")
    if "data" in tree and name in LISTS:
        yield from sorted({f"{name}:{each['object']}" for each in tree["data"]} or {f"{name}:"})
    else:
        yield f"{DELETED}{name}" if is_deleted(tree) else name


def usual(endpoint: Endpoint) -> str:
    """Return the word for the answer that an endpoint's resource declares."""
    name = endpoint.resource.name
    if not endpoint.lists:
        return name
    return f"search_result:{name}" if endpoint.searches else f"list:{name}"


def answer(endpoint: Endpoint) -> Schema:
    """Return the schema of an endpoint's answer."""
    route = re.sub("<[^>]*>", "{}", endpoint.route)
    words = shown().answers.get(route, usual(endpoint))
    lists: dict[str, list[str]] = {}
    choices: list[Schema] = []
    for word in words.split("|"):
        kind, colon, name = word.partition(":")
        if colon:
            lists.setdefault(kind, []).append(name)
        else:
            choices.append(_named(word))
    choices += [LISTS[kind](_items(names)) for kind, names in lists.items()]
    return _any_of(choices)


def _object(name: str, shape: Shape) -> Schema:
    schema = _hash(shape)
    schema["properties"]["object"] = TEXT | {"const": name.removeprefix(DELETED)}
    return schema


def _hash(shape: Shape) -> Schema:
    schema: Schema = {"type": "object"}
    if required := [name for name, each in shape.inside.items() if each.is_required]:
        schema["required"] = required
    return schema | {"properties": {name: _field(each) for name, each in shape.inside.items()}}


def _field(shape: Shape) -> Schema:
    words = shape.words.rstrip("!")
    choices = [each for word in words.rstrip("?").split("|") for each in _choices(word, shape)]
    if not words.endswith("?"):
        return _any_of(choices)
    if len(choices) == 1 and choices[0].keys() == {"type"}:
        return {"type": [choices[0]["type"], "null"]}
    return _any_of([*choices, NULL])


def _choices(word: str, shape: Shape) -> Iterator[Schema]:
    """Yield the schemas of one word for a type."""
    kind, _, names = word.partition(":")
    if kind in SCALARS:
        yield {"type": SCALARS[kind]}
    elif kind == "object":
        yield from _objects(names.split("+"))
    elif kind == "list":
        yield _list(_items(names.split("+")), more={name: _field(each) for name, each in shape.inside.items()})
    elif kind == "hash":
        yield _hash(shape)
    elif kind == "map":
        yield OBJECT | ({"additionalProperties": _field(shape.inside["{}"])} if "{}" in shape.inside else {})
    elif kind == "array":
        yield {"type": "array", "items": _field(shape.inside["[]"]) if "[]" in shape.inside else {}}
    else:
        yield {}


def _objects(names: Iterable[str]) -> list[Schema]:
    """Return references to objects; those that are never shown are any."""
    return [_named(name) for name in names if name in shown().objects] or [OBJECT]


def _named(name: str) -> Schema:
    """Return a reference to an object; of one that was never shown, what all objects have."""
    if name in shown().objects:
        return {"$ref": WHERE + name}
    if name == "nothing":
        return OBJECT
    return OBJECT | {"properties": {"object": TEXT | {"const": name}}}


def _items(names: Iterable[str]) -> Schema:
    return _any_of(_objects(sorted({*filter(None, names)})))


def _any_of(choices: list[Schema]) -> Schema:
    different = [each for number, each in enumerate(choices) if each not in choices[:number]]
    return different[0] if len(different) == 1 else {"anyOf": different}


def _list(items: Schema, kind: str = "list", more: Schema | None = None) -> Schema:
    return {
        "type": "object",
        "required": ["object", "data", "has_more", "url"],
        "properties": {
            "object": TEXT | {"const": kind},
            "data": {"type": "array", "items": items},
            "has_more": {"type": "boolean"},
            **(more or {}),
            "url": TEXT,
        },
    }


def _found(items: Schema) -> Schema:
    paged: Schema = {"next_page": {"type": ["string", "null"]}, "total_count": {"type": "integer"}}
    schema = _list(items, "search_result", paged)
    return schema | {"required": ["object", "data", "has_more", "next_page", "url"]}


def _page(items: Schema) -> Schema:
    links = {each: {"type": ["string", "null"]} for each in ("next_page_url", "previous_page_url")}
    data = {"type": "array", "items": items}
    return {"type": "object", "required": ["data", *links], "properties": {"data": data, **links}}


LISTS = {"list": _list, "search_result": _found, "page": _page}
"""The kind of a list → its schema, given that of its items."""
