"""What `reference.md` says, made from the OpenAPI description. `generate.py` writes it."""  # noqa: INP001  beside a script

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from fakestripe_meters import openapi
from fakestripe_meters.resources import registry
from fakestripe_meters.wire.coercing import LONGEST
from fakestripe_meters.wire.coercing import MOST_ITEMS

CHAPTERS = {
    "Customers and their usage": ("/v1/customers", "/v1/billing/meter", "/v1/billing/analytics/"),
    "Prices, subscriptions and invoices": ("/v1/",),
    "Credits and alerts": ("/v1/billing/",),
    "Accounts, events, webhooks and test clocks": (
        "/v1/account",
        "/v1/events",
        "/v1/webhook_endpoints",
        "/v1/test_helpers/",
    ),
    "API v2": ("/v2/",),
}
"""In the order of the page. Of all the beginnings that a path has, the longest decides."""
IN_EVERY_LIST = ("limit", "starting_after", "ending_before")
IN_EVERY_CALL = ("expand",)
ABOUT = re.compile(r"^(https://[^ ,;]*[^ ,;.])[ ,;]*(.*?)\.?$")
"""An object's page at Stripe's, and a remark."""
SHORT = 3
"""A hash of fewer parameters is shown wherever it occurs."""

INTRODUCTION = """\
# Reference

Every call that is served, with its parameters. `python docs/generate.py` writes this page from the code, and a test
checks that it is up to date. `GET /_fakestripe/openapi.json` has the same as OpenAPI, and the fields of answers:
[generate a client](generated-clients.md) from it. What parameters and fields mean at length is in Stripe's own
reference, which is linked at each object.

- A name in **bold** is required; within a hash, it is required if the hash is given. Required names come first.
- `recurring[interval]` is a parameter of the hash `recurring`. `items[][price]` is a parameter of each hash in the
  array `items`. API v2 takes JSON, and there they are `recurring.interval` and `items[].price`.
- A `string ≤ 250` has at most 250 characters, an `integer 1…100` lies within these bounds, and an `array (≤ 8)` has at
  most 8 elements. Without a number, a string has at most 5,000 characters, an array or hash at most 1,000 elements, and
  an integer at most 18 digits. A `decimal` is a string such as `"0.5"`, a `time` is a string such as
  `"2025-01-01T00:00:00Z"`. If the type says *or empty*, an empty string clears the value.
- Not repeated below: all calls of API v1 take `expand` (array of string), and all lists of API v1 take `limit`
  (integer, default 10; below 1 it counts as 1, above 100 as 100), `starting_after` and `ending_before` (ids).
- `expand` takes what Stripe documents as expandable in the version of the request, up to four levels, of which the
  `data` of a list is one. An id is replaced by its object if the fake has it; otherwise, it stays. Null stays null, and
  an empty array stays empty. A customer's `subscriptions` are those that have not ended. Its `sources` and `tax_ids`,
  and an invoice's `payments`, are empty lists. An invoice's `confirmation_secret` is null.
- If a hash says *as in* another place, it takes the same parameters as there.
- Parameters have their newest names. [Stripe's API versions](versions.md) has the older ones.
"""
Schema = dict[str, Any]


@dataclass
class Reference:
    """The page as it is written. Hashes that were shown are not shown again."""

    document: Schema
    shown: dict[str, str] = field(default_factory=dict)
    """What a hash takes → where on the page it is shown."""

    def lines(self) -> Iterator[str]:
        """The whole page."""
        yield INTRODUCTION
        chapters = {name: list(self._objects_of(name)) for name in CHAPTERS}
        for chapter, tags in chapters.items():
            links = (f"[{title(tag)}](#{anchor(title(tag))})" for tag in tags)
            yield f"- [{chapter}](#{anchor(chapter)}): {' · '.join(links)}"
        for chapter, tags in chapters.items():
            yield f"\n## {chapter}"
            for tag in tags:
                yield from self._object(tag)

    def _objects_of(self, chapter: str) -> Iterator[Schema]:
        return (tag for tag in self.document["tags"] if chapter_of(next(self._operations(tag))[1]) == chapter)

    def _operations(self, tag: Schema) -> Iterator[tuple[str, str, Schema]]:
        for path, methods in self.document["paths"].items():
            for method, operation in methods.items():
                if operation["tags"] == [tag["name"]]:
                    yield method.upper(), path, operation

    def _object(self, tag: Schema) -> Iterator[str]:
        _, _, about = tag["description"].partition(": ")
        url, remark = ABOUT.findall(about)[0]
        yield f"\n### {title(tag)}\n\n`{tag['name']}` · [Stripe's reference]({url}){f' · {remark}' if remark else ''}"
        for method, path, operation in self._operations(tag):
            yield from self._operation(f"{method} {path}", operation)

    def _operation(self, route: str, operation: Schema) -> Iterator[str]:
        yield f"\n#### `{route}`\n\n{operation['summary']}"
        nested = "{}.{}" if " /v2/" in route else "{}[{}]"
        hash_ = parameters(operation, is_v1=" /v1/" in route)
        rows = list(self._rows(hash_, "", nested, f"[`{route}`](#{anchor(route)})"))
        if rows:
            yield "\n| parameter | type | |\n|---|---|---|"
            yield from rows

    def _rows(self, hash_: Schema, prefix: str, nested: str, where: str) -> Iterator[str]:
        required = hash_.get("required", ())
        for name in sorted(hash_["properties"], key=lambda name: name not in required):
            schema, path = hash_["properties"][name], nested.format(prefix, name) if prefix else name
            called = f"**`{path}`**" if name in required else f"`{path}`"
            place, below = inner_hash(schema, path)
            known = self.shown.get(fingerprint(below)) if below else None
            about = [schema.get("description") or (below or {}).get("description", "")]
            if below and known:
                about.append(f"As in {known}.")
            yield f"| {called} | {kind(schema)} | {' '.join(filter(None, about))} |"
            if below and not known:
                if len(below["properties"]) >= SHORT:
                    self.shown[fingerprint(below)] = f"`{place}` of {where}"
                yield from self._rows(below, place, nested, where)


