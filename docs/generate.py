"""Write the generated pages and tables next to this file: `python docs/generate.py`.

`reference.md` is made from the OpenAPI description, which is made from the parameters that the endpoints declare
(`generate_reference.py`).
`options.md` is made from the declarations of the options; `ledger.md` and the tables of `fidelity.md` are made from the
marks in the code.
"""  # noqa: INP001  a script

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from fakestripe_meters.commands.flags import SERVE_ONLY
from fakestripe_meters.core.limits import KINDS
from fakestripe_meters.core.limits import PROFILES
from fakestripe_meters.core.option import Option
from fakestripe_meters.core.options import MARKER_OPTIONS
from fakestripe_meters.core.options import OPTIONS
from fakestripe_meters.fidelity import ledger
from fakestripe_meters.fidelity import of_operation
from fakestripe_meters.fidelity import place_of
from fakestripe_meters.fidelity import route_of
from fakestripe_meters.framework.endpoint import Endpoint
from fakestripe_meters.marks import COMES_FROM
from fakestripe_meters.marks import PUBLIC
from fakestripe_meters.marks import Behaviour
from fakestripe_meters.resources import registry

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from docs.generate_reference import anchor  # noqa: E402  the path comes first
from docs.generate_reference import page  # noqa: E402  likewise

PAGE = HERE / "reference.md"
FIDELITY_PAGE = HERE / "fidelity.md"
LEDGER_PAGE = HERE / "ledger.md"
GENERATED = r"(?<=<!-- begin generated: {0} -->\n).*(?=<!-- end generated: {0} -->)"
STRIPES_PAGE = re.compile(r"https://(?:docs\.stripe\.com|stripe\.com/docs)/([^\s,;]+)")
REPORT = re.compile(r"\b([\w.-]+/[\w.-]+)#(\d+)")
IN_WORDS = re.compile(
    rf",? ?https://\S*[^\s,;.]| ?\((?:{'|'.join(map(re.escape, PUBLIC))}|[\w.-]+/[\w.-]+#\d+)(?:, [^()]*)?\)"
)
"""Where the words of a mark name their source."""
LEDGER_INTRODUCTION = """\
# Every call and every sentence

This page says for each call that is served, and for each sentence that an error can have, where it comes from.
[How faithful it is](fidelity.md) explains the words. `python docs/generate.py` writes this page from the marks in the
code, and a test checks that it is up to date.

## Calls

Each call does what its page of Stripe's says. The numbers count what else it rests on, in the code that it can reach:
behaviours that were observed, are documented, are disputed, or are inferred. To list them, ask the server:

    curl -G http://127.0.0.1:12111/_fakestripe/fidelity --data-urlencode about="POST /v1/customers"

| call | Stripe's page | observed | documented | disputed | inferred |
|---|---|--:|--:|--:|--:|"""
SENTENCES_INTRODUCTION = """
## Sentences

A part in braces is filled in. *The sentence* is the message itself. If only the sentence is inferred, the words are
ours, and the status, code and `param` are not.

| sentence | | source |
|---|---|---|"""
OPTIONS_PAGE = HERE / "options.md"
OPTIONS_INTRODUCTION = """\
# Options

Options set how the fake behaves. You can leave out all of them: by default the fake behaves as Stripe does. The same
options go to four places:

- Python: `FakeStripe(lag=30)`
- one test: `@pytest.mark.fakestripe(lag=30)`
- many tests: the fixture `fakestripe_settings` returns `{"lag": 30}`
- the command line: `fakestripe-meters serve --lag 30`, and `run` likewise

An option without a flag is for pytest only; one without a Python name is for the command line only. You can repeat a
flag that ends in `…`. Under pytest, `now` has another default: the clock is frozen at the present time, and `now=None`
lets it run.

This page is made from the code by `python docs/generate.py`, and a test compares them.

| Python | Command line | Default | What it does |
|---|---|---|---|"""
PROFILES_INTRODUCTION = """
## Rate limits

How much each account may do. An empty cell is no limit. A call of one of the first three kinds counts against that
limit, or as any other call if there is none. Every other call counts against `global`, and against the limit of its
kind: that of searches or of files, else `endpoint`, which counts each operation apart.
`limits={"analytics": 5}` replaces a single limit, and `None` removes it.
[The control plane](control-plane.md#rate-limits) says more about the limits of single objects and of calls at once.

"""


def options_page() -> str:
    """What `options.md` has to say."""
    rows = [option_row(name, option) for name, option in (MARKER_OPTIONS | SERVE_ONLY).items()]
    return "\n".join([OPTIONS_INTRODUCTION, *rows, PROFILES_INTRODUCTION + "\n".join(profile_rows())]) + "\n"


def option_row(name: str, option: Option) -> str:
    """The row of one option, whose cells stay empty where it has no Python name, no flag, or no default."""
    python = name if name in MARKER_OPTIONS else ""
    default = f'"{option.default}"' if python and isinstance(option.default, str) else option.default
    cells = (python, flag_of(name, option), "" if default in (None, ()) else str(default))
    return f"| {' | '.join(f'`{each}`' if each else '' for each in cells)} | {option.about} |"


