"""Checkout sessions: how they are stored and found. `checkout_faces` has what they show."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import field
from typing import Any
from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.records import checkout_lines
from fakestripe_meters.domain.records.checkout_lines import CheckoutLine
from fakestripe_meters.wire.tree import Json
from fakestripe_meters.wire.tree import Tree
from fakestripe_meters.wire.v1 import list_object

NOUN = "checkout.session"
PATH = "/v1/checkout/sessions"
MOST_LINES_WITHIN = 10
"""How many lines the list within a session contains; the rest is listed separately."""
Mode = Literal["payment", "setup", "subscription"]
Status = Literal["complete", "expired", "open"]
PaymentStatus = Literal["no_payment_required", "paid", "unpaid"]
UiMode = Literal["elements", "embedded_page", "form", "hosted_page"]
OPEN: Status = "open"
HOSTED: UiMode = "hosted_page"
PLACEHOLDER = "{CHECKOUT_SESSION_ID}"
"""What stands for the session's id in an address to which it leads."""


@record
class CheckoutDiscount:
    """A discount that a session was created with, or that the customer has entered: a coupon, or a promotion code."""

    coupon: str | None = None
    promotion_code: str | None = None


@record
class CheckoutSession:
    """A session as stored."""

    id: str
    created: int
    mode: Mode
    expires_at: int
    currency: str | None = None
    lines: Sequence[CheckoutLine] = field(default_factory=list)
    status: Status = OPEN
    payment_status: PaymentStatus = "unpaid"
    customer: str | None = None
    customer_email: str | None = None
    customer_creation: str | None = None
    customer_details: Mapping[str, Any] | None = None
    """Who the customer is, as Stripe shows it; None if nothing is known yet."""
    customer_update: Mapping[str, str] = field(default_factory=dict)
    """What the customer's own answers change: `address`, `name` and `shipping`, each `auto` or `never`."""
    success_url: str | None = None
    cancel_url: str | None = None
    return_url: str | None = None
    ui_mode: UiMode = HOSTED
    client_reference_id: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    payment_intent: str | None = None
    setup_intent: str | None = None
    subscription: str | None = None
    invoice: str | None = None
    payment_link: str | None = None
    recovered_from: str | None = None
    """The expired session that this one takes the place of."""
    discounts: Sequence[CheckoutDiscount] = field(default_factory=list)
    allow_promotion_codes: bool | None = None
    subscription_data: Mapping[str, Any] = field(default_factory=dict)
    """As it was sent, in the newest shape; so are the others."""
    payment_intent_data: Mapping[str, Any] = field(default_factory=dict)
    setup_intent_data: Mapping[str, Any] = field(default_factory=dict)
    invoice_creation: Mapping[str, Any] = field(default_factory=dict)
    optional_items: Sequence[Mapping[str, Any]] = field(default_factory=list)
    after_expiration: Mapping[str, Any] | None = None
    payment_method_collection: str = "always"
    payment_method_types: Sequence[str] | None = None
    """The types that the request lists; None for those that the account's settings switch on."""
    payment_method_options: Mapping[str, Any] = field(default_factory=dict)
    echoed: Mapping[str, Any] = field(default_factory=dict)
    """What Stripe only shows again, as it is shown."""
    test_clock: str | None = None


@dataclass(eq=False)
class CheckoutSessions(Part, name="checkout.sessions", named_by=("checkout_session", "recovered_from")):
    """All sessions of an account."""

    table: Table[CheckoutSession] = field(default_factory=Table)


def lookup(account: Account, session_id: str) -> CheckoutSession | None:
    """Return the session with that id, or None."""
    return account.part(CheckoutSessions).table.get(session_id)


def find(account: Account, session_id: str) -> CheckoutSession:
    """Return the session with that id, or raise `No such checkout.session`."""
    session = lookup(account, session_id)
    if session is None:
        raise errors.checkout.no_such_session(session_id)
    return session


def kept(account: Account, session_id: str) -> CheckoutSession:
    """Return the session that another object refers to."""
    return account.part(CheckoutSessions).table.kept(session_id)


def taxes_of(account: Account, line_id: str) -> Json:
    """Return the taxes of a line of any session."""
    every = (line for session in account.part(CheckoutSessions).table for line in session.lines)
    return [each for line in every if line.id == line_id for each in checkout_lines.render_taxes(account, line)]


def is_embedded(session: CheckoutSession) -> bool:
    """Return whether a session is shown within a page of the app instead of on a page of Stripe's."""
    return session.ui_mode != HOSTED


def filled(url: str | None, session_id: str) -> str | None:
    """Return an address to which a session leads, with its id filled in."""
    return None if url is None else url.replace(PLACEHOLDER, session_id)


def line_of(session: CheckoutSession, line_id: str) -> CheckoutLine | None:
    """Return the line with that id, or None."""
    return next((line for line in session.lines if line.id == line_id), None)


def lines_url(session_id: str) -> str:
    """Return the path of the list of a session's lines."""
    return f"{PATH}/{session_id}/line_items"


def first_lines(account: Account, session_id: str) -> Tree:
    """Return the list of lines within a session."""
    session = kept(account, session_id)
    shown = [checkout_lines.render(account, line) for line in session.lines[:MOST_LINES_WITHIN]]
    return list_object(shown, has_more=len(session.lines) > MOST_LINES_WITHIN, url=lines_url(session_id))
