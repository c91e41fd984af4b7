"""Errors about invoices: what their status allows, how they are paid, and their items.

Observed in: Kiln-AI/stripe_world.
Documented in: https://docs.stripe.com/api/invoices.
"""

from collections.abc import Sequence

from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.errors.error import either
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed

NO_RETRY = {"Stripe-Should-Retry": "false"}


@observed("the sentence, with the field as param")
def finalized(path: str) -> StripeError:
    """400 if a request changes more than the metadata of an invoice that is no longer a draft."""
    return StripeError(400, "Finalized invoices can't be updated in this way", param=path)


@documented("the rule: https://docs.stripe.com/invoicing/scheduled-finalization")
@inferred("the sentence")
def does_not_advance(path: str) -> StripeError:
    """400 if a request says when a draft is finalized, and the draft does not advance automatically."""
    return StripeError(400, f"You can only set `{path}` if `auto_advance` is true.", param=path)


@observed("the sentence")
def already_finalized() -> StripeError:
    """400 if a request finalizes an invoice that is no longer a draft."""
    return StripeError(400, "This invoice is already finalized, you can't re-finalize a non-draft invoice.")


@observed("the sentence")
def no_draft() -> StripeError:
    """400 if a request deletes an invoice that is no longer a draft."""
    return StripeError(400, "You can only delete draft invoices.")


@observed("the sentence (stripe/stripe-node#657)")
def of_subscription() -> StripeError:
    """400 if a request deletes a subscription's draft invoice."""
    return StripeError(400, "You can't delete invoices created by subscriptions.")


@observed("the sentence, for voiding and for marking as uncollectible")
@inferred("the use of the sentence for paying")
def not_open() -> StripeError:
    """400 if an invoice must be open and is not."""
    return StripeError(400, "You can only pass in open invoices. This invoice isn't open.")


@observed("the sentence")
def paid_payments() -> StripeError:
    """400 if a request voids a paid invoice."""
    return StripeError(400, "Invoices with `paid` payments cannot be voided.")


@observed("the sentence")
def already_uncollectible() -> StripeError:
    """400 if a request marks an invoice as uncollectible twice."""
    return StripeError(400, "This invoice has already been marked uncollectible.")


@observed("the sentence, without a code")
def already_paid() -> StripeError:
    """400 if a request pays a paid invoice."""
    return StripeError(400, "Invoice is already paid")


@observed("the sentence, for a paid invoice")
@inferred("the same for one that is void or uncollectible")
def cannot_be_sent() -> StripeError:
    """400 if a request sends an invoice that nobody has to pay."""
    return StripeError(
        400,
        "This invoice cannot be sent right now. Please contact us via https://support.stripe.com/contact with details, "
        "so we can help.",
    )


# Amounts and payments


@documented("the code and the sentence")
@inferred("the status, and that it applies to amounts that are not charged yet")
def amount_too_large(path: str) -> StripeError:
    """400 if an amount is larger than any that can be charged."""
    return StripeError(
        400,
        "The specified amount is greater than the maximum amount allowed. Use a lower amount and try again.",
        code="amount_too_large",
        param=path,
    )


@inferred("the sentence")
def other_currency(path: str, currency: str) -> StripeError:
    """400 if a currency is not that of the rest of the invoice."""
    return StripeError(400, f"The currency must be that of the rest of the invoice, which is `{currency}`.", param=path)


@observed("the sentence, without a param")
def due_date_needed(ways: Sequence[str]) -> StripeError:
    """400 if an invoice is to be sent, and no parameter says when it is due."""
    return StripeError(
        400, f"If invoice collection method is 'send_invoice', you must specify {_quoted(ways)}.", mentions=ways
    )


@observed("the sentence, without a param")
def due_date_not_wanted(ways: Sequence[str]) -> StripeError:
    """400 if an invoice is charged, and a parameter says when it is due."""
    return StripeError(
        400, f"You can only specify {_quoted(ways)} if invoice collection method is 'send_invoice'.", mentions=ways
    )


def _quoted(names: Sequence[str]) -> str:
    return either(f"'{name}'" for name in names)


@observed("the sentence (reports by programs that pay invoices)")
@inferred("that nothing follows it: no source has the second sentence")
def no_payment_method() -> StripeError:
    """400 if a request pays an invoice, and neither the request, the invoice nor the customer has a payment method."""
    return StripeError(400, "There is no `default_payment_method` set on this Customer or Invoice.")


@observed("the code and the sentence (reports by programs that pay invoices)")
@inferred("the status and the type, which are those of the same case at a subscription's creation")
def requires_action() -> StripeError:
    """402 if a request pays an invoice, and the payment wants to be authenticated. What was done before stays."""
    return StripeError(
        402,
        "The invoice payment requires additional action. Retrieve the invoice's PaymentIntent to complete the payment.",
        error_type="card_error",
        code="invoice_payment_intent_requires_action",
        headers=NO_RETRY,
        keeps_changes=True,
    )


@observed("the sentence (reports by programs that pay invoices)")
@inferred("that it is about an open invoice whose payment intent was canceled")
def no_longer_payable() -> StripeError:
    """400 if a request pays an invoice whose payment was canceled."""
    return StripeError(
        400,
        "This invoice can no longer be paid. Consider voiding, marking as uncollectible, or marking as paid out of "
        "band instead.",
    )


@inferred("the sentence")
def other_customers_payment(path: str) -> StripeError:
    """400 if a payment intent of another customer, or of none, is attached to an invoice."""
    return StripeError(400, "The PaymentIntent must belong to the customer of the invoice.", param=path)


@inferred("the sentence")
def payment_attached(path: str) -> StripeError:
    """400 if a payment intent is attached to an invoice that pays an invoice already, or was canceled."""
    return StripeError(
        400, "The PaymentIntent is canceled or already pays an invoice, so it cannot be attached.", param=path
    )


# Invoice items


@observed("the code and the sentence, for lines")
@inferred("the use of the sentence for invoice items, without a param")
def not_editable() -> StripeError:
    """400 if a request adds an item to an invoice that is no longer a draft."""
    return StripeError(400, "Invalid invoice: This invoice is no longer editable", code="invoice_not_editable")


@observed("that an amount of metered usage is refused (runs in a sandbox, 2026)")
@inferred("the sentence, and the same for the lines of licensed prices")
def line_of_subscription(path: str) -> StripeError:
    """400 if a request changes the amount of a line that comes from a subscription."""
    return StripeError(400, f"You can't change `{path}` of a line that comes from a subscription.", param=path)


@documented("the rule, in Stripe's OpenAPI")
@inferred("the sentence")
def item_assigned(path: str) -> StripeError:
    """400 if a new line's item does not wait for an invoice."""
    return StripeError(400, "This invoice item is already assigned to an invoice.", param=path)


@observed("the sentence, for the item of a deleted draft")
@inferred("the same for the item of a finalized invoice")
def item_deleted() -> StripeError:
    """400 if a request changes an invoice item whose invoice is no longer a draft."""
    return StripeError(400, "This invoice item has been deleted.")


@documented("the rule: https://docs.stripe.com/api/invoiceitems/delete")
@observed("the sentence")
def item_attached() -> StripeError:
    """400 if a request deletes an invoice item whose invoice is no longer a draft."""
    return StripeError(400, "Can't delete an invoice item that is attached to an invoice that is no longer editable")


@documented("the rule, in Stripe's OpenAPI")
@inferred("the sentence")
def descriptor_without_letter(path: str) -> StripeError:
    """400 if a statement descriptor has no letter."""
    return StripeError(400, "The statement descriptor must contain at least one letter.", param=path)
