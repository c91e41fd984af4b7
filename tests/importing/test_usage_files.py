"""What is read from usage files, and counted."""

import json
from decimal import Decimal
from io import BytesIO
from io import StringIO
from pathlib import Path

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse
from tests.importing.files import HEADER
from tests.importing.files import NOW
from tests.importing.files import Shop


def test_a_csv_file_counts_and_says_so(shop: Shop) -> None:
    imported = shop.csv("a,1738281000,tokens,ANN,1500", "b,1738281060,tokens,ANN,800")
    assert imported == {
        "id": imported["id"],
        "created": NOW,
        "filename": "usage.csv",
        "source": "s3",
        "status": "succeeded",
        "failed_reason": None,
        "records": 2,
        "counted": 2,
        "duplicates": 0,
        "dropped": 0,
        "errors": 0,
        "error_file": None,
        "ignored": [],
    }
    assert imported["id"].startswith("impset_")
    assert shop.used == 2300


def test_a_json_array_and_json_lines_count_the_same(shop: Shop) -> None:
    records = [shop.record(5, identifier="a"), shop.record("7"), {}]
    assert shop.json(records)["counted"] == 2
    assert shop.lines([*records, "\n", f"\r\n  {json.dumps(shop.record(1))}  \r\n"])["counted"] == 2
    assert shop.used == 12 + 8


def test_an_event_is_explained_with_the_time_and_the_identifier_of_its_record(shop: Shop) -> None:
    shop.csv("a,1738281000,tokens,ANN,1500")
    (event,) = shop.fake.explain("tokens", shop.ann).events
    assert (event.identifier, event.timestamp, event.value) == ("a", 1_738_281_000, "1500")


def test_every_payload_column_is_a_key_and_an_empty_cell_is_none() -> None:
    shop = Shop()
    shop.add_meter(
        "calls",
        customer_mapping={"type": "by_id", "event_payload_key": "buyer"},
        value_settings={"event_payload_key": "units"},
    )
    header = "payload_units,payload_buyer,payload_value,payload_stripe_customer_id,timestamp,event_name"
    imported = shop.csv("4,ANN,,,1738281000,calls", ",,6,ANN,1738281000,tokens", header=header)
    assert imported["counted"] == 2
    assert shop.fake.usage("calls", shop.ann) == 4
    assert shop.used == 6


def test_dimensions_are_columns_and_members_like_any_other(shop: Shop) -> None:
    form = "display_name=T&event_name=by_model&default_aggregation[formula]=sum&dimension_payload_keys[]=model"
    headers = {"Authorization": f"Bearer {shop.fake.api_key}", "Content-Type": "application/x-www-form-urlencoded"}
    shop.fake.wsgi_app.test_client().post("/v1/billing/meters", data=form, headers=headers)
    header = f"{HEADER},payload_model"
    imported = shop.csv(
        "a,1738281000,by_model,ANN,4,large",
        "b,1738281000,by_model,ANN,1,small",
        "c,1738281000,by_model,ANN,1,",
        header=header,
    )
    assert (imported["counted"], imported["dropped"]) == (2, 1)
    payload = {"stripe_customer_id": shop.ann, "value": 3, "model": "large"}
    assert shop.json([shop.record(event_name="by_model", payload=payload)])["counted"] == 1
    assert shop.fake.usage("by_model", shop.ann, dimension_filters={"model": "large"}) == 7


def test_identifiers_are_shared_with_the_api_and_between_files(shop: Shop) -> None:
    payload = {"stripe_customer_id": shop.ann, "value": "1"}
    shop.client.v1.billing.meter_events.create({"event_name": "tokens", "payload": payload, "identifier": "a"})
    imported = shop.csv("a,1738281000,tokens,ANN,10", "b,1738281000,tokens,ANN,20", "b,1738281000,tokens,ANN,30")
    assert (imported["counted"], imported["duplicates"]) == (1, 2)
    assert shop.csv("b,1738281000,tokens,ANN,20")["duplicates"] == 1
    with pytest.raises(Exception, match="An event already exists with identifier b"):
        shop.client.v1.billing.meter_events.create({"event_name": "tokens", "payload": payload, "identifier": "b"})
    assert shop.used == 21


def test_an_identifier_is_free_again_after_24_hours(shop: Shop) -> None:
    shop.csv("a,1738281000,tokens,ANN,1")
    shop.fake.clock.advance(24 * 3600)
    assert shop.csv("a,1738281000,tokens,ANN,1")["counted"] == 1


