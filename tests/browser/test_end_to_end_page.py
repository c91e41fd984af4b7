"""`docs/end-to-end.md` is true: its tests pass in a browser, and its server answers."""

import sys
from pathlib import Path

import pytest

from tests import pages
from tests.clients.conftest import prepared
from tests.clients.conftest import run
from tests.pages import Page

PAGE = Page("docs/end-to-end.md")
PLUGINS = ("fakestripe_meters_pytest.plugin", "pytest_playwright.pytest_playwright", "no:cacheprovider")


@pytest.mark.usefixtures("program")
def test_the_tests_of_the_page_pass(tmp_path: Path) -> None:
    app, tests, settings = PAGE.of("python")
    for name, text in (("studio", app), ("test_studio", tests), ("conftest", settings)):
        (tmp_path / f"{name}.py").write_text(text, "utf-8")
    options = [word for plugin in PLUGINS for word in ("-p", plugin)]
    told = pages.run([sys.executable, "-m", "pytest", "-q", *options, f"--rootdir={tmp_path}"], tmp_path)
    assert "1 passed" in told


def test_the_suite_of_the_page_for_node_passes(node: str, program: str, tmp_path: Path) -> None:
    (suite,) = PAGE.of("js")
    (tmp_path / "node_modules").symlink_to(prepared("playwright").parent, target_is_directory=True)
    with pages.served(PAGE.serve) as url:
        (tmp_path / "page.test.mjs").write_text(suite.replace(pages.HOST, url), "utf-8")
        done = run([node, "--test", "page.test.mjs"], tmp_path, {"CHROMIUM": program})
    assert done.returncode == 0, done.stdout
    assert "# pass 1" in done.stdout
