"""A module that says *inferred* has a row in `docs/fidelity.md`, and no other has one.

The mark is the word in a comment or docstring: "400: inferred." Between asterisks it is only spoken of.
"""

import json
import re
from pathlib import Path

from werkzeug.test import Client

from fakestripe_meters import FakeStripe
from fakestripe_meters.fidelity import COMES_FROM
from tests.pages import Page

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "fakestripe_meters"
FAITHFUL = Page("docs/fidelity.md").section("## Where each behaviour comes from")
ROWS = FAITHFUL.partition("<!-- begin generated: inferred -->")[2].partition("<!-- end generated: inferred -->")[0]
MARK = re.compile(r"(?<!\*)\binferred\b", re.IGNORECASE)
ROW = re.compile(r"^\| `([\w/]+\.py)` \| (.+) \|$", re.MULTILINE)


def marked() -> set[str]:
    """The module that lists the marks has the word in its code, and guesses nothing."""
    modules = [path for path in SOURCE.rglob("*.py") if path.name != "fidelity.py"]
    return {path.relative_to(SOURCE).as_posix() for path in modules if MARK.search(path.read_text("utf-8"))}


def test_the_page_has_a_row_for_each_module_with_an_inferred_mark_and_for_no_other() -> None:
    rows = [module for module, _ in ROW.findall(ROWS)]
    assert len(rows) == len(set(rows))
    assert set(rows) == marked()


def test_marks_are_found() -> None:
    assert "domain/metering/ingestion.py" in marked()
    assert "core/errors/__init__.py" not in marked()


def test_the_page_lists_what_is_observed_documented_and_inferred() -> None:
    assert re.findall(r"^### (.+)$", FAITHFUL, re.MULTILINE) == ["Observed", "Documented", "Inferred"]


def served(mark: str) -> set[str]:
    """The modules with such a mark in the ledger that the fake serves."""
    client = Client(FakeStripe().wsgi_app, use_cookies=False)
    answer = client.get("/_fakestripe/fidelity", query_string={"mark": mark})
    return {entry["module"] for entry in json.loads(answer.data)["data"]}


def test_code_page_and_the_served_ledger_are_in_step() -> None:
    rows = {module for module, _ in ROW.findall(ROWS)}
    assert served("inferred") == marked() == rows
    headings = re.findall(r"^### (.+)$", FAITHFUL, re.MULTILINE)
    assert [mark.capitalize() for mark in COMES_FROM] == headings
    assert all(served(mark) for mark in COMES_FROM)
