"""Records of which each has its own fate: those that are refused for their form are in the error file."""

import json

import pytest

from tests.importing.files import HEADER
from tests.importing.files import NOW
from tests.importing.files import Shop

SECONDS = "The timestamp {} is not a whole number of Unix seconds."

ROWS = {
    "no customer": ("b,1738281000,tokens,,5", "The mandatory field stripe_customer_id is missing."),
    "no event name": ("b,1738281000,,ANN,5", "The mandatory field event_name is missing."),
    "no time": ("b,,tokens,ANN,5", "The mandatory field timestamp is missing."),
    "words for a time": ("b,yesterday,tokens,ANN,5", SECONDS.format("'yesterday'")),
    "a date": ("b,2025-01-30,tokens,ANN,5", SECONDS.format("'2025-01-30'")),
    "a fraction of a second": ("b,1738281000.5,tokens,ANN,5", SECONDS.format("'1738281000.5'")),
    "digits of another script": ("b,١٧٣٨٢٨١٠٠٠,tokens,ANN,5", SECONDS.format("'١٧٣٨٢٨١٠٠٠'")),
    "nineteen digits": (f"b,{'1' * 19},tokens,ANN,5", SECONDS.format(f"'{'1' * 19}'")),
    "a long name": (f"b,1738281000,{'t' * 101},ANN,5", "The field event_name has more than 100 characters."),
    "a long identifier": (f"{'b' * 101},1738281000,tokens,ANN,5", "The field identifier has more than 100 characters."),
    "a cell too few": ("b,1738281000,tokens,ANN", "The row has 4 cells, and the header 5."),
    "a cell too many": ("b,1738281000,tokens,ANN,5,6", "The row has 6 cells, and the header 5."),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_row_of_the_wrong_form_is_in_the_error_file(shop: Shop, name: str) -> None:
    row, reason = ROWS[name]
    imported = shop.csv("a,1738281000,tokens,ANN,5", row, "c,1738281000,tokens,ANN,7")
    assert (imported["status"], imported["records"]) == ("succeeded_with_errors", 3)
    assert (imported["counted"], imported["errors"], imported["dropped"]) == (2, 1, 0)
    ((line, said, record),) = shop.refused(imported)
    assert (line, said) == ("3", reason)
    cells = row.replace("ANN", shop.ann).split(",")
    assert json.loads(record) == (dict(zip(HEADER.split(","), cells, strict=True)) if len(cells) == 5 else cells)
    assert shop.used == 12
    assert shop.fake.dropped_events == []


ELEMENTS = {
    "a number": ("5", "The record is not an object."),
    "a list": ("[1]", "The record is not an object."),
    "an empty list": ("[]", "The record is not an object."),
    "null": ("null", "The record is not an object."),
    "no payload": ('{"timestamp": 1738281000, "event_name": "tokens"}', "The mandatory field payload is missing"),
    "a payload that is none": (
        '{"timestamp": 1738281000, "event_name": "tokens", "payload": "a"}',
        "The mandatory field payload is missing, or is not an object.",
    ),
    "a value that is true": (
        '{"timestamp": 1738281000, "event_name": "tokens", "payload": {"stripe_customer_id": "ANN", "value": true}}',
        "The field 'value' is neither a string nor a number.",
    ),
    "a value that is null": (
        '{"timestamp": 1738281000, "event_name": "tokens", "payload": {"stripe_customer_id": "ANN", "value": null}}',
        "The field 'value' is neither a string nor a number.",
    ),
    "a name that is a list": (
        '{"timestamp": 1738281000, "event_name": ["tokens"], "payload": {"stripe_customer_id": "ANN", "value": 1}}',
        "The field 'event_name' is neither a string nor a number.",
    ),
    "an identifier that is an object": (
        '{"identifier": {}, "timestamp": 1738281000, "event_name": "tokens", "payload": {"stripe_customer_id": "ANN"}}',
        "The field 'identifier' is neither a string nor a number.",
    ),
    "a time that is false": (
        '{"timestamp": false, "event_name": "tokens", "payload": {"stripe_customer_id": "ANN", "value": 1}}',
        "The field 'timestamp' is neither a string nor a number.",
    ),
    "no time": (
        '{"event_name": "tokens", "payload": {"stripe_customer_id": "ANN", "value": 1}}',
        "The mandatory field timestamp is missing.",
    ),
    "null for a time": (
        '{"timestamp": null, "event_name": "tokens", "payload": {"stripe_customer_id": "ANN", "value": 1}}',
        "The mandatory field timestamp is missing.",
    ),
    "no name": (
        '{"timestamp": 1738281000, "payload": {"stripe_customer_id": "ANN", "value": 1}}',
        "The mandatory field event_name is missing.",
    ),
    "no customer": (
        '{"timestamp": 1738281000, "event_name": "tokens", "payload": {"value": 1}}',
        "The mandatory field stripe_customer_id is missing.",
    ),
    "half a surrogate pair": (
        (
            '{"identifier": "\\ud83d", "timestamp": 1738281000, "event_name": "tokens", '
            '"payload": {"stripe_customer_id": "ANN", "value": 1}}'
        ),
        "The record has half a surrogate pair, which is not text.",
    ),
}


@pytest.mark.parametrize("ending", ["json", "jsonl"])
@pytest.mark.parametrize("name", ELEMENTS)
def test_a_record_of_the_wrong_form_is_in_the_error_file(shop: Shop, name: str, ending: str) -> None:
    element, reason = ELEMENTS[name]
    good = json.dumps(shop.record())
    records = [good, element.replace("ANN", shop.ann), good]
    text = f"[{','.join(records)}]" if ending == "json" else "\n".join(records)
    imported = shop.fake.import_usage(text.encode(), filename=f"usage.{ending}")
    assert (imported["status"], imported["counted"], imported["errors"]) == ("succeeded_with_errors", 2, 1)
    ((row, said, _record),) = shop.refused(imported)
    assert row == "2"
    assert said.startswith(reason)
    assert shop.used == 10


def test_a_whole_surrogate_pair_is_text(shop: Shop) -> None:
    assert shop.json([shop.record(identifier="😀"), shop.record(identifier="\\ud83d")])["counted"] == 2


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("nonsense", "The line is not valid JSON: a value is expected."),
        ('{"a": 1,}', "The line is not valid JSON: expecting property name enclosed in double quotes."),
        ('{"a": "b}', "The line is not valid JSON: invalid control character."),
        ('{"a": Infinity}', "The line is not valid JSON: Infinity is not a number."),
        ("{}{}", "The line is not valid JSON: something follows the object."),
        ("[" * 100_000, "The line is not valid JSON: it is nested too deeply."),
    ],
)
def test_a_line_that_is_no_json_is_a_bad_record(shop: Shop, line: str, reason: str) -> None:
    imported = shop.lines([shop.record(), f"{line}\n", shop.record()])
    assert (imported["counted"], imported["errors"]) == (2, 1)
    assert shop.refused(imported) == [["2", reason, line]]


