"""Fields that releases added to answers: a version for general availability before the release does not have them.

Previews have them all: most were there before they were released.
"""

from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import observed
from fakestripe_meters.versions import checkout_additions
from fakestripe_meters.versions import payment_additions
from fakestripe_meters.versions import portal_additions
from fakestripe_meters.versions import schedule_additions
from fakestripe_meters.versions import setup_additions
from fakestripe_meters.versions.addition import Addition
from fakestripe_meters.versions.change import Tree
from fakestripe_meters.versions.change import VersionChange

__all__ = ["ALL", "AddToFormerValues", "Addition"]


@documented("the SDKs' types of 2026-09-30.endive")
class AddStatusDetails(Addition):
    """Invoices and subscriptions have `status_details`."""

    since = "2026-09-30"
    objects = frozenset({"invoice", "subscription"})
    fields = (("status_details",),)


@documented("https://docs.stripe.com/changelog/endive/2026-09-30/scheduled-subscription-cancellation")
class AddEndsOfPendingUpdates(Addition):
    """A change that waits for a payment may be that the subscription ends with its period."""

    since = "2026-09-30"
    objects = frozenset({"subscription"})
    fields = (("pending_update", "cancel_at_period_end"),)


@documented("the SDKs' types of 2026-09-30.endive")
@observed("recordings of 2026-08-26.dahlia have it, days before endive (Kiln-AI/stripe_world)")
class AddAnchorAfterTrial(Addition):
    """A subscription says what the end of its trial does to the billing cycle."""

    since = "2026-08-26"
    objects = frozenset({"subscription"})
    fields = (("trial_settings", "end_behavior", "billing_cycle_anchor"),)


@documented("the SDKs' types of 2026-09-30.endive")
@observed("recordings of 2026-08-26.dahlia have it, days before endive (Kiln-AI/stripe_world)")
class AddTrialsOfItems(Addition):
    """A subscription item has a trial of its own."""

    since = "2026-08-26"
    objects = frozenset({"subscription_item"})
    fields = (("current_trial",),)


@documented("the SDKs' types of 2026-09-30.endive")
@observed("recordings of 2026-08-26.dahlia have it, days before endive (Kiln-AI/stripe_world)")
class AddInvoicingRules(Addition):
    """An invoice item has `invoicing_rules`."""

    since = "2026-08-26"
    objects = frozenset({"invoiceitem"})
    fields = (("invoicing_rules",),)


@documented("the SDKs' changelogs")
class AddFeedbackOptions(Addition):
    """A canceled subscription names the account's own answer to why it was canceled."""

    since = "2026-08-26"
    objects = frozenset({"subscription"})
    fields = (("cancellation_details", "feedback_option"),)


@documented("the SDKs' changelogs")
class AddFrozenFields(Addition):
    """An invoice item lists what cannot be changed any more."""

    since = "2026-08-26"
    objects = frozenset({"invoiceitem"})
    fields = (("frozen_fields",),)


@documented("the SDKs' changelogs")
class AddInvoiceSettings(Addition):
    """A subscription has the texts of its invoices."""

    since = "2026-06-24"
    objects = frozenset({"subscription"})
    fields = tuple(("invoice_settings", name) for name in ("custom_fields", "description", "footer"))


@documented("the SDKs' changelogs")
class AddAmountPaidOffStripe(Addition):
    """An invoice has what was paid for it outside of Stripe."""

    since = "2026-05-27"
    objects = frozenset({"invoice"})
    fields = (("amount_paid_off_stripe",),)


@documented(
    "https://docs.stripe.com/changelog/dahlia/2026-05-27/pending-subscription-update-metadata and, on the same day, "
    "pending-subscription-updates-discount-and-discounts-properties"
)
class AddMetadataOfPendingUpdates(Addition):
    """A change that waits for a payment has metadata and discounts."""

    since = "2026-05-27"
    objects = frozenset({"subscription"})
    fields = tuple(("pending_update", name) for name in ("discount", "discounts", "metadata"))


@documented("the SDKs' changelogs")
class AddBillingSchedules(Addition):
    """A subscription has `billing_schedules`."""

    since = "2026-05-27"
    objects = frozenset({"subscription"})
    fields = (("billing_schedules",),)


@documented("https://docs.stripe.com/changelog/dahlia/2026-05-27/invoice-item-proration-credited-items")
class AddCreditedItems(Addition):
    """A credit for unused time names what it gives back."""

    since = "2026-05-27"
    objects = frozenset({"invoiceitem"})
    fields = (("proration_details", "credited_items"),)


@observed("recordings have it since May 2026")
class AddManagedPayments(Addition):
    """A subscription says whether Stripe sells in the place of the account."""

    since = "2026-05-27"
    objects = frozenset({"subscription"})
    fields = (("managed_payments",),)