def test_a_record_without_an_identifier_gets_one(shop: Shop) -> None:
    assert shop.csv(*[",1738281000,tokens,ANN,1"] * 3)["counted"] == 3
    assert shop.used == 3


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("5", "5"),
        ('"5"', "5"),
        ("-3", "-3"),
        ("1.25", "1.25"),
        ("123456789012345", "123456789012345"),
        ("1e3", "1000"),
        ("25E-1", "2.5"),
    ],
)
def test_a_number_counts_exactly_as_it_is_written(shop: Shop, written: str, value: str) -> None:
    text = json.dumps(shop.record("?")).replace('"?"', written)
    for name in ("usage.json", "usage.jsonl"):
        content = f"[{text}]" if name.endswith(".json") else text
        assert shop.fake.import_usage(content.encode(), filename=name)["counted"] == 1
    assert shop.fake.usage("tokens", shop.ann) == 2 * Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        f"\ufeff{HEADER}\na,1738281000,tokens,ANN,5\n",
        f"{HEADER}\r\na,1738281000,tokens,ANN,5\r\n",
        f"{HEADER}\ra,1738281000,tokens,ANN,5\r",
        f"{HEADER}\na,1738281000,tokens,ANN,5",
        f"{HEADER}\n\n\na,1738281000,tokens,ANN,5\n\n",
        f'"{HEADER.replace(",", chr(34) + "," + chr(34))}"\n"a","1738281000","tokens","ANN","5"\n',
        f'{HEADER},note\na,1738281000,tokens,ANN,5,"two\nlines, and ""quotes"""\n',
        f" {HEADER.replace(',', ' , ')}\na,1738281000,tokens,ANN,5\n",
    ],
    ids=["BOM", "CRLF", "CR", "no last end of line", "blank lines", "quotes", "a cell of two lines", "blanks"],
)
def test_a_csv_file_may_be_written_as_programs_write_it(shop: Shop, text: str) -> None:
    imported = shop.fake.import_usage(text.replace("ANN", shop.ann).encode(), filename="USAGE.CSV")
    assert (imported["counted"], imported["errors"]) == (1, 0)
    assert shop.used == 5


@pytest.mark.parametrize("before", ["", "\ufeff", " \r\n\t"])
@pytest.mark.parametrize("between", [",", " ,\n ", "\r\n,"])
def test_an_array_may_have_blanks_anywhere(shop: Shop, before: str, between: str) -> None:
    one = json.dumps(shop.record())
    text = f"{before}[ {one}{between}{one} ]\n"
    assert shop.fake.import_usage(text.encode(), filename="usage.json")["counted"] == 2


def test_an_array_is_read_over_the_edges_of_its_pieces(shop: Shop) -> None:
    records = [shop.record(1, identifier=f"{number}", note="é" * (number % 700)) for number in range(3000)]
    text = json.dumps(records, ensure_ascii=False, indent=1)
    assert len(text) > 1_000_000
    imported = shop.fake.import_usage(text.encode(), filename="usage.json")
    assert (imported["records"], imported["counted"], imported["ignored"]) == (3000, 3000, ["note"])
    assert shop.used == 3000


def test_records_of_many_shapes_stay_in_order_and_more_than_a_piece(shop: Shop) -> None:
    shop.add_meter("level", default_aggregation={"formula": "last"})
    shapes: list[dict[str, object]] = [{}, {"a": "x"}, {"b": 2, "a": "y"}]
    records = [
        shop.record(event_name="level", payload={**shapes[n % 3], "stripe_customer_id": shop.ann, "value": n})
        for n in range(25_001)
    ]
    imported = shop.lines(records)
    assert (imported["records"], imported["counted"]) == (25_001, 25_001)
    assert shop.fake.usage("level", shop.ann) == 25_000


@pytest.mark.parametrize("text", [f"{HEADER}\n", "[]", " [\n] ", "{}", "{}\n\n{}\n"])
def test_a_file_without_records_succeeds(shop: Shop, text: str) -> None:
    name = "usage.csv" if text.startswith("i") else "usage.json" if "[" in text else "usage.jsonl"
    imported = shop.fake.import_usage(text.encode(), filename=name)
    assert (imported["status"], imported["records"]) == ("succeeded", 0)


def test_columns_and_members_that_mean_nothing_are_named(shop: Shop) -> None:
    assert shop.csv("a,1738281000,tokens,ANN,5,x,y", header=f"{HEADER},note,payload_")["ignored"] == [
        "note",
        "payload_",
    ]
    assert shop.json([shop.record(note=1), shop.record(livemode=False)])["ignored"] == ["note", "livemode"]


