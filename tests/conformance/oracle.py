"""What stripe-python declares, kept as data: `regenerate.py` makes it, the tests need no SDK for it."""

import json
import re
from functools import cache
from pathlib import Path

from fakestripe_meters.resources import registry
from tests.conformance.sdk_types import Oracle
from tests.conformance.sdk_types import changed

FOLDER = Path(__file__).parent / "sdk"
BASE = FOLDER / "BASE"
"""The general release; the others are previews."""
WITHIN_OTHERS = ("billing.alert_triggered", "billing.analytics.meter_usage_row")
"""Objects that have no URL of their own."""


@cache
def load(sdk: str) -> Oracle:
    """The oracle of one release."""
    tree = json.loads((FOLDER / f"{sdk}.json").read_text("utf-8"))
    if "changes" not in tree:
        return Oracle(sdk, tree["api_version"], tree["objects"], tree["endpoints"], tree["elsewhere"])
    base = load(tree["changes"])
    objects, endpoints = changed(base.objects, tree["objects"]), changed(base.endpoints, tree["endpoints"])
    return Oracle(sdk, tree["api_version"], objects, endpoints, tree["elsewhere"])


def base() -> str:
    """The version of the general release."""
    return BASE.read_text("utf-8").strip()


def previews() -> list[str]:
    """The versions of the others."""
    return sorted(path.stem for path in FOLDER.glob("*.json") if path.stem != base())


def served_objects() -> list[str]:
    """The names of all objects that the fake serves."""
    return sorted({resource.name for resource in registry().resources} | set(WITHIN_OTHERS))


def route_of(method: str, rule: str) -> str:
    """`POST /v1/customers/{}`, whatever the parts of the path are called."""
    return f"{method} {re.sub(r'<[^>]*>', '{}', rule)}"


def served_routes() -> list[str]:
    """All endpoints of the fake."""
    return [route_of(endpoint.method, endpoint.rule) for endpoint in registry().endpoints()]
