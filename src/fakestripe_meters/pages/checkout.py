"""The page of a Checkout session: what is bought, who pays, and with which test card."""

import re
from collections.abc import Mapping
from typing import Any

from fakestripe_meters.control import Control
from fakestripe_meters.control.visiting import SOMEBODY
from fakestripe_meters.core import cards as answers_of
from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.domain.checkout import amounts
from fakestripe_meters.domain.checkout import due
from fakestripe_meters.domain.records import checkout_faces
from fakestripe_meters.domain.records import checkout_sessions
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import payment_links
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.pages import basket
from fakestripe_meters.pages import cards
from fakestripe_meters.pages import words
from fakestripe_meters.pages.answers import Answer
from fakestripe_meters.pages.answers import Form
from fakestripe_meters.pages.answers import NotThere
from fakestripe_meters.pages.answers import Redirect
from fakestripe_meters.pages.answers import View

PART = "checkout.sessions"
NAMED = re.compile(r"quantities\[\w+\]")
"""What the control plane calls a quantity."""
WHOLE = re.compile(r"[0-9]{1,9}")
QUANTITY = re.compile(r"quantity-(li_\w+)")
ADDRESS = (
    ("line1", "Address"),
    ("city", "City"),
    ("state", "State"),
    ("postal_code", "Postal code"),
    ("country", "Country (two letters)"),
)
SOMEWHERE = {"line1": "1 Main Street", "city": "Springfield", "state": "MA", "postal_code": "01103", "country": "US"}
"""The address of a customer of whom nothing is known."""
SUBMITS = {"book": "Book", "donate": "Donate", "subscribe": "Subscribe"}
FILLED_IN = ("email", "promotion_code")
"""What the address of the page can fill in."""
OVER = {
    "complete": ("All done", "This session is complete.", "Continue"),
    "expired": ("This session has expired", "Nothing was charged. Go back, and begin again.", "Go back"),
}


def show(control: Control, identifier: str, query: Form) -> Answer:
    """Show what is bought, with a form; or that the session is over. A payment link can fill in some of it."""
    return _view(control, identifier, {name: query[name] for name in FILLED_IN if name in query})


def act(control: Control, identifier: str, form: Form) -> Answer:
    """Change the order, or pay. A card that is declined leaves the session open."""
    try:
        _choose(control, identifier, form)
        if not _pays(form):
            return Redirect(identifier)
        if form.get("authenticate") == "fails":
            raise errors.checkout.not_authenticated()
        if form.get("authenticate") != "succeeds" and _asks(control, identifier, form):
            return _view(control, identifier, form, asks=True)
        return Redirect(_complete(control, identifier, form))
    except (Misuse, StripeError) as refusal:
        return _view(control, identifier, form, refusal=words.sentence(NAMED.sub("the quantity", str(refusal))))


def _pays(form: Form) -> bool:
    """Return whether a form is to pay: not if another button was pressed, nor by Enter while a code is typed in."""
    if "enter" in form and form.get("promotion_code", "").strip():
        return False
    return not form.keys() & {"update", "add", "remove", "apply_code", "remove_code"}


def _choose(control: Control, identifier: str, form: Form) -> None:
    """Change what is bought and the promotion code, if the form does. If one thing is wrong, nothing is changed."""
    quantities = {match[1]: _whole(value) for name, value in form.items() if (match := QUANTITY.fullmatch(name))}
    if "remove" in form:
        quantities[form["remove"]] = 0
    if "add" in form:
        quantities[form["add"]] = _whole(form.get(f"optional-{form['add']}", "1"))
    code = "" if "remove_code" in form else form.get("promotion_code", "").strip() or None
    if quantities or code is not None:
        control.adjust_checkout(identifier, quantities=quantities, promotion_code=code)


def _whole(text: str) -> int:
    if not WHOLE.fullmatch(text.strip()):
        raise Misuse(f"a quantity is a whole number, not {text[:20]!r}")
    return int(text)


def _asks(control: Control, identifier: str, form: Form) -> bool:
    """Return whether the card will want its customer to authenticate."""
    with control.holding(PART, identifier) as (account, session), test_clocks.time_of(account, session.test_clock):
        amounts.refresh(account, session)
        if session.status != checkout_sessions.OPEN or not due.collects_card(account, session):
            return False
        asked = session.payment_method_options.get("card", {}).get("request_three_d_secure") in answers_of.ASKS
        card, set_up = cards.behind(account, form.get("payment_method", cards.DEFAULT))
        if due.due_of(account, session) > 0:
            return answers_of.answer(card, off_session=False, set_up=set_up, asked=asked) == "authenticate"
        return answers_of.at_setup(card, asked=asked) == "authenticate"


