"""Fields that releases added to payment intents, charges, refunds and balance transactions."""

from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.versions.addition import Addition


@observed("recordings of 2026-08-26.dahlia have it (Kiln-AI/stripe_world)")
@documented("the SDKs' types of 2026-09-30.endive")
class AddPaymentRecords(Addition):
    """A payment intent may be about a payment outside of Stripe."""

    since = "2026-08-26"
    objects = frozenset({"payment_intent"})
    fields = (("payment_record",),)


@observed("recordings of August 2026 have them, those of 2025 do not (openfoodfoundation/openfoodnetwork)")
class AddOwnersOfRefunds(Addition):
    """A refund says whose it is."""

    since = "2026-08-26"
    objects = frozenset({"refund"})
    fields = (("customer",), ("customer_account",), ("payment_method",))


@documented('Stripe\'s changelog of 2026-07-29.dahlia, "allowed_payment_method_types"')
class AddAllowedTypes(Addition):
    """A payment intent says which types of payment methods are allowed."""

    since = "2026-07-29"
    objects = frozenset({"payment_intent"})
    fields = (("allowed_payment_method_types",),)


@observed("recordings have it since the middle of 2026 (openfoodfoundation/openfoodnetwork, Kiln-AI/stripe_world)")
class AddManagedPaymentsOfIntents(Addition):
    """A payment intent says whether Stripe sells in the place of the account."""

    since = "2026-05-27"
    objects = frozenset({"payment_intent"})
    fields = (("managed_payments",),)


@observed("recordings of 2025-10-29.clover do not have it, those since December 2025 do (pay-rails/pay)")
class AddAccountsOfPayers(Addition):
    """A payment intent can be for an account of API v2."""

    since = "2025-12-15"
    objects = frozenset({"payment_intent"})
    fields = (("customer_account",),)


@observed("recordings of 2025-03-31.basil do not have them, those of 2025-10-29.clover do (pay-rails/pay)")
class AddPaymentDetails(Addition):
    """A payment intent says what is paid, and which types are excluded."""

    since = "2025-09-30"
    objects = frozenset({"payment_intent"})
    fields = (("excluded_payment_method_types",), ("payment_details",))


@inferred("the release: recordings of 2022 do not have them, those of 2025 do (pay-rails/pay)")
class AddNetworkCodes(Addition):
    """A charge says more about its authorization, and what to do after a decline."""

    since = "2025-03-31"
    objects = frozenset({"charge"})
    fields = (
        ("billing_details", "tax_id"),
        ("outcome", "advice_code"),
        ("outcome", "network_advice_code"),
        ("outcome", "network_decline_code"),
        ("payment_method_details", "card", "authorization_code"),
        ("payment_method_details", "card", "network_transaction_id"),
        ("payment_method_details", "card", "regulated_status"),
        ("radar_options",),
    )


@inferred("the release: recordings of 2025 have it")
class AddTypesOfBalance(Addition):
    """A balance transaction says which balance it is in."""

    since = "2025-03-31"
    objects = frozenset({"balance_transaction"})
    fields = (("balance_type",),)


@inferred("the release: recordings of 2022 do not have them, those of 2025 do (pay-rails/pay)")
class AddAuthorizationFeatures(Addition):
    """A charge says what the card's network allows, and a payment intent where its methods are switched on."""

    since = "2023-08-16"
    objects = frozenset({"charge", "payment_intent"})
    fields = (
        *(
            ("payment_method_details", "card", name)
            for name in (
                "amount_authorized",
                "extended_authorization",
                "incremental_authorization",
                "multicapture",
                "network_token",
                "overcapture",
            )
        ),
        ("payment_method_configuration_details",),
    )


@inferred("the release: recordings of 2021 do not have them, those of November 2022 do (pay-rails/pay)")
class AddFieldsOf2022(Addition):
    """Payment intents and charges have more fields."""

    since = "2022-11-15"
    objects = frozenset({"charge", "payment_intent"})
    fields = (
        ("amount_details",),
        ("automatic_payment_methods",),
        ("failure_balance_transaction",),
        ("latest_charge",),
        ("payment_method_details", "card", "mandate"),
        ("processing",),
    )


ALL: tuple[Addition, ...] = (
    AddPaymentRecords(),
    AddOwnersOfRefunds(),
    AddAllowedTypes(),
    AddManagedPaymentsOfIntents(),
    AddAccountsOfPayers(),
    AddPaymentDetails(),
    AddNetworkCodes(),
    AddTypesOfBalance(),
    AddAuthorizationFeatures(),
    AddFieldsOf2022(),
)