def flag_of(name: str, option: Option) -> str:
    """How an option is written on the command line, with its value; empty if it is not."""
    if name not in OPTIONS | SERVE_ONLY:
        return ""
    flag = option.spelled(name)
    if option.default is True:
        return flag.replace("--", "--no-", 1)
    value = f"[{option.metavar}]" if option.bare else option.metavar
    return f"{flag} {value}{' …' if option.repeats else ''}".rstrip()


def profile_rows() -> Iterator[str]:
    """The limits, with what they are in each profile."""
    yield f"| `limits` | counts | {' | '.join(f'`{name}`' for name in PROFILES)} |"
    yield f"|---|---|{'--:|' * len(PROFILES)}"
    for name, kind in KINDS.items():
        rates = (limits.of(name) for limits in PROFILES.values())
        yield f"| `{name}` | {kind.counts} | {' | '.join('' if rate is None else f'{rate:,}' for rate in rates)} |"


def fidelity_page(present: str) -> str:
    """The page on fidelity, with a table for each kind of source, made from the marks in the code."""
    for mark in COMES_FROM:
        table = "\n".join([*mark_rows(mark), ""])
        present = re.sub(GENERATED.format(mark), lambda _, table=table: table, present, flags=re.DOTALL)  # type: ignore[misc]
    return present


def mark_rows(mark: str) -> Iterator[str]:
    """The table of one kind of source: a row for each module and source, or for each module of what is inferred."""
    has_source = mark != "inferred"
    yield f"| module | what is {mark} |{' source |' if has_source else ''}"
    yield f"|---|---|{'---|' if has_source else ''}"
    rows: dict[tuple[str, str], dict[str, list[str]]] = {}
    for entry in ledger():
        if entry.words(mark):
            what, source = said(entry, mark)
            rows.setdefault((entry.module, source if has_source else ""), {}).setdefault(what, []).append(entry.name)
    for (module, source), found in rows.items():
        yield f"| `{module}` | {'<br>'.join(map(_marked, found.items()))} |{f' {source} |' if has_source else ''}"


def said(entry: Behaviour, mark: str) -> tuple[str, str]:
    """What a mark says without its source, and the source, which is empty if the words are the source themselves."""
    words, source = entry.words(mark), entry.sources[mark].rstrip(".")
    if mark == "inferred" or words == source:
        return linked(words), ""
    return linked(IN_WORDS.sub("", words).strip(" ,.")), linked(source)


def _marked(found: tuple[str, list[str]]) -> str:
    what, names = found
    known = ", ".join(f"`{name}`" for name in dict.fromkeys(names) if name)
    return f"{what} ({known})" if known else what


def linked(text: str) -> str:
    """A text with links to the pages and reports that it names."""
    text = STRIPES_PAGE.sub(lambda match: f"[{match[1].rstrip('.')}]({match[0].rstrip('.')})", text.replace("|", "\\|"))
    return REPORT.sub(r"[\1#\2](https://github.com/\1/issues/\2)", text)


def ledger_page() -> str:
    """What `ledger.md` has to say."""
    calls = [call_row(endpoint) for endpoint in registry().endpoints()]
    sentences = [row for entry in ledger() if entry.module.startswith("core/errors/") for row in sentence_rows(entry)]
    return "\n".join([LEDGER_INTRODUCTION, *calls, SENTENCES_INTRODUCTION, *sentences]) + "\n"


def call_row(endpoint: Endpoint) -> str:
    """The row of one call."""
    route, own = route_of(endpoint), place_of(endpoint)
    below = of_operation(endpoint.method, endpoint.rule)
    about = next(entry.source for entry in below if entry.module == own[0] and not entry.name and entry.line == 1)
    numbers = (sum(1 for entry in below if entry.words(mark)) for mark in COMES_FROM)
    link = f"[`{route}`](reference.md#{anchor(route)})"
    return f"| {link} | {linked(about)} | {' | '.join(str(number or '') for number in numbers)} |"


def sentence_rows(entry: Behaviour) -> Iterator[str]:
    """The rows of the sentences of one function."""
    parts = {mark: said(entry, mark) for mark in entry.marks}
    kinds = "<br>".join(f"**{mark}**: {what}" for mark, (what, _) in parts.items())
    source = "<br>".join(filter(None, (source for _, source in parts.values())))
    for sentence in entry.sentences:
        shown = sentence.strip().replace("|", "\\|").replace("\n", " ")
        yield f"| {code(shown)} | {kinds} | {source} |"


def code(text: str) -> str:
    """A text as code, also if it has backquotes."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


if __name__ == "__main__":
    FIDELITY_PAGE.write_text(fidelity_page(FIDELITY_PAGE.read_text("utf-8")), "utf-8")
    LEDGER_PAGE.write_text(ledger_page(), "utf-8")
    PAGE.write_text(page(), "utf-8")
    OPTIONS_PAGE.write_text(options_page(), "utf-8")
