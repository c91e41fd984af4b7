"""Write anew what the fake shows, as the package carries it in `src/fakestripe_meters/openapi/objects.txt`:

    python tests/conformance/shown.py

It plays the stories without a `Stripe-Version`, and notes each field of each object that an answer has, with the type
that Stripe declares: in its OpenAPI description (`openapi.json`), or in its SDK (`sdk/`). Only a field that neither
declares gets the types of the values that were seen. Run it again when an object, a field or an answer is added, or
when the oracles are.

A line without a margin is an object, the lines below it are its fields with their types, and what is inside a field
is one space further in: `[]` are the elements of an array, `{}` the values of a map. The words for types are those of
`sdk_types` and `digest`, without the words of an enumeration: `?` is a field that may be null, `!` one that is always
there. A line that begins with a method is an operation whose answer is not what its resource declares.
"""

import re
import sys
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from fakestripe_meters.framework.endpoint import Endpoint  # noqa: E402  the path comes first
from fakestripe_meters.openapi import objects  # noqa: E402  likewise
from fakestripe_meters.resources import registry  # noqa: E402  likewise
from tests.conformance import rare  # noqa: E402  likewise
from tests.conformance import seldom  # noqa: E402  likewise
from tests.conformance.oracle import base  # noqa: E402  likewise
from tests.conformance.oracle import digest  # noqa: E402  likewise
from tests.conformance.oracle import load  # noqa: E402  likewise
from tests.conformance.oracle import previews  # noqa: E402  likewise
from tests.conformance.oracle import route_of  # noqa: E402  likewise
from tests.conformance.story import Json  # noqa: E402  likewise
from tests.conformance.story import Teller  # noqa: E402  likewise
from tests.conformance.story import ends  # noqa: E402  likewise
from tests.conformance.story import objects_in  # noqa: E402  likewise
from tests.conformance.story import tell  # noqa: E402  likewise

TARGET = HERE.parents[1] / "src/fakestripe_meters/openapi/objects.txt"
LISTS = ("list", "search_result")
ENVELOPE = {"object", "data", "has_more", "url"}
OPEN = {"event": {"data.object", "data.previous_attributes"}, "v2.core.event": {"data", "changes"}}
"""Hashes in which anything may be."""
KINDS = {str: "str", bool: "bool", int: "int", float: "float", list: "array", dict: "hash"}


@dataclass
class Seen:
    """A place in an object: how often it was there, and as what."""

    times: int = 0
    null: bool = False
    kinds: set[str] = field(default_factory=set)
    inside: "dict[str, Seen]" = field(default_factory=dict)
    hashes: int = 0
    """How often it was a hash whose keys are fields."""

    def note(self, value: Json, at: str, declared: Mapping[str, str], opened: Iterable[str]) -> None:
        """Note a value at a path."""
        self.times += 1
        kind = "null" if value is None else KINDS[type(value)]
        if value is None:
            self.null = True
            return
        words = set(declared.get(at, "").rstrip("?!").split("|"))
        if isinstance(value, dict) and isinstance(value.get("object"), str) and at:
            name = value["object"]
            names = "+".join(sorted({each["object"] for each in value["data"]})) if name in LISTS else name
            self.kinds.add(f"list:{names}" if name in LISTS else f"object:{names}")
            for more in value.keys() - ENVELOPE if name in LISTS else ():
                self.inside.setdefault(more, Seen()).note(value[more], f"{at}.{more}", declared, opened)
        elif isinstance(value, dict) and (at in opened or ("map" in words and f"{at}{{}}" not in declared)):
            self.kinds.add("map")
        elif isinstance(value, dict) and "map" in words:
            self.kinds.add("map")
            for each in value.values():
                self.inside.setdefault("{}", Seen()).note(each, f"{at}{{}}", declared, opened)
        elif isinstance(value, dict) and value:
            self.kinds.add("hash")
            self.hashes += 1
            for name, each in value.items():
                self.inside.setdefault(name, Seen()).note(each, f"{at}.{name}" if at else name, declared, opened)
        else:
            self.kinds.add(kind)
            for each in value if isinstance(value, list) else ():
                self.inside.setdefault("[]", Seen()).note(each, f"{at}[]", declared, opened)


def story() -> Teller:
    """All that is told, by a program that names no version."""
    teller = Teller(load(base()).api_version, states_version=False)
    tell(teller, preview=True)
    rare.tell(teller)
    seldom.tell(teller)
    ends(teller)
    for method, path, _ in list(teller.asked):
        if method == "DELETE" and re.fullmatch("/v1/customers/[^/]*", path):
            teller.get(path)
            teller.get("/v1/invoices", customer=path.rpartition("/")[2], expand=["data.customer"])
    return teller


