"""Fields that releases added to subscription schedules."""

from fakestripe_meters.core.sources import documented
from fakestripe_meters.versions.addition import Addition

SCHEDULE = "subscription_schedule"


@documented("the SDKs' types of 2026-09-30.endive")
class AddPausesOfSchedules(Addition):
    """A schedule can pause its subscription."""

    since = "2026-09-30"
    objects = frozenset({SCHEDULE})
    fields = (("pause_schedules",),)


@documented("the SDKs' changelogs")
class AddAccountsOfSchedules(Addition):
    """A schedule can be of an account of API v2."""

    since = "2025-12-15"
    objects = frozenset({SCHEDULE})
    fields = (("customer_account",),)


@documented('Stripe\'s changelog "billing-mode"')
class AddBillingModesOfSchedules(Addition):
    """A schedule has a billing mode."""

    since = "2025-06-30"
    objects = frozenset({SCHEDULE})
    fields = (("billing_mode",),)


ALL: tuple[Addition, ...] = (AddPausesOfSchedules(), AddAccountsOfSchedules(), AddBillingModesOfSchedules())
