"""What is sent to a destination: one event as JSON, with the signature that the SDKs verify."""

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlsplit

from fakestripe_meters import versions
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.printing import mask
from fakestripe_meters.domain.events import addresses
from fakestripe_meters.domain.events import snapshots
from fakestripe_meters.domain.events import thin
from fakestripe_meters.domain.events.deliveries import Delivery
from fakestripe_meters.domain.events.destinations import Destination
from fakestripe_meters.wire.tree import pretty

AGENT = "Stripe/1.0 (+https://stripe.com/docs/webhooks)"


@dataclass(frozen=True, slots=True, repr=False)
class Notification:
    """One event, as it is sent to one destination.

    `type` is the event's, `destination` the id of the endpoint or event destination, `secret` the one that signs, and
    `signed_at` the time of the signature, in Unix seconds of the process's clock.
    """

    id: str
    """The id of the delivery: the same in all of its tries."""
    type: str
    destination: str
    url: str
    """Where it is sent."""
    secret: str
    body: bytes
    """The body, as bytes: what the signature is made of."""
    signed_at: int = 0
    account: str = ""
    """Whose event it is: the id of a connected account, or else the API key, masked."""

    def __repr__(self) -> str:
        return f"<Notification {self.id}: {self.type} of {self.account or 'an account'} to {self.place}>"

    @property
    def place(self) -> str:
        """The URL without user name, password and query."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    @property
    def json(self) -> dict[str, Any]:
        """The body, parsed."""
        tree: dict[str, Any] = json.loads(self.body)
        return tree

    @property
    def signature(self) -> str:
        """The `Stripe-Signature` header: `t=…,v1=…`."""
        signed = f"{self.signed_at}.".encode() + self.body
        return f"t={self.signed_at},v1={hmac.new(self.secret.encode(), signed, hashlib.sha256).hexdigest()}"

    @property
    def headers(self) -> dict[str, str]:
        """All headers that are sent with the body."""
        return {
            "Accept": "*/*; q=0.5, application/xml",
            "Cache-Control": "no-cache",
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": AGENT,
            "Stripe-Signature": self.signature,
            **addresses.credentials(self.url),
        }


def written(account: Account, delivery: Delivery, destination: Destination) -> Notification | None:
    """Return the notification of a delivery, not yet signed; None if its event is not kept any more."""
    content = _content(account, delivery, destination)
    if content is None:
        return None
    kind, tree = content
    return Notification(
        delivery.id,
        kind,
        destination.id,
        destination.url,
        destination.secret,
        pretty(tree),
        account=called(account),
    )


def called(account: Account) -> str:
    """Return the name of an account for people: the id of a connected one, or else its API key, masked."""
    return account.name.connected or mask(account.name.key)


def _content(account: Account, delivery: Delivery, destination: Destination) -> tuple[str, dict[str, Any]] | None:
    """Return an event's type and JSON: a snapshot in the version of its destination, or a thin notification."""
    if delivery.payload == "thin":
        summary = account.part(thin.ThinEvents).table.get(delivery.event)
        return None if summary is None else (summary.type, thin.notification(account, summary))
    event = account.part(snapshots.Events).table.get(delivery.event)
    if event is None:
        return None
    tree = snapshots.render(account, event)
    spoken = versions.version(destination.api_version) or versions.DEFAULT
    from fakestripe_meters.domain.records.former import Former  # imported late: it loads most kinds of records

    older = versions.downgrade_event(versions.changes_for("", spoken, {}), tree, Former(account))
    tree = older | {"api_version": spoken.text}
    if account.name.connected is not None and "@accounts" in destination.events_from:
        tree = {"id": event.id, "object": "event", "account": account.id} | tree
    return event.type, tree
