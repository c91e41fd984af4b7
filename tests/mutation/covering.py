"""Which tests cover a mutant. Recorded once for each state of the tree, and kept."""

import ast
import functools
import json
import re
import subprocess
import sys
from collections import Counter
from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path

from coverage import Coverage
from coverage import CoverageData

from tests.mutation import copying
from tests.mutation import keeping
from tests.mutation.floors import PACKAGE
from tests.mutation.mutant import Mutant

NO_TEST = ""
"""Whatever runs then is run for every test."""
LEFT_OUT = ("tests/clients", "tests/contract/test_distribution.py", "tests/matrix", "tests/mutation", "tests/release")
"""Tests of other programs, of the wheel, of other environments, and of this command."""
DOOR = re.compile(r"\b(wsgi|server|sdk|interception)\b(?=[^\[]*\]$)")
Function = ast.FunctionDef | ast.AsyncFunctionDef
CACHES = {"cache", "lru_cache", "cached_property"}


def all_of(test: str) -> str:
    """Stands for all tests in the file of this one."""
    return f"{test.partition('::')[0]}::"


class RecordingError(Exception):
    """The tests could not be run, so that there is nothing to try a mutant against."""


class Coverings:
    """What was recorded of one state of the tree."""

    def __init__(self, folder: Path, tree: Path) -> None:
        self._sources = Sources(tree)
        record = json.loads((folder / "record.json").read_text("utf-8"))
        self._durations: Mapping[str, float] = record["durations"]
        self.failed: frozenset[str] = frozenset(record["failed"])
        """Tests that fail as the code stands, and cannot tell a mutant from it."""
        self._by_file: dict[str, list[str]] = defaultdict(list)
        for test in self._durations:
            self._by_file[test.partition("::")[0]].append(test)
        self._root: str = record["root"]
        self._data = CoverageData(str(folder / "lines"))
        self._data.read()
        self._contexts = functools.cache(self._read)

    def tests(self, mutant: Mutant) -> dict[str, float]:
        """The tests to try it with and how long each takes, cheapest first.

        A line that is run on import, in a fixture of several tests, or once because its outcome is cached, is covered
        by every test that runs some line of its module. What is run on import is also covered by the tests that run
        some line of a module that imports it, and by those that stand between such tests: a parameter that is refused
        as it is declared reaches no function. Tests that cache something in their file cover a line together.
        """
        lines = self._contexts(mutant.path)
        first, last = mutant.lines
        found = set().union(*(lines.get(line, ()) for line in range(first, last + 1)))
        on_import = not _within(self._sources.functions(mutant.path), first)
        if on_import or NO_TEST in found or _within(self._sources.cached(mutant.path), first):
            found |= self._of_module(mutant.path)
        if on_import:
            found.update(*(self._of_module(path) for path in self._sources.importers.get(mutant.path, ())))
            found |= self._beside(found)
        if not mutant.path.startswith(f"{PACKAGE}/doors/"):
            found = {test for test in found if DOOR.sub("engine", test) not in found - {test}}
        return dict(
            sorted(
                ((test, self._durations[test]) for test in found - {NO_TEST} - self.failed), key=lambda pair: pair[1]
            )
        )

    def _beside(self, found: set[str]) -> set[str]:
        """The other tests of the files in which at least half are found."""
        counted = Counter(test.partition("::")[0] for test in found)
        return {
            test
            for file, count in counted.items()
            if 2 * count >= len(self._by_file[file])
            for test in self._by_file[file]
        }

    def some(self, count: int) -> dict[str, float]:
        """A few tests of all kinds, which pass as the code stands."""
        tests = sorted(self._durations.keys() - self.failed)
        return {test: self._durations[test] for test in tests[:: max(1, len(tests) // count)]}

    def _of_module(self, path: str) -> set[str]:
        return set().union(*self._contexts(path).values())

    def _read(self, path: str) -> dict[int, set[str]]:
        found = self._data.contexts_by_lineno(f"{self._root}/{path}")
        return {line: set().union(*map(self._told, contexts)) for line, contexts in found.items()}

    def _told(self, context: str) -> Iterable[str]:
        """The tests that a context stands for."""
        file = context.partition("::")[0]
        if context and (context == all_of(context) or self._sources.cached(file)):
            return self._by_file[file]  # whichever of them comes first makes what all look at
        return (context,)


def recorded(names: Sequence[str], tree: Path, jobs: int) -> Coverings:
    """What is known of this state of a tree; it takes one run of all tests to learn it."""
    folder = keeping.record(copying.state(names, tree))
    if not (folder / "record.json").exists():
        for left_over in folder.iterdir():
            left_over.unlink()
        _record(tree, folder, jobs)
    return Coverings(folder, tree)


def _record(tree: Path, folder: Path, jobs: int) -> None:
    left_out = [f"--ignore={path}" for path in LEFT_OUT]
    command = [sys.executable, "-m", "pytest", "-q", "-n", str(jobs), "-p", "tests.mutation.recording", *left_out]
    done = subprocess.run(
        command,
        cwd=tree,
        env=copying.environment(tree, MUTATION_RECORDS=str(folder)),
        capture_output=True,
        check=False,
        text=True,
    )
    if done.returncode not in (0, 1):  # which say whether all tests pass
        raise RecordingError(done.stdout[-10_000:] + done.stderr)
    measured = Coverage(folder / "lines", config_file=False, messages=False)
    measured.combine([str(folder)])
    measured.save()
    told = json.loads((folder / "told.json").read_text("utf-8"))
    (folder / "record.json").write_text(json.dumps({"root": str(tree), **told}), "utf-8")


class Sources:
    """What the code of a tree says of itself."""

    def __init__(self, tree: Path) -> None:
        self._tree = tree
        self._parsed = functools.cache(self._parse)

    def functions(self, path: str) -> list[tuple[int, int]]:
        """From where to where the functions of a module go, without their heads."""
        return [(_head(node), node.end_lineno or node.lineno) for node in self._parsed(path)]

    def cached(self, path: str) -> list[tuple[int, int]]:
        """Those of them whose outcome is remembered."""
        remembered = [node for node in self._parsed(path) if CACHES & set(_decorators(node))]
        return [(_head(node), node.end_lineno or node.lineno) for node in remembered]

    @functools.cached_property
    def importers(self) -> Mapping[str, set[str]]:
        """Path of a module → the paths of those that import it."""
        found: dict[str, set[str]] = defaultdict(set)
        for path in sorted((self._tree / PACKAGE).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ImportFrom) and node.module:
                    for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names)):
                        found[f"src/{name.replace('.', '/')}.py"].add(path.relative_to(self._tree).as_posix())
        return found

    def _parse(self, path: str) -> list[Function]:
        nodes = ast.walk(ast.parse((self._tree / path).read_text("utf-8")))
        return [node for node in nodes if isinstance(node, Function)]


def _within(places: Iterable[tuple[int, int]], line: int) -> bool:
    return any(first < line <= last for first, last in places)


def _head(function: Function) -> int:
    """The last line that is run when the function is made."""
    return max(function.lineno, min(function.body[0].lineno - 1, (function.returns or function).lineno))


def _decorators(function: Function) -> Iterator[str]:
    for decorator in function.decorator_list:
        named = decorator.func if isinstance(decorator, ast.Call) else decorator
        yield named.attr if isinstance(named, ast.Attribute) else ast.unparse(named)
