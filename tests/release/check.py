"""Is this a release? Build wheel and sdist, and use each as a stranger would, on every Python that is here:

    python tests/release/check.py [--quick] [--python 3.13 ...]

Each is installed in an environment of its own. There it runs the demo, a suite with the fixture, and the suite that the
documentation offers to copy, and its types are checked from outside. The wheel also becomes one file, which serves and
runs a program. Then the unpacked sdist runs the project's own
tests; `--quick` leaves that out. Needs hatchling (of the test extra), and an index of packages for pip.
"""

import argparse
import os
import re
import shlex
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copy
from shutil import copytree
from shutil import ignore_patterns
from shutil import which

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SUPPORTED = ("3.11", "3.12", "3.13", "3.14")
ALONE = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG"}
"""What would let the checkout be seen from an environment that is to be clean."""
QUIET = {"PIP_QUIET": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
TOLD = 60
DOTS = re.compile(r"[.sxXFE]+ +\[ *[0-9]+%\]")
"""How pytest counts."""


ONE_FILE = (
    "python -m pip install --no-compile --target build/pyz . && python -m zipapp build/pyz --compress "
    '--main fakestripe_meters.__main__:command --python "/usr/bin/env python3" --output fakestripe-meters.pyz'
)
"""How docs/server.md says that one file is made."""
ASK = """
import json, os
from urllib.request import Request, urlopen
def get(url, **headers):
    return urlopen(Request(url, headers={"Authorization": "Bearer sk_test_fakestripe", **headers})).read().decode()
invoice = json.loads(get("https://api.stripe.com/v1/invoices"))["data"][0]
fake = os.environ["FAKESTRIPE_URL"] + "/_fakestripe/"
assert invoice["number"] in get(fake + "page/invoices/" + invoice["id"], Accept="text/html")
print(len(json.loads(get(fake + "openapi.json"))["paths"]), "paths")
"""
"""A program that knows only the standard library: it calls Stripe, a page, and the description."""


class Failed(Exception):  # noqa: N818  a step has
    """A command did not do what it should."""


def run(*command: str | Path, cwd: Path) -> str:
    """What a command prints; `Failed` with the end of it if it does not succeed."""
    environment = {name: value for name, value in os.environ.items() if name not in ALONE} | QUIET
    words = list(map(str, command))
    done = subprocess.run(
        words, cwd=cwd, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode:
        end = "\n".join([line for line in done.stdout.splitlines() if not DOTS.fullmatch(line)][-TOLD:])
        raise Failed(f"{' '.join(words)} exited with {done.returncode}:\n{end}")
    return done.stdout


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def candidates(version: str) -> Iterator[Path]:
    """Where a Python of that version may be: this one, on the PATH, or among those of pyenv, the newest first."""
    yield Path(sys.executable)
    if found := which(f"python{version}"):
        yield Path(found)
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    kept = [path for path in versions.glob(f"{version}.*") if re.fullmatch(r"[0-9.]+", path.name)]
    for path in sorted(kept, key=lambda path: [int(each) for each in path.name.split(".")], reverse=True):
        yield path / "bin" / "python"


def interpreter(version: str) -> Path | None:
    """A Python of that version; a name on the PATH may belong to none, so each is asked."""
    for path in candidates(version):
        script = "import sys, venv, ensurepip; print(*sys.version_info[:2], sep='.')"
        try:
            asked = subprocess.run([path, "-c", script], capture_output=True, text=True, check=False)
        except OSError:
            continue
        if asked.stdout.strip() == version:
            return path
    return None


@dataclass(frozen=True)
class Environment:
    """A new virtual environment."""

    home: Path

    @classmethod
    def made(cls, python: Path, home: Path) -> "Environment":
        run(python, "-m", "venv", home, cwd=home.parent)
        return cls(home)

    def install(self, *requirements: str) -> None:
        self.run("pip", "install", *requirements, cwd=self.home)

    def run(self, program: str, *arguments: str | Path, cwd: Path) -> str:
        bin_ = self.home / ("Scripts" if os.name == "nt" else "bin")
        return run(bin_ / program, *arguments, cwd=cwd)


def build(folder: Path) -> tuple[Path, Path]:
    """Wheel and sdist, by the backend itself."""
    for kind in ("wheel", "sdist"):
        run(sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", folder, cwd=ROOT)
    (wheel,) = folder.glob("*.whl")
    (sdist,) = folder.glob("*.tar.gz")
    return wheel, sdist


def use(python: Path, archive: Path, scratch: Path) -> str:
    """Install an archive, and use it from a folder that knows nothing of this one; what the suite says at its end."""
    environment = Environment.made(python, scratch / "venv")
    environment.install(str(archive))
    environment.run("pip", "check", cwd=scratch)
    told = environment.run("fakestripe-meters", "demo", cwd=scratch)
    if not told.strip():
        raise Failed("the demo told nothing")
    environment.install(f"{archive}[lint]", "pytest")
    elsewhere = scratch / "elsewhere"
    elsewhere.mkdir()
    copy(HERE / "suite.py", elsewhere / "test_suite.py")
    copy(HERE / "program.py", elsewhere / "program.py")
    said = environment.run("pytest", "-q", "-W", "error", "test_suite.py", cwd=elsewhere)
    environment.run("mypy", "--strict", "program.py", "test_suite.py", cwd=elsewhere)
    browser = any(map(which, ("chromium-headless-shell", "chromium")))
    copied = {"app": copied_suite(environment, scratch / "token_app", "--disable-socket", "--allow-unix-socket")}
    copied["app in a browser"] = copied_suite(environment, scratch / "checkout_app") if browser else "no chromium"
    return "; ".join([last_line(said), *(f"{name} to copy: {told}" for name, told in copied.items())])


def one_file(python: Path, archive: Path, scratch: Path) -> str:
    """Make one file as the page says, from an archive, and use it without an installation; what it tells."""
    install, make = (shlex.split(command)[1:] for command in ONE_FILE.split(" && "))
    install[-1] = str(archive)
    for words in (install, make):
        run(python, *words, cwd=scratch)
    words = ["run", "--fixtures", "metered_business", "--", str(python), "-c", ASK]
    return last_line(run(python, "-I", scratch / "fakestripe-meters.pyz", *words, cwd=scratch))


def copied_suite(environment: Environment, app: Path, *options: str) -> str:
    """Run a copy of an app with its suite as its own page says; its last line."""
    copytree(ROOT / "fixtures" / app.name, app, ignore=ignore_patterns("__pycache__"))
    environment.install(f"{app}[test]", "pytest-randomly", "pytest-socket", "pytest-xdist")
    return last_line(environment.run("pytest", "-q", "-n", "2", *options, cwd=app))


def last_line(told: str) -> str:
    return told.strip().splitlines()[-1]


def own_tests(python: Path, sdist: Path, scratch: Path) -> str:
    """Run the tests that are in the sdist; their last line."""
    with tarfile.open(sdist) as archive:
        archive.extractall(scratch, filter="data")
    (source,) = scratch.iterdir()
    environment = Environment.made(python, scratch / "venv")
    environment.run("pip", "install", ".[test]", cwd=source)
    return last_line(environment.run("pytest", "-q", "-n", "2", "--maxfail", "10", cwd=source))


@contextmanager
def step(name: str, failures: list[str]) -> Iterator[list[str]]:
    """One line of the report; a step that fails lets the others go on."""
    began = time.perf_counter()
    outcome: list[str] = []
    try:
        yield outcome
    except Failed as failed:
        failures.append(f"{name}: {failed}")
        outcome = ["FAILED"]
    say(f"{name:<22} {' '.join(outcome)}  [{time.perf_counter() - began:.0f} s]")


def check(versions: Sequence[str], *, quick: bool) -> list[str]:
    """Everything; what has failed."""
    failures: list[str] = []
    with tempfile.TemporaryDirectory(prefix="release-") as name:
        scratch = Path(name)
        with step("build", failures) as outcome:
            wheel, sdist = build(scratch / "dist")
            outcome += [wheel.name, sdist.name]
        if failures:
            return failures
        for version in versions:
            python = interpreter(version)
            if python is None:
                say(f"{version:<22} not available here")
                continue
            for kind, archive in {"wheel": wheel, "sdist": sdist}.items():
                with step(f"{version} {kind}", failures) as outcome:
                    outcome.append(f"demo, suite, types: {use(python, archive, folder(scratch, version, kind))}")
            with step(f"{version} one file", failures) as outcome:
                outcome.append(one_file(python, wheel, folder(scratch, version, "one-file")))
            if not quick:
                with step(f"{version} own tests", failures) as outcome:
                    outcome.append(own_tests(python, sdist, folder(scratch, version, "own")))
    return failures


def folder(scratch: Path, *names: str) -> Path:
    path = scratch.joinpath(*names)
    path.mkdir(parents=True)
    return path


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="without the project's own tests")
    parser.add_argument("--python", action="append", choices=SUPPORTED, help="only this one; may be repeated")
    options = parser.parse_args()
    failures = check(options.python or SUPPORTED, quick=options.quick)
    for failure in failures:
        say(f"\n{failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
