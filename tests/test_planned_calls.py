"""Which calls can be planned for, for whom, and what is told of a plan that no request has met."""

from collections.abc import Iterator
from typing import Any

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse
from fakestripe_meters.core.errors import shortened
from tests.conftest import DOORS
from tests.conftest import KEY
from tests.conftest import NOW
from tests.conftest import Call

OTHER_KEY = "sk_test_someone_else"
PAY = "POST /v1/invoices/*/pay"


@pytest.fixture
def call() -> Iterator[Call]:
    with FakeStripe(now=NOW, seed=1) as fake:
        yield Call(DOORS["engine"], fake)


def plan(fake: FakeStripe, how: str, pattern: str) -> None:
    if how == "fail_next":
        fake.fail_next(pattern, status=500)
    elif how == "chaos":
        fake.chaos(seed=1, rate=1, call=pattern)
    else:
        fake.stub(pattern, json={}, status=500)


EVERY_WAY = pytest.mark.parametrize("how", ["fail_next", "chaos", "stub"])


@EVERY_WAY
@pytest.mark.parametrize(
    ("pattern", "met", "missed"),
    [
        (PAY, "POST /v1/invoices/in_1/pay", "POST /v1/invoices/in_1/void"),
        ("post /v1/customers", "POST /v1/customers", "GET /v1/customers"),
        ("* /v1/customers/*", "DELETE /v1/customers/cus_1", "GET /v1/customers"),
        ("GET *", "GET /v1/invoices", "POST /v1/invoices"),
        ("GET /v1/*/search", "GET /v1/products/search", "GET /v1/products/prod_1"),
        ("GET /v1/plans/a/b", "GET /v1/plans/a/b", "GET /v1/plans/a"),
        ("GET /v1/customers/cus%201", "GET /v1/customers/cus%201", "GET /v1/customers/cus_1"),
        ("HEAD /v1/customers", "HEAD /v1/customers", "GET /v1/customers"),
    ],
)
def test_a_pattern_is_met_by_what_it_means(call: Call, how: str, pattern: str, met: str, missed: str) -> None:
    plan(call.fake, how, pattern)
    assert call.request(*missed.split()).status != 500
    assert call.request(*met.split()).status >= 429  # what chaos has chosen


@EVERY_WAY
@pytest.mark.parametrize(
    ("pattern", "nearest"),
    [
        ("POST /v1/invoices/{invoice_id}/pay", PAY),
        ("POST /v1/invoices/:id/pay", PAY),
        ("POST /v1/invoices/<invoice_id>/pay", PAY),
        ("POST /v1/invoices/in_*/pay", PAY),
        ("POST /v1/invoices/**/pay", PAY),
        ("POST /v1/invoices/*/pay/", PAY),
        ("POST v1/invoices/*/pay", PAY),
        ("PUT /v1/invoices/*/pay", PAY),
        ("POST /v1/invoice/*/pay", PAY),
        ("POST /v1/invoice/in_1/pay", "POST /v1/invoices/in_1/pay"),
        ("GET /v1/customers?limit=3", "GET /v1/customers"),
        ("GET /v1/customers#here", "GET /v1/customers"),
        ("POST https://api.stripe.com/v1/customers", "POST /v1/customers"),
        ("GET /V1/Customers", "GET /v1/customers"),
        ("* /v1/custmers", "* /v1/customers"),
        ("GET /v1//customers", "GET /v1/customers"),
        ("GET http://[/v1/customers", "GET /v1/customers"),
    ],
)
def test_a_pattern_that_nothing_can_meet_is_refused_with_the_nearest_that_can(
    call: Call, how: str, pattern: str, nearest: str
) -> None:
    with pytest.raises(Misuse) as misuse:
        plan(call.fake, how, pattern)
    method, path = pattern.split()
    assert str(misuse.value) == f"no call matches {method} {shortened(path)}: say {nearest}"
    plan(call.fake, how, nearest)


