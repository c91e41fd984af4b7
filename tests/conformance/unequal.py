"""Where the fake's answers differ from the recorded ones, and why. A missing reason fails, and so does a stale one.

A field that Stripe's later answers have, at whatever version, is not in these tables: what Stripe adds is there in all
versions, and the recordings of 2020 lack it because they are older.
"""

DISCOUNTS = "Coupons and promotion codes are not served."
CONNECT = "It is an application that asks, or that takes a share, which the fake does not know."
OLDER = "What the recordings of 2021 lack of the sentence has been there at all versions since."

CONVERSATIONS = {
    "connect_account/2": "It is about an account that was connected before, which the fake does not know.",
    "connect_destination_charge/1": CONNECT,
    "connect_direct_charge/1": CONNECT,
    "connect_direct_subscription/2": CONNECT,
    "connect_transfer/1": CONNECT,
}
"""Conversations in which more differs than a field."""

FIELDS = {
    "value payment_method.card.three_d_secure_usage.supported": "In 2021 one brand could not be authenticated yet.",
    "null charge.balance_transaction": "What a charge moves is booked a moment later, which was not over yet.",
    "value billing_portal.session.configuration": "It is the default configuration, which each account has its own of.",
    "null invoice.webhooks_delivered_at": "The account had a webhook that had not answered yet.",
    "value error.error.message": OLDER,
    "value checkout.session.branding_settings.display_name": "The account had another name.",
    "value checkout.session.expires_at": "It was created a second before it was stored, and expires a day after that.",
    "value payment_intent.shipping.name": "The recipient's name was replaced when the recordings were published.",
}
"""Differences that any conversation may have: `what object.field`."""

TAKEN_OUT = {
    "application_fee_amount": CONNECT,
    "transfer_data": CONNECT,
}
"""Parameters that are not served, so that the rest of an answer is compared without them."""
