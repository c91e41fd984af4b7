"""What the code marks has a row in `docs/fidelity.md` and an entry in the ledger that is served."""

import ast
import json
import re
import runpy
from pathlib import Path

import pytest
from werkzeug.test import Client

from fakestripe_meters import FakeStripe
from fakestripe_meters.fidelity import ledger
from fakestripe_meters.fidelity import route_of
from fakestripe_meters.marks import COMES_FROM
from fakestripe_meters.resources import registry
from tests.pages import Page

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "fakestripe_meters"
FAITHFUL = Page("docs/fidelity.md").section("## Where each behaviour comes from")
ROW = re.compile(r"^\| `([\w/]+\.py)` \| (.+) \|$", re.MULTILINE)
GENERATE = runpy.run_path(str(ROOT / "docs" / "generate.py"))
every_mark = pytest.mark.parametrize("mark", COMES_FROM)


def rows(mark: str) -> list[str]:
    """The modules that the table of a kind of mark has rows for."""
    table = FAITHFUL.partition(f"<!-- begin generated: {mark} -->")[2].partition(f"<!-- end generated: {mark} -->")[0]
    return [module for module, _ in ROW.findall(table)]


def marked(mark: str) -> set[str]:
    """The modules that carry such a mark."""
    pattern = re.compile(rf"^ *(?:@{mark}\(|# {mark}: )", re.MULTILINE | re.IGNORECASE)
    modules = {path.relative_to(SOURCE).as_posix(): path.read_text("utf-8") for path in SOURCE.rglob("*.py")}
    return {module for module, text in modules.items() if pattern.search(text)}


def test_the_tables_are_made_from_the_marks_as_they_are() -> None:
    page = (ROOT / "docs" / "fidelity.md").read_text("utf-8")
    assert GENERATE["fidelity_page"](page) == page, "docs/fidelity.md is stale: run `python docs/generate.py`"


def test_the_ledger_page_is_made_from_the_marks_as_they_are() -> None:
    page = (ROOT / "docs" / "ledger.md").read_text("utf-8")
    assert GENERATE["ledger_page"]() == page, "docs/ledger.md is stale: run `python docs/generate.py`"


@every_mark
def test_the_page_has_a_row_for_each_module_with_a_mark_and_for_no_other(mark: str) -> None:
    assert set(rows(mark)) == marked(mark)
    assert rows(mark)


def test_the_ledger_page_has_a_row_for_each_call_and_each_sentence() -> None:
    page = (ROOT / "docs" / "ledger.md").read_text("utf-8")
    for endpoint in registry().endpoints():
        assert f"| [`{route_of(endpoint)}`](reference.md#" in page
    assert "| `No such {noun}: '{identifier}'` | **observed**: the sentence" in page


def test_marks_are_found() -> None:
    assert "domain/metering/ingestion.py" in marked("inferred")
    assert "core/errors/__init__.py" not in marked("inferred")


def test_no_docstring_carries_a_mark_in_its_running_words() -> None:
    docstrings = {
        f"{path.relative_to(SOURCE)}:{node.lineno}": ast.get_docstring(node) or ""
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
    }
    assert {
        place: text for place, text in docstrings.items() if re.search(r"\b(inferred|observed|disputed):", text)
    } == {}


def test_the_page_lists_what_is_observed_documented_disputed_and_inferred() -> None:
    assert re.findall(r"^### (.+)$", FAITHFUL, re.MULTILINE) == [mark.capitalize() for mark in COMES_FROM]


def served(mark: str) -> set[str]:
    """The modules with such a mark in the ledger that the fake serves."""
    client = Client(FakeStripe().wsgi_app, use_cookies=False)
    answer = client.get("/_fakestripe/fidelity", query_string={"mark": mark})
    return {entry["module"] for entry in json.loads(answer.data)["data"]}


@every_mark
def test_code_page_and_the_served_ledger_are_in_step(mark: str) -> None:
    pages_of_stripe = {entry.module for entry in ledger() if mark in entry.marks and not entry.words(mark)}
    assert served(mark) == set(rows(mark)) | pages_of_stripe
