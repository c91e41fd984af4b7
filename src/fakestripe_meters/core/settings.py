"""What a test may set: limits, lag, and which of Stripe's habits are in force."""

from dataclasses import dataclass

from fakestripe_meters.core.limiter import PROFILES
from fakestripe_meters.core.limiter import Limits


@dataclass(slots=True)
class Settings:
    """Changed by the control plane while the world runs; a reset brings back the start-up values."""

    limits: Limits = PROFILES["documented"]
    lag_ns: int = 0
    """How long accepted usage stays invisible."""
    async_validation: bool = False
    """Whether meter events are judged behind the 200 from the customer check on."""
    relaxed: bool = False
    """Whether Stripe's caps on test clocks are lifted."""
    finalization_grace_s: int = 3_600
    """How long a subscription's cycle invoice stays a draft; Stripe lets this be up to 72 hours."""
    async_clocks: bool = False
    """Whether advancing a test clock answers `advancing` and is done before the next request, not its own answer."""
    analytics: bool = True
    """Whether accounts are enrolled in the preview of the Meter Usage Analytics; others get 404."""
    webhook_hosts: tuple[str, ...] = ()
    """Hosts other than this machine that may be sent webhooks: a fake does not call strangers."""
