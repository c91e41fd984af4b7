"""What customers do on Stripe's pages, as a test says it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING
from typing import Any

if TYPE_CHECKING:
    from fakestripe_meters.control import Control
    from fakestripe_meters.engine import Engine


class Visits:
    """Methods of `FakeStripe` by which a customer acts on Stripe's pages, without a browser."""

    engine: "Engine"
    control: "Control"

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
    ) -> dict[str, Any]:
        """Let a customer fill in the page of an open Checkout session, and pay; return the session as Stripe shows it.

        `payment_method` is the name of a card, such as "pm_card_visa", or the id of a payment method. It counts where
        the page asks for one. A card that wants to be authenticated is. Without `email` and `name`, the customer is
        known already, or is Jenny Rosen. `address` has some of city, country, line1, line2, postal_code and state.
        `quantities` says how many the customer wants, by the id of a line or of a price, if that can be adjusted or is
        an optional item. `promotion_code` is what a customer types in.
        `account` is an API key or the id of an account; it says whose the session is, if several have one of that id.

        Raises:
            Misuse: There is no such session, it is not open, or the card declines. Then nothing has changed.
        """
        self.engine.require_open()
        return self.control.complete_checkout(
            session_id,
            payment_method,
            email=email,
            name=name,
            phone=phone,
            address=address,
            quantities=quantities,
            promotion_code=promotion_code,
            account=account,
        )

    def expire_checkout(self, session_id: str, *, account: str | None = None) -> dict[str, Any]:
        """End an open Checkout session, as if its time was over; return the session as Stripe shows it.

        `account` is as in `complete_checkout`.

        Raises:
            Misuse: There is no such session, or it is not open.
        """
        self.engine.require_open()
        return self.control.expire_checkout(session_id, account)
