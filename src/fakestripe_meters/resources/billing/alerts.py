"""Billing alerts: https://docs.stripe.com/api/billing/alert."""

from collections.abc import Sequence
from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.index import Index
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.invoicing.credit_scopes import ApplicabilityConfig
from fakestripe_meters.domain.invoicing.credit_scopes import check_scope
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import meters
from fakestripe_meters.domain.records.alerts import Alert
from fakestripe_meters.domain.records.alerts import Alerts
from fakestripe_meters.domain.records.alerts import BalanceLine
from fakestripe_meters.domain.records.alerts import UsageLine
from fakestripe_meters.domain.records.alerts import find
from fakestripe_meters.domain.records.alerts import render
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.domain.records.meters import Meters
from fakestripe_meters.framework.amounts import MOST_CHARGED
from fakestripe_meters.framework.amounts import MOST_UNITS
from fakestripe_meters.framework.amounts import check_currency
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import check_filter
from fakestripe_meters.framework.listing import page
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import param

PATH = "/v1/billing/alerts"
# documented: alerts for one combination of meter and customer.
MOST = 25

AlertType = Literal["credit_balance_threshold", "usage_threshold"]


class CustomerFilter(Params):
    """Whose usage to watch."""

    type: Literal["customer"] = param()
    customer: str | None = param(default=None)


class UsageAlertThreshold(Params):
    """Which usage to watch, and its threshold."""

    gte: int = param(least=1, most=MOST_UNITS)
    meter: str = param()
    recurrence: Literal["one_time"] = param()
    filters: tuple[CustomerFilter, ...] = param(default=(), doc="At most one.")


class GrantsFilter(Params):
    """Which credit grants to watch."""

    applicability_config: ApplicabilityConfig = param()


class CreditFilter(CustomerFilter):
    """Whose credits to watch, and which of them."""

    credit_grants: GrantsFilter | None = param(default=None)


class ThresholdMoney(Params):
    """An amount in a currency's smallest unit."""

    currency: str = param(check=check_currency)
    value: int = param(least=0, most=MOST_CHARGED, doc="In the currency's smallest unit.")


class Lte(Params):
    """The balance at which the alert fires, or below."""

    balance_type: Literal["monetary"] = param()
    monetary: ThresholdMoney | None = param(default=None)


class BalanceAlertThreshold(Params):
    """Which credits to watch, and their threshold."""

    lte: Lte = param()
    filters: tuple[CreditFilter, ...] = param(default=(), doc="Exactly one, which names a customer.")


class CreateAlert(Operation):
    """A new alert. Only later usage or bookings trigger it, but everything so far counts towards the threshold."""

    alert_type: AlertType = param()
    title: str = param(max_length=256)
    credit_balance_threshold: BalanceAlertThreshold | None = param(default=None, doc="In preview versions only.")
    usage_threshold: UsageAlertThreshold | None = param(default=None)


class ListAlerts(ListParams):
    """Which alerts to list."""

    alert_type: AlertType | None = param(default=None)
    customer: str | None = param(default=None, doc="In preview versions only.")
    meter: str | None = param(default=None)


resource = Resource("billing.alert", PATH, render=render)


@resource.post()
@inferred("an alert takes the threshold of its own type only")
def create(account: Account, params: CreateAlert) -> Alert:
    """Create an alert, which is active at once."""
    given = {"credit_balance_threshold": params.credit_balance_threshold, "usage_threshold": params.usage_threshold}
    for name, threshold in given.items():
        if threshold is None and name == params.alert_type:
            raise errors.params.missing_param(name)
        if threshold is not None and name != params.alert_type:
            raise errors.params.not_with(name, f"`alert_type={name}`")
    alert = Alert("", params.title, None)
    if params.usage_threshold is not None:
        _watch_usage(account, alert, params.usage_threshold)
    if params.credit_balance_threshold is not None:
        _watch_balance(account, alert, params.credit_balance_threshold)
    alert.id = account.ids.new("alrt_test_", 24)
    account.part(Alerts).add(alert)
    return alert


