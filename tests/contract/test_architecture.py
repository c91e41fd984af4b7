"""The page on the architecture names what is there, and its example works."""

import re
import sys
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters import resources
from fakestripe_meters.core.account import Part
from tests.conftest import DOORS
from tests.conftest import Call
from tests.pages import Page

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "fakestripe_meters"
PAGE = Page("docs/architecture.md")
MODULE, TESTS = PAGE.of("python")
OF_THE_EXAMPLE = {"resources/notes.py", "tests/resources/test_notes.py"}


def test_paths_that_are_named_exist() -> None:
    (picture,) = PAGE.of("text")
    quoted = re.findall(r"`([\w./]+(?:\.py|/))`", PAGE.prose)
    paths = {*quoted, *re.findall(r"[\w.]+(?:\.py|/)", picture)} - OF_THE_EXAMPLE
    assert len(paths) > 40
    assert [path for path in sorted(paths) if not (SOURCE / path).exists() and not (ROOT / path).exists()] == []


def test_every_package_is_named() -> None:
    packages = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    assert {each for each in packages if f"`{each}/" not in PAGE.text} == set()


def test_names_of_the_code_are_there() -> None:
    source = "\n".join(path.read_text("utf-8") for path in SOURCE.rglob("*.py"))
    names = set(re.findall(r"`(?:\w+\.)*(_?[A-Za-z]\w+)(?:\([\w()]*\))?`", PAGE.text)) - {"call"}
    assert len(names) > 20
    assert {name for name in names if not re.search(rf"\b{name}\b", source)} == set()


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Callable[[Call], None]]]:
    """The tests of the example, with its module in the registry."""
    name = "fakestripe_meters.resources.notes"
    module = ModuleType(name)
    monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(resources, "MODULES", resources.MODULES | {"notes": "/v1/notes"})
    exec(MODULE, vars(module))
    resources.registry.cache_clear()
    tests: dict[str, Callable[[Call], None]] = {}
    exec(TESTS, {}, tests)
    yield {name: test for name, test in tests.items() if name.startswith("test_")}
    del Part.kinds["notes"]
    resources.registry.cache_clear()


@pytest.mark.parametrize("door", ["engine", "wsgi", "sdk"])
def test_the_example_of_a_new_object_passes_its_own_tests(notes: dict[str, Callable[[Call], None]], door: str) -> None:
    assert len(notes) > 1
    with FakeStripe(now="2025-01-01T00:00:00Z") as fake:
        for test in notes.values():
            test(Call(DOORS[door], fake))
        assert fake.engine.failures == []
        fake.restore(fake.snapshot())
