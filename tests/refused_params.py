"""Check that the `param` of a refusal names a parameter of the operation. The suite checks every refusal it gets."""

import json
import re
import types
import typing
from collections.abc import Iterator
from functools import cache
from typing import Any
from typing import Protocol
from urllib.parse import parse_qsl

from fakestripe_meters.framework.endpoint import Endpoint
from fakestripe_meters.routing import Routes
from fakestripe_meters.versions import changes
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import fields_of


class Answer(Protocol):
    """What came back."""

    @property
    def status(self) -> int: ...
    @property
    def body(self) -> bytes: ...


INDEX = r"\[.*?\]"
"""A place in an array, or a key of a hash, which may be any text."""
PLACES = re.compile(r"<(\w+)_id>")
"""What the URL of an operation names: some refusals call it so, others `id`."""
UNKNOWN = "Received unknown parameter"
PAGE = "is an invalid page."
"""Said of a search's page, whose token is the `param`."""
PLAN = "Stripe calls the price of an item its plan, whatever the request calls it"
OF_CARD = "what declines is a field of the card, whose name the request gives"
SOURCE = "Stripe's answer calls the payment method a source"
OF_SOURCE = "Stripe's answer asks for a card of the older kind"
CHARGING = ("payment_methods.attach", "payment_pages.confirm", "setup_intents.confirm", "setup_intents.create")
"""Operations that a card may decline."""
OWN_NAMES = {
    ("promotion_codes.create", "promotion.coupon"): "Stripe's answer writes it so",
    ("prices.create", "interval"): "Stripe's answer leaves `recurring` out",
    ("subscriptions.create", "plan"): PLAN,
    ("subscriptions.update", "plan"): PLAN,
    ("invoices.create_preview", "plan"): PLAN,
    ("payment_methods.create", "token"): "Stripe's answer leaves `card` out",
    ("customer_payment_methods.retrieve", "customer"): "Stripe's answer does not say that the method is missing",
    ("charges.create", "card"): OF_SOURCE,
    **{(name, field): OF_CARD for name in CHARGING for field in ("cvc", "exp_month")},
    ("payment_intents.create", "cvc"): OF_CARD,
    ("payment_intents.create", "exp_month"): OF_CARD,
    ("payment_intents.confirm", "cvc"): OF_CARD,
    ("payment_intents.confirm", "exp_month"): OF_CARD,
    ("payment_intents.create", "source"): SOURCE,
    ("payment_intents.update", "source"): SOURCE,
    ("payment_intents.confirm", "source"): SOURCE,
    ("payment_intents.capture", "amount"): "Stripe's answer calls an amount of zero so",
}
"""Names that no request can have, with the operation, and why they are right nevertheless."""


def check_param(routes: Routes, method: str, path: str, sent: str, answer: Answer) -> None:
    """Assert that a refusal names what the request could have sent; `sent` is its query and its body as a form."""
    endpoint, _ = routes.lookup(method, path)
    if endpoint is None or not (400 <= answer.status < 500 or answer.status == 501):
        return
    error = json.loads(answer.body)["error"]
    param = error.get("param") or error.get("invalid_param")
    if param is None or error["message"].startswith(UNKNOWN) or error["message"].endswith(PAGE):
        return
    if answer.status == 501 and param.partition("[")[0] in sent:  # the operation does not declare it
        return
    of_the_url = error.get("code") == "resource_missing" and param in {"id", *PLACES.findall(endpoint.rule)}
    if of_the_url or (endpoint.name, param) in OWN_NAMES:
        return
    if any(name == param or name.startswith(f"{param}[") for name, _ in parse_qsl(sent, keep_blank_values=True)):
        return
    assert names_of(endpoint).fullmatch(param), f"{endpoint.route} has no parameter {param}: {error['message']}"


@cache
def names_of(endpoint: Endpoint) -> re.Pattern[str]:
    """The names of all parameters of an operation as an expression, also as older versions spell them."""
    names = set(_members(endpoint.params, ""))
    for change in (*changes.CHANGES, *changes.RELEASED, *changes.REQUESTED):
        if endpoint.route == change.route or endpoint.route in change.routes:
            names |= {change.spelled(name, {}) for name in names}
    return re.compile("|".join(re.escape(name).replace(re.escape("[*]"), INDEX) for name in names))


def _members(kind: type[Params], path: str) -> Iterator[str]:
    for name, (hint, _) in fields_of(kind).items():
        yield from _within(hint, f"{path}[{name}]" if path else name)


def _within(hint: Any, path: str) -> Iterator[str]:  # noqa: ANN401  a type expression has no type
    yield path
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, types.UnionType}:
        for each in arguments:
            yield from _within(each, path)
    elif origin is tuple:
        yield from _within(arguments[0], f"{path}[*]")
    elif origin is dict:
        yield from _within(arguments[1], f"{path}[*]")
    elif isinstance(hint, type) and issubclass(hint, Params):
        yield from _members(hint, path)
