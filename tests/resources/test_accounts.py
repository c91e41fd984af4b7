"""Accounts: the key's own, those that are connected to it, and how a request names them."""

import re

import pytest

from tests.conftest import KEY
from tests.conftest import NOW
from tests.conftest import Call

ACCOUNT = "/v1/account"
ACCOUNTS = "/v1/accounts"
CUSTOMERS = "/v1/customers"
NEW_YEAR = 1_735_689_600
OTHER = "sk_test_other"
CONNECTED = "acct_1Connected"
KEYS_OF_A_CONNECTED_ONE = """
    id object business_profile business_type capabilities charges_enabled controller country created default_currency
    details_submitted email external_accounts future_requirements metadata payouts_enabled requirements settings
    tos_acceptance type
"""


def own(call: Call, key: str = KEY) -> str:
    """The id of a key's own account."""
    account: str = call.get(ACCOUNT, key=key).json["id"]
    return account


def on(account: str) -> dict[str, str]:
    return {"Stripe-Account": account}


# The account itself


def test_a_key_has_an_account(call: Call) -> None:
    account = call.get(ACCOUNT).json
    assert re.fullmatch("acct_[A-Za-z0-9]{16}", account["id"])
    assert list(account) == [
        *("id", "object", "business_profile", "capabilities", "charges_enabled", "controller", "country"),
        *("default_currency", "details_submitted", "email", "payouts_enabled", "settings", "type"),
    ]
    assert (account["object"], account["type"], account["controller"]) == ("account", "standard", {"type": "account"})
    assert account["charges_enabled"] is account["payouts_enabled"] is account["details_submitted"] is True
    assert (account["country"], account["default_currency"]) == ("US", "usd")
    assert call.get(f"{ACCOUNTS}/{account['id']}").json == account


def test_it_is_the_account_that_errors_and_events_name(call: Call) -> None:
    error = call.get("/v1/customers/cus_x").error
    assert f"/{own(call)}/" in error["request_log_url"]


def test_two_keys_have_two_accounts(call: Call) -> None:
    assert own(call) != own(call, OTHER)


def test_a_connected_account_is_shown_as_a_new_one(call: Call) -> None:
    call.clock.advance(60)
    call.get(CUSTOMERS, headers=on(CONNECTED))
    call.clock.advance(60)
    answer = call.get(f"{ACCOUNTS}/{CONNECTED}")
    account = answer.json
    assert list(account) == KEYS_OF_A_CONNECTED_ONE.split()
    assert (account["id"], account["created"], account["type"]) == (CONNECTED, NEW_YEAR + 60, "standard")
    assert account["charges_enabled"] is account["payouts_enabled"] is account["details_submitted"] is False
    assert account["external_accounts"]["url"] == f"/v1/accounts/{CONNECTED}/external_accounts"
    assert account["requirements"]["disabled_reason"] == "requirements.past_due"
    assert account["requirements"]["past_due"] == account["requirements"]["currently_due"]
    assert account["future_requirements"]["past_due"] == []
    assert answer.headers["Stripe-Account"] == CONNECTED
    assert call.get(ACCOUNT, headers=on(CONNECTED)).json == account


@pytest.mark.parametrize(
    "path",
    [
        "settings.branding.icon",
        "settings.branding.logo",
        "settings.invoices.default_account_tax_ids",
        "company.verification.document.back",
        "company.verification.document.front",
    ],
)
def test_what_expands_in_an_account_is_null(call: Call, path: str) -> None:
    account = call.get(ACCOUNT).json
    assert call.get(ACCOUNT, {"expand": [path]}).json == account
    call.get(CUSTOMERS, headers=on(CONNECTED))
    if path.startswith("settings."):  # the others are too deep in a list
        assert call.get(ACCOUNTS, {"expand": [f"data.{path}"]}).json == call.get(ACCOUNTS).json
    assert call.get(ACCOUNT, {"expand": [path.rpartition(".")[0] + ".color"]}).status == 400


# Which account a request goes to


@pytest.mark.parametrize("header", ["Stripe-Account", "Stripe-Context"])
def test_the_keys_own_id_names_the_keys_own_account(call: Call, header: str) -> None:
    made = call.create(CUSTOMERS)
    mine = own(call)
    answer = call.get(CUSTOMERS, headers={header: mine})
    assert (answer.ids, answer.headers["Stripe-Account"]) == ([made["id"]], mine)
    assert call.get(ACCOUNTS).ids == []


