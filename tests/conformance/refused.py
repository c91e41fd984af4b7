"""Parameters of stripe-python that the fake does not take, and why. A missing reason fails, and so does a stale one.

A row is a whole parameter (`POST /v1/customers source`), its path (`subscription_details.pause`), or its last word
(`tax_rates`): the most exact one speaks. Whatever is in this table is answered with 501 `fakestripe_not_served`, unless
its value changes nothing, so that a program which depends on it learns so at once.
"""

TAXES = "Taxes are not calculated: invoices total what was used."
DISCOUNTS = "Coupons and promotion codes are not served, so nothing could be discounted."
CONNECT = "Connect's flows of money are not served; `Stripe-Account` only names another account."
PAYMENTS = "There are no sources, mandates or bank transfers: a payment method is a name that works or fails."
METHODS = "Newer options of payment methods, or none that Stripe shows: nothing is paid with such a method here."
LAYOUT = "Templates of invoices are made in the Dashboard: there are none."
SCHEDULES = "Subscription schedules are not served."
ACCOUNTS_V2 = "Accounts of API v2 as customers are not served."
PRIVATE = "Belongs to Stripe's private previews of pricing plans and rate cards, which are not served."
FIRST_NAMES = "What a subscription took before it had items. No SDK has it any more, and recordings show it accepted."
BY_ITSELF = "A balance is applied when an invoice is finalized; by hand only since a preview of November 2026."
NO_MONEY = "No bank takes part: nothing is disputed, paid out, topped up, transferred or reviewed."
BUSINESS = "Names on documents only, and newer than anything that bills."

OPTIONS = "payment_settings.payment_method_options"
PREVIEW_ENDPOINTS = {"GET /v1/billing/analytics/meter_usage"}
"""Ours, and in no general release."""

OLDER_ENDPOINTS = {
    "GET /v1/invoices/upcoming",
    "GET /v1/invoices/upcoming/lines",
    "POST /v1/subscription_items/{}/usage_records",
}
"""Ours at versions before 2025-03-31.basil, whose SDKs had them."""

OTHER_METHODS = "Only cards pay."
OF_CARDS = "What card networks allow is not modelled: a card passes, fails or wants to be authenticated."
LEVEL_3 = "What is sold is not sent to any network."
BY_INTENT = "A payment intent captures its charge, so nothing about the capture is read here."
CASH = "There are no cash balances."

OTHERS = """
acss_debit affirm afterpay_clearpay alipay alma amazon_pay au_becs_debit bacs_debit bancontact billie bizum
blik boleto card_present carecredit cashapp crypto customer_balance eps fpx getflex gift_card giropay gopay
grabpay id_bank_transfer ideal interac_present kakao_pay klarna konbini kr_card link mb_way mobilepay
multibanco naver_pay nz_bank_account oxxo p24 pay_by_bank payco paynow paypal paypay payto pix promptpay qris
rechnung revolut_pay samsung_pay satispay scalapay sepa_debit sequra sezzle shopeepay sofort stripe_balance
sunbit swish twint upi us_bank_account vipps wechat_pay zip
"""
"""Types of payment methods that an intent can have options for."""
CARDS = """
capture_by capture_delay capture_method cvc_token installments mandate_options moto network payment_details
request_card_account_update request_decremental_authorization request_extended_authorization
request_incremental_authorization request_multicapture request_overcapture request_partial_authorization
request_reauthorization require_cvc_recollection setup_credential_usage setup_future_usage
statement_descriptor_suffix_kana statement_descriptor_suffix_kanji statement_details stored_credential_usage
three_d_secure
"""
"""Options of cards."""

INDUSTRIES = """
benefit car_rental car_rental_data event_details fleet_data flight flight_data location lodging lodging_data
money_services subscription
"""
"""What some lines of business say of a payment."""

