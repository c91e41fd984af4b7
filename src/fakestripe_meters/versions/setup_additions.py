"""Fields that releases added to payment methods and setup intents."""

from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.versions.addition import Addition


@documented('Stripe\'s changelog of 2026-07-29.dahlia, "allowed_payment_method_types"')
class AddAllowedTypesOfSetups(Addition):
    """A setup intent says which types of payment methods are allowed."""

    since = "2026-07-29"
    objects = frozenset({"setup_intent"})
    fields = (("allowed_payment_method_types",),)


@observed("recordings have it since the middle of 2026 (openfoodfoundation/openfoodnetwork, Kiln-AI/stripe_world)")
class AddManagedPaymentsOfSetups(Addition):
    """A setup intent says whether Stripe sells in the place of the account."""

    since = "2026-05-27"
    objects = frozenset({"setup_intent"})
    fields = (("managed_payments",),)


@observed("recordings of 2025-10-29.clover do not have it, those since December 2025 do (pay-rails/pay)")
class AddAccountsOfHolders(Addition):
    """A payment method or a setup intent can be of an account of API v2."""

    since = "2025-12-15"
    objects = frozenset({"payment_method", "setup_attempt", "setup_intent"})
    fields = (("customer_account",),)


@observed("recordings of 2025-10-29.clover have it (pay-rails/pay)")
@inferred("the release, that of payment intents")
class AddExcludedTypesOfSetups(Addition):
    """A setup intent says which types of payment methods are excluded."""

    since = "2025-09-30"
    objects = frozenset({"setup_intent"})
    fields = (("excluded_payment_method_types",),)


@inferred("the release: recordings of 2023 do not have them, those of 2025-10-29.clover do (pay-rails/pay)")
class AddFieldsOfCards(Addition):
    """A payment method says how it may be shown again, and more about its card and its holder."""

    since = "2024-06-20"
    objects = frozenset({"payment_method"})
    fields = (
        ("allow_redisplay",),
        ("billing_details", "tax_id"),
        ("card", "display_brand"),
        ("card", "regulated_status"),
    )


@inferred("the release: recordings of 2020 do not have them, those of 2025-10-29.clover do (pay-rails/pay)")
class AddFieldsOfSetups(Addition):
    """A setup intent may take what the account's settings say, and names its latest attempt."""

    since = "2023-08-16"
    objects = frozenset({"setup_intent"})
    fields = (
        ("automatic_payment_methods",),
        ("flow_directions",),
        ("latest_attempt",),
        ("payment_method_configuration_details",),
        ("payment_method_options", "card", "mandate_options"),
        ("payment_method_options", "card", "network"),
    )


ALL: tuple[Addition, ...] = (
    AddAllowedTypesOfSetups(),
    AddManagedPaymentsOfSetups(),
    AddAccountsOfHolders(),
    AddExcludedTypesOfSetups(),
    AddFieldsOfCards(),
    AddFieldsOfSetups(),
)
