"""Payment pages: how Stripe's own page, and tests instead of it, read and complete a Checkout session.

Stripe does not document them.

Observed in: stripe/stripe-cli, stripe/stripe-android.
"""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.checkout import amounts
from fakestripe_meters.domain.checkout import due
from fakestripe_meters.domain.records import checkout_faces
from fakestripe_meters.domain.records import checkout_sessions
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import payment_intents
from fakestripe_meters.domain.records import payment_methods
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import products
from fakestripe_meters.domain.records import setup_intents
from fakestripe_meters.domain.records.checkout_lines import CheckoutLine
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession
from fakestripe_meters.domain.records.payment_methods import PaymentMethods
from fakestripe_meters.wire.tree import Tree

OF_PAGE, OF_SESSION = "ppage_", "cs_test_"
"""What the id of a page begins with, and that of its session: the rest is the same."""


@observed("the session's id in the path; formerly the page's own (stripe/stripe-cli)")
def find(account: Account, identifier: str) -> CheckoutSession:
    """Return the session of a page, by either id, or raise `No such checkout.session`."""
    session = checkout_sessions.find(account, session_id(identifier))
    amounts.refresh(account, session)
    return session


def session_id(identifier: str) -> str:
    """Return the id of a session by the id of its page, or by its own."""
    name = identifier.removeprefix(OF_PAGE)
    return identifier if name == identifier else OF_SESSION + name


@observed("the fields of the two groups, the session's id beside an own one, and whole intents after the confirmation")
@inferred("the order, and that nothing else is there: programs read no more")
def render(account: Account, session: CheckoutSession) -> Tree:
    """Return the page of a session."""
    shown: Tree = {
        "id": OF_PAGE + session.id.removeprefix(OF_SESSION),
        "object": checkout_sessions.NOUN,
        "session_id": session.id,
        "currency": session.currency,
        "customer": _customer(account, session),
        "customer_email": session.customer_email,
        "line_item_group": _lines(account, session),
        "livemode": False,
        "mode": session.mode,
        "payment_method_types": list(session.payment_method_types or ["card"]),
        "payment_status": checkout_faces.payment_status(account, session),
        "status": session.status,
        "total_summary": _summary(account, session),
    }
    if session.payment_intent is not None:
        intent = payment_intents.kept(account, session.payment_intent)
        shown["payment_intent"] = payment_intents.render(account, intent)
    if session.setup_intent is not None:
        shown["setup_intent"] = setup_intents.render(account, setup_intents.kept(account, session.setup_intent))
    return shown


def _summary(account: Account, session: CheckoutSession) -> Tree:
    subtotal = sum(line.amounts.subtotal for line in session.lines)
    return {"due": due.due_of(account, session), "subtotal": subtotal, "total": amounts.total(session)}


def _lines(account: Account, session: CheckoutSession) -> Tree | None:
    if session.mode == "setup":
        return None
    summary = _summary(account, session)
    return {"currency": session.currency, **summary, "line_items": [_line(account, each) for each in session.lines]}


def _line(account: Account, line: CheckoutLine) -> Tree:
    return {
        "id": line.id,
        "object": "item",
        "name": products.kept(account, prices.kept(account, line.price).product).name,
        "quantity": line.quantity,
        "subtotal": line.amounts.subtotal,
        "total": line.amounts.total,
    }


def _customer(account: Account, session: CheckoutSession) -> Tree | None:
    if session.customer is None:
        return None
    customer = customers.kept(account, session.customer)
    found = account.part(PaymentMethods).of(customer.id)
    return {
        "id": customer.id,
        "email": customer.email,
        "name": customer.name,
        "payment_methods": [payment_methods.render(account, each) for each in reversed(found)],
    }
