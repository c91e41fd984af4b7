"""`docs/end-to-end.md` is true: its tests pass in a browser, and its server answers."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from tests import pages
from tests.pages import Page

PAGE = Page("docs/end-to-end.md")
PLUGINS = ("fakestripe_meters_pytest.plugin", "pytest_playwright.pytest_playwright", "no:cacheprovider")


@pytest.mark.usefixtures("browser")
def test_the_tests_of_the_page_pass(tmp_path: Path) -> None:
    app, tests, settings = PAGE.of("python")
    for name, text in (("studio", app), ("test_studio", tests), ("conftest", settings)):
        (tmp_path / f"{name}.py").write_text(text, "utf-8")
    options = [word for plugin in PLUGINS for word in ("-p", plugin)]
    told = pages.run([sys.executable, "-m", "pytest", "-q", *options, f"--rootdir={tmp_path}"], tmp_path)
    assert "1 passed" in told


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_the_server_of_the_page_answers_as_it_says(tmp_path: Path) -> None:
    commands = [block.text for block in PAGE.blocks if block.is_curl]
    with pages.served(PAGE.serve) as url:
        for command, answer in zip(commands, PAGE.of("json"), strict=True):
            told = pages.run(["sh", "-c", command.replace(pages.HOST, url)], tmp_path)
            pages.assert_shows(json.loads(answer), json.loads(told))
