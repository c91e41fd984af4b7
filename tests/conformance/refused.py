"""Parameters of stripe-python that the fake does not take, and why. A missing reason fails, and so does a stale one.

A row is a whole parameter (`POST /v1/customers source`), its path (`subscription_details.pause`), or its last word
(`tax_rates`): the most exact one speaks. Whatever is in this table is answered with 501 `fakestripe_not_served`, unless
its value changes nothing, so that a program which depends on it learns so at once.
"""

TAXES = "Taxes are not calculated: invoices total what was used."
DISCOUNTS = "Newer terms of a single discount, which only previews have: its coupon says when it ends."
MARGINS = "Belongs to Stripe's private preview of margins, which is not served."
CONNECT = "Connect's flows of money are not served; `Stripe-Account` only names another account."
PAYMENTS = "There are no sources, mandates or bank transfers: a payment method is a name that works or fails."
METHODS = "Newer options of payment methods, or none that Stripe shows: nothing is paid with such a method here."
LAYOUT = "Templates of invoices are made in the Dashboard: there are none."
SCHEDULES = "Subscription schedules are not served."
ACCOUNTS_V2 = "Accounts of API v2 as customers are not served."
PRIVATE = "Belongs to Stripe's private previews of pricing plans and rate cards, which are not served."
FIRST_NAMES = "What a subscription took before it had items. No SDK has it any more, and recordings show it accepted."
BEFORE_BASIL = "Only versions before 2025-03-31.basil have it."
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
DESCRIBED_ONLY = {"GET /v1/customers/{}/discount"}
"""In Stripe's description, and in no SDK."""

REFUSED = {
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
    "discount_end": DISCOUNTS,
    "script": "Coupons that a script computes are of previews only.",
    "service_period": "Months of service are of a preview only.",
    "settings": DISCOUNTS,
    "margins": MARGINS,
    "default_margins": MARGINS,
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
    "duration service_period": "Months of service are of a preview only.",
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
    "POST /v1/customers coupon": BEFORE_BASIL,
    "POST /v1/customers promotion_code": BEFORE_BASIL,
    "POST /v1/customers/{} coupon": BEFORE_BASIL,
    "POST /v1/customers/{} promotion_code": BEFORE_BASIL,
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
