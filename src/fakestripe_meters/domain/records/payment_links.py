"""Payment links: how they are stored, found and shown.

Documented in: https://docs.stripe.com/api/payment-link/object.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import field
from typing import Any

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.ids import tail
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.table import required
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.records import checkout_faces
from fakestripe_meters.domain.records import checkout_lines
from fakestripe_meters.domain.records import checkout_sessions
from fakestripe_meters.domain.records.checkout_lines import CheckoutLine
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession
from fakestripe_meters.domain.records.checkout_sessions import Mode
from fakestripe_meters.wire.tree import Json
from fakestripe_meters.wire.tree import Tree
from fakestripe_meters.wire.v1 import list_object

NOUN = "payment_link"
PATH = "/v1/payment_links"
CONFIRMATION: Mapping[str, Any] = {"hosted_confirmation": {"custom_message": None}, "type": "hosted_confirmation"}
STRIPES_PAGE = "https://stripe.com"
"""The `success_url` and the `cancel_url` of a session that ends with a page of Stripe's."""


@record
class PaymentLink:
    """A link as stored."""

    id: str
    mode: Mode
    """Of the sessions that it opens."""
    currency: str = ""
    lines: Sequence[CheckoutLine] = field(default_factory=list)
    terms: Mapping[str, Any] = field(default_factory=dict)
    """What its sessions take over, as parameters of a new session."""
    echoed: Mapping[str, Any] = field(default_factory=dict)
    """What Stripe only shows again, as a session shows it."""
    optional_items: Sequence[Mapping[str, Any]] = field(default_factory=list)
    after_completion: Mapping[str, Any] = field(default_factory=lambda: dict(CONFIRMATION))
    inactive_message: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    active: bool = True
    limit: int | None = None
    """How many of its sessions can be completed."""
    completed: int = 0
    """How many of its sessions were completed."""

    def is_open(self) -> bool:
        """Return whether a visit opens a session."""
        return self.active and (self.limit is None or self.completed < self.limit)


@dataclass(eq=False)
class PaymentLinks(Part, name="payment_links", named_by=("payment_link",)):
    """All links of an account."""

    table: Table[PaymentLink] = field(default_factory=Table)


def lookup(account: Account, link_id: str) -> PaymentLink | None:
    """Return the link with that id, or None."""
    return account.part(PaymentLinks).table.get(link_id)


@inferred("the sentence, as of other objects")
def find(account: Account, link_id: str, *, param: str = "payment_link", status: int = 404) -> PaymentLink:
    """Return the link with that id, or raise `No such payment_link`."""
    return required(lookup(account, link_id), NOUN, link_id, param=param, status=status)


def kept(account: Account, link_id: str) -> PaymentLink:
    """Return the link that another object refers to."""
    return account.part(PaymentLinks).table.kept(link_id)


def lines_url(link_id: str) -> str:
    """Return the path of the list of a link's lines."""
    return f"{PATH}/{link_id}/line_items"


def first_lines(account: Account, link_id: str) -> Tree:
    """Return the list of lines within a link."""
    most, lines = checkout_sessions.MOST_LINES_WITHIN, kept(account, link_id).lines
    shown = [checkout_lines.render(account, line) for line in lines[:most]]
    return list_object(shown, has_more=len(lines) > most, url=lines_url(link_id))


def taxes_of(account: Account, line_id: str) -> Json:
    """Return the taxes of a line, of any link or of any session: both are items."""
    if any(line.id == line_id for link in account.part(PaymentLinks).table for line in link.lines):
        return []  # a link has no tax rates
    return checkout_sessions.taxes_of(account, line_id)


def confirms(session: CheckoutSession) -> bool:
    """Return whether a session ends with a page that says so, instead of one of the app's."""
    return session.payment_link is not None and session.success_url == STRIPES_PAGE


def confirmation(account: Account, link_id: str) -> str | None:
    """Return what the page says that follows a session of a link; None if it says the usual."""
    said: Mapping[str, Any] = kept(account, link_id).after_completion.get("hosted_confirmation", {})
    message: str | None = said.get("custom_message")
    return message


