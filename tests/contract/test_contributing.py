"""CONTRIBUTING.md names what is there, and what `.ci/run` does."""

import re

from tests.pages import ROOT
from tests.pages import Page

PAGE = Page("CONTRIBUTING.md")


def test_what_the_tree_names_is_there() -> None:
    (tree,) = [text for text in PAGE.of("text") if text.startswith("src/")]
    paths = re.findall(r"^( *)([\w./]+)", tree, re.MULTILINE)
    assert len(paths) > 10
    for indentation, path in paths:
        assert (ROOT / ("src/fakestripe_meters" if indentation else ".") / path).exists(), path


def test_paths_that_are_named_exist() -> None:
    quoted = re.findall(r"`((?:[\w.]+/)+[\w.]*)`", PAGE.prose)
    assert len(quoted) > 10
    bases = (ROOT, ROOT / "src" / "fakestripe_meters")
    assert [path for path in quoted if not any((base / path).exists() for base in bases)] == []
