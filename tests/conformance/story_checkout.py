"""The part of the story that is about Checkout: sessions of each mode, with all that they show."""

from typing import Any

BACK = "https://example.com/back?session={CHECKOUT_SESSION_ID}"
HOUR = 3_600
SESSIONS = "/v1/checkout/sessions"
FIELDS = [
    {
        "key": "size",
        "label": {"type": "custom", "custom": "Size"},
        "type": "dropdown",
        "dropdown": {"options": [{"label": "Small", "value": "s"}], "default_value": "s"},
    },
    {
        "key": "age",
        "label": {"type": "custom", "custom": "Age"},
        "type": "numeric",
        "optional": "true",
        "numeric": {"minimum_length": 1, "maximum_length": 3},
    },
    {"key": "word", "label": {"type": "custom", "custom": "Word"}, "type": "text", "text": {"default_value": "a"}},
]
LINKS = "/v1/payment_links"
SHOWN = {
    "adaptive_pricing": {"enabled": "false"},
    "after_expiration": {"recovery": {"enabled": "true", "allow_promotion_codes": "true"}},
    "billing_address_collection": "required",
    "branding_settings": {"display_name": "Tokens Ltd", "border_style": "pill"},
    "client_reference_id": "user 1",
    "consent_collection": {
        "promotions": "none",
        "terms_of_service": "none",
        "payment_method_reuse_agreement": {"position": "auto"},
    },
    "custom_fields": FIELDS,
    "custom_text": {"submit": {"message": "Nearly there"}},
    "excluded_payment_method_types": ["alipay"],
    "integration_identifier": "app",
    "locale": "de",
    "managed_payments": {"enabled": "false"},
    "metadata": {"a": "b"},
    "name_collection": {"business": {"enabled": "true"}, "individual": {"enabled": "true", "optional": "true"}},
    "origin_context": "web",
    "permissions": {"update_shipping_details": "server_only"},
    "phone_number_collection": {"enabled": "true"},
    "saved_payment_method_options": {"payment_method_save": "enabled"},
    "shipping_address_collection": {"allowed_countries": ["DE", "FR"]},
    "submit_type": "auto",
    "tax_id_collection": {"enabled": "true"},
    "wallet_options": {"link": {"display": "never"}},
}

LINKED = (
    "billing_address_collection",
    "consent_collection",
    "custom_fields",
    "custom_text",
    "name_collection",
    "phone_number_collection",
    "shipping_address_collection",
    "submit_type",
    "tax_id_collection",
)
"""What links have as well."""


def sessions(teller: Any, now: int) -> None:  # noqa: ANN401  a teller of the story
    """A subscription that is changed and given up, one in a page of the app, a payment, and a set-up."""
    customer = teller.post("/v1/customers", email="ada@example.com")["id"]
    seat, setup = (_price(teller, each) for each in ({"recurring": {"interval": "month"}}, {}))
    coupon = teller.post("/v1/coupons", percent_off=10, duration="once")["id"]
    rate = teller.post("/v1/tax_rates", display_name="VAT", inclusive="false", percentage="19")["id"]
    adjusted = {"enabled": "true", "minimum": 1, "maximum": 9}
    lines = [
        {"price": seat, "quantity": 2, "adjustable_quantity": adjusted, "tax_rates": [rate], "metadata": {"a": "b"}},
        {"price": setup, "quantity": 1},
    ]
    session = teller.post(
        SESSIONS,
        mode="subscription",
        customer=customer,
        customer_update={"address": "auto", "name": "auto"},
        line_items=lines,
        optional_items=[{"price": setup, "quantity": 1, "adjustable_quantity": adjusted}],
        discounts=[{"coupon": coupon}],
        success_url=BACK,
        cancel_url=BACK,
        expires_at=now + HOUR,
        payment_method_collection="if_required",
        payment_method_options={"card": {"request_three_d_secure": "any"}},
        subscription_data={
            "description": "Tokens",
            "metadata": {"a": "b"},
            "trial_period_days": 14,
            "trial_settings": {"end_behavior": {"missing_payment_method": "cancel"}},
        },
        **SHOWN,
    )
    path = f"{SESSIONS}/{session['id']}"
    kept = teller.get(f"{path}/line_items")["data"][0]["id"]
    support = {"currency": "usd", "unit_amount": 900, "recurring": {"interval": "month"}}
    support |= {"product_data": {"name": "Support", "description": "By mail"}}
    changed = [{"price_data": support, "quantity": 1}, {"id": kept, "quantity": 3}]
    teller.post(path, line_items=changed, metadata={"c": "d"})
    teller.get(path, expand=["line_items.data.taxes", "customer", "discounts.coupon"])
    teller.get(SESSIONS, customer=customer, status="open", created={"gte": 0}, limit=1)
    teller.post(f"{path}/expire")
    teller.post(SESSIONS, mode="setup", currency="usd", success_url=BACK, setup_intent_data={"description": "later"})
    described = {"currency": "usd", "unit_amount": 900, "product_data": {"name": "Cap", "images": ["https://a.b/c"]}}
    teller.post(
        SESSIONS,
        mode="payment",
        customer_email="ada@example.com",
        customer_creation="always",
        line_items=[{"price_data": described, "quantity": 1}],
        allow_promotion_codes="true",
        success_url=BACK,
        payment_intent_data={"description": "Cap", "setup_future_usage": "off_session"},
        invoice_creation={
            "enabled": "true",
            "invoice_data": {"custom_fields": [{"name": "Order", "value": "7"}], "footer": "Thanks"},
        },
    )


