"""What a test may do to a world: a wrong argument raises a `Misuse` that names it."""

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from typing import cast

from fakestripe_meters.control import answers
from fakestripe_meters.control.asking import Asking
from fakestripe_meters.control.chaos import RandomFaults
from fakestripe_meters.control.checkpoints import Checkpoints
from fakestripe_meters.control.importing import Importing
from fakestripe_meters.control.journaling import Journaling
from fakestripe_meters.control.limit_answers import LimitsInForce
from fakestripe_meters.control.mapped import Mapped
from fakestripe_meters.control.restricting import Restricting
from fakestripe_meters.control.webhooks import Hooks
from fakestripe_meters.core import checks
from fakestripe_meters.core import flushed
from fakestripe_meters.core import snapshot
from fakestripe_meters.core.agenda import AUTHENTICATED as SUCCEEDS
from fakestripe_meters.core.agenda import NOT_AUTHENTICATED as FAILS
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.clock import Clock
from fakestripe_meters.core.clock import When
from fakestripe_meters.core.clock import duration_ns
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.flights import Flights
from fakestripe_meters.core.intake import Dropped
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.limiter import Limiter
from fakestripe_meters.core.limits import Limits
from fakestripe_meters.core.printing import masked


class Control(Hooks, Restricting, Journaling, Checkpoints, RandomFaults, Asking, Mapped, Importing):
    """Every call of the control plane, for `FakeStripe` and for HTTP.

    What the methods take and return has the shape of the control plane's JSON: the names of their parameters are the
    names of its fields.
    """

    def reset(self, account: str | None = None) -> None:
        """Drop everything, and restore clock and settings; or drop only what the key of an `account` has made."""
        if account is None:
            self.world.reset()
        else:
            self.world.forget(self._key(account))

    # The clock

    def clock(self) -> answers.ClockState:
        """Return the time in Unix seconds, whether the clock is frozen, and how far a move is that is under way."""
        clock, moving = self.world.clock, self.world.under_way
        state: answers.ClockState = {"now": clock.now(), "frozen": clock.frozen}
        return state if moving is None else {**state, "moving": {"done": moving.done, "total": moving.total}}

    def move_clock(self, wish: Mapping[str, object]) -> answers.ClockState:
        """Do one of `freeze` (at a time), `advance` (by seconds), and `resume` (true); return the outcome."""
        if len(wish) != 1:
            message = "give exactly one of freeze, advance, and resume"
            raise Misuse(message)
        ((name, value),) = wish.items()
        move = MOVES[checks.known(name, MOVES)]
        try:
            move(self.world.clock, value)
        except Misuse as misuse:
            misuse.param = name
            raise
        return self.clock()

    # Settings

    def limits(self, account: str | None = None) -> LimitsInForce:
        """Return the limits in force; None is no limit. Most are in calls per second, else the name says in what.

        With `account`: those of its key, and what is `left` of each of the account's buckets. What counts for each
        operation or object has the least that is left of any, and those that are not full, such as
        `endpoint/POST /v1/customers`.
        """
        if account is None:
            return _shown(self.world.settings.limits)
        key, found = self._one(account)
        limits = self.world.limits.get(key, self.world.settings.limits)
        limiter, flights = (Limiter(), Flights()) if found is None else (found.limiter, found.flights)
        return {**_shown(limits), "left": limiter.left(limits, self.world.clock.now_ns()) | flights.left(limits)}

    def set_limits(self, wish: Mapping[str, object]) -> LimitsInForce:
        """Set a `profile`, single limits, or single limits over a profile; return the outcome.

        With `account`: for its key only, until that is reset.
        """
        rates = {name: value for name, value in wish.items() if name != "account"}
        if not rates:
            message = "give a profile, single limits, or both"
            raise Misuse(message)
        world, account = self.world, wish.get("account")
        if account is None:
            world.settings.limits = checks.limits(rates, world.settings.limits)
            return self.limits()
        key = self._key(account)
        world.limit(key, checks.limits(rates, world.limits.get(key, world.settings.limits)))
        return self.limits(key)

    def lag(self) -> answers.Lag:
        """Return for how many seconds accepted usage stays invisible."""
        seconds, rest_ns = divmod(self.world.settings.lag_ns, SECOND_NS)
        return {"seconds": seconds + rest_ns / SECOND_NS if rest_ns else seconds}

    def set_lag(self, seconds: float) -> answers.Lag:
        """Set for how many seconds usage that is accepted from now on stays invisible; return the outcome."""
        self.world.settings.lag_ns = duration_ns(seconds, "seconds")
        return self.lag()

    # Usage

    def flush(self) -> None:
        """Make all accepted usage and all changes visible now, and wait until all webhooks that are ready were sent.

        If another call already waits for webhooks that take long, don't wait: the caller may be their receiver, which
        would wait for itself.
        """
        courier = self.world.courier
        waits = courier.admit(leave=True)
        for account in self._accounts(None):
            with account.lock:
                self.world.enter(account)
                account.part(Intake).flush(account.now_ns)
                flushed.flush(account)
                account.due_work[Work.SHOW_USAGE](account, "")
        (courier.wait_until_sent if waits else courier.send_ready)(self.world)

    def dropped_usage(self, account: str | None = None) -> list[Dropped]:
        """Return usage that was accepted and never counted, oldest first: of all accounts, or of one.

        Keys are masked.
        """
        dropped: list[Dropped] = []
        for each in self._accounts(account):
            with each.lock:
                dropped += each.part(Intake).dropped
        shown = [replace(one, message=masked(one.message), event=masked(one.event)) for one in dropped]
        return sorted(shown, key=lambda one: one.at)

    def dropped(self, account: str | None = None) -> list[answers.DroppedUsage]:
        """Return dropped usage as JSON: `code`, `message`, `event`, and `at` (Unix seconds)."""
        return [
            {"code": each.code, "message": each.message, "event": each.event, "at": each.at}
            for each in self.dropped_usage(account)
        ]

    # Payments

    def authenticate(self, intent: str, succeeds: bool = True, account: str | None = None) -> answers.Intent:  # noqa: FBT001, FBT002  JSON
        """Let the customer authenticate a payment intent or a setup intent, or fail to; return its id and new status.

        `account`, a key or an id, says whose it is, if several have one of that id.
        """
        kind = next((kind for prefix, kind in ACTIONS.items() if str(intent).startswith(prefix)), None)
        if kind is None:
            raise checks.refused("intent", "the id of a payment intent or a setup intent", intent)
        if not isinstance(succeeds, bool):
            raise checks.refused("succeeds", "true or false", succeeds)
        part, work = kind
        with self.holding(part, intent, account, noun="intent", param="intent") as (owner, record):
            owner.due_work[work](owner, f"{intent} {SUCCEEDS if succeeds else FAILS}")
        return {"id": record.id, "status": record.status}

    def authenticate_payment(
        self,
        intent: str,
        succeeds: bool = True,  # noqa: FBT001, FBT002  JSON
        account: str | None = None,
    ) -> answers.Intent:
        """Let the customer authenticate a payment intent, or fail to; return its id and new status."""
        return self.authenticate(_of("pi_", intent), succeeds, account)

    def authenticate_setup(
        self,
        intent: str,
        succeeds: bool = True,  # noqa: FBT001, FBT002  JSON
        account: str | None = None,
    ) -> answers.Intent:
        """Let the customer authenticate a setup intent, or fail to; return its id and new status."""
        return self.authenticate(_of("seti_", intent), succeeds, account)

    # Snapshots

    def snapshot(self) -> dict[str, Any]:
        """Return the whole world as JSON, which contains the API keys of its accounts in full."""
        return snapshot.dump(self.world)

    def restore(self, tree: Any) -> None:  # noqa: ANN401  any JSON; a Misuse says what is wrong with it
        """Replace this world with that of a snapshot."""
        from fakestripe_meters.vendors import mapping  # noqa: F401  what a snapshot may hold

        self.engine.routes.load()  # as above
        snapshot.load(self.world, tree)


ACTIONS = {
    "pi_": ("payment_intents", Work.AUTHENTICATE_PAYMENT),
    "seti_": ("setup_intents", Work.AUTHENTICATE_SETUP),
}
"""The prefix of what can be authenticated → the name of its part, and the work."""


def _of(prefix: str, intent: str) -> str:
    """Return the id of an intent, of the kind that its prefix says."""
    if not intent.startswith(prefix):
        raise checks.refused("intent", f"an id that begins with {prefix}", intent)
    return intent


def _freeze(clock: Clock, when: When | None) -> None:
    if when is None:
        raise checks.refused("freeze", "a time: ISO 8601 or Unix seconds", when)
    clock.freeze(when)


def _resume(clock: Clock, wish: object) -> None:
    if wish is not True:
        raise checks.refused("resume", "true", wish)
    clock.resume()


MOVES: dict[str, Callable[[Clock, Any], None]] = {"freeze": _freeze, "advance": Clock.advance, "resume": _resume}


def _shown(limits: Limits) -> LimitsInForce:
    return cast("LimitsInForce", limits.to_json())
