"""The analytics, asked by a page: by the operation that answers the API, without the journal and the limits."""

from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from fakestripe_meters.control import Control
from fakestripe_meters.core import windows
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.clock import HOUR_S
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.wire.schema import parse

PATH = "/v1/billing/analytics/meter_usage"
ALL = "all"
"""One bar for the whole range: the API is asked without a window."""
LENGTHS: dict[str, int] = {"hour": HOUR_S, "day": DAY_S, "week": 7 * DAY_S, "month": 30 * DAY_S}
"""How long a bar may be, and about how many seconds that is."""
NEWEST_NAMES = {"start_time": "starts_at", "end_time": "ends_at", "meter_id": "meter"}


@dataclass(frozen=True, slots=True)
class Question:
    """What a page asks: whose usage, in which time, and how it is split."""

    customer: str
    """The customer's id."""
    meter: str
    """The meter's id."""
    start: int
    """Unix seconds, inclusive."""
    end: int
    """Unix seconds, exclusive."""
    per: str = "day"
    timezone: str = "UTC"
    group_by: Sequence[str] = ()
    filters: Mapping[str, str] | None = None
    """The one value of a dimension that counts."""

    def tree(self) -> dict[str, Any]:
        """Return the parameters of the API, by the names that Stripe's guides use."""
        asked: dict[str, Any] = {"meter_id": self.meter}
        if self.group_by:
            asked["dimension_group_by_keys"] = list(self.group_by)
        if self.filters:
            asked["dimension_filters"] = dict(self.filters)
        tree: dict[str, Any] = {"customer": self.customer, "start_time": self.start, "end_time": self.end}
        tree["meters"] = [asked]
        if self.per != ALL:
            tree["value_grouping_window"] = self.per
        if self.timezone != "UTC":
            tree["timezone"] = self.timezone
        return tree

    @property
    def expected(self) -> int:
        """About how many buckets the range has."""
        return (self.end - self.start) // LENGTHS.get(self.per, max(1, self.end - self.start)) + 1


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the answer: the values of the keys that it is grouped by, and the usage."""

    start: int
    end: int
    group: tuple[str, ...]
    value: Decimal


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer: its rows, in the order of the API, and up to which instant they include usage."""

    rows: Sequence[Row]
    refreshed_at: int


def ask(control: Control, account: Account, question: Question) -> Answered:
    """Return what the API answers.

    Raises:
        StripeError: what the API refuses.
    """
    endpoint = _endpoint(control)
    params = parse(endpoint.params, _newest(question.tree()))
    answer: Any = endpoint.show(account, endpoint.run(account, params, {}))
    rows = [
        Row(row["starts_at"], row["ends_at"], tuple((row["dimensions"] or {}).values()), row["value"])
        for row in answer["rows"]["data"]
    ]
    return Answered(rows, answer["refreshed_at"])


def is_offered(control: Control, account: Account) -> bool:
    """Return whether programs can ask as well: the preview of the analytics can be switched off."""
    return bool(_endpoint(control).is_offered(account.settings))


def _endpoint(control: Control) -> Any:  # noqa: ANN401  a page does not know what declares operations
    endpoint, _ = control.engine.routes.lookup("GET", PATH)
    return endpoint


def edges(question: Question, where: ZoneInfo) -> list[int]:
    """Return the edges of all buckets of the range, also of those without usage, which the API leaves out."""
    window: Any = None if question.per == ALL else question.per
    return windows.edges(question.start, question.end, window, where)


def _newest(tree: Any) -> Any:  # noqa: ANN401  any tree
    """Return parameters as the newest version has them, with its names and lists, and as text, as a request does."""
    if isinstance(tree, dict):
        return {
            NEWEST_NAMES.get(name, name): {key: [one] for key, one in value.items()}
            if name == "dimension_filters"
            else _newest(value)
            for name, value in tree.items()
        }
    if isinstance(tree, list):
        return [_newest(each) for each in tree]
    return str(tree)
