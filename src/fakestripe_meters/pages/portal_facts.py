"""What the pages of the customer portal say."""

from collections.abc import Mapping
from typing import Any

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.portal import acting
from fakestripe_meters.domain.portal import overview
from fakestripe_meters.domain.portal import own_data
from fakestripe_meters.domain.portal import sessions
from fakestripe_meters.domain.portal import switching
from fakestripe_meters.domain.portal.switching import Wish
from fakestripe_meters.domain.records import invoice_faces
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.portal_sessions import PortalSession
from fakestripe_meters.pages import cards
from fakestripe_meters.pages import portal_words
from fakestripe_meters.pages import price_words
from fakestripe_meters.pages import words
from fakestripe_meters.pages.answers import View

DIGITS = 9
"""How many digits a quantity has that somebody enters."""
REASONS = {
    "customer_service": "Customer service was less than expected",
    "low_quality": "Quality was less than expected",
    "missing_features": "I need more features",
    "other": "Other reason",
    "switched_service": "I found an alternative",
    "too_complex": "Ease of use was less than expected",
    "too_expensive": "It’s too expensive",
    "unused": "I no longer need it",
}


def _common(account: Account, session: PortalSession, refusal: str = "") -> dict[str, Any]:
    """Return what every page says."""
    configuration = acting.configuration_of(account, session)
    led = session.flow is not None and not session.done
    return {
        "session": session.id,
        "back": None if led else session.id,
        "business": words.plain(invoice_faces.ACCOUNT_NAME),
        "headline": words.plain(configuration.headline or ""),
        "privacy": configuration.privacy_policy_url,
        "refusal": refusal,
        "return_url": session.return_url,
        "terms": configuration.terms_of_service_url,
    }


def _leads_to(session: PortalSession) -> str | None:
    """Return the address to which a form leads, once what the session is about is done."""
    after = ((session.flow or {}).get("after_completion") or {}).get("redirect")
    return None if after is None or session.done else str(after["return_url"])


def home(account: Account, session: PortalSession, refusal: str = "") -> View:
    """Return the portal's first page."""
    configuration = acting.configuration_of(account, session)
    customer = own_data.customer_of(account, session)
    with test_clocks.time_of(account, customer.test_clock):
        found = overview.subscriptions_of(account, customer.id)
        facts = {
            "customer": list(portal_words.who(customer)),
            "invoices": portal_words.invoices(account, customer) if configuration.shows_invoices else None,
            "may_change_details": bool(configuration.updates_customer and configuration.customer_updates),
            "may_change_methods": configuration.updates_methods,
            "methods": list(portal_words.saved_cards(account, customer)),
            "subscriptions": [portal_words.subscription(account, configuration, each) for each in found],
        }
    return View("portal.html", _common(account, session, refusal) | facts)


def stuck(account: Account, session: PortalSession, refusal: str) -> View:
    """Return the page that says why the one thing that a session is about cannot be done."""
    return View("portal_done.html", _common(account, session, refusal) | {"message": ""})


def done(account: Account, session: PortalSession) -> View:
    """Return the page that says that it is done."""
    confirmation = (session.flow or {})["after_completion"]["hosted_confirmation"] or {}
    message = words.plain(confirmation.get("custom_message") or "Your changes are saved.")
    return View("portal_done.html", _common(account, session) | {"message": message})


def canceling(account: Account, session: PortalSession, subscription_id: str, refusal: str) -> View:
    """Return the page that asks whether to cancel a subscription."""
    configuration = acting.configuration_of(account, session)
    subscription = acting.subscription_of(account, session, subscription_id)
    sessions.check_cancelable(account, configuration, subscription)
    terms = configuration.cancellations
    ends = max(item.period_end for item in subscription.items)
    with test_clocks.time_of(account, subscription.test_clock):
        facts = {
            "at_once": terms.mode == "immediately",
            "credits": terms.prorations == "create_prorations",
            "ends": ends,
            "reasons": [(each, REASONS[each]) for each in terms.reasons] if terms.asks_why else [],
            "subscription": portal_words.subscription(account, configuration, subscription),
        }
    return View("portal_cancel.html", _common(account, session, refusal) | facts, leads_to=_leads_to(session))


