"""docs/compatibility.md tells of every environment that the matrix knows. The matrix itself is another command's."""

import pytest

from tests.matrix import page
from tests.matrix.rows import PAGE
from tests.matrix.rows import ROWS
from tests.matrix.rows import SCENARIOS
from tests.matrix.rows import Row
from tests.matrix.rows import oldest

RESULTS = page.read()


def test_the_page_has_the_rows_in_their_order() -> None:
    assert list(RESULTS) == [row.name for row in ROWS]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_each_row_passed_or_says_why_not(row: Row) -> None:
    found = RESULTS[row.name]
    assert found.result.startswith(page.PASS) or found.note
    assert found.scenarios == ", ".join(f"`{name}`" for name in row.scenarios)
    if found.result != page.NOT_RUN:
        assert all(f"{name} " in found.versions for name in row.shown)


def test_what_was_run_is_told() -> None:
    assert all(f"- `{name}`: {sentence}\n" in PAGE.read_text("utf-8") for name, sentence in SCENARIOS.items())
    assert {name for row in ROWS for name in row.scenarios} == set(SCENARIOS)


def test_the_oldest_are_those_that_the_project_admits() -> None:
    for name in ("flask", "werkzeug", "freezegun", "responses", "pytest"):
        version = oldest(name).partition("==")[2]
        assert f"{name} {version}." in RESULTS["all-oldest"].versions


def test_results_are_written_over_those_of_the_same_name(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path_factory.mktemp("docs") / PAGE.name
    copy.write_text(PAGE.read_text("utf-8"), "utf-8")
    monkeypatch.setattr(page, "PAGE", copy)
    newest = page.Result("node", "node 1", "`node`", page.FAIL, "it broke")
    page.write({"node": newest})
    assert page.read() == {**RESULTS, "node": newest}
    page.write({"node": RESULTS["node"]})
    assert copy.read_text("utf-8") == PAGE.read_text("utf-8")
