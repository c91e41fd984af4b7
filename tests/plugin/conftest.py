"""`run`: a suite of a user's own, with this plugin and no other, in this process."""

from collections.abc import Callable
from importlib import import_module
from pkgutil import walk_packages

import freezegun  # noqa: F401  what an inner run loads would be thrown away with it
import httpx  # noqa: F401  likewise
import pytest
import responses  # noqa: F401  likewise
import stripe  # noqa: F401  likewise

import fakestripe_meters
import fakestripe_meters_pytest.plugin  # noqa: F401  likewise

for module in walk_packages(fakestripe_meters.__path__, "fakestripe_meters."):
    if not module.name.endswith("__main__"):
        import_module(module.name)  # likewise; and a package loaded twice in part does not hold together

PLUGIN = ("-p", "fakestripe_meters_pytest.plugin", "-p", "no:fakestripe_meters", "-p", "no:cacheprovider")
Run = Callable[..., pytest.RunResult]


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Write a test file, and perhaps a conftest, and run pytest over them."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    for name in ("CI", "BUILD_NUMBER"):  # with one of these, pytest cuts nothing short
        monkeypatch.delenv(name, raising=False)

    def run(tests: str, *arguments: str, conftest: str = "") -> pytest.RunResult:
        pytester.makeconftest(conftest)
        pytester.makepyfile(tests)
        return pytester.runpytest_inprocess(*PLUGIN, *arguments)

    return run