DROPPED = {
    "no meter": ("b,1738281000,nothing,ANN,5", "no_meter"),
    "no such customer": ("b,1738281000,tokens,cus_no,5", "meter_event_customer_not_found"),
    "words for a value": ("b,1738281000,tokens,ANN,many", "meter_event_invalid_value"),
    "no value": ("b,1738281000,tokens,ANN,", "meter_event_value_not_found"),
    "too old": ("b,1700000000,tokens,ANN,5", "timestamp_too_far_in_past"),
    "before 1970": ("b,-5,tokens,ANN,5", "timestamp_too_far_in_past"),
    "too new": ("b,1738285200,tokens,ANN,5", "timestamp_in_future"),
    "far away": (f"b,{'9' * 18},tokens,ANN,5", "timestamp_in_future"),
}


@pytest.mark.parametrize("name", DROPPED)
def test_what_a_record_says_is_checked_as_usage_without_validation_is(shop: Shop, name: str) -> None:
    row, code = DROPPED[name]
    imported = shop.csv("a,1738281000,tokens,ANN,5", row, "c,1738281000,tokens,ANN,7")
    assert (imported["status"], imported["counted"], imported["dropped"]) == ("succeeded", 2, 1)
    assert imported["error_file"] is None
    (dropped,) = shop.fake.dropped_events
    assert (dropped.code, dropped.event["identifier"]) == (code, "b")
    assert shop.used == 12


def test_usage_of_an_archived_meter_is_dropped(shop: Shop) -> None:
    shop.client.v1.billing.meters.deactivate(shop.meter)
    assert shop.csv("a,1738281000,tokens,ANN,5")["dropped"] == 1
    assert shop.fake.dropped_events[0].code == "archived_meter"


def test_the_error_file_ends_with_how_many_more_there_are(shop: Shop) -> None:
    long = "x" * 100_000
    imported = shop.csv(*[f"{long},1738281000,tokens,ANN,5"] * 120)
    rows = shop.refused(imported)
    assert imported["errors"] == 120
    assert rows[-1] == ["", f"{120 - len(rows) + 1} more records are not listed", ""]
    assert 90 < len(rows) < 110


TIMES = {
    "1738281000": 1_738_281_000,
    "2025-01-30": 1_738_195_200,
    "2025-01-30T12:00:00+0530": 1_738_218_600,
    "2025-01-30T12:00:00-0800": 1_738_267_200,
    "2025-01-30T12:00:00Z": 1_738_238_400,
}


@pytest.mark.parametrize("text", TIMES)
def test_the_dashboard_takes_three_formats_of_time(shop: Shop, text: str) -> None:
    imported = shop.csv(f"a,{text},tokens,ANN,5", source="dashboard")
    assert (imported["source"], imported["counted"]) == ("dashboard", 1)
    assert shop.fake.explain("tokens", shop.ann).events[0].timestamp == TIMES[text]


@pytest.mark.parametrize(
    "text",
    ["2025-02-30", "30.01.2025", "2025-01-30T12:00:00", "2025-01-30T12:00:00+05:30", "2025-01-30T25:00:00Z", "now"],
)
def test_other_formats_are_refused_by_the_dashboard_too(shop: Shop, text: str) -> None:
    imported = shop.csv(f"a,{text},tokens,ANN,5", source="dashboard")
    ((_, said, _),) = shop.refused(imported)
    assert said == (
        f"The timestamp '{text}' is not a whole number of Unix seconds, a day such as 2025-01-31, "
        "or a time such as 2025-01-31T12:00:00+0530."
    )


def test_times_are_those_of_a_customers_test_clock(shop: Shop) -> None:
    clock = shop.client.v1.test_helpers.test_clocks.create({"frozen_time": NOW + 90 * 86_400})
    later = shop.client.v1.customers.create({"test_clock": clock.id}).id
    imported = shop.csv(f"a,{NOW + 90 * 86_400 - 60},tokens,{later},5", f"b,1738281000,tokens,{later},5")
    assert (imported["counted"], imported["dropped"]) == (1, 1)
