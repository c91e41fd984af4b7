"""Accounts: https://docs.stripe.com/api/accounts; the one of the API key, and those that are connected to it.

An account has no record: it is what a key, or a request that names a connected account, has opened.
"""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.table import Table
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import Range
from fakestripe_meters.framework.listing import page
from fakestripe_meters.framework.listing import within
from fakestripe_meters.wire.schema import any_integer
from fakestripe_meters.wire.tree import Tree
from fakestripe_meters.wire.tree import list_within

PATH = "/v1/accounts"
# observed: what a new connected account must hand in (openfoodfoundation/openfoodnetwork).
WANTED = [
    "business_profile.product_description",
    "business_profile.support_phone",
    "business_profile.url",
    "external_account",
    "tos_acceptance.date",
    "tos_acceptance.ip",
]


class ListAccounts(ListParams):
    """Which connected accounts to list."""

    created: int | Range | None = any_integer(default=None)


def render(_account: Account, shown: Account) -> Tree:
    """Return an account as Stripe shows it: that of the key itself, or a connected one."""
    return _own(shown) if shown.name.connected is None else _connected(shown)


@observed("the keys of an account that its own key retrieves, and that it can charge (dj-stripe/dj-stripe)")
@documented("`controller`, in Stripe's OpenAPI")
@inferred("it has no email and no names; its profile and settings have the keys of a connected one's")
def _own(account: Account) -> Tree:
    return {
        "id": account.id,
        "object": "account",
        "business_profile": _profile(),
        "capabilities": {},
        "charges_enabled": True,
        "controller": {"type": "account"},
        "country": "US",
        "default_currency": "usd",
        "details_submitted": True,
        "email": None,
        "payouts_enabled": True,
        "settings": _settings(),
        "type": "standard",
    }


@observed("the keys and values of a new connected account of the type `standard` (openfoodfoundation/openfoodnetwork)")
@inferred("no email and no names; no operation depends on what it has not handed in")
def _connected(account: Account) -> Tree:
    return {
        "id": account.id,
        "object": "account",
        "business_profile": _profile(),
        "business_type": None,
        "capabilities": {},
        "charges_enabled": False,
        "controller": {
            "fees": {"payer": "account"},
            "is_controller": True,
            "losses": {"payments": "stripe"},
            "requirement_collection": "stripe",
            "stripe_dashboard": {"type": "full"},
            "type": "application",
        },
        "country": "US",
        "created": account.opened,
        "default_currency": "usd",
        "details_submitted": False,
        "email": None,
        "external_accounts": _external_accounts(account),
        "future_requirements": _requirements([], None),
        "metadata": {},
        "payouts_enabled": False,
        "requirements": _requirements(WANTED, "requirements.past_due"),
        "settings": _settings(),
        "tos_acceptance": {"date": None, "ip": None, "user_agent": None},
        "type": "standard",
    }


def _external_accounts(account: Account) -> Tree:
    return list_within([], f"{PATH}/{account.id}/external_accounts")


def _requirements(wanted: list[str], disabled: str | None) -> Tree:
    return {
        "alternatives": [],
        "current_deadline": None,
        "currently_due": wanted,
        "disabled_reason": disabled,
        "errors": [],
        "eventually_due": wanted,
        "past_due": wanted,
        "pending_verification": [],
    }


def _profile() -> Tree:
    return dict.fromkeys(
        (
            "annual_revenue",
            "estimated_worker_count",
            "mcc",
            "minority_owned_business_designation",
            "name",
            "product_description",
            "specified_commercial_transactions_act_url",
            "support_address",
            "support_email",
            "support_phone",
            "support_url",
            "url",
        )
    )


def _settings() -> Tree:
    return {
        "bacs_debit_payments": {"display_name": None, "service_user_number": None},
        "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
        "card_issuing": {"tos_acceptance": {"date": None, "ip": None}},
        "card_payments": {
            "decline_on": {"avs_failure": False, "cvc_failure": False},
            "statement_descriptor_prefix": None,
            "statement_descriptor_prefix_kana": None,
            "statement_descriptor_prefix_kanji": None,
        },
        "dashboard": {"display_name": None, "timezone": "Etc/UTC"},
        "invoices": {"default_account_tax_ids": None, "hosted_payment_method_save": "offer"},
        "payments": {
            "statement_descriptor": None,
            "statement_descriptor_kana": None,
            "statement_descriptor_kanji": None,
        },
        "payouts": {
            "debit_negative_balances": True,
            "schedule": {"delay_days": 2, "interval": "daily"},
            "statement_descriptor": None,
        },
        "sepa_debit_payments": {},
    }


resource = Resource("account", "/v1/account", render=render, is_account=True)


@resource.get()
def retrieve_own(account: Account, params: Operation) -> Account:
    """Return the account that the request acts on: that of the API key, or the connected one that it names."""
    return account


@resource.get("s")
@inferred("a connected account has none below it")
def list_(account: Account, params: ListAccounts) -> Listing:
    """List the connected accounts, newest first."""
    table = Table(account.below)
    return page(table, params, url=PATH, noun="account", where=lambda each: within(params.created, each.opened))


@resource.get("s/<account_id>")
def retrieve(account: Account, params: Operation, account_id: str) -> Account:
    """Return the account of the API key, or one that is connected to it."""
    return account
