"""Copies of the tree: mutants are written there, and never into the tree itself."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterable
from collections.abc import Mapping
from pathlib import Path

from tests.mutation.floors import ROOT

OWN = "tests/mutation/"


def files() -> list[str]:
    """All that git knows or would take."""
    command = ("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return sorted(name for name in set(listed.split("\0")) if name and (ROOT / name).is_file())


def state(names: Iterable[str], tree: Path) -> str:
    """The same as long as no file of a tree changes, but for those of this command."""
    digest = hashlib.sha256()
    for name in names:
        if not name.startswith(OWN):
            digest.update(name.encode() + b"\0" + hashlib.sha256((tree / name).read_bytes()).digest())
    return digest.hexdigest()[:16]


def copy(names: Iterable[str], folder: Path, tree: Path = ROOT) -> Path:
    """These files of a tree as they stand, in a folder that is made for them."""
    for name in names:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(tree / name, target)
    return folder


def environment(folder: Path, **more: str) -> Mapping[str, str]:
    """That in which a copy is imported, also by the subprocesses of its tests."""
    usual = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COVERAGE", "PYTEST"))}
    path = os.pathsep.join(str(folder / name) for name in ("src", "conftest_plugin", "."))
    return usual | {"PYTHONPATH": path, **more}
