"""The page beside the fixtures lists them, and its example loads."""

import re
from pathlib import Path

from fakestripe_meters import FakeStripe
from fakestripe_meters import fixtures
from tests.pages import Page

PAGE = Page("fixtures/README.md")


def test_the_fixtures_page_has_an_example_that_loads(tmp_path: Path) -> None:
    (example,) = re.findall(r"^    \{\n(?:    .*\n)+?    \}$", PAGE.text, re.MULTILINE)
    (tmp_path / "example.json").write_text(example, "utf-8")
    with FakeStripe() as fake:
        fixtures.load(fake, tmp_path / "example.json")
        assert len(fake.journal) == 2


def test_the_fixtures_page_lists_all_worlds() -> None:
    worlds = {f"worlds/{path.name}" for path in (PAGE.path.parent / "worlds").iterdir() if path.is_file()}
    assert set(re.findall(r"^\| `(worlds/[\w.]+)` \|", PAGE.text, re.MULTILINE)) == worlds
