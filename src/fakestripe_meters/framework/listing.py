"""Pages of tables, and filters by time."""

from collections.abc import Callable
from typing import TypeVar

from fakestripe_meters.core import errors
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.table import Record
from fakestripe_meters.core.table import Table
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import any_integer

R = TypeVar("R", bound=Record)


class Range(Params):
    """Instants between bounds, in Unix seconds."""

    gt: int | None = any_integer(default=None)
    gte: int | None = any_integer(default=None)
    lt: int | None = any_integer(default=None)
    lte: int | None = any_integer(default=None)

    def holds(self, instant: int) -> bool:
        """Return whether an instant lies between the bounds that are given."""
        return is_between(instant, **vars(self))


def is_between(instant: int, *, gt: int | None, gte: int | None, lt: int | None, lte: int | None) -> bool:
    """Return whether an instant satisfies every bound that is given."""
    return (
        (gt is None or instant > gt)
        and (gte is None or instant >= gte)
        and (lt is None or instant < lt)
        and (lte is None or instant <= lte)
    )


def within(bounds: "int | Range | None", instant: int) -> bool:
    """Return whether an instant satisfies a filter such as `created`: absent, one second, or a range."""
    if bounds is None:
        return True
    return bounds.holds(instant) if isinstance(bounds, Range) else instant == bounds


@observed("the error, for customers, test clocks and cursors (pay-rails/pay, Kiln-AI/stripe_world)")
@inferred("the same for other objects")
def check_filter(table: Table[R], record_id: str | None, noun: str, path: str) -> None:
    """Raise StripeError 400 if a list filter names an object that never existed."""
    if record_id is not None and not table.knows(record_id):
        raise errors.objects.no_such(noun, record_id, param=path, status=400)


def page(
    table: Table[R],
    params: ListParams,
    *,
    url: str,
    noun: str,
    where: Callable[[R], bool] | None = None,
) -> Listing:
    """Return the page of `table` that `params` ask for; raise StripeError 400 if a cursor names no object."""
    cursors = {"starting_after": params.starting_after, "ending_before": params.ending_before}
    for name, cursor in cursors.items():
        check_filter(table, cursor, noun, name)
    if all(cursors.values()):
        raise errors.params.both_cursors()
    found = table.page(params.limit, after=params.starting_after, before=params.ending_before, where=where)
    return Listing(found.records, found.has_more, url)
