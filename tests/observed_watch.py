"""Watches every answer of every test: its objects have the fields that Stripe's have, in their order.

An answer is held against the recordings of its version or, if there are none, of the version before it; an answer of
the default version against the newest. What `EXCEPTIONS` gives a reason for is let through.
"""

from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from functools import cache
from itertools import chain
from typing import Any

import pytest

from fakestripe_meters.call import Call
from fakestripe_meters.versions import Version
from fakestripe_meters.versions import additions
from fakestripe_meters.wire.message import Response
from tests.conformance.comparing import kind
from tests.conformance.facts import Seen
from tests.conformance.facts import objects

Json = Any
Found = frozenset[tuple[str, str]]
OURS = "fakestripe_meters."
"""The operations of the fake. Tests of the engine have their own."""
BASIL = "2025-03-31"
ADDRESS = "Every recorded customer had an address."
PRORATION = "Every recorded invoice item was a bare amount, but lines of prorations were recorded."
PREVIEWED = "Only a preview of prorations has it, and none was recorded."
CLASSIC = "Every recorded subscription was a flexible one."
NO_UNIT = "A price in tiers has no amount of a unit, and one with decimals no whole amount."
SEVERAL = "A subscription of several items has neither; one of a metered price has no quantity."
OLDER_COUPON = "Between 2020-08-27 and 2025-10-29.clover, no discount was recorded."
NAMES = "Only a customer who was given such a name has it, and none was recorded."
LISTED = "Every recorded intent of that kind took what the account's settings say."
OWN_LINE = "The one recorded line of a credit note was one of its own, with a description and the price of a unit."
UNPAID = "An invoice that no card has paid has neither."
ORIGIN = "A line has what it comes from: an invoice item, a subscription item, or both."

OF_CUSTOMERS = "Every recorded payment was a customer's."
CONFIRMED = "Every recorded payment had a payment method."
DECLINES = "No decline was recorded in the newer versions."
EXPANDED = "Every recorded charge was read with its refunds."
REFUNDED = "Refunds were recorded in the moment in which they were made."
IN_FULL = "Every recorded session had a customer with an email address, and both addresses."
UNASKED = "No recorded session asked for it."
SENT = "No recorded charge had an address, or its address had all fields."

