"""Alerts as they are kept and shown, and what makes them fire. They notify; they never invoice."""

import math
from dataclasses import dataclass
from dataclasses import field
from typing import Literal

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.usage import UsageEvent
from fakestripe_meters.resources import customers
from fakestripe_meters.resources.billing._credit_ledger import CreditGrant
from fakestripe_meters.resources.billing._credit_ledger import Credits
from fakestripe_meters.resources.events import publish
from fakestripe_meters.wire.tree import Json
from fakestripe_meters.wire.tree import Tree

Status = Literal["active", "inactive", "archived"]


@dataclass(slots=True, eq=False)
class UsageLine:
    """Usage of a meter from a value up. Nothing that arrived with a number of `armed_after` or less is looked at."""

    meter: str
    gte: int
    armed_after: int


@dataclass(slots=True, eq=False)
class BalanceLine:
    """What a customer has in credits of one currency and scope, from a value down; `low` while it is there."""

    currency: str
    lte: int
    price_type: str | None
    prices: list[str]
    low: bool = False


@dataclass(slots=True, eq=False)
class Alert:
    """An alert as it is kept, on usage or on a balance."""

    id: str
    title: str
    customer: str | None
    usage: UsageLine | None = None
    balance: BalanceLine | None = None
    status: Status = "active"
    fired: dict[str, int] = field(default_factory=dict)
    """When it fired for which customer."""

    def looks_at(self, event: UsageEvent) -> bool:
        """Whether usage can make it fire: reported since it was armed, by a customer it has not fired for."""
        new = self.usage is not None and event.number > self.usage.armed_after and event.customer not in self.fired
        return new and self.status == "active" and self.customer in (None, event.customer)

    @property
    def type(self) -> str:
        """What it watches."""
        return "usage_threshold" if self.usage else "credit_balance_threshold"

    @property
    def meter(self) -> str | None:
        """The meter whose usage it watches."""
        return self.usage.meter if self.usage else None


@dataclass(eq=False)
class Alerts(Part, name="billing.alerts"):
    """All alerts of an account, and the ids of those that are not archived by what makes them look."""

    table: Table[Alert] = field(default_factory=Table)
    by_meter: dict[str, list[str]] = field(default_factory=dict)
    by_creditor: dict[str, list[str]] = field(default_factory=dict)

    def enter(self, alert: Alert) -> None:
        """Keep a new alert."""
        self.table.add(alert)
        self._watchers(alert).append(alert.id)

    def retire(self, alert: Alert) -> None:
        """Let an alert that is archived look no more."""
        self._watchers(alert).remove(alert.id)

    def of(self, watchers: list[str]) -> list[Alert]:
        """The alerts with those ids."""
        return [alert for alert_id in watchers if (alert := self.table.get(alert_id)) is not None]

    def _watchers(self, alert: Alert) -> list[str]:
        if alert.usage is not None:
            return self.by_meter.setdefault(alert.usage.meter, [])
        return self.by_creditor.setdefault(alert.customer or "", [])


def render(_account: Account, alert: Alert) -> Tree:
    """An alert as Stripe shows it in previews; other versions know usage alone."""
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


def watch(account: Account, event: UsageEvent) -> None:
    """Fire the alerts whose line a customer has crossed with an event that has just come to count.

    inferred: what is compared is the customer's lifetime total by the meter's formula.
    """
    alerts = account.part(Alerts)
    watchers = alerts.by_meter.get(event.meter)
    if not watchers:
        return
    total: int | None = None
    for alert in alerts.of(watchers):
        line = alert.usage
        if line is None or (total is not None and total < line.gte) or not alert.looks_at(event):
            continue
        if total is None:
            if customers.on_test_clock(account, event.customer):
                return
            total = math.floor(account.part(Intake).total(event.meter, event.customer))
        if total >= line.gte:
            _fire(account, alert, event.customer, total)


def watch_balance(account: Account, grant: CreditGrant) -> None:
    """Fire the alerts whose line a customer's credits have come down to, and let those recover that they rose above.

    inferred: what is compared is what can be used now, and only when something is booked. A balance that is below
    the line from the beginning fires at the next booking.
    """
    alerts = account.part(Alerts)
    watchers = alerts.by_creditor.get(grant.customer)
    if not watchers or grant.test_clock is not None:
        return
    for alert in alerts.of(watchers):
        line = alert.balance
        if line is None or alert.status != "active" or line.currency != grant.currency:
            continue
        balance = available(account, grant.customer, line)
        low, line.low = line.low, balance <= line.lte
        if line.low and not low:
            _fire(account, alert, grant.customer, balance)
        elif low and not line.low:
            _tell(account, alert, grant.customer, balance, "recovered")


def available(account: Account, customer: str, line: BalanceLine) -> int:
    """What a customer could use now of the credits that an alert watches."""
    return sum(
        grant.balance
        for grant in account.part(Credits).of(customer)
        if grant.currency == line.currency and grant.answers(line.price_type, line.prices) and grant.usable(account.now)
    )


def _fire(account: Account, alert: Alert, customer: str, value: int) -> None:
    alert.fired[customer] = account.now
    _tell(account, alert, customer, value, "triggered")


def _tell(account: Account, alert: Alert, customer: str, value: int, what: str) -> None:
    """Publish what happened. inferred: a fraction of a unit of usage is cut off, as the value is typed an integer."""
    told: Tree = {
        "object": f"billing.alert_{what}",
        "alert": render(account, alert),
        "created": account.now,
        "currency": alert.balance.currency if alert.balance else None,
        "custom_pricing_unit": None,
        "customer": customer,
        "external_customer_id": None,
        "livemode": False,
        "value": value,
    }
    publish(account, f"billing.alert.{what}", told)


def _render_usage(usage: UsageLine, filters: Json) -> Tree:
    return {"filters": filters, "gte": usage.gte, "meter": usage.meter, "recurrence": "one_time"}


def _render_lte(line: BalanceLine) -> Tree:
    monetary: Tree = {"currency": line.currency, "value": line.lte}
    return {"balance_type": "monetary", "custom_pricing_unit": None, "monetary": monetary}
