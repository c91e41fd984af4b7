"""Which functions a function can reach, read from the source: for the ledger, which asks what an operation rests on.

A name counts as reached wherever it occurs in a function or class, and a class with all of its methods. So more may be
listed than ever runs, and nothing that is called by name is missing.
"""

import ast
from collections.abc import Iterator
from collections.abc import Mapping
from functools import cache

from fakestripe_meters.source_code import texts

PACKAGE = "fakestripe_meters"
Definition = ast.ClassDef | ast.FunctionDef
Place = tuple[str, str]
"""A module (`core/limiter.py`), and the name of a function or class in it."""


class Module:
    """What a module defines, and what the names in it stand for."""

    def __init__(self, path: str) -> None:
        tree = parsed(path)
        self.path = path
        self.definitions = {node.name: node for node in tree.body if isinstance(node, Definition)}
        self.imported = dict(_imports(tree))

    def meant(self, node: ast.expr) -> Place | None:
        """Return the function or class that a name or `module.name` stands for."""
        name, *rest = _dotted(node) or [""]
        if not rest and name in self.definitions:
            return self.path, name
        return _resolved((*self.imported[name].split("."), *rest)) if name in self.imported else None


@cache
def parsed(path: str) -> ast.Module:
    """Return the tree of a module."""
    return ast.parse(texts()[path])


@cache
def modules() -> Mapping[str, Module]:
    """Return all modules, by their paths."""
    return {path: Module(path) for path in texts()}


def reached(start: Place) -> frozenset[Place]:
    """Return everything that a function can reach, itself included."""
    found, waiting = set[Place](), [start]
    while waiting:
        place = waiting.pop()
        if place not in found:
            found.add(place)
            waiting += _next(place)
    return frozenset(found)


@cache
def _next(place: Place) -> tuple[Place, ...]:
    module = modules()[place[0]]
    definition = module.definitions.get(place[1])
    if definition is None:
        return ()
    meant = (module.meant(node) for node in ast.walk(definition) if isinstance(node, ast.Name | ast.Attribute))
    return tuple(dict.fromkeys(each for each in meant if each))


def _imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the names that a module imports from this package, with what they stand for, in dots."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
            yield from ((alias.asname or alias.name, f"{node.module}.{alias.name}") for alias in node.names)


def _dotted(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value)
        return [*before, node.attr] if before else []
    return []


@cache
def _resolved(dotted: tuple[str, ...]) -> Place | None:
    """Return the function or class at a dotted path, also if a package only passes its name on."""
    for end in range(len(dotted) - 1, 0, -1):
        if path := _path(dotted[1:end]):
            return _within(path, dotted[end])
    return None


def _within(path: str, name: str) -> Place | None:
    module = modules()[path]
    if name in module.definitions:
        return path, name
    known = tuple(module.imported.get(name, "").split("."))
    return None if not known[1:] or _path(known[1:]) else _resolved(known)


def _path(names: tuple[str, ...]) -> str | None:
    """Return the path of a module or package below this one; None if there is none."""
    stem = "/".join(names)
    return next((path for path in (f"{stem}.py", f"{stem}/__init__.py".lstrip("/")) if path in modules()), None)
