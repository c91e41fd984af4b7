"""Try every environment of the compatibility matrix, and write docs/compatibility.md:

    python tests/matrix/run.py [--only NAME ...] [--jobs 1]

Each row has a fresh virtual environment with the wheel of this checkout in it, and its scenarios are run there without
seeing the checkout. Everything is made in a temporary directory and removed. The registries of pip and npm are the only
network. What fails is printed, and the exit status is 1.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from tests.matrix import page  # noqa: E402  the path comes first
from tests.matrix.page import Result  # noqa: E402  likewise
from tests.matrix.rows import ROOT  # noqa: E402  likewise
from tests.matrix.rows import ROWS  # noqa: E402  likewise
from tests.matrix.rows import Row  # noqa: E402  likewise

TIMEOUT_S = 600
NOWHERE = "http://127.0.0.1:9"
"""A proxy that is not there: what wants to leave for a host of Stripe's fails."""
PROGRAM = 'import runpy, sys; runpy.run_module(f"tests.matrix.scenarios.{sys.argv.pop(1)}", run_name="__main__")\n'
ASK = """\
import importlib.metadata, platform, sys
print("Python", platform.python_version())
for name in sys.argv[1:]:
    print(name, importlib.metadata.version(name))
"""
NPM = ("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--silent")


class Missing(Exception):  # noqa: N818  no error: a machine need not have everything
    """What a row needs and this machine does not have."""


class CommandError(Exception):
    """A command went wrong."""


def run(command: Iterable[str | Path], environment: dict[str, str] | None = None, folder: Path | None = None) -> str:
    """What a command prints; `CommandError` if it fails."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words, env=environment, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise CommandError(f"{' '.join(words)}: no end after {TIMEOUT_S} seconds") from None
    if done.returncode:
        raise CommandError(f"{' '.join(words)}:\n{done.stdout}{done.stderr}")
    return done.stdout


# What all rows share


class Workshop:
    """A directory with a pip, the wheel, and the scenarios."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        self.environment |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_QUIET": "1"}
        run([sys.executable, "-m", "venv", folder / "tools"], self.environment)
        self.pip("wheel", "--no-deps", "--wheel-dir", folder / "wheel", ROOT)
        (self.wheel,) = (folder / "wheel").iterdir()
        self.program = folder / "program"
        copied = self.program / "tests" / "matrix" / "scenarios"
        shutil.copytree(HERE / "scenarios", copied, ignore=shutil.ignore_patterns("__pycache__"))
        (self.program / "__main__.py").write_text(PROGRAM, "utf-8")

    def pip(self, *arguments: str | Path) -> str:
        """One pip for all environments: making them is quicker without one of their own."""
        return run([self.folder / "tools" / "bin" / "python", "-I", "-m", "pip", *arguments], self.environment)


def interpreter(version: str | None) -> Path:
    """A Python of that version, on the path or from pyenv; without a version, this one."""
    if version is None:
        return Path(sys.executable)
    for candidate in _candidates(version):
        try:
            found = run([candidate, "-I", "-c", "import platform; print(platform.python_version())"])
        except CommandError:  # a shim of pyenv's for a version that is not chosen
            continue
        if found.startswith(f"{version}."):
            return candidate
    raise Missing(f"Python {version}")


def _candidates(version: str) -> Iterator[Path]:
    if platform.python_version().startswith(f"{version}."):
        yield Path(sys.executable)
    if on_path := shutil.which(f"python{version}"):
        yield Path(on_path)
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    yield from sorted(versions.glob(f"{version}.*/bin/python"))


# One row


