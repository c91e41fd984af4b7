"""What a Checkout session shows, by its mode and how far it is.

Observed in: pay-rails/pay.
"""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.ids import tail
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.records import invoice_faces
from fakestripe_meters.domain.records import payment_intents
from fakestripe_meters.domain.records.checkout_sessions import NOUN
from fakestripe_meters.domain.records.checkout_sessions import OPEN
from fakestripe_meters.domain.records.checkout_sessions import CheckoutDiscount
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession
from fakestripe_meters.domain.records.checkout_sessions import Mode
from fakestripe_meters.domain.records.checkout_sessions import PaymentStatus
from fakestripe_meters.domain.records.checkout_sessions import is_embedded
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.wire.tree import Tree

SECRET_LENGTH = 64


@inferred("how long the secret is")
def client_secret(session: CheckoutSession) -> str:
    """Return what the app's page shows the session with."""
    return f"{session.id}_secret_{tail(f'{session.id}/secret', SECRET_LENGTH)}"


@observed("of a customer that is given, only the email address is shown, and `tax_exempt` except in setup mode")
@inferred("likewise of an email address alone")
def known_details(mode: Mode, customer: Customer | None, email: str | None) -> Tree | None:
    """Return what a new session shows of who pays; None if nothing is known."""
    if customer is None and email is None:
        return None
    exempt = "none" if customer is None else customer.tax_exempt
    return {
        "address": None,
        "business_name": None,
        "email": email if customer is None else customer.email,
        "individual_name": None,
        "name": None,
        "phone": None,
        "tax_exempt": None if mode == "setup" else exempt,
        "tax_ids": None,
    }


NOT_COLLECTED: Tree = {"business_name": None, "individual_name": None, "shipping_details": None}
CUSTOM_TEXT: Tree = {
    "after_submit": None,
    "shipping_address": None,
    "submit": None,
    "terms_of_service_acceptance": None,
}
NOT_AUTOMATIC: Tree = {"enabled": False, "liability": None, "provider": None, "status": None}
# observed: of an account that has chosen nothing.
BRANDING: Tree = {
    "background_color": "#ffffff",
    "border_style": "rounded",
    "button_color": "#0074d4",
    "display_name": invoice_faces.ACCOUNT_NAME,
    "font_family": "default",
    "icon": None,
    "logo": None,
}
OF_CARDS: Tree = {"card": {"request_three_d_secure": "automatic"}}
SAVED_OPTIONS: Tree = {
    "allow_redisplay_filters": ["always"],
    "payment_method_remove": "disabled",
    "payment_method_save": None,
}
NO_INVOICE: Tree = {
    "enabled": False,
    "invoice_data": {
        "account_tax_ids": None,
        "custom_fields": None,
        "description": None,
        "footer": None,
        "issuer": None,
        "metadata": {},
        "rendering_options": None,
    },
}
# documented: the fields that are absent unless they are set, in Stripe's OpenAPI description.
ABSENT = (
    "excluded_payment_method_types",
    "managed_payments",
    "name_collection",
    "optional_items",
    "redirect_on_completion",
    "return_url",
    "tax_id_collection",
)


