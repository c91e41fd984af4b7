"""Webhooks, as a test sees them and decides about them: their states, and hold, release, repeat and drop."""

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from typing import Literal
from typing import NamedTuple
from typing import TypedDict
from typing import get_args

from fakestripe_meters.control.holding import Holding
from fakestripe_meters.core import checks
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import shortened
from fakestripe_meters.core.printing import masked
from fakestripe_meters.delivery import fate
from fakestripe_meters.delivery.inbox import unheard
from fakestripe_meters.delivery.notification import Notification
from fakestripe_meters.delivery.notification import called
from fakestripe_meters.delivery.notification import written
from fakestripe_meters.delivery.traffic import Try
from fakestripe_meters.domain.events.deliveries import Deliveries
from fakestripe_meters.domain.events.deliveries import Delivery
from fakestripe_meters.domain.events.destinations import listeners
from fakestripe_meters.domain.events.snapshots import Events
from fakestripe_meters.domain.events.thin import ThinEvents

State = Literal["waiting", "held", "delivered", "failed", "dropped"]
STATES: tuple[State, ...] = get_args(State)
MOST = 1_000_000
SIGNATURE = "Stripe-Signature"
CREDENTIALS = "Authorization"
LEFT_OUT = "(left out)"


class WebhookTry(TypedDict):
    """One attempt to deliver: when, by the fake's clock, and the status of the answer, or why there is none."""

    at: int
    status: int | None
    error: str | None


class WebhookDelivery(TypedDict):
    """One event on its way to one receiver."""

    id: str
    event: str
    type: str
    url: str
    account: str
    state: State
    tries: list[WebhookTry]
    next_try: int | None


class WebhookAnswer(TypedDict):
    """What the receiver has answered to the last try."""

    status: int | None
    body: str
    error: str | None


class WebhookDetail(WebhookDelivery):
    """One delivery with all that was sent, or would be."""

    headers: dict[str, str]
    signature: str | None
    body: str
    answer: WebhookAnswer | None


class WebhookSettings(TypedDict):
    """Whether webhooks are held, which types of them, how long a receiver has, and which other hosts may be one."""

    held: bool
    types: list[str]
    timeout: float
    hosts: list[str]


class UnheardEvents(TypedDict):
    """How many events of a type were for nobody."""

    type: str
    account: str
    count: int
    thin: bool


class Found(NamedTuple):
    """A delivery of an account, with what is known of it by now."""

    account: Account
    delivery: Delivery
    state: State
    next_try: int | None


class Hooks(Holding):
    """The part of the control plane that is about webhooks."""

    def webhooks(
        self, account: str | None = None, state: str | None = None, limit: int | None = None
    ) -> list[WebhookDelivery]:
        """Return the deliveries of webhooks, oldest first: of an account, in a state, the newest `limit`.

        One is `failed` if its last try has failed, and `next_try` says when it is tried again, if it is.
        """
        if state is not None:
            checks.word(state, "state", STATES)
        found = sorted(
            (each for each in self._found(account) if state in (None, each.state)),
            key=lambda each: each.delivery.first_ns,
        )
        last = found if limit is None else found[-checks.whole(limit, "limit", 1, MOST) :]
        return self._shown(last)

    def webhook(self, delivery: str) -> WebhookDetail:
        """Return one delivery, with what was sent at last, or would be: headers, signature and body. Keys are masked.

        What was not sent yet has no signature.
        """
        (found,) = self._sought([checks.text(delivery, "delivery")], "delivery")
        (shown,) = self._shown([found])
        notification, tried = self._notification(found), self._tries().get(found.delivery.id, [])
        headers, body = ({}, "") if notification is None else (notification.headers, notification.body.decode())
        if not tried:
            headers.pop(SIGNATURE, None)
        if CREDENTIALS in headers:
            headers[CREDENTIALS] = LEFT_OUT
        return {
            **shown,
            "headers": headers,
            "signature": headers.get(SIGNATURE),
            "body": masked(body),
            "answer": _answer(tried[-1]) if tried else None,
        }

    def hold_webhooks(self, types: Sequence[str] | None = None) -> list[WebhookDelivery]:
        """Send no webhooks from now on, or none of these types, and return those that are held.

        They wait until they are released or dropped. What an earlier call holds stays held.
        """
        self.engine.require_open()
        fate.hold(self.engine.outbox, () if types is None else _strings(types, "types", "event types"))
        return self.webhooks(state="held")

    def release_webhooks(self, ids: Sequence[str] | None = None) -> list[WebhookDelivery]:
        """Send held webhooks, in the order of these ids, and return them once they were delivered or have failed.

        Without ids, send all, and hold no more.
        """
        self.engine.require_open()
        wanted = None if ids is None else _ids(ids)
        parcels = fate.release(self.engine.outbox, self.world, wanted, param="ids")
        return self._outcome([each.delivery.id for each in parcels])

    def repeat_webhooks(self, ids: Sequence[str]) -> list[WebhookDelivery]:
        """Send webhooks once more, in this order, and return them once they were delivered or have failed."""
        self.engine.require_open()
        found = self._sought(_ids(ids), "ids")
        notifications = [self._sendable(each) for each in found]
        fate.repeat(self.engine.outbox, self.world, notifications, param="ids")
        return self._outcome([each.delivery.id for each in found])

    def drop_webhooks(self, ids: Sequence[str]) -> list[WebhookDelivery]:
        """Discard held webhooks, and return them: they are never sent, and stay listed as dropped."""
        self.engine.require_open()
        parcels = fate.drop(self.engine.outbox, _ids(ids), param="ids")
        return self._outcome([each.delivery.id for each in parcels])

    def settle_webhooks(self) -> None:
        """Send all webhooks that are ready, and return when they were delivered or have failed."""
        self.engine.require_open()
        fate.settle(self.engine.outbox, self.world)

    def webhook_settings(self) -> WebhookSettings:
        """Return whether webhooks are held, how long a receiver has to answer, and which other hosts may receive."""
        outbox = self.engine.outbox
        return {
            "held": bool(outbox.held.types),
            "types": list(outbox.held.types),
            "timeout": outbox.timeout_s,
            "hosts": list(self.world.settings.webhook_hosts),
        }

    def set_webhook_timeout(self, seconds: float) -> WebhookSettings:
        """Set how many real seconds a receiver has to answer; return the settings."""
        self.engine.require_open()
        fate.set_timeout(self.engine.outbox, seconds, "seconds")
        return self.webhook_settings()

    def allow_webhook_hosts(self, hosts: Sequence[str]) -> WebhookSettings:
        """Allow these hosts, beside this machine, as receivers of webhooks; return the settings."""
        self.engine.require_open()
        fate.allow(self.world, hosts)
        return self.webhook_settings()

    def unheard_webhooks(self, account: str | None = None) -> list[UnheardEvents]:
        """Return the events that nobody received, by type."""
        return [
            {"type": each.type, "account": each.account, "count": each.count, "thin": each.thin}
            for each in unheard(self._accounts(account))
        ]
