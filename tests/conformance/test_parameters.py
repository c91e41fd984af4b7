"""Every parameter that stripe-python declares is taken as it is declared, or refused for a written reason."""

import json
import re
import typing
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters.resources import registry
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import fields_of
from tests.conformance import refused
from tests.conformance.declared import declared
from tests.conformance.declared import least
from tests.conformance.oracle import OPENAPI
from tests.conformance.oracle import base
from tests.conformance.oracle import load
from tests.conformance.oracle import previews
from tests.conformance.oracle import route_of
from tests.conftest import KEY
from tests.conftest import encoded

SDKS = [base(), *previews(), OPENAPI]
TAKES = {
    "str": {"str", "instant", "decimal"},
    "int": {"int"},
    "bool": {"bool"},
    "float": {"decimal"},
    "decimal": {"decimal", "str"},
    "hash": {"hash"},
    "array": {"array"},
    "map": {"map"},
    '""': {'""'},
}
"""What a declaration of ours may say where the SDK says the word on the left."""
ENUM = re.compile(r"enum\((.*)\)")
NESTED = re.compile(r"(.+?)[.\[{]")


@cache
def ours() -> dict[str, dict[str, set[str]]]:
    return {route_of(each.method, each.rule): declared(each.params) for each in registry().endpoints()}


def missing(sdk: str) -> Iterator[str]:
    """`POST /v1/customers tax`: parameters of the SDK that we do not declare, without what is below them."""
    for route, types in load(sdk).endpoints.items():
        taken = ours()[route]
        for path in types:
            if path not in taken and all(each in taken for each in above(path)):
                yield f"{route} {path}"


def above(path: str) -> list[str]:
    """The hashes and arrays that a parameter is in."""
    return [path[: match.start()] for match in re.finditer(r"[.\[{]", path)]


def fewer(sdk: str) -> Iterator[tuple[str, str]]:
    """Parameters that we declare with less than the SDK: the parameter, and what it does not take."""
    for route, types in load(sdk).endpoints.items():
        for path, kinds in types.items():
            taken = ours()[route].get(path)
            for kind in kinds.rstrip("?!").split("|") if taken is not None else ():
                lack = lacking(kind, taken or set())
                if lack:
                    yield f"{route} {path}", lack


def lacking(kind: str, taken: set[str]) -> str:
    if kind == "any":
        return ""
    choices = ENUM.fullmatch(kind)
    if choices is None:
        enumerated = kind == "str" and any(each.startswith("=") for each in taken)
        return "" if taken & TAKES[kind] or enumerated else kind
    if taken & TAKES["str"]:
        return ""
    return ",".join(choice for choice in choices[1].split(",") if choice not in ("", *(each[1:] for each in taken)))


def waived(sdk: str) -> list[str]:
    """Parameters that the SDK requires and we do not."""
    return [
        f"{route} {path}"
        for route, types in load(sdk).endpoints.items()
        for path, kinds in types.items()
        if kinds.endswith("!") and path in ours()[route] and "required" not in ours()[route][path]
    ]


@pytest.mark.parametrize("sdk", SDKS)
def test_each_endpoint_of_ours_is_one_of_the_sdks(sdk: str) -> None:
    unknown = refused.PREVIEW_ENDPOINTS if sdk in (base(), OPENAPI) else set()
    unknown = unknown | refused.UNDOCUMENTED | (refused.WITHOUT_SDK if sdk != OPENAPI else set())
    if sdk == OPENAPI:  # it describes API v1 only
        unknown = unknown | {route for route in ours() if " /v2/" in route} | refused.NEWER_ENDPOINTS
    assert ours().keys() - load(sdk).endpoints.keys() - refused.OLDER_ENDPOINTS == unknown


@pytest.mark.parametrize("sdk", SDKS)
def test_each_endpoint_of_the_sdk_beside_ours_is_left_out_for_a_reason(sdk: str) -> None:
    beside = [route for route in load(sdk).elsewhere if route not in ours()]
    assert [route for route in beside if not set(route.split("/")) & refused.UNSERVED.keys()] == []


@pytest.mark.parametrize("sdk", SDKS)
def test_each_parameter_of_the_sdk_is_declared_or_refused_for_a_reason(sdk: str) -> None:
    assert [each for each in missing(sdk) if refused.reason(each) is None] == []


@pytest.mark.parametrize("sdk", SDKS)
def test_each_parameter_takes_what_the_sdk_declares_or_less_for_a_reason(sdk: str) -> None:
    assert [each for each in fewer(sdk) if refused.fewer_reason(*each) is None] == []