@documented("the SDKs' changelogs")
@observed("recordings of 2025-10-29.clover do not have it, those of 2026-03-25.dahlia do")
class AddDecimalQuantities(Addition):
    """Lines and invoice items have their quantity as a decimal, too."""

    since = "2026-03-25"
    objects = frozenset({"invoiceitem", "line_item"})
    fields = (("quantity_decimal",),)


@documented('Stripe\'s changelog "accounts-v2-v1-api-support"')
@observed("recordings of 2025-10-29.clover do not have it, those since December 2025 do")
class AddCustomerAccounts(Addition):
    """Customers, and what is billed to them, can belong to an account of API v2."""

    since = "2025-12-15"
    objects = frozenset(
        {
            "discount",
            "promotion_code",
            "credit_note",
            "customer",
            "invoice",
            "invoiceitem",
            "subscription",
            "subscription_schedule",
        }
    )
    fields = (("customer_account",),)


@documented('Stripe\'s changelog "invoice-line-item-subtotal"')
@observed("recordings of 2025-10-29.clover do not have it, those of 2026-03-25.dahlia do")
class AddLineSubtotals(Addition):
    """A line has its amount before discounts and taxes."""

    since = "2025-12-15"
    objects = frozenset({"line_item"})
    fields = (("subtotal",),)


@observed("the recordings of pay-rails/pay have it since 2025-10-29.clover, and not up to 2025-02-24.acacia")
class AddProvidersOfTax(Addition):
    """A customer says who calculates the taxes."""

    since = "2025-10-29"
    objects = frozenset({"customer"})
    fields = (("tax", "provider"),)


@documented("the SDKs' changelogs")
class AddNetAmounts(Addition):
    """An invoice item has its amount after discounts, and the discounts of a proration."""

    since = "2025-09-30"
    objects = frozenset({"invoiceitem"})
    fields = (("net_amount",), ("proration_details",))


@documented("the SDKs' changelogs")
class AddTypesOfLinkedRefunds(Addition):
    """A refund of a credit note has a `type`, for it may have been made outside of Stripe."""

    since = "2025-09-30"
    objects = frozenset({"credit_note"})
    fields = (("refunds", "payment_record_refund"), ("refunds", "type"))


@documented('Stripe\'s changelog "billing-mode"')
@observed("no recording of an earlier version has it")
class AddBillingModes(Addition):
    """A subscription has a billing mode."""

    since = "2025-06-30"
    objects = frozenset({"subscription"})
    fields = (("billing_mode",),)


@documented("the SDKs' changelogs")
class AddPartsOfCreditNotes(Addition):
    """A credit note says what it took off an unpaid invoice, and what it gives back."""

    since = "2025-05-28"
    objects = frozenset({"credit_note"})
    fields = (("pre_payment_amount",), ("post_payment_amount",))


@documented("the SDKs' changelogs")
@observed("recordings of 2020-08-27 do not have it, those of 2025-10-29.clover do")
class AddDiscountsOfItems(Addition):
    """A discount may be that of a subscription item."""

    since = "2024-06-20"
    objects = frozenset({"discount"})
    fields = (("subscription_item",),)


OF_BILLING: tuple[Addition, ...] = (
    AddStatusDetails(),
    AddEndsOfPendingUpdates(),
    AddAnchorAfterTrial(),
    AddTrialsOfItems(),
    AddInvoicingRules(),
    AddFeedbackOptions(),
    AddFrozenFields(),
    AddInvoiceSettings(),
    AddAmountPaidOffStripe(),
    AddMetadataOfPendingUpdates(),
    AddBillingSchedules(),
    AddCreditedItems(),
    AddManagedPayments(),
    AddDecimalQuantities(),
    AddCustomerAccounts(),
    AddLineSubtotals(),
    AddProvidersOfTax(),
    AddNetAmounts(),
    AddTypesOfLinkedRefunds(),
    AddBillingModes(),
    AddPartsOfCreditNotes(),
    AddDiscountsOfItems(),
)

ALL = tuple(
    sorted(
        (
            *OF_BILLING,
            *checkout_additions.ALL,
            *payment_additions.ALL,
            *portal_additions.ALL,
            *schedule_additions.ALL,
            *setup_additions.ALL,
        ),
        key=lambda each: each.since,
        reverse=True,
    )
)
"""All of them, newest first."""


class AddToFormerValues(VersionChange):
    """An event's `previous_attributes` have a field only if the version's object has it."""

    objects = frozenset({"event"})

    def __init__(self, additions: tuple[Addition, ...]) -> None:
        self.additions = additions

    def downgrade(self, tree: Tree) -> Tree:
        """Remove the fields that the event's object does not have in this version."""
        data = tree["data"]
        previous = data.get("previous_attributes")
        if not previous:
            return tree
        name = data["object"].get("object")
        for addition in self.additions:
            if name in addition.objects:
                previous = addition.downgrade(previous)
        return tree | {"data": data | {"previous_attributes": previous}}
