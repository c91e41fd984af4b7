"""Errors about credit notes: what an invoice lets be credited, and how the amount is given back.

Documented in: https://docs.stripe.com/invoicing/integration/programmatic-credit-notes.
"""

from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred


@inferred("the sentence, which a program quotes from a live run, and the param")
def of_draft() -> StripeError:
    """400 if a credit note is for an invoice that is not finalized."""
    return StripeError(400, "You cannot create a credit note for a draft invoice.", param="invoice")


@inferred("the sentence, after that for drafts")
def of_void() -> StripeError:
    """400 if a credit note is for a void invoice."""
    return StripeError(400, "You cannot create a credit note for a void invoice.", param="invoice")


@inferred("the sentence, which a program quotes for an invoice that was paid, and the words for a part")
def sums_differ(given: str, wanted: str, *, in_part: bool) -> StripeError:
    """400 if refund, credit and out of band amount do not add up to what was paid of the credited amount."""
    what = (
        "the part of the credit note amount that the invoice does not ask for any more"
        if in_part
        else "the credit note amount"
    )
    return StripeError(
        400, f"The sum of credit amount, refund amount and out of band amount ({given}) must equal {what} ({wanted})."
    )


@documented("the rule")
@inferred("the sentence")
def too_much(path: str, total: str, left: str) -> StripeError:
    """400 if the credit notes and refunds of an invoice would come to more than the invoice."""
    return StripeError(
        400,
        f"The credit note amount ({total}) is greater than what is left to credit on the invoice ({left}).",
        param=path,
    )


@documented("the rule")
@inferred("the sentence")
def nothing(path: str) -> StripeError:
    """400 if a credit note comes to nothing."""
    return StripeError(400, "The credit note amount must be greater than zero.", param=path)


@documented("the rule")
@inferred("the sentence")
def line_exceeded(path: str, left: str) -> StripeError:
    """400 if more of an invoice's line is credited than is left of it."""
    return StripeError(
        400, f"You can't credit more of this invoice line item than what is left of it ({left}).", param=path
    )


@inferred("the rule and the sentence")
def line_not_creditable(path: str) -> StripeError:
    """400 if a line is credited that asks for nothing, or is itself a credit."""
    return StripeError(400, "You can only credit invoice line items with a positive amount.", param=path)


@documented("the rule")
@inferred("the sentence")
def other_way(path: str, way: str) -> StripeError:
    """400 if a line is credited by amount that was credited by quantity before, or the other way round."""
    return StripeError(
        400,
        f"A credit note has credited this invoice line item by {way}, so it can only be credited by {way}.",
        param=path,
    )


@inferred("the sentence")
def nothing_to_refund() -> StripeError:
    """400 if an amount is to be refunded, and Stripe has charged nothing for the invoice."""
    return StripeError(400, "This invoice has no charge that can be refunded.", param="refund_amount")


@inferred("the sentence, after that for refunds")
def refund_too_large(amount: str, left: str) -> StripeError:
    """400 if more is to be refunded than is left of the invoice's charges."""
    return StripeError(
        400,
        f"Refund amount ({amount}) is greater than the unrefunded amount of the invoice's charges ({left}).",
        param="refund_amount",
    )


@inferred("the sentence")
def refund_exceeded(path: str, left: str) -> StripeError:
    """400 if more of a refund is linked than is left of it."""
    return StripeError(400, f"You can't link more of this refund than is in no other credit note ({left}).", param=path)


@inferred("the rule and the sentence")
def refund_failed(path: str) -> StripeError:
    """400 if a refund is linked that gave nothing back."""
    return StripeError(400, "You can't link a refund that failed or was canceled.", param=path)


@documented("the rule: only while the invoice is open")
@inferred("the sentence")
def not_voidable() -> StripeError:
    """400 if a credit note is voided whose invoice is not open."""
    return StripeError(400, "You can only void credit notes of open invoices. This credit note's invoice isn't open.")


@inferred("the sentence")
def already_void() -> StripeError:
    """400 if a credit note is voided twice."""
    return StripeError(400, "This credit note is already void.")
