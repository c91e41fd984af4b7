"""How payment methods are made, whose they become, and which of them pays."""

from contextlib import AbstractContextManager
from datetime import UTC
from datetime import datetime

from fakestripe_meters.core import errors
from fakestripe_meters.core import named_cards
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.cards import Card
from fakestripe_meters.core.cards import Decline
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.ids import tail
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import payment_methods
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.payment_methods import PaymentMethod
from fakestripe_meters.domain.records.payment_methods import PaymentMethods
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.subscriptions import Subscriptions

STAND_IN = "visa"
"""The card that pays for a customer who has no payment method, where none is required."""


@observed("each use of a name makes another payment method (pay-rails/pay, openfoodfoundation/openfoodnetwork)")
def named(account: Account, name_or_id: str, *, param: str = "payment_method", status: int = 400) -> PaymentMethod:
    """Return the payment method with an id, or a new one for the name of a card, such as `pm_card_visa`.

    Raise StripeError `No such PaymentMethod` for any other word.
    """
    card = named_cards.of_method(name_or_id)
    if card is not None:
        return mint(account, card)
    return payment_methods.find(account, name_or_id, param=param, status=status)


def mint(account: Account, card: Card, *, checked: bool = True) -> PaymentMethod:
    """Make a payment method that nobody has yet."""
    return _make(account, account.ids.new("pm_", 24), card, checked=checked)


@observed("a card expires in the month in which it is made, a year later (pay-rails/pay)")
def _make(account: Account, identifier: str, card: Card, *, checked: bool = True) -> PaymentMethod:
    today = datetime.fromtimestamp(account.now, UTC)
    method = PaymentMethod(
        id=identifier,
        created=account.now,
        card=card.name,
        exp_month=today.month,
        exp_year=today.year + 1,
        fingerprint=tail(f"{account.id}/{card.brand}/{card.last4}/{card.country}", 16),
        checked=checked,
    )
    account.part(PaymentMethods).table.add(method)
    return method


def stand_in(account: Account) -> PaymentMethod:
    """Make the payment method that pays for a customer without any. It belongs to nobody."""
    return mint(account, named_cards.kept(STAND_IN))


def time_of(account: Account, customer_id: str | None) -> AbstractContextManager[None]:
    """Return what runs a block that changes something of a customer, at the time of its test clock."""
    customer = None if customer_id is None else customers.kept(account, customer_id)
    return test_clocks.changing(account, None if customer is None else customer.test_clock)


def check_usable(method: PaymentMethod) -> None:
    """Raise StripeError 400 if a payment method was detached, or has paid without being attached."""
    if method.spent:
        raise errors.payment_methods.spent()


@observed("what is attached again to the same customer stays as it is, without an event (Kiln-AI/stripe_world)")
def attached(account: Account, name_or_id: str, customer: Customer) -> str:
    """Attach a payment method, or a new one for the name of a card, to a customer. Return its id."""
    method = named(account, name_or_id)
    attach(account, method, customer)
    return method.id


def attach(account: Account, method: PaymentMethod, customer: Customer) -> None:
    """Attach a payment method to a customer.

    Raise StripeError 400 if it belongs to another customer or cannot be used again, 402 if its card declines.
    """
    if method.customer == customer.id:
        return
    if method.customer is not None:
        raise errors.payment_methods.attached_already()
    check_usable(method)
    if isinstance(method.does.at_setup, Decline):
        raise declined_at_attaching(method.does.at_setup)
    join(account, method, customer)


def join(account: Account, method: PaymentMethod, customer: Customer) -> None:
    """Give a payment method to a customer, and publish the event; nothing is checked."""
    part = account.part(PaymentMethods)
    method.customer, method.checked = customer.id, True
    part.by_customer[customer.id] = (*part.by_customer.get(customer.id, ()), method.id)
    publish(account, "payment_method.attached", payment_methods.render(account, method))


