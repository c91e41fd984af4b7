"""Fill a fake from files in the Stripe CLI's own fixture format, without a socket.

    {"_meta": {"template_version": 0},
     "fixtures": [{"name": "customer", "path": "/v1/customers", "method": "post", "params": {"name": "Ada"}},
                  {"name": "again", "path": "/v1/customers/${customer:id}", "method": "get"}]}

The same file fills this fake and, with `stripe fixtures`, a real sandbox. Three things only the CLI does: it writes
`env` into a `.env` file, marks what it creates with `metadata[_created_by_fixture]`, and obeys `api_base`, which the
fake ignores because it answers for all of Stripe's hosts.
"""

import datetime as dt
import json
import os
import re
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING
from typing import Any
from typing import TypeVar
from urllib.parse import unquote
from urllib.parse import urlencode

from fakestripe_meters.core.encoding import Json
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import shortened
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.progress import Telling
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request

if TYPE_CHECKING:
    from fakestripe_meters.fake import FakeStripe

T = TypeVar("T")
METHODS = ("GET", "POST", "DELETE")
REFERENCE = re.compile(r"\$\{([^|}:]+):([^|}]+)(?:\|([^}]*))?\}")
ENVIRONMENT = ".env"
JSON_TYPES: dict[type, str] = {dict: "an object", list: "an array", str: "a string"}
FORM = "application/x-www-form-urlencoded"
OK = 200


