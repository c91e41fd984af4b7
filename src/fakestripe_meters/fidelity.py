"""List where each behaviour of the fake is known from, for `GET /_fakestripe/fidelity` and the pages made of it.

The entries are the marks in the code, with the docstrings of what they mark, and every operation. They are read from
the source code, so that the two cannot differ. `docs/fidelity.md` says what each of the marks means.
"""

import ast
import re
from dataclasses import asdict
from dataclasses import replace
from functools import cache
from typing import Any

from fakestripe_meters import marks
from fakestripe_meters import reach
from fakestripe_meters.core import checks
from fakestripe_meters.framework.endpoint import Endpoint
from fakestripe_meters.marks import Behaviour
from fakestripe_meters.resources import registry
from fakestripe_meters.source_code import texts

OPERATION = re.compile(r"(GET|POST|DELETE) (/\S+)")


@cache
def ledger() -> tuple[Behaviour, ...]:
    """Return every behaviour that the code marks and every operation, by module and line."""
    marked = [entry for module, text in texts().items() for entry in marks.entries_of(module, text)]
    operations = {place_of(endpoint): route_of(endpoint) for endpoint in registry().endpoints()}
    known = {(entry.module, entry.name) for entry in marked}
    entries = [_of_route(entry, operations.get((entry.module, entry.name))) for entry in marked]
    entries += [_unmarked(place, route) for place, route in operations.items() if place not in known]
    return tuple(sorted(entries, key=lambda entry: (entry.module, entry.line)))


def shown(mark: str | None = None, module: str | None = None, about: str | None = None) -> dict[str, Any]:
    """Return the entries with a mark, of a module (`core/limiter.py`), with some words or a whole sentence.

    `about` may also be an operation, `POST /v1/customers`: then the entries are those on which it rests.
    """
    if mark is not None and mark not in marks.COMES_FROM:
        raise checks.refused("mark", "observed, documented, disputed, or inferred", mark)
    named = OPERATION.fullmatch(str(about or "").strip())
    chosen = of_operation(*named.groups()) if named else _mentioning(about)
    found = [entry for entry in chosen if (mark is None or mark in entry.marks) and module in (None, entry.module)]
    return {"marks": marks.COMES_FROM, "data": [asdict(entry) | {"source": entry.source} for entry in found]}


def _mentioning(about: str | None) -> list[Behaviour]:
    return [entry for entry in ledger() if about is None or entry.mentions(str(about))]


# Operations


def of_operation(method: str, path: str) -> list[Behaviour]:
    """Return what an operation rests on: its own entry first, its object's, and those of all that it can reach."""
    found = [each for each in registry().endpoints() if each.method == method and _matches(each.rule, path)]
    return _below(min(found, key=lambda each: each.rule.count("<"))) if found else []  # `/search` is no id


def _below(endpoint: Endpoint) -> list[Behaviour]:
    own, render = place_of(endpoint), endpoint.resource.render
    places = reach.reached(own) | reach.reached((own[0], render.__name__))
    modules = {module for module, _ in places}
    found = [
        entry
        for entry in ledger()
        if (entry.module, entry.name) in places or (not entry.name and entry.module in modules)
    ]
    return sorted(found, key=lambda entry: (entry.module != own[0], entry.name != own[1], entry.name != ""))


def _matches(rule: str, path: str) -> bool:
    pattern = re.sub(r"<path:\w+>", ".+", rule)
    return re.fullmatch(re.sub(r"<\w+>", "[^/]+", pattern), path) is not None


def place_of(endpoint: Endpoint) -> reach.Place:
    """Return the module and the name of the function that is an operation."""
    module = endpoint.operate.__module__.partition(".")[2].replace(".", "/")
    return f"{module}.py", endpoint.operate.__name__


def route_of(endpoint: Endpoint) -> str:
    """Return an operation as Stripe's reference writes it: `GET /v1/customers/{customer_id}`."""
    path = re.sub(r"<(?:path:)?(\w+)>", r"{\1}", endpoint.rule)
    return f"{endpoint.method} {path}"


def _unmarked(place: reach.Place, route: str) -> Behaviour:
    """Return the entry of an operation that has no mark."""
    module, name = place
    definition = reach.modules()[module].definitions[name]
    says = ast.get_docstring(definition) or ""
    return _of_route(Behaviour((), module, name, definition.lineno, says, (), {}), route)


def _of_route(entry: Behaviour, route: str | None) -> Behaviour:
    """Return an entry as that of an operation, which does what the page of its object says, whatever is marked."""
    if route is None:
        return entry
    about = ast.get_docstring(reach.parsed(entry.module)) or ""
    sources = marks.sources_of({"documented": ""}, about) | dict(entry.sources)
    found = tuple(mark for mark in marks.COMES_FROM if mark in sources)
    return replace(entry, marks=found, sources={mark: sources[mark] for mark in found}, operation=route)
