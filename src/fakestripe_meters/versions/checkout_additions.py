"""Fields that releases added to Checkout sessions.

Documented in: the SDKs' changelogs.
"""

from fakestripe_meters.core.sources import documented
from fakestripe_meters.versions.addition import Addition

SESSION = "checkout.session"


@documented("https://docs.stripe.com/changelog/endive/2026-09-30/remove-payment-method-types-checkout-sessions")
class AddAllowedTypesOfSessions(Addition):
    """A Checkout session says which types of payment methods are allowed."""

    since = "2026-09-30"
    objects = frozenset({SESSION})
    fields = (("allowed_payment_method_types",),)


@documented("the field")
class AddManagedPaymentsOfSessions(Addition):
    """A Checkout session says whether Stripe sells in the place of the account."""

    since = "2026-04-22"
    objects = frozenset({SESSION})
    fields = (("managed_payments",),)


@documented("the field")
class AddIntegrationIdentifiers(Addition):
    """A Checkout session names the integration that made it."""

    since = "2026-03-25"
    objects = frozenset({SESSION})
    fields = (("integration_identifier",),)


@documented("the field")
class AddAccountsOfSessions(Addition):
    """A Checkout session can be of an account of API v2."""

    since = "2025-12-15"
    objects = frozenset({SESSION})
    fields = (("customer_account",),)


@documented("the field")
class AddMetadataOfLines(Addition):
    """A line of a Checkout session has metadata."""

    since = "2025-12-15"
    objects = frozenset({"item"})
    fields = (("metadata",),)


@documented("the fields")
class AddBranding(Addition):
    """A Checkout session says how its page looks, and has the names of a business and of a person."""

    since = "2025-09-30"
    objects = frozenset({SESSION})
    fields = (
        ("branding_settings",),
        ("collected_information", "business_name"),
        ("collected_information", "individual_name"),
        ("customer_details", "business_name"),
        ("customer_details", "individual_name"),
        ("excluded_payment_method_types",),
        ("name_collection",),
    )


@documented("the field")
class AddOriginContext(Addition):
    """A Checkout session says where its customer comes from."""

    since = "2025-07-30"
    objects = frozenset({SESSION})
    fields = (("origin_context",),)


@documented("the fields")
class AddWalletOptions(Addition):
    """A Checkout session says how wallets are offered, and who calculates its taxes."""

    since = "2025-04-30"
    objects = frozenset({SESSION})
    fields = (("automatic_tax", "provider"), ("wallet_options",))


@documented("the fields")
class AddOptionalItems(Addition):
    """A Checkout session offers optional items, and says who may change what."""

    since = "2025-03-31"
    objects = frozenset({SESSION})
    fields = (("optional_items",), ("permissions",))


@documented("the field")
class AddCollectedInformation(Addition):
    """A Checkout session has what the customer has entered."""

    since = "2025-02-24"
    objects = frozenset({SESSION})
    fields = (("collected_information",),)


@documented("the field")
class AddDiscountsOfSessions(Addition):
    """A Checkout session names its discounts."""

    since = "2025-01-27"
    objects = frozenset({SESSION})
    fields = (("discounts",),)


@documented("the field")
class AddAdaptivePricing(Addition):
    """A Checkout session says whether customers may pay in their own currency."""

    since = "2024-11-20"
    objects = frozenset({SESSION})
    fields = (("adaptive_pricing",),)


ALL: tuple[Addition, ...] = (
    AddAllowedTypesOfSessions(),
    AddManagedPaymentsOfSessions(),
    AddIntegrationIdentifiers(),
    AddAccountsOfSessions(),
    AddMetadataOfLines(),
    AddBranding(),
    AddOriginContext(),
    AddWalletOptions(),
    AddOptionalItems(),
    AddCollectedInformation(),
    AddDiscountsOfSessions(),
    AddAdaptivePricing(),
)
