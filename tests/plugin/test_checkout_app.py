"""`fixtures/checkout_app` is an app with tests in a browser, to copy: they pass elsewhere, however they are run."""

import re
import shutil
import sys
from pathlib import Path

import pytest

from tests import pages
from tests.clients.conftest import missing

SOURCE = pages.ROOT / "fixtures/checkout_app"
PLUGINS = ("fakestripe_meters_pytest.plugin", "pytest_playwright.pytest_playwright", "no:cacheprovider")
PYTEST = (sys.executable, "-m", "pytest", "-q", *(word for plugin in PLUGINS for word in ("-p", plugin)))
ABOUT = 6


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    if not (shutil.which("chromium-headless-shell") or shutil.which("chromium")):
        missing("chromium-headless-shell or chromium: CONTRIBUTING.md, 'Set up'")
    return shutil.copytree(SOURCE, tmp_path / "copied", ignore=shutil.ignore_patterns("__pycache__"))


@pytest.mark.parametrize(("seed", "workers"), [(1, ("-p", "xdist", "-n", "2")), (2, ())])
def test_it_passes_in_random_order_and_in_parallel(copied: Path, seed: int, workers: tuple[str, ...]) -> None:
    told = pages.run([*PYTEST, "-p", "pytest_randomly", f"--randomly-seed={seed}", *workers], copied)
    found = re.fullmatch(r"(\d+) passed in .*", told.strip().splitlines()[-1])
    assert found is not None, told
    assert int(found[1]) >= ABOUT


def test_the_app_knows_no_fake_and_its_tests_only_the_public_interface() -> None:
    texts = {path: path.read_text("utf-8") for path in SOURCE.rglob("*.py")}
    assert [path for path, text in texts.items() if "fake" in text.lower() and "src" in path.parts] == []
    imports = re.findall(r"^\s*(?:from|import) (?:fakestripe_meters|tests).*", "\n".join(texts.values()), re.MULTILINE)
    assert set(imports) == {"from fakestripe_meters import FakeStripe", "from fakestripe_meters import MarkerOptions"}
