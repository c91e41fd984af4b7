"""Every sentence of `core/errors/` is said somewhere."""

import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "fakestripe_meters"
TEXTS = {path: path.read_text("utf-8") for path in SOURCE.rglob("*.py")}
SENTENCES = [
    (path, name)
    for path in sorted((SOURCE / "core" / "errors").glob("*.py"))
    for name in re.findall(r"^def ([a-z]\w*)\(", TEXTS[path], re.MULTILINE)
]


@pytest.mark.parametrize(("path", "name"), SENTENCES, ids=lambda part: getattr(part, "stem", part))
def test_a_sentence_is_said_somewhere(path: Path, name: str) -> None:
    said = re.compile(rf"\b{path.stem}\.{name}\b|import {name}\b")
    within = re.compile(rf"(?<!def )\b{name}\b")
    assert within.search(TEXTS[path]) or any(said.search(text) for text in TEXTS.values())
