"""Usage files that something is wrong with: each with the sentence that says what."""

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

TIME = 1_735_689_000
"""Some minutes before the tests' present."""
COLUMNS = ("identifier", "timestamp", "event_name", "payload_stripe_customer_id", "payload_value")
GOOD: dict[str, object] = {
    "identifier": "one",
    "timestamp": TIME,
    "event_name": "calls",
    "payload": {"stripe_customer_id": "CUSTOMER", "value": 5},
}
KINDS = ("csv", "json", "jsonl")
NO_TEXTS: tuple[object, ...] = (True, [], {}, [1], {"amount": 5})


@dataclass(frozen=True, slots=True)
class Malformed:
    """A file, and a part of the sentence that refuses it. `CUSTOMER` in it stands for the id of a customer."""

    filename: str
    content: bytes
    says: str

    def of(self, customer: str) -> bytes:
        return self.content.replace(b"CUSTOMER", customer.encode())


def rows(*changed: dict[str, object], header: str = ",".join(COLUMNS)) -> str:
    """A CSV file: the good row, with some cells changed."""
    row = dict(zip(COLUMNS, ("one", TIME, "calls", "CUSTOMER", 5), strict=True))
    lines = [",".join(map(str, (row | each).values())) for each in changed or [{}]]
    return "\n".join([header, *lines, ""])


def of_kind(kind: str, *records: object) -> str:
    """A good file of a kind, or one of these records."""
    if kind == "csv":
        return rows()
    if kind == "json":
        return json.dumps(list(records or [GOOD]))
    return "".join(f"{json.dumps(each)}\n" for each in records or [GOOD])


def whole_files() -> dict[str, Malformed]:
    """Files of which nothing counts, by names that say what is wrong."""
    every = (*_empty(), *_encoded(), *_other_kinds(), *_named(), *_csv(), *_json(), *_json_lines())
    return {name: Malformed(filename, _bytes(content), says) for name, filename, content, says in every}


def records() -> dict[str, Malformed]:
    """Files with one record that cannot be read: it is in the error file."""
    found = {name: Malformed("usage.csv", _bytes(content), says) for name, content, says in _csv_records()}
    for name, record, says in _json_records():
        found[f"jsonl, {name}"] = Malformed("usage.jsonl", f"{record}\n".encode(), says)
        if not name.startswith("no JSON"):
            found[f"json, {name}"] = Malformed("usage.json", f"[{record}]".encode(), says)
    return found


def dropped() -> dict[str, Malformed]:
    """Files with one record that can be read and does not count: an error report says why. `says` is its code."""
    found = {}
    for number, (name, changed, code) in enumerate(_wrong_data()):
        cells = {"identifier": f"dropped csv {number}"} | _cells(changed)
        found[f"csv, {name}"] = Malformed("usage.csv", rows(cells).encode(), code)
        record = GOOD | {"identifier": f"dropped json {number}"}
        record |= {key: value for key, value in changed.items() if key in GOOD}
        payload = {"stripe_customer_id": "CUSTOMER", "value": 5}
        payload |= {key: value for key, value in changed.items() if key not in GOOD}
        payload = {key: value for key, value in payload.items() if value != ""}  # as an empty cell is no value
        found[f"json, {name}"] = Malformed("usage.json", json.dumps([record | {"payload": payload}]).encode(), code)
    return found


Case = tuple[str, str, str | bytes, str]


