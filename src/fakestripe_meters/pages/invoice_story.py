"""What has happened to an invoice: its events, and the tries to pay it."""

from collections.abc import Iterable
from typing import NamedTuple

from fakestripe_meters.control.webhook_answers import WebhookDelivery
from fakestripe_meters.core import pricing
from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.events.snapshots import Event
from fakestripe_meters.domain.events.snapshots import Events
from fakestripe_meters.domain.records import card_charges
from fakestripe_meters.domain.records import invoice_payments
from fakestripe_meters.domain.records import payment_methods
from fakestripe_meters.domain.records.card_charges import CardCharge
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.pages import cards
from fakestripe_meters.pages import words


class PaymentTry(NamedTuple):
    """A try to charge a card for an invoice."""

    id: str
    at: int
    amount: str
    card: str
    succeeded: bool
    code: str
    """Why the bank declined: its decline code, or else the error code; empty if it did not."""
    message: str


class Happening(NamedTuple):
    """An event about an invoice, its payment or its charges."""

    id: str
    at: int
    type: str
    request: str
    """The id of the request that has caused it; empty if time has."""


def tries(account: Account, invoice: Invoice) -> list[PaymentTry]:
    """Return the tries to pay an invoice, oldest first."""
    intents = _intents(account, invoice)
    charges = (charge for each in intents for charge in card_charges.of_intent(account, each))
    return [_try(account, each) for each in charges]


def _intents(account: Account, invoice: Invoice) -> list[str]:
    return [each.payment_intent for each in invoice_payments.of_invoice(account, invoice.id)]


def _try(account: Account, charge: CardCharge) -> PaymentTry:
    failure = charge.failure or {}
    return PaymentTry(
        charge.id,
        charge.created,
        pricing.money(charge.amount, charge.currency),
        cards.saved(payment_methods.kept(account, charge.payment_method)),
        charge.failure is None,
        words.plain(failure.get("decline_code") or failure.get("code", "")),
        words.plain(failure.get("message", "")),
    )


def happenings(account: Account, invoice: Invoice) -> list[Happening]:
    """Return what has happened to an invoice and its payments in the last 30 days, oldest first."""
    about = {invoice.id, *_intents(account, invoice)}
    about |= {each.id for each in tries(account, invoice)}
    return [_happening(each) for each in account.part(Events).table if _names(each, about)]


def _names(event: Event, about: set[str]) -> bool:
    return event.object.id in about


def _happening(event: Event) -> Happening:
    return Happening(event.id, event.created, event.type, event.request_id or "")


def told(deliveries: Iterable[WebhookDelivery], events: Iterable[str]) -> dict[str, list[WebhookDelivery]]:
    """Return webhooks by the id of the event that they tell of."""
    found: dict[str, list[WebhookDelivery]] = {each: [] for each in events}
    for each in deliveries:
        found[each["event"]].append(each)
    return found
