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
from typing import BinaryIO
from typing import TextIO
from typing import cast

from fakestripe_meters.core.packed import pack
from fakestripe_meters.core.packed import unpack
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.importing import looking
from fakestripe_meters.domain.importing import reasons
from fakestripe_meters.domain.importing.batches import Batch
from fakestripe_meters.domain.importing.batches import Complaint
from fakestripe_meters.domain.importing.checking import Form
from fakestripe_meters.domain.importing.csv_files import CsvFile
from fakestripe_meters.domain.importing.json_files import JsonArrayFile
from fakestripe_meters.domain.importing.json_files import JsonFile
from fakestripe_meters.domain.importing.json_files import JsonLinesFile
from fakestripe_meters.domain.importing.looking import Look
from fakestripe_meters.domain.importing.looking import Source
from fakestripe_meters.domain.importing.reasons import BadFile
from fakestripe_meters.domain.metering.streaming import Sent

READERS: dict[str, Callable[[TextIO, Look, Form], CsvFile | JsonFile]] = {
    "csv": CsvFile,
    "json": JsonArrayFile,
    "jsonl": JsonLinesFile,
}
IN_MEMORY = 1_000_000
"""How many bytes of events are kept without a temporary file."""
LARGEST_ERROR_FILE = 10_000_000
"""How many characters of refused records an error file has; the rest is only counted."""


class Kept(AbstractContextManager["Kept"]):
    """The events of a file, in pieces; the temporary file is gone after `with`."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  closed at the end of `with`
        self._sizes: list[tuple[int, int]] = []

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, sent: list[Sent]) -> None:
        """Keep some events."""
        content = cast("bytes", pack(sent))  # it is made of strings and numbers
        self._sizes.append((self._file.write(content), len(sent)))

    def pieces(self) -> Iterator[list[Sent]]:
        """Yield what was kept, as it was added."""
        self._file.seek(0)
        for size, _ in self._sizes:
            yield unpack(self._file.read(size))

    @property
    def count(self) -> int:
        """How many events are kept."""
        return sum(count for _, count in self._sizes)


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
        seen = looking.look(stream, filename, source)
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
        try:
            found = READERS[seen.kind](text, seen, form)
            for batch in found.batches():
                self._take(batch)
                told(stream.tell())
        except OSError:
            raise BadFile(reasons.UNREADABLE) from None
        finally:
            text.detach()
        self.ignored = found.ignored

    def _take(self, batch: Batch) -> None:
        for complaint in batch.complaints:
            self.refused.add(complaint)
        if batch.sent:
            self.kept.add(list(batch.sent))

    @property
    def records(self) -> int:
        """How many records the file has."""
        return self.kept.count + self.refused.count
