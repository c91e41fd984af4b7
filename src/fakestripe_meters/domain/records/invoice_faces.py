"""How an invoice is shown, in groups of fields: who pays, what is to be paid, how it goes on, and so on."""

from typing import TYPE_CHECKING

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.ids import tail
from fakestripe_meters.core.sources import documented
from fakestripe_meters.domain.records import layouts
from fakestripe_meters.domain.records import tax_rates
from fakestripe_meters.wire.tree import Tree

if TYPE_CHECKING:
    from fakestripe_meters.domain.records.invoices import Invoice

# inferred: any name would do.
ACCOUNT_NAME = "Fakestripe"
"""The name of the account on its invoices."""


def seller() -> Tree:
    """Return whose invoice it is."""
    return {"account_country": "US", "account_name": ACCOUNT_NAME, "account_tax_ids": None}


def amounts(invoice: "Invoice", due: int) -> Tree:
    """Return what is to be paid and what is paid."""
    return {
        "amount_due": due,
        "amount_overpaid": invoice.amount_overpaid,
        "amount_paid": invoice.amount_paid,
        "amount_paid_off_stripe": invoice.amount_paid_off_stripe or 0,
        "amount_remaining": due - invoice.amount_paid,
        "amount_shipping": 0,
    }


def progress(invoice: "Invoice") -> Tree:
    """Return why and when it was made, and how it goes on."""
    return {
        "application": None,
        "attempt_count": invoice.attempt_count,
        "attempted": invoice.attempted,
        "auto_advance": invoice.auto_advance,
        "automatic_tax": {
            "disabled_reason": None,
            "enabled": False,
            "liability": None,
            "provider": None,
            "status": None,
        },
        "automatically_finalizes_at": invoice.automatically_finalizes_at,
        "billing_reason": invoice.billing_reason,
        "collection_method": invoice.collection_method,
        "created": invoice.created,
        "currency": invoice.currency,
    }


def payer(invoice: "Invoice") -> Tree:
    """Return what it says of its customer."""
    recipient = invoice.recipient
    return {
        "custom_fields": layouts.render_custom_fields(invoice.layout),
        "customer": invoice.customer,
        "customer_account": None,
        "customer_address": recipient.address,
        "customer_email": recipient.email,
        "customer_name": recipient.name,
        "customer_phone": recipient.phone,
        "customer_shipping": recipient.shipping,
        "customer_tax_exempt": recipient.tax_exempt,
        "customer_tax_ids": [],
    }


def terms(account: Account, invoice: "Invoice") -> Tree:
    """Return what it says of its payment, taxes and discounts, and where it can be seen."""
    shown = (None, None) if invoice.finalized_at is None else _addresses(account, invoice)
    return {
        "default_payment_method": invoice.default_payment_method,
        "default_source": None,
        "default_tax_rates": tax_rates.render_all(account, invoice.default_tax_rates),
        "description": invoice.description,
        "discounts": list(invoice.discounts),
        "due_date": invoice.due_date,
        "effective_at": invoice.effective_at,
        "ending_balance": invoice.ending_balance,
        "footer": invoice.footer,
        "from_invoice": None,
        "hosted_invoice_url": shown[0],
        "invoice_pdf": shown[1],
        "issuer": {"type": "self"},
        "last_finalization_error": None,
        "latest_revision": None,
    }


def _addresses(account: Account, invoice: "Invoice") -> tuple[str, str]:
    """Return where a browser finds the invoice and its PDF: pages of the fake's server, if one listens."""
    page = account.site.link(f"page/invoices/{invoice.id}")
    if page is not None:
        return page, f"{page}/pdf"
    link = f"{account.id}/test_{tail(invoice.id, 48)}"
    return f"https://invoice.stripe.com/i/{link}?s=ap", f"https://pay.stripe.com/invoice/{link}/pdf?s=ap"


def origin(invoice: "Invoice") -> Tree:
    """Return what it is called, what it is for, and for which time."""
    return {
        "livemode": False,
        "metadata": dict(invoice.metadata),
        "next_payment_attempt": _next_attempt(invoice),
        "number": invoice.number,
        "on_behalf_of": None,
        "parent": _parent(invoice),
        "payment_settings": {
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": None,
            **invoice.payment_settings,
        },
        "period_end": invoice.period_end,
        "period_start": invoice.period_start,
    }


def standing(invoice: "Invoice") -> Tree:
    """Return how it stands: what was credited, and what it has become."""
    return {
        "post_payment_credit_notes_amount": invoice.credited_after,
        "pre_payment_credit_notes_amount": invoice.credited_before,
        "receipt_number": None,
        "rendering": layouts.render(invoice.layout, invoice.billing_reason, invoice.status),
        "shipping_cost": None,
        "shipping_details": invoice.shipping_details,
        "starting_balance": invoice.starting_balance,
        "statement_descriptor": invoice.statement_descriptor,
        "status": invoice.status,
        "status_details": _details(invoice),
        "status_transitions": {
            "finalized_at": invoice.finalized_at,
            "marked_uncollectible_at": invoice.marked_uncollectible_at,
            "paid_at": invoice.paid_at,
            "voided_at": invoice.voided_at,
        },
    }


@documented("https://docs.stripe.com/changelog/endive/2026-09-30/invoice-uncollectible-status-detail")
def _details(invoice: "Invoice") -> Tree | None:
    """Return why an invoice is uncollectible."""
    if invoice.status != "uncollectible" or invoice.uncollectible_because is None:
        return None
    return {"uncollectible": {"reason": invoice.uncollectible_because}}


def _next_attempt(invoice: "Invoice") -> int | None:
    """Return when the payment will be tried, in Unix seconds; None if it will not."""
    if invoice.collection_method == "send_invoice" or not invoice.auto_advance:
        return None
    return {"draft": invoice.automatically_finalizes_at, "open": invoice.next_attempt}.get(invoice.status)


def _parent(invoice: "Invoice") -> Tree | None:
    if invoice.subscription is None:
        return None
    details: Tree = {
        "metadata": dict(invoice.subscription_metadata),
        "subscription": invoice.subscription,
        **({} if invoice.prorated_at is None else {"subscription_proration_date": invoice.prorated_at}),
    }
    return {"quote_details": None, "subscription_details": details, "type": "subscription_details"}