def test_answers_about_no_named_account_name_none(call: Call) -> None:
    assert "Stripe-Account" not in call.get(CUSTOMERS).headers
    assert "Stripe-Account" not in call.get(ACCOUNT).headers
    assert "Stripe-Account" not in call.get(f"{ACCOUNTS}/{own(call)}").headers


def test_answers_of_a_connected_account_name_it_also_refusals(call: Call) -> None:
    for answer in (
        call.post(CUSTOMERS, headers=on(CONNECTED)),
        call.get(f"{CUSTOMERS}/cus_x", headers=on(CONNECTED)),
        call.get("/v1/nothing", headers=on(CONNECTED)),
        call.get("/v2/core/events", headers=on(CONNECTED)),
    ):
        assert answer.headers["Stripe-Account"] == CONNECTED
        assert answer.headers["Request-Id"].startswith("req_")


def test_the_newer_header_goes_first(call: Call) -> None:
    made = call.create(CUSTOMERS, headers={"Stripe-Context": CONNECTED, "Stripe-Account": "acct_2"})
    assert call.get(CUSTOMERS, headers=on(CONNECTED)).ids == [made["id"]]
    assert call.get(ACCOUNTS).ids == [CONNECTED]


def test_a_path_may_begin_with_the_keys_own_account(call: Call) -> None:
    made = call.create(CUSTOMERS, headers={"Stripe-Context": f"{own(call)}/{CONNECTED}"})
    assert call.get(CUSTOMERS, headers=on(CONNECTED)).ids == [made["id"]]
    assert call.get(CUSTOMERS, headers={"Stripe-Context": f"{own(call)}/{own(call)}"}).ids == []


@pytest.mark.parametrize(
    "account",
    [
        *("", "acct_", "cus_1", "acct_-", "acct_of_somebody", "acct_1 x", "acct_\x7f", "1acct_1", "ACCT_1"),
        *("acct_1/", "/acct_1", "acct_1/acct_2", "acct_1/acct_1/acct_1", f"acct_{'x' * 1000}"),
    ],
)
@pytest.mark.parametrize("header", ["Stripe-Account", "Stripe-Context"])
def test_an_account_out_of_reach_is_refused_and_opens_nothing(call: Call, header: str, account: str) -> None:
    answer = call.get(CUSTOMERS, headers={header: account})
    shown = account if len(account) <= 100 else f"{account[:100]}…"
    assert answer.status == 403
    assert answer.error == {
        "code": "account_invalid",
        "doc_url": "https://stripe.com/docs/error-codes/account-invalid",
        "message": f"The provided key 'sk_test_******ripe' does not have access to account '{shown}' "
        "(or that account does not exist). Application access may have been revoked.",
        "type": "invalid_request_error",
    }
    for name in ("Request-Id", "Stripe-Version", "Stripe-Account"):
        assert name not in answer.headers
    assert call.fake.engine.world.accounts == {}


def test_the_refusal_masks_all_of_a_long_key_but_its_ends(call: Call) -> None:
    key = f"sk_test_{'a' * 95}uCJm"
    message = call.get(CUSTOMERS, key=key, headers=on("acct_of_somebody")).error["message"]
    assert f"'sk_test_{'*' * 95}uCJm'" in message


def test_the_account_of_another_key_is_out_of_reach(call: Call) -> None:
    theirs = own(call, OTHER)
    for answer in (call.get(CUSTOMERS, headers=on(theirs)), call.get(f"{ACCOUNTS}/{theirs}")):
        assert (answer.status, answer.error["code"]) == (403, "account_invalid")
    call.fake.engine.world.forget(OTHER)
    assert call.get(CUSTOMERS, headers=on(theirs)).status == 200


def test_a_connected_account_of_another_key_is_another_one(call: Call) -> None:
    call.create(CUSTOMERS, headers=on(CONNECTED))
    assert call.get(f"{ACCOUNTS}/{CONNECTED}", key=OTHER).status == 403
    assert call.get(CUSTOMERS, headers=on(CONNECTED), key=OTHER).ids == []
    assert call.get(f"{ACCOUNTS}/{CONNECTED}", key=OTHER).status == 200


