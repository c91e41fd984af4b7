"""Searches: which records a query finds, in pages. The query is written in Stripe's language (`search_language`)."""

import hashlib
from base64 import urlsafe_b64decode
from base64 import urlsafe_b64encode
from collections.abc import Callable
from collections.abc import Mapping
from operator import attrgetter
from types import MappingProxyType
from types import SimpleNamespace
from typing import Any
from typing import Generic
from typing import NamedTuple
from typing import TypeVar

from fakestripe_meters.core import errors
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.table import Record
from fakestripe_meters.core.table import Table
from fakestripe_meters.framework.endpoint import Found
from fakestripe_meters.framework.endpoint import SearchParams
from fakestripe_meters.framework.expanding import TOTAL
from fakestripe_meters.framework.search_language import Field
from fakestripe_meters.framework.search_language import Kind
from fakestripe_meters.framework.search_language import Query
from fakestripe_meters.framework.search_language import UnknownFieldError
from fakestripe_meters.framework.search_language import UnparsableError
from fakestripe_meters.framework.search_language import matcher
from fakestripe_meters.framework.search_language import parse

R = TypeVar("R", bound=Record)
# documented: the total is only accurate up to this number, as Stripe's OpenAPI says.
LARGEST_TOTAL = 10_000
NOTHING: Mapping[str, None] = MappingProxyType({})


def tokens(*names: str) -> dict[str, Field]:
    """Return fields whose whole value is compared, each read from the record's attribute of its name."""
    return {name: Field(Kind.TOKEN, attrgetter(name)) for name in names}


def strings(*names: str) -> dict[str, Field]:
    """Return fields that are searched for words and for parts of words."""
    return {name: Field(Kind.STRING, attrgetter(name)) for name in names}


def numbers(*names: str) -> dict[str, Field]:
    """Return fields whose value is compared as a number."""
    return {name: Field(Kind.NUMERIC, attrgetter(name)) for name in names}


class Searched(NamedTuple, Generic[R]):
    """What a search goes through."""

    url: str
    """It ends with the plural of the objects' name, and `/search`."""
    table: Table[R]
    fields: Mapping[str, Field]
    gone: Callable[[R], bool] = lambda _record: False
    """Whether a record cannot be found, because its object is deleted."""
    aside: Callable[[R], bool] = lambda _record: False
    """Whether a record is found only through a clause about one of `parents`."""
    parents: frozenset[str] = frozenset()
    former: Mapping[str, Mapping[str, Any] | None] = NOTHING
    """Id → object as it was before changes that are not visible yet; None for one that was made since."""


@documented("`total_count` is included if it is expanded: https://docs.stripe.com/api/pagination/search")
@inferred("the newest objects come first")
def search(searched: Searched[R], params: SearchParams) -> Found:
    """Return the page of a search that `params` ask for; raise StripeError 400 for an invalid query or page."""
    wanted, table, url = _wanted(searched, params.query), searched.table, searched.url
    mark = hashlib.blake2b(f"{url}?{params.query}".encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
    page = table.page(params.limit, after=_opened(table, params.page, mark), where=wanted)
    token = _token(mark, page.records[-1].id) if page.has_more else None
    total = min(sum(map(wanted, table)), LARGEST_TOTAL) if TOTAL in params.expand else None
    return Found(page.records, token, total, url)


def _wanted(searched: Searched[R], text: str) -> Callable[[R], bool]:
    """Return a function that finds out whether a query finds a record, or raise StripeError 400."""
    gone, aside, former, fields = searched.gone, searched.aside, searched.former, searched.fields
    try:
        query = parse(text)
        matches = matcher(query, fields)
    except UnparsableError:
        raise errors.searching.unparsable_query() from None
    except UnknownFieldError as unknown:
        raise errors.searching.unknown_field(str(unknown), searched.url.split("/")[-2]) from None
    through = [each for each in query.clauses if each.field in searched.parents and not each.negated]
    belongs = matcher(Query(tuple(through), alternatives=True), fields)

    def wanted(record: R) -> bool:
        if gone(record):
            return False
        seen: object = record
        if record.id in former:
            tree = former[record.id]
            if tree is None:
                return False
            seen = SimpleNamespace(**tree)
        return matches(seen) and (not aside(record) or belongs(seen))

    return wanted


def _token(mark: str, last: str) -> str:
    """Return the token of the page after an object. It stays valid while newer objects are made."""
    return urlsafe_b64encode(f"{mark}/{last}".encode()).decode().rstrip("=")


def _opened(table: Table[R], token: str | None, mark: str) -> str | None:
    """Return the id of the object after which a page begins."""
    if token is None:
        return None
    try:
        _, _, last = urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode().partition("/")
    except ValueError:
        raise errors.searching.invalid_page(token) from None
    if not table.knows(last) or _token(mark, last) != token:
        raise errors.searching.invalid_page(token)
    return last
