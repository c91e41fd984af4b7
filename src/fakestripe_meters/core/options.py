"""What a fake may be made with besides its time and its seed: the one place that knows all of it."""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import TypedDict

from fakestripe_meters.core import checks
from fakestripe_meters.core.clock import duration_ns
from fakestripe_meters.core.limiter import Limits
from fakestripe_meters.core.settings import Settings

LONGEST_GRACE_S = 72 * 3_600


class Options(TypedDict, total=False):
    """Given by name; what is not given is as Stripe has it. `Settings` tells what each is for."""

    limits: str | Mapping[str, Any]
    lag: float
    async_validation: bool
    relaxed: bool
    async_clocks: bool
    finalization_grace: int
    analytics: bool
    webhook_hosts: Sequence[str]


def settings_of(options: Options) -> Settings:
    """The settings that options make; `Misuse` where one makes no sense."""
    for name in options:
        checks.known(name, ("now", "seed", *Options.__annotations__))
    grace_s = options.get("finalization_grace", Settings().finalization_grace_s)
    return Settings(
        limits=_limits(options.get("limits", "documented")),
        lag_ns=duration_ns(options.get("lag", 0), "lag"),
        async_validation=checks.flag(options.get("async_validation", False), "async_validation"),
        relaxed=checks.flag(options.get("relaxed", False), "relaxed"),
        async_clocks=checks.flag(options.get("async_clocks", False), "async_clocks"),
        finalization_grace_s=checks.whole(grace_s, "finalization_grace", 0, LONGEST_GRACE_S),
        analytics=checks.flag(options.get("analytics", True), "analytics"),
        webhook_hosts=_hosts(options.get("webhook_hosts", ())),
    )


def _limits(wish: object) -> Limits:
    if isinstance(wish, str):
        wish = {"profile": wish}
    if not isinstance(wish, Mapping):
        raise checks.refused("limits", "a profile's name, or single limits", wish)
    return checks.limits(wish, Settings().limits)


def _hosts(wish: object) -> tuple[str, ...]:
    if isinstance(wish, str) or not isinstance(wish, Sequence):
        raise checks.refused("webhook_hosts", "a list of hosts", wish)
    return tuple(checks.text(host, "webhook_hosts").lower() for host in wish)
