"""Which versions lack an endpoint: those before it was added, and those since it was removed."""

from fakestripe_meters.core import errors
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred

BASIL = "2025-03-31"
UPCOMING = frozenset({"GET /v1/invoices/upcoming", "GET /v1/invoices/upcoming/lines"})
SEARCH_BEGAN = "2020-08-27"
SEARCHES = frozenset(
    f"GET /v1/{objects}/search" for objects in ("customers", "invoices", "prices", "products", "subscriptions")
)


@documented(
    "searches need 2020-08-27 at least (the guide to searches), and 2025-03-31.basil removed upcoming invoices "
    "(its changelog)"
)
@inferred("an upcoming invoice is an unrecognized URL since then")
def check_endpoint(route: str, date: str, path: str) -> None:
    """Raise StripeError if the version with that date lacks an endpoint."""
    if route in SEARCHES and date < SEARCH_BEGAN:
        raise errors.searching.version_too_old(date, SEARCH_BEGAN)
    if route in UPCOMING and date >= BASIL:
        raise errors.requests.unrecognized_url("GET", path)