def test_of_a_very_long_path_only_the_beginning_is_compared(call: Call) -> None:
    with pytest.raises(Misuse, match="say GET /v1/customers/x"):
        call.fake.stub(f"GET /v1/customer/{'x' * 1_000_000}", json={})


@EVERY_WAY
@pytest.mark.parametrize("pattern", ["", "POST", "/v1/customers", "PSOT /v1/customers", "POST /v1/customers now", 7])
def test_what_is_not_a_method_and_a_path_is_refused(call: Call, how: str, pattern: Any) -> None:  # noqa: ANN401  wrong on purpose
    with pytest.raises(Misuse):
        plan(call.fake, how, pattern)


@pytest.mark.parametrize("pattern", ["/oauth/token", "/*/token", "/", "/v1/account_notices", "/v2/core/accounts/*"])
def test_a_stub_can_be_for_all_that_stripe_answers(call: Call, pattern: str) -> None:
    call.fake.stub(f"GET {pattern}", json={})
    assert call.get(pattern.replace("*", "x")).status == 200


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("POST /oauth/token/", "say POST /oauth/token"),
        ("POST https://connect.stripe.com/oauth/token", "say POST /oauth/token"),
        ("POST /oauth/{id}", "say POST /oauth/*"),
        ("POST /v1/quote", "say POST /v1/quotes"),
        ("POST /v2/core/account", "say POST /v2/core/accounts"),
        ("POST /_fakestripe/reset", "below /_fakestripe the control plane answers"),
    ],
)
def test_a_stub_that_nothing_can_meet_is_refused(call: Call, pattern: str, message: str) -> None:
    with pytest.raises(Misuse) as misuse:
        call.fake.stub(pattern, json={})
    assert message in str(misuse.value)


def test_a_fault_for_what_is_not_served_needs_a_stub_or_another_server(call: Call) -> None:
    with pytest.raises(Misuse, match=r'fakestripe\.stub\("POST /v1/quotes/\*/accept", json=…\)'):
        call.fake.fail_next("POST /v1/quotes/*/accept", status=500)
    with pytest.raises(Misuse, match="no call matches"):
        call.fake.fail_next("POST /oauth/token", status=500)
    with pytest.raises(Misuse, match="say POST /v1/"):
        call.fake.fail_next("POST oauth/token", status=500)
    call.fake.stub("POST /v1/quotes/qt_1/accept", json={})
    call.fake.stub("POST /oauth/token", json={})
    for each in ("POST /v1/quotes/*/accept", "POST /oauth/token", "POST /*/*"):
        call.fake.fail_next(each, status=500)
    call.fake.reset()
    call.fake.engine.elsewhere = lambda _request, _exchange, response: response
    call.fake.fail_next("POST /v1/quotes", status=503)
    assert call.post("/v1/quotes").status == 503


# Of one account


def test_a_fault_of_one_account_strikes_its_requests_only(call: Call) -> None:
    call.fake.fail_next("POST /v1/customers", status=500, times=2, account=OTHER_KEY)
    assert call.post("/v1/customers").status == 200
    assert call.post("/v1/customers", key=OTHER_KEY).status == 500
    assert call.post("/v1/customers", key=OTHER_KEY, headers={"Stripe-Account": "acct_1"}).status == 500
    assert call.post("/v1/customers", key=OTHER_KEY).status == 200


@pytest.mark.parametrize("account", ["sk_test_********else", "sk_live_1", "acct_1", "", 7])
def test_a_fault_of_what_is_no_full_test_key_is_refused(call: Call, account: Any) -> None:  # noqa: ANN401  wrong on purpose
    with pytest.raises(Misuse) as misuse:
        call.fake.fail_next("POST /v1/customers", status=500, account=account)
    assert misuse.value.param == "account"


def test_the_reset_of_one_account_drops_its_faults_only(call: Call) -> None:
    for account in (KEY, OTHER_KEY, None):
        call.fake.fail_next("POST /v1/customers", status=500, account=account)
    call.fake.control.reset(OTHER_KEY)
    assert [each["account"] for each in call.fake.control.faults()] == ["sk_test_******ripe", None]


