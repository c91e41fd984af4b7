"""The panel of usage files: what it says of imports, what it takes, and how it adds usage by hand."""

from pathlib import Path
from typing import Any

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters.core import keys
from tests.conftest import KEY
from tests.conftest import NOW
from tests.importing.sending import form
from tests.pages_.looking import HOSTILE
from tests.pages_.looking import PAGE
from tests.pages_.looking import Page
from tests.pages_.looking import Person
from tests.pages_.looking import plain

ACCOUNT = keys.own_account(KEY)
METER = {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
HEADER = "timestamp,event_name,payload_stripe_customer_id,payload_value"
MB = 2**20


@pytest.fixture
def customer(person: Person) -> str:
    person.call.create("/v1/billing/meters", METER)
    made: str = person.call.create("/v1/customers", {"name": "Ada"})["id"]
    return made


def upload(person: Person, content: str | bytes, name: str = "usage.csv", account: str = ACCOUNT) -> Page:
    """The page that an upload leads to."""
    body = content.encode() if isinstance(content, str) else content
    sent = form(body, name, back=f"{PAGE}imports", account=account, do="upload")
    response = person.client.post(f"{PAGE}imports", follow_redirects=True, **sent)
    return Page(response.status_code, response.text)


def add(person: Person, **form: str) -> Page:
    return person.send("imports", account=ACCOUNT, do="add", **form)


def refusal(page: Page) -> str:
    return plain(page.source.partition("data-refusal>")[2].partition("</p>")[0])


# Uploads


@pytest.mark.parametrize("time", ["2025-01-01", "2025-01-01T05:30:00+0530", "1735689600"])
def test_an_upload_takes_the_three_formats_of_the_dashboard(person: Person, customer: str, time: str) -> None:
    page = upload(person, f"{HEADER}\n{time},calls,{customer},5\n")
    assert page.status == 200
    assert person.fake.usage("calls", customer, 1735689600, 1735689601) == 5
    assert "usage.csv: 1 counted" in page.text
    (row,) = page.rows("import").values()
    assert "succeeded" in row
    assert "Dashboard" in row


def test_what_becomes_of_records_is_told_and_the_errors_are_a_file(person: Person, customer: str) -> None:
    rows = [("1735689600", 5), ("soon", 5), ("1735689600", "many"), ("later", 5)]
    page = upload(person, "\n".join([HEADER, *(f"{time},calls,{customer},{value}" for time, value in rows)]))
    assert "usage.csv: 1 counted, 2 refused, 1 dropped" in page.text
    (link,) = page.links("/errors")
    errors = person.client.get(link)
    assert (errors.status_code, errors.mimetype) == (200, "text/plain")
    assert "'soon'" in errors.text
    assert "'later'" in errors.text
    assert "many" not in errors.text


def test_a_column_without_effect_is_named(person: Person, customer: str) -> None:
    page = upload(person, f"{HEADER},colour\n1735689600,calls,{customer},5,red\n")
    assert "without effect: colour" in page.text


def test_a_file_that_fails_is_told_with_its_reason(person: Person, customer: str) -> None:
    page = upload(person, f"timestamp,payload_stripe_customer_id,payload_value\n1735689600,{customer},5\n")
    assert "usage.csv: The mandatory column event_name is missing." in page.text
    (row,) = page.rows("import").values()
    assert "failed" in row


@pytest.mark.parametrize(("size", "fails"), [(5 * MB, False), (5 * MB + 1, True), (9 * MB, True)])
def test_an_upload_has_at_most_five_megabytes(person: Person, customer: str, size: int, fails: bool) -> None:
    content = f"{HEADER}\n1735689600,calls,{customer},5\n"
    page = upload(person, content + "\n" * (size - len(content)))
    assert ("The file is larger than 5 MB." in page.text) is fails
    assert person.fake.usage("calls", customer) == (0 if fails else 5)


@pytest.mark.parametrize("name", ["usage.json", "usage.jsonl", "usage.txt", "usage", "x" * 300 + ".csv"])
def test_an_upload_has_the_name_of_a_csv_file(person: Person, customer: str, name: str) -> None:
    page = upload(person, f"{HEADER}\n1735689600,calls,{customer},5\n", name)
    (row,) = page.rows("import").values()
    assert "failed" in row
    assert person.fake.usage("calls", customer) == 0


def test_a_form_without_a_file_is_told_beside_it(person: Person) -> None:
    page = person.send("imports", account=ACCOUNT, do="upload")
    assert page.status == 400
    assert refusal(page) == "Choose a CSV file."


def test_two_files_at_a_time_are_refused(person: Person, customer: str) -> None:
    one = form(f"{HEADER}\n1735689600,calls,{customer},5\n".encode(), "usage.csv", account=ACCOUNT, do="upload")
    part = b'--between-the-fields\r\nContent-Disposition: form-data; name="file"; filename="two.csv"\r\n\r\n5\r\n'
    sent: dict[str, Any] = {**one, "data": part + one["data"]}
    response = person.client.post(f"{PAGE}imports", **sent)
    assert response.status_code == 400
    assert "Choose one file at a time." in response.text
    assert person.fake.imports == []


@pytest.mark.parametrize("do", ["", "delete", "upload "])
def test_another_button_is_refused(person: Person, do: str) -> None:
    page = person.send("imports", account=ACCOUNT, do=do)
    assert (page.status, refusal(page)) == (400, "Use a button of this page.")


def test_an_upload_goes_to_the_account_of_the_page(person: Person, customer: str) -> None:
    person.call.post("/v1/customers", key="sk_test_another")
    other = keys.own_account("sk_test_another")
    page = upload(person, f"{HEADER}\n1735689600,calls,{customer},5\n", account=other)
    assert len(page.rows("import")) == 1
    assert person.look("imports", account=ACCOUNT).rows("import") == {}


def test_an_account_that_there_is_not_is_told(person: Person) -> None:
    page = upload(person, HEADER, account="acct_nobody")
    assert page.status == 400
    assert "there is no account 'acct_nobody'" in page.source.lower().replace("&#39;", "'")


def test_hostile_names_are_shown_as_they_are(person: Person, customer: str) -> None:
    person.fake.import_usage(
        f"{HEADER},{'<b>x</b>'}\n1735689600,calls,{customer},5,1\n".encode(), filename=f"{HOSTILE}.csv"
    )
    page = person.look("imports")
    assert "<script>alert(1)" not in page.source
    assert "<b>x</b>" not in page.source
    assert "<b>x</b>" in page.text


def test_a_key_in_a_file_is_masked(person: Person, customer: str) -> None:
    row = f"{KEY},calls,{customer},5"
    person.fake.import_usage(f"{HEADER},{KEY}\n{row},1\n".encode(), filename=f"{KEY}.csv")
    page = person.look("imports")
    (link,) = page.links("/errors")
    assert KEY not in page.source
    assert KEY not in person.client.get(link).text


def test_long_lists_have_pages(person: Person, customer: str) -> None:
    for number in range(51):
        person.fake.import_usage(f"{HEADER}\n1735689600,calls,{customer},5\n".encode(), filename=f"{number}.csv")
    assert len(person.look("imports").rows("import")) == 50
    (last,) = person.look("imports", page=2).rows("import").values()
    assert last.startswith("0.csv")


@pytest.mark.parametrize("identifier", ["nobody", "impset_x", "%2e%2e", "<script>"])
def test_errors_that_there_are_not_are_told(person: Person, customer: str, identifier: str) -> None:
    assert customer
    page = person.ask(f"imports/{identifier}/errors", account=ACCOUNT)
    assert page.status == 404
    assert "There is no import of that id that has refused records." in plain(page.source)


# By hand


def test_usage_is_added_by_hand(person: Person, customer: str) -> None:
    page = add(person, meter="calls", customer=customer, value="7", date="2024-12-31")
    assert page.status == 200
    assert person.fake.usage("calls", customer, "2024-12-31", "2025-01-01") == 7
    assert "7" in page.text
    add(person, meter="calls", customer=customer, value="2.5")
    assert person.fake.usage("calls", customer) == 9.5
    assert len(person.fake.journal) == 2


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"customer": "cus_nobody"}, "No such customer: 'cus_nobody'"),
        ({"customer": ""}, "No such customer: ''."),
        ({"value": "many"}, "many"),
        ({"value": ""}, "value"),
        ({"value": "1" * 20}, "15"),
        ({"date": "soon"}, "The timestamp 'soon' is not"),
        ({"date": "2025-02-30"}, "The timestamp '2025-02-30' is not"),
        ({"date": "1990-01-01"}, "35"),
        ({"date": "2035-01-01"}, "future"),
        ({"meter": ""}, "Choose an active meter."),
        ({"meter": "cals"}, "Choose an active meter."),
        ({"meter": HOSTILE}, "Choose an active meter."),
    ],
)
def test_usage_that_does_not_count_is_told_beside_the_form(
    person: Person, customer: str, changed: dict[str, str], says: str
) -> None:
    before = person.fake.snapshot()
    page = add(person, **{"meter": "calls", "customer": customer, "value": "7", **changed})
    assert page.status == 400
    assert says in refusal(page)
    assert person.fake.snapshot() == before


