"""A page of the documentation: its blocks, which are run in its order, and its links.

What a block is, its fence says: `sh` is a command, `python` a program or a test file, `json` the answer to the command
before it, `text` what the program before it printed. An answer may be shortened, and `…` stands for anything.
"""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
HOST = "http://127.0.0.1:12111"
APPS = ("fixtures/checkout_app", "fixtures/token_app")
"""Applications with their tests, to copy."""
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)\n\1```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"# (\w+)\.py\n(.*)", re.DOTALL)
"""A block that begins with the name of its file."""
OF_OTHERS = {
    "docs/architecture.md": "of the fake itself",
    "docs/generated-clients.md": "imports a package that has to be generated first",
}
"""Pages whose Python nobody copies as it is."""
LINK = re.compile(r"(?<!\!)\[[^\]]*\]\(([^)\s]+)\)")
Json = Any


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block."""

    language: str
    text: str

    @property
    def is_curl(self) -> bool:
        return self.language == "sh" and self.text.startswith("curl ")

    @property
    def is_test_file(self) -> bool:
        return self.language == "python" and "\ndef test_" in f"\n{self.text}"


@dataclass(frozen=True)
class Page:
    """A Markdown file of the repository, by its path from the top."""

    name: str

    @property
    def path(self) -> Path:
        return ROOT / self.name

    @cached_property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    @cached_property
    def blocks(self) -> list[Block]:
        return [Block(language, text) for _, language, text in FENCE.findall(self.text)]

    def of(self, language: str) -> list[str]:
        """The texts of all blocks in a language."""
        return [block.text for block in self.blocks if block.language == language]

    def section(self, heading: str) -> str:
        """What is under a heading such as `## Rate limits`, up to the next one of its level."""
        level, _, _ = heading.partition(" ")
        return self.text.partition(f"\n{heading}\n")[2].partition(f"\n{level} ")[0]

    @cached_property
    def prose(self) -> str:
        """The text without its blocks, fenced or indented."""
        return re.sub(r"^ {4}.*$", "", FENCE.sub("", self.text), flags=re.MULTILINE)

    @property
    def links(self) -> list[str]:
        return LINK.findall(self.prose)

    @cached_property
    def anchors(self) -> set[str]:
        """What a link can name after `#`, as GitHub makes it of each heading."""
        headings = re.findall(r"^#+ (.*)$", self.prose, re.MULTILINE)
        return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}

    @property
    def serve(self) -> str:
        """The command that starts the server of this page."""
        (command,) = [text for text in self.of("sh") if text.startswith("fakestripe-meters serve")]
        return command


def every_page() -> list[Page]:
    """All pages that people read: those of the site, and those beside the code."""
    beside = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    below = [ROOT / name / "README.md" for name in ("fixtures", *APPS, "benchmarks")]
    paths = [*beside, *sorted(ROOT.glob("docs/*.md")), *below]
    return [Page(path.relative_to(ROOT).as_posix()) for path in paths]


@contextmanager
def served(command: str) -> Iterator[str]:
    """The server that a page starts, on a free port: its URL."""
    words = [sys.executable, "-m", "fakestripe_meters", *shlex.split(command)[1:], "--port", "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()
    assert process.returncode == 0


def run(command: list[str], folder: Path = ROOT) -> str:
    """What a command prints; it must succeed, and it knows no proxy."""
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "NO_PROXY": "*",
        "PYTHONPATH": ":".join(sys.path),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        **{name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")},
    }
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", check=False, env=environment, cwd=folder
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run_program(*blocks: str) -> str:
    """What blocks print that are one program, in a process of its own."""
    return run([sys.executable, "-c", "\n".join(blocks)])


def run_tests(folder: Path, **files: str) -> None:
    """Run test files, with the plugin and nothing else."""
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text, "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "fakestripe_meters_pytest.plugin", "-p", "no:cacheprovider"]
    passed = run([*command, f"--rootdir={folder}", str(folder)], folder)
    assert f"{sum(text.count('def test_') for text in files.values())} passed" in passed


def python_files() -> dict[str, str]:
    """The Python of all pages that users copy from, as files by name: what names its file, and the rest of a page."""
    files: dict[str, str] = {}
    for page in every_page():
        if page.name in OF_OTHERS:
            continue
        found = [NAMED.fullmatch(text) for text in page.of("python")]
        for match in filter(None, found):
            assert match[1] not in files, f"two pages have {match[1]}.py: give one another name"
            files[match[1]] = match[2]
        rest = [text for text, match in zip(page.of("python"), found, strict=True) if match is None]
        if rest:
            files[re.sub(r"\W", "_", page.name.removesuffix(".md"))] = "\n\n\n".join(rest)
    return {f"{name}.py": f"{text}\n" for name, text in files.items()}


def run_in_order(page: Page, folder: Path) -> None:
    """Run every block of a page that has a server: each command, program and test file, and compare the answers."""
    with served(page.serve) as url:
        answer = ""
        for block in page.blocks:
            if block.is_curl:
                for command in block.text.replace(HOST, url).split("\n\n"):
                    answer = run(["sh", "-c", command], folder)
            elif block.is_test_file:
                run_tests(folder, test_page=block.text)
            elif block.language == "python":
                run_program(block.text.replace(HOST, url))
            elif block.language == "json":
                assert_shows(json.loads(block.text), json.loads(answer))


def assert_prints(page: Page, printed: str) -> None:
    """The page's `text` blocks are what its program printed."""
    expected = "".join(f"{text}\n" for text in page.of("text"))
    assert re.fullmatch(re.escape(expected).replace("…", r"[\w-]+"), printed), printed


def assert_shows(shown: Json, actual: Json, where: str = "the answer") -> None:
    """An answer may be shortened, but what is there must be true."""
    if isinstance(shown, dict):
        assert isinstance(actual, dict), where
        for key, value in shown.items():
            assert key in actual, where
            assert_shows(value, actual[key], f"{where}[{key}]")
    elif isinstance(shown, list):
        assert isinstance(actual, list), where
        assert len(shown) == len(actual), where
        for index, (one, other) in enumerate(zip(shown, actual, strict=True)):
            assert_shows(one, other, f"{where}[{index}]")
    else:
        assert shown == actual, where
