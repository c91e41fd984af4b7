"""A usage file, read and checked as a whole: only then is anything of it counted.

Its events are kept in a temporary file meanwhile, so that memory does not grow with the file, and what somebody writes
into the file later changes nothing.
"""

import csv
import io
import tempfile
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any
from typing import BinaryIO
from typing import TextIO
from typing import cast

from fakestripe_meters.core.packed import pack
from fakestripe_meters.core.packed import unpack
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.usage_files import Source
from fakestripe_meters.domain.importing import looking
from fakestripe_meters.domain.importing import reasons
from fakestripe_meters.domain.importing.batches import Complaint
from fakestripe_meters.domain.importing.batches import Keep
from fakestripe_meters.domain.importing.checking import Form
from fakestripe_meters.domain.importing.csv_files import CsvFile
from fakestripe_meters.domain.importing.json_files import JsonArrayFile
from fakestripe_meters.domain.importing.json_files import JsonFile
from fakestripe_meters.domain.importing.json_files import JsonLinesFile
from fakestripe_meters.domain.importing.looking import Look
from fakestripe_meters.domain.importing.reasons import BadFile
from fakestripe_meters.domain.metering.streaming import Sent

READERS: dict[str, Callable[[TextIO, Look, Form, Keep], CsvFile | JsonFile]] = {
    "csv": CsvFile,
    "json": JsonArrayFile,
    "jsonl": JsonLinesFile,
}
EACH = 10_000
"""How many events are counted at a time."""
IN_MEMORY = 1_000_000
"""How many bytes of events are kept without a temporary file."""
LARGEST_ERROR_FILE = 10_000_000
"""How many characters of refused records an error file has; the rest is only counted."""


class Kept(AbstractContextManager["Kept"]):
    """The events of a file, in pieces; the temporary file is gone after `with`.

    A piece is one flat list of strings and numbers, which the garbage collector need not look into: tuples and hashes
    would take half as long again. The keys of a payload are kept once for all events that have the same.
    """

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  closed at the end of `with`
        self._sizes: list[int] = []
        self._keys: list[tuple[str, ...]] = []
        self._numbers: dict[tuple[str, ...], int] = {}
        self._flat: list[str | int | None] = []
        self._waiting = 0
        self.count = 0
        """How many events are kept."""

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, sent: Sent) -> None:
        """Keep an event."""
        name, payload, identifier, instant = sent
        keys = tuple(payload)
        number = self._numbers.get(keys)
        if number is None:
            number = self._numbers[keys] = len(self._keys)
            self._keys.append(keys)
        self._flat += (name, identifier, instant, number, *payload.values())
        self._waiting += 1
        if self._waiting == EACH:
            self.write()

    def write(self) -> None:
        """Write what was added since, if anything was."""
        if not self._waiting:
            return
        self._sizes.append(self._file.write(cast("bytes", pack(self._flat))))
        self.count += self._waiting
        self._flat, self._waiting = [], 0

    def pieces(self) -> Iterator[tuple[int, Iterator[Sent]]]:
        """Yield what was kept: how many events, and these, which can be read once."""
        self._file.seek(0)
        left = self.count
        for size in self._sizes:
            yield min(left, EACH), self._events(unpack(self._file.read(size)))
            left -= EACH

    def _events(self, flat: list[Any]) -> Iterator[Sent]:
        at, end = 0, len(flat)
        while at < end:
            name, identifier, instant, number = flat[at : at + 4]
            keys = self._keys[number]
            at += 4 + len(keys)
            yield name, dict(zip(keys, flat[at - len(keys) : at], strict=True)), identifier, instant


class Refused:
    """The records that are refused, as the text of an error file."""

    def __init__(self) -> None:
        self.count = 0
        self._left_out = 0
        self._text = io.StringIO()
        self._rows = csv.writer(self._text, lineterminator="\n")
        self._rows.writerow(("row", "error", "record"))

    def add(self, complaint: Complaint) -> None:
        """Note a record."""
        self.count += 1
        if self._text.tell() < LARGEST_ERROR_FILE:
            self._rows.writerow((complaint.row, complaint.reason, complaint.record))
        else:
            self._left_out += 1

    @inferred("the error file is CSV, with the line or place of each record, what is wrong, and the record as JSON")
    def text(self) -> str:
        """Return the text of the error file."""
        if self._left_out:
            self._rows.writerow(("", f"{self._left_out} more records are not listed", ""))
        return self._text.getvalue()


class Reading:
    """What a file has: how many records, which of them are refused, and what means nothing."""

    def __init__(self, kept: Kept) -> None:
        self.kept = kept
        self.refused = Refused()
        self.ignored: list[str] = []

    def read(self, stream: BinaryIO, filename: str, source: Source, form: Form, told: Callable[[int], object]) -> None:
        """Read a whole file; `told` is told at how many bytes it is, and may raise.

        Raises:
            BadFile: It is refused as a whole.
        """
        try:
            seen = looking.look(stream, filename, source)
            text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
            try:
                found = READERS[seen.kind](text, seen, form, self.kept.add)
                for batch in found.batches():
                    for complaint in batch:
                        self.refused.add(complaint)
                    told(stream.tell())
            finally:
                text.detach()
        except OSError:
            raise BadFile(reasons.UNREADABLE) from None
        self.kept.write()
        self.ignored = found.ignored

    @property
    def records(self) -> int:
        """How many records the file has."""
        return self.kept.count + self.refused.count
