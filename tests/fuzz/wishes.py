"""Requests that anybody might send: what the endpoints declare, what almost fits, and what does not fit at all.

`FAKESTRIPE_FUZZ=50 pytest tests/fuzz` tries fifty times as much as the ordinary run does.
"""

import json
import os
import re
import types
import typing
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from typing import TypeVar
from urllib.parse import quote

from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st

from fakestripe_meters.resources import registry
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import fields_of
from tests.conformance.story import Teller
from tests.conftest import KEY
from tests.conftest import encoded

MULTIPLE = int(os.environ.get("FAKESTRIPE_FUZZ", "1"))
LONGEST = timedelta(seconds=10)
"""For one example: longer is a hang."""
Tree = Any
T = TypeVar("T")
ENDPOINTS = list(registry().endpoints())
VERSIONS = (None, "2026-10-28.endive", "2026-09-30.preview", "2025-08-27.preview", "2025-10-01.preview", "2019-02-19")
STRANGE = (
    "",
    " ",
    "\x00",
    "0",
    "-1",
    "1e400",
    "NaN",
    "Infinity",
    "9" * 18,
    "9" * 400,
    "0." + "0" * 40 + "1",
    "١٢٣",
    "½",
    "\ud800",
    "\U0001d4b6" * 300,
    "../../etc/passwd",
    "'; DROP TABLE customers; --",
    "<script>alert(1)</script>",
    "${jndi:ldap://127.0.0.1}",
    "{}",
    "[]",
    "null",
    "true",
    "%00",
    "a" * 6_000,
    "2025-13-45T99:99:99Z",
    "America/New_York",
    "sk_live_1234567890abcdef",
)
NEAR = st.tuples(st.sampled_from([0, 1735689600, 2**31, 2**53, 2**63, 10**18]), st.integers(-100, 100)).map(sum)
NUMBERS = st.one_of(NEAR, st.integers(-10, 200), st.integers(-(10**20), 10**20)).map(str)
"""Near what is usual, near the bounds of machines, and far out."""
HOSTILE = st.recursive(
    st.one_of(st.sampled_from(STRANGE), st.text(max_size=30), NUMBERS, st.none(), st.booleans()),
    lambda each: st.one_of(st.lists(each, max_size=3), st.dictionaries(st.text(max_size=8), each, max_size=3)),
    max_leaves=4,
)
"""Whatever a form or JSON can hold."""
ANY = st.integers(0, 2**16 - 1)
NAMES = st.text(max_size=12)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str)
WORDS = st.one_of(
    st.sampled_from(["tokens", "calls", "usd", "stripe_customer_id", "value", "model", "month", "small", "data"]),
    st.text(max_size=20),
)
STRINGS = st.one_of(WORDS, WORDS, NUMBERS, st.sampled_from(STRANGE))
INSTANTS = ("2025-01-01T00:00:00Z", "2024-12-31T23:00:00.123Z", "1600-01-01T00:00:00Z", "2025-13-01T00:00:00Z")
OF_NAMES = {
    "currency": ["usd", "eur"],
    "event_name": ["tokens", "calls", "other"],
    "interval": ["day", "week", "month", "year"],
    "url": ["http://127.0.0.1:9/hook"],
    "enabled_events": ["*", "billing.meter.created", "v1.billing.meter.error_report_triggered"],
    "timezone": ["America/New_York", "Europe/London", "Asia/Kathmandu"],
    "expand": [
        "customer",
        "data.customer",
        "latest_invoice",
        "tiers",
        "product",
        "subscriptions.data",
        "data.payments",
    ],
    "include": ["webhook_endpoint.url"],
    "collection_method": ["send_invoice", "charge_automatically"],
}
"""Strings that fit a parameter of some name."""
OBJECTS_OF_NAMES = {"meter": "billing.meter", "from": "price", "test_clock": "test_helpers.test_clock", "id": "price"}


def tries(ordinarily: int) -> settings:
    """That many examples, or a multiple of it."""
    return settings(
        max_examples=ordinarily * MULTIPLE,
        deadline=LONGEST,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
    )