def load(fake: "FakeStripe", path: Traversable) -> None:
    """Send the requests of a file, in order, with the API key `fake.api_key`.

    The rate limits are off meanwhile, so that a file may hold more than one second's worth of events, even with a
    frozen clock. References are `${name:path.in.its.answer}` and `${.env:VARIABLE}`, each with an optional `|default`
    before the brace.

    Raises:
        Misuse: the file cannot be read or understood, a reference has no value, or a request did not end as the
            file expects. The message is one line and says where. The effects of earlier requests stay.
    """
    fixtures = _read(path)
    limits = fake.control.limits()
    fake.control.set_limits({"profile": "off"})
    try:
        _send_all(fake, path, fixtures)
    finally:
        fake.control.set_limits(limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixture:
    """One request of a file. The fields are those of the format."""

    name: str
    path: str
    method: str
    params: Mapping[str, Json] = field(default_factory=dict)
    headers: Mapping[str, Json] = field(default_factory=dict)
    idempotency_key: str = ""
    expected_error_type: str = ""


# Reading a file


def _read(path: Traversable) -> list[Fixture]:
    try:
        tree = json.loads(path.read_bytes().decode("utf-8-sig"))
        file = _expect(tree, dict, "the file")
        _check_version(_member(file, "_meta", dict, "the file", {}))
        entries = enumerate(_member(file, "fixtures", list, "the file"))
        return [_fixture(entry, f"fixtures[{index}]") for index, entry in entries]
    except OSError as error:
        raise Misuse(f"{path}: cannot be read: {error.strerror or error}") from None
    except Misuse as misuse:
        raise Misuse(f"{path}: {misuse}") from None
    except (ValueError, RecursionError) as error:
        raise Misuse(f"{path}: is not valid JSON: {error}") from None


def _check_version(meta: Mapping[str, Json]) -> None:
    version = meta.get("template_version", 0)
    if type(version) is not int or version != 0:
        raise Misuse(f"_meta.template_version must be 0, the only supported version, not {version!r}")


def _fixture(tree: object, where: str) -> Fixture:
    entry = _expect(tree, dict, where)
    name = _member(entry, "name", str, where)
    where = f"fixture {name!r}"
    method = _member(entry, "method", str, where).upper()
    if method not in METHODS:
        raise Misuse(f"{where}: method must be get, post, or delete, not {entry['method']!r}")
    path = _member(entry, "path", str, where)
    if not path.startswith(("/v1/", "/v2/")):
        raise Misuse(f"{where}: path must start with /v1/ or /v2/, not {path!r}")
    return Fixture(
        name=name,
        path=path,
        method=method,
        params=_member(entry, "params", dict, where, {}),
        headers=_member(entry, "headers", dict, where, {}),
        idempotency_key=_member(entry, "idempotency_key", str, where, ""),
        expected_error_type=_member(entry, "expected_error_type", str, where, ""),
    )


def _member(tree: Mapping[str, object], name: str, kind: type[T], where: str, default: T | None = None) -> T:
    """Return a member, checked for its type. Null stands for the default, as it does for the CLI."""
    value = tree.get(name)
    if value is None:
        value = default
    if value is None:
        raise Misuse(f"{where}: {name} is missing; it must be {JSON_TYPES[kind]}")
    return _expect(value, kind, f"{where}: {name}")


def _expect(value: object, kind: type[T], where: str) -> T:
    if not isinstance(value, kind):
        raise Misuse(f"{where} must be {JSON_TYPES[kind]}, not {shortened(json.dumps(value), 80)}")
    return value


# Sending


def _send_all(fake: "FakeStripe", path: Traversable, fixtures: list[Fixture]) -> None:
    answers: dict[str, Json] = {}
    telling = Telling(fake.engine.world.watch.told, len(fixtures))
    last = {fixture.name: position for position, fixture in enumerate(fixtures)}
    for position, fixture in enumerate(fixtures):
        telling.go_on(fake.clock.now())
        try:
            answers[fixture.name] = _send(fake, fixture, References(answers, last, position))
        except (Misuse, RecursionError) as error:
            raise Misuse(f"{path}: fixture {fixture.name!r}: {error}") from None
        telling.did()
    telling.end(fake.clock.now())


def _send(fake: "FakeStripe", fixture: Fixture, references: "References") -> dict[str, Any]:
    request = _request(fixture, references, fake.api_key)
    response = fake.engine.handle(request)
    answer: dict[str, Any] = json.loads(response.body)
    error = {} if response.status == OK else answer["error"]
    outcome = error.get("type", error.get("code", ""))  # only some errors of API v2 have a type
    expected = fixture.expected_error_type
    if outcome == expected:
        return answer
    if not outcome:
        raise Misuse(f"expected {expected}, but the request succeeded")
    expectation = f"expected {expected}, but got {outcome}: " if expected else ""
    raise Misuse(f"{expectation}{error['message']}{_hint(fake, error)}")


def _request(fixture: Fixture, references: "References", key: str) -> Request:
    target, _, query = references.fill(fixture.path).partition("?")
    params = references.fill_all(fixture.params)
    headers = {"Authorization": f"Bearer {key}"}
    body = ""
    if fixture.method != "POST":
        query = "&".join(filter(None, [query, _form(params)]))
    elif target.startswith("/v2/"):
        headers["Content-Type"] = "application/json"
        body = json.dumps(params)
    else:
        headers["Content-Type"] = FORM
        body = _form(params)
    if fixture.idempotency_key:
        headers["Idempotency-Key"] = references.fill(fixture.idempotency_key)
    own = {name: _text(value) for name, value in references.fill_all(fixture.headers).items()}
    return Request(fixture.method, unquote(target), query, Headers([*headers.items(), *own.items()]), body.encode())


def _form(params: Json) -> str:
    return urlencode(list(_pairs(params)), errors="replace")


def _pairs(tree: Json, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield a tree as form fields. Null is left out."""
    members = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else None
    if members is not None:
        for key, value in members:
            yield from _pairs(value, f"{name}[{key}]" if name else str(key))
    elif tree is not None:
        yield name, _text(tree)


def _text(value: Json) -> str:
    """Return a scalar as a form field has it: `true`, and `25` for 25.00."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{Decimal(repr(value)).normalize():f}" if isinstance(value, float) else str(value)


def _hint(fake: "FakeStripe", error: Mapping[str, Any]) -> str:
    """Return a hint if a timestamp was refused: those of a file are absolute, and the clock may not fit them."""
    if "event timestamp" not in error["message"]:
        return ""
    now = dt.datetime.fromtimestamp(fake.clock.now(), dt.UTC)
    return f" (the fake's clock is at {now:%Y-%m-%dT%H:%M:%SZ}: does the file need another --now?)"


# References


@dataclass(frozen=True, slots=True)
class References:
    """Resolves `${…}`, from the answers so far, by the names of their fixtures, and from the environment."""

    answers: Mapping[str, Json]
    last: Mapping[str, int]
    """Where the last fixture of each name stands in the file."""
    position: int
    """Where the fixture stands that refers to others."""

    def fill_all(self, tree: Mapping[str, Json]) -> dict[str, Json]:
        """Return a copy of an object, with the references in all strings replaced."""
        return {key: self._filled(value) for key, value in tree.items()}

    def _filled(self, tree: Json) -> Json:
        if isinstance(tree, dict):
            return self.fill_all(tree)
        if isinstance(tree, list):
            return [self._filled(value) for value in tree]
        return self.fill(tree) if isinstance(tree, str) else tree

    def fill(self, text: str) -> str:
        """Return a text with its references replaced."""
        return REFERENCE.sub(self._value, text)

    def _value(self, match: re.Match[str]) -> str:
        name, query, default = match.groups()
        found = os.environ.get(query, "") if name == ENVIRONMENT else _look_up(self._answer(name, match), query)
        if found:
            return found
        if default:
            return default
        raise Misuse(f"{match.group()} has no value and no |default")

    def _answer(self, name: str, match: re.Match[str]) -> Json:
        if name in self.answers:
            return self.answers[name]
        if self.last.get(name, -1) >= self.position:
            raise Misuse(f"{match.group()} comes too early: {name!r} has not been sent yet")
        raise Misuse(f"{match.group()} refers to {name!r}, but no fixture has that name")


def _look_up(answer: Json, query: str) -> str:
    """Return the value at a path such as `data.0.id`; empty if there is none, or it is an object or an array."""
    here = answer
    for step in query.split("."):
        if isinstance(here, list) and step.isdecimal() and int(step) < len(here):
            here = here[int(step)]
        elif isinstance(here, dict) and step in here:
            here = here[step]
        else:
            return ""
    return "" if here is None or isinstance(here, dict | list) else _text(here)
