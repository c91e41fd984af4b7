"""URLs that Stripe has and the fake does not serve: 501 in the fake's own voice."""

import re

import pytest

from fakestripe_meters.resources import registry
from fakestripe_meters.routing import METHODS
from fakestripe_meters.routing import WORDS
from fakestripe_meters.routing import Routes
from fakestripe_meters.unserved import table
from tests.conftest import Call

CLOVER, PREVIEW, ACACIA = "2025-10-29.clover", "2026-10-28.preview", "2025-02-24.acacia"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/quotes"),
        ("GET", "/v1/quotes/qt_1"),
        ("HEAD", "/v1/quotes/qt_1"),
        ("POST", "/v1/quotes/qt_1/accept"),
        ("DELETE", "/v1/customers/cus_1/tax_ids/txi_1"),
        ("POST", "/v2/core/accounts"),
        ("GET", "/v2/core/accounts/acct_1"),
    ],
)
def test_a_url_that_only_stripe_has_is_refused_with_501(call: Call, method: str, path: str) -> None:
    answer = call.request(method, path)
    assert (answer.status, answer.headers["Stripe-Should-Retry"]) == (501, "false")
    assert answer.headers["Request-Id"].startswith("req_")
    if method != "HEAD":
        assert answer.error.keys() == {"type", "code", "message"}
        assert (answer.error["type"], answer.error["code"]) == ("api_error", "fakestripe_not_served")


def test_the_501_names_the_fake_and_the_call_and_who_could_answer_it(call: Call) -> None:
    message = call.post("/v1/quotes", {"customer": "cus_1"}).error["message"]
    assert message == (
        "fakestripe-meters does not serve POST /v1/quotes, which Stripe has. Answer this call by a stub: "
        'fakestripe.stub("POST /v1/quotes", json=…), or POST /_fakestripe/stubs. Or let another server answer: '
        "fakestripe-meters serve --elsewhere URL."
    )


def test_the_journal_has_a_hint_for_it(call: Call) -> None:
    call.post("/v1/quotes")
    [exchange] = call.fake.journal
    hint = 'Stripe has this URL, fakestripe-meters does not serve it: fakestripe.stub("POST /v1/quotes", json=…)'
    assert (exchange.status, exchange.hint) == (501, hint)
    assert "fakestripe_not_served" in str(exchange)


def test_both_say_a_star_for_each_id(call: Call) -> None:
    message = call.post("/v1/quotes/qt_1/accept").error["message"]
    [exchange] = call.fake.journal
    for each in (message, exchange.hint or ""):
        assert 'fakestripe.stub("POST /v1/quotes/*/accept", json=…)' in each


def test_a_key_in_its_path_is_masked(call: Call) -> None:
    key = "sk_test_12345678901234567890"
    answer = call.get(f"/v1/quotes/{key}")
    assert answer.status == 501
    assert key not in answer.error["message"]


@pytest.mark.parametrize("path", ["/v1/quotes", "/v2/core/accounts"])
def test_without_a_key_it_is_401_as_ever(call: Call, path: str) -> None:
    assert call.post(path, key=None).status == 401
    assert call.post(path, key="sk_live_123").status == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/v1/quotes"),  # Stripe has it, but not with this method
        ("DELETE", "/v1/quotes/qt_1"),
        ("GET", "/v1/invoices/create_preview"),
        ("POST", "/v1/quotes/"),
        ("POST", "/v1/quotes//accept"),
        ("GET", "/v1/quote"),
        ("GET", "/v1/quotes/qt_1/no_such_thing"),
        ("GET", "/v3/quotes"),
    ],
)
def test_what_stripe_does_not_have_either_is_its_404(call: Call, method: str, path: str) -> None:
    answer = call.request(method, path)
    assert answer.status == 404
    assert answer.error["message"].startswith(f"Unrecognized request URL ({method}: {path})")


@pytest.mark.parametrize(
    ("path", "version", "status"),
    [
        ("/v1/account_notices", PREVIEW, 501),
        ("/v1/account_notices", None, 501),
        ("/v1/account_notices", CLOVER, 404),
        ("/v1/subscription_items/si_1/usage_record_summaries", ACACIA, 501),
        ("/v1/subscription_items/si_1/usage_record_summaries", CLOVER, 404),
    ],
)
def test_it_depends_on_the_version_whether_stripe_has_a_url(
    call: Call, path: str, version: str | None, status: int
) -> None:
    assert call.get(path, version=version).status == status


def test_it_counts_against_the_rate_limit(call: Call) -> None:
    call.fake.begin(now=0, limits={"global": 1})
    assert [call.get("/v1/quotes").status for _ in range(2)] == [501, 429]


def test_it_is_501_too_if_unserved_parameters_are_ignored(call: Call) -> None:
    call.fake.begin(now=0, unserved="ignore")
    assert call.get("/v1/quotes").status == 501


def colliding() -> set[str]:
    """URLs of Stripe's without a variable segment that rules of ours would take, with an id in the place of a word."""
    ours = [re.compile(re.sub("<[^>]*>", "[^/]+", each.rule)) for each in registry().endpoints() if "<" in each.rule]
    return {path for path in table.operations() if "{}" not in path and any(each.fullmatch(path) for each in ours)}


def test_every_word_of_stripes_that_could_be_taken_for_an_id_is_known() -> None:
    assert set(WORDS) == colliding()


@pytest.mark.parametrize("path", WORDS)
def test_a_word_of_stripes_is_never_taken_for_an_id(path: str) -> None:
    routes = Routes(registry())
    found = [routes.lookup(method, path) for method in METHODS]
    assert [values for _, values in found if values] == []
    assert all(endpoint is None or endpoint.rule == path for endpoint, _ in found)


def test_no_word_below_an_id_is_taken_for_another_id() -> None:
    routes = Routes(registry())
    found = {
        path: routes.lookup(method, path.replace("{}", "some_id"))[0]
        for path in table.operations()
        if "{}" in path
        for method in METHODS
    }
    assert [path for path, each in found.items() if each and re.sub("<[^>]*>", "{}", each.rule) != path] == []
