"""An account is named by its key or by its id, wherever the control plane asks for one."""

from typing import Any

import pytest
from werkzeug.test import Client

from fakestripe_meters import FakeStripe
from fakestripe_meters.core.keys import own_account
from tests.conftest import KEY
from tests.conftest import NOW

OTHER = "sk_test_somebodyelse"
CONNECTED = "acct_connected"


@pytest.fixture
def fake() -> Any:  # noqa: ANN401  a generator
    with FakeStripe(now=NOW) as fake:
        for key, account in ((KEY, ""), (OTHER, ""), (OTHER, CONNECTED)):
            headers = {"Authorization": f"Bearer {key}", **({"Stripe-Account": account} if account else {})}
            Client(fake.wsgi_app, use_cookies=False).post("/v1/customers", headers=headers, data={"name": account})
        yield fake


def ask(fake: FakeStripe, method: str, call: str, /, **body: object) -> tuple[int, Any]:
    client = Client(fake.wsgi_app, use_cookies=False)
    if method == "GET":
        answer = client.get(f"/_fakestripe/{call}", query_string=body)
    else:
        answer = client.open(f"/_fakestripe/{call}", method=method, json=body)
    return answer.status_code, answer.get_json()


def test_the_id_of_a_keys_own_account_stands_for_the_key(fake: FakeStripe) -> None:
    _, journal = ask(fake, "GET", "journal", account=own_account(OTHER))
    whole = ask(fake, "GET", "journal", account=OTHER)[1]["data"]
    assert (len(whole), journal["data"]) == (2, whole[:1])
    assert ask(fake, "GET", "journal", account=CONNECTED)[1]["data"] == whole[1:]
    fault = {"method": "POST", "path": "/v1/customers", "status": 503}
    _, planned = ask(fake, "POST", "faults", **fault, account=own_account(OTHER))
    assert planned["account"] == "sk_test_********else"
    ask(fake, "PUT", "limits", analytics=5, account=own_account(OTHER))
    assert ask(fake, "GET", "limits", account=OTHER)[1]["analytics"] == 5
    assert ask(fake, "GET", "limits", account=KEY)[1]["analytics"] == 100
    assert ask(fake, "POST", "reset", account=own_account(OTHER)) == (200, {})
    assert ask(fake, "GET", "journal", account=OTHER)[1] == {"data": []}
    assert len(ask(fake, "GET", "journal", account=KEY)[1]["data"]) == 1


def test_a_connected_account_is_named_by_its_id(fake: FakeStripe) -> None:
    assert ask(fake, "GET", "dropped", account=CONNECTED) == (200, {"data": []})
    status, limits = ask(fake, "GET", "limits", account=CONNECTED)
    assert (status, limits["left"]["analytics"]) == (200, 100)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "reset", {}),
        ("PUT", "limits", {"analytics": 5}),
        ("POST", "faults", {"method": "GET", "path": "/v1/customers", "status": 500}),
    ],
)
def test_where_only_a_key_will_do_the_id_of_a_connected_account_is_refused(
    fake: FakeStripe, method: str, path: str, body: dict[str, object]
) -> None:
    status, answer = ask(fake, method, path, **body, account=CONNECTED)
    assert (status, answer["error"]["param"]) == (400, "account")
    assert "connected account, which has no key" in answer["error"]["message"]


@pytest.mark.parametrize("path", ["journal", "dropped", "limits"])
def test_an_id_that_no_account_has_is_refused_with_those_there_are(fake: FakeStripe, path: str) -> None:
    status, answer = ask(fake, "GET", path, account="acct_nobody")
    assert (status, answer["error"]["param"]) == (400, "account")
    assert "there is no account 'acct_nobody'" in answer["error"]["message"]
    assert CONNECTED in answer["error"]["message"]


@pytest.mark.parametrize("path", ["journal", "dropped", "limits"])
@pytest.mark.parametrize("account", ["", "mine", "sk_test_****1234", "sk_live_1"])
def test_what_is_neither_a_key_nor_an_id_is_refused(fake: FakeStripe, path: str, account: str) -> None:
    status, answer = ask(fake, "GET", path, account=account)
    assert (status, answer["error"]["param"]) == (400, "account")
    assert "or the id of an account, acct_…" in answer["error"]["message"]


def test_the_default_account_has_its_id_before_anything_uses_it() -> None:
    with FakeStripe(now=NOW) as fake:
        assert ask(fake, "GET", "journal", account=own_account(KEY)) == (200, {"data": []})
        assert ask(fake, "GET", "dropped", account=own_account(KEY)) == (200, {"data": []})
        assert ask(fake, "GET", "limits", account=own_account(KEY))[0] == 200
