"""Usage files in CSV: every column `payload_<key>` is the payload's key of that name.

Documented in: https://docs.stripe.com/billing/subscriptions/usage-based/recording-usage-in-bulk.
"""

import csv
import json
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from operator import itemgetter
from typing import TextIO

from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.importing import reasons
from fakestripe_meters.domain.importing.batches import MOST
from fakestripe_meters.domain.importing.batches import Complaint
from fakestripe_meters.domain.importing.batches import Keep
from fakestripe_meters.domain.importing.checking import CUSTOMER_KEY
from fakestripe_meters.domain.importing.checking import VALUE_KEY
from fakestripe_meters.domain.importing.checking import Form
from fakestripe_meters.domain.importing.looking import Look
from fakestripe_meters.domain.importing.reasons import BadFile
from fakestripe_meters.domain.importing.reasons import BadRecord
from fakestripe_meters.domain.metering.streaming import Sent

PREFIX = "payload_"
PLAIN = ("identifier", "timestamp", "event_name")
MANDATORY = ("timestamp", "event_name")
OTHERS = {";": "semicolons", "\t": "tabs"}
"""What may separate the columns of a file that is no CSV, and what to call it."""


class Columns:
    """The header of a file: which cell of a row is what."""

    def __init__(self, header: Sequence[str], form: Form) -> None:
        names = [name.strip() for name in header]
        for place, name in enumerate(names):
            if name in names[:place]:
                raise BadFile(reasons.repeated_column(name))
        self.names = names
        payload = [place for place, name in enumerate(names) if name.startswith(PREFIX) and name != PREFIX]
        self.keys = [names[place].removeprefix(PREFIX) for place in payload]
        self._check(form)
        self.event_name, self.timestamp = names.index("event_name"), names.index("timestamp")
        self.identifier = names.index("identifier") if "identifier" in names else None
        self.payload = itemgetter(*payload) if len(payload) > 1 else lambda row: (row[payload[0]],)
        self.ignored = [name for place, name in enumerate(names) if name not in PLAIN and place not in payload]

    @documented("a file without a mandatory column is refused as a whole")
    @inferred(
        "the columns of the customer and of the value are mandatory: at least one that some active meter counts by. A "
        "column that means nothing is ignored"
    )
    def _check(self, form: Form) -> None:
        for name in MANDATORY:
            if name not in self.names:
                raise BadFile(reasons.missing_column(name, self._hint()))
        for keys, usual in ((form.customer_keys, CUSTOMER_KEY), (form.value_keys, VALUE_KEY)):
            if keys and not any(key in self.keys for key in keys):
                key = usual if usual in keys else keys[0]
                raise BadFile(reasons.missing_column(PREFIX + key))
        if not self.keys:
            raise BadFile(reasons.missing_column(PREFIX + CUSTOMER_KEY))

    def _hint(self) -> str:
        found = [words for mark, words in OTHERS.items() if any(mark in name for name in self.names)]
        return f": columns are separated by commas, and the header has {found[0]}" if found else ""


class CsvFile:
    """A CSV file whose header is read."""

    def __init__(self, text: TextIO, look: Look, form: Form, keep: Keep) -> None:
        self._rows = csv.reader(text, strict=True)
        self._look, self._form, self._keep = look, form, keep
        self._columns = Columns(next(self._lines(), []), form)
        self.ignored = self._columns.ignored

    def batches(self) -> Iterator[Sequence[Complaint]]:
        """Keep the events, and yield the complaints of some thousand records; raise `BadFile` as the reader does."""
        names, width = self._columns.names, len(self._columns.names)
        convert, keep = self._convert, self._keep
        complaints: list[Complaint] = []
        for number, row in enumerate(self._lines(), 1):
            try:
                if row:
                    keep(convert(row))
            except BadRecord as bad:
                shown = dict(zip(names, row, strict=True)) if len(row) == width else row
                complaints.append(Complaint(self._rows.line_num, str(bad), json.dumps(shown)))
            if not number % MOST:
                yield complaints
                complaints = []
        self._check_end(complaints)
        yield complaints

    @inferred("an empty cell is a key that the payload does not have")
    def _convert(self, row: list[str]) -> Sent:
        columns = self._columns
        if len(row) != len(columns.names):
            raise BadRecord(reasons.wrong_width(len(row), len(columns.names)))
        values = columns.payload(row)
        payload = dict(zip(columns.keys, values, strict=True))
        if "" in values:
            payload = {key: value for key, value in payload.items() if value}
        at = columns.identifier
        return self._form.sent(
            row[columns.event_name], payload, None if at is None else row[at], row[columns.timestamp]
        )

    def _lines(self) -> Iterator[list[str]]:
        try:
            yield from self._rows
        except csv.Error as error:
            raise BadFile(reasons.not_csv(self._rows.line_num, str(error))) from None

    def _check_end(self, complaints: Iterable[Complaint]) -> None:
        """Raise `BadFile` if the last row breaks off: a file may end without an end of line, but not in a row."""
        if self._look.ended:
            return
        for each in complaints:
            if each.row == self._rows.line_num and isinstance(json.loads(each.record), list):
                raise BadFile(reasons.HALF_ROW)