def chapter_of(path: str) -> str:
    """The chapter that a path belongs to."""
    beginnings = {each: name for name, several in CHAPTERS.items() for each in several if path.startswith(each)}
    return beginnings[max(beginnings, key=len)]


def title(tag: Schema) -> str:
    """What an object is called in words."""
    return str(tag["description"]).partition(": ")[0]


def anchor(heading: str) -> str:
    """Where a heading is on the page, as GitHub has it."""
    return re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-")


def parameters(operation: Schema, *, is_v1: bool) -> Schema:
    """What a call takes besides what all of its kind take, as one hash."""
    asked = [each for each in operation["parameters"] if each["in"] == "query"]
    hash_: Schema = {
        "properties": {each["name"]: each["schema"] for each in asked},
        "required": [each["name"] for each in asked if each["required"]],
    }
    for content in operation.get("requestBody", {}).get("content", {}).values():
        hash_ = content["schema"]
    if is_v1:
        lists = set(IN_EVERY_LIST) <= hash_["properties"].keys()
        told = {*IN_EVERY_CALL, *(IN_EVERY_LIST if lists else ())}
        hash_ = hash_ | {"properties": {name: each for name, each in hash_["properties"].items() if name not in told}}
    return hash_


def choices(schema: Schema) -> list[Schema]:
    """What a value may be."""
    return list(schema.get("anyOf", [schema]))


def inner_hash(schema: Schema, path: str) -> tuple[str, Schema | None]:
    """The hash with parameters of its own that a value is, or is an array of; and how it is called."""
    for each in choices(schema):
        if "properties" in each:
            return path, each
        for inner in choices(each.get("items", {})):
            if "properties" in inner:
                return f"{path}[]", inner
    return path, None


def fingerprint(hash_: Schema) -> str:
    """The same for two hashes that take the same."""
    return json.dumps({name: each for name, each in hash_.items() if name != "description"}, sort_keys=True)


def kind(schema: Schema) -> str:
    """A type in words."""
    return " or ".join(dict.fromkeys(map(one_kind, choices(schema))))


def one_kind(schema: Schema) -> str:
    """One of the types that a value may have."""
    if "const" in schema:
        return "empty"
    if "enum" in schema:
        return " or ".join(f"`{each}`" for each in schema["enum"])
    if schema["type"] == "array":
        most = "" if schema["maxItems"] == MOST_ITEMS else f" (≤ {schema['maxItems']})"
        return f"array{most} of {kind(schema['items'])}"
    if schema["type"] == "object":
        return "hash" if "properties" in schema else f"hash of {kind(schema['additionalProperties'])}"
    if "pattern" in schema:
        return "decimal"
    if schema.get("format") == "date-time":
        return "time"
    return f"{schema['type']}{bounds(schema)}"


def bounds(schema: Schema) -> str:
    """How long or how large a value may be."""
    least, most = schema.get("minimum"), schema.get("maximum", schema.get("maxLength"))
    if schema["type"] == "string" and most == LONGEST:
        return ""
    if least is not None and most is not None:
        return f" {least}…{most}"
    if most is not None:
        return f" ≤ {most}"
    return "" if least is None else f" ≥ {least}"


def page(document: Schema | None = None) -> str:
    """What `reference.md` has to say."""
    return "\n".join(Reference(document or openapi.description(registry().endpoints(), "")).lines()) + "\n"