def declared(name: str) -> dict[str, str]:
    """The types of an object's fields: those that the description or else a release of the SDK has."""
    sources = [load(each).objects.get(name, {}) for each in (*previews(), base())] + [digest()["objects"].get(name, {})]
    return {path: kinds for source in sources for path, kinds in source.items()}


def seen(teller: Teller) -> dict[str, Seen]:
    """Every object of every answer, by name; what is left of a deleted one stands under `deleted_…`."""
    found: dict[str, Seen] = {}
    for route, tree in teller.answers:
        for each in objects_in(route, tree):
            if each.name not in LISTS:
                called = f"deleted_{each.name}" if objects.is_deleted(each.tree) else each.name
                types = {} if called != each.name else declared(each.name)
                found.setdefault(called, Seen()).note(each.tree, "", types, OPEN.get(each.name, ()))
    return found


def answers(teller: Teller) -> Iterator[str]:
    """A line for each operation that answers otherwise than its resource declares."""
    found: dict[str, set[str]] = {}
    for route, tree in teller.answers:
        found.setdefault(route, set()).update(objects.answered(tree))
    for endpoint in registry().endpoints():
        route = route_of(endpoint.method, endpoint.rule)
        if not found.get(route, set()) <= {*usual(endpoint)}:
            yield f"{route} {'|'.join(sorted(found[route]))}"


def usual(endpoint: Endpoint) -> Iterator[str]:
    """What an endpoint answers by its declaration."""
    name = endpoint.resource.name
    yield objects.usual(endpoint)
    if endpoint.lists:
        yield objects.usual(endpoint).replace(name, "")


def lines(found: Mapping[str, Seen]) -> Iterator[str]:
    """The lines of all objects."""
    for name, each in sorted(found.items()):
        yield name
        yield from inside(each, "", declared(name), name, 1)


def inside(seen: Seen, at: str, types: Mapping[str, str], name: str, depth: int) -> Iterator[str]:
    """The lines of what is inside a place."""
    found = seen.inside or elements(at, types)
    for step, each in sorted(found.items()):
        path = f"{at}{step}" if step in ("[]", "{}") or not at else f"{at}.{step}"
        always = step not in ("[]", "{}") and each.times == seen.hashes
        kinds = kind(each, types.get(path, ""), always=always, unlisted=name not in digest()["objects"])
        yield f"{' ' * depth}{step} {kinds}"
        if not kinds.startswith("any"):
            yield from inside(each, path, types, name, depth + 1)


def elements(at: str, types: Mapping[str, str]) -> dict[str, Seen]:
    """What an array or a map has that was never seen with elements, if these are no hashes."""
    declared = {step: types.get(f"{at}{step}", "") for step in ("[]", "{}")}
    return {step: Seen() for step, kinds in declared.items() if kinds and not re.search("hash|map|array", kinds)}


def kind(seen: Seen, types: str, *, always: bool, unlisted: bool) -> str:
    """The short type of a place, of what is declared and what was seen.

    The description says what is always there; of an object that it has not, what always was there is.
    """
    words = {short(each) for each in types.rstrip("?!").split("|") if each}
    if "map" in seen.kinds:
        words = words - {"hash"} | {"map"}
    elif "hash" not in seen.kinds:
        words = {"map" if each == "hash" else each for each in words}  # it was never seen
    words |= {each for each in seen.kinds if not fits(each, words)}
    if {"object:customer", "str"} <= words:  # what has a customer stays when that one is deleted
        words.add(f"object:{objects.DELETED}customer")
    word = "any" if "any" in words else "|".join(sorted(words)) or "any"
    is_null = seen.null or "?" in types
    required = always and (unlisted or types.endswith("!"))
    return word + "?" * (is_null and word != "any") + "!" * required


def short(word: str) -> str:
    """A word for a type, without its choices."""
    if word.startswith("enum("):
        return "bool" if word in ("enum(True)", "enum(False)") else "str"
    return word


def fits(word: str, words: set[str]) -> bool:
    """Whether what was seen is among what is declared."""
    title, _, names = word.partition(":")
    alike = {name for each in words if each.startswith(f"{title}:") for name in each.partition(":")[2].split("+")}
    if names or title in ("object", "list"):
        return set(filter(None, names.split("+"))) <= alike and any(each.startswith(f"{title}:") for each in words)
    nearly = {"int": {"float"}, "str": {"decimal"}}.get(word, set())
    return word in words or "any" in words or bool(nearly & words)


def lines_of(teller: Teller) -> list[str]:
    """The lines of the file."""
    return [*sorted(answers(teller)), *lines(seen(teller))]


if __name__ == "__main__":
    TARGET.write_text("\n".join(lines_of(story())) + "\n", "utf-8")
