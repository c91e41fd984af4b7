"""No parameter is silent: the code reads whatever an operation declares, or a reason says why it changes nothing.

The story is told once more. Beside each of its requests, the same one is sent with each parameter that the operation
declares, and undone. A parameter that no code has ever read has no effect. A filter of what there is nothing of has
none either.
"""

import sys
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from functools import cache
from typing import Any

import pytest

from fakestripe_meters import engine
from fakestripe_meters.core.undo import DryRun
from fakestripe_meters.framework.absent import Absent
from fakestripe_meters.framework.endpoint import Endpoint
from fakestripe_meters.resources import registry
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import fields_of
from tests.conformance.declared import example
from tests.conformance.declared import least
from tests.conformance.oracle import load
from tests.conformance.oracle import previews
from tests.conformance.story import Teller
from tests.conformance.story import ends
from tests.conformance.story import tell
from tests.conftest import KEY
from tests.fuzz.wishes import request

NO_EMAILS = "No email is sent."
NO_TAXES = "It matters to taxes only, and Stripe's answer does not show it either."
NO_SOURCES = "Nobody has sources, so any value but an empty one is refused."
NO_BROWSER = "The card of the story passes without authentication, which a browser could do."
ALWAYS_REFUSED = "Stripe refuses the call, whatever it says."
NO_RECORDS = "Each usage record is refused."
NO_MODES = "When there were upcoming invoices, there were no modes: it is unknown."
OF_TOKEN = "A card is one of the test mode's, by its token."
SILENT = {
    "POST /v1/customers/<customer_id> default_source": NO_SOURCES,
    "POST /v1/payment_methods card.cvc": OF_TOKEN,
    "POST /v1/payment_pages/<page_id>/init browser_locale": "No browser shows it.",
    "POST /v1/payment_pages/<page_id>/init redirect_type": "No browser is redirected by it.",
    "POST /v1/payment_pages/<page_id>/confirm expected_payment_method_type": "There are only cards.",
    "POST /v1/payment_pages/<page_id>/confirm payment_method_data.card.cvc": OF_TOKEN,
    "POST /v1/payment_pages/<page_id>/confirm payment_method_data.card.exp_month": OF_TOKEN,
    "POST /v1/payment_pages/<page_id>/confirm payment_method_data.card.exp_year": OF_TOKEN,
    "POST /v1/payment_pages/<page_id>/confirm return_url": NO_BROWSER,
    "POST /v1/setup_intents use_stripe_sdk": NO_BROWSER,
    "POST /v1/setup_intents/<intent_id>/verify_microdeposits expand": ALWAYS_REFUSED,
    "POST /v1/setup_intents/<intent_id>/verify_microdeposits amounts": ALWAYS_REFUSED,
    "POST /v1/setup_intents/<intent_id>/verify_microdeposits client_secret": ALWAYS_REFUSED,
    "POST /v1/setup_intents/<intent_id>/verify_microdeposits descriptor_code": ALWAYS_REFUSED,
    "POST /v1/subscriptions default_source": NO_SOURCES,
    "POST /v1/subscription_items/<item_id>/usage_records expand": NO_RECORDS,
    "POST /v1/subscription_items/<item_id>/usage_records action": NO_RECORDS,
    "POST /v1/subscription_items/<item_id>/usage_records quantity": NO_RECORDS,
    "POST /v1/subscription_items/<item_id>/usage_records timestamp": NO_RECORDS,
    "POST /v1/charges expand": ALWAYS_REFUSED,
    "POST /v1/charges amount": ALWAYS_REFUSED,
    "POST /v1/charges currency": ALWAYS_REFUSED,
    "POST /v1/charges capture": ALWAYS_REFUSED,
    "POST /v1/charges customer": ALWAYS_REFUSED,
    "POST /v1/charges description": ALWAYS_REFUSED,
    "POST /v1/charges source": ALWAYS_REFUSED,
    "POST /v1/charges/<charge_id>/capture expand": ALWAYS_REFUSED,
    "POST /v1/charges/<charge_id>/capture amount": ALWAYS_REFUSED,
    "POST /v1/refunds/<refund_id>/cancel expand": ALWAYS_REFUSED,
    "POST /v1/invoices default_source": NO_SOURCES,
    "POST /v1/invoices/create_preview invoice_items.0.tax_behavior": NO_TAXES,
    "POST /v1/invoices/create_preview invoice_items.0.tax_code": NO_TAXES,
    "POST /v1/invoices/<invoice_id> default_source": NO_SOURCES,
    "GET /v1/invoice_payments payment.payment_record": "Payments outside of Stripe are not recorded.",
    "POST /v1/credit_notes email_type": NO_EMAILS,
    "GET /v1/credit_notes/preview email_type": NO_EMAILS,
    "GET /v1/credit_notes/preview/lines email_type": NO_EMAILS,
    "GET /v1/invoices/upcoming subscription_details.billing_mode.flexible.proration_discounts": NO_MODES,
    "GET /v1/invoices/upcoming/lines subscription_details.billing_mode.flexible.proration_discounts": NO_MODES,
    "POST /v1/invoiceitems tax_behavior": NO_TAXES,
    "POST /v1/invoiceitems tax_code": NO_TAXES,
    "POST /v1/invoiceitems/<item_id> tax_behavior": NO_TAXES,
    "POST /v1/invoiceitems/<item_id> tax_code": NO_TAXES,
}
"""Parameters that are taken whatever their value, and why they change nothing here."""
VALUES: dict[str, Any] = {
    "currency": "usd",
    "interval": "month",
    "url": "http://127.0.0.1:9/hook",
    "amount_gte": "5000",
}
"""What a parameter of some name takes."""
MONTHLY = {"currency": "usd", "product": "words", "recurring": {"interval": "month"}, "unit_amount": "5"}
COMPANY: dict[str, dict[str, Any]] = {
    "add_invoice_items": {
        "add_invoice_items": [{"price_data": {"currency": "usd", "product": "words", "unit_amount": "5"}}]
    },
    "invoice_items": {"invoice_items": [{"price_data": {"currency": "usd", "product": "words", "unit_amount": "5"}}]},
    "subscription_details.items.0.price_data": {"subscription_details": {"items": [{"price_data": MONTHLY}]}},
    "subscription_items.0.price_data": {"subscription_items": [{"price_data": MONTHLY}]},
    "tiers": {"billing_scheme": "tiered", "tiers_mode": "graduated"},
    "transfer_lookup_key": {"lookup_key": "words"},
    "filter.credit_grant": {"filter": {"type": "credit_grant"}},
}
"""Parameters that are only read beside others."""
Path = tuple[str | int, ...]
Tree = dict[str, Any]


