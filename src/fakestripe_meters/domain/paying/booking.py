"""What a charge or a refund moves in the account's balance, and when that is available.

Observed in: pay-rails/pay, Kiln-AI/stripe_world.
"""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.cards import Card
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.records import card_charges
from fakestripe_meters.domain.records import payment_methods
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.balance_transactions import Movement
from fakestripe_meters.domain.records.balance_transactions import Movements
from fakestripe_meters.domain.records.card_charges import CardCharge
from fakestripe_meters.domain.records.payment_intents import PaymentIntent
from fakestripe_meters.domain.records.refunds import Refund

PER_MILLE, FIXED = 29, 30
DAYS_PENDING = 7


@observed("2.9 % and 30, rounded half up, in 22 charges of an account in the United States")
@inferred("the same in all currencies, 30 of the smallest unit")
def fee_of(amount: int) -> int:
    """Return the fee of a charge, in the smallest unit."""
    return (amount * PER_MILLE + 500) // 1000 + FIXED


@documented("a payment that bypasses the pending balance is available at once: https://docs.stripe.com/testing")
@observed("else at midnight UTC, seven days after the day of the charge")
def available_on(created: int, card: Card) -> int:
    """Return when the amount of a charge is available, in Unix seconds."""
    return created if card.available_at_once else created - created % DAY_S + DAYS_PENDING * DAY_S


def book_charge(account: Account, charge: CardCharge, card: Card) -> None:
    """Move what a charge has captured into the balance."""
    amount = charge.amount_captured
    charge.balance_transaction = _move(
        account,
        Movement(
            id=account.ids.new("txn_3", 23),
            created=account.now,
            amount=amount,
            currency=charge.currency,
            source=charge.id,
            kind="charge",
            available_on=available_on(account.now, card),
            fee=fee_of(amount),
            description=charge.description,
            test_clock=charge.test_clock,
        ),
    )


@observed("an intent that captures asynchronously shows a charge without a balance transaction at first")
@documented("`charge.updated` tells of it: https://docs.stripe.com/payments/payment-intents/asynchronous-capture")
def book_soon(account: Account, charge: CardCharge, card: Card, intent: PaymentIntent) -> None:
    """Book a charge now or, if its intent captures asynchronously, as soon as the request is over."""
    if intent.capture_method == "automatic_async":
        account.agenda.add(account.own_ns, Work.BOOK_CHARGE, charge.id)
    else:
        book_charge(account, charge, card)


def book_later(account: Account, charge: CardCharge) -> None:
    """Book a charge whose request is over, and publish that it has a balance transaction."""
    with test_clocks.time_of(account, charge.test_clock):
        book_charge(account, charge, payment_methods.kept(account, charge.payment_method).does)
        shown = card_charges.render(account, charge)
        publish(account, "charge.updated", shown, previous={"balance_transaction": None})


@observed("the fee of the charge is not given back")
@inferred("it takes effect at once")
def book_refund(account: Account, refund: Refund, charge: CardCharge) -> None:
    """Move a refund out of the balance."""
    about = f" ({charge.description})" if charge.description else ""
    refund.balance_transaction = _move(
        account, _of_refund(account, refund, -refund.amount, f"REFUND FOR CHARGE{about}")
    )


@documented("a refund that fails moves the amount back into the balance: https://docs.stripe.com/refunds")
@inferred("the description")
def book_failure(account: Account, refund: Refund) -> None:
    """Move the amount of a refund that has failed back into the balance."""
    refund.failure_balance_transaction = _move(
        account, _of_refund(account, refund, refund.amount, "REFUND FAILURE", failed=True)
    )


def _of_refund(account: Account, refund: Refund, amount: int, description: str, *, failed: bool = False) -> Movement:
    return Movement(
        id=account.ids.new("txn_3", 23),
        created=account.now,
        amount=amount,
        currency=refund.currency,
        source=refund.id,
        kind="refund_failure" if failed else "refund",
        available_on=account.now,
        description=description,
        test_clock=refund.test_clock,
    )


def _move(account: Account, movement: Movement) -> str:
    account.part(Movements).table.add(movement)
    return movement.id
