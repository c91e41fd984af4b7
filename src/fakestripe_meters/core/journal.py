"""The journal: the last requests and their outcomes, oldest first."""

import json
from collections import Counter
from collections import deque
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import field
from dataclasses import fields
from fnmatch import fnmatchcase
from functools import partial
from itertools import chain
from operator import attrgetter
from threading import Lock
from typing import Any

from fakestripe_meters.core import printing
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.runs import OF_HEADERS
from fakestripe_meters.core.runs import Answers
from fakestripe_meters.core.runs import Kept
from fakestripe_meters.core.runs import Packed
from fakestripe_meters.core.runs import Runs

KEPT = 10_000
LARGEST = 16 * 2**20
"""How many bytes the answers have, about, that the journal keeps."""
LOOSE = 2**20
"""How many bytes the newest answers may have before they are packed with their exchanges: some 400 usual ones."""
CREDENTIALS = {"authorization", "cookie", "proxy-authorization"}
NOT_SENT = "none was sent: a planned fault has dropped the connection"
GONE = f"it is no longer kept: the journal has the newest {LARGEST // 2**20} MB of answers"
NONE_YET = "there is none yet"
MOST_SHOWN = 4
"""How many kinds of exchanges the repr of a journal names."""


@dataclass(slots=True, eq=False, repr=False)
class Exchange:
    """One request and its outcome. `str` gives one line. In `FakeStripe.journal`, API keys are masked."""

    at: int
    """When it arrived, in Unix seconds of the fake's clock."""
    account: str | None
    """The API key of its account; None if it was refused before that was known."""
    method: str
    """Its method, such as `POST`."""
    path: str
    """The path of its URL."""
    params: Any = None
    """Its parameters, from the query and the body, as one tree of dicts, lists and strings."""
    status: int = 0
    """The status of the answer; 0 while there is none."""
    error: dict[str, Any] | None = None
    """Stripe's error, as in the answer; None if there was none."""
    request_id: str = ""
    """The `Request-Id` of the answer."""
    idempotency_key: str | None = None
    """The `Idempotency-Key` of the request."""
    api_version: str | None = None
    """The version of Stripe's API that it was answered in."""
    hint: str | None = None
    """For an unknown URL: the nearest URL that the fake serves. For a planned fault: that it was planned."""
    ignored: tuple[str, ...] = ()
    """The parameters that were taken without effect, because only Stripe has them."""
    connected: str | None = field(default=None, kw_only=True)
    """The id of its account, if that is a connected one."""
    no_answer: str | None = field(default=NONE_YET, kw_only=True)
    """Why `answer` and `headers` are None; None if they are not."""
    _read: Kept | None = field(default=None, kw_only=True)
    _packed: tuple[Answers, int] | None = field(default=None, kw_only=True)
    """Where its answer is that has been packed, until it is read."""

    def __str__(self) -> str:
        """Return one line: the time, the request, and its outcome."""
        error = self.error or {}
        reason = error.get("message", "") if self.error else ""
        code = f" {error['code']}" if error.get("code") else ""
        hint = f" ({self.hint})" if self.hint else ""
        hint += f" (without effect: {', '.join(self.ignored)})" if self.ignored else ""
        answer = f"{self.status or 'no answer'}{code}{reason and f': {reason}'}{hint}"
        return printing.line(f"{printing.instant(self.at)} {self.method} {self.path} → {answer}")

    def __repr__(self) -> str:
        """Return the line, and the parameters: what a failing assertion shows."""
        params = f", params {printing.masked(self.params)!r}" if self.params else ""
        return f"<Exchange: {self}{params}>"

    @property
    def answer(self) -> Any:  # noqa: ANN401  any JSON
        """The body of the answer, parsed if it is JSON, with keys masked; None if `no_answer` says why."""
        if (kept := self._kept) is None:
            return None
        text = kept.body.decode(errors="replace")
        try:
            return printing.masked(json.loads(text))
        except (ValueError, RecursionError):
            return printing.masked(text)

    @property
    def headers(self) -> dict[str, str] | None:
        """The headers of the answer, with keys masked; None if `no_answer` says why."""
        return None if (kept := self._kept) is None else printing.masked(dict(kept.headers))

    @property
    def request_headers(self) -> dict[str, str] | None:
        """The headers of the request, without credentials and with keys masked; None if they are not kept."""
        if (kept := self._kept) is None:
            return None
        return printing.masked({name: value for name, value in kept.sent.items() if name.lower() not in CREDENTIALS})

    @property
    def _kept(self) -> Kept | None:
        if self._packed is not None:
            answers, place = self._packed
            self._read, self._packed = answers[place], None
        return self._read

    def keep(self, kept: Kept | None, no_answer: str | None = None) -> None:
        """Keep the answer; or none any more, and say why."""
        self._read, self._packed, self.no_answer = kept, None, no_answer

    def says(self, value: str) -> bool:
        """Whether a segment of the path, or any value within the parameters, equals `value`."""
        return value in self.path.split("/") or value in _leaves(self.params)