def demanded(sdk: str) -> Iterator[str]:
    """Parameters that we require and the SDK does not."""
    for route, types in load(sdk).endpoints.items():
        for path, kinds in types.items():
            if "required" in ours()[route].get(path, set()) and not kinds.endswith("!"):
                yield f"{route} {path}"


@pytest.mark.parametrize("sdk", SDKS)
def test_what_the_sdk_does_not_require_we_require_for_a_reason(sdk: str) -> None:
    assert [each for each in demanded(sdk) if refused.demanded_reason(each) is None] == []


@pytest.mark.parametrize("sdk", SDKS)
def test_what_the_sdk_requires_we_require(sdk: str) -> None:
    assert [each for each in waived(sdk) if refused.most_exact(refused.WAIVED, each) is None] == []


def test_each_parameter_of_ours_is_one_of_an_sdks_or_accepted_for_a_reason() -> None:
    known = {f"{route} {path}" for sdk in SDKS for route, types in load(sdk).endpoints.items() for path in types}
    newer = ours().keys() - refused.OLDER_ENDPOINTS - refused.UNDOCUMENTED
    more = [f"{route} {path}" for route in newer for path in ours()[route]]
    assert [each for each in more if each not in known and refused.accepted_reason(each) is None] == []


def test_every_reason_is_still_needed() -> None:
    """A row whose parameter is taken by now, or declared by no SDK any more, must go."""
    every = [each for sdk in SDKS for each in missing(sdk)]
    assert [name for name in refused.REFUSED if not any(refused.matches(name, each) for each in every)] == []
    less = {f"{each.rpartition(' ')[2]} {lack}" for sdk in SDKS for each, lack in fewer(sdk)}
    assert [row for row in refused.FEWER if row not in less] == []
    loose = [each for sdk in SDKS for each in waived(sdk)]
    assert [row for row in refused.WAIVED if not any(refused.matches(row, each) for each in loose)] == []
    more = [each for sdk in SDKS for each in demanded(sdk)]
    assert [row for row in refused.DEMANDED if not any(refused.matches(row, each) for each in more)] == []


def refusable() -> list[str]:
    return sorted({each for sdk in SDKS for each in missing(sdk)})


@pytest.mark.parametrize("parameter", refusable())
def test_a_refused_parameter_is_named_in_a_501_and_never_silently_ignored(parameter: str, fake: FakeStripe) -> None:
    route, path = parameter.rsplit(" ", 1)
    [endpoint] = [each for each in registry().endpoints() if route_of(each.method, each.rule) == route]
    tree = with_parameter(endpoint.params, path)
    method, rule = route.split()
    body = json.dumps(tree).encode() if rule.startswith("/v2/") and method == "POST" else encoded(tree)
    in_query = method != "POST"
    headers = Headers({"Authorization": f"Bearer {KEY}", "Stripe-Version": load("16.1.0a4").api_version})
    target, query, sent = rule.replace("{}", "some_id"), body.decode() if in_query else "", b"" if in_query else body
    response = fake.engine.handle(Request(method, target, query, headers, sent))
    error = json.loads(response.body)["error"]
    assert (response.status, error["code"]) == (501, "fakestripe_not_served"), error
    assert re.search(rf"\b{path.rpartition('.')[2]}\b", error["message"])
    assert error["param"] == re.sub(r"\.(\w+)", r"[\1]", path.replace("[]", "[0]"))


VALID = {"currency": "usd", "enabled": "false"}
"""What is refused for no other reason."""


def with_parameter(kind: type[Params], path: str) -> dict[str, Any]:
    """The least that is required, and one parameter more."""
    name, _, rest = path.partition(".")
    tree = least(kind) | {each: valid for each, valid in VALID.items() if each in fields_of(kind)}
    if not rest:
        return tree | {name: "words"}
    hint = fields_of(kind)[name.removesuffix("[]")][0]
    [inner] = [each for each in classes_in(hint) if name_of(rest) not in fields_of(each) or "." in rest]
    below = with_parameter(inner, rest)
    return tree | ({name[:-2]: [below]} if name.endswith("[]") else {name: below})


def name_of(path: str) -> str:
    return re.split(r"[.\[{]", path)[0]


def classes_in(hint: Any) -> Iterator[type[Params]]:  # noqa: ANN401  a type expression has no type
    """The parameter classes of a type expression, in arrays too."""
    if isinstance(hint, type) and issubclass(hint, Params):
        yield hint
    for each in typing.get_args(hint):
        yield from classes_in(each)


@pytest.fixture(scope="module")
def fake() -> FakeStripe:
    return FakeStripe(now=0, seed=1, limits="off")
