"""The outbox: sends webhooks, with the signature that the SDKs verify.

Nothing is sent while an account's lock is held. HTTP is sent by one thread for each destination; a target in this
process is called by the thread that finds the delivery ready. After an answer of 2xx nothing is sent again.
"""

import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.aside import step_aside
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.clock import process_ns
from fakestripe_meters.core.errors import Conflict
from fakestripe_meters.core.locks import check_delivering
from fakestripe_meters.core.world import World
from fakestripe_meters.delivery.held import Held
from fakestripe_meters.delivery.inbox import Inbox
from fakestripe_meters.delivery.notification import Notification
from fakestripe_meters.delivery.notification import written
from fakestripe_meters.delivery.outcome import TIMEOUT_S
from fakestripe_meters.delivery.outcome import Outcome
from fakestripe_meters.delivery.rounds import Rounds
from fakestripe_meters.delivery.ticker import Ticker
from fakestripe_meters.delivery.traffic import SUCCESSES
from fakestripe_meters.delivery.traffic import Lane
from fakestripe_meters.delivery.traffic import Parcel
from fakestripe_meters.delivery.traffic import Target
from fakestripe_meters.delivery.traffic import Targets
from fakestripe_meters.delivery.traffic import Traffic
from fakestripe_meters.delivery.traffic import Tries
from fakestripe_meters.delivery.traffic import Try
from fakestripe_meters.domain.events.addresses import is_permitted
from fakestripe_meters.domain.events.deliveries import Deliveries
from fakestripe_meters.domain.events.deliveries import Delivery
from fakestripe_meters.domain.events.destinations import Destinations
from fakestripe_meters.domain.events.destinations import listeners

MOST_MOVES = 1_000
"""How often handlers in this process may move the clock, from the first delivery until none is left."""


