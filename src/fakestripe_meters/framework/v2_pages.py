"""Pages of API v2: a token in the URL of a page says where it begins."""

from base64 import urlsafe_b64decode
from base64 import urlsafe_b64encode
from collections.abc import Callable
from collections.abc import Sequence
from typing import TypeVar
from urllib.parse import urlencode

from fakestripe_meters.core import errors
from fakestripe_meters.core.table import Record
from fakestripe_meters.core.table import Table
from fakestripe_meters.framework.endpoint import Simple
from fakestripe_meters.wire import v2
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree

R = TypeVar("R", bound=Record)
AFTER, BEFORE = "after", "before"


class ListParamsV2(Simple):
    """The parameters that every list operation of API v2 takes; the newest objects come first."""

    limit: int = param(default=20, least=1, most=100, doc="Maximum number of objects.")
    page: str | None = param(default=None, max_length=500, doc="The token from the URL of a page.")


def page(
    table: Table[R],
    params: ListParamsV2,
    *,
    path: str,
    filters: Sequence[tuple[str, str]] = (),
    where: Callable[[R], bool],
    render: Callable[[R], Tree],
) -> Tree:
    """Return the page that `params` ask for; `filters` are repeated in the URLs of the pages before and after it."""
    direction, cursor = _opened(params.page)
    if cursor and not table.knows(cursor):
        raise errors.v2.invalid_page(params.page or "")
    if direction == BEFORE:
        found = table.page(params.limit, before=cursor, where=where)
        older, newer = bool(found.records), found.has_more
    else:
        found = table.page(params.limit, after=cursor or None, where=where)
        older, newer = found.has_more, bool(cursor)

    def url(direction: str, record: R) -> str:
        neighbour = [*filters, ("limit", str(params.limit)), ("page", _token(direction, record.id))]
        return f"{path}?{urlencode(neighbour)}"

    records = found.records
    return v2.list_object(
        [render(record) for record in records],
        next_page_url=url(AFTER, records[-1]) if older and records else None,
        previous_page_url=url(BEFORE, records[0]) if newer and records else None,
    )


def _token(direction: str, identifier: str) -> str:
    return urlsafe_b64encode(f"{direction}/{identifier}".encode()).decode().rstrip("=")


def _opened(token: str | None) -> tuple[str, str]:
    if token is None:
        return AFTER, ""
    try:
        text = urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    except ValueError:
        raise errors.v2.invalid_page(token) from None
    direction, _, cursor = text.partition("/")
    if direction not in (AFTER, BEFORE) or not cursor:
        raise errors.v2.invalid_page(token)
    return direction, cursor
