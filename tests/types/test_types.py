"""Two type checkers, as users run them, over the documentation's examples and over the public names."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import pages
from tests.clients.conftest import prepared

INTERFACE = Path(__file__).with_name("interface.py")
FIXTURES = sorted((pages.ROOT / "fixtures").rglob("*.py"))
WRONG = {number for number, line in enumerate(INTERFACE.read_text("utf-8").splitlines(), 1) if "  # wrong: " in line}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's project without settings: all examples, the apps to copy with their tests, and the interface."""
    folder = tmp_path_factory.mktemp("project")
    for name, text in pages.python_files().items():
        (folder / name).write_text(text, "utf-8")
    for app in pages.APPS:
        shutil.copytree(pages.ROOT / app, folder, dirs_exist_ok=True)
    shutil.copy(INTERFACE, folder)
    return folder


def assert_errors_are_those_wanted(printed: str) -> None:
    """The lines that are wrong are reported, and no other lines of any file."""
    reported = re.findall(r"(\w+\.py):(\d+)(?::\d+)?(?: - |: )error", printed)
    assert [(name, line) for name, line in reported if name != INTERFACE.name or int(line) not in WRONG] == [], printed
    assert {int(line) for _, line in reported} == WRONG, printed


def test_all_examples_annotate_the_fixture() -> None:
    trees = [ast.parse(text) for text in [*pages.python_files().values(), *map(Path.read_text, FIXTURES)]]
    arguments = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.arg)]
    hints = [each.annotation for each in arguments if each.arg == "fakestripe"]
    assert len(hints) > 10
    assert {ast.unparse(hint) if hint else None for hint in hints} == {"FakeStripe"}


def checked_by(command: list[str], project: Path, home: Path) -> str:
    """What a checker prints that knows nothing of this machine's settings."""
    env = {"PATH": os.environ["PATH"], "HOME": str(home)}
    done = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_mypy_knows_the_examples_and_the_interface(project: Path, tmp_path: Path) -> None:
    # As users run it by default. But it looks into tests without annotations, too: there an editor would show errors.
    mypy = [sys.executable, "-m", "mypy", "--check-untyped-defs", f"--cache-dir={os.devnull}", "--config-file="]
    assert_errors_are_those_wanted(checked_by([*mypy, "."], project, tmp_path))


def test_pyright_knows_the_examples_and_the_interface(project: Path, tmp_path: Path) -> None:
    pyright = prepared("pyright/index.js")
    command = ["node", str(pyright), "--pythonpath", sys.executable, "."]
    assert_errors_are_those_wanted(checked_by(command, project, tmp_path))
