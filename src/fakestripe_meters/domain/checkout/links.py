"""Payment links: how they are made and changed, and what becomes of a visit.

Observed in: sessions of payment links that public programs show in webhooks.
Documented in: https://docs.stripe.com/api/payment-link and https://docs.stripe.com/payment-links/url-parameters.
"""

import re
from collections.abc import Mapping
from typing import Any

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.checkout import link_terms
from fakestripe_meters.domain.checkout import opening
from fakestripe_meters.domain.checkout.link_terms import ChangedSubscriptionData
from fakestripe_meters.domain.checkout.link_terms import CreateLink
from fakestripe_meters.domain.checkout.link_terms import UpdateLink
from fakestripe_meters.domain.checkout.plain import data_of
from fakestripe_meters.domain.checkout.plain import plain
from fakestripe_meters.domain.checkout.shown_terms import AskedTerms
from fakestripe_meters.domain.checkout.terms import CreateSession
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import payment_links
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession
from fakestripe_meters.domain.records.checkout_sessions import Mode
from fakestripe_meters.domain.records.payment_links import PaymentLink
from fakestripe_meters.domain.records.payment_links import PaymentLinks
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.wire import schema
from fakestripe_meters.wire.schema import UNSET

PREFIX = "plink_1"
PASSED = (
    *AskedTerms.declared,
    "allow_promotion_codes",
    "currency",
    "customer_creation",
    "invoice_creation",
    "line_items",
    "optional_items",
    "payment_intent_data",
    "payment_method_collection",
)
"""The parameters that the sessions of a link take over as they are."""
DATA = "subscription_data"
REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,200}")


def create(account: Account, params: CreateLink) -> PaymentLink:
    """Return a new link, or raise StripeError 400: also for what its sessions would be refused for."""
    link = PaymentLink(id=account.ids.new(PREFIX, 23), mode=_mode(account, params))
    terms = _passed(params)
    for name in ("payment_intent_data", DATA):
        if (given := getattr(params, name)) is not None:
            terms[name] = data_of(given, name)
    link.terms = terms
    link.inactive_message = params.inactive_message
    link.metadata = merged({}, params.metadata)
    link.limit = None if params.restrictions is None else params.restrictions.completed_sessions.limit
    _follow(link, params)
    _settle(account, link)
    account.part(PaymentLinks).table.add(link)
    publish(account, "payment_link.created", payment_links.render(account, link))
    return link


@inferred("a hash is replaced as a whole, except `subscription_data`; sessions that are open stay as they are")
def change(account: Account, link: PaymentLink, params: UpdateLink) -> None:
    """Change a link, or raise StripeError 400."""
    before = payment_links.render(account, link)
    if params.active is not None:
        link.active = params.active
    if params.inactive_message is not UNSET:
        link.inactive_message = params.inactive_message
    if params.restrictions is not UNSET:
        link.limit = None if params.restrictions is None else params.restrictions.completed_sessions.limit
    link.metadata = merged(link.metadata, params.metadata)
    _follow(link, params)
    passed = _passed(params)
    cleared = [name for name, _ in params.given(CLEARABLE) if name not in passed]
    terms = {name: value for name, value in link.terms.items() if name not in cleared} | passed
    if params.subscription_data is not None:
        terms[DATA] = _changed(link.terms.get(DATA, {}), params.subscription_data)
    if terms != link.terms:
        link.terms = terms
        _settle(account, link)
    publish_update(account, "payment_link.updated", before, payment_links.render(account, link))


CLEARABLE = ("custom_fields", "name_collection", "shipping_address_collection")


