"""The parameters of a Checkout session that change what the customer sees or enters: they are kept, and shown again.

Documented in: https://docs.stripe.com/api/checkout/sessions/create.
"""

from collections.abc import Mapping
from typing import Any
from typing import Literal

from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.checkout.plain import plain
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import param

MOST_FIELDS = 3
MOST_OPTIONS = 200
LONGEST_ANSWER = 255
LONGEST_COUNTRIES = 300


class Switch(Params):
    """Whether something is on."""

    enabled: bool = param()


class AdaptivePricing(Params):
    """Whether customers may pay in their own currency. Here, they pay in that of the session."""

    enabled: bool | None = param(default=None)


class Picture(Params):
    """A picture, by its address or as a file."""

    file: str | None = param(default=None)
    type: Literal["file", "url"] = param()
    url: str | None = param(default=None)


class Branding(Params):
    """How the page looks."""

    background_color: str | None = param(default=None, clearable=True)
    border_style: Literal["pill", "rectangular", "rounded"] | None = param(default=None, clearable=True)
    button_color: str | None = param(default=None, clearable=True)
    display_name: str | None = param(default=None)
    font_family: str | None = param(default=None, clearable=True)
    icon: Picture | None = param(default=None)
    logo: Picture | None = param(default=None)


class ReuseAgreement(Params):
    """Where the page says how a payment method may be used again."""

    position: Literal["auto", "hidden"] = param()


class ConsentCollection(Params):
    """What the customer is asked to agree to."""

    payment_method_reuse_agreement: ReuseAgreement | None = param(default=None)
    promotions: Literal["auto", "none"] | None = param(default=None)
    terms_of_service: Literal["none", "required"] | None = param(default=None)


class Choice(Params):
    """One of the choices of a field."""

    label: str = param(max_length=100)
    value: str = param(max_length=100)


class Dropdown(Params):
    """A field with choices."""

    default_value: str | None = param(default=None, max_length=100)
    options: tuple[Choice, ...] = param(most_items=MOST_OPTIONS)


class FreeText(Params):
    """A field that the customer writes into."""

    default_value: str | None = param(default=None, max_length=LONGEST_ANSWER)
    maximum_length: int | None = param(default=None, least=1, most=LONGEST_ANSWER)
    minimum_length: int | None = param(default=None, least=1, most=LONGEST_ANSWER)


class FieldLabel(Params):
    """What a field is called."""

    custom: str = param(max_length=50)
    type: Literal["custom"] = param()


class CustomField(Params):
    """A field of the app's own."""

    dropdown: Dropdown | None = param(default=None)
    key: str = param(max_length=200)
    label: FieldLabel = param()
    numeric: FreeText | None = param(default=None)
    optional: bool = param(default=False)
    text: FreeText | None = param(default=None)
    type: Literal["dropdown", "numeric", "text"] = param()


class Message(Params):
    """A text on the page."""

    message: str = param(max_length=1_200)


class CustomText(Params):
    """Texts on the page."""

    after_submit: Message | None = param(default=None, clearable=True)
    shipping_address: Message | None = param(default=None, clearable=True)
    submit: Message | None = param(default=None, clearable=True)
    terms_of_service_acceptance: Message | None = param(default=None, clearable=True)


class ManagedPayments(Params):
    """Whether Stripe sells in the place of the account, which the fake does not act on."""

    enabled: bool | None = param(default=None, unserved=(True,))


class NameField(Params):
    """Whether a name is asked for."""

    enabled: bool = param()
    optional: bool = param(default=False)


class NameCollection(Params):
    """Which names are asked for."""

    business: NameField | None = param(default=None)
    individual: NameField | None = param(default=None)


class Permissions(Params):
    """Who may change what."""

    update_shipping_details: Literal["client_only", "server_only"] | None = param(default=None)


class SavedMethods(Params):
    """What becomes of saved payment methods."""

    allow_redisplay_filters: tuple[Literal["always", "limited", "unspecified"], ...] | None = param(default=None)
    payment_method_remove: Literal["disabled", "enabled"] | None = param(default=None)
    payment_method_save: Literal["disabled", "enabled"] | None = param(default=None)


