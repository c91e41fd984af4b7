"""How a Stripe object declares what can be done with it."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from typing import Protocol
from typing import TypeVar

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import DueWork
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.settings import Settings
from fakestripe_meters.framework.expanding import Expansion
from fakestripe_meters.wire import v1
from fakestripe_meters.wire.message import Request
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree

Function = TypeVar("Function", bound=Callable[..., Any])


class Style(Protocol):
    """`wire.v1` or `wire.v2`: how a request is read and an answer written."""

    IDEMPOTENT_METHODS: frozenset[str]
    KEPT_S: int
    KEEPS_FAILURES: bool

    def decode(self, request: Request, /) -> Tree:
        """The parameters of a request in one tree."""

    def fingerprint(self, request: Request, tree: Tree, /) -> object:
        """What is kept of a request to know it again."""

    def error_object(self, error: StripeError, *, account: str | None, request_id: str) -> Tree:
        """What stands under `error` in an answer."""


class Simple(Params):
    """The parameters of an operation of API v2, where nothing expands."""

    @property
    def expand(self) -> tuple[str, ...]:
        """Nothing."""
        return ()


class Operation(Simple):
    """The parameters that every operation of API v1 takes."""

    expand: tuple[str, ...] = param(default=(), doc="Fields to answer in full instead of by id.")


class ListParams(Operation):
    """The parameters that every operation which lists takes; newest first."""

    limit: int = param(default=10, least=1, most=100, doc="How many objects at most.")
    starting_after: str | None = param(default=None, doc="The id behind which the page starts.")
    ending_before: str | None = param(default=None, doc="The id before which the page ends.")


@dataclass(frozen=True, slots=True)
class Listing:
    """What an operation that lists returns; the records are rendered by the object's resource."""

    records: list[Any]
    has_more: bool
    url: str


@dataclass(frozen=True)
class Endpoint:
    """One operation: a plain function `(account, params, **path)` behind a method and a URL."""

    method: str
    rule: str
    """A URL in werkzeug's notation: `/v1/billing/meters/<meter_id>`."""
    operate: Callable[..., Any]
    params: type[Simple]
    resource: "Resource"
    limit: str | None
    """Which rate limit counts its calls; see `core.limiter`."""

    @property
    def name(self) -> str:
        """`billing.meters.create`: module and function."""
        module = self.operate.__module__.partition(".resources.")[2]
        return f"{module}.{self.operate.__name__.rstrip('_')}"

    @cached_property
    def route(self) -> str:
        """`POST /v1/billing/meters`, as version changes name it."""
        return f"{self.method} {self.rule}"

    @cached_property
    def lists(self) -> bool:
        """Whether the answer is a list."""
        return issubclass(self.params, ListParams)

    def is_offered(self, settings: Settings) -> bool:
        """Whether accounts have this call at all: of a preview not all do."""
        return self.resource.setting is None or bool(getattr(settings, self.resource.setting))

    @property
    def absence(self) -> str:
        """What the journal says where it is not offered."""
        return f"this Stripe was made with {self.resource.setting}=False"

    def show(self, account: Account, outcome: object) -> Tree:
        """What the operation returned, as JSON: a record, a list of records, or a tree ready made."""
        if isinstance(outcome, Listing):
            data = [self.resource.render(account, record) for record in outcome.records]
            return v1.list_object(data, has_more=outcome.has_more, url=outcome.url)
        return outcome if isinstance(outcome, dict) else self.resource.render(account, outcome)


class Resource:
    """One Stripe object: its name, its URL, how a record becomes JSON, and its operations.

    `expands` names the fields that may be expanded, and how. `limit` is the rate limit that counts its
    calls: a bucket of its own, or `global`; None if the operation asks the limiter itself. What a
    meter event session opens is no business of API keys. `setting` names the one of `Settings` that offers it.
    """

    def __init__(
        self,
        name: str,
        path: str,
        *,
        render: Callable[[Account, Any], Tree],
        expands: Mapping[str, Expansion] | None = None,
        limit: str | None = "global",
        style: Style = v1,
        in_session: bool = False,
        setting: str | None = None,
    ) -> None:
        self.name = name
        self.path = path
        self.render = render
        self.expands = dict(expands or {})
        self.limit = limit
        self.style = style
        self.in_session = in_session
        self.setting = setting
        self.endpoints: list[Endpoint] = []
        self.due_work: dict[str, DueWork] = {}

    def get(self, suffix: str = "") -> Callable[[Function], Function]:
        """Declare a function to be what GET does at the object's path and `suffix`."""
        return self._declare("GET", suffix)

    def post(self, suffix: str = "") -> Callable[[Function], Function]:
        """Declare a function to be what POST does."""
        return self._declare("POST", suffix)

    def delete(self, suffix: str = "") -> Callable[[Function], Function]:
        """Declare a function to be what DELETE does."""
        return self._declare("DELETE", suffix)

    def due(self, kind: Work) -> Callable[[DueWork], DueWork]:
        """Declare a function to do the agenda's work of one kind."""

        def declare(work: DueWork) -> DueWork:
            self.due_work[kind] = work
            return work

        return declare

    def _declare(self, method: str, suffix: str) -> Callable[[Function], Function]:
        def declare(operate: Function) -> Function:
            params = operate.__annotations__["params"]
            self.endpoints.append(Endpoint(method, self.path + suffix, operate, params, self, self.limit))
            return operate

        return declare


@dataclass(frozen=True, slots=True)
class Registry:
    """Everything the resources declare, gathered once."""

    resources: tuple[Resource, ...]

    def endpoints(self) -> Iterator[Endpoint]:
        """All operations of all objects."""
        return (endpoint for resource in self.resources for endpoint in resource.endpoints)

    def due_work(self) -> dict[str, DueWork]:
        """Who does what the agenda brings up."""
        return {kind: work for resource in self.resources for kind, work in resource.due_work.items()}

    def expansions(self) -> dict[str, Mapping[str, Expansion]]:
        """Object name → the fields of it that may be expanded."""
        return {resource.name: resource.expands for resource in self.resources}
