"""Credit grants: https://docs.stripe.com/api/billing/credit-grant."""

from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.invoicing.credit_bookings import book
from fakestripe_meters.domain.invoicing.credit_bookings import expire
from fakestripe_meters.domain.invoicing.credit_scopes import ApplicabilityConfig
from fakestripe_meters.domain.invoicing.credit_scopes import check_scope
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.credits import CreditGrant
from fakestripe_meters.domain.records.credits import Credits
from fakestripe_meters.domain.records.credits import find
from fakestripe_meters.domain.records.credits import render
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.framework.amounts import MOST_CHARGED
from fakestripe_meters.framework.amounts import check_currency
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.expanding import Expansion
from fakestripe_meters.framework.listing import check_filter
from fakestripe_meters.framework.listing import page
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.framework.metadata import metadata
from fakestripe_meters.framework.times import check_ahead
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree

PATH = "/v1/billing/credit_grants"
MOST_UNUSED = 100
DEFAULT_PRIORITY = 50


class GrantedMoney(Params):
    """An amount in a currency's smallest unit."""

    currency: str = param(check=check_currency)
    value: int = param(least=1, most=MOST_CHARGED, doc="In the currency's smallest unit.")


class Amount(Params):
    """The amount to grant."""

    type: Literal["monetary"] = param()
    monetary: GrantedMoney | None = param(default=None)


class CreateGrant(Operation):
    """Credits for a customer."""

    amount: Amount = param()
    applicability_config: ApplicabilityConfig = param()
    customer: str = param()
    category: Literal["paid", "promotional"] = param(default="paid")
    effective_at: int | None = param(default=None, least=0, most=LAST_SECOND, doc="By default, now.")
    expires_at: int | None = param(default=None, least=0, most=LAST_SECOND, doc="By default, never.")
    metadata: Metadata = metadata()
    name: str | None = param(default=None, max_length=100)
    priority: int = param(default=DEFAULT_PRIORITY, least=0, most=100, doc="Grants with priority 0 are drawn on first.")


class UpdateGrant(Operation):
    """A change to a grant; nothing else can be changed."""

    expires_at: int | Unset | None = param(default=UNSET, clearable=True, least=0, most=LAST_SECOND)
    metadata: Metadata = metadata()


class ListGrants(ListParams):
    """Whose grants to list."""

    customer: str | None = param(default=None)


resource = Resource(
    "billing.credit_grant",
    PATH,
    render=render,
    expands={"customer": Expansion("customer", customers.show), "test_clock": test_clocks.IN_FULL},
    time=test_clocks.time_in(lambda account: account.part(Credits).grants),
)


@resource.post()
def create(account: Account, params: CreateGrant) -> CreditGrant:
    """Grant credits to a customer; the first transaction books them."""
    monetary = params.amount.monetary
    if monetary is None:
        raise errors.params.missing_param("amount[monetary]")
    customer = customers.find(account, params.customer, param="customer", status=400)
    with test_clocks.time_of(account, customer.test_clock):
        check_scope(account, params.applicability_config.scope, "applicability_config[scope]")
        _check_times(account, params)
        _check_room(account, customer.id)
        grant = _new(account, params, monetary, customer.test_clock)
        account.part(Credits).add(grant)
        publish(account, "billing.credit_grant.created", render(account, grant))
        book(account, grant, "credits_granted", grant.value)
        _schedule_expiry(account, grant)
    return grant


@resource.get("/<grant_id>")
def retrieve(account: Account, params: Operation, grant_id: str) -> CreditGrant:
    """Return a grant."""
    return find(account, grant_id)


@resource.get()
def list_(account: Account, params: ListGrants) -> Listing:
    """List grants, newest first."""
    check_filter(account.part(Customers).table, params.customer, "customer", "customer")

    def wanted(grant: CreditGrant) -> bool:
        return params.customer in (None, grant.customer)

    return page(account.part(Credits).grants, params, url=PATH, noun="credit grant", where=wanted)