@resource.get()
def list_(account: Account, params: ListAlerts) -> Listing:
    """List alerts, newest first; archived ones are left out."""
    check_filter(account.part(Customers).table, params.customer, "customer", "customer")
    check_filter(account.part(Meters).table, params.meter, "meter", "meter")

    def wanted(alert: Alert) -> bool:
        return (
            alert.status != "archived"
            and params.alert_type in (None, alert.type)
            and params.customer in (None, alert.customer)
            and params.meter in (None, alert.meter)
        )

    return page(account.part(Alerts).table, params, url=PATH, noun="alert", where=wanted)


@resource.get("/<alert_id>")
@inferred("an archived alert is found as well")
def retrieve(account: Account, params: Operation, alert_id: str) -> Alert:
    """Return an alert, even an archived one."""
    return find(account, alert_id)


@resource.post("/<alert_id>/activate")
@inferred("an active one stays as it is")
def activate(account: Account, params: Operation, alert_id: str) -> Alert:
    """Let an inactive alert fire again, at the next usage or booking."""
    alert = _unless_archived(find(account, alert_id))
    if alert.status == "inactive":
        alert.status = "active"
        alert.fired = Index()
        if alert.usage is not None:
            alert.usage.armed_after = account.part(Intake).newest_number
        if alert.balance is not None:
            alert.balance.low = False
    return alert


@resource.post("/<alert_id>/deactivate")
def deactivate(account: Account, params: Operation, alert_id: str) -> Alert:
    """Prevent an alert from firing."""
    alert = _unless_archived(find(account, alert_id))
    alert.status = "inactive"
    return alert


@resource.post("/<alert_id>/archive")
@inferred("archiving twice changes nothing")
def archive(account: Account, params: Operation, alert_id: str) -> Alert:
    """Archive an alert permanently."""
    alert = find(account, alert_id)
    if alert.status != "archived":
        alert.status = "archived"
        account.part(Alerts).retire(alert)
    return alert


def _watch_usage(account: Account, alert: Alert, threshold: UsageAlertThreshold) -> None:
    meter = meters.find(account, threshold.meter, param="usage_threshold[meter]", status=400)
    alert.customer = _customer(account, threshold.filters, "usage_threshold[filters]")
    alerts = account.part(Alerts)
    # inferred: alerts on the usage of all customers have a limit apart from those on one customer's.
    same = [each for each in alerts.of(alerts.by_meter.get(meter.id, [])) if each.customer == alert.customer]
    if len(same) >= MOST:
        raise errors.credits.too_many_alerts(MOST)
    alert.usage = UsageLine(meter.id, threshold.gte, account.part(Intake).newest_number)


def _watch_balance(account: Account, alert: Alert, threshold: BalanceAlertThreshold) -> None:
    path = "credit_balance_threshold"
    alert.customer = _customer(account, threshold.filters, f"{path}[filters]")
    if alert.customer is None:
        raise errors.params.missing_param(f"{path}[filters]")
    if threshold.lte.monetary is None:
        raise errors.params.missing_param(f"{path}[lte][monetary]")
    grants = threshold.filters[0].credit_grants
    scope = grants.applicability_config.scope if grants else None
    if scope is not None:
        where = f"{path}[filters][0][credit_grants][applicability_config][scope]"
        check_scope(account, scope, where)
    alert.balance = BalanceLine(
        currency=threshold.lte.monetary.currency.lower(),
        lte=threshold.lte.monetary.value,
        price_type=scope.price_type if scope else None,
        prices=[price.id for price in scope.prices] if scope else [],
    )


def _customer(account: Account, filters: Sequence[CustomerFilter], path: str) -> str | None:
    if not filters:
        return None
    if len(filters) > 1:
        raise errors.params.array_too_long(path, 1)
    where = f"{path}[0][customer]"
    if filters[0].customer is None:
        raise errors.params.missing_param(where)
    return customers.find(account, filters[0].customer, param=where, status=400).id


def _unless_archived(alert: Alert) -> Alert:
    if alert.status == "archived":
        raise errors.credits.alert_archived(alert.id)
    return alert
