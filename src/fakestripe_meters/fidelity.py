"""How do you know? What the code says of its own behaviour, and where that comes from, as a list to be searched.

A docstring or comment that says *observed*, *documented* or *inferred* is an entry, in the words of whoever wrote the
code beside it: the ledger is read from the source, so the two cannot part. Between asterisks, as here, a word is only
spoken of. What each of the three means is told in the README under "How faithful".
"""

import ast
import re
import tokenize
from collections.abc import Iterator
from dataclasses import asdict
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from fakestripe_meters.core import checks

SOURCE = Path(__file__).parent
COMES_FROM = {
    "observed": "recordings of Stripe's answers, or reports by people who quote them",
    "documented": "Stripe's reference, guides and changelog, or the types in its SDKs",
    "inferred": "our own decision, where no source says; the README lists them under How faithful",
}
NOT_OF_STRIPE = {"fake.py", "fidelity.py"}
"""Modules that speak of limits called `documented`, and of these words."""
MARK = re.compile(rf"(?<!\*)\b({'|'.join(COMES_FROM)})\b", re.IGNORECASE)
REFERENCE = re.compile(r"https://(?:docs\.)?stripe\.com/[^\s,;)]*[^\s,;).]")
Documented = ast.Module | ast.ClassDef | ast.FunctionDef


@dataclass(frozen=True, slots=True)
class Entry:
    """One behaviour: how it is known, where it is written, in which words, and what it makes the fake say."""

    marks: tuple[str, ...]
    module: str
    name: str
    line: int
    says: str
    sentences: tuple[str, ...]
    source: str

    def mentions(self, words: str) -> bool:
        """Whether all of the words occur in it somewhere, or it makes the fake say just that."""
        text = " ".join((self.module, self.name, self.says, *self.sentences)).casefold()
        return all(word in text for word in words.casefold().split()) or any(
            _pattern(sentence).fullmatch(words) for sentence in self.sentences
        )


@cache
def ledger() -> tuple[Entry, ...]:
    """Every behaviour that the code marks, by module and line."""
    paths = sorted(path for path in SOURCE.rglob("*.py") if path.name not in NOT_OF_STRIPE)
    return tuple(entry for path in paths for entry in sorted(_entries(path), key=lambda entry: entry.line))


def shown(mark: str | None = None, module: str | None = None, about: str | None = None) -> dict[str, Any]:
    """The entries with a mark, of a module (`core/limiter.py`), about some words or a whole sentence of the fake's."""
    if mark is not None and mark not in COMES_FROM:
        raise checks.refused("mark", "observed, documented, or inferred", mark)
    found = [
        entry
        for entry in ledger()
        if (mark is None or mark in entry.marks)
        and module in (None, entry.module)
        and (about is None or entry.mentions(str(about)))
    ]
    return {"marks": COMES_FROM, "data": [asdict(entry) for entry in found]}


@cache
def _pattern(sentence: str) -> re.Pattern[str]:
    pieces = re.split(r"\{[^}]*\}", sentence)
    return re.compile(".+".join(map(re.escape, pieces)), re.DOTALL)


def _entries(path: Path) -> Iterator[Entry]:
    module = path.relative_to(SOURCE).as_posix()
    text = path.read_text("utf-8")
    if not MARK.search(text) and not REFERENCE.search(text):
        return
    tree = ast.parse(text)
    about = ast.get_docstring(tree) or ""
    for name, line, says, sentences in [*_docstrings(tree), *_comments(path)]:
        marks = {mark.lower() for mark in MARK.findall(says)}
        if not marks and says == about and REFERENCE.search(says):
            marks = {"documented"}  # a module that names a page of Stripe's stands for what is written there
        if marks:
            ordered = tuple(mark for mark in COMES_FROM if mark in marks)
            reference = REFERENCE.search(says) or ("documented" in marks and REFERENCE.search(about))
            source = reference.group() if reference else "; ".join(COMES_FROM[mark] for mark in ordered)
            yield Entry(ordered, module, name, line, says, sentences, source)


def _docstrings(tree: ast.Module) -> Iterator[tuple[str, int, str, tuple[str, ...]]]:
    """Of the module, its classes and functions, and of values that have a string below them."""
    for node in ast.walk(tree):
        if isinstance(node, Documented):
            says = ast.get_docstring(node)
            if says:
                name = "" if isinstance(node, ast.Module) else node.name
                yield name, getattr(node, "lineno", 1), says, _sentences(node)
            yield from _of_values(node)


def _of_values(owner: Documented) -> Iterator[tuple[str, int, str, tuple[str, ...]]]:
    for value, below in pairwise(owner.body):
        if not isinstance(value, ast.Assign | ast.AnnAssign) or not isinstance(below, ast.Expr):
            continue
        if isinstance(below.value, ast.Constant) and isinstance(below.value.value, str):
            target = value.targets[0] if isinstance(value, ast.Assign) else value.target
            yield ast.unparse(target), value.lineno, below.value.value, ()


def _comments(path: Path) -> Iterator[tuple[str, int, str, tuple[str, ...]]]:
    with path.open("rb") as source:
        for token in tokenize.tokenize(source.readline):
            if token.type == tokenize.COMMENT:
                yield "", token.start[0], token.string.lstrip("# "), ()


def _sentences(node: Documented) -> tuple[str, ...]:
    """What a function says of errors: its texts of several words, with `{…}` for what is filled in."""
    if not isinstance(node, ast.FunctionDef):
        return ()
    texts = [_text(each) for part in node.body[1:] for each in ast.walk(part) if isinstance(each, ast.expr)]
    pieces = {piece for text in texts for piece in re.split(r"\{[^}]*\}", text)}
    return tuple(text for text in dict.fromkeys(texts) if " " in text and (text not in pieces or "{" in text))


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            _text(each) if isinstance(each, ast.Constant) else f"{{{ast.unparse(getattr(each, 'value', each))}}}"
            for each in node.values
        )
    return ""
