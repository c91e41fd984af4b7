"""Parameters of payment methods that several operations take.

Documented in: https://docs.stripe.com/api/payment_methods.
"""

import re
from collections.abc import Mapping
from typing import Any
from typing import Literal
from typing import get_args

from fakestripe_meters.core import errors
from fakestripe_meters.core import named_cards
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.paying import methods
from fakestripe_meters.domain.records.payment_methods import ADDRESS
from fakestripe_meters.domain.records.payment_methods import PaymentMethod
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import param

Type = Literal[
    "acss_debit",
    "affirm",
    "afterpay_clearpay",
    "alipay",
    "alma",
    "amazon_pay",
    "au_becs_debit",
    "bacs_debit",
    "bancontact",
    "billie",
    "bizum",
    "blik",
    "boleto",
    "card",
    "cashapp",
    "crypto",
    "custom",
    "customer_balance",
    "eps",
    "fpx",
    "giropay",
    "grabpay",
    "ideal",
    "kakao_pay",
    "klarna",
    "konbini",
    "kr_card",
    "link",
    "mb_way",
    "mobilepay",
    "multibanco",
    "naver_pay",
    "nz_bank_account",
    "oxxo",
    "p24",
    "pay_by_bank",
    "payco",
    "paynow",
    "paypal",
    "paypay",
    "payto",
    "pix",
    "promptpay",
    "revolut_pay",
    "samsung_pay",
    "satispay",
    "scalapay",
    "sepa_debit",
    "sequra",
    "sofort",
    "sunbit",
    "swish",
    "twint",
    "upi",
    "us_bank_account",
    "wechat_pay",
    "zip",
]
OTHERS = tuple(each for each in get_args(Type) if each != "card")
"""The types that no payment method of the fake has."""
GENERATED = re.compile(r"(?=\w*[0-9])\w{14,}")
"""What follows `tok_` in an id that Stripe has made."""


class HolderAddress(Params):
    """The address of a holder; what is absent stays as it is."""

    city: str | Unset | None = param(default=UNSET, clearable=True)
    country: str | Unset | None = param(default=UNSET, clearable=True)
    line1: str | Unset | None = param(default=UNSET, clearable=True)
    line2: str | Unset | None = param(default=UNSET, clearable=True)
    postal_code: str | Unset | None = param(default=UNSET, clearable=True)
    state: str | Unset | None = param(default=UNSET, clearable=True)


class BillingDetails(Params):
    """Whom a payment method belongs to."""

    address: HolderAddress | Unset | None = param(default=UNSET, clearable=True)
    email: str | Unset | None = param(default=UNSET, clearable=True)
    name: str | Unset | None = param(default=UNSET, clearable=True)
    phone: str | Unset | None = param(default=UNSET, clearable=True)
    tax_id: str | Unset | None = param(default=UNSET, clearable=True)


@observed("an update changes single leaves, and leaves the others (Kiln-AI/stripe_world)")
def merged_details(present: Mapping[str, Any], given: BillingDetails) -> Mapping[str, Any]:
    """Return whom a payment method belongs to after a change."""
    changed = {**present, **dict(given.given(("email", "name", "phone", "tax_id")))}
    if given.address is None:
        changed["address"] = None
    elif given.address is not UNSET:
        changed["address"] = {**(present.get("address") or {}), **dict(given.address.given(ADDRESS))}
    return changed


@observed("a token's security code is not checked before it is attached (Kiln-AI/stripe_world)")
def of_token(account: Account, token: str, *, path: str = "token") -> PaymentMethod:
    """Make a payment method of a token, such as `tok_visa`; StripeError 400 if there is no such token."""
    card = named_cards.of_token(token)
    if card is None:
        raise _no_token(path, token)
    return methods.mint(account, card, checked=False)


@observed("the refusals of `pm_card_visa` and of `tok_card_visa` (Kiln-AI/stripe_world)")
@inferred("a word with digits that is longer than those of test cards is the id of a token, and there is none")
def _no_token(path: str, token: str) -> StripeError:
    words = token.removeprefix(named_cards.TOKENS).split("_") if token.startswith(named_cards.TOKENS) else []
    if len(words) == 1 and GENERATED.fullmatch(words[0]):
        return errors.objects.no_such("token", token, param=path, status=400)
    known = {word for name in named_cards.names() for word in name.removeprefix(named_cards.METHODS).split("_")}
    strange = next((word for word in words if word not in known), None)
    if strange is None:
        return errors.payment_methods.invalid_token(path, token)
    return errors.payment_methods.invalid_part_of_token(path, strange)
