"""On which day of the month a billing cycle is anchored: how that is stored and shown."""

from fakestripe_meters.core.undo import record
from fakestripe_meters.wire.tree import Tree


@record
class AnchorConfig:
    """What a request said of the anchor."""

    day_of_month: int
    hour: int | None = None
    minute: int | None = None
    month: int | None = None
    second: int | None = None


def render(config: AnchorConfig | None) -> Tree | None:
    """Return a config as Stripe shows it."""
    if config is None:
        return None
    return {
        "day_of_month": config.day_of_month,
        "hour": config.hour,
        "minute": config.minute,
        "month": config.month,
        "second": config.second,
    }
