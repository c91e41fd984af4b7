"""How a charge is refunded, and what becomes of a refund.

Observed in: Kiln-AI/stripe_world, pay-rails/pay.
Documented in: https://docs.stripe.com/refunds, https://docs.stripe.com/testing.
"""

from collections.abc import Mapping

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.clock import HOUR_S
from fakestripe_meters.core.pricing import money
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.paying import booking
from fakestripe_meters.domain.paying.refund_terms import RefundTerms
from fakestripe_meters.domain.records import card_charges
from fakestripe_meters.domain.records import payment_methods
from fakestripe_meters.domain.records import refunds
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.card_charges import CardCharge
from fakestripe_meters.domain.records.refunds import Refund
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.wire.tree import Tree

# inferred: Stripe says only that it takes a while.
PROGRESS_S = HOUR_S
"""After how many seconds a refund that is pending succeeds, and one that is to fail fails."""


def left(charge: CardCharge) -> int:
    """Return how much of a charge can be refunded."""
    return charge.amount_captured - charge.amount_refunded


@observed("the order of the checks: state, what is left, amount")
@inferred("a failed charge has nothing that could be refunded")
def check(charge: CardCharge, amount: int | None) -> None:
    """Raise StripeError 400 if a charge cannot be refunded, or not by that amount."""
    if charge.failure is not None:
        raise errors.charges.charge_failed(charge.id)
    if charge.released == charge.amount:
        raise errors.charges.refunded_before(charge.id)
    if not charge.captured:
        raise errors.charges.uncaptured(charge.payment_intent)
    if left(charge) == 0:
        raise errors.charges.refunded_before(charge.id)
    if amount is not None and amount > left(charge):
        raise errors.charges.refunds_too_much(*(money(each, charge.currency) for each in (amount, left(charge))))


@observed("the events: `refund.created`, `charge.refunded`, `refund.updated`, `charge.refund.updated`")
@inferred("they come at once, and the later two because the bank's reference is known then")
def refund(
    account: Account,
    charge: CardCharge,
    amount: int | None = None,
    *,
    reason: str | None = None,
    metadata: Mapping[str, str] | None = None,
    instructions_email: str | None = None,
) -> Refund:
    """Refund a charge, by default all that is left of it; raise StripeError 400 if that is not possible."""
    check(charge, amount)
    fate = payment_methods.kept(account, charge.payment_method).does.refund
    made = Refund(
        id=account.ids.new("re_3", 23),
        created=account.now,
        amount=left(charge) if amount is None else amount,
        currency=charge.currency,
        charge=charge.id,
        payment_intent=charge.payment_intent,
        instructions_email=instructions_email,
        metadata=dict(metadata or {}),
        reason=reason,
        status="pending" if fate == "pending" else "succeeded",
        test_clock=charge.test_clock,
    )
    booking.book_refund(account, made, charge)
    refunds.add(account, made)
    charge.amount_refunded += made.amount
    publish(account, "refund.created", refunds.render(account, made))
    _show_on_charge(account, charge, made.amount)
    if fate != "succeeds":
        test_clocks.schedule(account, made.test_clock, account.now + PROGRESS_S, Work.PROGRESS_REFUND, made.id)
    if fate != "pending":
        before = refunds.render(account, made)
        made.reference = refunds.reference_of(made)
        _publish_update(account, made, before)
    return made


def refund_as(account: Account, charge: CardCharge, terms: RefundTerms) -> Refund:
    """Refund a charge as a request says; raise StripeError 400 if that is not possible."""
    return refund(
        account,
        charge,
        terms.amount,
        reason=terms.reason,
        metadata=merged({}, terms.metadata),
        instructions_email=terms.instructions_email,
    )


@observed("the answer that makes a refund does not have the bank's number for it yet (Kiln-AI/stripe_world)")
def shown_at_first(account: Account, made: Refund) -> Tree:
    """Return a refund as the answer shows it that makes it."""
    shown = refunds.render(account, made)
    return shown | {"destination_details": refunds.render_destination(made, known=False)}


def update(account: Account, made: Refund, metadata: Metadata) -> Refund:
    """Change the metadata of a refund."""
    before = refunds.render(account, made)
    made.metadata = merged(made.metadata, metadata)
    _publish_update(account, made, before)
    return made


@observed("`charge.refunded` shows what was refunded before")
def _show_on_charge(account: Account, charge: CardCharge, amount: int) -> None:
    shown = card_charges.render(account, charge)
    previous: Tree = {"amount_refunded": charge.amount_refunded + charge.released - amount}
    if shown["refunded"]:
        previous["refunded"] = False
    publish(account, "charge.refunded", shown, previous=previous)


@documented("a pending refund succeeds, with `refund.updated`; one that fails does so later, with `refund.failed`")
@inferred("`refund.failed` comes last, and the reason of the failure")
def progress(account: Account, made: Refund) -> None:
    """Let a refund that is pending succeed, or fail if it is of a card whose refunds fail."""
    before = refunds.render(account, made)
    charge = card_charges.kept(account, made.charge)
    if made.status == "pending":
        made.status, made.reference = "succeeded", refunds.reference_of(made)
        _publish_update(account, made, before)
    elif made.status == "succeeded":
        made.status, made.failure_reason = "failed", "unknown"
        charge.amount_refunded -= made.amount
        booking.book_failure(account, made)
        _publish_update(account, made, before)
        publish(account, "refund.failed", refunds.render(account, made))


def _publish_update(account: Account, made: Refund, before: Tree) -> None:
    after = refunds.render(account, made)
    publish_update(account, "refund.updated", before, after)
    publish_update(account, "charge.refund.updated", before, after)