REFUSED = {
    # Payments by intents
    **{f"payment_method_options.{name}": OTHER_METHODS for name in OTHERS.split()},
    **{f"payment_method_options.card.{name}": OF_CARDS for name in CARDS.split()},
    "allocated_funds": OTHER_METHODS,
    "amount_details": LEVEL_3,
    "amount_to_confirm": OF_CARDS,
    "application_fee": CONNECT,
    "confirmation_token": "Tokens of confirmations are made in browsers.",
    "destination": CONNECT,
    "fx_quote": "A payment is in one currency.",
    "hooks": TAXES,
    "mandate_data": OTHER_METHODS,
    "origin": CASH,
    "payment_attempt_record": PAYMENTS,
    "payment_method_configuration": "What an account takes is switched on in the Dashboard: here it is cards.",
    "payment_method_data": "Make the payment method first, or take the name of a card.",
    "payment_record": PAYMENTS,
    "payments_orchestration": PAYMENTS,
    "radar_options": NO_MONEY,
    "secret_key_confirmation": "The secret key confirms.",
    "POST /v1/charges/{}/capture receipt_email": BY_INTENT,
    "POST /v1/charges/{}/capture statement_descriptor": BY_INTENT,
    "POST /v1/charges/{}/capture statement_descriptor_suffix": BY_INTENT,
    "POST /v1/charges/{}/capture transfer_group": BY_INTENT,
    "POST /v1/charges/{} payment_details": LEVEL_3,
    "POST /v1/charges/{}/capture payment_details": LEVEL_3,
    "POST /v1/charges/{}/refund payment_intent": "The URL names the charge.",
    "POST /v1/charges/{}/refunds payment_intent": "The URL names the charge.",
    "POST /v1/charges/{}/refunds currency": CASH,
    "POST /v1/charges/{}/refunds customer": CASH,
    "POST /v1/refunds currency": CASH,
    "POST /v1/refunds customer": CASH,
    "POST /v1/payment_intents/{}/capture payment_details": LEVEL_3,
    **{f"payment_details.{name}": LEVEL_3 for name in INDUSTRIES.split()},
    # Taxes
    "automatic_tax": TAXES,
    "automatic_tax.liability": TAXES,
    "default_tax_rates": TAXES,
    "tax_rates": TAXES,
    "tax_amounts": TAXES,
    "tax": TAXES,
    "tax_id_data": TAXES,
    "account_tax_ids": TAXES,
    # Discounts
    "discounts": DISCOUNTS,
    "margins": DISCOUNTS,
    "default_margins": DISCOUNTS,
    # Lines
    "product_data": "A product made on the way: create it first, what is billed is the same.",
    # Balances
    "POST /v1/customers/{}/balance_transactions applied_to_invoice": BY_ITSELF,
    "POST /v1/customers/{}/balance_transactions type": BY_ITSELF,
    # Connect
    "on_behalf_of": CONNECT,
    "transfer_data": CONNECT,
    "application_fee_amount": CONNECT,
    "application_fee_percent": CONNECT,
    "issuer": CONNECT,
    # Payments
    "bank_account": PAYMENTS,
    "card": PAYMENTS,
    "default_alipay_account": PAYMENTS,
    "default_bank_account": PAYMENTS,
    "default_card": PAYMENTS,
    "source": PAYMENTS,
    "default_source": PAYMENTS,
    "mandate": PAYMENTS,
    "cash_balance": PAYMENTS,
    "validate": PAYMENTS,
    "amounts_due": PAYMENTS,
    "managed_payments": PAYMENTS,
    "default_mandate": PAYMENTS,
    f"{OPTIONS}.bacs_debit": METHODS,
    f"{OPTIONS}.billie.company_details": METHODS,
    f"{OPTIONS}.billie.reference": METHODS,
    f"{OPTIONS}.bizum": METHODS,
    f"{OPTIONS}.blik": METHODS,
    f"{OPTIONS}.card.installments.plan": METHODS,
    f"{OPTIONS}.check_scan": METHODS,
    f"{OPTIONS}.id_bank_transfer": METHODS,
    f"{OPTIONS}.us_bank_account.financial_connections.filters.institution": METHODS,
    f"{OPTIONS}.wechat_pay": METHODS,
    # Documents
    "template": LAYOUT,
    "template_version": LAYOUT,
    "shipping_cost": "Shipping is not billed.",
    # Customers
    "customer_account": ACCOUNTS_V2,
    "customer_details.tax": TAXES,
    "customer_details.tax_ids": TAXES,
    # Invoices
    "from_invoice": "Revisions of invoices are not served.",
    "invoicing_rules": "Newer than anything that bills here.",
    # Subscriptions
    "schedule": SCHEDULES,
    "schedule_details": SCHEDULES,
    "billing_schedules": "Billing ahead in pieces of its own is not served.",
    "current_trial": "Trials belong to subscriptions here, not to items.",
    "trial": "Trials belong to subscriptions here, not to items.",
    "pause_collection": "Collection cannot be paused.",
    "prebilling": "Billing ahead is not served.",
    "cancellation_details.feedback_option": "Newer than `feedback`, which is taken.",
    "trial_settings.end_behavior.billing_cycle_anchor": "The end of a trial starts a new cycle.",
    "billing_cycle_anchor.timestamp": "Give `billing_cycle_anchor` as an instant.",
    "subscription_details.pause": "Subscriptions cannot be paused.",
    "subscription_details.resume_at": "Subscriptions cannot be paused.",
    # Events
    "amazon_eventbridge": "Events are delivered by HTTP only.",
    "azure_event_grid": "Events are delivered by HTTP only.",
    # Previews
    "billing_cadence": PRIVATE,
    "billable_items": PRIVATE,
    "rate_cards": PRIVATE,
    "custom_pricing_unit": PRIVATE,
    "pricing_token": PRIVATE,
    "spend_threshold": PRIVATE,
    "external_reference": PRIVATE,
    "migrate_to": PRIVATE,
    "identifiers": PRIVATE,
    "include": "What could be included is shown always.",
}

