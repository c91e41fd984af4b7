"""Alerts: how they are stored and shown."""

from collections.abc import Sequence
from dataclasses import field
from typing import Literal

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.index import Index
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.table import required
from fakestripe_meters.core.undo import record
from fakestripe_meters.core.usage import UsageEvent
from fakestripe_meters.wire.tree import Json
from fakestripe_meters.wire.tree import Tree

Status = Literal["active", "inactive", "archived"]


@record
class UsageLine:
    """A usage threshold of a meter. Events with an arrival number up to `armed_after` are ignored."""

    meter: str
    gte: int
    armed_after: int


@record
class BalanceLine:
    """A threshold for a customer's credits of one currency and scope; `low` while the balance is not above it."""

    currency: str
    lte: int
    price_type: str | None
    prices: Sequence[str]
    low: bool = False


@record
class Alert:
    """An alert as stored, on usage or on a balance."""

    id: str
    title: str
    customer: str | None
    usage: UsageLine | None = None
    balance: BalanceLine | None = None
    status: Status = "active"
    fired: Index[int] = field(default_factory=Index)
    """Customer id → when it fired, in Unix seconds."""

    def looks_at(self, event: UsageEvent) -> bool:
        """Return whether an event can make it fire: reported since it was armed, by a customer it has not fired for."""
        new = self.usage is not None and event.number > self.usage.armed_after and event.customer not in self.fired
        return new and self.status == "active" and self.customer in (None, event.customer)

    @property
    def type(self) -> str:
        """The type of what it watches."""
        return "usage_threshold" if self.usage else "credit_balance_threshold"

    @property
    def meter(self) -> str | None:
        """The meter whose usage it watches."""
        return self.usage.meter if self.usage else None


@dataclass(eq=False)
class Alerts(Part, name="billing.alerts"):
    """All alerts of an account, and the ids of those that are not archived, by meter and by customer."""

    table: Table[Alert] = field(default_factory=Table)
    by_meter: Index[tuple[str, ...]] = field(default_factory=Index)
    by_creditor: Index[tuple[str, ...]] = field(default_factory=Index)

    def add(self, alert: Alert) -> None:
        """Add a new alert."""
        self.table.add(alert)
        index, key = self._watched_by(alert)
        index[key] = (*index.get(key, ()), alert.id)

    def retire(self, alert: Alert) -> None:
        """Stop checking an alert that is archived."""
        index, key = self._watched_by(alert)
        index[key] = tuple(each for each in index[key] if each != alert.id)

    def of(self, watchers: Sequence[str]) -> list[Alert]:
        """Return the alerts with those ids."""
        return [self.table.kept(alert_id) for alert_id in watchers]

    def _watched_by(self, alert: Alert) -> tuple[Index[tuple[str, ...]], str]:
        """Return the index that lists an alert, and under which key."""
        if alert.usage is not None:
            return self.by_meter, alert.usage.meter
        return self.by_creditor, alert.customer or ""


@inferred("the noun in the sentence")
def find(account: Account, alert_id: str) -> Alert:
    """Return the alert with that id, or raise `No such alert`."""
    return required(account.part(Alerts).table.get(alert_id), "alert", alert_id)


def render(_account: Account, alert: Alert) -> Tree:
    """Return an alert as Stripe shows it in previews; other versions have alerts on usage only."""
    filters = [{"customer": alert.customer, "type": "customer"}] if alert.customer else None
    return {
        "id": alert.id,
        "object": "billing.alert",
        "alert_type": alert.type,
        "credit_balance_threshold": {"filters": filters, "lte": _render_lte(alert.balance)} if alert.balance else None,
        "livemode": False,
        "spend_threshold": None,
        "status": alert.status,
        "title": alert.title,
        "usage_threshold": _render_usage(alert.usage, filters) if alert.usage else None,
    }


def _render_usage(usage: UsageLine, filters: Json) -> Tree:
    return {"filters": filters, "gte": usage.gte, "meter": usage.meter, "recurrence": "one_time"}


def _render_lte(line: BalanceLine) -> Tree:
    monetary: Tree = {"currency": line.currency, "value": line.lte}
    return {"balance_type": "monetary", "custom_pricing_unit": None, "monetary": monetary}
