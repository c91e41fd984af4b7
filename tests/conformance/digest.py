"""Distil what the tests need from Stripe's own OpenAPI description, and say what changed:

    python tests/conformance/digest.py spec3.json

The description is `openapi/spec3.json` of https://github.com/stripe/openapi, compressed or not. `openapi.json` gets
facts only: the names, types and limits of what the fake serves, and of a few operations beside it. Its words for types
are those of `sdk_types`, and some more:

- `str(500)` is a string of at most 500 characters, `str` one of at most 5,000, `str()` one of any length. (In answers,
  where no length is checked, it is `str`.)
- `!` stands for required: a parameter that must be sent, a key that every answer has.
- `expands` lists the properties of an object that are an id and can be expanded, and what each expands to.
"""

import gzip
import json
import re
import sys
from collections.abc import Iterator
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from tests.conformance.oracle import DIGEST  # noqa: E402  the path comes first
from tests.conformance.oracle import served_objects  # noqa: E402  likewise
from tests.conformance.oracle import served_routes  # noqa: E402  likewise
from tests.conformance.sdk_types import Table  # noqa: E402  likewise
from tests.conformance.sdk_types import Types  # noqa: E402  likewise
from tests.conformance.sdk_types import difference  # noqa: E402  likewise

Json = Any
USUAL_LENGTH = 5_000
BESIDE = re.compile(r"GET /v1/(account|accounts/\{\}|[a-z_]+/search)")
OBJECTS_BESIDE = {"account"}
"""Operations and objects that are kept whether or not the fake serves them."""
SCALARS = {"integer": "int", "boolean": "bool", "number": "float", "object": "hash"}


class Description:
    """Stripe's OpenAPI description."""

    def __init__(self, tree: Json) -> None:
        self.tree = tree
        self.version: str = tree["info"]["version"]
        self.schemas: Mapping[str, Json] = tree["components"]["schemas"]

    def routes(self) -> Iterator[tuple[str, Json]]:
        """Each operation: `POST /v1/customers/{}`, and what is said of it."""
        for path, methods in self.tree["paths"].items():
            for method, operation in methods.items():
                yield f"{method.upper()} {re.sub(r'{[^}]*}', '{}', path)}", operation

    def operations(self, wanted: set[str]) -> Table:
        """The parameters of some operations, and of those beside them."""
        return {
            route: dict(sorted(self.parameters(operation)))
            for route, operation in sorted(self.routes())
            if route in wanted or BESIDE.fullmatch(route)
        }

    def parameters(self, operation: Json) -> Iterator[tuple[str, str]]:
        """Each parameter of an operation, with all that is below it; those of the path are left out."""
        for each in operation.get("parameters", ()):
            if each["in"] == "query":
                yield from self.parameter(each["name"], each["schema"], required=each["required"])
        for media in operation.get("requestBody", {}).get("content", {}).values():
            yield from self.properties(media["schema"], "")

    def properties(self, schema: Json, prefix: str) -> Iterator[tuple[str, str]]:
        required = schema.get("required", ())
        for name, each in schema.get("properties", {}).items():
            yield from self.parameter(f"{prefix}{name}", each, required=name in required)

    def parameter(self, path: str, schema: Json, *, required: bool) -> Iterator[tuple[str, str]]:
        """A parameter's short type, and what is below it."""
        kinds, below = set[str](), dict[str, str]()
        for each in schema.get("anyOf", (schema,)):
            kinds.add(kind_of(each, USUAL_LENGTH))
            if "items" in each:
                below.update(self.parameter(f"{path}[]", each["items"], required=False))
            if isinstance(each.get("additionalProperties"), dict):
                below.update(self.parameter(f"{path}{{}}", each["additionalProperties"], required=False))
            below.update(self.properties(each, f"{path}."))
        yield path, "|".join(sorted(kinds)) + "!" * required
        yield from below.items()

    def objects(self, wanted: set[str]) -> tuple[Table, Table]:
        """The properties of some objects, and what can be expanded in them."""
        found, expands = Table(), Table()
        for name, schema in sorted(self.schemas.items()):
            called = object_name(schema)
            if called in wanted | OBJECTS_BESIDE and name == called:
                reader = Reader(self.schemas)
                found[name] = dict(sorted(reader.properties(schema, "", ())))
                expands[name] = dict(sorted(reader.expands.items()))
        return found, expands


