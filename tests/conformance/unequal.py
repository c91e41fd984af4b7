"""Where the fake's answers differ from the recorded ones, and why. A missing reason fails, and so does a stale one.

A field that Stripe's later answers have, at whatever version, is not in these tables: what Stripe adds is there in all
versions, and the recordings of 2020 lack it because they are older.
"""

PAYMENTS = "Payments are not served: nothing charges an invoice, and no card asks its owner."
DISCOUNTS = "Coupons and promotion codes are not served."
PAUSES = "Collection cannot be paused."

CONVERSATIONS = {
    "handles_coupons/1": DISCOUNTS,
    "stripe_handles_coupons/1": DISCOUNTS,
    "sync_stripe_invoice_discounts_and_coupons/1": DISCOUNTS,
    "connect_account/2": "It is about an account that was connected before, which the fake does not know.",
    "connect_direct_subscription/2": "It is an application that asks, which the fake does not know.",
    "fails_when_subscribing_with_SCA_card/1": PAYMENTS,
    "stripe_fails_when_subscribing_with_SCA_card/4": PAYMENTS,
    "fails_when_subscribing_with_no_payment_method/1": PAYMENTS,
    "stripe_fails_when_subscribing_with_no_payment_method/1": PAYMENTS,
    "stripe_can_issue_credit_note_for_a_refund_for_Stripe_tax/1": "Credit notes are not served.",
    "stripe_can_pause_and_resume_a_subscription/1": PAUSES,
}
"""Conversations in which more differs than a field."""

FIELDS = {
    "null invoice.charge": PAYMENTS,
    "null invoice.confirmation_secret": PAYMENTS,
    "length invoice.payments.data": PAYMENTS,
    "null invoice.payment_intent": PAYMENTS,
    "type subscription.default_payment_method": PAYMENTS,
    "null invoice.webhooks_delivered_at": "The account had a webhook that had not answered yet.",
}
"""Differences that any conversation may have: `what object.field`."""

TAKEN_OUT = {
    "coupon": DISCOUNTS,
    "discounts": DISCOUNTS,
    "pause_collection": PAUSES,
}
"""Parameters that are not served, so that the rest of an answer is compared without them."""