class Countries(Params):
    """To which countries something may be sent."""

    allowed_countries: tuple[str, ...] = param(most_items=LONGEST_COUNTRIES)


class TaxIdCollection(Params):
    """Whether the customer's tax id is asked for."""

    enabled: bool = param()
    required: Literal["if_supported", "never"] = param(default="never")


class LinkOptions(Params):
    """How Link is offered."""

    display: Literal["auto", "never"] | None = param(default=None)


class WalletOptions(Params):
    """How wallets are offered."""

    link: LinkOptions | None = param(default=None)


Locale = Literal[
    "auto", "bg", "cs", "da", "de", "el", "en", "en-GB", "es", "es-419", "et", "fi", "fil", "fr", "fr-CA", "hi-IN",
    "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "ms", "mt", "nb", "nl", "pl", "pt", "pt-BR", "ro", "ru", "sk",
    "sl", "sv", "th", "tr", "vi", "zh", "zh-HK", "zh-TW",
]  # fmt: skip
PLAIN = (
    "adaptive_pricing",
    "billing_address_collection",
    "branding_settings",
    "custom_text",
    "integration_identifier",
    "locale",
    "managed_payments",
    "name_collection",
    "origin_context",
    "permissions",
    "phone_number_collection",
    "saved_payment_method_options",
    "shipping_address_collection",
    "submit_type",
    "tax_id_collection",
    "wallet_options",
)
"""The parameters that are shown as they are sent."""


class SharedTerms(Params):
    """Those that payment links have as well: their sessions take them over."""

    billing_address_collection: Literal["auto", "required"] | None = param(default=None)
    consent_collection: ConsentCollection | None = param(default=None)
    custom_text: CustomText | None = param(default=None)
    phone_number_collection: Switch | None = param(default=None)
    submit_type: Literal["auto", "book", "donate", "pay", "subscribe"] | None = param(default=None)
    tax_id_collection: TaxIdCollection | None = param(default=None)


class AskedTerms(SharedTerms):
    """Those that a payment link can be cleared of."""

    custom_fields: tuple[CustomField, ...] | None = param(default=None, most_items=MOST_FIELDS)
    name_collection: NameCollection | None = param(default=None)
    shipping_address_collection: Countries | None = param(default=None)


class ShownTerms(AskedTerms):
    """The parameters of a session that are shown again."""

    adaptive_pricing: AdaptivePricing | None = param(default=None)
    branding_settings: Branding | None = param(default=None)
    integration_identifier: str | None = param(default=None, max_length=200)
    locale: Locale | None = param(default=None)
    managed_payments: ManagedPayments | None = param(default=None)
    origin_context: Literal["mobile_app", "web"] | None = param(default=None)
    permissions: Permissions | None = param(default=None)
    saved_payment_method_options: SavedMethods | None = param(default=None)
    wallet_options: WalletOptions | None = param(default=None)


@inferred("what is left out within a hash is null, or off")
def shown(terms: ShownTerms) -> Mapping[str, Any]:
    """Return what a session shows of the parameters that a request sets."""
    found = {name: plain(value) for name, value in terms.given(PLAIN) if value is not None}
    if terms.consent_collection is not None:
        consents = dict.fromkeys(ConsentCollection.declared) | plain(terms.consent_collection)
        found["consent_collection"] = consents
    if terms.custom_fields is not None:
        found["custom_fields"] = [_field(each) for each in terms.custom_fields]
    if terms.permissions is not None:
        found["permissions"] = {"update_shipping_details": terms.permissions.update_shipping_details}
    return found


def _field(terms: CustomField) -> dict[str, Any]:
    """Return a field as it is shown, without an answer."""
    asked: Params | None = getattr(terms, terms.type)
    kind = Dropdown if terms.type == "dropdown" else FreeText
    empty = dict.fromkeys((*kind.declared, "value"))
    return {
        "key": terms.key,
        "label": plain(terms.label),
        "optional": terms.optional,
        terms.type: empty | ({} if asked is None else plain(asked)),
        "type": terms.type,
    }
