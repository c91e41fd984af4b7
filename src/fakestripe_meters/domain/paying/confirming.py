"""How a payment intent of the API is confirmed, captured and canceled: what is checked before, and what follows.

Observed in: Kiln-AI/stripe_world, pay-rails/pay.
"""

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.paying import intent_terms
from fakestripe_meters.domain.paying import intents
from fakestripe_meters.domain.paying import methods
from fakestripe_meters.domain.paying.declining import decline_error
from fakestripe_meters.domain.paying.intent_terms import ConfirmedTerms
from fakestripe_meters.domain.paying.intent_terms import ConfirmIntent
from fakestripe_meters.domain.paying.intent_terms import CreateIntent
from fakestripe_meters.domain.paying.intent_terms import UpdateIntent
from fakestripe_meters.domain.paying.intents import Outcome
from fakestripe_meters.domain.records import card_charges
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import payment_intents
from fakestripe_meters.domain.records import payment_methods
from fakestripe_meters.domain.records.payment_intents import UNFINISHED
from fakestripe_meters.domain.records.payment_intents import PaymentIntent
from fakestripe_meters.domain.records.payment_methods import PaymentMethod
from fakestripe_meters.wire.schema import UNSET

OF_INVOICES = ("amount", "currency", "customer", "capture_method", "payment_method_types")
"""What an invoice decides of its payment intent."""


@observed("both sentences")
def chosen(account: Account, name_or_id: str, customer: str | None) -> PaymentMethod:
    """Return the payment method that a request names; raise StripeError 400 if it is not the customer's."""
    method = methods.named(account, name_or_id)
    _check_method(method, customer)
    return method


def _check_method(method: PaymentMethod, customer: str | None) -> None:
    """Raise StripeError 400 if a payment method cannot pay for a customer: it may have been detached meanwhile."""
    if method.customer is None:
        methods.check_usable(method)
    elif customer is None:
        raise errors.payments.customer_missing(method.id, method.customer)
    elif method.customer != customer:
        raise errors.payment_methods.of_another_customer("payment_method", method.id, customer)


@documented("which parameters need `confirm`, https://docs.stripe.com/api/payment_intents/create")
def check_creation(params: CreateIntent) -> None:
    """Raise StripeError 400 if parameters of a new intent exclude each other."""
    if params.automatic_payment_methods is not None:
        if params.confirmation_method is not None and params.automatic_payment_methods.enabled:
            raise errors.payments.one_of("automatic_payment_methods", "confirmation_method")
        if params.payment_method_types is not UNSET and params.automatic_payment_methods.enabled:
            raise errors.payments.one_of("automatic_payment_methods", "payment_method_types")
    if not params.confirm:
        for name in ("error_on_requires_action", "off_session", "return_url"):
            if getattr(params, name) is not None:
                raise errors.payments.only_with_confirm(name)


def confirm_new(account: Account, intent: PaymentIntent, params: CreateIntent) -> None:
    """Confirm an intent that the same request creates; raise StripeError 402 if it is declined."""
    intent.return_url = params.return_url
    _confirm(account, intent, params, at_creation=True)


@inferred("a new payment method may be given while the old one waits to be authenticated")
def confirm(account: Account, intent: PaymentIntent, params: ConfirmIntent) -> None:
    """Confirm an intent; raise StripeError 400 if that is not possible, 402 if it is declined."""
    if intent.status not in UNFINISHED:
        raise errors.payments.cannot_confirm(payment_intents.render(account, intent), intent.status)
    _check_owner(intent, params)
    if params.payment_method is not UNSET:
        intent.payment_method = chosen(account, params.payment_method, intent.customer).id
    if params.return_url is not None:
        intent.return_url = params.return_url
    intent_terms.apply(intent, params)
    _confirm(account, intent, params, at_creation=False)


