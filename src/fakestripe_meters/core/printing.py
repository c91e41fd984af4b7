"""How the fake shows what a client sent: API keys masked and, in text for people, control characters as escapes."""

import datetime as dt
import re
from typing import TypeVar
from typing import overload

V = TypeVar("V")
PREFIX = re.compile(r"(?:sk|rk|pk)_(?:test|live)_|whsec_|")
MENTION = re.compile(r"(?:(?:sk|rk|pk)_(?:test|live)|whsec)_[A-Za-z0-9_]+")
SHOWN_AT_END = 4
FIRST, LAST = -62_135_596_800, 253_402_300_799
"""The years 1 to 9999, in Unix seconds."""
MOST_STARS = 250
"""More than any valid key needs: what is sent instead of a key may be longer than a message should be."""


def mask(key: str) -> str:
    """Return `sk_test_****************1234`: a star for all but a key's prefix and its last four characters.

    So Stripe prints them.
    """
    match = PREFIX.match(key)
    prefix = match.group() if match else ""
    secret = key[len(prefix) :]
    shown = SHOWN_AT_END if len(secret) >= 2 * SHOWN_AT_END else 0
    return prefix + "*" * min(len(secret) - shown, MOST_STARS) + secret[len(secret) - shown :]


@overload
def masked(tree: str) -> str: ...
@overload
def masked(tree: dict[str, V]) -> dict[str, V]: ...
@overload
def masked(tree: object) -> object: ...
def masked(tree: object) -> object:
    """Return the same text, list or hash with every API key and webhook secret in it masked."""
    if isinstance(tree, str):
        return MENTION.sub(lambda key: mask(key.group()), tree) if "k_" in tree or "whsec_" in tree else tree
    if isinstance(tree, dict):
        return {masked(name): masked(value) for name, value in tree.items()}
    return [masked(each) for each in tree] if isinstance(tree, list) else tree


def line(text: str) -> str:
    r"""Return a text as one line for people: keys masked, and what is not printable as escapes, such as `\n`.

    A client may have written it: a line break would forge lines, and an escape sequence would command a terminal.
    """
    text = masked(text)
    return text if text.isprintable() else "".join(map(_escaped, text))


def instant(timestamp: int) -> str:
    """Return Unix seconds as ISO 8601: `2025-01-31T00:00:00Z`."""
    return f"{utc(timestamp).isoformat(timespec='seconds').removesuffix('+00:00')}Z"


def utc(timestamp: int) -> dt.datetime:
    """Return Unix seconds as a time in UTC: the nearest there is, because a snapshot that was edited may have any."""
    return dt.datetime.fromtimestamp(min(max(timestamp, FIRST), LAST), dt.UTC)


def counted(count: int, one: str, many: str = "") -> str:
    """Return `1 request`, `2 requests`; or, with another plural, `2 tries`."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def trace(error: BaseException | None) -> str:
    """Return the tracebacks of an exception and of those that led to it, for a log; each message is one line."""
    import traceback  # imported late: it loads Python's own tokenizer

    told: list[str] = []
    while error is not None:
        message = "".join(traceback.format_exception_only(error)).rstrip("\n")
        told.append("".join(traceback.format_tb(error.__traceback__)) + line(message))
        error = error.__cause__ or error.__context__
    return "\n".join(reversed(told))


def _escaped(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode()
