"""Chaos: requests that fail at random."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import cast

from fakestripe_meters.control import answers
from fakestripe_meters.control.plans import Plans
from fakestripe_meters.core import checks
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.faults import Chaos
from fakestripe_meters.core.faults import ChaosPlan
from fakestripe_meters.core.faults import Fault
from fakestripe_meters.core.patterns import Pattern
from fakestripe_meters.core.printing import masked

STATUSES = (429, 500, 503)


class RandomFaults(Plans):
    """The part of the control plane that lets requests fail at random."""

    def start_chaos(
        self,
        seed: int | str,
        rate: float,
        call: str = "* *",
        statuses: Sequence[int] = STATUSES,
        *,
        close: bool = False,
        after_commit: bool = False,
    ) -> answers.ChaosState:
        """Let a share of the requests like `call` fail at random; return what is in force. A `rate` of 0 ends it.

        `call` is a method and a path, such as `POST /v1/invoices/*/pay`. A failing request gets the Stripe error of one
        of `statuses`. With `close` the connection may be dropped instead, and with `after_commit` the work may be done,
        and only its answer lost. With the same `seed` the same calls of each method and path fail.
        """
        self.engine.require_open()
        target = self._target(call)
        plan = ChaosPlan(
            seed=cast("int | str", checks.seed(seed, "seed", optional=False)),
            rate=_share(rate),
            call=f"{target.method} {target.path}",
            statuses=_statuses(statuses),
            close=checks.flag(close, "close"),
            after_commit=checks.flag(after_commit, "after_commit"),
        )
        ways = [*plan.statuses, *([None] if plan.close else [])]
        if not ways:
            raise Misuse("this chaos has no effect: give statuses or close", param="statuses")
        faults = [
            Fault(target.method, target.path, status, after_commit=late, close=status is None)
            for status in ways
            for late in ([False, True] if plan.after_commit else [False])
        ]
        self.world.faults.chaos = Chaos(plan, faults) if plan.rate else None
        return self.chaos()

    def chaos(self) -> answers.ChaosState:
        """Return which requests fail at random, and how many have; a `rate` of 0 means none."""
        chaos = self.world.faults.chaos
        if chaos is None:
            return {
                "seed": None,
                "rate": 0,
                "call": None,
                "statuses": [],
                "close": False,
                "after_commit": False,
                "met": 0,
            }
        return cast(
            "answers.ChaosState",
            masked({**asdict(chaos.plan), "statuses": list(chaos.plan.statuses), "met": chaos.met}),
        )

    def end_chaos(self) -> None:
        """Let no more requests fail at random. Planned faults stay."""
        self.world.faults.chaos = None

    def _target(self, call: object) -> Pattern:
        method, path = checks.call(call, "call")
        try:
            return self.check_target(method, path)
        except Misuse as misuse:
            misuse.param = "call"
            raise


def _share(rate: object) -> float:
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= 1:
        raise checks.refused("rate", "a number from 0 to 1", rate)
    return rate


def _statuses(value: object) -> tuple[int, ...]:
    given = checks.several(value, "statuses", "a list of statuses")
    return tuple(checks.error_status(each, "statuses") for each in given)
