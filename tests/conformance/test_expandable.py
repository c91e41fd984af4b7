"""Every object that the fake serves expands what Stripe describes as expandable, and nothing else."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from fakestripe_meters import resources
from fakestripe_meters import versions
from fakestripe_meters.framework.endpoint import Endpoint
from fakestripe_meters.framework.expanding import DEEPEST
from fakestripe_meters.framework.expanding import Fields
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request
from tests.conformance.expandable import OUT
from tests.conformance.oracle import absences
from tests.conformance.oracle import base
from tests.conformance.oracle import digest
from tests.conformance.oracle import load
from tests.conformance.story import NOW
from tests.conformance.story import Teller
from tests.conformance.story import begun
from tests.conftest import KEY
from tests.conftest import encoded

Json = Any
VERSIONS = ["2020-08-27", "2025-02-24.acacia", "2025-03-31.basil", load(base()).api_version]
MOST_AT_ONCE = 1_000
NOT_IN_THE_NEWEST = {
    "billing.analytics.meter_usage.retrieve",
    "files.contents",
    "upcoming_invoices.retrieve",
    "upcoming_lines.list",
}
"""What the version of the story does not have, and what is no object."""
NOTHING_TO_EXPAND = {
    "billing.analytics.meter_usage": "A preview, which Stripe's description of general versions does not have.",
    "data_management.import_set": "Stripe does not describe it.",
    "billing.meter_event": "Described without any field to expand.",
    "billing.meter_event_summary": "Described without any field to expand.",
    "entitlements.feature": "Described without any field to expand.",
    "payment_page": "Stripe does not describe it.",
    "webhook_endpoint": "Described without any field to expand.",
}


@cache
def story() -> Teller:
    """A business, and a customer with a test clock, whose objects still exist at its end."""
    teller = begun(load(base()).api_version, preview=False)
    clock = teller.post("/v1/test_helpers/test_clocks", frozen_time=NOW)["id"]
    customer = teller.post("/v1/customers", test_clock=clock)["id"]
    terms = {
        "currency": "usd",
        "unit_amount": 500,
        "recurring": {"interval": "month"},
        "product_data": {"name": "Seat"},
    }
    items = [{"price": teller.post("/v1/prices", **terms)["id"]}]
    subscription = teller.post("/v1/subscriptions", customer=customer, items=items)
    endpoint = teller.post("/v1/webhook_endpoints", url="http://127.0.0.1:1/", enabled_events=["charge.failed"])["id"]
    for path in (
        f"/v1/test_helpers/test_clocks/{clock}",
        f"/v1/customers/{customer}",
        f"/v1/subscriptions/{subscription['id']}",
        f"/v1/subscription_items/{subscription['items']['data'][0]['id']}",
        f"/v1/webhook_endpoints/{endpoint}",
    ):
        teller.get(path)
    return teller


def table(version: str) -> dict[str, Fields]:
    """Object → fields, in a version."""
    spoken = versions.version(version)
    assert spoken is not None
    at = resources.registry().expandable().at(spoken.date, preview=spoken.preview)
    merged: dict[str, dict[str, Any]] = {}
    for _, objects in at.tables:
        for name, fields in objects.items():
            merged.setdefault(name, {}).update(fields)
    return {**merged}


def paths_in(fields: Fields, known: dict[str, Fields], levels: int) -> Iterator[str]:
    """Every path that begins with one of the fields, so many levels deep."""
    for field, value in fields.items() if levels else ():
        yield field
        below = [known.get(name, {}) for name in value.split()] if isinstance(value, str) else [value]
        for each in below:
            for rest in paths_in(each, known, levels - 1):
                yield f"{field}.{rest}"


@cache
def reads() -> tuple[tuple[Endpoint, str, dict[str, Any]], ...]:
    """A GET of each endpoint of API v1 in the story, of which the answer still exists at the end."""
    found: dict[str, tuple[Endpoint, str, dict[str, Any]]] = {}
    for method, path, params in reversed(story().asked):
        endpoint, _ = story().fake.engine.routes.lookup(method, path)
        if endpoint is None or endpoint.downloads or endpoint.name in found:
            continue
        if method == "GET" and path.startswith("/v1/"):
            plain = {name: value for name, value in params.items() if name != "expand"}
            if sent(story().version, path, plain)[0] == 200:
                found[endpoint.name] = (endpoint, path, plain)
    return tuple(found.values())


def sent(version: str, path: str, params: dict[str, Any]) -> tuple[int, Json]:
    """Status and answer of a GET."""
    headers = Headers({"Authorization": f"Bearer {KEY}", "Stripe-Version": version})
    response = story().fake.engine.handle(Request("GET", path, encoded(params).decode(), headers, b""))
    return response.status, json.loads(response.body)


def asked(version: str, path: str, params: dict[str, Any], paths: list[str]) -> Json:
    """The answer with all paths expanded, which are too many for one request."""
    answer: Json = None
    for start in range(0, len(paths) or 1, MOST_AT_ONCE):
        status, expanded = sent(version, path, params | {"expand": paths[start : start + MOST_AT_ONCE]})
        assert status == 200, (path, expanded)
        answer = expanded if answer is None else merged(answer, expanded)
    return answer


def merged(one: Json, other: Json) -> Json:
    """Two answers of which each is expanded in other places."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {name: merged(one.get(name, other.get(name)), other.get(name, one.get(name))) for name in one | other}
    if isinstance(one, list) and isinstance(other, list):
        return [merged(*each) for each in zip(one, other, strict=True)]
    return one if isinstance(one, dict) else other


