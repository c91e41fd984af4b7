"""`fixtures/token_app` is a suite to copy: it passes outside of the repository, however it is run."""

import re
import shutil
import sys
from pathlib import Path

import pytest

from tests import pages

SOURCE = pages.ROOT / "fixtures/token_app"
PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "fakestripe_meters_pytest.plugin", "-p", "no:cacheprovider")
WITHOUT_SOCKETS = ("-p", "pytest_socket", "--disable-socket", "--allow-unix-socket")
"""An event loop makes a pair of Unix sockets for itself."""
ABOUT = 25


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return shutil.copytree(SOURCE, tmp_path / "copied", ignore=shutil.ignore_patterns("__pycache__"))


@pytest.mark.parametrize(("seed", "workers"), [(1, ("-p", "xdist", "-n", "2")), (2, ())])
def test_it_passes_in_random_order_in_parallel_and_with_sockets_closed(
    copied: Path, seed: int, workers: tuple[str, ...]
) -> None:
    shuffled = ("-p", "pytest_randomly", f"--randomly-seed={seed}")
    told = pages.run([*PYTEST, *WITHOUT_SOCKETS, *shuffled, *workers], copied)
    found = re.fullmatch(r"(\d+) passed in .*", told.strip().splitlines()[-1])
    assert found is not None, told
    assert int(found[1]) >= ABOUT


def test_it_uses_the_public_interface_only(copied: Path) -> None:
    imported = {
        line
        for path in copied.rglob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if re.match(r"\s*(from|import) (fakestripe_meters|tests)", line)
    }
    assert imported == {"from fakestripe_meters import FakeStripe", "from fakestripe_meters import MarkerOptions"}
