"""The page on other languages: its project with vitest is run as it stands there, against the command itself."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters.control.rows import ROWS
from tests.clients.conftest import ROOT
from tests.clients.conftest import prepared
from tests.clients.conftest import run
from tests.pages import Page
from tests.pages import served

PAGE = Page("docs/other-languages.md")
NAMED = re.compile(r"// (\S+)\n(.*)", re.DOTALL)
PATIENCE_S = 300
"""Also a machine that does much else comes to an end."""
VITEST = [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--no-color",
    f"--testTimeout={PATIENCE_S // 3}000",
    f"--hookTimeout={PATIENCE_S // 3}000",
]
SHORT_ENOUGH = 35
"""The lines that a user may have to copy to get at the control plane."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The files of the page, the packages of this machine, and a command `fakestripe-meters` of this source."""
    for name, text in files().items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{text}\n", "utf-8")
    (tmp_path / "node_modules").symlink_to(prepared("vitest").parent, target_is_directory=True)
    command = tmp_path / "bin" / "fakestripe-meters"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m fakestripe_meters "$@"\n', "utf-8")
    command.chmod(0o755)
    return tmp_path


def files() -> dict[str, str]:
    """The project by file name: its `package.json`, and what names its file in the first line."""
    (package,) = PAGE.of("json")
    named = [NAMED.fullmatch(text) for text in PAGE.of("ts")]
    return {"package.json": package} | {match[1]: match[2] for match in named if match}


def vitest(node: str, project: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": f"{project / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": ":".join(sys.path),
        **{name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")},
    }
    return run([node, *VITEST], project, environment, PATIENCE_S)


def test_every_test_of_the_project_passes(node: str, project: Path) -> None:
    done = vitest(node, project)
    assert done.returncode == 0, done.stdout + done.stderr
    tests = sum(len(re.findall(r"^test\(", text, re.MULTILINE)) for text in PAGE.of("ts"))
    assert re.search(rf"Tests +{tests} passed \({tests}\)", done.stdout), done.stdout


def test_the_project_compiles(node: str, project: Path) -> None:
    compiler = [str(prepared("typescript/bin/tsc")), "--noEmit", "--skipLibCheck", "--strict"]
    options = ["--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler", "--types", "node"]
    sources = [name for name in files() if name.endswith(".ts")]
    done = run([node, *compiler, *options, *sources], project, {}, PATIENCE_S)
    assert done.returncode == 0, done.stdout


def test_a_server_that_does_not_start_fails_the_run_with_its_own_message(node: str, project: Path) -> None:
    servers = project / "test" / "servers.ts"
    servers.write_text(servers.read_text("utf-8").replace('"--now", ', '"--nwo", '), "utf-8")
    done = vitest(node, project)
    assert done.returncode != 0
    assert "unrecognized arguments: --nwo" in done.stderr
    assert "fakestripe-meters exited with status 2; its message is above" in done.stdout + done.stderr


def test_without_the_command_the_run_says_what_the_page_says(node: str, project: Path) -> None:
    (project / "bin" / "fakestripe-meters").unlink()
    environment = {"PATH": str(project / "bin")}
    done = run([node, *VITEST], project, environment, PATIENCE_S)
    assert done.returncode != 0
    assert "spawn fakestripe-meters ENOENT" in done.stdout + done.stderr
    assert "`spawn fakestripe-meters ENOENT`" in PAGE.text


def test_the_server_of_the_page_is_healthy_once_it_has_named_its_address() -> None:
    with served(PAGE.serve) as url, urlopen(f"{url}/_fakestripe/health") as answer:
        assert json.load(answer)["status"] == "ok"


def test_the_project_has_the_packages_that_are_tried() -> None:
    wanted = json.loads(files()["package.json"])["devDependencies"]
    tried = json.loads((ROOT / "tests/clients/package.json").read_text("utf-8"))["dependencies"]
    assert wanted == {name: tried[name] for name in ("@types/node", "stripe", "vitest")}


def test_the_helper_is_short() -> None:
    assert len(files()["test/fake.ts"].splitlines()) <= SHORT_ENOUGH


def test_without_its_protocol_the_sdk_says_what_the_page_says(node: str, fake: FakeStripe, tmp_path: Path) -> None:
    address, _, port = fake.url.removeprefix("http://").partition(":")
    script = f"""
      const stripe = require('stripe')('sk_test_fakestripe', {{host: '{address}', port: {port}, maxNetworkRetries: 0}});
      stripe.customers.list().catch((error) => console.log(error.message));
    """
    done = run([node, "-e", script], tmp_path, {"NODE_PATH": str(prepared("stripe").parent)})
    assert done.stdout.startswith("An error occurred with our connection to Stripe")
    assert "`An error occurred with our connection to Stripe`" in PAGE.text


@pytest.mark.parametrize("language", ["ts", "ruby", "go", "php", "java", "csharp"])
def test_examples_call_what_the_control_plane_has(language: str) -> None:
    known = {re.sub(r"<\w+>", "…", row.path.removeprefix("/")) for row in ROWS}
    called: set[str] = set()
    for block in PAGE.of(language):
        told = re.sub(r"\$\{[^}]*\}", "…", block)
        called |= set(re.findall(r"""fake\((?:t, )?['"]([\w/]+)['"]""", told, re.IGNORECASE))
        called |= set(re.findall(r"""call\("[A-Z]+", ["`]([\w/…]+)""", told))
    assert called
    assert called <= known
