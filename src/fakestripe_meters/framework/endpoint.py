"""How a Stripe object declares its operations."""

import re
from collections.abc import Callable
from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import cached_property
from typing import Any
from typing import Protocol
from typing import TypeVar

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import DueWork
from fakestripe_meters.core.account import Repeats
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.options import Settings
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.framework.expanding import Fields
from fakestripe_meters.framework.expanding import LeftOut
from fakestripe_meters.wire import v1
from fakestripe_meters.wire.message import Request
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree

SHOULD_NOT_RETRY = {"Stripe-Should-Retry": "false"}
VARIABLE = re.compile(r"<(?:path:)?(\w+)>")
Function = TypeVar("Function", bound=Callable[..., Any])


class Style(Protocol):
    """How requests are read and responses written: `wire.v1` or `wire.v2`."""

    IDEMPOTENT_METHODS: frozenset[str]
    KEPT_S: int
    KEEPS_FAILURES: bool
    LOCK_STATUS: int
    """The status of an answer because another request uses the object."""

    def decode(self, request: Request, /) -> Tree:
        """Return the parameters of a request as one tree."""

    def fingerprint(self, request: Request, tree: Tree, /) -> object:
        """Return a value by which a repetition of the request is recognized."""

    def error_object(self, error: StripeError, *, account: str | None, request_id: str) -> Tree:
        """Return the `error` of a response."""


class Simple(Params):
    """The parameters of an operation of API v2, where nothing expands."""

    @property
    def expand(self) -> tuple[str, ...]:
        """An empty tuple."""
        return ()


class Operation(Simple):
    """The parameters that every operation of API v1 takes."""

    expand: tuple[str, ...] = param(default=(), doc="Fields to return in full instead of as an id.")


@observed("a `limit` below 1 or above 100 is taken as 1 or 100, for customers (Kiln-AI/stripe_world)")
@inferred("the same for all other lists")
class ListParams(Operation):
    """The parameters that every list operation takes; the newest objects come first."""

    limit: int = param(default=10, least=1, most=100, clamps=True, doc="Maximum number of objects.")
    starting_after: str | None = param(default=None, doc="The id after which the page starts.")
    ending_before: str | None = param(default=None, doc="The id before which the page ends.")


class SearchParams(Operation):
    """The parameters that every search takes; the newest objects come first."""

    query: str = param(doc="What to look for, in Stripe's search query language.")
    limit: int = param(default=10, least=1, most=100, doc="Maximum number of objects.")
    page: str | None = param(default=None, doc="The `next_page` of the page before, with the same query.")


@dataclass(frozen=True, slots=True)
class Listing:
    """The result of a list operation; the object's resource renders the records."""

    records: list[Any]
    has_more: bool
    url: str


@dataclass(frozen=True, slots=True)
class Found:
    """The result of a search; the object's resource renders the records."""

    records: list[Any]
    next_page: str | None
    total: int | None
    """How many objects match; None unless the request expands it."""
    url: str


@dataclass(frozen=True, slots=True)
class Download:
    """The result of an operation that answers with a file, which is no JSON."""

    data: bytes
    media_type: str
    filename: str

    @property
    def headers(self) -> dict[str, str]:
        """The headers that it is sent with."""
        return {"Content-Type": self.media_type, "Content-Disposition": f'attachment; filename="{self.filename}"'}


@dataclass(frozen=True)
class Endpoint:
    """One operation: a function `(account, params, **path)` that a method and a URL call."""

    method: str
    rule: str
    """A URL in werkzeug's notation: `/v1/billing/meters/<meter_id>`."""
    operate: Callable[..., Any]
    params: type[Simple]
    resource: "Resource"
    dry: bool = False
    """Whether all that it does is undone once the answer is written."""

    def run(self, account: Account, params: Simple, path: Mapping[str, str]) -> object:
        """Call the function; if it changes an object, then at the time of that object (see `Resource`)."""
        if self.resource.time is None or self.method == "GET" or not path:
            return self.operate(account, params, **path)
        with self.resource.time(account, next(iter(path.values()))):
            return self.operate(account, params, **path)

    @property
    def name(self) -> str:
        """Module and function: `billing.meters.create`."""
        module = self.operate.__module__.partition(".resources.")[2]
        return f"{module}.{self.operate.__name__.rstrip('_')}"

    @cached_property
    def route(self) -> str:
        """Method and URL rule, as version changes name it: `POST /v1/billing/meters`."""
        return f"{self.method} {self.rule}"

    @cached_property
    def path_names(self) -> tuple[str, ...]:
        """The names of the variable parts of the URL, in their order."""
        return tuple(VARIABLE.findall(self.rule))

    @cached_property
    def lists(self) -> bool:
        """Whether the response is a list, or the page of a search."""
        return issubclass(self.params, ListParams) or self.searches

    @cached_property
    def searches(self) -> bool:
        """Whether the response is the page of a search."""
        return issubclass(self.params, SearchParams)

    @cached_property
    def limit(self) -> str | None:
        """The rate limit that counts its calls besides those of all operations (see `core.limiter`)."""
        if self.resource.limit == "files":
            return "file_reads" if self.method == "GET" else "file_writes"
        return "search" if self.searches else self.resource.limit

    @cached_property
    def downloads(self) -> bool:
        """Whether the response is a file."""
        return self.operate.__annotations__.get("return") is Download

    @cached_property
    @observed("that, in API v1, answers of 200 to POST have it; a card that declines has it too (pay-rails/pay)")
    @inferred("answers of API v2 have none")
    def headers(self) -> Mapping[str, str]:
        """The headers of an answer of 200 that no other answer has."""
        return SHOULD_NOT_RETRY if self.method == "POST" and self.resource.style is v1 else {}

    def is_offered(self, settings: Settings) -> bool:
        """Return whether accounts have this operation at all: previews can be switched off."""
        return self.resource.setting is None or bool(getattr(settings, self.resource.setting))

    @property
    def absence(self) -> str:
        """The hint in the journal if the operation is not offered."""
        return f"this fake was made with {self.resource.setting}=False"

    def show(self, account: Account, outcome: object) -> Tree:
        """Return the result of the operation as JSON: a rendered record, a list of records, or the tree as it is."""
        if isinstance(outcome, Listing):
            data = [self.resource.render(account, record) for record in outcome.records]
            return v1.list_object(data, has_more=outcome.has_more, url=outcome.url)
        if isinstance(outcome, Found):
            data = [self.resource.render(account, record) for record in outcome.records]
            return v1.search_result(data, next_page=outcome.next_page, total=outcome.total, url=outcome.url)
        return outcome if isinstance(outcome, dict) else self.resource.render(account, outcome)