def detach(account: Account, method: PaymentMethod) -> None:
    """Take a payment method from its customer for good; raise StripeError 400 if nobody has it."""
    if method.customer is None:
        raise errors.payment_methods.not_attached()
    former = method.customer
    part = account.part(PaymentMethods)
    method.customer, method.spent = None, True
    part.by_customer[former] = tuple(each for each in part.by_customer[former] if each != method.id)
    _forget_default(account, former, method.id)
    shown = payment_methods.render(account, method)
    publish(account, "payment_method.detached", shown, previous={"customer": former})


def detach_all(account: Account, customer: Customer) -> None:
    """Take all payment methods from a customer."""
    for method in account.part(PaymentMethods).of(customer.id):
        detach(account, method)


@observed(
    "a test against Stripe detaches a customer's default and then finds none (laravel/cashier-stripe); payloads of "
    "earlier years still had it (dj-stripe/dj-stripe#1836)"
)
@inferred("a subscription's default goes, too; there are no events about it")
def _forget_default(account: Account, customer_id: str, method_id: str) -> None:
    holders: list[Customer | Subscription] = [customers.kept(account, customer_id)]
    holders += account.part(Subscriptions).running(customer_id)
    for holder in holders:
        if holder.default_payment_method == method_id:
            holder.default_payment_method = None


@documented(
    "the order in which payment methods are looked for, https://docs.stripe.com/billing/revenue-recovery/smart-retries"
)
def that_pays(account: Account, customer: Customer, *chosen: str | None) -> PaymentMethod | None:
    """Return the payment method that pays: the first that was chosen, else the customer's default; None if none is.

    `chosen` are ids in order: of the request, the invoice, the subscription. One that was detached does not count.
    """
    table = account.part(PaymentMethods).table
    for wanted in (*chosen, customer.default_payment_method):
        if wanted:
            method = table.get(wanted) or _adopted(account, wanted)
            if not method.spent:
                return method
    return None


@inferred("in a snapshot of an older release, any word may be a default; one that names no card is a visa")
def _adopted(account: Account, name: str) -> PaymentMethod:
    """Make a payment method for a word from an older snapshot, under that word as its id."""
    return _make(account, name, named_cards.of_method(name) or named_cards.of_token(name) or named_cards.kept(STAND_IN))


def default_for(account: Account, customer: Customer, name_or_id: str | None, *, param: str) -> str | None:
    """Return the id of a payment method that becomes a default of a customer, a subscription or an invoice.

    Where payment methods are optional, the name of a card makes a method and attaches it. Raise StripeError 400 if the
    customer does not have the method, 402 if its card cannot be attached.
    """
    if name_or_id is None:
        return None
    minted = named_cards.of_method(name_or_id) is not None
    if minted and is_required(account):
        raise errors.payment_methods.not_of_customer(param, name_or_id)
    method = named(account, name_or_id, param=param)
    if minted:
        customers.find(account, customer.id, param=param, status=400)  # one that is deleted has no methods
        attach(account, method, customer)
    if method.customer != customer.id:
        raise errors.payment_methods.not_of_customer(param, name_or_id)
    return method.id


@documented("a source is a card or a bank account of the older kind, https://docs.stripe.com/api/sources")
@inferred("the fake has none, whatever the id")
def check_source(value: str | None, path: str) -> None:
    """Raise StripeError 400 for a default source: nobody has one."""
    if value is not None:
        raise errors.objects.no_such("source", value, param=path, status=400)


def is_required(account: Account) -> bool:
    """Return whether only a payment method that the customer has pays."""
    return account.settings.payment_methods == "required"


@observed("the keys and the empty param; a former version has neither advice nor network codes (pay-rails/pay)")
def declined_at_attaching(decline: Decline) -> StripeError:
    """Return the error of a card that cannot be attached."""
    return declined(decline, decline.param or "")


@inferred("the same keys where a payment is refused, and nothing of it is kept")
def declined(decline: Decline, param: str | None = None) -> StripeError:
    """Return the error of a card that declines where no payment intent is left that shows it."""
    extra = {
        "advice_code": decline.advice_code,
        "decline_code": decline.decline_code,
        "network_advice_code": decline.network_advice_code,
        "network_decline_code": decline.network_decline_code,
    }
    return errors.payment_methods.declined(
        decline.message, code=decline.code, param=decline.param if param is None else param, extra=extra
    )
