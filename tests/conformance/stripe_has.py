"""Write anew what Stripe has, as the package carries it in `src/fakestripe_meters/unserved/stripe_has.txt`:

    python tests/conformance/stripe_has.py SPEC SDK [PREVIEW ...] --older SDK

SPEC is Stripe's OpenAPI description as JSON, also gzipped. The others are releases of stripe-python, each a folder or a
wheel: the newest, previews, and the last one before parameters were removed (`--older 11.6.1 2025-03-31`, with the
version that removed them). Nothing is imported from them; `pip download --no-deps stripe==VERSION` is enough.

A line without a margin is an operation. The lines below it are its parameters, each with its type and, one space
further in, with what is inside it. Parameters are only listed for what the fake serves, and for its neighbours in
Stripe's URLs, except for those of connected accounts. A mark at the end of a line says who has it: `preview`, or `<`
and the version that removed it.
"""

import argparse
import gzip
import json
import re
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from tests.conformance.oracle import served_routes  # noqa: E402  the path comes first
from tests.conformance.sdk_types import Sdk  # noqa: E402  likewise
from tests.conformance.sdk_types import Table  # noqa: E402  likewise
from tests.conformance.sdk_types import first_segments  # noqa: E402  likewise

TARGET = HERE.parents[1] / "src/fakestripe_meters/unserved/stripe_has.txt"
WORDS = {"integer": "int", "number": "float", "boolean": "bool", "string": "str", "object": "hash", "array": "array"}
Marked = dict[str, tuple[dict[str, tuple[str, str]], str]]
"""Operation → (parameter → (type, mark), mark)."""
WITHOUT_NEIGHBOURS = "/v1/accounts"
"""The URLs below it are of connected accounts: none is served, and their parameters would be a fifth of the file."""
CHANGED = ("POST /v1/subscriptions", "POST /v1/subscriptions/{}")
ITEMS = ("POST /v1/subscription_items", "POST /v1/subscription_items/{}", "DELETE /v1/subscription_items/{}")
INVOICES = ("POST /v1/invoices", "POST /v1/invoices/{}")
UPCOMING = ("GET /v1/invoices/upcoming", "GET /v1/invoices/upcoming/lines")
OLDEST: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    # The changelog "Renames the billing attribute".
    "2019-10-17": {"billing": dict.fromkeys((*CHANGED, *INVOICES), "str")},
    # The changelogs "Deprecates subscription prorate and subscription_prorate parameters" and "Removes the tax_percent
    # attribute".
    "2020-08-27": {
        "prorate": dict.fromkeys((*CHANGED, *ITEMS), "bool"),
        "subscription_prorate": dict.fromkeys(UPCOMING, "bool"),
        "subscription_tax_percent": dict.fromkeys(UPCOMING, "float"),
        "tax_percent": dict.fromkeys((*CHANGED, *INVOICES), '""|float'),
    },
    # The changelogs of the SDKs, April 2024.
    "2024-04-10": {
        "rendering_options": dict.fromkeys(INVOICES, '""|hash'),
        "rendering_options.amount_tax_display": dict.fromkeys(INVOICES, '""|str'),
    },
}
"""The version that removed a parameter → parameter → operation → type: older than every release that is read."""


def of_spec(path: Path) -> Table:
    """Operations and flat parameters of an OpenAPI description."""
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    found: Table = {}
    for url, operations in json.loads(raw)["paths"].items():
        for method, operation in operations.items():
            types: dict[str, str] = {}
            for each in operation.get("parameters", ()):
                if each["in"] == "query":
                    below(types, each["name"], each["schema"])
            for body in operation.get("requestBody", {}).get("content", {}).values():
                members(types, "", body["schema"])
            found[f"{method.upper()} {re.sub(r'{[^}]*}', '{}', url)}"] = types
    return found


def members(types: dict[str, str], prefix: str, schema: Mapping[str, Any]) -> None:
    """Note the members of a hash."""
    for name, each in schema.get("properties", {}).items():
        below(types, f"{prefix}{name}", each)


