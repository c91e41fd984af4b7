"""Usage files in JSON, an array of objects, and in JSON Lines, an object a line."""

import json
import re
from abc import ABC
from abc import abstractmethod
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from typing import NamedTuple
from typing import TextIO

from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.importing import reasons
from fakestripe_meters.domain.importing.batches import MOST
from fakestripe_meters.domain.importing.batches import Complaint
from fakestripe_meters.domain.importing.batches import Keep
from fakestripe_meters.domain.importing.checking import Form
from fakestripe_meters.domain.importing.looking import Look
from fakestripe_meters.domain.importing.reasons import BadFile
from fakestripe_meters.domain.importing.reasons import BadRecord
from fakestripe_meters.domain.metering.streaming import Sent

PIECE = 250_000
"""How many characters of an array are read at a time."""
LONGEST = 1_000_000
"""How many characters an object may have."""
Scan = Callable[[str, int], tuple[Any, int]]
BLANK = re.compile(r"[ \t\r\n]*")
NEXT = re.compile(r"[ \t\r\n]*([,\]])[ \t\r\n]*")
SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
ENDS = ("\n", "\r\n", "", "\r")
MEMBERS = frozenset({"identifier", "timestamp", "event_name", "payload"})
MOST_IGNORED = 100
STRINGS = {str}
MOST_EXPONENT = 30


def _decimal(text: str) -> str:
    """Return a number as API v1 and v2 take it: without an exponent, unless that would be very long."""
    if text.isascii() and text.replace(".", "").replace("-", "").isdecimal():
        return text
    number = Decimal(text)
    return format(number, "f") if abs(number.adjusted()) <= MOST_EXPONENT else text


def _constant(text: str) -> Any:  # noqa: ANN401  it always raises
    raise BadRecord(f"{text} is not a number")


DECODER: Any = json.JSONDecoder(parse_int=str, parse_float=_decimal, parse_constant=_constant)
SCAN: Scan = DECODER.scan_once
"""Return the value that begins at a place of a text, and where it ends.

Numbers stay text, as they are written: a payload has only strings. What is no JSON raises one of `FAILURES`.
"""
FAILURES = (StopIteration, json.JSONDecodeError, BadRecord, RecursionError)


class Broken(NamedTuple):
    """A line that is no JSON."""

    line: str
    reason: str


class JsonFile(ABC):
    """A file whose records are objects."""

    def __init__(self, text: TextIO, look: Look, form: Form, keep: Keep) -> None:
        self._text, self._look, self._form, self._keep = text, look, form, keep
        self._ignored: dict[str, None] = {}
        self._careful = False
        """Whether some text may have half a surrogate pair."""

    @property
    def ignored(self) -> list[str]:
        """The members of records that mean nothing."""
        return list(self._ignored)

    def batches(self) -> Iterator[Sequence[Complaint]]:
        """Keep the events, and yield the complaints of some thousand records; raise `BadFile` as the reader does."""
        complaints: list[Complaint] = []
        convert, keep = self._convert, self._keep
        for number, (row, element) in enumerate(self._elements(), 1):
            try:
                if element != {}:
                    keep(convert(element))
            except BadRecord as bad:
                shown = element.line if type(element) is Broken else json.dumps(element)
                complaints.append(Complaint(row, str(bad), shown))
            if not number % MOST:
                yield complaints
                complaints = []
        yield complaints

    @abstractmethod
    def _elements(self) -> Iterable[tuple[int, Any]]:
        """Yield the records, each with its line or its place."""

    @inferred("a number and a string of its digits are the same; a member that means nothing is ignored")
    def _convert(self, element: Any) -> Sent:  # noqa: ANN401  any JSON
        if type(element) is Broken:
            raise BadRecord(element.reason)
        if type(element) is not dict:
            raise BadRecord(reasons.NOT_AN_OBJECT)
        if not MEMBERS.issuperset(element) and len(self._ignored) < MOST_IGNORED:
            self._ignored.update(dict.fromkeys(name for name in element if name not in MEMBERS))
        get = element.get
        name, payload, identifier, timestamp = get("event_name"), get("payload"), get("identifier"), get("timestamp")
        if type(payload) is not dict:
            raise BadRecord(reasons.NO_PAYLOAD)
        if not STRINGS.issuperset(map(type, (*payload.values(), name, timestamp))):
            for key, value in payload.items():
                if type(value) is not str:
                    raise BadRecord(reasons.not_a_string(key))
            _check_strings(element, ("event_name", "timestamp"))
        if identifier is not None and type(identifier) is not str:
            raise BadRecord(reasons.not_a_string("identifier"))
        if self._careful:
            _check_text(element)
        return self._form.sent(name, payload, identifier, timestamp)