@documented("each visit opens a session, which takes over the metadata; a link that is not active opens none")
@documented("`client_reference_id` and `locked_prefilled_email` in the address; a wrong reference is dropped silently")
@observed("`customer_creation` is that of the link, also for a subscription (a webhook of 2025)")
@inferred("the subscription is in flexible billing mode, whichever version the link was made with")
def visit(account: Account, link: PaymentLink, query: Mapping[str, str]) -> CheckoutSession | None:
    """Open a session for somebody who follows a link; None if the link is not active any more."""
    if not link.is_open():
        return None
    said: dict[str, Any] = {}
    if REFERENCE.fullmatch(reference := query.get("client_reference_id", "")):
        said["client_reference_id"] = reference
    if customers.is_email(email := query.get("locked_prefilled_email", "")):
        said["customer_email"] = email
    session = opening.begin(account, _asked(link, said))
    session.payment_link = link.id
    session.customer_creation = link.terms.get("customer_creation", "if_required")
    return session


@documented("the limit counts sessions that are completed")
@inferred("the link is not active any more when the limit is reached, and there is an event")
def count(account: Account, session: CheckoutSession) -> None:
    """Count a session that was completed, if it is one of a link."""
    if session.payment_link is None:
        return
    link = payment_links.kept(account, session.payment_link)
    before = payment_links.render(account, link)
    link.completed += 1
    if link.active and not link.is_open():
        link.active = False
        publish_update(account, "payment_link.updated", before, payment_links.render(account, link))


@inferred("what was open before the limit was reached cannot be completed; a link that is switched off does not matter")
def is_full(account: Account, session: CheckoutSession) -> bool:
    """Return whether a session is one of a link whose limit is reached."""
    if session.payment_link is None:
        return False
    link = payment_links.kept(account, session.payment_link)
    return link.limit is not None and link.completed >= link.limit


@inferred("a subscription if any price is recurring")
def _mode(account: Account, params: CreateLink) -> Mode:
    bought = (prices.lookup(account, line.price) for line in params.line_items if line.price is not None)
    return "subscription" if any(each is not None and each.recurring is not None for each in bought) else "payment"


def _passed(params: CreateLink | UpdateLink) -> dict[str, Any]:
    passed = {name: plain(value) for name, value in params.given(PASSED) if value is not None}
    invoices = params.invoice_creation
    if invoices is not None and invoices.invoice_data is not None:
        passed["invoice_creation"]["invoice_data"] = data_of(invoices.invoice_data, "invoice_creation[invoice_data]")
    return passed


def _changed(present: Mapping[str, Any], given: ChangedSubscriptionData) -> Mapping[str, Any]:
    data = dict(present)
    for name, value in given.given(("trial_period_days", "trial_settings")):
        data[name] = plain(value)
    data["metadata"] = merged(present.get("metadata", {}), given.metadata, f"{DATA}[metadata]")
    return {name: value for name, value in data.items() if value is not None}


def _follow(link: PaymentLink, params: CreateLink | UpdateLink) -> None:
    if params.after_completion is not None:
        link.after_completion = link_terms.follows(params.after_completion)


def _settle(account: Account, link: PaymentLink) -> None:
    """Note what a session of the link would show, or raise StripeError 400 for what it would be refused for."""
    session = opening.draft(account, _asked(link, {}), kept=link.lines)
    link.currency = session.currency or ""
    link.lines, link.optional_items = session.lines, session.optional_items
    given = link.terms.keys()
    link.echoed = {name: value for name, value in session.echoed.items() if name in given}


@observed("the addresses of Stripe's own pages, and what is `auto` (webhooks of 2023 and 2025)")
def _asked(link: PaymentLink, more: Mapping[str, Any]) -> CreateSession:
    """Return the parameters of a session of a link."""
    redirect = link.after_completion.get("redirect")
    said = {
        "allow_promotion_codes": False,
        "billing_address_collection": "auto",
        "cancel_url": payment_links.STRIPES_PAGE,
        "locale": "auto",
        "metadata": dict(link.metadata),
        "mode": link.mode,
        "submit_type": "auto",
        "success_url": payment_links.STRIPES_PAGE if redirect is None else redirect["url"],
    }
    return schema.parse(CreateSession, {**said, **link.terms, **more})
