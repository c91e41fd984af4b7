"""What the code marks as inferred has a row in `docs/fidelity.md` and an entry in the ledger that is served."""

import ast
import json
import re
import runpy
from pathlib import Path

from werkzeug.test import Client

from fakestripe_meters import FakeStripe
from fakestripe_meters.fidelity import COMES_FROM
from tests.pages import Page

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "fakestripe_meters"
FAITHFUL = Page("docs/fidelity.md").section("## Where each behaviour comes from")
ROWS = FAITHFUL.partition("<!-- begin generated: inferred -->")[2].partition("<!-- end generated: inferred -->")[0]
ROW = re.compile(r"^\| `([\w/]+\.py)` \| (.+) \|$", re.MULTILINE)
MARKED = re.compile(r"^ *(?:@inferred\(|# inferred: )", re.MULTILINE | re.IGNORECASE)
GENERATE = runpy.run_path(str(ROOT / "docs" / "generate.py"))


def marked() -> set[str]:
    """The modules that carry such a mark."""
    modules = {path.relative_to(SOURCE).as_posix(): path.read_text("utf-8") for path in SOURCE.rglob("*.py")}
    return {module for module, text in modules.items() if MARKED.search(text)}


def test_the_table_of_what_is_inferred_is_made_from_the_marks_as_they_are() -> None:
    page = (ROOT / "docs" / "fidelity.md").read_text("utf-8")
    assert GENERATE["fidelity_page"](page) == page, "docs/fidelity.md is stale: run `python docs/generate.py`"


def test_the_page_has_a_row_for_each_module_with_an_inferred_mark_and_for_no_other() -> None:
    rows = [module for module, _ in ROW.findall(ROWS)]
    assert len(rows) == len(set(rows))
    assert set(rows) == marked()


def test_marks_are_found() -> None:
    assert "domain/metering/ingestion.py" in marked()
    assert "core/errors/__init__.py" not in marked()


def test_no_docstring_carries_a_mark_in_its_running_words() -> None:
    docstrings = {
        f"{path.relative_to(SOURCE)}:{node.lineno}": ast.get_docstring(node) or ""
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
    }
    assert {place: text for place, text in docstrings.items() if re.search(r"\b(inferred|observed):", text)} == {}


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
