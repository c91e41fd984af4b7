"""The customer portal: a page for a customer, and a page for each step that changes something.

`?cancel=sub_…` asks whether to cancel, `?switch=sub_…` offers other prices and, with `price` and `quantity`, asks
whether to switch; `?method=1` and `?details=1` are for how the customer pays, and who it is.
"""

from typing import Any

from fakestripe_meters.control import Control
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.domain.portal import acting
from fakestripe_meters.domain.portal import own_data
from fakestripe_meters.domain.portal import sessions
from fakestripe_meters.domain.portal.switching import Wish
from fakestripe_meters.domain.records.portal_sessions import PortalSession
from fakestripe_meters.pages import portal_facts
from fakestripe_meters.pages.answers import Answer
from fakestripe_meters.pages.answers import Form
from fakestripe_meters.pages.answers import NotThere
from fakestripe_meters.pages.answers import Redirect
from fakestripe_meters.pages.answers import View

ADDRESS = ("line1", "line2", "city", "state", "postal_code", "country")
CONFIRMS = "subscription_update_confirm"
STEPS = {
    "customer_update": "details",
    "payment_method_update": "method",
    "subscription_cancel": "cancel",
    "subscription_update": "switch",
    CONFIRMS: "switch",
}
"""Which step a session leads to, by its flow."""
SWITCHES = ("subscription_update", CONFIRMS)


def show(control: Control, identifier: str, query: Form) -> Answer:
    """Show the portal, or a step of it."""
    return _view(control, identifier, query)


def act(control: Control, identifier: str, form: Form) -> Answer:
    """Do what the customer has confirmed, and show what has come of it."""
    try:
        with _holding(control, identifier) as (account, session):
            if not sessions.visit(account, session):
                return _expired(session)
            led = _led(session)
            _do(account, session, form)
            finished = led and session.done
    except (Misuse, StripeError) as refusal:
        return _view(control, identifier, form, refusal=str(refusal))
    return _after(session) if finished else Redirect(identifier)


def _holding(control: Control, identifier: str) -> Any:  # noqa: ANN401  a context manager of an account and a session
    return control.holding("portal_sessions", identifier, noun="portal session")


def _led(session: PortalSession) -> bool:
    """Return whether the session still leads its customer to one thing."""
    return session.flow is not None and not session.done


def _do(account: Account, session: PortalSession, form: Form) -> None:
    """Do what a form asks for; a form without a button that is known changes nothing."""
    doing, subject = form.get("confirm", ""), form.get("subscription", "")
    if _led(session):
        _check_led(session, form)
    if "renew" in form:
        acting.renew(account, session, form["renew"])
    elif "keep" in form:
        acting.keep(account, session, form["keep"])
    elif "remove" in form:
        own_data.remove(account, session, form["remove"])
    elif doing == "cancel":
        acting.cancel(account, session, subject, feedback=form.get("feedback"), comment=form.get("comment"))
        sessions.finish(session, "subscription_cancel")
    elif doing == "switch":
        acting.switch(account, session, subject, wish_of(form))
        sessions.finish(session, *SWITCHES)
    elif doing == "method":
        own_data.pay_with(account, session, form.get("payment_method", ""), everywhere="everywhere" in form)
        sessions.finish(session, "payment_method_update")
    elif doing == "details":
        own_data.update(account, session, _own(form))
        sessions.finish(session, "customer_update")


def _check_led(session: PortalSession, form: Form) -> None:
    """Raise `Misuse` for what a session does not lead to."""
    flow = session.flow or {}
    kind = flow["type"]
    subject = (flow[kind] or {}).get("subscription", "") if kind in flow else ""
    wanted = {"confirm": STEPS[kind], "subscription": subject}
    other = any(name in form for name in ("renew", "keep", "remove"))
    other = other or any(form.get(name, "") != value for name, value in wanted.items() if value and form)
    if not other and kind == CONFIRMS:
        (item,) = flow[kind]["items"]
        wish = wish_of(form)
        other = (wish.price, wish.quantity) != (item["price"], item["quantity"])
    if other:
        raise Misuse("This session of the portal is for something else.")