def choosing(account: Account, session: PortalSession, subscription_id: str, refusal: str) -> View:
    """Return the page that offers other prices and quantities."""
    configuration = acting.configuration_of(account, session)
    subscription = acting.subscription_of(account, session, subscription_id)
    switching.check_any(account, configuration, subscription)
    item = switching.only_item(subscription)
    by_price = "price" in configuration.switches.allowed
    offered = list(switching.choices(account, configuration, subscription))
    shown = [each for each in offered if by_price or each.price.id == item.price]
    with test_clocks.time_of(account, subscription.test_clock):
        facts = {
            "by_code": "promotion_code" in configuration.switches.allowed,
            "choices": [
                {
                    "id": each.price.id,
                    "name": portal_words.name_of(account, each.price),
                    "price": price_words.of(account, each.price).text,
                    "present": each.price.id == item.price,
                }
                for each in shown
            ],
            "by_quantity": "quantity" in configuration.switches.allowed
            and any(each.product.adjustable for each in shown),
            "quantity": item.quantity,
            "subscription": portal_words.subscription(account, configuration, subscription),
        }
    return View("portal_switch.html", _common(account, session, refusal) | facts, leads_to=_leads_to(session))


def confirming(account: Account, session: PortalSession, subscription_id: str, wish: Wish, refusal: str) -> View:
    """Return the page that shows what a switch costs, and asks whether to switch."""
    configuration = acting.configuration_of(account, session)
    subscription = acting.subscription_of(account, session, subscription_id)
    with test_clocks.time_of(account, subscription.test_clock):
        change = acting.change(account, session, subscription, wish)
        (item,) = change.items
        waits = switching.waits(account, configuration, subscription, item)
        preview = None if waits else overview.next_invoice(account, subscription, change)
        price = prices.kept(account, item.price or "")
        facts = {
            "at_once": preview is not None and not _is_later(account, preview),
            "after": portal_words.quantified(portal_words.name_of(account, price), item.quantity),
            "code": wish.code or "",
            "cost": price_words.of(account, price).text,
            "due": None if preview is None else portal_words.due(preview),
            "lines": [] if preview is None else portal_words.preview_lines(preview),
            "price": price.id,
            "quantity": item.quantity,
            "subscription": portal_words.subscription(account, configuration, subscription),
            "waits": subscription.turns_at if waits else None,
        }
    return View("portal_confirm.html", _common(account, session, refusal) | facts, leads_to=_leads_to(session))


def _is_later(account: Account, preview: Mapping[str, Any]) -> bool:
    """Return whether an invoice that is previewed is made after now."""
    return bool(preview["created"] > account.now)


def paying(account: Account, session: PortalSession, refusal: str) -> View:
    """Return the page on which a customer chooses how to pay."""
    customer = own_data.customer_of(account, session)
    if not acting.configuration_of(account, session).updates_methods:
        raise errors.portal.feature_disabled(errors.portal.METHODS, "payment method cannot be updated")
    facts = {
        "cards": cards.offered(account, customer.id),
        "chosen": customer.default_payment_method or cards.DEFAULT,
        "overriding": len(own_data.overriding(account, customer)),
    }
    return View("portal_method.html", _common(account, session, refusal) | facts, leads_to=_leads_to(session))


def details(account: Account, session: PortalSession, refusal: str, entered: Mapping[str, str]) -> View:
    """Return the page on which a customer changes who it is."""
    configuration = acting.configuration_of(account, session)
    customer = own_data.customer_of(account, session)
    allowed = configuration.customer_updates if configuration.updates_customer else ()
    if not allowed:
        raise errors.portal.feature_disabled(errors.portal.CUSTOMER, "customer cannot be updated")
    fields = portal_words.fields(customer, allowed)
    facts = {"fields": [(name, label, entered.get(name, value)) for name, label, value in fields]}
    return View("portal_details.html", _common(account, session, refusal) | facts, leads_to=_leads_to(session))
