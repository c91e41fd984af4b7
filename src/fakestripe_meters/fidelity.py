"""List where each behaviour of the fake is known from, for `GET /_fakestripe/fidelity`.

The entries are the marks of `core/sources.py`, with the docstrings of what they mark. They are read from the source
code, so that the two cannot differ. `docs/fidelity.md` says what each of the three marks means.
"""

import ast
import re
import tokenize
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import dataclass
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

from fakestripe_meters.core import checks

SOURCE = Path(__file__).parent
COMES_FROM = {
    "observed": "recordings of Stripe's answers, or reports by people who quote them",
    "documented": "Stripe's reference, guides and changelog, or the types in its SDKs",
    "inferred": "our own decision, where no source says; docs/fidelity.md lists them",
}
MARK = re.compile(rf"({'|'.join(COMES_FROM)}): (.*)", re.IGNORECASE)
"""The beginning of a comment that is a mark."""
MARKED = re.compile(rf"[#@] ?({'|'.join(COMES_FROM)})[:(]", re.IGNORECASE)
REFERENCE = re.compile(r"https://(?:docs\.)?stripe\.com/[^\s,;)]*[^\s,;).]")
Definition = ast.ClassDef | ast.FunctionDef


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One behaviour: its marks, where the code has it, what is said of it, and the sentences that the fake answers."""

    marks: tuple[str, ...]
    module: str
    name: str
    line: int
    says: str
    sentences: tuple[str, ...]
    source: str

    def mentions(self, words: str) -> bool:
        """Return whether all of the words occur in the entry, or the whole is one of its sentences."""
        text = " ".join((self.module, self.name, self.says, *self.sentences)).casefold()
        return all(word in text for word in words.casefold().split()) or any(
            _pattern(sentence).fullmatch(words) for sentence in self.sentences
        )


@cache
def ledger() -> tuple[Behaviour, ...]:
    """Return every behaviour that the code marks, by module and line."""
    return tuple(
        entry for path in sorted(SOURCE.rglob("*.py")) for entry in sorted(_entries(path), key=lambda entry: entry.line)
    )


def shown(mark: str | None = None, module: str | None = None, about: str | None = None) -> dict[str, Any]:
    """Return the entries with a mark, of a module (`core/limiter.py`), with some words or a whole sentence."""
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


def _entries(path: Path) -> Iterator[Behaviour]:
    module = path.relative_to(SOURCE).as_posix()
    text = path.read_text("utf-8")
    if not (MARKED.search(text) or REFERENCE.search(text)):
        return
    tree = ast.parse(text)
    about = ast.get_docstring(tree) or ""
    if REFERENCE.search(about):  # a module that names a page of Stripe's stands for what is written there
        yield Behaviour(("documented",), module, "", 1, about, (), _source(["documented"], about))
    for owner, line, marks in [*_decorated(tree), *_commented(tree, text)]:
        docstring = ast.get_docstring(owner) if owner else None
        says = "\n".join(filter(None, [docstring, *(f"{mark}: {what}" for mark, what in marks.items())]))
        ordered = tuple(mark for mark in COMES_FROM if mark in marks)
        name, sentences = (owner.name, _sentences(owner)) if owner else ("", ())
        yield Behaviour(ordered, module, name, line, says, sentences, _source(ordered, says, about))


def _source(marks: Sequence[str], says: str, about: str = "") -> str:
    reference = REFERENCE.search(says) or ("documented" in marks and REFERENCE.search(about))
    return reference.group() if reference else "; ".join(COMES_FROM[mark] for mark in marks)


def _decorated(tree: ast.Module) -> Iterator[tuple[Definition, int, dict[str, str]]]:
    """Yield the functions and classes that have marks, each with its line, and what each mark is about."""
    for node in ast.walk(tree):
        if isinstance(node, Definition):
            calls = [each for each in node.decorator_list if isinstance(each, ast.Call)]
            marks = {ast.unparse(call.func): call.args for call in calls if ast.unparse(call.func) in COMES_FROM}
            if marks:
                yield node, node.lineno, {mark: ast.literal_eval(words[0]) for mark, words in marks.items()}


def _commented(tree: ast.Module, text: str) -> Iterator[tuple[Definition | None, int, dict[str, str]]]:
    """Yield the comments that are marks, with continuation lines, and the innermost definition around each."""
    definitions = [node for node in ast.walk(tree) if isinstance(node, Definition)]
    for line, says in _comments(text):
        mark, what = MARK.fullmatch(says).groups()  # type: ignore[union-attr]
        around = [node for node in definitions if node.lineno <= line <= (node.end_lineno or 0)]
        yield max(around, key=lambda node: node.lineno, default=None), line, {mark.lower(): what}


def _comments(text: str) -> Iterator[tuple[int, str]]:
    """Yield each comment that begins with a mark, with its continuation lines."""
    begun: tuple[int, str] | None = None
    last = 0
    for token in tokenize.generate_tokens(StringIO(text).readline):
        if token.type != tokenize.COMMENT:
            continue
        line, says = token.start[0], token.string.lstrip("# ")
        if begun and line == last + 1 and not MARK.match(says):
            begun = begun[0], f"{begun[1]} {says}"
        else:
            if begun:
                yield begun
            begun = (line, says) if MARK.match(says) else None
        last = line
    if begun:
        yield begun


def _sentences(node: Definition) -> tuple[str, ...]:
    """Return the sentences of a function: its texts of several words, with `{…}` for what is filled in."""
    if not isinstance(node, ast.FunctionDef):
        return ()
    texts = [_text(each) for part in node.body[1:] for each in ast.walk(part) if isinstance(each, ast.expr)]
    pieces = {piece for text in texts if "{" in text for piece in re.split(r"\{[^}]*\}", text)}
    return tuple(text for text in dict.fromkeys(texts) if " " in text and text not in pieces)


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            _text(each) if isinstance(each, ast.Constant) else f"{{{ast.unparse(getattr(each, 'value', each))}}}"
            for each in node.values
        )
    return ""
