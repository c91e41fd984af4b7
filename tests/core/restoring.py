"""What the tests of snapshots share."""

from typing import Any

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse

KINDS = {
    "billing.alerts",
    "billing.credits",
    "billing.meters",
    "customers",
    "deliveries",
    "destinations",
    "events",
    "invoiceitems",
    "invoices",
    "prices",
    "products",
    "reports",
    "sessions",
    "subscriptions",
    "test_helpers.test_clocks",
    "usage",
    "v2.core.events",
}
"""The kinds of data that a snapshot has had since the first release."""


def is_restored(fake: FakeStripe, tree: Any) -> bool:  # noqa: ANN401  any JSON tree
    """Restore a snapshot; or return False if it is refused, which changes nothing."""
    fake.reset()
    before = fake.snapshot()
    try:
        fake.restore(tree)
    except Misuse:
        assert fake.snapshot() == before
        return False
    return True
