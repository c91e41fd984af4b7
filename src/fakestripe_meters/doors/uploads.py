"""A file that a client sends, on its way to the disk: it may be larger than memory."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from typing import BinaryIO
from urllib.parse import parse_qsl

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.usage_files import LARGEST  # a larger one is not read to its end
from fakestripe_meters.doors import environs

IN_MEMORY = 1_000_000
ENVELOPE = 100_000
"""How many bytes a multipart body may have besides the file."""
MULTIPART = "multipart/form-data"
FILE = "file"


@contextmanager
def received(request: Request) -> Iterator[dict[str, Any]]:
    """Receive the file of a request, and yield it as `content`, with its `filename` and the other parameters.

    The body is the file, or a form whose field `file` is. Other parameters are fields, or in the query.
    """
    given: dict[str, Any] = {}
    for name, value in parse_qsl(environs.query(request.environ), keep_blank_values=True, errors="replace"):
        _put(given, name, value)
    if (request.mimetype or "") == MULTIPART:
        with _of_form(request, given) as stream:
            yield {**given, "content": stream}
    else:
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as spooled:
            for piece in environs.pieces(request.environ, LARGEST):
                spooled.write(piece)
            spooled.seek(0)
            yield {**given, "content": spooled}


@contextmanager
def _of_form(request: Request, given: dict[str, Any]) -> Iterator[BinaryIO]:
    request.max_content_length = LARGEST + ENVELOPE
    try:
        files, fields = request.files, request.form
    except RequestEntityTooLarge:
        message = f"the file is larger than {LARGEST} bytes, or another field than {ENVELOPE}"
        raise Misuse(message, param=FILE) from None
    try:
        for name, value in fields.items(multi=True):
            _put(given, name, value)
        found = files.getlist(FILE)
        if len(found) != 1 or len(files) != 1:
            message = f"send one file, in the field {FILE!r} of a form"
            raise Misuse(message, param=FILE)
        given.setdefault("filename", found[0].filename or "")
        yield found[0].stream  # type: ignore[misc]  # it is binary
    finally:
        for each in files.values():
            each.close()


def _put(given: dict[str, Any], name: str, value: str) -> None:
    if name in ("content", FILE):
        message = f"{name} is the file itself: send it as the field {FILE!r} of a form, or as the body"
        raise Misuse(message, param=name)
    if name in given:
        raise Misuse(f"{name} is given more than once", param=name)
    given[name] = value