def _confirm(
    account: Account, intent: PaymentIntent, params: CreateIntent | ConfirmIntent, *, at_creation: bool
) -> None:
    if intent.payment_method is None:
        raise errors.payments.no_method(payment_intents.render(account, intent), intent.customer)
    if intent.redirects == "always" and intent.return_url is None:
        raise errors.payments.return_url_missing("PaymentIntent")
    method = payment_methods.kept(account, intent.payment_method)
    _check_method(method, intent.customer)
    outcome = intents.attempt(
        account,
        intent,
        method,
        off_session=bool(params.off_session),
        handles_actions=not params.error_on_requires_action,
        in_browser=params.use_stripe_sdk,
    )
    settle(account, intent, outcome)
    if outcome.decline is not None:
        raise decline_error(account, intent, outcome.decline, at_creation=at_creation)


@documented("a payment method that is set up is attached: https://docs.stripe.com/payments/save-during-payment")
@inferred("it is attached after the charge")
def settle(account: Account, intent: PaymentIntent, outcome: Outcome) -> None:
    """Do what follows a payment that the API or a test asked for: save the method, and let its invoice follow."""
    if outcome.status in ("succeeded", "requires_capture") and intent.customer and intent.setup_future_usage:
        method, customer = payment_methods.kept(account, intent.payment_method or ""), intent.customer
        if method.customer is None and not method.spent and not customers.kept(account, customer).deleted:
            methods.join(account, method, customers.kept(account, customer))
    follow(account, intent)


def follow(account: Account, intent: PaymentIntent) -> None:
    """Let the invoice of an intent follow what has become of the intent."""
    if intent.invoice is not None:
        account.due_work[Work.FOLLOW_PAYMENT](account, intent.id)


def _check_owner(intent: PaymentIntent, terms: ConfirmedTerms) -> None:
    """Raise StripeError 400 if a request changes what an invoice decides of its payment intent."""
    for name, _ in terms.given(OF_INVOICES if intent.invoice is not None else ()):
        raise errors.payments.of_invoice(name)


@observed("the sentence, for the amount and the payment method of an intent that is done with")
def update(account: Account, intent: PaymentIntent, params: UpdateIntent) -> None:
    """Change an intent; raise StripeError 400 if it is too far for that."""
    _check_owner(intent, params)
    if intent.status not in UNFINISHED:
        for name, _ in params.given(intent_terms.ONLY_UNFINISHED):
            raise errors.payments.cannot_update(payment_intents.render(account, intent), intent.status, name)
    if params.customer is not UNSET:
        intent.customer = customers.find(account, params.customer, param="customer", status=400).id
    if params.payment_method is not UNSET:
        intent.payment_method = chosen(account, params.payment_method, intent.customer).id
        intent.status, intent.next_action = "requires_confirmation", None
    elif params.customer is not UNSET and intent.payment_method is not None:
        chosen(account, intent.payment_method, intent.customer)
    intent_terms.apply(intent, params)


@observed("the sentences, and the order of the checks: state, then amount")
def capture(account: Account, intent: PaymentIntent, amount: int | None) -> None:
    """Capture what is on hold, or a part of it; raise StripeError 400 if that is not possible."""
    shown = payment_intents.render(account, intent)
    if intent.status != "requires_capture":
        charge = None if intent.latest_charge is None else card_charges.kept(account, intent.latest_charge)
        if intent.status == "succeeded" and charge is not None and charge.released:
            raise errors.payments.captured_before(shown)
        raise errors.payments.cannot_capture(shown, intent.status)
    if amount == 0:
        raise errors.payments.captures_nothing(shown)
    if amount is not None and amount < 0:
        raise errors.payments.captures_negative(shown)
    if amount is not None and amount > intent.amount_capturable:
        raise errors.payments.captures_too_much()
    settle(account, intent, intents.capture(account, intent, intent.amount_capturable if amount is None else amount))


@observed("the sentence")
def cancel(account: Account, intent: PaymentIntent, reason: str | None) -> None:
    """Cancel an intent; raise StripeError 400 if it is done with."""
    if intent.status in ("succeeded", "canceled"):
        raise errors.payments.cannot_cancel(payment_intents.render(account, intent), intent.status)
    intents.cancel(account, intent, reason)
    follow(account, intent)
