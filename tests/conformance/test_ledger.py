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
from fakestripe_meters import marks
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.fidelity import ledger
from fakestripe_meters.fidelity import route_of
from fakestripe_meters.marks import COMES_FROM
from fakestripe_meters.resources import MODULES
from fakestripe_meters.resources import registry
from tests.conftest import KEY

Json = Any
SOURCE = Path(__file__).parents[2] / "src" / "fakestripe_meters"
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


def test_each_served_operation_says_where_it_comes_from() -> None:
    known = {entry.operation: entry for entry in ledger() if entry.operation}
    assert {route_of(endpoint) for endpoint in registry().endpoints()} == set(known)
    assert [route for route, entry in known.items() if not entry.marks or is_vague(entry.source)] == []


def test_each_mark_names_its_source() -> None:
    nameless = [
        f"{entry.module}:{entry.line}: {mark}"
        for entry in ledger()
        for mark, source in entry.sources.items()
        if mark != "inferred" and is_vague(source)
    ]
    hint = "name a page, `owner/repository#number` or a name of PUBLIC in the mark, or add `Observed in: …` or "
    assert nameless == [], f"{hint}`Documented in: …` to the docstring of the module"


def is_vague(source: str) -> bool:
    return source in COMES_FROM.values()


def test_an_operation_leads_to_what_it_rests_on(client: Client) -> None:
    found = asked(client, "about=POST+/v1/billing/meter_events")
    assert (found[0]["module"], found[0]["name"]) == ("resources/billing/meter_events.py", "create")
    assert found[0]["operation"] == "POST /v1/billing/meter_events"
    assert found[0]["source"] == "https://docs.stripe.com/api/billing/meter-event"
    names = {entry["name"] for entry in found}
    assert {"no_active_meter", "event_exists", "invalid_value", "too_many_digits"} <= names
    assert "grant_in_use" not in names
    assert "order of the checks" in " ".join(entry["says"] for entry in found)


@pytest.mark.parametrize("path", ["/v1/customers/cus_123", "/v1/customers/{customer_id}", "/v1/customers/:id"])
def test_an_operation_is_found_by_a_path_with_any_id(client: Client, path: str) -> None:
    first, *_ = asked(client, f"about=GET+{path}")
    assert first["operation"] == "GET /v1/customers/{customer_id}"


def test_an_operation_and_a_mark_select_together(client: Client) -> None:
    found = asked(client, "about=POST+/v1/billing/meter_events&mark=inferred")
    assert found
    assert all("inferred" in entry["marks"] for entry in found)


def test_an_operation_that_is_not_served_leads_nowhere(client: Client) -> None:
    assert asked(client, "about=POST+/v1/unicorns") == []
    assert asked(client, "about=DELETE+/v1/customers") == []


def test_what_sources_contradict_has_both(client: Client) -> None:
    disputed = asked(client, "mark=disputed")
    assert disputed
    assert all(entry["marks"] == ["disputed"] for entry in disputed)
    (alerts,) = [entry for entry in disputed if entry["module"] == "domain/invoicing/alerting.py"]
    assert alerts["source"] == "code of twentyhq/twenty (public), code of langfuse/langfuse (public)"


@pytest.mark.parametrize(
    ("words", "source"),
    [
        ("the limit, https://docs.stripe.com/api/metadata.", "https://docs.stripe.com/api/metadata"),
        ("a draft (pay-rails/pay)", "recordings of pay-rails/pay (public test suite, 2020 to 2026)"),
        ("the sentence (stripe/stripe-node#2056)", "stripe/stripe-node#2056"),
        ("a quote of pay-rails/pay#193", "pay-rails/pay#193"),
        ("the SDKs' types, since 12.0", "the SDKs' types, since 12.0"),
        ("the sentence", ""),
        ("dimensions and/or tenants", ""),
    ],
)
def test_the_words_of_a_mark_name_its_source(words: str, source: str) -> None:
    assert marks.named(words) == source


def test_a_mark_without_a_source_has_that_of_its_module(client: Client) -> None:
    (no_such,) = [entry for entry in asked(client, "module=core/errors/objects.py") if entry["name"] == "no_such"]
    assert no_such["sources"]["observed"] == (
        "recordings of pay-rails/pay (public test suite, 2020 to 2026), "
        "recordings of Kiln-AI/stripe_world (public, September 2026)"
    )
    entries = asked(client, "about=metadata_too_long")
    assert entries[0]["sources"]["documented"] == "https://docs.stripe.com/api/metadata"


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
    assert not any(entry.module in {"fidelity.py", "marks.py"} for entry in ledger())
    assert all(not Path(entry.module).is_absolute() for entry in ledger())
