"""`docs/money.md` is run."""

import re
from pathlib import Path

import pytest

DOCUMENT = Path(__file__).parents[2] / "docs" / "money.md"
TEXT = DOCUMENT.read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def test_its_python_runs_and_prints_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile("\n".join(blocks("python")), str(DOCUMENT), "exec"), {})
    assert [capsys.readouterr().out] == blocks("text")


def test_the_world_that_it_serves_exists() -> None:
    [command] = blocks("sh")
    assert (DOCUMENT.parents[1] / command.split()[-1]).is_file()