class Trial:
    """One row in its environment."""

    def __init__(self, row: Row, workshop: Workshop) -> None:
        self.row = row
        self.workshop = workshop
        self.folder = workshop.folder / "rows" / row.name
        self.python = self.folder / "venv" / "bin" / "python"
        self.modules = self.folder / "clients" / "node_modules"

    def __call__(self) -> Result:
        """Prepare it, run its scenarios, and say how they went."""
        ran = ", ".join(f"`{name}`" for name in self.row.scenarios)
        versions = ""
        try:
            self.prepare()
            versions = self.versions()
            reports = [self.scenario(name) for name in self.row.scenarios]
        except Missing as missing:
            return Result(self.row.name, versions, ran, page.NOT_RUN, f"{missing} is not available here")
        except CommandError as failure:
            sys.stderr.write(f"\n{self.row.name}: {failure}\n")
            return Result(self.row.name, versions, ran, page.FAIL, "could not be run")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)
        failed = {name: trace for report in reports for name, trace in report["failed"].items()}
        for name, trace in failed.items():
            sys.stderr.write(f"\n{self.row.name}, {name}:\n{trace}\n")
        notes = [sentence for report in reports for sentence in report["limits"]]
        passed = sum(len(report["passed"]) for report in reports)
        if failed:
            return Result(self.row.name, versions, ran, page.FAIL, "; ".join([*failed, *notes]))
        return Result(self.row.name, versions, ran, f"{page.PASS}, {passed} checks", "; ".join(notes))

    def prepare(self) -> None:
        """The virtual environment, and the packages of npm."""
        python = interpreter(self.row.python)
        self.folder.mkdir(parents=True)
        run([python, "-m", "venv", "--without-pip", self.folder / "venv"], self.workshop.environment)
        self.workshop.pip("--python", self.python, "install", self.workshop.wheel, *self.row.requirements)
        if self.row.packages:
            program("node")
            home = self.modules.parent
            home.mkdir()
            latest = [f"{name}@latest" for name in self.row.packages]
            run([program(NPM[0]), *NPM[1:], "--prefix", home, *latest], folder=home)

    def versions(self) -> str:
        """Of the interpreter and of what the row is about."""
        found = run([self.python, "-I", "-c", ASK, *self.row.shown]).splitlines()
        if self.row.packages:
            found.append(f"node {run([program('node'), '--version']).strip().removeprefix('v')}")
        for name in self.row.packages:
            package = json.loads((self.modules / name / "package.json").read_text("utf-8"))
            found.append(f"{name} {package['version']}")
        return ", ".join(found)

    def scenario(self, name: str) -> Any:  # noqa: ANN401  the JSON of its last line
        """Run one in the environment; it sees neither the checkout nor this machine's settings."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), "HTTPS_PROXY": NOWHERE}
        printed = run([self.python, "-I", self.workshop.program, name, *self.arguments(name)], environment, home)
        return json.loads(printed.splitlines()[-1])

    def arguments(self, name: str) -> list[str]:
        """Where the clients are that a scenario starts."""
        if name == "node":
            return [program("node"), str(self.modules)]
        if name == "cli":
            for binary in self.modules.glob("@stripe/cli-*/bin/stripe"):
                return [str(binary)]
            raise Missing("a Stripe CLI for this machine")
        return []


def program(name: str) -> str:
    return shutil.which(name) or _missing(name)


def _missing(name: str) -> str:
    raise Missing(name)


def main() -> int:
    parser = argparse.ArgumentParser(description="Try every environment of the compatibility matrix.")
    parser.add_argument("--only", action="append", metavar="NAME", choices=[row.name for row in ROWS])
    parser.add_argument("--jobs", type=int, default=2, help="rows at a time (default: 2)")
    asked = parser.parse_args()
    rows = [row for row in ROWS if not asked.only or row.name in asked.only]
    results: dict[str, Result] = {}
    with tempfile.TemporaryDirectory(prefix="fakestripe-matrix-") as folder:
        workshop = Workshop(Path(folder))
        with ThreadPoolExecutor(asked.jobs) as pool:
            for result in pool.map(lambda row: Trial(row, workshop)(), rows):
                sys.stdout.write(result.line)
                sys.stdout.flush()
                results[result.name] = result
    page.write(results)
    failed = sum(result.result == page.FAIL for result in results.values())
    sys.stdout.write(f"{len(results)} rows, {failed} failed\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
