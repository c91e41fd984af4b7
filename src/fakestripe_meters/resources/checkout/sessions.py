"""Checkout sessions: https://docs.stripe.com/api/checkout/sessions."""

from typing import Literal

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.checkout import changing
from fakestripe_meters.domain.checkout import expiring
from fakestripe_meters.domain.checkout import opening
from fakestripe_meters.domain.checkout.terms import CreateSession
from fakestripe_meters.domain.checkout.terms import UpdateSession
from fakestripe_meters.domain.records import checkout_faces
from fakestripe_meters.domain.records import checkout_sessions
from fakestripe_meters.domain.records import payment_intents
from fakestripe_meters.domain.records import payment_links
from fakestripe_meters.domain.records import subscriptions
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSessions
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import Range
from fakestripe_meters.framework.listing import check_filter
from fakestripe_meters.framework.listing import page
from fakestripe_meters.framework.listing import within
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import any_integer
from fakestripe_meters.wire.schema import param

PATH = "/v1/checkout/sessions"


class DetailsFilter(Params):
    """Whose sessions to list."""

    email: str = param()


class ListSessions(ListParams):
    """Which sessions to list."""

    created: int | Range | None = any_integer(default=None)
    customer: str | None = param(default=None)
    customer_details: DetailsFilter | None = param(default=None)
    payment_intent: str | None = param(default=None)
    payment_link: str | None = param(default=None)
    status: Literal["complete", "expired", "open"] | None = param(default=None)
    subscription: str | None = param(default=None)


resource = Resource(
    checkout_sessions.NOUN,
    PATH,
    render=checkout_faces.render,
    by_id=checkout_sessions.lookup,
    left_out={"line_items": checkout_sessions.first_lines},
)


@resource.post()
def create(account: Account, params: CreateSession) -> CheckoutSession:
    """Open a session, in which a customer subscribes, pays, or saves a payment method."""
    return opening.begin(account, params)


@resource.get("/<session_id>")
def retrieve(account: Account, params: Operation, session_id: str) -> CheckoutSession:
    """Return a session."""
    return checkout_sessions.find(account, session_id)


@resource.post("/<session_id>")
def update(account: Account, params: UpdateSession, session_id: str) -> CheckoutSession:
    """Change the lines or the metadata of a session."""
    session = checkout_sessions.find(account, session_id)
    changing.change(account, session, params)
    return session


@resource.post("/<session_id>/expire")
def expire(account: Account, params: Operation, session_id: str) -> CheckoutSession:
    """End a session, so that nobody can pay in it."""
    session = checkout_sessions.find(account, session_id)
    expiring.expire(account, session)
    return session


@resource.get()
@inferred("a filter that names an object which never existed is refused")
def list_(account: Account, params: ListSessions) -> Listing:
    """List sessions, newest first."""
    check_filter(account.part(Customers).table, params.customer, "customer", "customer")
    if params.payment_intent is not None:
        payment_intents.find(account, params.payment_intent, param="payment_intent", status=400)
    if params.payment_link is not None:
        payment_links.find(account, params.payment_link, status=400)
    if params.subscription is not None:
        subscriptions.find(account, params.subscription, param="subscription", status=400)
    email = None if params.customer_details is None else params.customer_details.email

    def wanted(session: CheckoutSession) -> bool:
        return (
            params.customer in (None, session.customer)
            and params.payment_intent in (None, session.payment_intent)
            and params.payment_link in (None, session.payment_link)
            and params.status in (None, session.status)
            and params.subscription in (None, session.subscription)
            and (email is None or email == (session.customer_details or {}).get("email"))
            and within(params.created, session.created)
        )

    return page(account.part(CheckoutSessions).table, params, url=PATH, noun=checkout_sessions.NOUN, where=wanted)


resource.due(Work.EXPIRE_CHECKOUT)(expiring.expire_if_due)
