"""What takes long and depends on files alone is kept below `build`, which git ignores, under a hash of these files."""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from tests.mutation.floors import ROOT
from tests.mutation.mutant import Mutant

KEPT = ROOT / "build" / "mutation"
MOST_STATES = 3

Make = Callable[[str, str], list[Mutant]]


def mutants(path: str, make: Make, version: str, *, root: Path = ROOT, kept: Path = KEPT) -> list[Mutant]:
    """The mutants of a module, made by this version of `make` unless they are known for this very text."""
    source = (root / path).read_text("utf-8")
    digest = hashlib.sha256(f"{version} {path} {source}".encode()).hexdigest()
    file = kept / "mutants" / f"{digest[:16]}.json"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps([asdict(mutant) for mutant in make(path, source)]), "utf-8")
    return [Mutant(**{**each, "lines": tuple(each["lines"])}) for each in json.loads(file.read_text("utf-8"))]


def record(state: str, *, kept: Path = KEPT) -> Path:
    """The folder for what is recorded of a state of the tree; those of long ago are removed."""
    folder = kept / "records" / state
    if not folder.exists():
        earlier = sorted((kept / "records").glob("*"), key=lambda each: each.stat().st_mtime)
        for each in earlier[: max(0, len(earlier) - MOST_STATES + 1)]:
            shutil.rmtree(each)
        folder.mkdir(parents=True)
    return folder