class Wishes:
    """Draws requests, with a story that was told in mind, so that much of what is wished for is there.

    Each draw is from a strategy made once: Hypothesis takes its time over new ones.
    """

    def __init__(self, teller: Teller) -> None:
        self.asked = [each for each in teller.asked if "meter_event_stream" not in each[1]]
        self.known: dict[str, str] = {}
        for each in teller.seen():
            if isinstance(each.tree.get("id"), str) and not each.tree.get("deleted"):
                self.known[each.name] = each.tree["id"]
        self.ids = sorted(self.known.values())

    def requests(self) -> st.SearchStrategy[Request]:
        """To any endpoint: as it declares them, as the story sent them, and spoiled."""
        return st.composite(self._request)()

    def _request(self, draw: st.DrawFn) -> Request:
        method, path, tree = self._declared(draw) if draw(ANY) % 3 == 0 else self._heard(draw)
        version = pick(draw, VERSIONS)
        idempotency_key = pick(draw, ("again", "x" * 256, "")) if draw(ANY) % 8 == 0 else None
        return request(method, path, tree, version, idempotency_key)

    def _declared(self, draw: st.DrawFn) -> tuple[str, str, Tree]:
        endpoint = pick(draw, ENDPOINTS)
        fitting = self.known.get(endpoint.resource.name, "words")
        chance = draw(ANY) % 8
        identifier = draw(NAMES) or "x" if chance == 0 else pick(draw, self.ids) if chance == 1 else fitting
        path = re.sub("<[^>]*>", lambda _: identifier, endpoint.rule)
        return endpoint.method, path, self._tree(draw, endpoint.params)

    def _heard(self, draw: st.DrawFn) -> tuple[str, str, Tree]:
        method, path, tree = pick(draw, self.asked)
        for _ in range(draw(ANY) % 3):
            tree = spoiled(draw, tree)
        return method, path, tree

    def _tree(self, draw: st.DrawFn, kind: type[Params]) -> dict[str, Tree]:
        """What a class of parameters declares: what is required, and some of the rest."""
        fields = fields_of(kind)
        optional = [name for name, (_, rules) in fields.items() if not rules.required]
        some = {pick(draw, optional) for _ in range(draw(ANY) % 4)} if optional else set()
        return {
            name: self._value(draw, name, hint)
            for name, (hint, rules) in fields.items()
            if rules.required or name in some
        }

    def _value(self, draw: st.DrawFn, name: str, hint: Any) -> Tree:  # noqa: ANN401  a type expression has no type
        """What a parameter of some name and type takes."""
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin in (typing.Union, types.UnionType):
            kinds = [each for each in arguments if each not in (types.NoneType, Unset)]
            return self._value(draw, name, pick(draw, kinds))
        if origin is typing.Literal:
            return pick(draw, arguments)
        if origin is tuple:
            return [self._value(draw, name, arguments[0]) for _ in range(draw(ANY) % 3)]
        if origin is dict:
            return {draw(WORDS): self._value(draw, name, arguments[1]) for _ in range(draw(ANY) % 3)}
        if isinstance(hint, type) and issubclass(hint, Params):
            return self._tree(draw, hint)
        return self._scalar(draw, name, hint)

    def _scalar(self, draw: st.DrawFn, name: str, hint: Any) -> Tree:  # noqa: ANN401  as above
        if hint is str:
            fitting = OF_NAMES.get(name) or [self.known.get(OBJECTS_OF_NAMES.get(name, name), "words")]
            return draw(STRINGS) if draw(ANY) % 4 == 0 else pick(draw, fitting)
        if hint is Decimal:
            return draw(DECIMALS)
        return draw(NUMBERS) if hint is int else pick(draw, ("true", "false") if hint is bool else INSTANTS)


def pick(draw: st.DrawFn, several: Sequence[T]) -> T:
    """One of them."""
    return several[draw(ANY) % len(several)]


def spoiled(draw: st.DrawFn, tree: Tree) -> Tree:
    """The same with something else in one place, or one thing more."""
    if isinstance(tree, list) and tree:
        at = draw(ANY) % len(tree)
        return [*tree[:at], spoiled(draw, tree[at]), *tree[at + 1 :]]
    if not isinstance(tree, dict):
        return draw(STRINGS) if draw(ANY) % 2 else draw(HOSTILE)
    if not tree or draw(ANY) % 4 == 0:
        return tree | {draw(NAMES): draw(HOSTILE)}
    name = pick(draw, sorted(tree))
    return tree | {name: spoiled(draw, tree[name])}


def request(method: str, path: str, tree: dict[str, Tree], version: str | None, idempotency_key: str | None) -> Request:
    """One request, as an SDK would write it."""
    headers = {"Authorization": f"Bearer {KEY}", "Stripe-Version": version, "Idempotency-Key": idempotency_key}
    given = Headers({name: value for name, value in headers.items() if value is not None})
    if method != "POST":
        return Request(method, path, encoded(surrogate_free(tree)).decode(), given, b"")
    body = json.dumps(tree).encode() if path.startswith("/v2/") else encoded(surrogate_free(tree))
    return Request(method, path, "", given, body)


def surrogate_free(tree: Tree) -> Tree:
    """What can be percent-encoded."""
    if isinstance(tree, dict):
        return {surrogate_free(name): surrogate_free(each) for name, each in tree.items()}
    if isinstance(tree, list):
        return [surrogate_free(each) for each in tree]
    return tree.encode("utf-8", "replace").decode() if isinstance(tree, str) else tree


def paths() -> st.SearchStrategy[str]:
    """Of URLs that are there, almost there, and not there."""
    real = st.sampled_from(sorted({re.sub("[<>]", "", endpoint.rule) for endpoint in ENDPOINTS}))
    strange = st.text(max_size=40).map(lambda text: "/" + quote(text.encode("utf-8", "replace")))
    return st.one_of(real, strange, st.tuples(real, strange).map("".join))
