"""What a request says of single payment methods. It is kept and shown; nothing is paid with such a method here.

A field that may be null is shown as null if it was not sent; another one is left out.
"""

from collections.abc import Mapping
from typing import Any
from typing import Literal

from fakestripe_meters.core.cards import Network
from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.framework.amounts import MOST_CHARGED
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Json
from fakestripe_meters.wire.tree import Tree

LONGEST_PIX_S = 1_209_600
Verification = Literal["automatic", "instant", "microdeposits"]
AmountType = Literal["fixed", "maximum"]


def method() -> Any:  # noqa: ANN401  it stands where the field's own type is declared
    """Declare the options of a payment method."""
    return param(default=UNSET, clearable=True)


class NoOptions(Params):
    """A method without options."""


class AcssMandate(Params):
    """The mandate for pre-authorized debits."""

    transaction_type: Literal["business", "personal"] | None = param(default=None)


class AcssDebit(Params):
    """Pre-authorized debits in Canada."""

    mandate_options: AcssMandate | Unset = param(default=UNSET)
    verification_method: Verification | Unset = param(default=UNSET)


class Bancontact(Params):
    """Bancontact."""

    preferred_language: Literal["de", "en", "fr", "nl"] = param(default="en")


class Card(Params):
    """Cards."""

    request_three_d_secure: Literal["any", "automatic", "challenge"] | None = param(default=None)


class CardMandate(Params):
    """The mandate for a card in India."""

    amount: int | None = param(default=None, least=0, most=MOST_CHARGED)
    amount_type: AmountType | None = param(default=None)
    description: str | None = param(default=None, max_length=200)


class SubscriptionCard(Card):
    """Cards, for a subscription."""

    mandate_options: CardMandate | Unset = param(default=UNSET)
    network: Network | None = param(default=None)


class Installments(Params):
    """Whether a card may pay in installments."""

    enabled: bool | None = param(default=None)


class InvoiceCard(Card):
    """Cards, for an invoice."""

    installments: Installments | Unset = param(default=UNSET)


class EuBankTransfer(Params):
    """Bank transfers in the European Union."""

    country: Literal["BE", "DE", "ES", "FR", "IE", "NL"] = param()


class BankTransfer(Params):
    """Bank transfers."""

    eu_bank_transfer: EuBankTransfer | Unset = param(default=UNSET)
    type: str | None = param(default=None)


class CustomerBalance(Params):
    """Bank transfers to a customer's cash balance."""

    bank_transfer: BankTransfer | Unset = param(default=UNSET)
    funding_type: Literal["bank_transfer"] | None = param(default=None)


class PaytoMandate(Params):
    """The mandate for PayTo."""

    amount: int | None = param(default=None, least=0, most=MOST_CHARGED)
    purpose: (
        Literal[
            "dependant_support",
            "government",
            "loan",
            "mortgage",
            "other",
            "pension",
            "personal",
            "retail",
            "salary",
            "tax",
            "utility",
        ]
        | None
    ) = param(default=None)


class Payto(Params):
    """PayTo."""

    mandate_options: PaytoMandate | Unset = param(default=UNSET)


class Pix(Params):
    """Pix."""

    # documented: the bounds, in Stripe's OpenAPI.
    expires_after_seconds: int | Unset = param(default=UNSET, least=10, most=LONGEST_PIX_S)


class PixMandate(Params):
    """The mandate for Pix."""

    amount: int | None = param(default=None, least=0, most=MOST_CHARGED)
    amount_includes_iof: Literal["always", "never"] | None = param(default=None)
    end_date: str | None = param(default=None)
    payment_schedule: Literal["halfyearly", "monthly", "quarterly", "weekly", "yearly"] | None = param(default=None)


class SubscriptionPix(Pix):
    """Pix, for a subscription."""

    mandate_options: PixMandate | Unset = param(default=UNSET)


class InvoicePix(Pix):
    """Pix, for an invoice."""

    amount_includes_iof: Literal["always", "never"] | None = param(default=None)


class UpiMandate(Params):
    """The mandate for UPI."""

    amount: int | None = param(default=None, least=0, most=MOST_CHARGED)
    amount_type: AmountType | None = param(default=None)
    description: str | None = param(default=None, max_length=20)
    end_date: int | None = param(default=None, least=0, most=LAST_SECOND)


class Upi(Params):
    """UPI."""

    mandate_options: UpiMandate | Unset = param(default=UNSET)


class AccountFilters(Params):
    """Which bank accounts can be chosen."""

    account_subcategories: tuple[Literal["checking", "savings"], ...] | Unset = param(default=UNSET)


class FinancialConnections(Params):
    """How a bank account is connected."""

    filters: AccountFilters | Unset = param(default=UNSET)
    permissions: tuple[Literal["balances", "ownership", "payment_method", "transactions"], ...] | Unset = param(
        default=UNSET
    )
    prefetch: tuple[Literal["balances", "ownership", "transactions"], ...] | None = param(default=None)


class UsBankAccount(Params):
    """Bank accounts in the United States."""

    financial_connections: FinancialConnections | Unset = param(default=UNSET)
    verification_method: Verification | Unset = param(default=UNSET)


class Options(Params):
    """The options of single payment methods."""

    acss_debit: AcssDebit | Unset | None = method()
    bancontact: Bancontact | Unset | None = method()
    billie: NoOptions | Unset | None = method()
    customer_balance: CustomerBalance | Unset | None = method()
    konbini: NoOptions | Unset | None = method()
    payto: Payto | Unset | None = method()
    sepa_debit: NoOptions | Unset | None = method()
    upi: Upi | Unset | None = method()
    us_bank_account: UsBankAccount | Unset | None = method()


class SubscriptionOptions(Options):
    """The options of a subscription's payment methods."""

    card: SubscriptionCard | Unset | None = method()
    pix: SubscriptionPix | Unset | None = method()


class InvoiceOptions(Options):
    """The options of an invoice's payment methods."""

    card: InvoiceCard | Unset | None = method()
    pix: InvoicePix | Unset | None = method()


METHODS = sorted(InvoiceOptions.declared)
# documented: an invoice has these of a subscription's options, as Stripe's OpenAPI says.
PASSED_ON = {"card": ("request_three_d_secure",), "pix": ("expires_after_seconds",)}


@inferred("options without any method are null")
def merged(before: Mapping[str, Any] | None, options: Options) -> dict[str, Any] | None:
    """Return the options as they are kept and shown, after a request has changed some."""
    after = dict.fromkeys(METHODS) | dict(before or {})
    after |= {name: None if value is None else _shown(value) for name, value in options.given(METHODS)}
    return after if any(after.values()) else None


def passed_on(options: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return what the invoices of a subscription get of its options."""
    if options is None:
        return None
    passed = dict(options)
    for name, fields in PASSED_ON.items():
        if passed.get(name) is not None:
            passed[name] = {field: value for field, value in passed[name].items() if field in fields}
    return passed


def _shown(options: Params) -> Tree:
    return {name: _plain(value) for name, value in sorted(vars(options).items()) if value is not UNSET}


def _plain(value: Any) -> Json:  # noqa: ANN401  a parameter of any type
    if isinstance(value, Params):
        return _shown(value)
    return list(value) if isinstance(value, tuple) else value