@resource.post("/<grant_id>")
@inferred("a void or expired grant keeps its expiry")
def update(account: Account, params: UpdateGrant, grant_id: str) -> CreditGrant:
    """Change the expiry of a grant, or its metadata."""
    grant = find(account, grant_id)
    before = render(account, grant)
    if params.expires_at is not UNSET:
        _check_alive(account, grant)
        _check_expiry(account, grant.effective_at, params.expires_at)
    grant.metadata = merged(grant.metadata, params.metadata)
    if params.expires_at is not UNSET:
        grant.expires_at = params.expires_at
        _schedule_expiry(account, grant)
    _updated(account, grant, before)
    return grant


@resource.post("/<grant_id>/expire")
def expire_now(account: Account, params: Operation, grant_id: str) -> CreditGrant:
    """Expire a grant now."""
    grant = find(account, grant_id)
    _check_alive(account, grant)
    before = render(account, grant)
    grant.expires_at = account.now
    expire(account, grant)
    _updated(account, grant, before)
    return grant


@resource.post("/<grant_id>/void")
def void(account: Account, params: Operation, grant_id: str) -> CreditGrant:
    """Void a grant that no invoice has drawn on."""
    grant = find(account, grant_id)
    _check_alive(account, grant)
    if grant.applied:
        raise errors.credits.grant_in_use(grant.id)
    before = render(account, grant)
    book(account, grant, "credits_voided", grant.balance)
    grant.voided_at = account.now
    _updated(account, grant, before)
    return grant


@resource.due(Work.EXPIRE_CREDIT_GRANT)
def run_out(account: Account, subject: str) -> None:
    """Expire a grant whose expiry is reached, unless that was moved meanwhile."""
    grant = account.part(Credits).grants.get(subject)
    if grant is not None:
        expire(account, grant)


def _new(account: Account, params: CreateGrant, monetary: GrantedMoney, test_clock: str | None) -> CreditGrant:
    scope = params.applicability_config.scope
    return CreditGrant(
        id=account.ids.new("credgr_test_", 24),
        created=account.now,
        customer=params.customer,
        currency=monetary.currency.lower(),
        value=monetary.value,
        price_type=scope.price_type,
        prices=[price.id for price in scope.prices],
        category=params.category,
        effective_at=account.now if params.effective_at is None else params.effective_at,
        expires_at=params.expires_at,
        metadata=merged({}, params.metadata),
        name=params.name,
        priority=params.priority,
        test_clock=test_clock,
        updated=account.now,
    )


def _updated(account: Account, grant: CreditGrant, before: Tree) -> None:
    if render(account, grant) != before:
        grant.updated = account.now
        publish_update(account, "billing.credit_grant.updated", before, render(account, grant))


def _schedule_expiry(account: Account, grant: CreditGrant) -> None:
    if grant.expires_at is not None:
        test_clocks.schedule(account, grant.test_clock, grant.expires_at, Work.EXPIRE_CREDIT_GRANT, grant.id)


def _check_times(account: Account, params: CreateGrant) -> None:
    effective_at = account.now if params.effective_at is None else params.effective_at
    check_ahead(account, effective_at, "effective_at")
    _check_expiry(account, effective_at, params.expires_at)


def _check_expiry(account: Account, effective_at: int, expires_at: int | None) -> None:
    if expires_at is None:
        return
    earliest = max(account.now, effective_at)
    if expires_at <= earliest:
        raise errors.credits.expiry_too_early(earliest)
    check_ahead(account, expires_at, "expires_at")


def _check_alive(account: Account, grant: CreditGrant) -> None:
    if grant.voided_at is not None:
        raise errors.credits.grant_is(grant.id, "voided")
    if grant.expires_at is not None and grant.expires_at <= account.now:
        raise errors.credits.grant_is(grant.id, "expired")


@documented(
    "a grant is unused until nothing is left, https://docs.stripe.com/billing/subscriptions/usage-based/billing-credits"
)
def _check_room(account: Account, customer: str) -> None:
    """Raise StripeError 400 if the customer cannot have another unused grant."""
    unused = [each for each in account.part(Credits).of(customer) if each.balance > 0]
    if len(unused) >= MOST_UNUSED:
        raise errors.credits.too_many_grants(MOST_UNUSED)
