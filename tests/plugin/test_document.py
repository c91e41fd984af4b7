"""`docs/pytest.md` holds a whole suite: it is run."""

from pathlib import Path

from tests import pages
from tests.pages import Page

BLOCKS = Page("docs/pytest.md").of("python")


def test_the_suite_of_the_document_passes(tmp_path: Path) -> None:
    files = {found[1]: found[2] for block in BLOCKS if (found := pages.NAMED.fullmatch(block))}
    assert list(files) == ["app", "test_app", "shop", "test_shop", "test_typed"]
    assert len(files) == len(BLOCKS)
    pages.run_tests(tmp_path, **files)
