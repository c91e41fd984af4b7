"""What the wheel holds: both packages, their types and entry points, and nothing else."""

import json
import re
import runpy
import subprocess
import sys
import zipapp
import zipfile
from collections.abc import Iterator
from configparser import ConfigParser
from contextlib import contextmanager
from email.parser import Parser
from pathlib import Path

import pytest
import requests

import fakestripe_meters

ROOT = Path(__file__).parents[2]
SUPPORTED = runpy.run_path(str(ROOT / "tests" / "release" / "check.py"))["SUPPORTED"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.Path:
    """The wheel, built by the backend itself: pip would fetch one from the network."""
    directory = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(directory)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (archive,) = directory.iterdir()
    return zipfile.Path(archive)


@pytest.fixture(scope="module")
def dist_info(wheel: zipfile.Path) -> zipfile.Path:
    return wheel / f"fakestripe_meters-{fakestripe_meters.__version__}.dist-info"


def test_wheel_holds_both_packages_and_nothing_else(wheel: zipfile.Path, dist_info: zipfile.Path) -> None:
    assert {entry.name for entry in wheel.iterdir()} == {
        "fakestripe_meters",
        "fakestripe_meters_pytest",
        dist_info.name,
    }


@pytest.mark.parametrize("package", ["fakestripe_meters", "fakestripe_meters_pytest"])
def test_package_ships_its_modules_and_is_typed(wheel: zipfile.Path, package: str) -> None:
    assert (wheel / package / "__init__.py").is_file()
    assert (wheel / package / "py.typed").is_file()


def test_the_pages_have_their_templates_and_their_style(wheel: zipfile.Path) -> None:
    templates = Path(fakestripe_meters.__file__).parent / "pages" / "templates"
    shipped = {each.name for each in (wheel / "fakestripe_meters" / "pages" / "templates").iterdir()}
    assert shipped == {each.name for each in templates.iterdir()} >= {"layout.html", "style.css"}


def test_the_ready_made_worlds_are_in_it(wheel: zipfile.Path) -> None:
    kept = {each.name: each.read_bytes() for each in (ROOT / "fixtures" / "worlds").glob("*.json")}
    assert {each.name: each.read_bytes() for each in (wheel / "fakestripe_meters" / "worlds").iterdir()} == kept


def test_everything_that_the_code_reads_is_in_it(wheel: zipfile.Path) -> None:
    source = Path(fakestripe_meters.__file__).parent
    kept = {path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()}
    shipped = {name.partition("/")[2] for name in wheel.root.namelist() if name.startswith("fakestripe_meters/")}
    assert {each for each in kept if "__pycache__" not in each} <= shipped


def test_its_metadata_says_what_it_is(dist_info: zipfile.Path) -> None:
    told = Parser().parsestr((dist_info / "METADATA").read_text("utf-8"))
    classifiers = told.get_all("Classifier", [])
    versions = {each.rpartition(" ")[2] for each in classifiers if re.search(r":: 3\.\d+$", each)}
    assert versions == set(SUPPORTED)
    assert {each.partition(",")[0] for each in told.get_all("Project-URL", [])} == {
        "Homepage",
        "Documentation",
        "Changelog",
    }
    assert told["License-Expression"] == "MIT"
    assert not any(each.startswith("License ::") for each in classifiers)


# As one file


@pytest.fixture(scope="module")
def archive(wheel: zipfile.Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content as one file that Python runs. What it needs is where it is for these tests."""
    folder = tmp_path_factory.mktemp("archive")
    wheel.root.extractall(folder / "content")
    zipapp.create_archive(folder / "content", folder / "fake.pyz", main="fakestripe_meters.__main__:command")
    return folder / "fake.pyz"


@contextmanager
def serving(archive: Path, *arguments: str) -> Iterator[str]:
    command = [sys.executable, str(archive), "serve", "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=archive.parent) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()
    assert process.returncode == 0


def test_one_file_serves_a_world_its_pages_and_its_description(archive: Path) -> None:
    key = ("sk_test_fakestripe", "")
    with serving(archive, "--fixtures", "metered_business") as url:

        def get(path: str, **headers: str) -> str:
            answer = requests.get(f"{url}{path}", auth=key, headers=headers, timeout=60)
            assert answer.status_code == 200, answer.text
            return answer.text

        invoice = json.loads(get("/v1/invoices?limit=1&expand[]=data.customer"))["data"][0]
        assert invoice["customer"]["object"] == "customer"
        assert invoice["number"] in get(f"/_fakestripe/page/invoices/{invoice['id']}", Accept="text/html")
        assert "/v1/customers" in json.loads(get("/_fakestripe/openapi.json"))["paths"]
        assert json.loads(get("/_fakestripe/fidelity?about=POST /v1/customers"))["data"]
        assert requests.get(f"{url}/v1/quotes", auth=key, timeout=60).status_code == 501
        hook = {"url": "http://127.0.0.1:9/", "enabled_events[]": "invoice.paid"}
        assert requests.post(f"{url}/v1/webhook_endpoints", hook, auth=key, timeout=60).status_code == 200


def test_one_file_runs_a_command(archive: Path) -> None:
    code = "import requests; print(requests.get('https://api.stripe.com/v1/customers', auth=('sk_test_x', '')).ok)"
    command = [sys.executable, str(archive), "run", "--", sys.executable, "-c", code]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "True\n"


def test_one_file_exits_with_the_status_of_the_command(archive: Path) -> None:
    command = [sys.executable, str(archive), "serve", "--fixtures", "none"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=archive.parent)
    assert (done.returncode, done.stdout) == (1, "")
    assert "use api_calls, llm_tokens, or metered_business" in done.stderr


def test_entry_points_are_the_command_and_the_plugin(dist_info: zipfile.Path) -> None:
    entry_points = ConfigParser()
    entry_points.read_string((dist_info / "entry_points.txt").read_text("utf-8"))
    assert {section: dict(entry_points[section]) for section in entry_points.sections()} == {
        "console_scripts": {"fakestripe-meters": "fakestripe_meters.__main__:main"},
        "pytest11": {"fakestripe_meters": "fakestripe_meters_pytest.plugin"},
    }


def test_license_is_included(dist_info: zipfile.Path) -> None:
    assert (dist_info / "licenses" / "LICENSE").is_file()
