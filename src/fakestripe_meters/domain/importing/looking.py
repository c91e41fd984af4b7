"""A first look at a usage file: its name, its size, and whether it is text at all.

Documented in: https://docs.stripe.com/billing/subscriptions/usage-based/recording-usage-in-bulk.
"""

import codecs
from io import SEEK_END
from typing import BinaryIO

from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.usage_files import KINDS
from fakestripe_meters.core.usage_files import MOST_BYTES
from fakestripe_meters.core.usage_files import Kind
from fakestripe_meters.core.usage_files import Source
from fakestripe_meters.domain.importing import reasons
from fakestripe_meters.domain.importing.reasons import BadFile

LONGEST_NAME = 255
PIECE = 1_000_000
"""How many bytes are looked at at a time; a line that is longer than two pieces is refused."""
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
MOST_WORDS = {"s3": "1 GB", "dashboard": "5 MB"}


@dataclass(frozen=True, slots=True)
class Look:
    """What is known of a file that can be read: its kind, its size in bytes, and whether its last line is ended."""

    kind: Kind
    size: int
    ended: bool


@documented("names are shorter than 255 characters, and end in .csv, .json or .jsonl")
@inferred("the case of the ending does not matter; the Dashboard takes CSV only, as its page says by now")
def kind_of(filename: str, source: Source) -> Kind:
    """Return the kind that a name says, or raise `BadFile`."""
    if len(filename) >= LONGEST_NAME:
        raise BadFile(reasons.LONG_NAME)
    for kind in KINDS:
        if filename.lower().endswith(f".{kind}"):
            if source == "dashboard" and kind != "csv":
                raise BadFile(reasons.ONLY_CSV)
            return kind
    raise BadFile(reasons.wrong_kind(filename))


@inferred("a file is in UTF-8, with or without a byte order mark; one with a NUL byte is refused")
def look(stream: BinaryIO, filename: str, source: Source) -> Look:
    """Look at a whole file once, a piece at a time, or raise `BadFile`."""
    kind = kind_of(filename, source)
    size = stream.seek(0, SEEK_END)
    if size > MOST_BYTES[source]:
        raise BadFile(reasons.too_large(MOST_WORDS[source]))
    stream.seek(0)
    decoder, at, blank, last = codecs.getincrementaldecoder("utf-8")(), 0, True, b""
    while piece := stream.read(PIECE):
        _check(piece, first=not at, lines=kind != "json")
        try:
            blank = not decoder.decode(piece).strip("\ufeff \t\r\n") and blank
        except UnicodeDecodeError as error:
            raise BadFile(reasons.not_utf_8(at + error.start)) from None
        at, last = at + len(piece), piece[-1:]
    if decoder.getstate()[0]:
        raise BadFile(reasons.not_utf_8(at - 1))
    if blank:
        raise BadFile(reasons.EMPTY)
    stream.seek(0)
    return Look(kind, size, last in (b"\n", b"\r"))


def _check(piece: bytes, *, first: bool, lines: bool) -> None:
    if first and piece.startswith(UTF_16):
        raise BadFile(reasons.UTF_16)
    if b"\0" in piece:
        raise BadFile(reasons.NUL)
    if lines and len(piece) == PIECE and b"\n" not in piece and b"\r" not in piece:
        raise BadFile(reasons.LONG_LINE)
