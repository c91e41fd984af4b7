"""Read the marks of `core/sources.py` from the source code: each is a behaviour, with where it is known from.

A mark names its source in its words. Where it does not, a line of its module's docstring does, `Observed in: …` or
`Documented in: …`, or the page of Stripe's that the docstring begins with.
"""

import ast
import re
import tokenize
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from io import StringIO

COMES_FROM = {
    "observed": "recordings of Stripe's answers, or reports by people who quote them",
    "documented": "Stripe's reference, guides and changelog, or the types in its SDKs",
    "disputed": "sources that contradict each other, which the mark names",
    "inferred": "our own decision, where no source says; docs/fidelity.md lists them",
}
PUBLIC = {
    "pay-rails/pay": "recordings of pay-rails/pay (public test suite, 2020 to 2026)",
    "onetimesecret/onetimesecret": "recordings of onetimesecret/onetimesecret (public test suite)",
    "openfoodfoundation/openfoodnetwork": "recordings of openfoodfoundation/openfoodnetwork (public test suite)",
    "spree/spree_stripe": "recordings of spree/spree_stripe (public test suite)",
    "Kiln-AI/stripe_world": "recordings of Kiln-AI/stripe_world (public, September 2026)",
    "crvouga/mockingbird": "measurements of crvouga/mockingbird (public)",
    "laravel/cashier-stripe": "tests of laravel/cashier-stripe against Stripe (public)",
    "runs in a sandbox": "published notes of runs in a Stripe sandbox, 2026",
    "dj-stripe/dj-stripe": "fixtures of dj-stripe/dj-stripe (public)",
    "alexmata25/AnyAICam": "events of a test account in the tests of alexmata25/AnyAICam (public, October 2026)",
    "tabledog/stripe-timelines": "events of a test account in tabledog/stripe-timelines (public, 2021)",
    "calcom/cal.com": "tests of calcom/cal.com against Stripe (public)",
    "langfuse/langfuse": "code of langfuse/langfuse (public)",
    "twentyhq/twenty": "code of twentyhq/twenty (public)",
    "PostHog/posthog": "answers of Stripe in the tests of PostHog/posthog (public)",
    "Infisical/infisical": "code of Infisical/infisical (public), which tried the names of permissions in a sandbox",
    "unkeyed/unkey": "code and tests of unkeyed/unkey (public)",
}
"""Sources as marks name them, and in full. A single report is named as `owner/repository#number`."""
KNOWN = re.compile(rf"(?:{'|'.join(map(re.escape, PUBLIC))})(?!#)")
MARK = re.compile(rf"({'|'.join(COMES_FROM)}): (.*)", re.IGNORECASE)
"""The beginning of a comment that is a mark."""
MARKED = re.compile(rf"[#@] ?({'|'.join(COMES_FROM)})[:(]", re.IGNORECASE)
REFERENCE = re.compile(r"https://(?:docs\.)?stripe\.com/[^\s,;)]*[^\s,;).]")
REPORT = re.compile(r"\b[\w.-]+/[\w.-]+#\d+")
OWN_WORDS = re.compile(r"\b(recordings?|recorded|SDKs?|types|OpenAPI|changelog|guides?|reference|CLI|test suite)\b")
"""Marks that name their source in words."""
SOURCES_OF = re.compile(r"^(Observed|Documented) in: (.+?)(?=\n\n|\n\w+ in: |\Z)", re.MULTILINE | re.DOTALL)
Definition = ast.ClassDef | ast.FunctionDef


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One behaviour: its marks, where the code has it, what is said of it, and the sentences that the fake answers.

    `operation` is the method and path if the behaviour is that of a whole operation.
    """

    marks: tuple[str, ...]
    module: str
    name: str
    line: int
    says: str
    sentences: tuple[str, ...]
    sources: Mapping[str, str]
    operation: str = ""

    @property
    def source(self) -> str:
        """The sources of all marks. A decision of ours is one only where there is no other."""
        others = [source for mark, source in self.sources.items() if mark != "inferred"]
        return "; ".join(dict.fromkeys(others or self.sources.values()))

    def mentions(self, words: str) -> bool:
        """Return whether all of the words occur in the entry, or the whole is one of its sentences."""
        text = " ".join((self.module, self.name, self.operation, self.says, *self.sentences)).casefold()
        return all(word in text for word in words.casefold().split()) or any(
            _pattern(sentence).fullmatch(words) for sentence in self.sentences
        )

    def words(self, mark: str) -> str:
        """Return what one of the marks says; empty if it is the page of the module."""
        found = re.search(rf"^{mark}: (.*)$", self.says, re.MULTILINE)
        return found[1].rstrip(".") if found else ""


@cache
def _pattern(sentence: str) -> re.Pattern[str]:
    pieces = re.split(r"\{[^}]*\}", sentence)
    return re.compile(".+".join(map(re.escape, pieces)), re.DOTALL)


def entries_of(module: str, text: str) -> Iterator[Behaviour]:
    """Yield the behaviours that a module marks, by its path and its text."""
    if not (MARKED.search(text) or REFERENCE.search(text)):
        return
    tree = ast.parse(text)
    about = ast.get_docstring(tree) or ""
    if REFERENCE.search(about):  # a module that names a page of Stripe's stands for what is written there
        yield Behaviour(("documented",), module, "", 1, about, (), sources_of({"documented": about}, about))
    for owner, line, marks in [*_decorated(tree), *_commented(tree, text)]:
        docstring = ast.get_docstring(owner) if owner else None
        says = "\n".join(filter(None, [docstring, *(f"{mark}: {what}" for mark, what in marks.items())]))
        ordered = tuple(mark for mark in COMES_FROM if mark in marks)
        name, sentences = (owner.name, _sentences(owner)) if owner else ("", ())
        yield Behaviour(ordered, module, name, line, says, sentences, sources_of(marks, about))


def sources_of(marks: Mapping[str, str], about: str) -> dict[str, str]:
    """Return the source of each mark, of a module with this docstring."""
    ordered = {mark: marks[mark] for mark in COMES_FROM if mark in marks}
    return {mark: named(words) or _of_module(mark, about) or COMES_FROM[mark] for mark, words in ordered.items()}


def named(words: str) -> str:
    """Return the sources that the words of a mark name; empty if they name none."""
    known = [PUBLIC[name] for name in KNOWN.findall(words)]
    found = [*REFERENCE.findall(words), *known, *REPORT.findall(words)]
    return ", ".join(dict.fromkeys(found)) or (words if OWN_WORDS.search(words) else "")


def _of_module(mark: str, about: str) -> str:
    """Return the sources that a module's docstring names for a kind of mark."""
    lines = {kind.lower(): " ".join(words.split()).rstrip(".") for kind, words in SOURCES_OF.findall(about)}
    if mark in lines:
        return KNOWN.sub(lambda known: PUBLIC[known.group()], lines[mark])
    page = REFERENCE.search(about) if mark == "documented" else None
    return page.group() if page else ""


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
            _text(each) if isinstance(each, ast.Constant) else f"{{{_filled(getattr(each, 'value', each))}}}"
            for each in node.values
        )
    return ""


def _filled(value: ast.expr) -> str:
    """Return what fills a part of a sentence: a name stays one, whatever function writes it out."""
    if isinstance(value, ast.Call) and [type(each) for each in value.args] == [ast.Name]:
        return ast.unparse(value.args[0])
    return ast.unparse(value)
