"""`docs/pytest.md` holds a whole suite: it is run."""

import re
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

TEXT = (Path(__file__).parents[2] / "docs" / "pytest.md").read_text("utf-8")
FILES = re.findall(r"^```python\n# (\w+)\.py\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def test_the_suite_of_the_document_passes(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    assert [name for name, _ in FILES] == ["app", "test_app"]
    pytester.makepyfile(**dict(FILES))
    outcome = pytester.runpytest_subprocess("-p", "fakestripe_meters_pytest.plugin")
    outcome.assert_outcomes(passed=TEXT.count("\ndef test_"))