@dataclass(frozen=True)
class Leaf:
    """A declared parameter: its path with 0 for the element of an array, and the class that declares it."""

    path: Path
    owner: type[Params]
    hint: Any

    @property
    def name(self) -> str:
        return str(self.path[-1])

    @property
    def dotted(self) -> str:
        return ".".join(map(str, self.path))

    @property
    def tells_nothing(self) -> bool:
        """Whether only one value is taken, or none but those that change nothing."""
        within = list(inside(self.hint, self.path))
        if within:
            return all(each.tells_nothing for each in within)
        choices = typing.get_args(self.hint) if typing.get_origin(self.hint) is typing.Literal else ()
        return len(choices) == 1 or bool(self.owner.declared[self.name].unserved)

    def values(self, known: Tree) -> list[Any]:
        """Values to try."""
        if self.name in known:
            return [known[self.name]]
        kinds = [self.hint, *typing.get_args(self.hint)]
        choices = [
            each for kind in kinds if typing.get_origin(kind) is typing.Literal for each in typing.get_args(kind)
        ]
        return choices or (["true", "false"] if bool in kinds else [example(self.hint)])


@cache
def leaves_of(endpoint: Endpoint) -> list[Leaf]:
    """Every parameter that an operation declares."""
    return list(declared(endpoint.params, ()))


def declared(kind: type[Params], above: Path) -> Iterator[Leaf]:
    for name, (hint, _) in fields_of(kind).items():
        yield Leaf((*above, name), kind, hint)
        yield from inside(hint, (*above, name))


def inside(hint: Any, path: Path) -> Iterator[Leaf]:  # noqa: ANN401  a type expression has no type
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        for each in arguments:
            yield from inside(each, path)
    elif origin is tuple:
        yield from inside(arguments[0], (*path, 0))
    elif origin is dict:
        yield from inside(arguments[1], (*path, "key"))
    elif isinstance(hint, type) and issubclass(hint, Params):
        yield from declared(hint, path)


def put(kind: type[Params], tree: Tree, path: Path, value: Any) -> Tree:  # noqa: ANN401  any JSON tree
    """The parameters with one more; hashes on the way get what they require."""
    name = str(path[0])
    return tree | {name: put_inside(fields_of(kind)[name][0], tree.get(name), path[1:], value)}


def put_inside(hint: Any, held: Any, path: Path, value: Any) -> Any:  # noqa: ANN401  as above
    if not path:
        return value
    for each in (hint, *typing.get_args(hint)):
        origin, arguments = typing.get_origin(each), typing.get_args(each)
        if origin is tuple and path[0] == 0:
            first, *others = held if isinstance(held, list) and held else [None]
            return [put_inside(arguments[0], first, path[1:], value), *others]
        if origin is dict and path[0] == "key":
            return {"eur": put_inside(arguments[1], None, path[1:], value)}
        if isinstance(each, type) and issubclass(each, Params) and path[0] in fields_of(each):
            usual = least(each) | {name: "words" for name in ("id", "price") if name in fields_of(each)}
            return put(each, held if isinstance(held, dict) else usual, path, value)
    raise LookupError(path)


