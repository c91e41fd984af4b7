"""What the wheel holds: both packages, their types and entry points, and nothing else."""

import subprocess
import sys
import zipfile
from configparser import ConfigParser
from pathlib import Path

import pytest

import fakestripe_meters

ROOT = Path(__file__).parents[2]


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


def test_entry_points_are_the_command_and_the_plugin(dist_info: zipfile.Path) -> None:
    entry_points = ConfigParser()
    entry_points.read_string((dist_info / "entry_points.txt").read_text("utf-8"))
    assert {section: dict(entry_points[section]) for section in entry_points.sections()} == {
        "console_scripts": {"fakestripe-meters": "fakestripe_meters.__main__:main"},
        "pytest11": {"fakestripe_meters": "fakestripe_meters_pytest.plugin"},
    }


def test_license_is_included(dist_info: zipfile.Path) -> None:
    assert (dist_info / "licenses" / "LICENSE").is_file()
