"""Fire the alerts whose threshold is crossed by usage or by a credit balance. They notify; they never invoice."""

import math

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.sources import disputed
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.usage import UsageEvent
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records.alerts import Alert
from fakestripe_meters.domain.records.alerts import Alerts
from fakestripe_meters.domain.records.alerts import BalanceLine
from fakestripe_meters.domain.records.alerts import render
from fakestripe_meters.domain.records.credits import CreditGrant
from fakestripe_meters.domain.records.credits import Credits
from fakestripe_meters.wire.tree import Tree


@disputed(
    "the customer's lifetime total is compared. One program relies on that (twentyhq/twenty); another makes "
    "its alert anew for each period (langfuse/langfuse), as if each period counted by itself"
)
def watch(account: Account, event: UsageEvent) -> None:
    """Fire the alerts whose threshold a customer has crossed with an event that has just become visible."""
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


@inferred(
    "what can be used now is compared, and only when something is booked. A balance that is below the threshold from "
    "the beginning fires at the next booking"
)
def watch_balance(account: Account, grant: CreditGrant) -> None:
    """Fire the alerts whose threshold a customer's credits have fallen to, and announce those that recovered."""
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
            _announce(account, alert, grant.customer, balance, "recovered")


def available(account: Account, customer: str, line: BalanceLine) -> int:
    """Return what a customer can use now of the credits that an alert watches, in the currency's smallest unit."""
    return sum(
        grant.balance
        for grant in account.part(Credits).of(customer)
        if grant.currency == line.currency and grant.answers(line.price_type, line.prices) and grant.usable(account.now)
    )


def _fire(account: Account, alert: Alert, customer: str, value: int) -> None:
    alert.fired[customer] = account.now
    _announce(account, alert, customer, value, "triggered")


@inferred("a fraction of a unit of usage is cut off, as the value is typed an integer")
def _announce(account: Account, alert: Alert, customer: str, value: int, what: str) -> None:
    """Publish that an alert was triggered or has recovered."""
    body: Tree = {
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
    publish(account, f"billing.alert.{what}", body)
