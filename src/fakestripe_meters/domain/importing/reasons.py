"""Why a usage file, or a record of one, is refused: every sentence."""

# inferred: the sentences, and that all of them are `failed_reason` of the file, or the description of a record.

from fakestripe_meters.core.errors import quoted


class BadFile(Exception):  # noqa: N818  it is what is wrong, and no error of the fake
    """A file is refused as a whole; the message is the sentence."""


class BadRecord(Exception):  # noqa: N818  likewise
    """A record is refused; the message is the sentence."""


# Of files

LONG_NAME = "The name of the file has 255 characters or more. It must have fewer."
EMPTY = "The file is empty."
NUL = "The file has a NUL byte, so it is not text. Save it as UTF-8."
UTF_16 = "The file is in UTF-16. Save it as UTF-8."
UNREADABLE = "The file could not be read."
LONG_LINE = "A line of the file is longer than a million bytes, so it cannot be a record."
LONG_OBJECT = "An object of the file is longer than a million characters, so it cannot be a record."
NO_ARRAY = "The file does not begin with [: a .json file is an array of objects, and a .jsonl file an object a line."
HALF_ARRAY = "The array ends without ]: the file is only half written."
AFTER_ARRAY = "Something follows the end of the array."
HALF_LINE = "The last line ends in the middle of an object: the file is only half written."
HALF_ROW = "The last row has fewer cells than the header, and no end of line: the file is only half written."
ONLY_CSV = "The Dashboard takes CSV files, whose names end in .csv."


def wrong_kind(filename: str) -> str:
    """The name has another ending."""
    return f"The name {quoted(filename)} does not end in .csv, .json or .jsonl."


def too_large(most: str) -> str:
    """The file has too many bytes."""
    return f"The file is larger than {most}."


def not_utf_8(at: int) -> str:
    """The file cannot be decoded; `at` counts from 0, and people from 1."""
    return f"The file is not in UTF-8: byte {at + 1} of it cannot be read."


def missing_column(name: str, hint: str = "") -> str:
    """The header of a CSV file lacks a mandatory column."""
    return f"The mandatory column {name} is missing{hint}."


def repeated_column(name: str) -> str:
    """The header of a CSV file has a column twice."""
    return f"The column {quoted(name)} is there more than once."


def not_csv(line: int, what: str) -> str:
    """The rows cannot be told apart."""
    return f"Line {line} of the file is not valid CSV: {what}."


def not_json(at: int, what: str) -> str:
    """The array has a syntax error; `at` counts from 0, and people from 1."""
    return f"The file is not valid JSON: {what}, at character {at + 1}."


# Of records

NOT_AN_OBJECT = "The record is not an object."
NO_PAYLOAD = "The mandatory field payload is missing, or is not an object."
NO_TIMESTAMP = "The mandatory field timestamp is missing."
NO_EVENT_NAME = "The mandatory field event_name is missing."
NO_TEXT = "The record has half a surrogate pair, which is not text."


def wrong_width(cells: int, columns: int) -> str:
    """A row has other columns than the header."""
    return f"The row has {cells} cells, and the header {columns}."


def invalid_json(what: str) -> str:
    """A line is not JSON."""
    return f"The line is not valid JSON: {what}."


def missing_field(name: str) -> str:
    """A field is missing or empty."""
    return f"The mandatory field {name} is missing."


def not_a_string(name: str) -> str:
    """A field is of another type."""
    return f"The field {quoted(name)} is neither a string nor a number."


def too_long(name: str, most: int) -> str:
    """A field is too long."""
    return f"The field {name} has more than {most} characters."


def not_a_time(text: str, formats: str) -> str:
    """A timestamp is no time."""
    return f"The timestamp {quoted(text)} is not {formats}."
