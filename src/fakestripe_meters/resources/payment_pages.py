"""Payment pages: https://docs.stripe.com/payments/checkout, what Stripe's own page asks, which it does not document.

Stripe's CLI and tests of apps complete Checkout sessions with them.

Observed in: stripe/stripe-cli, stripe/stripe-android.
"""

from contextlib import AbstractContextManager
from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.checkout import completing
from fakestripe_meters.domain.checkout import pages
from fakestripe_meters.domain.checkout.payers import Form
from fakestripe_meters.domain.paying import method_terms
from fakestripe_meters.domain.paying.method_terms import OTHERS
from fakestripe_meters.domain.paying.method_terms import BillingDetails
from fakestripe_meters.domain.paying.method_terms import Type
from fakestripe_meters.domain.records import checkout_faces
from fakestripe_meters.domain.records import checkout_sessions
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession
from fakestripe_meters.domain.records.layouts import Shipping
from fakestripe_meters.framework.amounts import MOST_CHARGED
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import any_integer
from fakestripe_meters.wire.schema import param

PATH = "/v1/payment_pages"


class NewCard(Params):
    """A card, as a token of the test mode; its number is always refused."""

    cvc: str | None = param(default=None)
    exp_month: int | None = any_integer(default=None)
    exp_year: int | None = any_integer(default=None)
    number: str | None = param(default=None, doc="Always refused, as for most accounts of Stripe's.")
    token: str | None = param(default=None, doc="The name of a card of the test mode, such as `tok_visa`.")


class MethodData(Params):
    """A payment method that is made by the confirmation."""

    billing_details: BillingDetails | None = param(default=None)
    card: NewCard | None = param(default=None)
    type: Type = param(default="card", unserved=OTHERS)


class OpenPage(Operation):
    """Where the page is opened; all is taken, and changes nothing."""

    browser_locale: str | None = param(default=None)
    client_secret: str | None = param(default=None)
    redirect_type: str | None = param(default=None)


class ConfirmPage(Operation):
    """What the customer has filled in."""

    client_secret: str | None = param(default=None)
    expected_amount: int | None = param(
        default=None, least=0, most=MOST_CHARGED, doc="What the customer expects to pay: `total_summary.due`."
    )
    expected_payment_method_type: Literal["card"] | None = param(default=None)
    payment_method: str | None = param(default=None, doc="An id, or the name of a card such as `pm_card_visa`.")
    payment_method_data: MethodData | None = param(default=None)
    return_url: str | None = param(default=None)
    shipping: Shipping | None = param(default=None)


def _time(account: Account, page_id: str) -> AbstractContextManager[None]:
    session = checkout_sessions.lookup(account, pages.session_id(page_id))
    return test_clocks.changing(account, None if session is None else session.test_clock)


resource = Resource("payment_page", PATH, render=pages.render, time=_time)


@resource.get("/<page_id>")
@observed("that there is one, which the official CLI asks (stripe/stripe-cli)")
def retrieve(account: Account, params: Operation, page_id: str) -> CheckoutSession:
    """Return the page of a Checkout session, whatever its status."""
    return pages.find(account, page_id)


@resource.post("/<page_id>/init")
@observed("what the browser's page asks first (stripe/stripe-android)")
def open_page(account: Account, params: OpenPage, page_id: str) -> CheckoutSession:
    """Return the page of a Checkout session that is open."""
    session = pages.find(account, page_id)
    _check_secret(session, params.client_secret)
    completing.check_open(session)
    return session


@resource.post("/<page_id>/confirm")
@observed("that it completes the session (stripe/stripe-cli)")
@inferred("a card that wants to be authenticated is, because there is no browser that could do it")
def confirm(account: Account, params: ConfirmPage, page_id: str) -> CheckoutSession:
    """Complete a Checkout session, as the customer does with a button of the page."""
    session = pages.find(account, page_id)
    _check_secret(session, params.client_secret)
    completing.check_open(session)
    shipping = None if params.shipping is None else params.shipping.stored
    form = Form(payment_method=_method(account, params), shipping=shipping)
    completing.complete(account, session, form, expected=params.expected_amount)
    return session


def _method(account: Account, params: ConfirmPage) -> str | None:
    """Return the id of the payment method, or the name of a card; None without one."""
    data = params.payment_method_data
    if data is None:
        return params.payment_method
    if params.payment_method is not None:
        raise errors.params.exclusive_params(("payment_method", "payment_method_data"))
    if data.card is None:
        raise errors.params.missing_param("payment_method_data[card]")
    if data.card.number is not None:
        raise errors.payment_methods.raw_card()
    if data.card.token is None:
        raise errors.params.missing_param("payment_method_data[card][token]")
    method = method_terms.of_token(account, data.card.token, path="payment_method_data[card][token]")
    if data.billing_details is not None:
        method.billing_details = method_terms.merged_details(method.billing_details, data.billing_details)
    return method.id


@inferred("a secret of another session is refused")
def _check_secret(session: CheckoutSession, secret: str | None) -> None:
    if secret not in (None, checkout_faces.client_secret(session)):
        raise errors.payments.wrong_secret(checkout_sessions.NOUN)
