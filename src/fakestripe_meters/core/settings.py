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
