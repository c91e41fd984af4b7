"""The page of a payment link: it leads on to the page of a Checkout session, or says that the link is not active."""

from urllib.parse import urlencode

from fakestripe_meters.control import Control
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.domain.checkout import links
from fakestripe_meters.pages import words
from fakestripe_meters.pages.answers import Answer
from fakestripe_meters.pages.answers import Form
from fakestripe_meters.pages.answers import NotThere
from fakestripe_meters.pages.answers import Redirect
from fakestripe_meters.pages.answers import View

PREFILLED = {"prefilled_email": "email", "prefilled_promo_code": "promotion_code"}
"""A parameter of the link's address → the field of the Checkout page that it fills in."""
DEACTIVATED = "Ask the seller for a new one."


def show(control: Control, identifier: str, query: Form) -> Answer:
    """Open a session, as every visit does."""
    try:
        with control.holding("payment_links", identifier) as (account, link):
            session = links.visit(account, link, query)
            message = link.inactive_message
    except Misuse as missing:
        raise NotThere(f"There is no payment link {identifier}.") from missing
    except StripeError as refusal:
        return _over(words.sentence(str(refusal)))
    if session is None:
        return _over(message or DEACTIVATED)
    filled = urlencode({field: query[name] for name, field in PREFILLED.items() if query.get(name)})
    return Redirect(f"../checkout/{session.id}{'?' if filled else ''}{filled}")


def _over(message: str) -> View:
    return View("link.html", {"title": "This link is not active", "message": words.plain(message)})