@pytest.mark.parametrize("account", ["acct_never", "acct_of_somebody", "x"])
def test_to_read_an_account_does_not_open_it(call: Call, account: str) -> None:
    for _ in range(2):
        answer = call.get(f"{ACCOUNTS}/{account}")
        assert (answer.status, answer.error["code"]) == (403, "account_invalid")
        assert "Request-Id" not in answer.headers
    assert call.get(ACCOUNTS).ids == []


def test_a_connected_account_sees_itself_only(call: Call) -> None:
    call.get(CUSTOMERS, headers=on(CONNECTED))
    call.get(CUSTOMERS, headers=on("acct_2"))
    assert call.get(f"{ACCOUNTS}/{CONNECTED}", headers=on(CONNECTED)).status == 200
    for other in ("acct_2", own(call)):
        assert call.get(f"{ACCOUNTS}/{other}", headers=on(CONNECTED)).status == 403
    assert call.get(f"{ACCOUNTS}/{CONNECTED}", headers=on(own(call))).status == 200
    assert call.get(ACCOUNTS, headers=on(CONNECTED)).ids == []


def test_a_key_that_is_none_is_refused_before_its_account(call: Call) -> None:
    assert call.get(CUSTOMERS, key="sk_live_abcdefgh", headers=on("acct_of_somebody")).status == 401
    assert call.get(f"{ACCOUNTS}/acct_never", key=None).status == 401


# The list


def test_connected_accounts_are_listed_newest_first(call: Call) -> None:
    for account in ("acct_1", "acct_2", "acct_3"):
        call.get(CUSTOMERS, headers=on(account))
        call.clock.advance(1)
    call.get(CUSTOMERS, headers=on("acct_4"), key=OTHER)
    listed = call.get(ACCOUNTS).json
    assert [each["id"] for each in listed["data"]] == ["acct_3", "acct_2", "acct_1"]
    assert (listed["url"], listed["has_more"]) == (ACCOUNTS, False)
    assert call.get(ACCOUNTS, {"limit": 1, "starting_after": "acct_3"}).ids == ["acct_2"]
    assert call.get(ACCOUNTS, {"created": {"gte": NEW_YEAR + 1}}).ids == ["acct_3", "acct_2"]
    refused = call.get(ACCOUNTS, {"starting_after": "acct_4"})
    assert (refused.status, refused.error["param"]) == (400, "starting_after")


# What happens to accounts


def test_a_snapshot_keeps_when_an_account_was_opened(call: Call) -> None:
    call.create(CUSTOMERS, headers=on(CONNECTED))
    before = call.get(f"{ACCOUNTS}/{CONNECTED}").json
    call.clock.advance(60)
    kept = call.fake.snapshot()
    call.fake.begin(now=NOW)
    call.fake.restore(kept)
    assert call.get(f"{ACCOUNTS}/{CONNECTED}").json == before


def test_an_older_snapshot_does_not_say_it_so_that_the_account_begins_with_it(call: Call) -> None:
    call.create(CUSTOMERS, headers=on(CONNECTED))
    call.clock.advance(60)
    kept = call.fake.snapshot()
    for each in kept["accounts"]:
        del each["opened"]
    call.fake.restore(kept)
    assert call.get(f"{ACCOUNTS}/{CONNECTED}").json["created"] == NEW_YEAR + 60


def test_a_connected_account_of_an_older_snapshot_stays_in_reach_whatever_its_id(call: Call) -> None:
    call.create(CUSTOMERS, headers=on(CONNECTED))
    kept = call.fake.snapshot()
    (each,) = (each for each in kept["accounts"] if each["connected"])
    each["connected"] = "acct_of_my_customer"
    call.fake.restore(kept)
    assert len(call.get(CUSTOMERS, headers=on("acct_of_my_customer")).ids) == 1
    assert call.get(CUSTOMERS, headers=on("acct_of_somebody")).status == 403


def test_after_a_reset_no_account_is_connected(call: Call) -> None:
    call.create(CUSTOMERS, headers=on(CONNECTED))
    call.fake.engine.world.forget(KEY)
    assert call.get(ACCOUNTS).ids == []
    assert call.get(f"{ACCOUNTS}/{CONNECTED}").status == 403
