"""The file that exchanges are written to: a JSON list that is whole after each of them."""

import json
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from io import FileIO
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl

from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.clock import process_ns
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.recording.replacing import Replacements
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request

Json = Any
END = b"\n]\n"
KEPT_HEADERS = ("Stripe-Version", "Stripe-Should-Retry")


@dataclass(frozen=True, slots=True)
class Answer:
    """What Stripe has answered."""

    status: int
    headers: Headers
    body: bytes


class Tape:
    """Writes exchanges to a new file; raises `Misuse` if it is there already or cannot be made."""

    def __init__(self, path: Path) -> None:
        try:
            self._file = FileIO(path, "x")
        except FileExistsError:
            raise Misuse(f"{path} is there already: name a file that is not") from None
        self._file.write(b"[" + END)
        self._first = True
        self._lock = Lock()
        self._replacements = Replacements()

    def add(self, request: Request, answer: Answer) -> None:
        """Append an exchange."""
        with self._lock:
            entry = self._entry(request, answer)
            text = json.dumps(entry, indent=1, ensure_ascii=False).replace("\n", "\n ")
            self._file.seek(-len(END), 2)
            self._file.write(f"{'' if self._first else ','}\n {text}".encode() + END)  # in one piece: never half a list
            self._first = False

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._file.close()

    def _entry(self, request: Request, answer: Answer) -> Json:
        replaced, headers = self._replacements, answer.headers
        account = request.headers.get("Stripe-Account")
        return {
            "method": request.method,
            "path": replaced.text(request.path),
            "query": replaced.pairs(parse_qsl(request.query, keep_blank_values=True)),
            "body": self._body(request),
            "version": headers.get("Stripe-Version") or request.headers.get("Stripe-Version"),
            "account": account and replaced.text(account),
            "at": _seconds(headers),
            "status": answer.status,
            "headers": {name: headers[name] for name in KEPT_HEADERS if name in headers},
            "response": replaced.tree(_json(answer.body)),
        }

    def _body(self, request: Request) -> Json:
        if "json" in request.headers.get("Content-Type", ""):
            return self._replacements.tree(_json(request.body))
        return self._replacements.pairs(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def _json(body: bytes) -> Json:
    """Return a JSON body as a tree; None if it is something else, such as a PDF, which is not recorded."""
    try:
        return json.loads(body)
    except ValueError:
        return None


def _seconds(headers: Mapping[str, str]) -> int:
    """Return when Stripe has answered, in Unix seconds."""
    try:
        return int(parsedate_to_datetime(headers.get("Date", "")).timestamp())
    except ValueError:
        return process_ns() // SECOND_NS
