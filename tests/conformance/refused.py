"""Parameters of stripe-python that the fake does not take, and why. A missing reason fails, and so does a stale one.

A row is a whole parameter (`POST /v1/customers source`), its path (`subscription_details.pause`), or its last word
(`tax_rates`): the most exact one speaks. Whatever is in this table is answered with 501 `fakestripe_not_served`, unless
its value changes nothing, so that a program which depends on it learns so at once.
"""

TAXES = "Taxes are those of tax rates: none are calculated by place, and nobody's tax id is kept."
DISCOUNTS = "Margins are a preview that is not served; coupons are."
CONNECT = "Connect's flows of money are not served; `Stripe-Account` only names another account."
PAYMENTS = "There are no sources, mandates or bank transfers: what pays is a card of the test mode."
PORTAL = "Nobody logs in to the portal by email, and nobody pauses there: both came with 2026-09-30.endive."
CARDS_ONLY = "Of payment methods there are only cards."
DETAILS = "What is bought is only said to the network, and does not change what is paid."
PARTNERS = "Newer ways to pay through partners, or to be asked before a payment, which change who is paid."
PLAIN_CHARGE = "A charge without a payment intent takes what programs of old send: more is better put on an intent."
METHODS = "Newer options of payment methods, or none that Stripe shows: nothing is paid with such a method here."
LAYOUT = "Templates of invoices are made in the Dashboard: there are none."
SCHEDULES = "Previews of subscription schedules are not served."
PHASES = "Of what a phase can say of its subscription, newer releases have more."
ACCOUNTS_V2 = "Accounts of API v2 as customers are not served."
PRIVATE = "Belongs to Stripe's private previews of pricing plans and rate cards, which are not served."
FIRST_NAMES = "What a subscription took before it had items. No SDK has it any more, and recordings show it accepted."
BY_ITSELF = "A balance is applied when an invoice is finalized; by hand only since a preview of November 2026."
NO_MONEY = "No bank takes part: nothing is disputed, paid out, topped up, transferred or reviewed."
BUSINESS = "Names on documents only, and newer than anything that bills."

SHIPPING = "Shipping is not billed."
PERMITTED = "In a preview: what the customer or the server may change of a session that is open."
IN_LINK = "What a link sells, and what is said of its payments, stays: make another link."
IN_SESSION = "Only lines and metadata of an open session are changed here."

OPTIONS = "payment_settings.payment_method_options"
PREVIEW_ENDPOINTS = {"GET /v1/billing/analytics/meter_usage"}
"""Ours, and in no general release."""

NEWER_ENDPOINTS = {"POST /v1/subscriptions/{}/pause"}
"""Ours, and newer than Stripe's description."""

OLDER_ENDPOINTS = {
    "GET /v1/invoices/upcoming",
    "GET /v1/invoices/upcoming/lines",
    "POST /v1/subscription_items/{}/usage_records",
}
"""Ours at versions before 2025-03-31.basil, whose SDKs had them."""

UNDOCUMENTED = {
    "GET /v1/data_management/import_sets/{}",
    "GET /v1/files/{}/contents",
    "GET /v1/payment_pages/{}",
    "POST /v1/payment_pages/{}/confirm",
    "POST /v1/payment_pages/{}/init",
}
"""Ours, which Stripe has, and describes neither in OpenAPI nor in an SDK."""

WITHOUT_SDK = {
    "GET /v1/charges/{}/refunds",
    "GET /v1/charges/{}/refunds/{}",
    "GET /v1/customers/{}/discount",
    "POST /v1/charges/{}/refund",
    "POST /v1/charges/{}/refunds",
    "POST /v1/charges/{}/refunds/{}",
}
"""Ours, which Stripe's description has and no SDK any more."""

