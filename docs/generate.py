"""Write the generated pages and tables next to this file: `python docs/generate.py`.

`reference.md` is made from the OpenAPI description, which is made from the parameters that the endpoints declare.
`options.md` is made from the declarations of the options; `ledger.md` and the tables of `fidelity.md` are made from the
marks in the code.
"""  # noqa: INP001  a script

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import Any

from fakestripe_meters import openapi
from fakestripe_meters.__main__ import SERVE_ONLY
from fakestripe_meters.core.limiter import PROFILES
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
from fakestripe_meters.wire.coercing import LONGEST
from fakestripe_meters.wire.coercing import MOST_ITEMS

PAGE = Path(__file__).parent / "reference.md"
FIDELITY_PAGE = Path(__file__).parent / "fidelity.md"
LEDGER_PAGE = Path(__file__).parent / "ledger.md"
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
OPTIONS_PAGE = Path(__file__).parent / "options.md"
CHAPTERS = {
    "Customers and their usage": ("/v1/customers", "/v1/billing/meter", "/v1/billing/analytics/"),
    "Prices, subscriptions and invoices": ("/v1/",),
    "Credits and alerts": ("/v1/billing/",),
    "Accounts, events, webhooks and test clocks": (
        "/v1/account",
        "/v1/events",
        "/v1/webhook_endpoints",
        "/v1/test_helpers/",
    ),
    "API v2": ("/v2/",),
}
"""In the order of the page. Of all the beginnings that a path has, the longest decides."""
IN_EVERY_LIST = ("limit", "starting_after", "ending_before")
IN_EVERY_CALL = ("expand",)
ABOUT = re.compile(r"^(https://[^ ,;]*[^ ,;.])[ ,;]*(.*?)\.?$")
"""An object's page at Stripe's, and a remark."""
SHORT = 3
"""A hash of fewer parameters is shown wherever it occurs."""

INTRODUCTION = """\
# Reference

Every call that is served, with its parameters. `python docs/generate.py` writes this page from the code, and a test
checks that it is up to date. `GET /_fakestripe/openapi.json` has the same as OpenAPI. What the parameters mean at
length, and what answers contain, is in Stripe's own reference, which is linked at each object.

- A name in **bold** is required; within a hash, it is required if the hash is given. Required names come first.
- `recurring[interval]` is a parameter of the hash `recurring`. `items[][price]` is a parameter of each hash in the
  array `items`. API v2 takes JSON, and there they are `recurring.interval` and `items[].price`.
- A `string ≤ 250` has at most 250 characters, an `integer 1…100` lies within these bounds, and an `array (≤ 8)` has at
  most 8 elements. Without a number, a string has at most 5,000 characters, an array or hash at most 1,000 elements, and
  an integer at most 18 digits. A `decimal` is a string such as `"0.5"`, a `time` is a string such as
  `"2025-01-01T00:00:00Z"`. If the type says *or empty*, an empty string clears the value.
- Not repeated below: all calls of API v1 take `expand` (array of string), and all lists of API v1 take `limit`
  (integer, default 10; below 1 it counts as 1, above 100 as 100), `starting_after` and `ending_before` (ids).
- `expand` takes what Stripe documents as expandable in the version of the request, up to four levels, of which the
  `data` of a list is one. An id is replaced by its object if the fake has it; otherwise, it stays. Null stays null, and
  an empty array stays empty. A customer's `subscriptions` are those that have not ended. Its `sources` and `tax_ids`,
  and an invoice's `payments`, are empty lists. An invoice's `confirmation_secret` is null.
- If a hash says *as in* another place, it takes the same parameters as there.
- Parameters have their newest names. [Stripe's API versions](versions.md) has the older ones.
"""
OPTIONS_INTRODUCTION = """\
# Options

Options set how the fake behaves. You can leave out all of them: by default the fake behaves as Stripe does. The same
options go to four places:

- Python: `FakeStripe(lag=30)`
- one test: `@pytest.mark.fakestripe(lag=30)`
- many tests: the fixture `fakestripe_settings` returns `{"lag": 30}`
- the command line: `fakestripe-meters serve --lag 30`

An option without a flag is for pytest only; one without a Python name is for the command line only. You can repeat a
flag that ends in `…`. Under pytest, `now` has another default: the clock is frozen at the present time, and `now=None`
lets it run.

This page is made from the code by `python docs/generate.py`, and a test compares them.

| Python | Command line | Default | What it does |
|---|---|---|---|"""
PROFILES_INTRODUCTION = """
## Rate limits

Calls per second that each account may make. A call counts against the limit of its own kind; a kind without one counts
against `global`. An empty cell is no limit. `limits={"analytics": 5}` replaces a single limit, and `None` removes it.

| `limits` | `analytics` | `meter_events` | `stream` | `global` |
|---|--:|--:|--:|--:|"""
Schema = dict[str, Any]