def collapsed(expanded: Json, plain: Json) -> Json:
    """An expanded answer with its objects made ids again, without what was left out."""
    if isinstance(plain, str) and isinstance(expanded, dict):
        return expanded["id"]
    if isinstance(plain, dict) and isinstance(expanded, dict):
        return {name: collapsed(value, plain[name]) for name, value in expanded.items() if name in plain}
    if isinstance(plain, list) and isinstance(expanded, list):
        return [collapsed(*each) for each in zip(expanded, plain, strict=True)]
    return expanded


def unexpanded(tree: Json, places: list[Fields], known: dict[str, Fields], at: str, levels: int) -> Iterator[str]:
    """Where an id stands although the fake has its object, and where something that is left out is missing."""
    for each in tree if isinstance(tree, list) else [tree]:
        if not isinstance(each, dict) or "deleted" in each or not levels:
            continue
        for field in {field for fields in places for field in fields}:
            value = next(fields[field] for fields in places if field in fields)
            where = f"{at}.{field}"
            objects = value.split() if isinstance(value, str) else []
            below = [known.get(name, {}) for name in objects] if isinstance(value, str) else [value]
            found = each.get(field)
            if field not in each and field in left_out(each):
                yield f"{where} is missing"
            for one in found if isinstance(found, list) else [found]:
                if isinstance(one, str) and any(shown(name, one) for name in objects):
                    yield f"{where} is {one}"
            yield from unexpanded(found, below, known, where, levels - 1)


def left_out(tree: Json) -> set[str]:
    """What the object leaves out unless it is expanded."""
    return {
        field for each in resources.registry().resources if each.name == tree.get("object") for field in each.left_out
    }


def shown(name: str, identifier: str) -> bool:
    """Whether the fake has an object with that id."""
    account = story().fake.engine.world.account(KEY)
    return any(each.show(account, identifier) for each in resources.registry().resources if each.name == name)