class Outbox:
    """Sends the deliveries that are ready, notes every try, and holds back deliveries if a test says so."""

    def __init__(self) -> None:
        self._traffic = Traffic()
        self._condition = self._traffic.condition
        self.held = Held(self._condition)
        self.rounds: Rounds[tuple[Parcel, Target]] = Rounds()
        self._ticker = Ticker()
        self.tried = 0
        """How often something was sent."""
        self._lanes: dict[tuple[Account, str], Lane] = {}
        self.served: World | None = None
        """The world whose webhooks are sent; None while none are."""
        self.forget()

    def forget(self, *, restored: bool = False) -> None:
        """Send nothing more of the old world, and forget it; the test's receivers and settings too, if it is over."""
        self._stop()
        with self._condition:
            self.tries = Tries()
            self.held.drop()
            if restored:
                self.failures.clear()  # in place: handlers go on adding to it
            else:
                self.failures: list[Exception] = []
                self.inboxes: list[Inbox] = []
                self.targets = Targets()
                self.held.types = ()
                self.timeout_s = TIMEOUT_S

    def drop(self, account: Account) -> None:
        """Send nothing more of one account, and wait for nothing of it."""
        with self._condition:
            for (owner, _), lane in self._lanes.items():
                if owner is account:
                    lane.waiting.clear()
            self.held.drop(account)
            self._traffic.drop(account)

    def raise_failures(self) -> None:
        """Raise the failures of targets in this process, and forget them."""
        failures = self.failures.copy()
        self.failures.clear()
        if failures:
            raise failures[0] if len(failures) == 1 else ExceptionGroup("webhook handlers failed", failures)

    def close(self) -> None:
        """Send nothing more, and end the event loop of handlers."""
        self.served = None
        self._stop()
        self.failures += self.rounds.stop_loop(self.timeout_s)

    def serve(self, world: World) -> None:
        """Send the webhooks of a world from now on."""
        self.served = world
        self.attend(world)

    def attend(self, world: World) -> None:
        """Let the ticker do the polls of a world whose clock runs."""
        if world.polling and world is self.served and not world.clock.frozen:
            self._ticker.watch(world)

    def dispatch(self, world: World, account: Account) -> None:
        """Send what an account has ready, or hold it back if a test says so."""
        self.deliver(self.gather(world, account))

    def gather(self, world: World, account: Account) -> list[Parcel]:
        """Take what an account has ready; from here on the caller is responsible for it.

        A call does so while it still holds the account's lock, or another thread could take its notifications, and the
        call would return before its handlers have.
        """
        if world is not self.served or account.forgotten:
            return []
        deliveries = account.peek(Deliveries)  # nothing is made without the account's lock
        if deliveries is None and not account.listeners and account.peek(Destinations) is None:
            return []
        if not world.clock.frozen:
            self._ticker.watch(world)
        if deliveries is None or not deliveries.ready:
            return []
        with account.lock:
            found = [(delivery, self._written(account, delivery)) for delivery in deliveries.take_ready()]
            for delivery, notification in found:
                if notification is None:
                    deliveries.abandon(account, delivery)
        return [Parcel(account, delivery, each) for delivery, each in found if each is not None]

    def deliver(self, parcels: list[Parcel]) -> None:
        """Send these, or hold them back if a test says so."""
        if parcels and (rest := self.held.sift(parcels)):
            self.send(rest)

    def reaches(self, account: Account, notification: Notification) -> bool:
        """Return whether a notification of an account has a target here, or a URL that webhooks may be sent to."""
        target = self.targets.lookup(account, notification.destination, notification.url)
        return target is not None or is_permitted(notification.url, account.settings.webhook_hosts)

    def send_ready(self, world: World) -> None:
        """Send what all accounts have ready, and wait for no outcome over HTTP."""
        for account in list(world.accounts.values()):
            self.dispatch(world, account)

    def wait_until_sent(self, world: World) -> None:
        """Send what is ready, and wait until it is delivered or has failed; in a receiver's own thread, do not wait."""
        self.send_ready(world)
        if self._waits and world is self.served:
            step_aside()
            self._traffic.wait()

    def admit(self, *, leave: bool = False) -> bool:
        """Let a call that waits for deliveries begin, unless it would wait for itself: see `Traffic.admit`."""
        return not self._waits or self._traffic.admit(leave=leave)

    def admit_move(self) -> None:
        """Do the same for a call that moves the clock. Raise `Conflict` if handlers move it without end."""
        self.admit()
        if (this := self.rounds.here) is not None:
            this.moves += 1
            if this.moves > MOST_MOVES:
                message = (
                    f"webhook handlers have moved the clock {MOST_MOVES} times, and webhooks are still left: move it "
                    "after the handlers have returned"
                )
                raise Conflict(message)

    def awaited(self) -> frozenset[object]:
        """Return the deliveries under way that calls wait for: see `Traffic.awaited`."""
        return self._traffic.awaited()

    def send(self, parcels: Iterable[Parcel]) -> None:
        """Send these now, in this order. Those to targets in this process are delivered before this returns."""
        for parcel in parcels:
            target = self._target(parcel)
            if target is None:
                self._enqueue(parcel)
            else:
                self._hand_over(parcel, target)

    def _stop(self) -> None:
        self._ticker.stop()
        with self._condition:
            for lane in self._lanes.values():
                lane.waiting.clear()
            self._traffic.drop()

    @property
    def _waits(self) -> bool:
        """Whether a call from here waits for deliveries: not from a handler, nor if time alone has passed."""
        return self.rounds.here is None and not self.rounds.on_loop and not self._ticker.here

    def _target(self, parcel: Parcel) -> Target | None:
        return self.targets.lookup(parcel.account, parcel.notification.destination, parcel.notification.url)

    def _hand_over(self, parcel: Parcel, target: Target) -> None:
        """Call a target. What its own calls make ready waits until it returns, so that handlers are not nested."""
        this = self.rounds.here
        if this is not None and this.add((parcel, target)):
            return
        if not self.rounds.full:
            self._go_round((parcel, target))
        elif not self.rounds.join((parcel, target)):
            self._enqueue(parcel)

    def _go_round(self, first: tuple[Parcel, Target]) -> None:
        """Call a target, and then those of the parcels that join."""
        step_aside()
        with self.rounds.begun(first) as items:
            for parcel, target in items:
                with self._traffic.handled(parcel):
                    self._try(parcel, target)

    def _enqueue(self, parcel: Parcel) -> None:
        name = (parcel.account, parcel.notification.destination)
        with self._condition:
            if parcel.account.forgotten or self.served is None:
                return
            self._traffic.begin(parcel)
            lane = self._lanes.get(name)
            if lane is not None:
                lane.waiting.append(parcel)
                return
            lane = self._lanes[name] = Lane(deque([parcel]))
        threading.Thread(target=self._run, args=(name, lane), name="fakestripe-meters outbox", daemon=True).start()

    def _run(self, name: tuple[Account, str], lane: Lane) -> None:
        """Send one after another. After a timeout the rest of the queue fails at once, without waiting again."""
        send: Target = self._by_http
        while (parcel := self._next(name, lane)) is not None:
            try:
                target = self._target(parcel)
                if target is not None:
                    self._go_round((parcel, target))
                elif self._try(parcel, send).timed_out:
                    send = _not_tried
            except Exception as failure:  # noqa: BLE001  otherwise the lane would stop for good
                self.failures.append(failure)
            finally:
                self._traffic.end(parcel)

    def _next(self, name: tuple[Account, str], lane: Lane) -> Parcel | None:
        with self._condition:
            if lane.waiting:
                parcel = lane.waiting.popleft()
                parcel.sent = True
                return parcel
            del self._lanes[name]
            return None

    def _try(self, parcel: Parcel, target: Target) -> Outcome:
        """Deliver once, note the outcome, and schedule another try after a failure; not if the account is dropped."""
        check_delivering()
        if parcel.account.forgotten or self.served is None:
            return Outcome(None, "not sent: the account is no longer there, or the fake is paused")
        account = parcel.account
        notification = replace(parcel.notification, signed_at=process_ns() // SECOND_NS)
        outcome = target(notification)
        self.tried += 1
        with account.lock:
            if account.forgotten:
                return outcome
            self.tries.add(Try(account.now, notification, outcome))
            account.part(Deliveries).record(account, parcel.delivery, succeeded=outcome.status in SUCCESSES)
        return outcome

    def _by_http(self, notification: Notification) -> Outcome:
        from fakestripe_meters.delivery.sending import post  # imported late: it loads the e-mail package

        return post(notification.url, notification.headers, notification.body, self.timeout_s)

    def _written(self, account: Account, delivery: Delivery) -> Notification | None:
        """Return the notification of a delivery; None if its event or its destination is gone or not to be reached."""
        wanted = (each for each in listeners(account) if each.id == delivery.destination and each.enabled)
        notification = next((written(account, delivery, each) for each in wanted), None)
        if notification is None:
            delivery.state = "failed"
            return None
        if self.reaches(account, notification):
            return notification
        outcome = Outcome(None, "not sent: the host is not this machine, and not allowed by webhook_hosts")
        self.tries.add(Try(account.now, notification, outcome))
        delivery.state = "failed"
        return None


def _not_tried(_notification: Notification) -> Outcome:
    return Outcome(None, "not tried: the receiver did not answer the notification before")