def wish_of(form: Form) -> Wish:
    """Return what a form or a query wants a subscription to be switched to."""
    quantity = form.get("quantity", "").strip()
    if quantity and not (quantity.isascii() and quantity.isdigit() and len(quantity) <= portal_facts.DIGITS):
        raise Misuse("Enter a whole number as the quantity.")
    return Wish(form.get("price") or None, int(quantity) if quantity else None, form.get("code") or None)


def _own(form: Form) -> dict[str, Any]:
    """Return what a form says of the customer, as parameters: an empty string clears."""
    tree: dict[str, Any] = {name: form[name].strip() for name in ("email", "name", "phone") if name in form}
    if "line1" in form:
        address = _address(form, "")
        tree["address"] = address if any(address.values()) else ""
    if "shipping_line1" in form:
        address, name = _address(form, "shipping_"), form.get("shipping_name", "").strip()
        tree["shipping"] = {"address": address, "name": name} if name or any(address.values()) else ""
    return tree


def _address(form: Form, prefix: str) -> dict[str, str]:
    return {name: form.get(prefix + name, "").strip() for name in ADDRESS}


def _after(session: PortalSession) -> Answer:
    """Return where a customer goes who has done what the session was about."""
    after = (session.flow or {})["after_completion"]
    if after["type"] == "redirect":
        return Redirect(after["redirect"]["return_url"])
    return Redirect(f"{session.id}?done=1" if after["type"] == "hosted_confirmation" else session.id)


def _view(control: Control, identifier: str, query: Form, refusal: str = "") -> View:
    """Return the page of a step, or the portal's first page."""
    try:
        with _holding(control, identifier) as (account, session):
            if not sessions.visit(account, session):
                return _expired(session)
            try:
                return _step(account, session, _asked(session, query), refusal)
            except (Misuse, StripeError) as other:
                if _led(session):
                    return portal_facts.stuck(account, session, refusal or str(other))
                return portal_facts.home(account, session, refusal or str(other))
    except Misuse as missing:
        raise NotThere(f"There is no portal session {identifier}.") from missing


def _asked(session: PortalSession, query: Form) -> Form:
    """Return which step is asked for: a session that leads to one thing shows nothing else."""
    flow = session.flow
    if flow is None or session.done:
        return _again(query) if "confirm" in query else query
    kind = flow["type"]
    if kind == "customer_update":
        return {"details": "1", **query}
    if kind == "payment_method_update":
        return {"method": "1", **query}
    subject = flow[kind]["subscription"]
    if kind == "subscription_cancel":
        return {"cancel": subject}
    if kind == CONFIRMS:
        (item,) = flow[kind]["items"]
        quantity = "" if item["quantity"] is None else str(item["quantity"])
        return {"switch": subject, "price": item["price"], "quantity": quantity}
    return {"switch": subject, **{name: query[name] for name in ("price", "quantity", "code") if name in query}}


def _again(form: Form) -> Form:
    """Return the step that a form belongs to which was refused."""
    doing = form["confirm"]
    subject = form.get("subscription", "1") if doing in ("cancel", "switch") else "1"
    return {doing: subject, **form}


def _step(account: Account, session: PortalSession, query: Form, refusal: str) -> View:
    if "done" in query and session.done:
        return portal_facts.done(account, session)
    if query.get("cancel"):
        return portal_facts.canceling(account, session, query["cancel"], refusal)
    if query.get("switch"):
        return _switching(account, session, query, refusal)
    if query.get("method"):
        return portal_facts.paying(account, session, refusal)
    if query.get("details"):
        return portal_facts.details(account, session, refusal, query)
    return portal_facts.home(account, session, refusal)


def _switching(account: Account, session: PortalSession, query: Form, refusal: str) -> View:
    """Return the page that asks whether to switch, or that offers a choice if nothing possible is chosen."""
    if query.get("price"):
        try:
            return portal_facts.confirming(account, session, query["switch"], wish_of(query), refusal)
        except (Misuse, StripeError) as other:
            if _led(session) and (session.flow or {})["type"] == CONFIRMS:
                raise
            refusal = refusal or str(other)
    return portal_facts.choosing(account, session, query["switch"], refusal)


def _expired(session: PortalSession) -> View:
    return View("portal_expired.html", {"return_url": session.return_url})
