"""Files that are refused as a whole: a sentence says why, nothing of them counts, and an event tells of it."""

import json
from io import BytesIO
from pathlib import Path

import pytest

from tests.importing.files import HEADER
from tests.importing.files import Shop

GOOD = "a,1738281000,tokens,ANN,5"
LONG = f"{'a' * 251}.csv"

FILES: dict[str, tuple[str, str | bytes, str]] = {
    "an empty file": ("a.csv", "", "The file is empty."),
    "only blanks": ("a.json", "\ufeff \r\n\t", "The file is empty."),
    "another ending": ("a.txt", GOOD, "The name 'a.txt' does not end in .csv, .json or .jsonl."),
    "no ending": ("csv", GOOD, "The name 'csv' does not end in .csv, .json or .jsonl."),
    "a long name": (LONG, GOOD, "The name of the file has 255 characters or more. It must have fewer."),
    "a NUL byte": ("a.csv", f"{HEADER}\n{GOOD}\n\0", "The file has a NUL byte, so it is not text. Save it as UTF-8."),
    "UTF-16": ("a.csv", f"{HEADER}\n{GOOD}\n".encode("utf-16"), "The file is in UTF-16. Save it as UTF-8."),
    "Latin-1": ("a.csv", f"{HEADER}\né".encode("latin-1"), "The file is not in UTF-8: byte 74 of it cannot be read."),
    "half a character": (
        "a.csv",
        f"{HEADER}\né".encode()[:-1],
        "The file is not in UTF-8: byte 74 of it cannot be read.",
    ),
    "no event name": (
        "a.csv",
        f"{HEADER.replace('event_name', 'event')}\n{GOOD}\n",
        "The mandatory column event_name is missing.",
    ),
    "no timestamp": (
        "a.csv",
        f"{HEADER.replace('timestamp', 'time')}\n{GOOD}\n",
        "The mandatory column timestamp is missing.",
    ),
    "no customer": (
        "a.csv",
        f"{HEADER.replace('stripe_customer_id', 'customer')}\n{GOOD}\n",
        "The mandatory column payload_stripe_customer_id is missing.",
    ),
    "no value": (
        "a.csv",
        f"{HEADER.replace('payload_value', 'value')}\n{GOOD}\n",
        "The mandatory column payload_value is missing.",
    ),
    "semicolons": (
        "a.csv",
        f"{HEADER}\n{GOOD}\n".replace(",", ";"),
        "The mandatory column timestamp is missing: columns are separated by commas, and the header has semicolons.",
    ),
    "tabs": (
        "a.csv",
        f"{HEADER}\n{GOOD}\n".replace(",", "\t"),
        "The mandatory column timestamp is missing: columns are separated by commas, and the header has tabs.",
    ),
    "a column twice": ("a.csv", f"{HEADER},timestamp\n{GOOD},1\n", "The column 'timestamp' is there more than once."),
    "no header": ("a.csv", f"{GOOD}\n", "The mandatory column timestamp is missing."),
    "JSON that is called CSV": ("a.csv", '[{"timestamp": 1}]', "The mandatory column timestamp is missing."),
    "an open quote": (
        "a.csv",
        f'{HEADER}\n{GOOD}\n"b,1738281000,tokens,ANN,5\n',
        "Line 3 of the file is not valid CSV: unexpected end of data.",
    ),
    "something after a quote": (
        "a.csv",
        f'{HEADER}\n{GOOD}\n"b"x,1738281000,tokens,ANN,5\n',
        "Line 3 of the file is not valid CSV: ',' expected after '\"'.",
    ),
    "a large cell": (
        "a.csv",
        f"{HEADER}\n{GOOD}\n{'b' * 200_000},1738281000,tokens,ANN,5\n",
        "Line 3 of the file is not valid CSV: field larger than field limit (131072).",
    ),
    "a large line": (
        "a.csv",
        f"{HEADER}\n{'b' * 2_500_000}",
        "A line of the file is longer than a million bytes, so it cannot be a record.",
    ),
    "half a row": (
        "a.csv",
        f"{HEADER}\n{GOOD}\nb,1738281000,tok",
        "The last row has fewer cells than the header, and no end of line: the file is only half written.",
    ),
    "an object": (
        "a.json",
        '{"timestamp": 1}',
        "The file does not begin with [: a .json file is an array of objects, and a .jsonl file an object a line.",
    ),
    "CSV that is called JSON": (
        "a.json",
        f"{HEADER}\n{GOOD}\n",
        "The file does not begin with [: a .json file is an array of objects, and a .jsonl file an object a line.",
    ),
    "an open array": ("a.json", "[{}, {}", "The array ends without ]: the file is only half written."),
    "an open array after a comma": ("a.json", "[{}, ", "The array ends without ]: the file is only half written."),
    "an open object": ("a.json", '[{}, {"a": "b', "The array ends without ]: the file is only half written."),
    "nothing but a bracket": ("a.json", "[", "The array ends without ]: the file is only half written."),
    "a comma too many": ("a.json", "[{},]", "The file is not valid JSON: a value is expected, at character 5."),
    "a comma too few": ("a.json", "[{} {}]", "The file is not valid JSON: a comma is expected, at character 4."),
    "no quotes": (
        "a.json",
        "[{}, {a: 1}]",
        "The file is not valid JSON: expecting property name enclosed in double quotes, at character 7.",
    ),
    "NaN": ("a.json", '[{"a": NaN}]', "The file is not valid JSON: NaN is not a number, at character 2."),
    "two arrays": ("a.json", "[{}]\n[{}]", "Something follows the end of the array."),
    "deep JSON": (
        "a.json",
        "[" * 100_000 + "]" * 100_000,
        "The file is not valid JSON: it is nested too deeply, at character 2.",
    ),
    "a large object": (
        "a.json",
        f'[{{"a": "{"b" * 1_600_000}"}}]',
        "An object of the file is longer than a million characters, so it cannot be a record.",
    ),
    "half a line": (
        "a.jsonl",
        '{}\n{"timestamp": 1738281000, "event_na',
        "The last line ends in the middle of an object: the file is only half written.",
    ),
    "an open brace": (
        "a.jsonl",
        "{}\n{",
        "The last line ends in the middle of an object: the file is only half written.",
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_read_fails_with_a_sentence_and_counts_nothing(shop: Shop, name: str) -> None:
    filename, content, reason = FILES[name]
    sent = content if isinstance(content, bytes) else content.replace("ANN", shop.ann).encode()
    imported = shop.fake.import_usage(sent, filename=filename)
    assert imported["failed_reason"] == reason
    assert (imported["status"], imported["records"], imported["counted"]) == ("failed", 0, 0)
    assert shop.used == 0
    assert shop.fake.dropped_events == []
    (event,) = shop.client.v1.events.list({"type": "data_management.import_set.failed"}).data
    failed = event.data.object.to_dict()
    assert (failed["id"], failed["status"], failed["failed_reason"]) == (imported["id"], "failed", reason)
    assert failed["result"] is None
    assert shop.client.v1.files.list().data == []


def test_good_records_before_a_fault_do_not_count_however_many_they_are(shop: Shop) -> None:
    records = ",".join([json.dumps(shop.record())] * 25_000)
    assert shop.fake.import_usage(f"[{records}, 5".encode(), filename="a.json")["status"] == "failed"
    rows = ["a,1738281000,tokens,ANN,5"] * 25_000
    assert shop.csv(*rows, '"')["status"] == "failed"
    assert shop.used == 0
    assert shop.lines([shop.record()])["counted"] == 1


def test_the_columns_must_be_of_some_active_meter() -> None:
    shop = Shop()
    shop.client.v1.billing.meters.deactivate(shop.meter)
    shop.add_meter(
        "calls",
        customer_mapping={"type": "by_id", "event_payload_key": "buyer"},
        value_settings={"event_payload_key": "units"},
    )
    header = "timestamp,event_name,payload_buyer,payload_units"
    assert shop.csv(header=header)["status"] == "succeeded"
    assert shop.csv(header=HEADER)["failed_reason"] == "The mandatory column payload_buyer is missing."
    without = header.replace(",payload_units", "")
    assert shop.csv(header=without)["failed_reason"] == "The mandatory column payload_units is missing."
    shop.add_meter("visits", default_aggregation={"formula": "count"})
    assert shop.csv(header=without)["status"] == "succeeded"


def test_a_file_without_a_payload_is_refused_also_where_there_is_no_meter(shop: Shop) -> None:
    text = b"timestamp,event_name\n"
    imported = shop.fake.import_usage(text, filename="a.csv", account="sk_test_empty")
    assert imported["failed_reason"] == "The mandatory column payload_stripe_customer_id is missing."


@pytest.mark.parametrize(
    ("source", "most", "words"), [("s3", 2**30, "1 GB"), ("dashboard", 5 * 2**20, "5 MB")], ids=["s3", "dashboard"]
)
def test_a_file_that_is_too_large_is_not_even_read(
    shop: Shop, tmp_path: Path, source: str, most: int, words: str
) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.truncate(most + 1)  # its bytes take no room
    imported = shop.fake.control.import_usage(path, source=source)
    assert imported["failed_reason"] == f"The file is larger than {words}."


def test_a_name_of_254_characters_is_not_too_long(shop: Shop) -> None:
    assert shop.csv(name=f"{'a' * 250}.csv")["status"] == "succeeded"


class Broken(BytesIO):
    """A file on a disk that fails."""

    def read(self, size: int | None = -1) -> bytes:
        raise OSError(size)


def test_a_file_that_stops_to_be_readable_fails(shop: Shop) -> None:
    imported = shop.fake.import_usage(Broken(f"{HEADER}\n".encode()), filename="a.csv")
    assert imported["failed_reason"] == "The file could not be read."


def test_only_csv_is_for_the_dashboard(shop: Shop) -> None:
    imported = shop.fake.import_usage(b"[]", filename="a.json", source="dashboard")
    assert imported["failed_reason"] == "The Dashboard takes CSV files, whose names end in .csv."
