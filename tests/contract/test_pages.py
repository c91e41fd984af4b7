"""The documentation is run: commands against a server, programs, test files; and its links lead somewhere."""

import json
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fakestripe_meters import FakeStripe
from tests import pages
from tests.pages import Page

PAGES = pages.every_page()
SERVED = [Page("README.md"), Page("docs/server.md"), Page("docs/control-plane.md"), Page("docs/fidelity.md")]
"""They start a server, and talk to it."""
PROGRAMS = [
    Page("docs/changes.md"),
    Page("docs/checkout.md"),
    Page("docs/credit-notes.md"),
    Page("docs/credits-and-alerts.md"),
    Page("docs/discounts.md"),
    Page("docs/money.md"),
    Page("docs/not-served.md"),
    Page("docs/paying.md"),
    Page("docs/schedules.md"),
    Page("docs/pausing.md"),
    Page("docs/usage-files.md"),
    Page("docs/portal.md"),
    Page("docs/python.md"),
    Page("docs/restricted-keys.md"),
    Page("docs/v2-and-webhooks.md"),
    Page("docs/vendors/index.md"),
]
"""Their Python is one program."""
IN_A_BROWSER = Page("docs/end-to-end.md")
"""Its tests need a browser, and are run beside the others that do: by `tests/browser/test_end_to_end_page.py`."""
TEST_FILES = {"docs/troubleshooting.md", "docs/pytest.md", "docs/architecture.md", IN_A_BROWSER.name}
"""Their Python is test files, and what these need: the first is run here, the others by their own tests."""
OTHER_LANGUAGES = Page("docs/other-languages.md")
"""Its project with vitest is run by `tests/clients/test_other_languages.py`. It says what nobody has run."""
GENERATED = Page("docs/generated-clients.md")
"""Its commands and its two programs are run by `tests/clients/test_generated.py`."""
LOOKED_AT = {"text", "yaml"}
OF_ITS_OWN = {
    "js": [IN_A_BROWSER.name],
    "dockerfile": ["docs/server.md"],
    "ts": [OTHER_LANGUAGES.name, GENERATED.name],
    **{language: [OTHER_LANGUAGES.name] for language in ("ruby", "go", "php", "java", "csharp")},
}
"""Run as those above, and below."""
DOCKERFILE = pages.ROOT / "fixtures" / "container" / "Dockerfile"
ONE_FILE = runpy.run_path(str(pages.ROOT / "tests" / "release" / "check.py"))["ONE_FILE"]
COMMANDS = {
    "pip install . && fakestripe-meters demo",
    "pip install --editable '.[test]' && python -m pytest",
    "pip install --editable '.[test]' && pytest",
    "pip install . pytest 'stripe[async]'",
    "pip install --editable '.[test]' && playwright install chromium && pytest",
    "pip install . flask pytest-playwright && playwright install chromium",
    "pip install --editable '.[lint]' && ruff check . && ruff format --check . && mypy",
    "pip install --editable '.[docs]' && mkdocs serve",
    "pip install --editable '.[test,bench]' && python benchmarks/report.py",
    "pip install --editable '.[test,mutation]' && python tests/mutation/run.py",
    ONE_FILE,
    "python docs/generate.py",
    "python tests/matrix/run.py",
    "python tests/release/check.py",
    ".ci/run",
    ".ci/claims",
}
"""What installs, takes long or never ends: run by `.ci/run`, by `.ci/claims`, by the demo's test."""


def by_name(page: Page) -> str:
    return page.name


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
@pytest.mark.parametrize("page", SERVED, ids=by_name)
def test_every_block_works_in_the_order_of_the_page(page: Page, tmp_path: Path) -> None:
    pages.run_in_order(page, tmp_path)


@pytest.mark.parametrize("page", PROGRAMS, ids=by_name)
def test_the_program_of_a_page_runs_and_prints_what_the_page_shows(page: Page) -> None:
    assert len(page.of("python")) > 4
    pages.assert_prints(page, pages.run_program(*page.of("python")))


def test_the_tests_of_the_page_on_troubles_pass(tmp_path: Path) -> None:
    blocks = Page("docs/troubleshooting.md").of("python")
    assert len(blocks) > 4
    pages.run_tests(tmp_path, test_page="\n\n\n".join(blocks))


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_every_block_is_of_a_kind_that_is_run_or_looked_at(page: Page) -> None:
    for block in page.blocks:
        if block.language == "sh":
            serving = page in [*SERVED, IN_A_BROWSER, OTHER_LANGUAGES] and block.text == page.serve
            known = (page in SERVED and block.is_curl) or serving or page == GENERATED
            assert known or block.text in COMMANDS or is_fixture(block.text), block.text
        elif block.language == "python":
            assert page in [*SERVED, *PROGRAMS, GENERATED] or page.name in TEST_FILES
        elif block.language == "json":
            assert page in [*SERVED, OTHER_LANGUAGES]
        elif block.language in OF_ITS_OWN:
            assert page.name in OF_ITS_OWN[block.language]
        else:
            assert block.language in LOOKED_AT, block.text


def is_fixture(command: str) -> bool:
    """A server that is filled from a file that is there."""
    start, _, file = command.rpartition(" ")
    return start == "fakestripe-meters serve --fixtures" and (pages.ROOT / file).is_file()


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_links_lead_to_files_and_to_headings_in_them(page: Page) -> None:
    for link in page.links:
        if link.startswith("https://"):
            continue
        target, _, anchor = link.partition("#")
        file = (page.path.parent / target).resolve() if target else page.path
        assert file.is_file(), link
        if anchor:
            assert anchor in Page(file.relative_to(pages.ROOT).as_posix()).anchors, link


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_every_page_is_linked_from_the_readme(page: Page) -> None:
    assert page.name in ["README.md", *Page("README.md").links]


def test_the_image_of_the_page_is_the_one_to_build() -> None:
    (recipe,) = Page("docs/server.md").of("dockerfile")
    assert f"{recipe}\n" == DOCKERFILE.read_text("utf-8")


def test_the_container_is_healthy_when_the_server_is_and_starts_it() -> None:
    recipe = DOCKERFILE.read_text("utf-8")
    health, start = (json.loads(line) for line in re.findall(r"CMD (\[.*\])$", recipe, re.MULTILINE))
    with FakeStripe() as fake:
        _, option, script = health
        pages.run([sys.executable, option, script.replace(pages.HOST, fake.url)])
    program, *arguments = start
    assert program == "fakestripe-meters"
    pages.run([sys.executable, "-m", "fakestripe_meters", *arguments, "--help"])


def test_the_container_is_built_from_what_is_copied_into_it(tmp_path: Path) -> None:
    for line in re.findall(r"^COPY (?!--)(.*)$", DOCKERFILE.read_text("utf-8"), re.MULTILINE):
        *sources, target = shlex.split(line)
        for source in sources:
            there = tmp_path / target / (source if target.endswith("/") else "")
            kept = pages.ROOT / source
            shutil.copytree(kept, there) if kept.is_dir() else shutil.copy(kept, there)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]
    # Without the measuring of coverage, which would count the copy as code that no test runs.
    environ = {name: value for name, value in os.environ.items() if name != "COVERAGE_PROCESS_START"}
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, env=environ)
    assert list(tmp_path.glob("dist/*.whl"))
