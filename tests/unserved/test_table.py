"""The table of what Stripe has."""

import subprocess
import sys

import pytest

from fakestripe_meters.resources import registry
from fakestripe_meters.unserved import table
from tests.conformance.oracle import base
from tests.conformance.oracle import load
from tests.conformance.oracle import previews
from tests.conformance.oracle import route_of
from tests.conformance.refused import UNDOCUMENTED

LINES = """\
GET /v1/pots
POST /v1/pots
 items array
  [] hash
   size int|str
 lid hash preview
  colour str
POST /v1/pots/{} <2025-03-31
"""


def test_a_file_of_operations_is_read() -> None:
    pots = table.read(LINES.splitlines())
    create = pots["/v1/pots"]["POST"]
    assert create.inside["items"].inside["[]"].inside["size"].types == {"int", "str"}
    assert create.inside["lid"].inside["colour"].mark == "preview"
    assert (pots["/v1/pots"]["GET"].inside, pots["/v1/pots/{}"]["POST"].mark) == ({}, "<2025-03-31")


@pytest.mark.parametrize(
    ("mark", "date", "preview", "has_it"),
    [
        ("", "2020-01-01", False, True),
        ("preview", "2026-01-01", False, False),
        ("preview", "2026-01-01", True, True),
        ("<2025-03-31", "2025-03-30", False, True),
        ("<2025-03-31", "2025-03-31", False, False),
        ("<2025-03-31", "2025-03-31", True, False),
    ],
)
def test_a_mark_says_which_versions_have_something(mark: str, date: str, *, preview: bool, has_it: bool) -> None:
    assert table.Known(mark=mark).is_in(date, preview=preview) is has_it


def test_an_operation_is_found_by_the_most_exact_path() -> None:
    create = table.operation("POST", "/v1/invoices/create_preview")
    update = table.operation("POST", "/v1/invoices/in_1")
    assert create is not None
    assert update is not None
    assert "subscription_details" in create.inside
    assert "subscription_details" not in update.inside
    assert table.operation("GET", "/v1/invoices/create_preview") is None
    assert table.operation("HEAD", "/v1/quotes") == table.operation("GET", "/v1/quotes")


def routes() -> set[str]:
    return {f"{method} {path}" for path, methods in table.operations().items() for method in methods}


def test_it_has_all_that_the_fake_serves() -> None:
    assert {route_of(each.method, each.rule) for each in registry().endpoints()} - routes() == UNDOCUMENTED


@pytest.mark.parametrize("sdk", [base(), *previews()])
def test_it_has_all_that_the_sdks_declare(sdk: str) -> None:
    oracle = load(sdk)
    assert {*oracle.endpoints, *oracle.elsewhere} - routes() == set()
    lacking = []
    for route, types in oracle.endpoints.items():
        method, path = route.split()
        for name in types:
            known = table.operations()[path][method]
            for step in name.replace("[]", ".[]").replace("{}", ".{}").split("."):
                known = known.inside.get(step, table.Known())
            if not known.types:
                lacking.append(f"{route} {name}")
    assert lacking == []


READS = """
import sys
from fakestripe_meters import FakeStripe
from fakestripe_meters.unserved import table
from fakestripe_meters.wire.message import Headers, Request
with FakeStripe(now=0) as fake:
    key = Headers({"Authorization": f"Bearer {fake.api_key}"})
    for path in sys.argv[1:]:
        fake.engine.handle(Request("POST", path, "", key))
print(table.operations.cache_info().currsize)
"""


@pytest.mark.parametrize(("path", "read"), [("/v1/customers", "0"), ("/v1/products", "0"), ("/v1/quotes", "1")])
def test_it_is_only_read_for_what_the_fake_does_not_know(path: str, read: str) -> None:
    told = subprocess.run([sys.executable, "-c", READS, path], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == read
