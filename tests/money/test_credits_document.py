"""`docs/credits-and-alerts.md` is run."""

import re
from pathlib import Path

import pytest

DOCUMENT = Path(__file__).parents[2] / "docs" / "credits-and-alerts.md"
TEXT = DOCUMENT.read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def test_its_python_runs_and_prints_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile("\n".join(blocks("python")), str(DOCUMENT), "exec"), {})
    [said] = blocks("text")
    pattern = re.escape(said).replace("…", r"[\w-]+")
    assert re.fullmatch(pattern, capsys.readouterr().out)