@observed("the fields and their order")
def render(account: Account, session: CheckoutSession) -> Tree:
    """Return a session as Stripe shows it; `line_items` are only shown if they are expanded."""
    echoed, setup = session.echoed, session.mode == "setup"
    amounts = [line.amounts for line in session.lines]
    shown: Tree = {
        "id": session.id,
        "object": NOUN,
        "adaptive_pricing": echoed.get("adaptive_pricing", {"enabled": not setup}),
        "after_expiration": session.after_expiration,
        "allow_promotion_codes": session.allow_promotion_codes,
        "allowed_payment_method_types": echoed.get("allowed_payment_method_types"),
        "amount_subtotal": None if setup else sum(each.subtotal for each in amounts),
        "amount_total": None if setup else sum(each.total for each in amounts),
        "automatic_tax": echoed.get("automatic_tax", NOT_AUTOMATIC),
        "billing_address_collection": echoed.get("billing_address_collection"),
        "branding_settings": BRANDING | echoed.get("branding_settings", {}),
        "cancel_url": session.cancel_url,
        "client_reference_id": session.client_reference_id,
        "client_secret": client_secret(session) if is_embedded(session) and session.status == OPEN else None,
        "collected_information": echoed.get("collected_information", NOT_COLLECTED),
        "consent": None,
        "consent_collection": echoed.get("consent_collection"),
        "created": session.created,
        "currency": session.currency,
        "currency_conversion": None,
        "custom_fields": echoed.get("custom_fields", []),
        "custom_text": CUSTOM_TEXT | echoed.get("custom_text", {}),
        "customer": session.customer,
        "customer_account": None,
        "customer_creation": session.customer_creation,
        "customer_details": session.customer_details,
        "customer_email": session.customer_email,
        "discounts": None if setup else [_render_discount(each) for each in session.discounts],
        "expires_at": session.expires_at,
        "integration_identifier": echoed.get("integration_identifier"),
        "invoice": session.invoice,
        "invoice_creation": _render_invoice_creation(session),
        "livemode": False,
        "locale": echoed.get("locale"),
        "metadata": dict(session.metadata),
        "mode": session.mode,
        "origin_context": echoed.get("origin_context"),
        "payment_intent": session.payment_intent,
        "payment_link": session.payment_link,
        "payment_method_collection": session.payment_method_collection,
        "payment_method_configuration_details": _configuration(account, session),
        "payment_method_options": {**OF_CARDS, **session.payment_method_options},
        "payment_method_types": list(session.payment_method_types or ["card"]),
        "payment_status": payment_status(account, session),
        "permissions": echoed.get("permissions"),
        "phone_number_collection": echoed.get("phone_number_collection", {"enabled": False}),
        "recovered_from": session.recovered_from,
        "saved_payment_method_options": None
        if setup
        else SAVED_OPTIONS | echoed.get("saved_payment_method_options", {}),
        "setup_intent": session.setup_intent,
        "shipping_address_collection": echoed.get("shipping_address_collection"),
        "shipping_cost": None,
        "shipping_options": [],
        "status": session.status,
        "submit_type": echoed.get("submit_type"),
        "subscription": session.subscription,
        "success_url": session.success_url,
        "total_details": None
        if setup
        else {
            "amount_discount": sum(each.discount for each in amounts),
            "amount_shipping": 0,
            "amount_tax": sum(each.tax for each in amounts),
        },
        "ui_mode": session.ui_mode,
        "url": url(account, session),
        "wallet_options": echoed.get("wallet_options"),
    }
    added = {name: echoed[name] for name in ABSENT if name in echoed}
    if session.return_url is not None:
        added["return_url"] = session.return_url
    if session.optional_items:
        added["optional_items"] = [dict(each) for each in session.optional_items]
    return _in_order(shown | added) if added else shown


@observed("the address, which is null once the session is over (calcom/cal.com)")
@documented(
    "and null if the session is shown within a page of the app: https://docs.stripe.com/api/checkout/sessions/object"
)
def url(account: Account, session: CheckoutSession) -> str | None:
    """Return where the customer pays; None if there is no such page any more."""
    if session.status != OPEN or is_embedded(session):
        return None
    page = account.site.link(f"checkout/{session.id}", opens=True)
    return page or f"https://checkout.stripe.com/c/pay/{session.id}#{tail(f'{session.id}/page', 64)}"


@inferred("a payment that was only authorized is paid once it is captured")
def payment_status(account: Account, session: CheckoutSession) -> PaymentStatus:
    """Return whether a session is paid."""
    if session.payment_status != "unpaid" or session.payment_intent is None:
        return session.payment_status
    return "paid" if payment_intents.kept(account, session.payment_intent).status == "succeeded" else "unpaid"


def _in_order(tree: Tree) -> Tree:
    first = {name: tree[name] for name in ("id", "object")}
    return first | dict(sorted((name, value) for name, value in tree.items() if name not in first))


def _render_discount(discount: CheckoutDiscount) -> Tree:
    return {"coupon": discount.coupon, "promotion_code": discount.promotion_code}


def _render_invoice_creation(session: CheckoutSession) -> Tree | None:
    if session.mode != "payment":
        return None
    data = NO_INVOICE["invoice_data"] | session.invoice_creation.get("invoice_data", {})
    return {"enabled": session.invoice_creation.get("enabled", False), "invoice_data": data}


@observed("null if the request lists the types, as stripe/openapi describes it")
def _configuration(account: Account, session: CheckoutSession) -> Tree | None:
    return payment_intents.configuration(account) if session.payment_method_types is None else None
