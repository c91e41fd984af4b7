"""Webhooks, as a test sees them and decides about them: their states, and hold, release, repeat and drop."""

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Sequence
from typing import NamedTuple
from typing import get_args
from urllib.parse import urlsplit

from fakestripe_meters.control.naming import Naming
from fakestripe_meters.control.webhook_answers import UnheardEvents
from fakestripe_meters.control.webhook_answers import WebhookAnswer
from fakestripe_meters.control.webhook_answers import WebhookDelivery
from fakestripe_meters.control.webhook_answers import WebhookDetail
from fakestripe_meters.control.webhook_answers import WebhookSettings
from fakestripe_meters.control.webhook_answers import WebhookState
from fakestripe_meters.control.webhook_answers import WebhookTry
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

STATES: tuple[WebhookState, ...] = get_args(WebhookState)
MOST = 1_000_000
SIGNATURE = "Stripe-Signature"
CREDENTIALS = "Authorization"
LEFT_OUT = "(left out)"


class Found(NamedTuple):
    """A delivery of an account, with what is known of it by now."""

    account: Account
    delivery: Delivery
    state: WebhookState
    next_try: int | None


class Hooks(Naming):
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

    def webhooks_about(self, events: Collection[str], account: str) -> list[WebhookDelivery]:
        """Return the deliveries of some events of an account, oldest first."""
        return self._shown([each for each in self._found(account) if each.delivery.event in events])

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

    def _found(self, account: str | None) -> Iterator[Found]:
        """Yield the deliveries of accounts, each account's oldest first, and what is held although it is forgotten."""
        parcels = list(self.engine.outbox.held.parcels)
        for each in self._accounts(account):
            with each.lock:
                deliveries = each.peek(Deliveries)
                known = [] if deliveries is None else list(deliveries.table)
                own = {parcel.delivery.id: parcel.delivery for parcel in parcels if parcel.account is each}
                retries: dict[str, int] = {}
                for entry in each.agenda.entries():
                    if entry.kind == Work.RETRY_DELIVERY:
                        due = entry.due_ns // SECOND_NS
                        retries[entry.subject] = min(due, retries.get(entry.subject, due))
                found = []
                for one in {**{one.id: one for one in known}, **own}.values():
                    state = "held" if one.id in own else self._state(each, one, deliveries)
                    found.append(Found(each, one, state, retries.get(one.id) if state == "failed" else None))
            yield from found

    def _state(self, account: Account, delivery: Delivery, deliveries: Deliveries | None) -> WebhookState:
        if delivery.state != "pending":
            return delivery.state
        if deliveries is not None and delivery.id in deliveries.ready:
            held = self.engine.outbox.held.wants(_type(account, delivery))  # a restored one
            return "held" if held else "waiting"
        under_way = deliveries is not None and delivery.id in deliveries.under_way
        return "waiting" if under_way or not delivery.tries else "failed"

    def _sought(self, ids: Sequence[str], param: str) -> list[Found]:
        """Return the deliveries with these ids, in this order; raise `Misuse` if there is none of an id."""
        found = {each.delivery.id: each for each in self._found(None)}
        for each in ids:
            if each not in found:
                raise Misuse(f"there is no webhook {shortened(each)!r}", param=param)
        return [found[each] for each in ids]

    def _outcome(self, ids: Sequence[str]) -> list[WebhookDelivery]:
        """Return what has become of deliveries; without those that a reset has dropped meanwhile."""
        found = {each.delivery.id: each for each in self._found(None)}
        return self._shown([found[each] for each in dict.fromkeys(ids) if each in found])

    def _tries(self) -> dict[str, list[Try]]:
        tries: dict[str, list[Try]] = {}
        for each in list(self.engine.outbox.tries.present):
            tries.setdefault(each.notification.id, []).append(each)
        return tries

    def _notification(self, found: Found) -> Notification | None:
        """Return what was sent at last, or what would be sent; None if its event or its receiver is gone."""
        account, delivery = found.account, found.delivery
        if tried := self._tries().get(delivery.id):
            return tried[-1].notification
        for parcel in list(self.engine.outbox.held.parcels):
            if parcel.delivery.id == delivery.id:
                return parcel.notification
        with account.lock:
            to = (each for each in listeners(account) if each.id == delivery.destination)
            return next((written(account, delivery, each) for each in to), None)

    def _sendable(self, found: Found) -> Notification:
        notification = self._notification(found)
        if notification is None:
            message = f"the webhook {found.delivery.id} cannot be sent again: its event or its receiver is gone"
            raise Misuse(message, param="ids")
        return notification

    def _shown(self, deliveries: Sequence[Found]) -> list[WebhookDelivery]:
        tries = self._tries()
        return [_delivery(each, tries.get(each.delivery.id, [])) for each in deliveries]


def _delivery(found: Found, tries: Sequence[Try]) -> WebhookDelivery:
    account, delivery = found.account, found.delivery
    url = tries[-1].notification.url if tries else _address(account, delivery)
    return {
        "id": delivery.id,
        "event": delivery.event,
        "type": _type(account, delivery),
        "url": _shown_url(url),
        "account": called(account),
        "state": found.state,
        "tries": [_try(each) for each in tries],
        "next_try": found.next_try,
    }


def _try(one: Try) -> WebhookTry:
    return {"at": one.at, "status": one.outcome.status, "error": masked(one.outcome.error) or None}


def _answer(one: Try) -> WebhookAnswer:
    said = masked(one.outcome.body.decode(errors="replace"))
    return {"status": one.outcome.status, "body": said, "error": masked(one.outcome.error) or None}


def _type(account: Account, delivery: Delivery) -> str:
    """Return the type of a delivery's event; an empty one if the event is no longer kept."""
    events = account.peek(ThinEvents) if delivery.payload == "thin" else account.peek(Events)
    event = None if events is None else events.table.get(delivery.event)
    return "" if event is None else event.type


def _address(account: Account, delivery: Delivery) -> str:
    """Return where a delivery goes; an empty text if its receiver is gone."""
    return next((each.url for each in listeners(account) if each.id == delivery.destination), "")


def _shown_url(url: str) -> str:
    """Return a URL without user name and password, its keys masked."""
    parts = urlsplit(url)
    return masked(parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl())


def _strings(value: object, name: str, what: str) -> tuple[str, ...]:
    """Check for a list of strings that is not empty: one that is could mean all, or none."""
    given = checks.several(value, name, f"a list of {what}")
    if not given:
        raise checks.refused(name, f"a list with at least one of the {what}", list(given))
    return tuple(checks.text(each, name) for each in given)


def _ids(value: object) -> tuple[str, ...]:
    return _strings(value, "ids", "ids of webhooks")
