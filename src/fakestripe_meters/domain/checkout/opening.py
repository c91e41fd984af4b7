"""How a Checkout session is opened.

Observed in: pay-rails/pay.
Documented in: https://docs.stripe.com/api/checkout/sessions/create.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.currencies import LEAST_CHARGED
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.checkout import amounts
from fakestripe_meters.domain.checkout import checks
from fakestripe_meters.domain.checkout import discounting
from fakestripe_meters.domain.checkout import lines
from fakestripe_meters.domain.checkout import optional_items
from fakestripe_meters.domain.checkout import subscription_checks
from fakestripe_meters.domain.checkout.plain import data_of
from fakestripe_meters.domain.checkout.plain import plain
from fakestripe_meters.domain.checkout.shown_terms import shown
from fakestripe_meters.domain.checkout.terms import CreateSession
from fakestripe_meters.domain.paying import setups
from fakestripe_meters.domain.records import checkout_faces
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.checkout_lines import CheckoutLine
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSessions
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.setup_intents import SetupIntent
from fakestripe_meters.framework.amounts import check_charge
from fakestripe_meters.framework.metadata import merged

PREFIX = "cs_test_"


def begin(account: Account, params: CreateSession) -> CheckoutSession:
    """Return a new session, or raise StripeError 400."""
    session = draft(account, params)
    if session.mode == "setup":
        _set_up(account, session)
    account.part(CheckoutSessions).table.add(session)
    account.agenda.add(session.expires_at * SECOND_NS, Work.EXPIRE_CHECKOUT, session.id)
    return session


def draft(account: Account, params: CreateSession, kept: Sequence[CheckoutLine] = ()) -> CheckoutSession:
    """Return a session that is not opened yet, or raise StripeError 400; `kept` are lines that keep their ids."""
    checks.check(account, params)
    customer = None
    if params.customer is not None:
        customer = customers.find(account, params.customer, param="customer", status=400)
    checks.check_customer(params, customer)
    test_clocks.check_ready(account, None if customer is None else customer.test_clock)
    session = _session(account, params, customer)
    if session.mode != "setup":
        session.lines = lines.read(account, params.line_items or (), params.mode, kept)
        _fill(account, session, params, customer)
    return session


@observed("what an id begins with, and what is shown of the customer (pay-rails/pay)")
@inferred("the account's own clock counts, also if the customer is on a test clock: no session is part of billing")
def _session(account: Account, params: CreateSession, customer: Customer | None) -> CheckoutSession:
    kind = "c1" if params.mode == "setup" else "b1" if params.allow_promotion_codes else "a1"
    collects = params.payment_method_collection or ("if_required" if params.mode == "payment" else "always")
    return CheckoutSession(
        id=account.ids.new(f"{PREFIX}{kind}", 56),
        created=account.now,
        mode=params.mode,
        expires_at=params.expires_at or account.now + DAY_S,
        currency=None if params.currency is None else params.currency.lower(),
        payment_status="no_payment_required" if params.mode == "setup" else "unpaid",
        customer=None if customer is None else customer.id,
        customer_email=params.customer_email,
        customer_creation=_creation(params, customer),
        customer_details=checkout_faces.known_details(params.mode, customer, params.customer_email),
        customer_update=plain(params.customer_update) if params.customer_update else {},
        success_url=params.success_url,
        cancel_url=params.cancel_url,
        return_url=params.return_url,
        ui_mode=params.ui_mode,
        client_reference_id=params.client_reference_id,
        metadata=merged({}, params.metadata),
        allow_promotion_codes=params.allow_promotion_codes,
        after_expiration=_after_expiration(params),
        payment_method_collection=collects,
        payment_method_types=params.payment_method_types and list(params.payment_method_types[1:]),
        payment_method_options=plain(params.payment_method_options) if params.payment_method_options else {},
        echoed=_echoed(params),
        test_clock=None if customer is None else customer.test_clock,
        invoice_creation=data_of(params.invoice_creation, "invoice_creation"),
        payment_intent_data=data_of(params.payment_intent_data, "payment_intent_data"),
        setup_intent_data=data_of(params.setup_intent_data, "setup_intent_data"),
        subscription_data=data_of(params.subscription_data, "subscription_data"),
    )


def _fill(account: Account, session: CheckoutSession, params: CreateSession, customer: Customer | None) -> None:
    """Put in what else is bought, and what it comes to, or raise StripeError 400."""
    session.optional_items = optional_items.read(account, session, params.optional_items or ())
    currency = prices.kept(account, session.lines[0].price).currency
    _check_currency(account, session, params, currency)
    session.currency = currency
    if params.mode == "subscription":
        checks.check_currency(customer, currency)
        if params.subscription_data is not None:
            subscription_checks.check(account, params.subscription_data, list(session.lines))
    with test_clocks.time_of(account, session.test_clock), subscription_checks.respelled():
        amounts.settle(account, session)
        if params.discounts:
            discounting.apply(account, session, params.discounts)
            amounts.settle(account, session)
    check_total(session)


@documented("payments of 0 are possible since 2023-08-16, in Stripe's changelog")
@inferred("that what a subscription costs may be less: it goes onto the customer's balance")
def check_total(session: CheckoutSession) -> None:
    """Raise StripeError 400 if a payment is less than what can be charged, or if anything is more than that."""
    due, currency = amounts.total(session), session.currency or ""
    check_charge(due, "line_items")
    least = LEAST_CHARGED.get(currency, 0)
    if session.mode == "payment" and 0 < due < least:
        raise errors.checkout.total_too_small(least, currency)


@inferred("that a currency which the prices do not have is refused, as by a subscription")
def _check_currency(account: Account, session: CheckoutSession, params: CreateSession, currency: str) -> None:
    """Raise StripeError if another currency is asked for than that of the prices: 501 if they have it as well."""
    wanted = session.currency
    if params.currency is None or wanted is None or wanted == currency:
        return
    if all(wanted in prices.kept(account, line.price).currency_options for line in session.lines):
        raise errors.unserved.param("currency")
    raise errors.prices.only_supports("currency", currency, wanted)


@observed("a set-up has its intent at once (pay-rails/pay)")
def _set_up(account: Account, session: CheckoutSession) -> None:
    data = session.setup_intent_data
    intent = SetupIntent(
        id=account.ids.new(setups.PREFIX, 23),
        created=account.now,
        customer=session.customer,
        description=data.get("description"),
        metadata=data.get("metadata", {}),
        redirects=None if session.payment_method_types else "always",
        card_options=session.payment_method_options.get("card", {}),
        test_clock=session.test_clock,
    )
    setups.add(account, intent)
    session.setup_intent = intent.id


@observed("null if there is a customer; by default `always` for a subscription, `if_required` for a payment")
def _creation(params: CreateSession, customer: Customer | None) -> str | None:
    if customer is not None:
        return None
    usual = {"payment": "if_required", "subscription": "always"}
    return params.customer_creation or usual.get(params.mode)


def _after_expiration(params: CreateSession) -> Mapping[str, Any] | None:
    if params.after_expiration is None:
        return None
    recovery = params.after_expiration.recovery
    return {"recovery": None if recovery is None else plain(recovery) | {"expires_at": None, "url": None}}


def _echoed(params: CreateSession) -> Mapping[str, Any]:
    found = dict(shown(params))
    for name in ("allowed_payment_method_types", "excluded_payment_method_types", "redirect_on_completion"):
        if getattr(params, name) is not None:
            found[name] = plain(getattr(params, name))
    if params.ui_mode == "embedded_page":
        found.setdefault("redirect_on_completion", "always")
    return found
