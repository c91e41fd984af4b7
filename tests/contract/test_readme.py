"""The README is run: its commands against a server, its Python, its answers; and its tables against the code.

What a block is, its fence says: `sh`, `python`, `json` for the answer to the command before it, `text` for a picture.
"""

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters import fixtures
from fakestripe_meters.core.limiter import PROFILES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
HOST = "http://127.0.0.1:12111"
DEMO = "pip install . && fakestripe-meters demo"
TESTS = "pip install --editable '.[test]' && coverage run -m pytest"
LINT = "pip install --editable '.[lint]' && ruff check . && ruff format --check . && mypy"
ELSEWHERE = {DEMO, TESTS, f"{TESTS}\n{LINT}"}
"""What installs is run by others: the demo's test and `.ci/run`."""
Json = Any


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block."""

    language: str
    text: str


BLOCKS = [Block(*found) for found in re.findall(r"^```(\w*)\n(.*?)\n```$", README, re.MULTILINE | re.DOTALL)]
(SERVE,) = [block.text for block in BLOCKS if block.text.startswith("fakestripe-meters serve")]


@pytest.fixture
def url() -> Iterator[str]:
    """The server that the README starts, on a free port."""
    command = [sys.executable, "-m", "fakestripe_meters", *shlex.split(SERVE)[1:], "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
        process.terminate()
    assert process.returncode == 0


def run(command: list[str]) -> str:
    """What a command prints; it must succeed, and it knows no proxy."""
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "NO_PROXY": "*", "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def assert_shows(shown: Json, actual: Json, where: str = "the answer") -> None:
    """An answer may be shortened, but what is there must be true."""
    if isinstance(shown, dict):
        assert isinstance(actual, dict), where
        for key, value in shown.items():
            assert key in actual, where
            assert_shows(value, actual[key], f"{where}[{key}]")
    elif isinstance(shown, list):
        assert len(shown) == len(actual), where
        for index, (one, other) in enumerate(zip(shown, actual, strict=True)):
            assert_shows(one, other, f"{where}[{index}]")
    else:
        assert shown == actual, where


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_every_block_works_in_the_order_of_the_page(url: str) -> None:
    answer = ""
    for block in BLOCKS:
        if block.language == "sh" and block.text.startswith("curl "):
            for command in block.text.replace(HOST, url).split("\n\n"):
                answer = run(["sh", "-c", command])
        elif block.language == "python":
            run([sys.executable, "-c", block.text.replace(HOST, url)])
        elif block.language == "json":
            assert_shows(json.loads(block.text), json.loads(answer))


def test_every_block_is_of_a_kind_that_is_run_or_looked_at() -> None:
    assert {block.language for block in BLOCKS} == {"sh", "python", "json", "text"}
    others = {block.text for block in BLOCKS if block.language == "sh" and not block.text.startswith("curl ")}
    assert others == ELSEWHERE | {SERVE}


def test_the_first_commands_are_the_demo_and_the_tests() -> None:
    assert [block.text for block in BLOCKS[:2]] == [DEMO, TESTS]


def test_what_the_tree_names_is_there() -> None:
    (tree,) = [block.text for block in BLOCKS if block.language == "text" and block.text.startswith("src/")]
    paths = re.findall(r"^( *)([\w./]+)", tree, re.MULTILINE)
    assert len(paths) > 10
    for indentation, path in paths:
        assert (ROOT / ("src/fakestripe_meters" if indentation else ".") / path).exists(), path


def test_links_lead_to_files() -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        assert link.startswith("https://") or (ROOT / link).is_file(), link


def test_the_control_plane_is_listed_whole() -> None:
    with FakeStripe() as fake:
        rules = [rule for rule in fake.wsgi_app.url_map.iter_rules() if rule.rule.startswith("/_fakestripe/")]
    calls = {f"{method} {rule.rule}" for rule in rules for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    assert set(re.findall(r"^\| `((?:GET|POST|PUT|DELETE) /_fakestripe/[\w.]+)` \|", README, re.MULTILINE)) == calls


def test_limit_profiles_are_listed_with_their_rates() -> None:
    rows = re.findall(r"^\| `(\w+)`[^|]* \| (.*) \|$", README.partition("## Rate limits")[2], re.MULTILINE)
    listed = {name: cells.split(" | ") for name, cells in rows[: len(PROFILES)]}
    assert listed.keys() == PROFILES.keys()
    for name, limits in PROFILES.items():
        rates = list(limits.to_json().values())
        unlimited = "unlimited" if rates[-1] is None else "counts as everything else"
        assert listed[name] == [f"{rate:,}/s" if rate else unlimited for rate in rates]


def test_the_fixtures_page_has_an_example_that_loads(tmp_path: Path) -> None:
    page = (ROOT / "fixtures" / "README.md").read_text("utf-8")
    (example,) = re.findall(r"^    \{\n(?:    .*\n)+?    \}$", page, re.MULTILINE)
    (tmp_path / "example.json").write_text(example, "utf-8")
    with FakeStripe() as fake:
        fixtures.load(fake, tmp_path / "example.json")
        assert len(fake.journal) == 2


def test_the_fixtures_page_lists_all_worlds() -> None:
    page = (ROOT / "fixtures" / "README.md").read_text("utf-8")
    worlds = {f"worlds/{path.name}" for path in (ROOT / "fixtures" / "worlds").iterdir() if path.is_file()}
    assert set(re.findall(r"^\| `(worlds/[\w.]+)` \|", page, re.MULTILINE)) == worlds