def _complete(control: Control, identifier: str, form: Form) -> str:
    """Complete the session, and return where the browser goes then."""
    address = {name: form[name] for name, _ in ADDRESS if form.get(name)}
    control.complete_checkout(
        identifier,
        form.get("payment_method", cards.DEFAULT),
        email=form.get("email") or None,
        name=form.get("name") or None,
        phone=form.get("phone") or None,
        address=address or None,
    )
    with control.holding(PART, identifier) as (_, done):
        return _onward(done) or identifier


def _onward(session: CheckoutSession) -> str | None:
    """Return where the app wants its customer to go; None if there is only a page of our own."""
    url = None if payment_links.confirms(session) else session.success_url or session.return_url
    return checkout_sessions.filled(url, session.id)


def _back(session: CheckoutSession) -> str | None:
    """Return where a customer goes who does not pay; None if a payment link has led here."""
    return None if session.payment_link else session.cancel_url


def _view(control: Control, identifier: str, form: Form, *, refusal: str = "", asks: bool = False) -> View:
    try:
        with control.holding(PART, identifier) as (account, session), test_clocks.time_of(account, session.test_clock):
            facts = _facts(account, session, form)
            onward = _onward(session)
    except Misuse as missing:
        raise NotThere(f"There is no Checkout session {identifier}.") from missing
    shown = {"identifier": identifier, "refusal": refusal, "asks": asks}
    return View("checkout.html", facts | shown, leads_to=onward)


def _facts(account: Account, session: CheckoutSession, form: Form) -> dict[str, Any]:
    if session.status != checkout_sessions.OPEN:
        return _end(account, session)
    amounts.refresh(account, session)
    customer = None if session.customer is None else customers.kept(account, session.customer)
    bought = basket.of(account, session)
    echoed = session.echoed
    return {
        "state": "open",
        "title": _title(session, bought),
        "mode": session.mode,
        "seller": _seller(session),
        "cancel_url": _back(session),
        "basket": bought,
        "quantities": {match[1]: value for name, value in form.items() if (match := QUANTITY.fullmatch(name))},
        "options": basket.options(account, session),
        "codes": bool(session.allow_promotion_codes),
        "email": (customer.email if customer else None) or session.customer_email,
        "asks_phone": bool(echoed.get("phone_number_collection", {}).get("enabled")),
        "address": ADDRESS if echoed.get("billing_address_collection") == "required" else (),
        "collects_card": due.collects_card(account, session),
        "cards": cards.offered(account, session.customer),
        "submit": _submit(session, bought),
        "filled": _prefilled(customer) | dict(form),
    }


def _end(account: Account, session: CheckoutSession) -> dict[str, Any]:
    title, message, label = OVER[session.status]
    complete = session.status == "complete"
    if complete and session.payment_link:
        message = payment_links.confirmation(account, session.payment_link) or message
    url = _onward(session) if complete else _back(session)
    return {
        "state": session.status,
        "title": title,
        "message": words.plain(message),
        "onward": url,
        "onward_label": f"{label} to {_seller(session)}",
    }


def _seller(session: CheckoutSession) -> str:
    branding: Mapping[str, Any] = checkout_faces.BRANDING | session.echoed.get("branding_settings", {})
    return words.plain(str(branding["display_name"]))


def _title(session: CheckoutSession, bought: basket.Basket) -> str:
    if session.mode == "setup":
        return f"Save a card for {_seller(session)}"
    first = bought.lines[0].name
    more = f" and {len(bought.lines) - 1} more" if len(bought.lines) > 1 else ""
    return f"Subscribe to {first}{more}" if session.mode == "subscription" else f"Pay {_seller(session)}"


def _submit(session: CheckoutSession, bought: basket.Basket) -> str:
    if session.mode == "setup":
        return "Save card"
    wish = session.echoed.get("submit_type")
    if wish in SUBMITS:
        return SUBMITS[wish]
    if session.mode == "subscription" and wish != "pay":
        return "Start trial" if bought.trial else "Subscribe"
    return f"Pay {bought.due}" if amounts.total(session) else "Complete order"


def _prefilled(customer: Customer | None) -> dict[str, str]:
    """Return what stands in the form at first: what is known of the customer, else somebody's."""
    known: Mapping[str, Any] = (customer.address if customer else None) or SOMEWHERE
    return {
        "email": SOMEBODY["email"],
        "name": (customer.name if customer else None) or SOMEBODY["name"],
        "phone": (customer.phone if customer else None) or "+1 413 555 0100",
        "promotion_code": "",
        "payment_method": cards.DEFAULT,
        **{name: known.get(name) or "" for name, _ in ADDRESS},
    }
