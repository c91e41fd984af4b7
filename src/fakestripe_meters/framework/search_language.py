"""Stripe's search query language: a text becomes a query, and a query finds out which objects it matches.

Source: https://docs.stripe.com/search. `email:"a@example.com" AND -metadata["plan"]:null` has two clauses.
"""

import re
from collections.abc import Callable
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any
from typing import NamedTuple

from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred

MOST_CLAUSES = 10
SHORTEST_PART = 3
"""How many characters a value has at least that is looked for within others."""

QUOTED = r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'"""
NUMBER = r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?"


@cache  # when it is first needed: to compile them takes a hundredth of a cold start
def patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Return what a clause, what stands between two clauses, and what an escaped character looks like."""
    # inferred: no blanks around the operator.
    clause = (
        rf"(?P<negation>-)?(?P<field>[a-z_][a-z0-9_]*(?:\.[a-z0-9_]+)*)(?:\[(?P<key>{QUOTED})\])?"
        rf"(?P<operator>>=|<=|[:~<>=])(?P<value>{QUOTED}|(?:{NUMBER}|null)(?=\s|$))"
    )
    between = r"\s+(?:(?P<word>AND|OR)\s+)?"
    # inferred: a backslash before anything else stands for itself.
    escaped = r"""\\(["'\\])"""
    return re.compile(clause, re.DOTALL | re.IGNORECASE), re.compile(between, re.IGNORECASE), re.compile(escaped)


class Kind(Enum):
    """What a field holds. The value lists the operators that it has."""

    TOKEN = (":",)
    STRING = (":", "~")
    NUMERIC = (":", "=", "<", "<=", ">", ">=")


class Clause(NamedTuple):
    """One condition. The value None stands for `null`; `key` is that of a clause about metadata."""

    field: str
    operator: str
    value: str | None
    key: str | None = None
    negated: bool = False

    def __str__(self) -> str:
        key = "" if self.key is None else f"[{_quoted(self.key)}]"
        value = "null" if self.value is None else _quoted(self.value)
        return f"{'-' if self.negated else ''}{self.field}{key}{self.operator}{value}"


class Query(NamedTuple):
    """Clauses, of which one must match if they are `alternatives`, and otherwise all."""

    clauses: tuple[Clause, ...]
    alternatives: bool = False

    def __str__(self) -> str:
        return (" OR " if self.alternatives else " AND ").join(map(str, self.clauses))


class Field(NamedTuple):
    """A field that can be searched: what it holds, and how it is read from a record."""

    kind: Kind
    read: Callable[[Any], object]


class UnparsableError(ValueError):
    """The query is not written in the language, or demands of a field what it cannot do."""


class UnknownFieldError(ValueError):
    """The query names a field that the objects do not have; the message is its name."""


@documented("clauses are joined by AND, OR or a blank, never by AND and OR together; there are at most ten")
def parse(text: str) -> Query:
    """Return the query that a text stands for, or raise `UnparsableError`."""
    clause, connector, _ = patterns()
    clauses, words, place = [], set(), 0
    text = text.strip()
    while match := clause.match(text, place):
        clauses.append(_clause(match))
        place = match.end()
        between = connector.match(text, place)
        if between is None:
            break
        words.add((between["word"] or "AND").upper())
        place = between.end()
    if not clauses or place < len(text) or len(words) > 1 or len(clauses) > MOST_CLAUSES:
        raise UnparsableError(text)
    return Query(tuple(clauses), alternatives=words == {"OR"})


def matcher(query: Query, fields: Mapping[str, Field]) -> Callable[[Any], bool]:
    """Return a function that finds out whether a record matches; raise `UnknownFieldError` or `UnparsableError`."""
    tests = [_test(clause, fields) for clause in query.clauses]
    if len(tests) == 1:
        return tests[0]
    combine = any if query.alternatives else all
    return lambda record: combine(test(record) for test in tests)


def _clause(match: re.Match[str]) -> Clause:
    key, value = match["key"], match["value"]
    return Clause(
        field=match["field"],
        operator=match["operator"],
        value=None if value.lower() == "null" else _unquoted(value),
        key=None if key is None else _unquoted(key),
        negated=match["negation"] is not None,
    )


def _test(clause: Clause, fields: Mapping[str, Field]) -> Callable[[Any], bool]:
    field = fields.get(clause.field)
    if field is None:
        raise UnknownFieldError(clause.field)
    if (clause.key is None) is (clause.field == "metadata") or clause.operator not in field.kind.value:
        raise UnparsableError(str(clause))
    holds, read, key = _condition(clause, field.kind), field.read, clause.key
    if key is None:
        return lambda record: holds(read(record)) is not clause.negated
    return lambda record: holds(read(record).get(key)) is not clause.negated  # type: ignore[attr-defined]


def _condition(clause: Clause, kind: Kind) -> Callable[[object], bool]:
    """Return what a clause demands of a field's value, without the negation."""
    if clause.value is None:
        if clause.operator != ":":
            raise UnparsableError(str(clause))
        return _is_empty
    if kind is Kind.NUMERIC:
        return _comparison(clause, clause.value)
    wanted = clause.value.casefold()
    if clause.operator == "~":
        if len(wanted) < SHORTEST_PART:
            raise UnparsableError(str(clause))
        return lambda value: wanted in _text(value)
    if kind is Kind.STRING:
        words = wanted.split()
        return lambda value: _has_words(_text(value), words)
    return lambda value: not _is_empty(value) and _text(value) == wanted


def _comparison(clause: Clause, text: str) -> Callable[[object], bool]:
    if not re.fullmatch(NUMBER, text):
        raise UnparsableError(str(clause))
    wanted = Decimal(text)
    smaller, equal, larger = "<" in clause.operator, clause.operator not in "<>", ">" in clause.operator

    def holds(value: object) -> bool:
        if not isinstance(value, int):
            return False
        return (smaller and value < wanted) or (equal and value == wanted) or (larger and value > wanted)

    return holds


@documented("a string matches if it has all words of the value, in the same order")
@inferred("nothing stands between them, and only blanks separate words")
def _has_words(text: str, words: list[str]) -> bool:
    """Return whether some words stand in a text, one after the other."""
    if not words or words[0] not in text:
        return False
    had = text.split()
    return any(had[start : start + len(words)] == words for start in range(len(had) - len(words) + 1))


@documented("`url:null` finds objects whose URL is empty")
def _is_empty(value: object) -> bool:
    return value is None or value == ""


@documented("case does not matter")
def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value).casefold()


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _unquoted(text: str) -> str:
    return patterns()[2].sub(r"\1", text[1:-1]) if text[0] in "\"'" else text
