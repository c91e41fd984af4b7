"""Plans for subscriptions: what the tests of schedules begin from."""

from tests.conftest import Call
from tests.resources.shop import Tree

APRIL = 1743465600
SCHEDULES = "/v1/subscription_schedules"


def month(*prices: str | Tree, months: int = 1, **terms: object) -> Tree:
    """A phase of some months."""
    items = [{"price": each} if isinstance(each, str) else each for each in prices]
    return {"items": items, "duration": {"interval": "month", "interval_count": months}, **terms}


def planned(call: Call, ada: str, *phases: Tree, start: object = "now", **terms: object) -> Tree:
    return call.create(SCHEDULES, {"customer": ada, "start_date": start, "phases": list(phases), **terms})


def subscription_of(call: Call, schedule: Tree) -> Tree:
    found: Tree = call.get(f"/v1/subscriptions/{schedule['subscription']}").json
    return found