def links(teller: Any) -> None:  # noqa: ANN401  a teller of the story
    """A link to a subscription that is changed and switched off, and one to a payment."""
    seat, setup = (_price(teller, each) for each in ({"recurring": {"interval": "month"}}, {}))
    shown = {name: SHOWN[name] for name in LINKED}
    adjusted = {"enabled": "true", "minimum": 1, "maximum": 9}
    link = teller.post(
        LINKS,
        line_items=[{"price": seat, "quantity": 2, "adjustable_quantity": adjusted}],
        optional_items=[{"price": setup, "quantity": 1, "adjustable_quantity": adjusted}],
        after_completion={"type": "redirect", "redirect": {"url": BACK}},
        allow_promotion_codes="true",
        currency="usd",
        inactive_message="Sold out",
        metadata={"a": "b"},
        payment_method_collection="if_required",
        restrictions={"completed_sessions": {"limit": 5}},
        subscription_data={
            "description": "Tokens",
            "metadata": {"a": "b"},
            "trial_period_days": 14,
            "trial_settings": {"end_behavior": {"missing_payment_method": "cancel"}},
        },
        **shown,
    )
    path = f"{LINKS}/{link['id']}"
    teller.get(path, expand=["line_items.data.taxes"])
    teller.get(f"{path}/line_items", limit=1)
    teller.get(LINKS, active="true", limit=1)
    teller.post(
        path,
        after_completion={"type": "hosted_confirmation", "hosted_confirmation": {"custom_message": "Thanks"}},
        payment_method_collection="always",
        subscription_data={
            "metadata": {"c": "d"},
            "trial_period_days": 7,
            "trial_settings": {"end_behavior": {"missing_payment_method": "pause"}},
        },
        **shown,
    )
    cleared = ("custom_fields", "inactive_message", "name_collection", "restrictions", "shipping_address_collection")
    teller.post(path, active="false", metadata="", **dict.fromkeys(cleared, ""))
    paid = teller.post(
        LINKS,
        line_items=[{"price": setup, "quantity": 1}],
        customer_creation="always",
        invoice_creation={"enabled": "true", "invoice_data": {"footer": "Thanks"}},
        payment_intent_data={"description": "Set-up", "setup_future_usage": "off_session"},
    )
    back = {"type": "redirect", "redirect": {"url": BACK}}
    teller.post(f"{LINKS}/{paid['id']}", after_completion=back)
    teller.post(f"{LINKS}/{paid['id']}", customer_creation="if_required", invoice_creation={"enabled": "false"})


def _price(teller: Any, terms: dict[str, Any]) -> str:  # noqa: ANN401  a teller of the story
    price = teller.post("/v1/prices", currency="usd", unit_amount=500, product_data={"name": "Seat"}, **terms)
    made: str = price["id"]
    return made