def _bytes(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode()


def _cells(changed: dict[str, object]) -> dict[str, object]:
    return {key if key in COLUMNS else f"payload_{key}": value for key, value in changed.items()}


def _empty() -> Iterator[Case]:
    blanks = {"nothing": b"", "a byte order mark": b"\xef\xbb\xbf", "blanks": b"  \t ", "empty lines": b"\r\n\n\r\n"}
    for kind in KINDS:
        for name, content in blanks.items():
            yield f"{kind}, {name} only", f"usage.{kind}", content, "The file is empty."


def _encoded() -> Iterator[Case]:
    for kind in KINDS:
        good, name = of_kind(kind), f"usage.{kind}"
        for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32"):
            says = "UTF-16" if encoding in ("utf-16", "utf-32") else "NUL byte"
            yield f"{kind} in {encoding}", name, good.encode(encoding), says
        yield f"{kind} in Latin-1", name, good.replace("one", "é").encode("latin-1"), "not in UTF-8"
        yield f"{kind} in cp1252", name, good.replace("one", "€").encode("cp1252"), "not in UTF-8"
        yield f"{kind}, half a character at the end", name, good.encode() + "é".encode()[:1], "not in UTF-8"
        yield (
            f"{kind}, an overlong character",
            name,
            good.replace("one", "o\x00").encode().replace(b"\0", b"\xc0\x80"),
            ("not in UTF-8"),
        )
        yield f"{kind}, a surrogate in bytes", name, good.encode().replace(b"one", b"\xed\xa0\x80"), "not in UTF-8"
        for where, content in (("first", f"\0{good}"), ("last", f"{good}\0"), ("within", good.replace("one", "o\0e"))):
            yield f"{kind}, NUL {where}", name, content, "NUL byte"


def _other_kinds() -> Iterator[Case]:
    good = rows()
    others = {
        "gzip": gzip.compress(good.encode(), mtime=0),
        "zlib": zlib.compress(good.encode()),
        "PNG": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        "a spreadsheet": b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0",
        "SQLite": b"SQLite format 3\0\x10\0",
        "parquet": b"PAR1\x15\x04\x15\0PAR1",
    }
    for kind in KINDS:
        for name, content in others.items():
            yield f"{name} as {kind}", f"usage.{kind}", content, "The file "
    for name, text in {"HTML": "<!doctype html>\n<p>calls</p>\n", "YAML": "- event_name: calls\n"}.items():
        yield f"{name} as csv", "usage.csv", text, "The mandatory column timestamp is missing"
        yield f"{name} as json", "usage.json", text, "The file does not begin with ["
    yield "JSON as csv", "usage.csv", of_kind("json"), "The "
    yield "JSON Lines as csv", "usage.csv", of_kind("jsonl"), "The "
    yield "CSV as json", "usage.json", good, "The file does not begin with ["
    yield "JSON Lines as json", "usage.json", of_kind("jsonl"), "The file does not begin with ["


def _named() -> Iterator[Case]:
    for name in ("usage", "usage.txt", "usage.xlsx", "usage.csv.gz", "usage.csv ", "usage_csv", "usage.ndjson"):
        yield f"the name {name!r}", name, rows(), "does not end in .csv, .json or .jsonl"
    for length in (255, 256, 10_000):
        yield f"a name of {length} characters", "u" * (length - 4) + ".csv", rows(), "255 characters or more"


def _csv() -> Iterator[Case]:
    name = "usage.csv"
    for column in COLUMNS[1:]:
        others = ",".join(each for each in COLUMNS if each != column)
        yield f"csv without {column}", name, f"{others}\na,b,c,d\n", f"The mandatory column {column} is missing"
    for column in COLUMNS:
        content = rows(header=",".join((*COLUMNS, column))).replace(",5\n", ",5,6\n")
        yield f"csv with {column} twice", name, content, f"The column '{column}' is there more than once"
    for mark, says in ((";", "semicolons"), ("\t", "tabs"), ("|", "timestamp is missing")):
        yield f"csv with {mark!r} between the cells", name, rows().replace(",", mark), says
    yield "csv without a header", name, rows().partition("\n")[2], "The mandatory column timestamp is missing"
    yield "csv with a header in capitals", name, rows(header=",".join(COLUMNS).upper()), "timestamp is missing"
    yield "csv with an empty first line", name, f"\n{rows()}", "timestamp is missing"
    yield "csv, a quote that does not end", name, rows({"identifier": '"one'}), "is not valid CSV"
    yield "csv, a quote that does not end in the header", name, f'"{rows()}', "is not valid CSV"
    yield "csv, text after a quote", name, rows({"identifier": '"one"two'}), "is not valid CSV"
    yield "csv, a field of 200,000 characters", name, rows({"identifier": "x" * 200_000}), "is not valid CSV"
    yield "csv, a line of 3 MB", name, f"{'x' * 3_000_000}", "longer than a million bytes"
    yield "csv, half of a row", name, rows({}, {"identifier": "two"})[:-15], "only half written"
    yield "csv, half of a header", name, "identifier,timestamp,event_na", "The mandatory column event_name is missing"


def _json() -> Iterator[Case]:
    name, good = "usage.json", of_kind("json")
    for content in ("null", "5", "true", '"calls"', '{"event_name": "calls"}', "NaN", "// nothing\n[]", "(1)"):
        yield f"json, {content!r} in the place of an array", name, content, "The file does not begin with ["
    for place in (1, 2, 10, len(good) // 2, len(good) - 1):
        yield f"json, only {place} characters", name, good[:place], "The "
    for text, instead in {
        "a comma at the end": good.replace("]", ",]"),
        "two commas": good.replace("[", "[,"),
        "single quotes": good.replace('"', "'"),
        "no quotes": good.replace('"event_name"', "event_name"),
        "no comma between records": good[:-1] + good[1:],
        "a brace too few": good.replace("}}", "}"),
        "a control character in a string": good.replace("one", "o\x01e"),
        "a wrong escape": good.replace("one", "\\x"),
    }.items():
        yield f"json, {text}", name, instead, "The file is not valid JSON"
    yield "json, something after the array", name, f"{good} 5", "Something follows the end of the array"
    yield "json, two arrays", name, good * 2, "Something follows the end of the array"
    for opening in ("[", '{"a":'):
        yield f"json, {opening!r} a hundred thousand times", name, f"[{opening * 100_000}", "The "
    long = json.dumps([GOOD | {"identifier": "x" * 3_000_000}])
    yield "json, an object of 3 MB", name, long, "longer than a million characters"


def _json_lines() -> Iterator[Case]:
    name, good = "usage.jsonl", of_kind("jsonl")
    for place in (1, 2, 10, len(good) // 2, len(good) - 2):
        yield f"jsonl, only {place} characters", name, good[:place], "only half written"
    yield "jsonl, half of a second line", name, good + good[:20], "only half written"
    yield "jsonl, a line of 3 MB", name, f'{{"identifier": "{"x" * 3_000_000}"}}\n', "longer than a million bytes"


def _csv_records() -> Iterator[tuple[str, str, str]]:
    for column, says in {
        "timestamp": "timestamp is missing",
        "event_name": "event_name is missing",
        "payload_stripe_customer_id": "stripe_customer_id is missing",
    }.items():
        yield f"csv, no {column}", rows({column: ""}), f"The mandatory field {says}"
    yield "csv, a cell too few", rows().replace(",5\n", "\n"), "The row has 4 cells, and the header 5"
    yield "csv, a cell too many", rows().replace(",5\n", ",5,6\n"), "The row has 6 cells, and the header 5"
    yield "csv, a long identifier", rows({"identifier": "x" * 101}), "identifier has more than 100 characters"
    yield "csv, a long name", rows({"event_name": "x" * 101}), "event_name has more than 100 characters"
    for wrong in _no_times():
        yield f"csv, the time {wrong!r}", rows({"timestamp": wrong}), "The timestamp "


def _no_times() -> tuple[str, ...]:
    """What no file may have as a time."""
    some = (
        "soon",
        "1735689000.5",
        "1.7e9",
        "0x10",
        "+1735689000",
        " 1735689000",
        "1_735_689_000",
        "١٧٣٥٦٨٩٠٠٠",
        "9" * 30,
    )
    return (*some, "2025-13-01", "2025-02-30", "01/02/2025", "NaN", "true", "--5")


def _json_records() -> Iterator[tuple[str, str, str]]:
    def changed(**members: object) -> str:
        return json.dumps({key: value for key, value in (GOOD | members).items() if value is not ...})

    def paid(**members: object) -> str:
        return changed(payload={"stripe_customer_id": "CUSTOMER", "value": 5} | members)

    for element in ("5", "null", "true", '"calls"', "[]", "[[]]"):
        yield f"{element} in the place of a record", element, "The record is not an object"
    for name in ("timestamp", "event_name", "payload"):
        yield f"no {name}", changed(**{name: ...}), f"The mandatory field {name} is missing"
        yield f"{name} is null", changed(**{name: None}), f"The mandatory field {name} is missing"
    for name in ("timestamp", "event_name", "identifier"):
        for value in NO_TEXTS:
            says = f"The field '{name}' is neither a string nor a number"
            yield f"{name} is {value!r}", changed(**{name: value}), says
    for value in (*NO_TEXTS, None):
        yield f"value is {value!r}", paid(value=value), "The field 'value' is neither a string nor a number"
    yield "payload is a list", changed(payload=[]), "payload is missing, or is not an object"
    yield "payload is text", changed(payload="value=5"), "payload is missing, or is not an object"
    yield "no customer", changed(payload={"value": 5}), "The mandatory field stripe_customer_id is missing"
    yield "an empty customer", paid(stripe_customer_id=""), "The mandatory field stripe_customer_id is missing"
    yield "a long identifier", changed(identifier="x" * 101), "identifier has more than 100 characters"
    for wrong in _no_times():
        yield f"the time {wrong!r}", changed(timestamp=wrong), "The timestamp "
    yield "no JSON: NaN", changed(timestamp=float("nan")), "is not valid JSON"
    yield "no JSON: Infinity", paid(value=float("inf")), "is not valid JSON"
    yield "no JSON: words", "calls by CUSTOMER", "is not valid JSON"
    yield "no JSON: two objects", json.dumps(GOOD) * 2, "is not valid JSON"
    yield "no JSON: single quotes", str(GOOD), "is not valid JSON"
    yield "half a surrogate pair", changed(identifier="\ud800"), "half a surrogate pair"


def _wrong_data() -> Iterator[tuple[str, dict[str, object], str]]:
    yield "a meter that there is not", {"event_name": "cals"}, "no_meter"
    for value in ("five", "1e999", "NaN", "Infinity", "0x5", "1 000", "\u0665", "--5", "5.5.5"):
        yield f"the value {value[:20]!r}", {"value": value}, "meter_event_invalid_value"
    for value in ("9" * 16, "9" * 400, "0." + "1" * 400):
        yield f"the value {value[:5]}… of {len(value)} digits", {"value": value}, "meter_event_value_too_many_digits"
    yield "no value", {"value": ""}, "meter_event_value_not_found"
    yield "a customer that there is not", {"stripe_customer_id": "cus_nobody"}, "meter_event_customer_not_found"
    yield "a time that is long ago", {"timestamp": TIME - 40 * 86_400}, "timestamp_too_far_in_past"
    yield "a time in 1970", {"timestamp": 5}, "timestamp_too_far_in_past"
    yield "a time before 1970", {"timestamp": -5}, "timestamp_too_far_in_past"
    yield "a time that is far ahead", {"timestamp": TIME + 40 * 86_400}, "timestamp_in_future"
    yield "a time in milliseconds", {"timestamp": TIME * 1000}, "timestamp_in_future"
