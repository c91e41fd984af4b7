"""What stripe-python declares, kept as data: `regenerate.py` makes it, the tests need no SDK for it."""

import json
import re
from functools import cache
from pathlib import Path

from fakestripe_meters.framework.absent import Absent
from fakestripe_meters.resources import registry
from tests.conformance.sdk_types import Oracle
from tests.conformance.sdk_types import Table
from tests.conformance.sdk_types import changed

FOLDER = Path(__file__).parent / "sdk"
DIGEST = Path(__file__).parent / "openapi.json"
"""What Stripe's own OpenAPI description says; `digest.py` makes it."""
OPENAPI = "openapi"
"""Its name among the oracles."""
BASE = FOLDER / "BASE"
"""The general release; the others are previews."""
LENGTH = re.compile(r"(?<=\bstr)\(\d*\)")
WITHIN_OTHERS = ("billing.alert_triggered", "billing.analytics.meter_usage_row")
"""Objects that have no URL of their own."""


@cache
def digest() -> dict[str, Table]:
    """What Stripe's description says of operations, of objects, and of what can be expanded in them."""
    tree: dict[str, Table] = json.loads(DIGEST.read_text("utf-8"))
    return {title: tree[title] for title in ("operations", "objects", "expands")}


@cache
def load(sdk: str) -> Oracle:
    """The oracle of one release, or that of Stripe's description, in the same words."""
    if sdk == OPENAPI:
        return _described()
    tree = json.loads((FOLDER / f"{sdk}.json").read_text("utf-8"))
    if "changes" not in tree:
        return Oracle(sdk, tree["api_version"], tree["objects"], tree["endpoints"], tree["elsewhere"])
    base = load(tree["changes"])
    objects, endpoints = changed(base.objects, tree["objects"]), changed(base.endpoints, tree["endpoints"])
    return Oracle(sdk, tree["api_version"], objects, endpoints, tree["elsewhere"])


def _described() -> Oracle:
    version: str = json.loads(DIGEST.read_text("utf-8"))["api_version"]
    objects = {
        name: {path: kinds.rstrip("!") for path, kinds in types.items()} for name, types in digest()["objects"].items()
    }
    served = set(served_routes())
    endpoints = {
        route: {path: LENGTH.sub("", kinds) for path, kinds in types.items()}
        for route, types in digest()["operations"].items()
        if route in served
    }
    return Oracle(OPENAPI, version, objects, endpoints)


def base() -> str:
    """The version of the general release."""
    return BASE.read_text("utf-8").strip()


def previews() -> list[str]:
    """The versions of the others."""
    return sorted(path.stem for path in FOLDER.glob("*.json") if path.stem != base())


def served_objects() -> list[str]:
    """The names of all objects that the fake can show: not of those that it has none of."""
    shown = {resource.name for resource in registry().resources if not isinstance(resource, Absent)}
    return sorted(shown | set(WITHIN_OTHERS))


def route_of(method: str, rule: str) -> str:
    """`POST /v1/customers/{}`, whatever the parts of the path are called."""
    return f"{method} {re.sub(r'<[^>]*>', '{}', rule)}"


ALWAYS_REFUSED = {
    "charges.capture",
    "charges.create",
    "customer_sources.create",
    "customer_sources.retrieve",
    "refunds.cancel",
    "setup_intents.verify_microdeposits",
}
"""Endpoints that Stripe answers with a refusal, whatever a card is asked."""


def absences() -> set[str]:
    """The names of endpoints that are never answered with 200; some name one of what the fake has none of."""
    nothing = (each for each in registry().endpoints() if isinstance(each.resource, Absent))
    return ALWAYS_REFUSED | {each.name for each in nothing if each.rule.endswith(">")}


def served_routes() -> list[str]:
    """All endpoints of the fake."""
    return [route_of(endpoint.method, endpoint.rule) for endpoint in registry().endpoints()]