def url(account: Account, link: PaymentLink) -> str:
    """Return where customers open a session."""
    return account.site.link(f"link/{link.id}", opens=True) or f"https://buy.stripe.com/test_{tail(link.id, 18)}"


@documented("the fields, their order, and what they are by default: the example in Stripe's reference")
@inferred("`invoice_creation` is null for a subscription, and `subscription_data` for a payment")
def render(account: Account, link: PaymentLink) -> Tree:
    """Return a link as Stripe shows it; `line_items` are only shown if they are expanded."""
    echoed, terms = link.echoed, link.terms
    shown: Tree = {
        "id": link.id,
        "object": NOUN,
        "active": link.active,
        "after_completion": dict(link.after_completion),
        "allow_promotion_codes": terms.get("allow_promotion_codes", False),
        "application": None,
        "application_fee_amount": None,
        "application_fee_percent": None,
        "automatic_tax": {"enabled": False, "liability": None},
        "billing_address_collection": echoed.get("billing_address_collection", "auto"),
        "consent_collection": echoed.get("consent_collection"),
        "currency": link.currency,
        "custom_fields": [_field(each) for each in echoed.get("custom_fields", [])],
        "custom_text": checkout_faces.CUSTOM_TEXT | echoed.get("custom_text", {}),
        "customer_creation": terms.get("customer_creation", "if_required"),
        "inactive_message": link.inactive_message,
        "invoice_creation": _invoice_creation(link),
        "livemode": False,
        "metadata": dict(link.metadata),
    }
    if "name_collection" in echoed:
        shown["name_collection"] = echoed["name_collection"]
    shown["on_behalf_of"] = None
    if link.optional_items:
        shown["optional_items"] = [dict(each) for each in link.optional_items]
    return shown | {
        "payment_intent_data": _payment_data(link),
        "payment_method_collection": terms.get("payment_method_collection", "always"),
        "payment_method_types": None,
        "phone_number_collection": echoed.get("phone_number_collection", {"enabled": False}),
        "restrictions": _restrictions(link),
        "shipping_address_collection": echoed.get("shipping_address_collection"),
        "shipping_options": [],
        "submit_type": echoed.get("submit_type", "auto"),
        "subscription_data": _subscription_data(link),
        "tax_id_collection": {"enabled": False, "required": "never"} | echoed.get("tax_id_collection", {}),
        "transfer_data": None,
        "url": url(account, link),
    }


def _field(shown: Mapping[str, Any]) -> Tree:
    """Return a field of the page as a link shows it: nobody has answered."""
    kind: str = shown["type"]
    return {**shown, kind: {name: value for name, value in shown[kind].items() if name != "value"}}


def _invoice_creation(link: PaymentLink) -> Tree | None:
    if link.mode != "payment":
        return None
    said = link.terms.get("invoice_creation", {})
    data = checkout_faces.NO_INVOICE["invoice_data"] | said.get("invoice_data", {})
    return {"enabled": said.get("enabled", False), "invoice_data": data}


PAYMENT_DATA = (
    "capture_method",
    "description",
    "metadata",
    "setup_future_usage",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
)


def _payment_data(link: PaymentLink) -> Tree | None:
    said = link.terms.get("payment_intent_data")
    return None if said is None else {**dict.fromkeys(PAYMENT_DATA), "metadata": {}, **said}


def _restrictions(link: PaymentLink) -> Tree | None:
    return None if link.limit is None else {"completed_sessions": {"count": link.completed, "limit": link.limit}}


def _subscription_data(link: PaymentLink) -> Tree | None:
    if link.mode != "subscription":
        return None
    shown: Tree = {
        "description": None,
        "invoice_settings": {"issuer": {"type": "self"}},
        "metadata": {},
        "trial_period_days": None,
        "trial_settings": None,
    }
    return {**shown, **link.terms.get("subscription_data", {})}
