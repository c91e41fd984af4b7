"""How an invoice may be paid, as a request says it of an invoice or of a subscription."""

from collections.abc import Mapping
from typing import Any
from typing import Literal

from fakestripe_meters.domain.invoicing import payment_options
from fakestripe_meters.domain.invoicing.payment_options import InvoiceOptions
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import param

PaymentMethodType = Literal[
    "ach_credit_transfer",
    "ach_debit",
    "acss_debit",
    "affirm",
    "alipay",
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
    "check_scan",
    "crypto",
    "custom",
    "customer_balance",
    "eps",
    "fpx",
    "giropay",
    "grabpay",
    "id_bank_transfer",
    "ideal",
    "jp_credit_transfer",
    "kakao_pay",
    "klarna",
    "konbini",
    "kr_card",
    "link",
    "mb_way",
    "momo",
    "multibanco",
    "naver_pay",
    "nz_bank_account",
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
    "satispay",
    "sepa_credit_transfer",
    "sepa_debit",
    "sequra",
    "sofort",
    "stripe_balance",
    "swish",
    "touch_n_go",
    "truemoney",
    "twint",
    "upi",
    "us_bank_account",
    "vipps",
    "wechat_pay",
]


class PaymentSettings(Params):
    """By which methods an invoice may be paid."""

    payment_method_types: tuple[PaymentMethodType, ...] | Unset | None = param(default=UNSET, clearable=True)


class InvoicePaymentSettings(PaymentSettings):
    """How an invoice may be paid."""

    payment_method_options: InvoiceOptions | Unset = param(default=UNSET)

    def applied_to(self, before: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings of an invoice after a request has changed some."""
        after = dict(before)
        if self.payment_method_options is not UNSET:
            options = payment_options.merged(before.get("payment_method_options"), self.payment_method_options)
            after["payment_method_options"] = options
        if self.payment_method_types is not UNSET:
            after["payment_method_types"] = list(self.payment_method_types) if self.payment_method_types else None
        return after