EXCEPTIONS: Mapping[str, str] = {
    "null billing_portal.session.return_url": "The one recorded session had a return URL.",
    "null checkout.session.cancel_url": IN_FULL,
    "null checkout.session.success_url": IN_FULL,
    "null checkout.session.currency": IN_FULL,
    "null checkout.session.customer": IN_FULL,
    "null checkout.session.customer_details": IN_FULL,
    "null checkout.session.customer_details.email": IN_FULL,
    "extra checkout.session.optional_items": "No recorded session offered anything.",
    "null checkout.session.url": "Every recorded session was open.",
    "null checkout.session.payment_method_configuration_details": LISTED,
    "null subscription.pause_collection.resumes_at": "The one recorded pause of collection had an end.",
    "extra checkout.session.excluded_payment_method_types": UNASKED,
    "extra checkout.session.line_items": UNASKED,
    "extra checkout.session.managed_payments": UNASKED,
    "extra checkout.session.name_collection": UNASKED,
    "extra checkout.session.redirect_on_completion": UNASKED,
    "extra checkout.session.return_url": UNASKED,
    "extra checkout.session.tax_id_collection": UNASKED,
    "null payment_intent.customer": OF_CUSTOMERS,
    "null charge.customer": OF_CUSTOMERS,
    "null refund.customer": OF_CUSTOMERS,
    "null payment_intent.payment_details.order_reference": "Every recorded one named its invoice.",
    "null payment_intent.shipping.address.line1": ADDRESS,
    "null payment_intent.payment_method": CONFIRMED,
    "missing charge.refunds": EXPANDED,
    "missing payment_intent.charges": "Recorded at 2020-08-27 only: 2022-11-15 removed it.",
    "null charge.payment_method_details.card.authorization_code": DECLINES,
    "null charge.payment_method_details.card.amount_authorized": DECLINES,
    "extra charge.payment_method_details.card.capture_before": "The newest recorded charges were never on hold.",
    "extra charge.fraud_details.user_report": "Nobody reported a recorded charge.",
    "extra refund.pending_reason": REFUNDED,
    "extra refund.failure_reason": REFUNDED,
    "extra refund.failure_balance_transaction": REFUNDED,
    "null payment_intent.shipping.address.state": SENT,
    "null charge.shipping.address.state": SENT,
    "missing payment_intent.next_action.use_stripe_sdk": "A page of the bank takes its place.",
    "null charge.shipping.address.line1": SENT,
    "extra refund.destination_details.card.reference": REFUNDED,
    "missing line_item.invoice_item": ORIGIN,
    "missing line_item.subscription_item": ORIGIN,
    "extra credit_note_line_item.invoice_line_item": OWN_LINE,
    "extra credit_note_line_item.metadata": OWN_LINE,
    "null credit_note_line_item.description": OWN_LINE,
    "null credit_note_line_item.unit_amount": OWN_LINE,
    "null credit_note_line_item.unit_amount_decimal": OWN_LINE,
    "missing discount.source": OLDER_COUPON,
    "extra discount.coupon": OLDER_COUPON,
    "extra invoiceitem.net_amount": PRORATION,
    "extra invoiceitem.proration_details": PRORATION,
    "extra invoice.subscription_proration_date": PREVIEWED,
    "extra invoice.parent.subscription_details.subscription_proration_date": PREVIEWED,
    "null invoiceitem.pricing.unit_amount_decimal": PRORATION,
    "missing subscription.billing_mode.updated_at": CLASSIC,
    "null subscription.billing_mode.flexible": CLASSIC,
    "type subscription.billing_mode": "The first previews had it as a string, and none of those was recorded.",
    "extra invoice.threshold_reason": "Only an invoice that a threshold has caused has it, and none was recorded.",
    "missing setup_intent.payment_method_options.us_bank_account": "The recorded account took bank accounts, too.",
    "null setup_intent.payment_method_configuration_details": LISTED,
    "null setup_intent.automatic_payment_methods": LISTED,
    "extra customer.business_name": NAMES,
    "extra customer.individual_name": NAMES,
    "extra list.total": "Only the rows of analytics have it, and none were recorded.",
    "missing invoice.id": "An upcoming invoice of an older version has none.",
    "missing invoice.rendering_options": "Stripe removed it before 2023-10-16, the oldest version that is served.",
    "missing list.total_count": "Only lists in other objects have it.",
    "missing subscription_item.quantity": "An item of a metered price has none.",
    "null coupon.name": "Every recorded coupon had a name.",
    "null customer.email": ADDRESS,
    "null invoice.customer_email": ADDRESS,
    "null invoice.charge": UNPAID,
    "null invoice.payment_intent": UNPAID,
    "null subscription.latest_invoice": "A subscription of metered prices has no invoice at first.",
    "null plan.amount": NO_UNIT,
    "null plan.amount_decimal": NO_UNIT,
    "null price.unit_amount": NO_UNIT,
    "null price.unit_amount_decimal": NO_UNIT,
    "null subscription.plan": SEVERAL,
    "null subscription.quantity": SEVERAL,
}
"""What is otherwise than recorded, `what object.field`, and why."""
OTHER_KINDS = {"account": "An express account was recorded; the fake has standard ones."}
"""Objects of which another kind was recorded."""
SAMPLE = 3
"""Of a longer list, only so many elements are looked at."""


@cache
def seen_at(name: str, date: str | None) -> tuple[str, Seen] | None:
    """Return the recordings of an object that an answer is held against, and their version."""
    known = objects().get(name, {}).items() if name not in OTHER_KINDS else ()
    versions = {version: seen for version, seen in known if _is_early(version) == _is_early(date)}
    earlier = [version for version in versions if date is None or version[:10] <= date]
    nearest = max(earlier) if earlier else min(versions, default=None)
    return None if nearest is None else (nearest, versions[nearest])


def _is_early(version: str | None) -> bool:
    """Return whether a version is before the one that moved most fields."""
    return version is not None and version < BASIL


@cache
def complaints(name: str, date: str | None, shape: tuple[tuple[str, str], ...]) -> Found:
    """Return what is wrong with an object of some fields and types: `("extra", "customer.tax")`."""
    known = seen_at(name, date)
    if known is None:
        return frozenset()
    version, seen = known
    types = dict(shape)
    found = {("extra", path) for path in types if not _known(name, path, version, seen)}
    missing = {path for path in seen.fields if path not in types and _always(seen, path, types)}
    found |= {("missing", path) for path in missing if not _added_after(name, path, date)}
    found |= {("null", path) for path, type_ in shape if type_ == "null" and not _can_be_null(name, path)}
    found |= {("type", path) for path, type_ in shape if path in seen.fields and not _fits(seen.fields[path], type_)}
    ordered = [path for path in seen.fields if path in types]
    if ordered != [path for path in types if path in seen.fields]:
        found.add(("order", ""))
    return frozenset((what, f"{name}.{path}") for what, path in found)


def _added_after(name: str, path: str, date: str | None) -> bool:
    """Return whether a release added a field, or the hash that it is in, after the version of a date."""
    later = [each for each in additions.ALL if name in each.objects and each.since > (date or each.since)]
    return any(f"{path}.".startswith(f"{'.'.join(field)}.") for each in later for field in each.fields)