def fitting(tree: Any, known: Tree, name: str = "") -> Any:  # noqa: ANN401  as above
    """The same, with the values that names ask for."""
    if isinstance(tree, dict):
        return {key: fitting(each, known, key) for key, each in tree.items()}
    if isinstance(tree, list):
        return [fitting(each, known, name) for each in tree]
    return known.get(name, tree) if tree in ("words", "1") else tree


def fewer(tree: Any, path: Path) -> Iterator[Any]:  # noqa: ANN401  as above
    """The same without one of the keys beside a path: two may exclude each other."""
    if isinstance(tree, list):
        yield from ([each, *tree[1:]] for each in fewer(tree[0], path[1:]))
    elif isinstance(tree, dict) and path:
        here = str(path[0])
        yield from ({name: each for name, each in tree.items() if name != left} for left in tree if left != here)
        yield from (tree | {here: each} for each in fewer(tree.get(here), path[1:]))


@dataclass
class Prober(Teller):
    """Tells the story, and sends each request with each parameter that no code has read yet."""

    read: set[tuple[str, type[Params], str]] = field(default_factory=set)
    route: str = ""

    def ask(
        self,
        method: str,
        path: str,
        params: Tree | None = None,
        key: str = KEY,
        account: str | None = None,
        *,
        status: int = 200,
    ) -> Any:  # noqa: ANN401  as above
        endpoint, _ = self.fake.engine.routes.lookup(method, path)
        assert endpoint is not None
        self.route = endpoint.route
        counts = "meter_event" in path  # usage cannot be undone, and the real request must not be a duplicate
        if not counts:
            self.probe(endpoint, path, params or {})
        answer = super().ask(method, path, params, key, account, status=status)
        if counts:
            self.probe(endpoint, path, params or {})
        return answer

    def probe(self, endpoint: Endpoint, path: str, params: Tree) -> None:
        """Send variants of a request, and undo them."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(engine, "Atomic", DryRun)
            for leaf in leaves_of(endpoint):
                for tree in self.variants(endpoint, params, leaf):
                    if (endpoint.route, leaf.owner, leaf.name) in self.read:
                        break
                    self.fake.engine.handle(request(endpoint.method, path, tree, self.version, None))

    def variants(self, endpoint: Endpoint, params: Tree, leaf: Leaf) -> Iterator[Tree]:
        """A request with one parameter more, and also without what may exclude it."""
        known = VALUES | self.ids()
        company = next((more for name, more in COMPANY.items() if leaf.dotted.startswith(name)), {})
        for value in leaf.values(known):
            tree = fitting(put(endpoint.params, params | company, leaf.path, value), known)
            yield tree
            yield from fewer(tree, leaf.path)

    def ids(self) -> Tree:
        """The newest object of each kind, for parameters that are called like it."""
        newest = {each.name: each.tree["id"] for each in self.seen() if isinstance(each.tree.get("id"), str)}
        return newest | {"id": newest.get("subscription_item", "words")}


def watching(prober: Prober) -> Any:  # noqa: ANN401  a method
    """Attribute access that notes which parameters are read."""

    def looked_up(params: Params, name: str) -> Any:  # noqa: ANN401  whatever its type
        kind = type(params)
        if name in kind.declared:
            prober.read.add((prober.route, kind, name))
        elif name == "__dict__" and sys._getframe(1).f_code.co_name != "coerce":  # noqa: SLF001  all, by `vars`
            prober.read.update((prober.route, kind, each) for each in kind.declared)
        return object.__getattribute__(params, name)

    return looked_up


def upcoming(prober: Prober) -> None:
    """Ask what only older versions have."""
    newest, prober.version = prober.version, "2025-02-24.acacia"
    customer = prober.post("/v1/customers")["id"]
    seat = prober.post("/v1/products", name="Seat")["id"]
    price = {"currency": "usd", "unit_amount": 5, "recurring": {"interval": "month"}, "product": seat}
    prober.post("/v1/subscriptions", customer=customer, items=[{"price": prober.post("/v1/prices", **price)["id"]}])
    prober.get("/v1/invoices/upcoming", customer=customer)
    prober.get("/v1/invoices/upcoming/lines", customer=customer)
    prober.version = newest


def told() -> Prober:
    prober = Prober(load(previews()[0]).api_version)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Params, "__getattribute__", watching(prober), raising=False)
        tell(prober, preview=True)
        upcoming(prober)
        ends(prober)
    prober.fake.close()
    return prober


def test_each_declared_parameter_is_read_or_changes_nothing_for_a_reason() -> None:
    prober = told()
    silent = [
        f"{endpoint.route} {leaf.dotted}"
        for endpoint in registry().endpoints()
        if not isinstance(endpoint.resource, Absent)
        for leaf in leaves_of(endpoint)
        if (endpoint.route, leaf.owner, leaf.name) not in prober.read and not leaf.tells_nothing
    ]
    assert silent == list(SILENT)
