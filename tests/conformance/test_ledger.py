"""How do you know? Any behaviour is found in the ledger, with its source, by its words or by what the fake has said."""

import inspect
import json
import re
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from werkzeug.test import Client

from fakestripe_meters import FakeStripe
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.fidelity import COMES_FROM
from fakestripe_meters.fidelity import SOURCE
from fakestripe_meters.fidelity import ledger
from fakestripe_meters.resources import MODULES
from tests.conftest import KEY

Json = Any
ERRORS = sorted({path.stem for path in (SOURCE / "core" / "errors").glob("*.py")} - {"__init__", "error"})
OURS = re.compile(r"\bours\b|\bour own\b")
"""What such a sentence says is no behaviour of Stripe's."""
MADE_OF_OTHERS = {"planned", "unauthorized"}


@pytest.fixture(scope="module")
def client() -> Client:
    return Client(FakeStripe(now=0, seed=1).wsgi_app, use_cookies=False)


def asked(client: Client, query: str = "") -> list[Json]:
    answer = client.get(f"/_fakestripe/fidelity?{query}")
    assert answer.status_code == 200, answer.data
    found: list[Json] = json.loads(answer.data)["data"]
    return found


def test_each_entry_says_how_it_is_known_where_it_is_written_and_in_which_words(client: Client) -> None:
    everything = asked(client)
    assert {mark for entry in everything for mark in entry["marks"]} == set(COMES_FROM)
    for entry in everything:
        assert entry["says"]
        assert entry["source"]
        lines = (SOURCE / entry["module"]).read_text("utf-8").splitlines()
        assert 1 <= entry["line"] <= len(lines)
        written = lines[entry["line"] - 1]
        commented = re.search(r"# (\w+):", written)
        assert not entry["name"] or entry["name"] in written or (commented and commented[1].lower() in entry["marks"])


def test_a_sentence_of_the_fakes_leads_to_where_its_words_come_from(client: Client) -> None:
    refused = client.get("/v1/customers/cus_x", headers={"Authorization": f"Bearer {KEY}"})
    message = json.loads(refused.data)["error"]["message"]
    answer = client.get("/_fakestripe/fidelity", query_string={"about": message})
    found = {(entry["module"], entry["name"], *entry["marks"]) for entry in json.loads(answer.data)["data"]}
    assert ("core/errors/objects.py", "no_such", "observed") in found
    assert {name for _, name, *_ in found} == {"no_such", "no_such_event_customer"}


def test_a_sentence_in_which_nothing_is_filled_in_leads_there_too(client: Client) -> None:
    answer = client.get("/_fakestripe/fidelity", query_string={"about": "Invoice is already paid"})
    found = [(entry["name"], entry["sentences"]) for entry in json.loads(answer.data)["data"]]
    assert found == [("already_paid", ["Invoice is already paid"])]


def test_words_find_the_entries_that_mention_all_of_them(client: Client) -> None:
    found = asked(client, "about=newest+bucket+FIRST")
    assert {entry["module"] for entry in found} == {"resources/billing/event_summaries.py"}
    assert asked(client, "about=unicorns") == []


def test_marks_and_modules_select(client: Client) -> None:
    inferred = asked(client, "mark=inferred")
    assert inferred
    assert all("inferred" in entry["marks"] for entry in inferred)
    of_meters = asked(client, "module=resources/billing/meters.py")
    assert {entry["module"] for entry in of_meters} == {"resources/billing/meters.py"}
    assert len(asked(client, "module=resources/billing/meters.py&mark=inferred")) < len(of_meters)


def test_an_unknown_mark_or_parameter_is_refused(client: Client) -> None:
    for query, param in (("mark=guessed", "mark"), ("colour=red", "colour")):
        answer = client.get(f"/_fakestripe/fidelity?{query}")
        assert answer.status_code == 400
        assert json.loads(answer.data)["error"]["param"] == param


@pytest.mark.parametrize("name", MODULES)
def test_each_object_names_the_page_that_documents_it(name: str) -> None:
    module = f"resources/{name.replace('.', '/')}.py"
    sources = [entry.source for entry in ledger() if entry.module == module and entry.name == ""]
    assert any(source.startswith("https://docs.stripe.com/") for source in sources)


@pytest.mark.parametrize("name", ERRORS)
def test_each_sentence_says_where_its_words_come_from(name: str) -> None:
    module = import_module(f"fakestripe_meters.core.errors.{name}")
    known = {entry.name for entry in ledger() if entry.module == f"core/errors/{name}.py"} | MADE_OF_OTHERS
    unknown = [each for each in sentences_of(module) if each not in known]
    assert [each for each in unknown if not OURS.search(getattr(module, each).__doc__)] == []


def sentences_of(module: ModuleType) -> list[str]:
    """The functions that make an error of Stripe's."""
    return [
        name
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and inspect.signature(function).return_annotation is StripeError
    ]


def test_the_errors_are_found() -> None:
    assert {"requests", "params", "metering", "objects"} <= set(ERRORS)
    assert "no_such" in sentences_of(import_module("fakestripe_meters.core.errors.objects"))


def test_a_mark_between_asterisks_is_only_spoken_of() -> None:
    assert not any(entry.module == "core/errors/__init__.py" for entry in ledger())
    assert not any(entry.module == "fidelity.py" for entry in ledger())
    assert all(not Path(entry.module).is_absolute() for entry in ledger())