def _known(name: str, path: str, version: str, seen: Seen) -> bool:
    """Return whether a field was seen, then or later, or has been added by a release since.

    Nothing is known of what is in a hash that has always been null.
    """
    parent = path.rpartition(".")[0]
    if path in seen.fields or any(path in other.fields for other in _alike(name, version, seen)):
        return True
    if parent and (parent not in seen.fields or "hash" not in seen.fields[parent]):
        return _known(name, parent, version, seen)
    return _added_after(name, path, version[:10])


def _alike(name: str, version: str, seen: Seen) -> tuple[Seen, ...]:
    """Return what was recorded later, as Stripe adds fields to all versions, and what was before the great change."""
    early = _is_early(version)
    others = objects()[name].items()
    return tuple(other for when, other in others if other.last > seen.last or (early and _is_early(when)))


@cache
def _can_be_null(name: str, path: str) -> bool:
    found = [seen.fields[path] for seen in objects()[name].values() if path in seen.fields]
    return not found or any("null" in types for types in found)


def _always(seen: Seen, path: str, types: Mapping[str, str]) -> bool:
    """Return whether a field was always there, and its hash is here."""
    parent = path.rpartition(".")[0]
    return seen.always(path) and not path.endswith("]") and (not parent or types.get(parent) == "hash")


def _fits(types: Mapping[str, int], type_: str) -> bool:
    """Return whether a value may have a type. If only nulls were seen, it may have any; an id may be an object."""
    if type_ in types or type_ == "null" or types.keys() == {"null"}:
        return True
    return _is_reference(type_) and any(_is_reference(each) for each in types)


def _is_reference(type_: str) -> bool:
    return type_ == "str" or type_.startswith("object:")


def shape_of(tree: dict[str, Json]) -> tuple[tuple[str, str], ...]:
    """Return the fields of an object and of the hashes in it, with their types."""
    found: list[tuple[str, str]] = []
    _describe(tree, "", found)
    return tuple(found)


def _describe(tree: dict[str, Json], prefix: str, found: list[tuple[str, str]]) -> None:
    for key, value in tree.items():
        type_ = kind(value)
        found.append((prefix + key, type_))
        if type_ == "hash" and key != "metadata":
            _describe(value, f"{prefix}{key}.", found)


def each_object(tree: Json) -> Iterator[dict[str, Json]]:
    """Yield the objects of Stripe's in an answer, a few of each list; what is in an event has a version of its own."""
    if type(tree) is dict:
        if type(tree.get("object")) is str:
            yield tree
        for value in tree.values() if tree.get("object") != "event" else ():
            if type(value) is dict or type(value) is list:
                yield from each_object(value)
    elif type(tree) is list:
        few = tree if len(tree) <= SAMPLE else chain(tree[: SAMPLE - 1], tree[-1:])
        for each in few:
            yield from each_object(each)


def excused(what: str, path: str, expanded: str) -> bool:
    """Return whether a complaint has a reason, or is of what was expanded, or of what is below either."""
    steps = path.split(".")
    if what == "extra" and any(step in expanded for step in steps[1:]):
        return True
    return any(f"{what} {'.'.join(steps[:end])}" in EXCEPTIONS for end in range(2, len(steps) + 1))


@dataclass
class Watch:
    """What was seen: how many answers, and what is wrong with them."""

    answers: int = 0
    wrong: set[str] = field(default_factory=set)

    def look(self, spoken: Version, tree: Json, expanded: str) -> None:
        """Hold an answer against the recordings; what was expanded may be there."""
        self.answers += 1
        date = spoken.date if spoken.stated else None
        for each in each_object(tree):
            of_page = "session_id" in each  # a payment page calls itself a Checkout session
            if each["object"] in objects() and "deleted" not in each and not of_page:
                found = complaints(each["object"], date, shape_of(each))
                wrong = [f"{what} {path}" for what, path in found if not excused(what, path, expanded)]
                self.wrong.update(f"{spoken.text}: {complaint}" for complaint in wrong)


@contextmanager
def watched() -> Iterator[Watch]:
    """Watch all answers of this process within `with`."""
    watch = Watch()
    respond = Call.respond

    def answer(call: Call, status: int, tree: Json, *headers: Any) -> Response:  # noqa: ANN401  as they are
        if status == 200 and call.endpoint is not None and call.endpoint.operate.__module__.startswith(OURS):
            watch.look(call.version, tree, str(call.tree.get("expand", "")))
        return respond(call, status, tree, *headers)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Call, "respond", answer)
        yield watch
