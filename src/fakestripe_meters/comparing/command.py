"""The command `compare`: its key, its signals, its output and its exit status."""

import contextlib
import datetime as dt
import json
import os
import signal
import sys
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any
from uuid import uuid4

from fakestripe_meters.comparing import report
from fakestripe_meters.comparing.address import host_of
from fakestripe_meters.comparing.chapters import CHAPTERS
from fakestripe_meters.comparing.conversation import Conversation
from fakestripe_meters.comparing.conversation import Exchange
from fakestripe_meters.comparing.sides import CouldNotRunError
from fakestripe_meters.comparing.sides import Fake
from fakestripe_meters.comparing.sides import Pace
from fakestripe_meters.comparing.sides import Remote
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import either
from fakestripe_meters.core.printing import line
from fakestripe_meters.fake import FakeStripe

VARIABLE = "STRIPE_TEST_KEY"
TEST_KEYS = ("sk_test_", "rk_test_")
SAME, DIFFERENT, COULD_NOT_RUN = 0, 1, 2


def run(*, against: str, out: Path | None, only: Sequence[str], pace: Pace | None = None) -> int:
    """Have the conversation, print where the two differ, and return the exit status."""
    try:
        key, pace = key_of(os.environ), pace or Pace()
        host = host_of(against, "--against")
        chapters = [chapter for chapter in CHAPTERS if chapter.name in _wanted(only)]
        with contextlib.ExitStack() as stack:
            file = stack.enter_context(out.open("x", encoding="utf-8")) if out else None
            fake = stack.enter_context(FakeStripe(limits="off", async_clocks=True))
            conversation = Conversation(Remote(against, key, pace), Fake(fake), pace, uuid4().hex[:12], _progress)
            exchanges, failure = _had(conversation, chapters, pace)
            when = _today(pace)
            if exchanges:
                print("\n".join(report.lines(exchanges, host, when)))  # noqa: T201  a command prints
            if file:
                json.dump(report.as_json(exchanges, host, when, failure), file, indent=1, ensure_ascii=False)
                file.write("\n")
    except FileExistsError:
        return _failed(f"--out: {out} is there already")
    except (Misuse, CouldNotRunError, OSError) as error:
        return _failed(str(error))
    if failure:
        return _failed(failure)
    return DIFFERENT if any(each.differences for each in exchanges) else SAME


def key_of(environ: Mapping[str, str]) -> str:
    """Return the test key in the environment; raise `Misuse` if there is none, or another key."""
    key = environ.get(VARIABLE, "").strip()
    if not key:
        raise Misuse(f"{VARIABLE} is not set: put a test key of yours there, sk_test_… or rk_test_…")
    if not key.startswith(TEST_KEYS):
        raise Misuse(f"{VARIABLE} must be a test key, sk_test_… or rk_test_…: no other key is sent anywhere")
    return key


def _wanted(only: Sequence[str]) -> Sequence[str]:
    names = [chapter.name for chapter in CHAPTERS]
    for each in only:
        if each not in names:
            raise Misuse(f"--only must be {either(names)}, not {each!r}")
    return only or names


def _had(conversation: Conversation, chapters: Sequence[Any], pace: Pace) -> tuple[list[Exchange], str]:
    """Return the exchanges, and why there are no more of them. What was made is removed in any case."""
    exchanges, failure = list[Exchange](), ""
    with _ended_by_signals(pace):
        try:
            for exchange in conversation.exchanges(chapters):
                exchanges.append(exchange)
        except CouldNotRunError as error:
            failure = str(error)
        finally:
            _remove(conversation, pace)
    return exchanges, failure


def _remove(conversation: Conversation, pace: Pace) -> None:
    if conversation.leftovers.objects:
        _tell("removing what was made")
    pace.ended.clear()
    for problem in conversation.leftovers.remove(conversation.remote.send):
        _tell(f"could not remove {problem}")


@contextlib.contextmanager
def _ended_by_signals(pace: Pace) -> Iterator[None]:
    """Within `with`, SIGINT and SIGTERM end the conversation after the request that is under way."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        pace.ended.set()

    before = {each: signal.signal(each, end) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _today(pace: Pace) -> str:
    return dt.datetime.fromtimestamp(pace.now(), dt.UTC).date().isoformat()


def _tell(text: str) -> None:
    print(f"{_over()}fakestripe-meters: {line(text)}", file=sys.stderr, flush=True)  # noqa: T201  a command prints


def _progress(text: str, *, begins: bool) -> None:
    """Show where the conversation is: in one line of a terminal, and elsewhere in a line for each chapter and wait."""
    if sys.stderr.isatty():
        print(f"{_over()}{line(text)}", end="", file=sys.stderr, flush=True)  # noqa: T201  a command prints
    elif begins:
        _tell(text)


def _over() -> str:
    """Return what erases the line of the progress."""
    return "\r\033[K" if sys.stderr.isatty() else ""


def _failed(reason: str) -> int:
    _tell(" ".join(reason.split()))
    return COULD_NOT_RUN
