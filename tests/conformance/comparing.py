"""Compares a recorded answer with one of the fake: keys and their order, types, nulls and values."""

import re
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any
from typing import NamedTuple

Json = Any
VOLATILE = re.compile(
    r"(^|\.)(id|created|start_date|current_period_start|current_period_end|period_start|period_end|start|end|number"
    r"|invoice_prefix|secret|hosted_invoice_url|invoice_pdf|url|effective_at|finalized_at|paid_at|webhooks_delivered_at"
    r"|billing_cycle_anchor|trial_start|trial_end|next_payment_attempt|due_date|canceled_at|cancel_at|ended_at"
    r"|account_name|receipt_number|request_log_url|date|charge|payment_intent|default_payment_method|updated"
    r"|updated_at|account_country|client_secret|timestamp|proration_date|subscription_proration_date|fingerprint"
    r"|receipt_url|calculated_statement_descriptor|authorization_code|network_transaction_id|risk_score|available_on|capture_before|reference|pdf"
    r"|times_redeemed|server_transaction_id|stripe_js|certificate|root_certificate_authorities\[\])$"
)
"""Values of Stripe's own, of the account that was recorded, or of the second in which it happened."""
SYMBOL = re.compile(r"[a-z]+_[0-9]+")
"""An id in `conversations.json`."""
OURS = re.compile(r"[a-z]+_(tmp_)?[A-Za-z0-9]+")
KINDS = {type(None): "null", bool: "bool", int: "int", float: "float", str: "str", list: "array"}


def kind(value: Json) -> str:
    """Return the type of a value; of an object of Stripe's with its name."""
    if isinstance(value, dict):
        name = value.get("object")
        return f"object:{name}" if isinstance(name, str) else "hash"
    return KINDS[type(value)]


def walk(tree: Json) -> Iterator[dict[str, Json]]:
    """Yield all hashes of a tree."""
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from walk(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from walk(value)


class Difference(NamedTuple):
    """Where a recorded answer and one of the fake differ, and how.

    `what` is `missing` or `extra` (a key), `null` (one of the two is), `type`, `length`, `order`, `value`, `link` (an
    id stands for another object) or `status`. `field` is the path within the nearest object of Stripe's, `noun`; a list
    in an object is a part of it.
    """

    what: str
    noun: str
    field: str
    theirs: Json
    ours: Json

    def __str__(self) -> str:
        return f"{self.what} {self.noun}.{self.field}: recorded {self.theirs!r}, ours {self.ours!r}"


class Place(NamedTuple):
    """Where two answers are compared."""

    noun: str
    field: str = ""

    def below(self, key: str) -> "Place":
        """Return the place of a member."""
        return Place(self.noun, f"{self.field}.{key}" if self.field else key)


def compared(theirs: Json, ours: Json, ids: Mapping[str, str], place: Place | None = None) -> Iterator[Difference]:
    """Yield the differences of two answers. `ids` says which id of the fake stands for which recorded one."""
    at = place or Place("error")
    kinds = {kind(theirs).partition(":")[0], kind(ours).partition(":")[0]}
    if kinds == {"array"}:
        if len(theirs) != len(ours):
            yield Difference("length", *at, len(theirs), len(ours))
        for a, b in zip(theirs, ours, strict=False):
            yield from compared(a, b, ids, Place(at.noun, f"{at.field}[]"))
    elif kinds in ({"object"}, {"hash"}):
        noun = theirs.get("object")
        within = at.field != "" and noun == "list"
        yield from _hashes(theirs, ours, ids, Place(noun) if isinstance(noun, str) and not within else at)
    elif kinds == {"int", "float"} or len(kinds) == 1:
        if theirs != ours:
            yield from _values(theirs, ours, ids, at)
    else:
        yield Difference("null" if "null" in kinds else "type", *at, theirs, ours)


def _hashes(theirs: dict[str, Json], ours: dict[str, Json], ids: Mapping[str, str], at: Place) -> Iterator[Difference]:
    for key, value in theirs.items():
        if key in ours:
            yield from compared(value, ours[key], ids, at.below(key))
        else:
            yield Difference("missing", *at.below(key), value, None)
    for key, value in ours.items():
        if key not in theirs:
            yield Difference("extra", *at.below(key), None, value)
    common = [key for key in theirs if key in ours], [key for key in ours if key in theirs]
    if common[0] != common[1] and at.field.rpartition(".")[2] != "metadata":
        yield Difference("order", *at, *common)


def _values(theirs: Json, ours: Json, ids: Mapping[str, str], at: Place) -> Iterator[Difference]:
    if isinstance(theirs, str) and (theirs in ids or (SYMBOL.fullmatch(theirs) and OURS.fullmatch(ours))):
        if ids.get(theirs, ours) != ours:
            yield Difference("link", *at, theirs, ours)
    elif not VOLATILE.search(at.field):
        yield Difference("value", *at, theirs, ours)
