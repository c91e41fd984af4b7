"""What the compatibility matrix tries: each row is an environment, and what is run in it."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "compatibility.md"

SCENARIOS = {
    "sdk": (
        "stripe-python at module level, intercepted and over loopback; and as a `StripeClient`, intercepted, over "
        "loopback and by `http_client()`. Each creates a meter, a customer, events and a subscription, and reads a "
        "summary, errors and the invoice of a month; the clients also read analytics. Once: retries, the client over "
        "urllib, API v2 and the stream, and `*_async` methods."
    ),
    "web": (
        "The server over loopback, with kept and dropped connections; the application mounted in another application; "
        "the command `serve`; the whole control plane; intercepted calls of `requests` and `httpx`."
    ),
    "plugin": (
        "Another project's suite: the fixture, the marker, settings, the process's time frozen with the clock, stubs "
        "of `responses` beside the fake, and the output of a failing test."
    ),
    "node": "The same as `sdk` with the Node SDK over loopback, with its errors, API v2 and the stream.",
    "cli": "The Stripe CLI's resource commands, `get` and `post`, API v2, and a fixture file.",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One environment.

    `python` is the interpreter's version, the runner's own if there is none. `requirements` go to pip beside the
    wheel, `packages` to npm. `shown` are the distributions whose versions stand in the table.
    """

    name: str
    scenarios: tuple[str, ...]
    requirements: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    python: str | None = None
    packages: tuple[str, ...] = ()


def oldest(name: str) -> str:
    """The requirement for the oldest release that pyproject.toml admits."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    project = tomllib.loads(text)["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    (floor,) = [found[1] for each in declared if (found := re.fullmatch(rf"{name}>=([0-9.]+)", each))]
    return f"{name}=={floor}"


def _sdk(name: str, version: str) -> Row:
    return Row(name, ("sdk",), (f"stripe=={version}", "httpx"), ("stripe",))


def _server(name: str, *requirements: str) -> Row:
    return Row(name, ("web",), (*requirements, "httpx"), ("flask", "werkzeug"))


def _plugin(name: str, *requirements: str) -> Row:
    requirements = (
        requirements if any(each.startswith("pytest") for each in requirements) else (*requirements, "pytest")
    )
    return Row(name, ("plugin",), requirements, ("pytest", "freezegun", "responses"))


OLDEST = tuple(map(oldest, ("flask", "werkzeug", "freezegun", "responses", "pytest")))
FIRST_WITH_METERS = "8.9.0"
EVERYTHING = ("stripe", "pytest", "flask", "werkzeug", "freezegun", "responses")

ROWS = (
    *(_sdk(f"stripe-{major}", f"{major}.*") for major in range(8, 17)),
    *(_sdk(f"stripe-{preview}", preview) for preview in ("12.5.0b1", "13.1.0b1", "16.1.0b1", "16.1.0a4")),
    Row("node", ("node",), packages=("stripe",)),
    Row("cli", ("cli",), packages=("@stripe/cli",)),
    _plugin("pytest-8", oldest("pytest")),
    _plugin("pytest-9", "pytest==9.*"),
    _plugin("freezegun-oldest", oldest("freezegun")),
    _plugin("responses-oldest", oldest("responses")),
    _server("flask-oldest", oldest("flask"), oldest("werkzeug")),
    _server("flask-oldest-werkzeug-newest", oldest("flask"), "werkzeug"),
    _server("flask-newest", "flask", "werkzeug"),
    *(
        Row(f"python-{version}", ("sdk", "web", "plugin"), ("stripe", "httpx", "pytest"), EVERYTHING, version)
        for version in ("3.11", "3.12", "3.13", "3.14")
    ),
    Row("all-oldest", ("sdk", "web", "plugin"), (*OLDEST, f"stripe=={FIRST_WITH_METERS}", "httpx"), EVERYTHING, "3.11"),
)
"""In the order of the table."""
