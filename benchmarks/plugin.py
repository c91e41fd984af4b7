"""What the pytest plugin costs: a test that uses its fixture, and a suite that does not.

python -m benchmarks.plugin
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import bars
from benchmarks.figures import Figure
from benchmarks.figures import Size
from benchmarks.figures import Work
from benchmarks.figures import compare
from benchmarks.figures import show


def measure(size: Size) -> Iterator[Figure]:
    """Yield every figure."""
    with TemporaryDirectory() as name:
        directory, tests = Path(name), size.pick(400, 20)
        write(directory, tests)
        yield fixture(directory, tests, rounds=size.pick(7, 1))
        yield collecting(directory, rounds=size.pick(15, 1))


def write(directory: Path, tests: int) -> None:
    """Write suites of one test and of many, with the fixture and without."""
    for argument, name in (("", "without"), ("fakestripe", "with")):
        body = f"def test_it({argument}): pass\n"
        parametrised = f"import pytest\n@pytest.mark.parametrize('n', range({tests}))\n{body.replace('(', '(n, ')}"
        (directory / f"test_{name}.py").write_text(parametrised)
        (directory / f"test_{name}_one.py").write_text(f"import pytest\n{body}")


def fixture(directory: Path, tests: int, rounds: int) -> Figure:
    """What the fixture adds to each test: the slope between runs with it and without, start-up left out."""
    runs = ("test_with", "test_with_one", "test_without", "test_without_one")
    contenders: dict[str, Work] = {name: partial(run_pytest, directory, f"{name}.py") for name in runs}
    took = compare(contenders, rounds=rounds)
    used = took["test_with"] - took["test_with_one"]
    unused = took["test_without"] - took["test_without_one"]
    return bars.FIXTURE.measured((used - unused) / (tests - 1) / 1e3)


def collecting(directory: Path, rounds: int) -> Figure:
    """Collect a suite that never uses the fixture, with the plugin and without; and how much equal runs differ."""
    collect = partial(run_pytest, directory, "test_without.py", "--collect-only")
    contenders: dict[str, Work] = {
        "with": collect,
        "without": partial(collect, plugin=False),
        "again": partial(collect, plugin=False),
    }
    took = compare(contenders, rounds=rounds)
    figure = bars.UNUSED_PLUGIN.ratio(took["with"], took["without"])
    noise = abs(took["again"] / took["without"] - 1)
    return bars.UNUSED_PLUGIN.measured(
        took["with"] / took["without"], f"{figure.remark}; equal runs differ by {noise:.1%}"
    )


def run_pytest(directory: Path, *arguments: str, plugin: bool = True) -> None:
    """Run pytest with this plugin alone, or with none."""
    chosen = ["-p", "fakestripe_meters_pytest.plugin"] if plugin else []
    command = [sys.executable, "-m", "pytest", "-qq", "-p", "no:cacheprovider", *chosen, *arguments]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    subprocess.run(command, cwd=directory, env=environment, check=True, capture_output=True)


if __name__ == "__main__":
    show(measure)