class Reader:
    """Reads one schema of an object: its properties, and those of the hashes within it."""

    def __init__(self, schemas: Mapping[str, Json]) -> None:
        self.schemas = schemas
        self.expands: Types = {}

    def properties(self, schema: Json, prefix: str, within: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        required = schema.get("required", ())
        for name, each in schema.get("properties", {}).items():
            path = f"{prefix}{name}"
            if "x-expansionResources" in each:
                self.expands[path] = "+".join(self.targets(each["x-expansionResources"]["oneOf"]))
            yield from self.value(path, each, within, end="!" * (name in required))

    def value(self, path: str, schema: Json, within: tuple[str, ...], end: str = "") -> Iterator[tuple[str, str]]:
        """A value's short type, and what is below it; `within` names the schemas that it is in."""
        kinds, below = set[str](), dict[str, str]()
        for each in schema.get("anyOf", (schema,)):
            name = each["$ref"].rpartition("/")[2] if "$ref" in each else ""
            target = self.schemas[name] if name else each
            kinds.add(self.kind(target))
            if name in within or object_name(target) or is_list(target):
                continue
            inner = (*within, name) if name else within
            if "items" in target:
                below.update(self.value(f"{path}[]", target["items"], inner))
            if isinstance(target.get("additionalProperties"), dict):
                below.update(self.value(f"{path}{{}}", target["additionalProperties"], inner))
            below.update(self.properties(target, f"{path}.", inner))
        yield path, "|".join(sorted(kinds)) + "?" * schema.get("nullable", False) + end
        yield from below.items()

    def kind(self, schema: Json) -> str:
        """One alternative."""
        if is_list(schema):
            return f"list:{'+'.join(self.targets([schema['properties']['data']['items']]))}"
        name = object_name(schema)
        if name:
            return f"object:{name}"
        kind = kind_of(schema, None)
        return "map" if kind == "hash" and not schema.get("properties") else kind  # anything may be in it

    def targets(self, schemas: list[Json]) -> list[str]:
        """What several schemas are called on the wire."""
        found = set()
        for each in (one for schema in schemas for one in schema.get("anyOf", (schema,))):
            found.add(object_name(self.schemas[each["$ref"].rpartition("/")[2]]) if "$ref" in each else "any")
        return sorted(name or "any" for name in found)


def object_name(schema: Json) -> str:
    """What an object calls itself."""
    words = schema.get("properties", {}).get("object", {}).get("enum", ())
    return str(words[0]) if len(words) == 1 and words[0] != "list" else ""


def is_list(schema: Json) -> bool:
    """Whether a schema is a list of objects, with its pages."""
    return bool(schema.get("properties", {}).get("object", {}).get("enum") == ["list"])


def kind_of(schema: Json, usual: int | None) -> str:
    """The short type of a schema that is no object of Stripe's; strings have lengths if there is a usual one."""
    choices = schema.get("enum")
    if choices == [""]:
        return '""'
    if choices is not None:
        return f"enum({','.join(map(str, choices))})"
    kind = schema.get("type", "any")
    if kind == "string" and schema.get("format") == "decimal":
        return "decimal"
    if kind == "string":
        length = schema.get("maxLength", "")
        return "str" if usual is None or length == usual else f"str({length})"
    if isinstance(schema.get("additionalProperties"), dict):
        return "map"
    return "array" if kind == "array" else SCALARS.get(kind, "any")


def read(path: Path) -> Json:
    """The description in a file."""
    data = path.read_bytes()
    return json.loads(gzip.decompress(data) if path.suffix == ".gz" else data)


def report(old: Mapping[str, Table], new: Mapping[str, Table]) -> Iterator[str]:
    """What a newer description changed, a line each."""
    for title in ("operations", "objects", "expands"):
        for name, changes in difference(old.get(title, {}), new[title]).items():
            yield f"{title} {name}"
            for path, kind in changes.items():
                yield f"    {path}: {old.get(title, {}).get(name, {}).get(path, '')}→{kind or ''}"


def main(source: Path) -> None:
    description = Description(read(source))
    objects, expands = description.objects(set(served_objects()))
    tables = {"operations": description.operations(set(served_routes())), "objects": objects, "expands": expands}
    old = json.loads(DIGEST.read_text("utf-8")) if DIGEST.exists() else {}
    sys.stdout.write("\n".join([description.version, *report(old, tables)]) + "\n")
    text = json.dumps({"api_version": description.version, **tables}, indent=0, separators=(",", ":"))
    DIGEST.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
