"""Sessions of the customer portal: how they are stored and shown."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.clock import HOUR_S
from fakestripe_meters.core.clock import MINUTE_S
from fakestripe_meters.core.ids import tail
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.undo import record
from fakestripe_meters.wire.tree import Tree

UNUSED_S = 5 * MINUTE_S
"""How long a session waits for its customer."""
USED_S = HOUR_S
"""How long it is open after the last use."""
LONGEST_S = 2 * HOUR_S
"""How long it is open at most."""


@record
class PortalSession:
    """A session as stored: a customer's visit to the portal."""

    id: str
    created: int
    customer: str
    configuration: str
    flow: Mapping[str, Any] | None = None
    """What the customer is led to, as Stripe shows it."""
    locale: str | None = None
    return_url: str | None = None
    used: int | None = None
    """When the customer used it last, in Unix seconds; None if it was never opened."""
    done: bool = False
    """Whether the customer has done what the flow is about."""

    @property
    def open_until(self) -> int:
        """When it expires, in Unix seconds."""
        if self.used is None:
            return self.created + UNUSED_S
        return min(self.used + USED_S, self.created + LONGEST_S)


@dataclass(eq=False)
class PortalSessions(Part, name="portal_sessions"):
    """All portal sessions of an account."""

    table: Table[PortalSession] = field(default_factory=Table)


@documented(
    "five minutes if it is not used, an hour after the last use, two hours at most: "
    "https://docs.stripe.com/billing/subscriptions/integrating-customer-portal"
)
def expired(account: Account, session: PortalSession) -> bool:
    """Return whether a session is over, by the account's own clock."""
    return account.now >= session.open_until


@observed("the order of the fields; the address of the page, if no server can listen (pay-rails/pay)")
def render(account: Account, session: PortalSession) -> Tree:
    """Return a session as Stripe shows it."""
    return {
        "id": session.id,
        "object": "billing_portal.session",
        "configuration": session.configuration,
        "created": session.created,
        "customer": session.customer,
        "customer_account": None,
        "flow": session.flow,
        "livemode": False,
        "locale": session.locale,
        "on_behalf_of": None,
        "return_url": session.return_url,
        "url": account.site.link(f"portal/{session.id}", opens=True)
        or f"https://billing.stripe.com/p/session/test_{tail(session.id, 32)}",
    }
