"""What a customer does on Stripe's pages, as a test says it: a Checkout session is completed, or given up."""

from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fakestripe_meters.control import answers
from fakestripe_meters.control.reading import Reading
from fakestripe_meters.core import checks
from fakestripe_meters.core.account import Account

if TYPE_CHECKING:
    from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession

SOMEBODY = {"email": "jenny.rosen@example.com", "name": "Jenny Rosen"}
"""Who a customer is of whom a test says nothing."""


class Visiting(Reading):
    """The acts of customers on Stripe's pages."""

    # What Checkout needs is imported late: few tests need it, and it would slow down each start.

    def complete_checkout(
        self,
        session_id: str,
        payment_method: str = "pm_card_visa",
        *,
        email: str | None = None,
        name: str | None = None,
        phone: str | None = None,
        address: Mapping[str, str] | None = None,
        quantities: Mapping[str, int] | None = None,
        promotion_code: str | None = None,
        account: str | None = None,
    ) -> answers.CheckoutSession:
        """Let a customer fill in the page of an open Checkout session, and pay; return the session.

        `payment_method` counts where the page asks for one. A card that wants it is authenticated. `quantities` and
        `promotion_code` are as in `adjust_checkout`. `account`, an API key, says whose the session is, if several
        accounts have one of that id.
        """
        from fakestripe_meters.control import checkout_visits

        form = checkout_visits.filled_in(payment_method, email, name, phone, address, otherwise=SOMEBODY)
        with self._session(session_id, account) as (owner, session):
            checkout_visits.adjust(owner, session, quantities, promotion_code)
            return checkout_visits.complete(owner, session, form)

    def adjust_checkout(
        self,
        session_id: str,
        *,
        quantities: Mapping[str, int] | None = None,
        promotion_code: str | None = None,
        account: str | None = None,
    ) -> answers.CheckoutSession:
        """Let a customer change an open Checkout session before paying; return it.

        `quantities` says how many the customer wants, by the id of a line or of a price: of a line whose quantity can
        be adjusted, or of an optional item. `promotion_code` is what a customer types in; an empty one takes it out.
        """
        from fakestripe_meters.control import checkout_visits

        with self._session(session_id, account) as (owner, session):
            return checkout_visits.adjust(owner, session, quantities, promotion_code)

    def expire_checkout(self, session_id: str, account: str | None = None) -> answers.CheckoutSession:
        """End an open Checkout session before it is completed; return it. `account` is as in `complete_checkout`."""
        from fakestripe_meters.control import checkout_visits

        with self._session(session_id, account) as (owner, session):
            return checkout_visits.expire(owner, session)

    @contextmanager
    def _session(self, session_id: str, account: str | None) -> Iterator[tuple[Account, "CheckoutSession"]]:
        """Hold a session, at its own time."""
        from fakestripe_meters.control import checkout_visits

        identifier = checks.text(session_id, "session_id")
        held = self.holding("checkout.sessions", identifier, account, noun="Checkout session", param="session_id")
        with held as (owner, session), checkout_visits.at_its_time(owner, session):
            yield owner, session
