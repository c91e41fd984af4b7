"""Who may redeem what: the refusals of coupons and promotion codes.

Documented in: https://docs.stripe.com/billing/subscriptions/coupons.
"""

from typing import Protocol

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.records import coupons
from fakestripe_meters.domain.records.card_charges import CardCharges
from fakestripe_meters.domain.records.coupons import Coupon
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.invoices import Invoices
from fakestripe_meters.domain.records.promotion_codes import PromotionCode


class Redeemer(Protocol):
    """What a coupon is redeemed for, as far as that matters to whether it may be."""

    @property
    def customer(self) -> Customer:
        """Whose discount it is to be."""

    @property
    def currency(self) -> str | None:
        """What it is billed in; None if that is not known."""

    @property
    def one_time(self) -> bool:
        """Whether it is billed once."""

    @property
    def amount(self) -> int | None:
        """What is bought, in the currency's smallest unit; None if that is not known."""

    @property
    def changes(self) -> bool:
        """Whether it is a subscription that is changed."""


def check(account: Account, redeemer: Redeemer, coupon: Coupon, path: str) -> None:
    """Raise StripeError 400 if a coupon may not be redeemed."""
    if coupon.expired(account.now):
        raise errors.discounts.expired(path, coupon.id)
    if coupon.used_up:
        raise errors.discounts.used_up(path, coupon.id)
    if redeemer.one_time and coupon.duration == "repeating":
        raise errors.discounts.repeating_on_one_time(path, coupon.id)
    currency = redeemer.currency
    if currency is not None and coupon.amount_off is not None and coupon.amount_in(currency) is None:
        raise errors.discounts.other_currency(path, coupon.id, currency)


@inferred("the order of the checks; a coupon that is expired or used up is refused as such")
def check_code(account: Account, redeemer: Redeemer, code: PromotionCode, path: str) -> None:
    """Raise StripeError 400 if a promotion code may not be redeemed, whatever `check` says of its coupon."""
    ended = code.used_up or code.expired(account.now) or coupons.kept(account, code.coupon).deleted
    if ended or not code.enabled:
        raise errors.discounts.inactive_code(path, code.code)
    if code.customer not in (None, redeemer.customer.id):
        raise errors.discounts.code_of_another(path, code.code)
    if code.first_time_transaction and has_paid(account, redeemer.customer):
        raise errors.discounts.not_first_transaction(path)
    _check_minimum(redeemer, code, path)


@documented("only when it is redeemed")
@inferred("what is bought is the sum of the items of a subscription, and of the lines of an invoice; usage is none")
def _check_minimum(redeemer: Redeemer, code: PromotionCode, path: str) -> None:
    if code.minimum_amount is None and not code.minimum_amounts:
        return
    if redeemer.changes:
        raise errors.discounts.minimum_on_update(path)
    least = None if redeemer.currency is None else code.minimum_in(redeemer.currency)
    if redeemer.amount is not None and (least is None or redeemer.amount < least):
        raise errors.discounts.below_minimum(path)


@documented("successful payments or invoices, in Stripe's OpenAPI of promotion codes")
@inferred("an invoice counts if it is finalized, is not void and is for more than 0")
def has_paid(account: Account, customer: Customer) -> bool:
    """Return whether a customer has bought something before."""
    charges, invoices = account.part(CardCharges).table, account.part(Invoices).table
    return any(charge.customer == customer.id and charge.failure is None for charge in charges) or any(
        invoice.customer == customer.id and invoice.status not in ("draft", "void") and invoice.total > 0
        for invoice in invoices
    )
