"""What the calls of the control plane answer: the types from which its OpenAPI description is made."""

from typing import Annotated
from typing import Any
from typing import Literal
from typing import NotRequired
from typing import TypedDict

from fakestripe_meters.core.late import dataclass


@dataclass(frozen=True, slots=True)
class StripeObject:
    """Says of a type, in `Annotated`, that it is an object of Stripe's, as the API shows it."""

    name: str


CheckoutSession = Annotated[dict[str, Any], StripeObject("checkout.session")]


class ClockMoving(TypedDict):
    """How many pieces of work a move of the clock has done, of those that were foreseen."""

    done: int
    total: int


class ClockState(TypedDict):
    """The time in Unix seconds, and whether it stands still; with `moving` while it is being moved."""

    now: int
    frozen: bool
    moving: NotRequired[ClockMoving]


class Lag(TypedDict):
    """For how many seconds accepted usage stays invisible."""

    seconds: float


class Intent(TypedDict):
    """A payment intent or a setup intent, and what became of it."""

    id: str
    status: str


class JournalEntry(TypedDict):
    """One request and its outcome. The status is 0 while there is no answer.

    The last four are there on request: `headers` are those of the answer. If `answer` is null, `no_answer` says why.
    """

    at: int
    account: str | None
    method: str
    path: str
    params: Any
    status: int
    error: dict[str, Any] | None
    request_id: str
    idempotency_key: str | None
    api_version: str | None
    hint: str | None
    ignored: list[str]
    request_headers: NotRequired[dict[str, str] | None]
    headers: NotRequired[dict[str, str] | None]
    answer: NotRequired[Any]
    no_answer: NotRequired[str | None]


class PlannedFault(TypedDict):
    """A fault, with the number of requests that it will still meet."""

    method: str
    path: str
    status: int | None
    times: int
    after_commit: bool
    close: bool
    account: str | None
    delay: float
    code: str | None
    """The code of the error, where a status has several; null for the usual one."""
    reason: str | None
    """What the header `Stripe-Rate-Limited-Reason` says; null for the usual one."""


class StubCall(TypedDict):
    """A request that a stub has answered."""

    at: int
    account: str | None
    method: str
    path: str
    params: Any
    headers: dict[str, str]
    request_id: str


class PlannedStub(TypedDict):
    """A stub, with the calls that it has answered."""

    method: str
    path: str
    status: int
    json: Any
    times: int | None
    headers: dict[str, str]
    calls: list[StubCall]


class UnstruckPlan(TypedDict):
    """A fault or a stub that fewer requests met than planned, and the requests that came closest."""

    kind: Literal["fault", "stub"]
    call: str
    outcome: str
    planned: int
    met: int
    account: str | None
    near: list[str]
    left: int


class DroppedUsage(TypedDict):
    """Usage that was accepted and never counted, and why."""

    code: str
    message: str
    event: dict[str, Any]
    at: int


class Import(TypedDict):
    """What became of a usage file: how many of its records had which fate."""

    id: str
    created: int
    filename: str
    source: Literal["s3", "dashboard"]
    status: Literal["pending", "failed", "succeeded", "succeeded_with_errors"]
    failed_reason: str | None
    """Why the whole file was refused, in a sentence."""
    records: int
    counted: int
    duplicates: int
    """How many records had an identifier that was taken."""
    dropped: int
    """How many records were dropped for what they say, such as an unknown customer."""
    errors: int
    """How many records were refused for their form."""
    error_file: str | None
    """The id of the file with the refused records."""
    ignored: list[str]
    """What the file has besides, and means nothing: columns, or members of objects."""


class Behaviour(TypedDict):
    """Where one behaviour comes from, and its place in the code."""

    marks: list[str]
    module: str
    name: str
    line: int
    says: str
    sentences: list[str]
    sources: dict[str, str]
    operation: str
    source: str


class Fidelity(TypedDict):
    """What each mark means, and the behaviours that were asked for."""

    marks: dict[str, str]
    data: list[Behaviour]


class ChaosState(TypedDict):
    """Which requests fail at random, and how many have. A rate of 0 means none."""

    seed: int | str | None
    rate: float
    call: str | None
    statuses: list[int]
    close: bool
    after_commit: bool
    met: int


class CheckpointTaken(TypedDict):
    """A world that one can come back to, and its time in Unix seconds of the fake's clock."""

    id: str
    at: int


class AccountSummary(TypedDict):
    """An account, and how much is in it."""

    account: str
    """Its API key, masked."""
    id: str
    """Its id, `acct_…`, which other calls take as `account`."""
    connected: bool
    """Whether it is connected to the account of that key."""
    customers: int
    """How many customers it has."""
    meters: int
    """How many meters it has, active or not."""
    usage_events: int
    """How many usage events it has accepted, also those that are not visible yet or were cancelled."""
    requests: int
    """How many requests the journal has of it."""


class Scheduled(TypedDict):
    """Something that happens by itself when the clock reaches an instant."""

    at: int
    """When it happens, in Unix seconds."""
    what: str
    """What happens, in plain words."""
    object: str
    """The id of what it happens to; empty if there is no single object."""
    account: str
    """The API key of the account, masked."""
    account_id: str
    """The id of the account."""


class Report(TypedDict):
    """What there is to tell about a failing test."""

    report: str


class VendorCustomers(TypedDict):
    """Which of the account's customers other vendors' customers are: by their ids there, the ids here."""

    customers: dict[str, str]