# Planned and not met


def test_what_is_planned_is_unstruck_until_it_is_met(call: Call) -> None:
    call.fake.fail_next(PAY, status=500, times=2)
    call.fake.fail_next("GET /v1/customers", delay=0.5, after_commit=True, close=True, account=OTHER_KEY)
    call.fake.stub("POST /v1/quotes", json={}, status=201, times=1)
    call.fake.stub("GET /v1/quotes", json={})  # without `times`, none is expected
    call.fake.chaos(seed=1, rate=0.001)
    assert str(call.fake.unstruck).splitlines() == [
        "POST /v1/invoices/*/pay → 500: planned 2, met 0",
        "GET /v1/customers for sk_test_********else → 0.5 s later, connection dropped, after commit: planned 1, met 0",
        "POST /v1/quotes → stub 201: planned 1, met 0",
    ]
    call.post("/v1/invoices/in_1/pay")
    call.post("/v1/quotes")
    first, second = call.fake.unstruck
    assert (first.kind, first.call, first.outcome, first.planned, first.met, first.left) == (
        "fault",
        PAY,
        "500",
        2,
        1,
        1,
    )
    assert second.account == "sk_test_********else"
    call.post("/v1/invoices/in_2/pay")
    assert [each.call for each in call.fake.unstruck] == ["GET /v1/customers"]
    call.fake.control.clear_faults()
    assert call.fake.unstruck == []
    call.fake.assert_all_struck()


def test_the_assertion_names_the_requests_that_came_close(call: Call) -> None:
    invoice = "/v1/invoices/in_1/pay"
    call.fake.fail_next("POST /v1/invoices/in_2/pay", status=500, account=KEY)
    call.get("/v1/invoices/in_2/pay")
    call.post(invoice)
    call.post(invoice)
    call.post("/v1/invoices/in_2/pay", key=OTHER_KEY)
    call.post("/v1/customers")
    with pytest.raises(AssertionError) as failed:
        call.fake.assert_all_struck()
    assert str(failed.value).splitlines() == [
        "planned and not met:",
        "  POST /v1/invoices/in_2/pay for sk_test_******ripe → 500: planned 1, met 0",
        "    near: POST /v1/invoices/in_2/pay → 404 (of another account: sk_test_********else)",
        "    near: GET /v1/invoices/in_2/pay → 404 (another method)",
        "    near: POST /v1/invoices/in_1/pay → 404 (another id)",
    ]


def test_at_most_three_requests_came_close_and_none_with_an_empty_segment(call: Call) -> None:
    call.fake.fail_next("POST /v1/invoices/in_5/pay", status=500)
    for identifier in ("in_1", "in_2", "in_3", "in_4", ""):
        call.post(f"/v1/invoices/{identifier}/pay")
    (unstruck,) = call.fake.unstruck
    assert unstruck.near == tuple(f"POST /v1/invoices/in_{number}/pay → 404 (another id)" for number in (4, 3, 2))


def test_a_request_that_was_struck_did_not_only_come_close(call: Call) -> None:
    call.fake.fail_next("POST /v1/customers", status=500, times=2)
    call.post("/v1/customers")
    assert [(each.met, each.near) for each in call.fake.unstruck] == [(1, ())]


def test_a_request_that_matched_and_was_not_struck_is_explained_too(call: Call) -> None:
    call.post("/v1/customers")
    call.fake.fail_next("POST /v1/customers", status=500)
    call.post("/v1/customers", key=None)
    (unstruck,) = call.fake.unstruck
    assert unstruck.near == (
        "POST /v1/customers → 401 (turned away before it)",
        "POST /v1/customers → 200 (came before it, or met another plan)",
    )


def test_another_id_is_found_for_what_only_stripe_has_and_nothing_for_unknown_paths(call: Call) -> None:
    call.fake.stub("GET /v1/quotes/qt_1", json={}, times=1)
    call.fake.stub("GET /oauth/token", json={}, times=1)
    call.fake.stub("PUT *", json={}, times=1)
    call.get("/v1/quotes/qt_2")
    assert [each.near for each in call.fake.unstruck] == [("GET /v1/quotes/qt_2 → 501 (another id)",), (), ()]


