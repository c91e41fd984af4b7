"""What a failing test's report says of payments: those that were declined, and those that wait for the customer."""

from collections.abc import Iterable
from collections.abc import Iterator

from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.records import payment_methods
from fakestripe_meters.domain.records.payment_intents import PaymentIntent
from fakestripe_meters.domain.records.payment_intents import PaymentIntents
from fakestripe_meters.domain.records.setup_intents import SetupIntent
from fakestripe_meters.domain.records.setup_intents import SetupIntents

SHOWN = 4
"""How many are told, the latest ones."""


def unpaid(accounts: Iterable[Account]) -> Iterator[str]:
    """Yield a line for each payment or setup that was declined or waits for the customer; nothing if none does."""
    told = [
        (intent.created, line)
        for account in accounts
        for intent in _intents(account)
        if (line := _told(account, intent))
    ]
    told.sort(key=lambda each: each[0])
    if len(told) > SHOWN:
        yield f"({len(told) - SHOWN:,} before these)"
    yield from (line for _, line in told[-SHOWN:])


def _intents(account: Account) -> Iterator[PaymentIntent | SetupIntent]:
    payments, setups = account.peek(PaymentIntents), account.peek(SetupIntents)
    yield from payments.table if payments else ()
    yield from setups.table if setups else ()


def _told(account: Account, intent: PaymentIntent | SetupIntent) -> str | None:
    purpose = getattr(intent, "invoice", None) or getattr(intent, "subscription", None)
    name = f"{intent.id} of {purpose}" if purpose else intent.id
    if intent.status == "requires_action":
        return f'{name} waits until the customer authenticates: fakestripe.authenticate("{intent.id}")'
    if intent.status == "requires_payment_method" and intent.last_error:
        code = intent.last_error.get("decline_code") or intent.last_error.get("code")
        card = payment_methods.kept(account, intent.failed_method).card if intent.failed_method else "that was given"
        return f"{name} failed with the card {card}, {code}: {intent.last_error.get('message')}"
    return None