class JsonLinesFile(JsonFile):
    """A file with an object a line; a line that is none is a bad record."""

    def _elements(self) -> Iterator[tuple[int, Any]]:
        for row, line in enumerate(self._text, 1):
            try:
                element, end = SCAN(line, 0 if line.startswith("{") else _begin(line))
            except FAILURES as error:
                if not line.strip():
                    continue
                if line[-1] not in ENDS and _breaks_off(line, error):
                    raise BadFile(reasons.HALF_LINE) from None
                element, end = Broken(line.strip(), reasons.invalid_json(_what(error))), len(line)
            if line[end:] not in ENDS and line[end:].strip():
                element = Broken(line.strip(), reasons.invalid_json("something follows the object"))
            if "\\u" in line:
                self._careful = True
            yield row, element


class JsonArrayFile(JsonFile):
    """A file with an array of objects; one that is no JSON is refused as a whole."""

    def __init__(self, text: TextIO, look: Look, form: Form, keep: Keep) -> None:
        super().__init__(text, look, form, keep)
        self._buffer, self._at, self._before = "", 0, 0
        self._more()
        self._at = _begin(self._buffer)
        if not self._buffer.startswith("[", self._at):
            raise BadFile(reasons.NO_ARRAY)
        self._at = _begin(self._buffer, self._at + 1)

    def _elements(self) -> Iterator[tuple[int, Any]]:
        while self._at == len(self._buffer) and self._more():
            self._at = _begin(self._buffer)
        if self._buffer.startswith("]", self._at):
            self._at += 1
            self._check_end()
            return
        row, mark = 0, ","
        while mark == ",":
            element, mark = self._next()
            row += 1
            yield row, element
        self._check_end()

    def _next(self) -> tuple[Any, str]:
        """Return the next element, and whether another one follows: a comma or a bracket."""
        while True:
            try:
                element, end = SCAN(self._buffer, self._at)
            except FAILURES as error:
                why, at = _what(error), getattr(error, "pos", self._at)
            else:
                following = NEXT.match(self._buffer, end)
                if following is not None:
                    self._at = following.end()
                    return element, following[1]
                why, at = "a comma is expected", end
            place = self._before + at
            if len(self._buffer) - self._at > LONGEST:
                raise BadFile(reasons.LONG_OBJECT)
            if not self._more():
                is_half = not self._buffer.rstrip().endswith("]")
                raise BadFile(reasons.HALF_ARRAY if is_half else reasons.not_json(place, why))
            self._at = _begin(self._buffer)

    def _more(self) -> bool:
        """Forget what was read, and read on; return False at the end of the file."""
        piece = self._text.read(PIECE)
        self._before += self._at
        self._buffer, self._at = self._buffer[self._at :] + piece, 0
        if SURROGATE.search(self._buffer):
            self._careful = True
        return bool(piece)

    def _check_end(self) -> None:
        while not self._buffer[self._at :].strip():
            if not self._more():
                return
            self._at = 0
        raise BadFile(reasons.AFTER_ARRAY)


def _begin(text: str, at: int = 0) -> int:
    """Return where something begins, after blanks."""
    found = BLANK.match(text, at)
    return found.end() if found else at


def _breaks_off(line: str, error: BaseException) -> bool:
    """Return whether an error is that a line ends too early."""
    at = getattr(error, "pos", getattr(error, "value", 0))
    return at >= len(line) or str(error).startswith("Unterminated string")


def _what(error: BaseException) -> str:
    """Return what is wrong, in a few words."""
    if isinstance(error, json.JSONDecodeError):
        return (error.msg[0].lower() + error.msg[1:]).removesuffix(" at").removesuffix(" starting")
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return str(error) if isinstance(error, BadRecord) else "a value is expected"


def _check_strings(members: Mapping[str, object], names: Iterable[str]) -> None:
    for name in names:
        if not isinstance(members.get(name), str | None):
            raise BadRecord(reasons.not_a_string(name))


def _check_text(element: object) -> None:
    try:
        json.dumps(element, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise BadRecord(reasons.NO_TEXT) from None