def below(types: dict[str, str], path: str, schema: Mapping[str, Any]) -> None:
    """Note a parameter and what is inside it."""
    for each in schema.get("anyOf", ()):
        below(types, path, each)
    if "anyOf" in schema:
        return
    words = '""' if schema.get("enum") == [""] else WORDS[schema["type"]] if "type" in schema else "any"
    if "additionalProperties" in schema and not schema.get("properties"):
        words = "map"
    types[path] = "|".join(sorted({*filter(None, types.get(path, "").split("|")), words}))
    members(types, f"{path}.", schema)
    if "items" in schema:
        below(types, f"{path}[]", schema["items"])


def of_sdk(source: Path, scratch: Path, prefixes: set[str]) -> Table:
    """All operations of a release, with the parameters of those below some paths."""
    if source.suffix == ".whl":
        with zipfile.ZipFile(source) as wheel:
            wheel.extractall(scratch / source.stem)
        source = scratch / source.stem
    sdk = Sdk(source if source.name == "stripe" else source / "stripe")
    return {
        route: dict(sdk.fields(params)) if params and first_segments(route) in prefixes else {}
        for route, params in sdk.endpoints({"/v"}).items()
    }


def plain(kinds: str) -> str:
    """A type without what does not matter here: null, required, and the words of an enumeration."""
    return re.sub(r"enum\([^)]*\)", "str", kinds.rstrip("?!"))


def add(known: Marked, table: Table, mark: str) -> None:
    """Add what is not known yet, with a mark; of what is known, what else it may be."""
    for route, types in table.items():
        parameters, _ = known.setdefault(route, ({}, mark))
        for path, kinds in types.items():
            before, marked = parameters.get(path, ("", mark))
            alternatives = {*filter(None, before.split("|")), *plain(kinds).split("|")}
            parameters[path] = "|".join(sorted(alternatives)), marked


def add_oldest(known: Marked) -> None:
    """Add what versions had that no release of today's generation has."""
    for version, parameters in OLDEST.items():
        for path, routes in parameters.items():
            for route, kinds in routes.items():
                known[route][0].setdefault(path, (kinds, f"<{version}"))


def lines(known: Marked, served: set[str]) -> Iterator[str]:
    """The file's lines."""
    prefixes = {first_segments(route) for route in served} - {WITHOUT_NEIGHBOURS}
    for route, (parameters, mark) in sorted(known.items(), key=lambda each: each[0].split()[::-1]):
        yield f"{route} {mark}".rstrip()
        if first_segments(route) in prefixes or route in served:
            yield from nested(parameters, mark)


def nested(parameters: Mapping[str, tuple[str, str]], outer: str) -> Iterator[str]:
    """A line for each parameter, below the one that it is inside of."""
    marks: dict[str, str] = {}
    for path, (kinds, mark) in sorted(parameters.items(), key=lambda each: steps(each[0])):
        name = steps(path)[-1]
        marks[path] = mark
        holder = path[: len(path) - len(name)].rstrip(".")
        said = "" if mark == marks.get(holder, outer) else mark
        yield f"{' ' * len(steps(path))}{name} {kinds} {said}".rstrip()


def steps(path: str) -> list[str]:
    """`items[].price` → items, [], price."""
    return re.findall(r"\[\]|\{\}|[^.\[{]+", path)


def main(arguments: Iterable[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("spec", type=Path)
    parser.add_argument("sdks", type=Path, nargs="+")
    parser.add_argument("--older", nargs=2, metavar=("SDK", "VERSION"), required=True)
    given = parser.parse_args(list(arguments))
    served = set(served_routes())
    prefixes = {first_segments(route) for route in served}
    known: Marked = {}
    add(known, of_spec(given.spec), "")
    with tempfile.TemporaryDirectory() as scratch:
        tables = [of_sdk(each, Path(scratch), prefixes) for each in given.sdks]
        older = of_sdk(Path(given.older[0]), Path(scratch), prefixes)
    add(known, tables[0], "")
    for each in tables[1:]:
        add(known, each, "preview")
    add(known, {route: types for route, types in older.items() if " /v1/" in route}, f"<{given.older[1]}")
    add_oldest(known)
    TARGET.write_text("\n".join(lines(known, served)) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