class Resource:
    """One Stripe object: its name, its URL, how a record becomes JSON, and its operations.

    Wherever `expand` meets an id of the object, the record that `by_id` returns is shown in its place. `left_out` are
    the fields that are only shown if they are expanded. `expands` names what can be expanded besides what Stripe's
    description of the object says. `limit` is the rate limit that counts its calls (see `core.limiter`): `global` by
    default, `files` for those of reads and writes of files, None if the operation calls the limiter itself. `locks`
    returns what a request without an id in its URL locks meanwhile, from its parameters. Operations that are
    `in_session` are authenticated by a session token instead of an API key. `setting` names the field of `Settings`
    that switches the object on. `time` returns a context manager for an object's id: changes to the object are made
    within it, at the time of the object's test clock. `is_account` says that an id in the URL is that of the account
    which answers, as if `Stripe-Account` named it.
    """

    def __init__(
        self,
        name: str,
        path: str,
        *,
        render: Callable[[Account, Any], Tree],
        by_id: Callable[[Account, str], Any] | None = None,
        left_out: Mapping[str, LeftOut] | None = None,
        expands: Fields | None = None,
        limit: str | None = "global",
        locks: Callable[[Tree], object] | None = None,
        style: Style = v1,
        in_session: bool = False,
        setting: str | None = None,
        time: Callable[[Account, str], AbstractContextManager[None]] | None = None,
        is_account: bool = False,
    ) -> None:
        self.name = name
        self.path = path
        self.render = render
        self.by_id = by_id
        self.left_out = dict(left_out or {})
        self.expands = dict(expands or {})
        self.limit = limit
        self.locks = locks
        self.style = style
        self.in_session = in_session
        self.setting = setting
        self.time = time
        self.is_account = is_account
        self.endpoints: list[Endpoint] = []
        self.due_work: dict[str, DueWork] = {}
        self.repeats: dict[str, Repeats] = {}

    def show(self, account: Account, identifier: str) -> Tree | None:
        """Return the object with an id as Stripe shows it; None if there is none, or if ids do not expand to it."""
        record = None if self.by_id is None else self.by_id(account, identifier)
        return None if record is None else self.render(account, record)

    def get(self, suffix: str = "", *, dry: bool = False) -> Callable[[Function], Function]:
        """Declare a function as the operation for GET at the object's path plus `suffix`; what is `dry` is undone."""
        return self._declare("GET", suffix, dry=dry)

    def post(self, suffix: str = "", *, dry: bool = False) -> Callable[[Function], Function]:
        """Declare a function as the operation for POST."""
        return self._declare("POST", suffix, dry=dry)

    def delete(self, suffix: str) -> Callable[[Function], Function]:
        """Declare a function as the operation for DELETE."""
        return self._declare("DELETE", suffix)

    def due(self, kind: Work, repeats: Repeats | None = None) -> Callable[[DueWork], DueWork]:
        """Declare a function as the one that does scheduled work of a kind.

        If the work schedules itself again, `repeats` estimates how often.
        """

        def declare(work: DueWork) -> DueWork:
            self.due_work[kind] = work
            if repeats is not None:
                self.repeats[kind] = repeats
            return work

        return declare

    def _declare(self, method: str, suffix: str, *, dry: bool = False) -> Callable[[Function], Function]:
        def declare(operate: Function) -> Function:
            params = operate.__annotations__["params"]
            self.endpoints.append(Endpoint(method, self.path + suffix, operate, params, self, dry))
            return operate

        return declare