# Limits of one account


def test_the_limits_of_one_account_are_its_own_until_it_is_reset(call: Call) -> None:
    control = call.fake.control
    control.set_limits({"global": 1, "account": OTHER_KEY})
    assert [call.get("/v1/customers", key=OTHER_KEY).status for _ in range(2)] == [200, 429]
    assert [call.get("/v1/customers").status for _ in range(2)] == [200, 200]
    assert control.limits()["global"] is None
    control.set_limits({"profile": "sandbox"})
    rates = {"analytics": 100, "meter_events": 1_000, "stream": 10_000}
    left = {name: each for name, each in control.limits(OTHER_KEY)["left"].items() if each is not None}
    assert left == {**rates, "meter_events/v2": 1_000, "global": 0}
    own = {name: each for name, each in control.limits(OTHER_KEY).items() if each is not None and name != "left"}
    assert own == {**rates, "global": 1}
    control.reset(OTHER_KEY)
    assert control.limits(OTHER_KEY)["global"] == 25
    control.set_limits({"global": 1, "account": OTHER_KEY})
    call.fake.reset()
    assert control.limits(OTHER_KEY)["global"] is None


def test_limits_hold_for_an_account_that_exists_already_and_below_it(call: Call) -> None:
    below = {"Stripe-Account": "acct_1"}
    call.get("/v1/customers", headers=below)
    call.fake.control.set_limits({"global": 1, "account": KEY})
    assert [call.get("/v1/customers", headers=below).status for _ in range(2)] == [200, 429]
    assert call.get("/v1/customers").status == 200  # it has a bucket of its own


def test_what_is_left_follows_the_clock(call: Call) -> None:
    call.fake.begin(now=NOW, limits={"analytics": 2, "global": 4})
    call.get("/v1/customers")
    call.get("/v1/billing/analytics/meter_usage")
    call.post("/v1/billing/meter_events")
    left = {name: each for name, each in call.fake.control.limits(KEY)["left"].items() if each is not None}
    assert left == {"analytics": 1, "meter_events": 999, "meter_events/v2": 1_000, "stream": 10_000, "global": 3}
    call.clock.advance(0.25)
    assert call.fake.control.limits(KEY)["left"]["global"] == 4


def test_a_snapshot_has_the_limits_of_accounts_and_a_checkpoint_brings_them_back(call: Call) -> None:
    control = call.fake.control
    control.set_limits({"global": 1, "account": OTHER_KEY})
    snapshot = call.fake.snapshot()
    with call.fake.checkpoint():
        control.set_limits({"global": 9, "account": OTHER_KEY})
    assert control.limits(OTHER_KEY)["global"] == 1
    call.fake.reset()
    call.fake.restore(snapshot)
    assert [call.get("/v1/customers", key=OTHER_KEY).status for _ in range(2)] == [200, 429]
    del snapshot["limits"]  # as in an older release's
    call.fake.restore(snapshot)
    assert control.limits(OTHER_KEY)["global"] is None


@pytest.mark.parametrize(
    "limits", [7, {"sk_live_1": {}}, {KEY: {"global_": 0}}, {KEY: {"global_": "1"}}, {"sk_test_****": {}}, {KEY: None}]
)
def test_a_snapshot_with_wrong_limits_is_refused(call: Call, limits: object) -> None:
    with pytest.raises(Misuse) as misuse:
        call.fake.restore(call.fake.snapshot() | {"limits": limits})
    assert (misuse.value.param or "").startswith("snapshot.limits")


def test_the_clock_goes_back_although_limits_of_an_account_are_set(call: Call) -> None:
    call.fake.control.set_limits({"global": 1, "account": KEY})
    call.get("/v1/customers")
    call.clock.advance(60)
    call.clock.freeze(NOW)
    assert [call.get("/v1/customers").status for _ in range(2)] == [200, 429]