def test_a_file_is_a_path_its_text_or_open(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "usage.csv"
    content = f"{HEADER}\n,1738281000,tokens,{shop.ann},5\n".encode()
    path.write_bytes(content)
    assert shop.fake.import_usage(path)["filename"] == "usage.csv"
    assert shop.fake.import_usage(str(path), filename="other.csv")["filename"] == "other.csv"
    opened = BytesIO(content)
    assert shop.fake.import_usage(opened, filename="usage.csv")["counted"] == 1
    assert not opened.closed
    assert shop.used == 15
    assert path.read_bytes() == content


def test_imports_are_listed_newest_first_by_account(shop: Shop) -> None:
    shop.csv(name="first.csv")
    shop.csv(name="second.csv")
    shop.fake.clock.advance(1)
    shop.fake.import_usage(b"", filename="third.csv", account="sk_test_other")
    assert [each["filename"] for each in shop.fake.imports] == ["third.csv", "second.csv", "first.csv"]
    assert [each["filename"] for each in shop.fake.control.imports("sk_test_other")] == ["third.csv"]


def test_a_file_is_for_a_key_or_for_the_id_of_an_account(shop: Shop) -> None:
    connected = {"stripe_account": "acct_1connected"}
    meter = {"display_name": "T", "event_name": "tokens", "default_aggregation": {"formula": "sum"}}
    shop.client.v1.billing.meters.create(meter, connected)  # type: ignore[arg-type]
    bob = shop.client.v1.customers.create({"name": "Bob"}, {"stripe_account": "acct_1connected"}).id
    text = f"{HEADER}\na,1738281000,tokens,{bob},5\n".encode()
    assert shop.fake.import_usage(text, filename="a.csv", account="acct_1connected")["counted"] == 1
    assert shop.fake.import_usage(text, filename="a.csv")["dropped"] == 1
    assert shop.fake.usage("tokens", bob, account="acct_1connected") == 5


@pytest.mark.parametrize("lag", [0, 30])
def test_usage_from_a_file_is_late_as_that_of_the_api_is(lag: int) -> None:
    shop = Shop(lag=lag)
    shop.csv("a,1738281000,tokens,ANN,5")
    assert shop.used == (0 if lag else 5)
    shop.fake.clock.advance(30)
    assert shop.used == 5


def test_imports_and_their_error_files_survive_in_a_snapshot(shop: Shop) -> None:
    imported = shop.csv("a,1738281000,tokens,ANN,5", "b,yesterday,tokens,ANN,5")
    saved = json.loads(json.dumps(shop.fake.snapshot()))
    with FakeStripe() as other:
        other.restore(saved)
        assert other.imports == [imported]
        headers = {"Authorization": f"Bearer {other.api_key}"}
        answer = other.wsgi_app.test_client().get(f"/v1/files/{imported['error_file']}/contents", headers=headers)
        assert "yesterday" in answer.text
        assert other.usage("tokens", shop.ann) == 5


# Wrong calls


@pytest.mark.parametrize(
    ("given", "param", "message"),
    [
        ({"content": b""}, "filename", "give the name of the file, whose ending says what it is: usage.csv, "),
        ({"content": b"", "filename": ""}, "filename", "give the name of the file"),
        ({"content": b"", "filename": 7}, "filename", "filename must be a string, not 7"),
        ({"content": 7, "filename": "a.csv"}, "content", "content must be a path, bytes, or a binary file, not 7"),
        ({"content": "a,b\n1,2\n"}, "content", "content is the path of a file, or its bytes: encode the text"),
        ({"content": StringIO(), "filename": "a.csv"}, "content", "content is open as text: open it as bytes, as in "),
        ({"content": "no/such.csv"}, "content", "the file 'no/such.csv' cannot be read: No such file or directory"),
        ({"content": "."}, "content", "the file '.' cannot be read: Is a directory"),
        ({"content": "a\0b"}, "content", "the file 'a\\x00b' cannot be read: "),
        ({"content": b"", "filename": "a.csv", "source": "ftp"}, "source", "source must be s3 or dashboard, not 'ftp'"),
        ({"content": b"", "filename": "a.csv", "account": "bob"}, "account", "account must be a full test key"),
        ({"content": b"", "filename": "a.csv", "account": "acct_no"}, "account", "there is no account 'acct_no'"),
    ],
)
def test_a_wrong_call_changes_nothing(shop: Shop, given: dict[str, object], param: str, message: str) -> None:
    before = shop.fake.snapshot()
    with pytest.raises(Misuse) as misuse:
        shop.fake.import_usage(**given)  # type: ignore[arg-type]  # it is wrong
    assert misuse.value.param == param
    assert str(misuse.value).startswith(message)
    assert shop.fake.snapshot() == before