FEWER = {
    "alert_type spend_threshold": PRIVATE,
    "credit_balance_threshold.filters[].type tenant": PRIVATE,
    "credit_balance_threshold.lte.balance_type custom_pricing_unit": PRIVATE,
    "amount.type custom_pricing_unit": PRIVATE,
    f"{OPTIONS}.us_bank_account.financial_connections.prefetch[] inferred_balances": METHODS,
    "billing_cycle_anchor now,unchanged": "Only older versions take a word.",
    "subscription_details.billing_cycle_anchor now,unchanged": "Only older versions take a word.",
    "subscription_details.billing_cycle_anchor int": "Only older versions take a time by itself.",
    "billing_cycle_anchor.type timestamp": "Give `billing_cycle_anchor` as an instant.",
}
"""Parameters that take less than the SDK declares, what they do not take, and why."""

DEMANDED = {
    "customer": "The SDK leaves it open because of `customer_account`, which is not served.",
    "POST /v1/billing/meter_event_adjustments cancel": "`cancel` is the one type there is, and needs it.",
    "POST /v1/billing/meter_event_adjustments cancel.identifier": "Nothing could be cancelled without.",
    "pricing.price": "It is all that `pricing` can hold.",
    "lines[].pricing.price": "It is all that `pricing` can hold.",
}
"""Parameters that the SDK does not require and we do, and why."""

WAIVED = {
    "trial_settings.end_behavior.missing_payment_method": "Newer releases do not require it.",
}
"""Parameters that a release requires and we do not, and why."""

ACCEPTED = {
    "expand": "Every operation of v1 takes `expand`; the SDK does not type it where an object is deleted.",
    "default_price_data.recurring.meter": "As in the prices' own parameters.",
    "default_price_data.recurring.trial_period_days": "As in the prices' own parameters.",
    "default_price_data.recurring.usage_type": "As in the prices' own parameters.",
    "page": "The v2 lists' `next_page_url` carries it; the SDK follows that without typing it.",
    "tenant_payload_keys": "Documented in the guides of the private preview.",
    "POST /v1/subscription_items off_session": "As in the subscriptions' own parameters.",
    "POST /v1/subscriptions plan": FIRST_NAMES,
    "POST /v1/subscriptions quantity": FIRST_NAMES,
    "POST /v1/subscriptions/{} plan": FIRST_NAMES,
    "POST /v1/subscriptions/{} quantity": FIRST_NAMES,
}
"""Parameters of ours that no SDK declares."""

UNSERVED = {
    "accounts": "A connected account is opened by the first request that names it, and nothing about it can be set.",
    "discount": DISCOUNTS,
    "sources": PAYMENTS,
    "payment_methods": PAYMENTS,
    "cash_balance": PAYMENTS,
    "cash_balance_transactions": PAYMENTS,
    "balance_transactions": PAYMENTS,
    "funding_instructions": PAYMENTS,
    "attach_payment": PAYMENTS,
    "detach_payment": PAYMENTS,
    "disputes": NO_MONEY,
    "payouts": NO_MONEY,
    "topups": NO_MONEY,
    "transfers": NO_MONEY,
    "application_fees": CONNECT,
    "reviews": NO_MONEY,
    "radar": NO_MONEY,
    "tax_ids": TAXES,
    "tax_exemptions": TAXES,
    "amount_details_line_items": LEVEL_3,
    "apply_customer_balance": CASH,
    "increment_authorization": OF_CARDS,
    "decrement_authorization": OF_CARDS,
    "reauthorize": OF_CARDS,
    "update_crypto_refund_address": OTHER_METHODS,
    "verify_microdeposits": OTHER_METHODS,
    "notifications": "Alerts tell by the event `billing.alert.triggered`.",
    "features": "Entitlements are not served.",
    "migrate": "A subscription keeps the billing mode that it began with.",
    "pause": "Subscriptions cannot be paused.",
    "resume": "Subscriptions cannot be paused.",
    "attach_cadence": PRIVATE,
    "detach_cadence": PRIVATE,
}
"""Endpoints beside ours that are not there, by a word of their path. They are answered with 404, like any such URL."""


def matches(row: str, parameter: str) -> bool:
    """Whether a row speaks of a parameter."""
    path = parameter.rpartition(" ")[2]
    return row in (parameter, path, path.rpartition(".")[2])


def reason(parameter: str) -> str | None:
    """Why a parameter is refused."""
    return most_exact(REFUSED, parameter)


def fewer_reason(parameter: str, lack: str) -> str | None:
    """Why a parameter takes less; `lack` is what it does not take."""
    return FEWER.get(f"{parameter.rpartition(' ')[2]} {lack}")


def demanded_reason(parameter: str) -> str | None:
    """Why a parameter is required that need not be."""
    return most_exact(DEMANDED, parameter)


def accepted_reason(parameter: str) -> str | None:
    """Why a parameter is taken that no SDK declares; what is below it goes with it."""
    path = parameter.rpartition(" ")[2]
    name = path.partition("[")[0]
    return most_exact(ACCEPTED, parameter) or ACCEPTED.get(name)


def most_exact(table: dict[str, str], parameter: str) -> str | None:
    """The reason in the row that speaks of a parameter most exactly."""
    path = parameter.rpartition(" ")[2]
    return next((table[row] for row in (parameter, path, path.rpartition(".")[2]) if row in table), None)
