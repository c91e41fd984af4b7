"""What a customer does on Stripe's pages, as a test says it: a Checkout session is completed, or given up."""

from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from typing import Any

from fakestripe_meters.core import checks
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.domain.checkout import completing
from fakestripe_meters.domain.checkout import expiring
from fakestripe_meters.domain.checkout.payers import Form
from fakestripe_meters.domain.records import checkout_sessions
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession
from fakestripe_meters.domain.records.payment_methods import ADDRESS
from fakestripe_meters.holding import Holding

SOMEBODY = {"email": "jenny.rosen@example.com", "name": "Jenny Rosen"}
"""Who a customer is of whom a test says nothing."""


class Visiting(Holding):
    """The acts of customers on Stripe's pages."""

    def complete_checkout(
        self,
        session_id: str,
        payment_method: str = "pm_card_visa",
        *,
        email: str | None = None,
        name: str | None = None,
        phone: str | None = None,
        address: Mapping[str, str] | None = None,
        account: str | None = None,
    ) -> dict[str, Any]:
        """Let a customer fill in the page of an open Checkout session, and pay; return the session.

        `payment_method` counts where the page asks for one. A card that wants it is authenticated. `account`, an API
        key, says whose the session is, if several accounts have one of that id.
        """
        form = Form(
            payment_method=checks.text(payment_method, "payment_method"),
            email=_optional(email, "email"),
            name=_optional(name, "name"),
            phone=_optional(phone, "phone"),
            address=_address(address),
            otherwise=SOMEBODY,
        )
        with self._session(session_id, account) as (owner, session):
            if not completing.collects_card(session):
                form = form.without_card()
            completing.complete(owner, session, form)
            return checkout_sessions.render(owner, session)

    def expire_checkout(self, session_id: str, account: str | None = None) -> dict[str, Any]:
        """End an open Checkout session before it is completed; return it. `account` is as in `complete_checkout`."""
        with self._session(session_id, account) as (owner, session):
            expiring.expire(owner, session)
            return checkout_sessions.render(owner, session)

    @contextmanager
    def _session(self, session_id: str, account: str | None) -> Iterator[tuple[Account, CheckoutSession]]:
        """Hold a session at its own time; what Stripe refuses becomes a `Misuse`."""
        kind = "checkout.sessions"
        held = self.holding(
            kind, checks.text(session_id, "session_id"), account, noun="Checkout session", param="session_id"
        )
        try:
            with held as (owner, session), test_clocks.changing(owner, session.test_clock):
                yield owner, session
        except StripeError as error:
            raise Misuse(error.message, param=error.param) from error


def _optional(value: object, name: str) -> str | None:
    return None if value is None else checks.text(value, name)


def _address(value: object) -> Mapping[str, str] | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise checks.refused("address", f"an object of {', '.join(ADDRESS)}", value)
    return {checks.known(each, ADDRESS): checks.text(value[each], f"address[{each}]") for each in value}