def test_usage_of_a_meter_that_counts_needs_no_value(person: Person, customer: str) -> None:
    person.call.create(
        "/v1/billing/meters", {**METER, "event_name": "visits", "default_aggregation": {"formula": "count"}}
    )
    add(person, meter="visits", customer=customer)
    assert person.fake.usage("visits", customer) == 1


def test_a_meter_with_dimensions_has_a_field_for_each(person: Person, customer: str) -> None:
    terms = {**METER, "event_name": "tokens", "dimension_payload_keys": ["model", "<tier>"]}
    person.call.create("/v1/billing/meters", terms)
    assert "model dimension" in person.look("imports").text
    form = {"meter": "tokens", "customer": customer, "value": "5"}
    assert "Dimension key model not found" in refusal(add(person, **form))
    add(person, **form, **{"dimension.model": "large", "dimension.<tier>": "free"})
    assert person.fake.usage("tokens", customer, dimension_filters={"model": ["large"], "<tier>": ["free"]}) == 5
    add(person, meter="calls", customer=customer, value="7", **{"dimension.model": "large"})  # which has none
    assert person.fake.usage("calls", customer) == 7


def test_without_a_meter_there_is_nothing_to_add(person: Person) -> None:
    page = person.look("imports")
    assert "There is no active meter yet." in page.text
    assert refusal(add(person, meter="calls", customer="cus_x", value="1")) == "Choose an active meter."


# The bucket


def test_the_bucket_is_shown_with_what_was_not_imported(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    (tmp_path / "usage.csv").write_text(HEADER)
    with FakeStripe(now=NOW, bucket=tmp_path) as fake:
        person = Person(fake)
        assert "bucket is polled" in plain(person.look("imports").source)
        fake.clock.advance(300)
        page = person.look("imports")
        assert f"{tmp_path} is looked into next at Wed, Jan 1, 2025, 00:10:00 UTC. 1 file was read." in page.text
        assert "<td>notes.txt</td>" in page.source
        assert "its name does not end with .csv, .json or .jsonl" in page.source
        person.call.post("/v1/customers", key="sk_test_another")
        other = person.look("imports", account=keys.own_account("sk_test_another"))
        assert str(tmp_path) not in other.text


def test_without_a_bucket_none_is_shown(person: Person) -> None:
    assert "Bucket" not in person.look("imports").text