@dataclass
class Reference:
    """The page as it is written. Hashes that were shown are not shown again."""

    document: Schema
    shown: dict[str, str] = field(default_factory=dict)
    """What a hash takes → where on the page it is shown."""

    def lines(self) -> Iterator[str]:
        """The whole page."""
        yield INTRODUCTION
        chapters = {name: list(self._objects_of(name)) for name in CHAPTERS}
        for chapter, tags in chapters.items():
            links = (f"[{title(tag)}](#{anchor(title(tag))})" for tag in tags)
            yield f"- [{chapter}](#{anchor(chapter)}): {' · '.join(links)}"
        for chapter, tags in chapters.items():
            yield f"\n## {chapter}"
            for tag in tags:
                yield from self._object(tag)

    def _objects_of(self, chapter: str) -> Iterator[Schema]:
        return (tag for tag in self.document["tags"] if chapter_of(next(self._operations(tag))[1]) == chapter)

    def _operations(self, tag: Schema) -> Iterator[tuple[str, str, Schema]]:
        for path, methods in self.document["paths"].items():
            for method, operation in methods.items():
                if operation["tags"] == [tag["name"]]:
                    yield method.upper(), path, operation

    def _object(self, tag: Schema) -> Iterator[str]:
        _, _, about = tag["description"].partition(": ")
        url, remark = ABOUT.findall(about)[0]
        yield f"\n### {title(tag)}\n\n`{tag['name']}` · [Stripe's reference]({url}){f' · {remark}' if remark else ''}"
        for method, path, operation in self._operations(tag):
            yield from self._operation(f"{method} {path}", operation)

    def _operation(self, route: str, operation: Schema) -> Iterator[str]:
        yield f"\n#### `{route}`\n\n{operation['summary']}"
        nested = "{}.{}" if " /v2/" in route else "{}[{}]"
        hash_ = parameters(operation, is_v1=" /v1/" in route)
        rows = list(self._rows(hash_, "", nested, f"[`{route}`](#{anchor(route)})"))
        if rows:
            yield "\n| parameter | type | |\n|---|---|---|"
            yield from rows

    def _rows(self, hash_: Schema, prefix: str, nested: str, where: str) -> Iterator[str]:
        required = hash_.get("required", ())
        for name in sorted(hash_["properties"], key=lambda name: name not in required):
            schema, path = hash_["properties"][name], nested.format(prefix, name) if prefix else name
            called = f"**`{path}`**" if name in required else f"`{path}`"
            place, below = inner_hash(schema, path)
            known = self.shown.get(fingerprint(below)) if below else None
            about = [schema.get("description") or (below or {}).get("description", "")]
            if below and known:
                about.append(f"As in {known}.")
            yield f"| {called} | {kind(schema)} | {' '.join(filter(None, about))} |"
            if below and not known:
                if len(below["properties"]) >= SHORT:
                    self.shown[fingerprint(below)] = f"`{place}` of {where}"
                yield from self._rows(below, place, nested, where)


def chapter_of(path: str) -> str:
    """The chapter that a path belongs to."""
    beginnings = {each: name for name, several in CHAPTERS.items() for each in several if path.startswith(each)}
    return beginnings[max(beginnings, key=len)]


