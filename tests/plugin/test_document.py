"""`docs/pytest.md`: its files are run, and so is each call in its tables."""

import re
import sys
from pathlib import Path

from tests import pages
from tests.pages import Page
from tests.plugin import intents

PAGE = Page("docs/pytest.md")
FILES = {found[1]: found[2] for block in PAGE.of("python") if (found := pages.NAMED.fullmatch(block))}
PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "fakestripe_meters_pytest.plugin", "-p", "no:cacheprovider")


def rows(heading: str) -> list[list[str]]:
    """The cells of the table below a heading, without its head and the rows that name a group."""
    lines = [line for line in PAGE.section(heading).splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[1:]]
    return [row for row in cells if not row[0].startswith("**")]


ROWS = [*rows("## What you want to do"), *rows("## If you come from another tool")]
CALLS = {found[1] for row in ROWS if (found := re.match(r"`([^`]+)`", row[-1]))}


def test_the_files_of_the_document_pass(tmp_path: Path) -> None:
    assert len(FILES) == len(PAGE.of("python"))
    pages.run_tests(tmp_path, **FILES)


def test_the_first_test_prints_what_the_page_shows(tmp_path: Path) -> None:
    (tmp_path / "test_first.py").write_text(FILES["test_first"], "utf-8")
    told = pages.run([*PYTEST, "-s", "test_first.py"], tmp_path)
    (shown,) = PAGE.of("text")
    assert re.search(re.escape(shown).replace("…", r"[\w-]+"), told), told


def test_every_row_has_a_call_that_is_run_here() -> None:
    without = [row for row in ROWS if not row[-1].startswith("`")]
    assert without == [["`inScenario(…).whenScenarioStateIs(…)`", "nothing: the fake keeps its state"]]
    assert set(intents.EXAMPLE_OF) == CALLS


def test_each_call_of_the_tables_does_what_its_row_says(tmp_path: Path) -> None:
    pages.run_tests(tmp_path, **{f"test_{number}": intents.test_of(call) for number, call in enumerate(sorted(CALLS))})
