"""The release check finds the Pythons that are here, and tells what went wrong; the rest of it is run by hand."""

import runpy
import sys
from pathlib import Path

import pytest

CHECK = runpy.run_path(str(Path(__file__).with_name("check.py")))
VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"


def test_this_python_is_found_and_one_that_is_not_there_is_not() -> None:
    assert CHECK["interpreter"](VERSION) == Path(sys.executable)
    assert CHECK["interpreter"]("3.99") is None


def test_every_python_that_is_supported_is_asked_for() -> None:
    assert "3.11" in CHECK["SUPPORTED"]
    assert VERSION in CHECK["SUPPORTED"]


def test_a_command_sees_nothing_of_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "somewhere")
    script = "import os; print(os.environ.get('PYTHONPATH'), os.environ['PIP_QUIET'])"
    assert CHECK["run"](sys.executable, "-c", script, cwd=tmp_path) == "None 1\n"


def test_a_step_that_fails_is_told_and_the_others_go_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    failures: list[str] = []
    with CHECK["step"]("first", failures):
        CHECK["run"](sys.executable, "-c", "print('so it was'); raise SystemExit(3)", cwd=tmp_path)
    with CHECK["step"]("second", failures) as outcome:
        outcome.append("well")
    (failure,) = failures
    assert failure.startswith("first: ")
    assert failure.endswith("exited with 3:\nso it was")
    told = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in told] == [["first", "FAILED"], ["second", "well"]]