@pytest.mark.parametrize("version", VERSIONS)
def test_whatever_is_described_is_expanded_and_nothing_else_changes(version: str) -> None:
    known = table(version)
    for endpoint, path, params in reads():
        fields: Fields = known.get(endpoint.resource.name, {})
        if endpoint.lists:
            fields = {"data": endpoint.resource.name}
        plain = asked(version, path, params, [])
        expanded = asked(version, path, params, sorted(set(paths_in(fields, known, DEEPEST))))
        assert collapsed(expanded, plain) == plain, path
        assert list(unexpanded(expanded, [fields], known, path, DEEPEST)) == []
    assert story().fake.engine.failures == []


@pytest.mark.parametrize("version", VERSIONS)
def test_whatever_is_not_described_is_refused(version: str) -> None:
    for endpoint, path, params in reads():
        known = table(version).get(endpoint.resource.name, {}).keys() | ({"data"} if endpoint.lists else set())
        for field in asked(version, path, params, []).keys() - known:
            status, answer = sent(version, path, params | {"expand": [field]})
            assert status == 400, (path, field)
            assert answer["error"]["message"].startswith(f"This property cannot be expanded ({field}).")


def test_every_object_that_can_be_read_is_compared() -> None:
    endpoints = [each for each in resources.registry().endpoints() if each.route.startswith("GET /v1/")]
    compared = {endpoint.name for endpoint, _, _ in reads()}
    assert {each.name for each in endpoints} - compared - absences() == NOT_IN_THE_NEWEST


def test_a_search_includes_its_total() -> None:
    expandable = resources.registry().expandable().at("2025-10-29", preview=False)
    plan = expandable.plan("customer", ["total_count", "data.test_clock"], in_list=True, in_search=True)
    assert plan.keys() == {"data"}
    assert plan["data"].below["test_clock"].objects == ("test_helpers.test_clock",)


def test_what_a_version_removed_is_not_described_from_its_date_on() -> None:
    for span, objects in resources.expandable().items():
        word, _, date = span.partition(" ")
        for name, fields in objects.items() if word == "until" else ():
            assert fields.keys() <= table("2020-08-27")[name].keys()
            assert not fields.keys() & table(date).get(name, {}).keys()


def test_every_served_object_is_described() -> None:
    served = {each.name for each in resources.registry().resources if each.path.startswith("/v1/")}
    assert served - table(load(base()).api_version).keys() == NOTHING_TO_EXPAND.keys()


def test_what_a_resource_adds_is_not_in_the_description() -> None:
    described = resources.expandable()
    added = {(each.name, field) for each in resources.registry().resources for field in each.expands}
    assert not {(name, field) for objects in described.values() for name, fs in objects.items() for field in fs} & added
    assert added == {("customer", "invoice_credit_balance"), ("subscription", "plan"), ("subscription_item", "plan")}


def flat(tree: Fields, path: str = "") -> Iterator[tuple[str, str]]:
    """Each path that can be expanded, and the names of what it may then be."""
    for name, below in tree.items():
        here = f"{path}.{name}" if path else name
        if isinstance(below, str):
            yield here, below
        else:
            yield from flat(below, here)


def in_file(name: str) -> dict[str, str]:
    """What `expandable.json` says of an object in the newest version for general availability."""
    found: dict[str, str] = {}
    for era, objects in json.loads(OUT.read_text("utf-8")).items():
        if era == "always" or era.startswith("since "):
            found.update(flat(objects.get(name, {})))
    return found


def without_marks(path: str) -> str:
    return path.replace("[]", "").replace("{}", "")


@pytest.mark.parametrize("name", sorted(digest()["expands"]))
def test_what_can_be_expanded_is_as_the_digest_of_the_description_says(name: str) -> None:
    found = in_file(name)
    described = {
        without_marks(path): " ".join(targets.split("+"))
        for path, targets in digest()["expands"][name].items()
        if targets != "any"
    }
    assert {path: found.get(path) for path in described} == described
    # Whole objects and their lists are no ids: of them, the digest says only that they are there.
    there = {without_marks(path) for path in digest()["objects"][name]}
    assert {path for path in found.keys() - described.keys() if path.removesuffix(".data") not in there} == set()
