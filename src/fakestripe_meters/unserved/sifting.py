"""Sift a request's parameters: which the operation declares, which only Stripe has, and which of these change nothing.

What remains is read as usual, and decides about Stripe's own errors. Only a request that Stripe would accept is
refused because the fake does not act on one of its parameters.
"""

import types
import typing
from collections.abc import Mapping
from dataclasses import field
from functools import cache
from typing import Any

from fakestripe_meters.core.errors import NOT_SERVED
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.unserved.table import ANY
from fakestripe_meters.unserved.table import EACH
from fakestripe_meters.unserved.table import NOTHING
from fakestripe_meters.unserved.table import Known
from fakestripe_meters.wire import schema
from fakestripe_meters.wire.coercing import Rules
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.tree import Json
from fakestripe_meters.wire.tree import Tree

CONTAINERS = {"array", "hash", "map"}
CLEARED = '""'
# observed: what Stripe shows when these are absent (pay-rails/pay). Of a longer name, its last words count.
DEFAULTS = {
    "discountable": "true",
    "issuer.type": "self",
    "liability.type": "self",
    "tax_behavior": "unspecified",
    # inferred: what former versions do when these are absent is what today's defaults do.
    "billing": "charge_automatically",
    "prorate": "true",
    "subscription_prorate": "true",
}
LEFT_OUT: Tree = {}
"""Stands for a hash that is left out."""


@dataclass(slots=True)
class Sifter:
    """Takes parameters out of a request's tree, and notes why, for a version of Stripe's API."""

    date: str
    preview: bool
    inert: list[str] = field(default_factory=list)
    """Parameters that Stripe has, with values that change nothing."""
    unserved: list[str] = field(default_factory=list)
    """Parameters that Stripe has, with values that would change something."""
    wrong: list[str] = field(default_factory=list)
    """Parameters within such ones that Stripe does not have either."""
    empty: list[str] = field(default_factory=list)
    """Parameters that are an empty string, and that Stripe does not let unset."""

    def sift(self, kind: type[Params], known: Known, tree: Tree, path: str = "") -> Tree:
        """Return what the operation declares, and what Stripe does not have either; note all else.

        A hash that lacks what it requires, because the fake does not act on that, is left out as a whole.
        """
        fields, kept, lacks = _fields(kind), dict[str, Json](), False  # type: ignore[arg-type]  # a class is hashable
        for name, value in tree.items():
            here, stripes = _join(path, name), known.inside.get(name, NOTHING)
            if name in fields:
                hint, rules = fields[name]
                below = self._below(hint, stripes, value, here)
                if rules.unserved and self._is_refused(kind, name, value, here):
                    self.unserved.append(here)
                    below = LEFT_OUT
                if below is LEFT_OUT:
                    lacks = lacks or rules.required
                else:
                    kept[name] = below
            elif stripes is not NOTHING and stripes.is_in(self.date, preview=self.preview):
                self._judge(stripes, value, here)
            else:
                kept[name] = value
        if lacks:
            self.wrong += [_join(path, name) for name in kept if name not in fields]
        return LEFT_OUT if lacks else kept

    def _is_refused(self, kind: type[Params], name: str, value: Json, path: str) -> bool:
        """Return whether a declared parameter has a value that the fake does not act on."""
        try:
            schema.parse_field(kind, name, value, path)
        except StripeError as error:
            return error.code == NOT_SERVED
        return False

    def _below(self, hint: Any, known: Known, value: Any, path: str) -> Json:  # noqa: ANN401  a type expression, any JSON
        """Sift what is inside a declared parameter."""
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin in (typing.Union, types.UnionType):
            for each in arguments:
                value = self._below(each, known, value, path)
        elif origin is tuple:
            below = known.inside.get(EACH, NOTHING)
            if isinstance(value, list):
                return [self._below(arguments[0], below, each, f"{path}[{at}]") for at, each in enumerate(value)]
            if isinstance(value, dict):
                return {at: self._below(arguments[0], below, each, f"{path}[{at}]") for at, each in value.items()}
        elif origin is dict and isinstance(value, dict):
            below = known.inside.get(ANY, NOTHING)
            return {key: self._below(arguments[1], below, each, f"{path}[{key}]") for key, each in value.items()}
        elif isinstance(hint, type) and issubclass(hint, Params) and isinstance(value, dict):
            return self.sift(hint, known, value, path)
        return typing.cast("Json", value)

    def _judge(self, known: Known, value: Json, path: str) -> None:
        """Note whether a parameter that only Stripe has would change something; of a hash, what is inside it."""
        members = _members(value)
        if not members:
            self._judge_scalar(known, value, path)
        for name, each in members:
            here = f"{path}[{name}]"
            inside = known.inside.get(name) or known.inside.get(EACH) or known.inside.get(ANY)
            if inside is not None and inside.is_in(self.date, preview=self.preview):
                self._judge(inside, each, here)
            elif known.inside:
                self.wrong.append(here)
            else:
                self.unserved.append(here)

    def _judge_scalar(self, known: Known, value: Json, path: str) -> None:
        if value == "" and not known.types & {CLEARED, *CONTAINERS}:
            self.empty.append(path)
        elif _is_inert(known, value, path):
            self.inert.append(path)
        else:
            self.unserved.append(path)


@inferred("an empty value, and false for what is off by default, change nothing")
def _is_inert(known: Known, value: Json, path: str) -> bool:
    """Return whether a value says what Stripe does anyway, or unsets what is never set here."""
    if value is None or value in ("", [], {}):
        return True
    sent = str(value).lower() if isinstance(value, bool) else value
    default = next((each for name, each in DEFAULTS.items() if f".{_dotted(path)}".endswith(f".{name}")), None)
    if default is not None:
        return sent == default
    return "bool" in known.types and sent == "false"


@cache
def _fields(kind: type[Params]) -> Mapping[str, tuple[Any, Rules]]:
    """Return the fields of a class. Cached, because finding them costs as much as all the rest."""
    return schema.fields_of(kind)


def _members(value: Json) -> list[tuple[str, Json]]:
    if isinstance(value, dict):
        return list(value.items())
    return [(str(at), each) for at, each in enumerate(value)] if isinstance(value, list) else []


def _dotted(path: str) -> str:
    return path.replace("[", ".").replace("]", "")


def _join(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name