def title(tag: Schema) -> str:
    """What an object is called in words."""
    return str(tag["description"]).partition(": ")[0]


def anchor(heading: str) -> str:
    """Where a heading is on the page, as GitHub has it."""
    return re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-")


def parameters(operation: Schema, *, is_v1: bool) -> Schema:
    """What a call takes besides what all of its kind take, as one hash."""
    asked = [each for each in operation["parameters"] if each["in"] == "query"]
    hash_: Schema = {
        "properties": {each["name"]: each["schema"] for each in asked},
        "required": [each["name"] for each in asked if each["required"]],
    }
    for content in operation.get("requestBody", {}).get("content", {}).values():
        hash_ = content["schema"]
    if is_v1:
        lists = set(IN_EVERY_LIST) <= hash_["properties"].keys()
        told = {*IN_EVERY_CALL, *(IN_EVERY_LIST if lists else ())}
        hash_ = hash_ | {"properties": {name: each for name, each in hash_["properties"].items() if name not in told}}
    return hash_


def choices(schema: Schema) -> list[Schema]:
    """What a value may be."""
    return list(schema.get("anyOf", [schema]))


def inner_hash(schema: Schema, path: str) -> tuple[str, Schema | None]:
    """The hash with parameters of its own that a value is, or is an array of; and how it is called."""
    for each in choices(schema):
        if "properties" in each:
            return path, each
        for inner in choices(each.get("items", {})):
            if "properties" in inner:
                return f"{path}[]", inner
    return path, None


def fingerprint(hash_: Schema) -> str:
    """The same for two hashes that take the same."""
    return json.dumps({name: each for name, each in hash_.items() if name != "description"}, sort_keys=True)


def kind(schema: Schema) -> str:
    """A type in words."""
    return " or ".join(dict.fromkeys(map(one_kind, choices(schema))))


def one_kind(schema: Schema) -> str:
    """One of the types that a value may have."""
    if "const" in schema:
        return "empty"
    if "enum" in schema:
        return " or ".join(f"`{each}`" for each in schema["enum"])
    if schema["type"] == "array":
        most = "" if schema["maxItems"] == MOST_ITEMS else f" (≤ {schema['maxItems']})"
        return f"array{most} of {kind(schema['items'])}"
    if schema["type"] == "object":
        return "hash" if "properties" in schema else f"hash of {kind(schema['additionalProperties'])}"
    if "pattern" in schema:
        return "decimal"
    if schema.get("format") == "date-time":
        return "time"
    return f"{schema['type']}{bounds(schema)}"


def bounds(schema: Schema) -> str:
    """How long or how large a value may be."""
    least, most = schema.get("minimum"), schema.get("maximum", schema.get("maxLength"))
    if schema["type"] == "string" and most == LONGEST:
        return ""
    if least is not None and most is not None:
        return f" {least}…{most}"
    if most is not None:
        return f" ≤ {most}"
    return "" if least is None else f" ≥ {least}"


def page(document: Schema | None = None) -> str:
    """What `reference.md` has to say."""
    return "\n".join(Reference(document or openapi.description(registry().endpoints(), "")).lines()) + "\n"


def options_page() -> str:
    """What `options.md` has to say."""
    rows = [option_row(name, option) for name, option in (MARKER_OPTIONS | SERVE_ONLY).items()]
    return "\n".join([OPTIONS_INTRODUCTION, *rows, PROFILES_INTRODUCTION, *profile_rows()]) + "\n"


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
    """The limits of each profile."""
    for name, limits in PROFILES.items():
        rates = limits.to_json().values()
        yield f"| `{name}` | {' | '.join('' if rate is None else f'{rate:,}' for rate in rates)} |"


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
    page = next(entry.source for entry in below if entry.module == own[0] and not entry.name and entry.line == 1)
    numbers = (sum(1 for entry in below if entry.words(mark)) for mark in COMES_FROM)
    link = f"[`{route}`](reference.md#{anchor(route)})"
    return f"| {link} | {linked(page)} | {' | '.join(str(number or '') for number in numbers)} |"


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