REFUSED = {
    # Taxes
    "automatic_tax": TAXES,
    "automatic_tax.liability": TAXES,
    "tax_amounts": TAXES,
    "tax": TAXES,
    "tax_id_data": TAXES,
    "account_tax_ids": TAXES,
    # Discounts
    "discount_end": "When a discount ends is said by its coupon; a preview says it of the discount.",
    "settings": "Only of discounts in a preview.",
    "POST /v1/coupons script": "Scripts, a preview, that compute a discount.",
    "POST /v1/coupons service_period": "A period of service, in a preview, that a discount counts by.",
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
    "liability": TAXES,
    # Schedules
    "pause_schedules": "Pauses that are planned ahead are not served.",
    "POST /v1/subscription_schedules billing_behavior": PHASES,
    "POST /v1/subscription_schedules/{} billing_behavior": PHASES,
    "effective_at": PHASES,
    "phase_effective_at": PHASES,
    "phases[].pause_collection": PHASES,
    "phases[].trial_settings": PHASES,
    "trial_continuation": PHASES,
    "trial_offer": PHASES,
    # The portal
    "after_expiration": PORTAL,
    "features.subscription_pause.duration": PORTAL,
    "flow_data.subscription_pause": PORTAL,
    "feedback_options": "The account has no answers of its own to offer to a customer who cancels.",
    "retention": "The portal offers no coupon to a customer who cancels.",
    # Payments
    "bank_account": PAYMENTS,
    "card": PAYMENTS,
    "default_alipay_account": PAYMENTS,
    "default_bank_account": PAYMENTS,
    "default_card": PAYMENTS,
    "source": PAYMENTS,
    "mandate": PAYMENTS,
    "mandate_data": PAYMENTS,
    "alipay_account": PAYMENTS,
    "POST /v1/customers/{}/sources metadata": PAYMENTS,
    "confirmation_token": "A browser makes them, with what the customer typed.",
    "payment_method_data": "Create the payment method first: what is paid is the same.",
    "payment_method_configuration": "There is one configuration: cards.",
    "payment_method_options.*": CARDS_ONLY,
    "payment_details": DETAILS,
    "payment_details.*": DETAILS,
    "amount_details": DETAILS,
    "hooks": DETAILS,
    "radar_options": "Nothing judges the risk of a payment.",
    "attach_to_self": CONNECT,
    "single_use": CARDS_ONLY,
    "setup_details": DETAILS,
    "amount_to_confirm": PARTNERS,
    "allocated_funds": PARTNERS,
    "fx_quote": PARTNERS,
    "payments_orchestration": PARTNERS,
    "secret_key_confirmation": PARTNERS,
    "payment_record": "Payments outside of Stripe are not recorded.",
    "payment_record_data": "Payments outside of Stripe are not recorded.",
    "payment_record_refund": "Payments outside of Stripe are not recorded.",
    "payment_attempt_record": "Payments outside of Stripe are not recorded.",
    "amount_requested": "An attached payment pays what it can.",
    "POST /v1/payment_methods payment_method": CONNECT,
    "POST /v1/payment_methods *": CARDS_ONLY,
    "POST /v1/payment_methods/{} custom": CARDS_ONLY,
    "POST /v1/payment_methods/{} payto": CARDS_ONLY,
    "POST /v1/payment_methods/{} us_bank_account": CARDS_ONLY,
    "POST /v1/charges application_fee": CONNECT,
    "POST /v1/charges destination": CONNECT,
    "POST /v1/charges metadata": PLAIN_CHARGE,
    "POST /v1/charges receipt_email": PLAIN_CHARGE,
    "POST /v1/charges shipping": PLAIN_CHARGE,
    "POST /v1/charges statement_descriptor": PLAIN_CHARGE,
    "POST /v1/charges statement_descriptor_suffix": PLAIN_CHARGE,
    "POST /v1/charges transfer_group": PLAIN_CHARGE,
    "POST /v1/charges/{}/capture application_fee": CONNECT,
    "POST /v1/charges/{}/capture receipt_email": PLAIN_CHARGE,
    "POST /v1/charges/{}/capture statement_descriptor": PLAIN_CHARGE,
    "POST /v1/charges/{}/capture statement_descriptor_suffix": PLAIN_CHARGE,
    "POST /v1/charges/{}/capture transfer_group": PLAIN_CHARGE,
    "POST /v1/charges/{}/refund payment_intent": "The URL says what is refunded.",
    "POST /v1/charges/{}/refunds payment_intent": "The URL says what is refunded.",
    "POST /v1/charges/{}/refunds currency": PAYMENTS,
    "POST /v1/charges/{}/refunds customer": PAYMENTS,
    "origin": PAYMENTS,
    "POST /v1/refunds currency": PAYMENTS,
    "POST /v1/refunds customer": PAYMENTS,
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
    "shipping_cost": SHIPPING,
    "shipping_options": SHIPPING,
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
    "prebilling": "Billing ahead is not served.",
    "cancellation_details.feedback_option": "Newer than `feedback`, which is taken.",
    "trial_settings.end_behavior.billing_cycle_anchor": "The end of a trial starts a new cycle.",
    "billing_cycle_anchor.timestamp": "Give `billing_cycle_anchor` as an instant.",
    "subscription_details.pause": "A pause is not previewed.",
    "subscription_details.resume_at": "A resumption is not previewed.",
    # Checkout
    "POST /v1/checkout/sessions approval_method": "In a private preview: the server approves what the customer pays.",
    "POST /v1/checkout/sessions automatic_surcharge": "In a private preview: cards may cost more.",
    "automatic_tax.address_collection_precision": TAXES,
    "POST /v1/checkout/sessions checkout_items": PRIVATE,
    "POST /v1/checkout/sessions custom_payment_method_types": CARDS_ONLY,
    "POST /v1/checkout/sessions items": PRIVATE,
    "POST /v1/checkout/sessions marketing_attributions": "In a private preview: where the customer comes from.",
    "POST /v1/checkout/sessions payment_settings": PARTNERS,
    "coupon_data": "In a preview: a coupon that is made on the way. Create it first.",
    "permissions.*": PERMITTED,
    "saved_payment_method_options.payment_method_preselect": "In a preview: nothing is preselected.",
    "subscription_data.trial_settings.end_behavior.billing_cycle_anchor": "The end of a trial starts a new cycle.",
    "POST /v1/checkout/sessions/{} collected_information": IN_SESSION,
    "POST /v1/checkout/sessions/{} discounts": IN_SESSION,
    "POST /v1/checkout/sessions/{} invoice_creation": IN_SESSION,
    "POST /v1/checkout/sessions/{} payment_intent_data": IN_SESSION,
    "POST /v1/checkout/sessions/{} subscription_data": IN_SESSION,
    # Payment links
    "POST /v1/payment_links automatic_surcharge": "In a private preview: cards may cost more.",
    "POST /v1/payment_links line_items[].price_data": "A link sells prices that are there: create the price first.",
    "POST /v1/payment_links payment_method_options": CARDS_ONLY,
    "POST /v1/payment_links payment_method_types": CARDS_ONLY,
    "POST /v1/payment_links subscription_data.invoice_settings": CONNECT,
    "POST /v1/payment_links/{} line_items": IN_LINK,
    "POST /v1/payment_links/{} optional_items": IN_LINK,
    "POST /v1/payment_links/{} payment_intent_data": IN_LINK,
    "POST /v1/payment_links/{} payment_method_options": CARDS_ONLY,
    "POST /v1/payment_links/{} payment_method_types": CARDS_ONLY,
    "POST /v1/payment_links/{} subscription_data.invoice_settings": CONNECT,
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

NEWER_TAXES = "Newer than Stripe's description of the answers."
FEWER = {
    "tax_type digital_excise_tax,utility_users_tax": NEWER_TAXES,
    "tax_type admissions_tax,attendance_tax,digital_excise_tax,entertainment_tax,get_fund,gross_receipts_tax,"
    "hospitality_tax,luxury_tax,nhil,resort_tax,tourism_tax,utility_users_tax": NEWER_TAXES,
    "duration service_period": "A period of service, in a preview, that a discount counts by.",
    "alert_type spend_threshold": PRIVATE,
    "credit_balance_threshold.filters[].type tenant": PRIVATE,
    "credit_balance_threshold.lte.balance_type custom_pricing_unit": PRIVATE,
    "amount.type custom_pricing_unit": PRIVATE,
    f"{OPTIONS}.us_bank_account.financial_connections.prefetch[] inferred_balances": METHODS,
    "billing_cycle_anchor now,unchanged": "Only older versions take a word.",
    "subscription_details.billing_cycle_anchor now,unchanged": "Only older versions take a word.",
    "subscription_details.billing_cycle_anchor int": "Only older versions take a time by itself.",
    "payment_method_collection auto": "In a preview.",
    'subscription_data.invoice_settings.custom_fields ""': "A new subscription has none to take away.",
    "billing_cycle_anchor.type timestamp": "Give `billing_cycle_anchor` as an instant.",
}
"""Parameters that take less than the SDK declares, what they do not take, and why."""

DEMANDED = {
    "POST /v1/charges amount": "The SDK leaves it open; nothing else says what to charge.",
    "POST /v1/charges currency": "The SDK leaves it open; nothing else says in which currency.",
    "POST /v1/checkout/sessions mode": "The SDK leaves it open; nothing else says what the session is for.",
    "POST /v1/customers/{}/sources source": "The SDK leaves it open; nothing else says what to add.",
    "customer": "The SDK leaves it open because of `customer_account`, which is not served.",
    "POST /v1/billing/meter_event_adjustments cancel": "`cancel` is the one type there is, and needs it.",
    "POST /v1/billing/meter_event_adjustments cancel.identifier": "Nothing could be cancelled without.",
    "pricing.price": "It is all that `pricing` can hold.",
    "lines[].pricing.price": "It is all that `pricing` can hold.",
}
"""Parameters that the SDK does not require and we do, and why."""

WAIVED = {
    "POST /v1/payment_methods card.exp_month": "A card is one of the test mode's, by its token.",
    "POST /v1/payment_methods card.exp_year": "A card is one of the test mode's, by its token.",
    "POST /v1/payment_methods card.number": "A card is one of the test mode's, by its token.",
    "POST /v1/payment_methods card.token": "Whether it is a token or a number, is asked later.",
    "payment_intent_data.shipping.address.line1": "As in a payment intent's own parameters.",
    "subscription_data.trial_settings.end_behavior.missing_payment_method": "As in a subscription's own parameters.",
    "trial_settings.end_behavior.missing_payment_method": "Newer releases do not require it.",
}
"""Parameters that a release requires and we do not, and why."""

ACCEPTED = {
    "POST /v1/customers coupon": "Until 2025-03-31, customers had discounts.",
    "POST /v1/customers promotion_code": "Until 2025-03-31, customers had discounts.",
    "POST /v1/customers/{} coupon": "Until 2025-03-31, customers had discounts.",
    "POST /v1/customers/{} promotion_code": "Until 2025-03-31, customers had discounts.",
    "expand": "Every operation of v1 takes `expand`; the SDK does not type it where an object is deleted.",
    "default_price_data.recurring.meter": "As in the prices' own parameters.",
    "default_price_data.recurring.trial_period_days": "As in the prices' own parameters.",
    "default_price_data.recurring.usage_type": "As in the prices' own parameters.",
    "page": "The v2 lists' `next_page_url` carries it; the SDK follows that without typing it.",
    "tenant_payload_keys": "Documented in the guides of the private preview.",
    "POST /v1/subscription_items off_session": "As in the subscriptions' own parameters.",
    "phases[].iterations": "Until 2025-09-30, how long a phase lasts.",
    "POST /v1/subscriptions plan": FIRST_NAMES,
    "POST /v1/subscriptions quantity": FIRST_NAMES,
    "POST /v1/subscriptions/{} plan": FIRST_NAMES,
    "POST /v1/subscriptions/{} quantity": FIRST_NAMES,
}
"""Parameters of ours that no SDK declares."""

UNSERVED = {
    "files": "There are only the files that an import of usage has made.",
    "amend": "A preview of changes at several times at once.",
    "accounts": "A connected account is opened by the first request that names it, and nothing about it can be set.",
    "discount": DISCOUNTS,
    "sources": PAYMENTS,
    "amount_details_line_items": DETAILS,
    "apply_customer_balance": PAYMENTS,
    "increment_authorization": PARTNERS,
    "decrement_authorization": PARTNERS,
    "reauthorize": PARTNERS,
    "update_crypto_refund_address": CARDS_ONLY,
    "verify_microdeposits": CARDS_ONLY,
    "check_balance": CARDS_ONLY,
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
    "approve": "In a private preview: the server approves what the customer pays.",
    "attach_cadence": PRIVATE,
    "detach_cadence": PRIVATE,
}
"""Endpoints beside ours that are not there, by a word of their path. They are answered with 404, like any such URL."""


def matches(row: str, parameter: str) -> bool:
    """Whether a row speaks of a parameter: `options.*` of all that is below, `POST /v1/x *` of all that is sent."""
    path = parameter.rpartition(" ")[2]
    below = row.endswith(".*") and f".{path}".find(f".{row[:-1]}") >= 0
    return below or row in (parameter, path, path.rpartition(".")[2]) or row == f"{parameter.rpartition(' ')[0]} *"


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
    exact = (row for row in (parameter, path, path.rpartition(".")[2]) if row in table)
    wide = (row for row in table if row.endswith("*") and matches(row, parameter))
    return next((table[row] for row in (*exact, *wide)), None)