class Exchanges(list[Exchange]):
    """A list of exchanges, oldest first: a journal, or what `find` has selected. `str` gives one line for each."""

    def __str__(self) -> str:
        return "\n".join(map(str, self))

    def __repr__(self) -> str:
        """Return how many there are of each call and status: what a failing assertion shows."""
        kinds = Counter(printing.line(f"{each.method} {each.path} → {each.status or 'no answer'}") for each in self)
        shown = [kind if count == 1 else f"{count:,} × {kind}" for kind, count in kinds.items()]
        more = [f"and {len(shown) - MOST_SHOWN:,} more"] if len(shown) > MOST_SHOWN else []
        told = ", ".join([*shown[:MOST_SHOWN], *more])
        return f"<{printing.counted(len(self), 'exchange')}{told and f': {told}'}>"

    def find(
        self,
        *,
        method: str | None = None,
        path: str | None = None,
        customer: str | None = None,
        event_name: str | None = None,
        status: int | None = None,
    ) -> "Exchanges":
        """Select by method, path (`*` stands for anything), customer, event name and status."""
        return Exchanges(
            each
            for each in self
            if method in (None, each.method)
            and (path is None or fnmatchcase(each.path, path))
            and all(value is None or each.says(value) for value in (customer, event_name))
            and status in (None, each.status)
        )


def _leaves(tree: Any) -> Iterator[Any]:  # noqa: ANN401  any JSON tree
    if isinstance(tree, dict):
        tree = tree.values()
    elif not isinstance(tree, list):
        yield tree
        return
    for each in tree:
        yield from _leaves(each)


TOLD = tuple(each.name for each in fields(Exchange) if not each.name.startswith("_"))
_told = attrgetter(*TOLD)
_kept: Callable[[Exchange], Kept | None] = attrgetter("_kept")


def _size(exchange: Exchange) -> int:
    return 0 if (kept := _kept(exchange)) is None else kept.size


class Journal:
    """The last exchanges of all accounts; beyond `kept`, the oldest are dropped.

    The newest are as requests fill them in. Before them come those that are over, packed in runs.
    """

    def __init__(self, kept: int = KEPT, largest: int = LARGEST) -> None:
        self._most = kept
        self._largest = largest
        self._changing = Lock()  # one of `core.locks` would cost each request more; nothing is called under this one
        self._runs = Runs()
        self._newest: deque[Exchange] = deque()
        self._count()

    def _count(self) -> None:
        self._answered = deque(each for each in self._newest if _size(each))
        """Those of the newest whose answers are kept."""
        self._size = sum(map(_size, self._answered))

    def add(self, exchange: Exchange) -> None:
        """Add a request; its outcome is filled in later."""
        with self._changing:
            self._newest.append(exchange)
            if len(self) > self._most:
                if self._runs.count:
                    self._runs.drop_oldest()
                else:
                    self._newest.popleft()

    def keep(self, exchange: Exchange, sent: dict[str, str], headers: dict[str, str], body: bytes | None) -> None:
        """Keep the answer to a request, and the headers of both; forget the oldest if all of them get too large.

        There is no `body` if a planned fault drops the connection. After this, nothing is filled in any more.
        """
        with self._changing:
            if body is None:
                exchange.no_answer = NOT_SENT
                return
            exchange.keep(Kept(sent, headers, body))
            self._answered.append(exchange)
            self._size += OF_HEADERS + len(body)
            if self._size > LOOSE:
                self._pack()
            if self._size + self._runs.size > self._largest:
                self._forget_answers()

    def forget(self, account: str) -> None:
        """Drop the exchanges of one account (API key)."""
        with self._changing:
            rest = [each for run in self._seen() for each in run() if each.account != account]
            for each in self._newest:
                if each.account == account:
                    each.keep(None, GONE)
            self._runs, self._newest = Runs(), deque(rest)
            self._count()
            self._pack()

    def _pack(self) -> None:
        """Pack the newest, up to the first that is still under way."""
        while self._size > LOOSE and (over := self._over()):
            self._runs.add(Packed(list(map(_told, over)), list(map(_kept, over))))
            for _ in over:
                self._newest.popleft()
            self._count()

    def _over(self) -> list[Exchange]:
        """Return those for the next run."""
        over: list[Exchange] = []
        size = 0
        for each in self._newest:
            if each.no_answer == NONE_YET or size > LOOSE:
                break
            over.append(each)
            size += _size(each)
        return over

    def _forget_answers(self) -> None:
        """Forget the oldest answers: first in whole runs."""
        self._runs.forget_answers(self._largest - self._size)
        while not self._runs.size and self._size > self._largest:
            oldest = self._answered.popleft()
            self._size -= _size(oldest)
            oldest.keep(None, GONE)

    def _seen(self) -> list[Callable[[], Sequence[Exchange]]]:
        """Return what reads the exchanges as they are now, run by run."""
        newest = self._newest.copy()
        return [*(partial(_read, *each) for each in self._runs.seen()), lambda: newest]

    def __iter__(self) -> Iterator[Exchange]:
        """Yield the exchanges, oldest first, from a copy: requests may arrive meanwhile."""
        with self._changing:
            runs = self._seen()
        return chain.from_iterable(run() for run in runs)

    def __reversed__(self) -> Iterator[Exchange]:
        """Yield the same, newest first. Who needs only a few does not wait until all are read."""
        with self._changing:
            runs = self._seen()
        return chain.from_iterable(reversed(run()) for run in reversed(runs))

    def __len__(self) -> int:
        return self._runs.count + len(self._newest)


def _read(run: Packed, answers: Answers | None, first: int) -> list[Exchange]:
    """Return the exchanges of a run, from the one at the place `first` on."""
    told = [dict(zip(TOLD, each, strict=True)) for each in run.told]
    exchanges = [
        Exchange(**each | {"ignored": tuple(each["ignored"])}, _packed=(answers, place) if answers else None)
        for place, each in enumerate(told)
    ]
    if answers is None:
        for each in exchanges:
            each.keep(None, each.no_answer or GONE)
    return exchanges[first:]
