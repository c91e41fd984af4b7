"""Fields that releases added to the customer portal's configurations and sessions."""

from fakestripe_meters.core.sources import documented
from fakestripe_meters.versions.addition import Addition

CONFIGURATION = frozenset({"billing_portal.configuration"})


@documented("the SDKs' types of 2026-09-30.endive")
class AddPausesInPortal(Addition):
    """A portal configuration says whether customers may pause."""

    since = "2026-09-30"
    objects = CONFIGURATION
    fields = (("features", "subscription_pause"),)


@documented("the SDKs' changelogs")
class AddFeedbackOptionsInPortal(Addition):
    """A portal configuration has the account's own answers to why a customer cancels."""

    since = "2026-08-26"
    objects = CONFIGURATION
    fields = (("features", "subscription_cancel", "cancellation_reason", "feedback_options"),)


@documented("the SDKs' changelogs")
class AddCustomerUpdateFlow(Addition):
    """A portal session may lead to the customer's own data."""

    since = "2026-08-26"
    objects = frozenset({"billing_portal.session"})
    fields = (("flow", "customer_update"),)


@documented("the SDKs' changelogs")
class AddAnchorsInPortal(Addition):
    """A portal configuration says whether a switch begins a new billing cycle."""

    since = "2025-12-15"
    objects = CONFIGURATION
    fields = (("features", "subscription_update", "billing_cycle_anchor"),)


@documented('Stripe\'s changelog "accounts-v2-v1-api-support"')
class AddAccountsInPortal(Addition):
    """A portal session can be of an account of API v2."""

    since = "2025-12-15"
    objects = frozenset({"billing_portal.session"})
    fields = (("customer_account",),)


@documented("the changelog of stripe-python 14.0.0")
class AddMethodConfigurationsInPortal(Addition):
    """A portal configuration names which payment methods are offered."""

    since = "2025-11-17"
    objects = CONFIGURATION
    fields = (("features", "payment_method_update", "payment_method_configuration"),)


@documented("the SDKs' changelogs")
class AddTrialsInPortal(Addition):
    """A portal configuration says what a switch does to a trial."""

    since = "2025-09-30"
    objects = CONFIGURATION
    fields = (("features", "subscription_update", "trial_update_behavior"),)


@documented("the SDKs' changelogs")
class AddNamesOfPortals(Addition):
    """A portal configuration has a name."""

    since = "2025-08-27"
    objects = CONFIGURATION
    fields = (("name",),)


@documented("the SDKs' changelogs")
class AddQuantitiesInPortal(Addition):
    """A portal configuration says which quantities a product may have."""

    since = "2025-07-30"
    objects = CONFIGURATION
    fields = (("features", "subscription_update", "products", "adjustable_quantity"),)


@documented("the SDKs' changelogs")
class AddWaitingSwitches(Addition):
    """A portal configuration says when a switch waits for the end of the period."""

    since = "2024-12-18"
    objects = CONFIGURATION
    fields = (("features", "subscription_update", "schedule_at_period_end"),)


ALL: tuple[Addition, ...] = (
    AddPausesInPortal(),
    AddFeedbackOptionsInPortal(),
    AddCustomerUpdateFlow(),
    AddAnchorsInPortal(),
    AddAccountsInPortal(),
    AddMethodConfigurationsInPortal(),
    AddTrialsInPortal(),
    AddNamesOfPortals(),
    AddQuantitiesInPortal(),
    AddWaitingSwitches(),
)
