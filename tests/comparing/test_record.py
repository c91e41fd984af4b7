"""`record`: what a program and a fake that stands for Stripe say is written down, without names and secrets."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse
from fakestripe_meters.__main__ import main
from fakestripe_meters.doors.server import Server
from fakestripe_meters.recording.proxy import Proxy
from fakestripe_meters.recording.replacing import Replacements
from fakestripe_meters.recording.tape import Tape

Json = Any
KEY = "sk_test_ofSomebodyWhoRecords"
FIELDS = ["method", "path", "query", "body", "version", "account", "at", "status", "headers", "response"]


class Recorder:
    """A proxy in front of a fake, and what it has written."""

    def __init__(self, url: str, file: Path) -> None:
        self.url = url
        self._file = file

    def call(self, method: str, path: str, data: Json = None, **more: Json) -> requests.Response:
        """Send a request through the proxy."""
        more.setdefault("auth", (KEY, ""))
        return requests.request(method, f"{self.url}{path}", data=data, timeout=30, **more)

    @property
    def text(self) -> str:
        return self._file.read_text("utf-8")

    @property
    def exchanges(self) -> list[Json]:
        found: list[Json] = json.loads(self.text)
        return found


@pytest.fixture
def stand_in() -> Iterator[FakeStripe]:
    with FakeStripe(seed=1, now="2025-01-01") as fake:
        yield fake


@pytest.fixture
def recorder(stand_in: FakeStripe, tmp_path: Path) -> Iterator[Recorder]:
    file = tmp_path / "recorded.json"
    with closing(Tape(file)) as tape, closing(Server(Proxy(stand_in.url, tape))) as server:
        yield Recorder(server.url, file)


# What is passed on


def test_a_request_and_its_answer_pass_through_unchanged(stand_in: FakeStripe, recorder: Recorder) -> None:
    headers = {"Stripe-Version": "2025-03-31.basil", "Idempotency-Key": "once", "Stripe-Account": "acct_1Abc"}
    made = recorder.call("POST", "/v1/customers", {"name": "Zoë"}, headers=headers)
    assert (made.status_code, made.json()["name"]) == (200, "Zoë")
    (request,) = stand_in.journal
    assert request.params == {"name": "Zoë"}
    assert request.idempotency_key == "once"
    assert made.headers["Stripe-Version"] == "2025-03-31.basil"
    assert made.headers["Request-Id"].startswith("req_")
    auth = (KEY, "")
    path = f"/v1/customers/{made.json()['id']}"
    direct = requests.get(f"{stand_in.url}{path}", auth=auth, headers=headers, timeout=30)
    assert recorder.call("GET", path, headers=headers).content == direct.content


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/customers?limit=3&email=a%40b.test", 200),
        ("DELETE", "/v1/customers/cus_none", 404),
        ("GET", "/v1/unicorns/%C3%BC", 404),
        ("PUT", "/v1/customers", 404),
    ],
)
def test_every_method_and_refusal_passes_through(recorder: Recorder, method: str, path: str, status: int) -> None:
    assert recorder.call(method, path).status_code == status
    (exchange,) = recorder.exchanges
    assert (exchange["method"], exchange["status"]) == (method, status)


def test_the_sdk_speaks_through_it(recorder: Recorder) -> None:
    client = stripe.StripeClient(KEY, base_addresses={"api": recorder.url})
    ada = client.v1.customers.create({"name": "Ada"})
    assert client.v1.customers.retrieve(ada.id).name == "Ada"
    client.raw_request("get", "/v2/core/events")
    assert [each["path"] for each in recorder.exchanges] == [
        "/v1/customers",
        f"/v1/customers/{ada.id}",
        "/v2/core/events",
    ]


@pytest.mark.parametrize("key", ["sk_live_abcdefgh1234", "rk_live_abcdefgh1234", "pk_live_abcdefgh1234", "token"])
@pytest.mark.parametrize("scheme", ["Bearer", "Basic"])
def test_no_other_key_than_a_test_key_is_passed_on(
    stand_in: FakeStripe, recorder: Recorder, key: str, scheme: str
) -> None:
    how: Json = (
        {"auth": (key, "")} if scheme == "Basic" else {"auth": None, "headers": {"Authorization": f"Bearer {key}"}}
    )
    refused = recorder.call("GET", "/v1/customers", **how)
    assert refused.status_code == 403
    assert refused.json()["error"]["message"] == (
        "fakestripe-meters record: This is not a test key. Nothing was sent to Stripe: only test keys are."
    )
    assert len(stand_in.journal) == 0
    assert recorder.exchanges == []


def test_the_stream_is_passed_on_with_the_token_of_a_session(recorder: Recorder) -> None:
    token = recorder.call("POST", "/v2/billing/meter_event_session").json()["authentication_token"]
    event = {"event_name": "calls", "payload": {"stripe_customer_id": "cus_00000000", "value": "1"}}
    headers = {"Authorization": f"Bearer {token}"}
    sent = recorder.call("POST", "/v2/billing/meter_event_stream", auth=None, headers=headers, json={"events": [event]})
    assert sent.status_code == 200
    assert [each["path"] for each in recorder.exchanges] == [
        "/v2/billing/meter_event_session",
        "/v2/billing/meter_event_stream",
    ]
    assert token not in recorder.text


def test_stripe_out_of_reach_is_a_502_in_our_own_voice(stand_in: FakeStripe, recorder: Recorder) -> None:
    recorder.call("GET", "/v1/customers")
    stand_in.close()
    refused = recorder.call("GET", "/v1/customers")
    assert refused.status_code == 502
    assert refused.json()["error"]["message"].startswith("fakestripe-meters record: Cannot reach 127.0.0.1:")
    assert len(recorder.exchanges) == 1


def test_a_body_that_is_too_long_is_not_passed_on(stand_in: FakeStripe, recorder: Recorder) -> None:
    assert recorder.call("POST", "/v1/customers", "name=" + "x" * 1_048_576).status_code == 413
    assert len(stand_in.journal) == 0


# What is written


def test_an_exchange_is_written_in_the_form_of_the_recordings(recorder: Recorder) -> None:
    headers = {"Stripe-Version": "2025-03-31.basil", "Stripe-Account": "acct_1Abc"}
    recorder.call("POST", "/v1/customers?expand[]=test_clock", {"balance": "5", "tax_exempt": ""}, headers=headers)
    (exchange,) = recorder.exchanges
    assert list(exchange) == FIELDS
    assert exchange["query"] == [["expand[]", "test_clock"]]
    assert exchange["body"] == [["balance", "5"], ["tax_exempt", ""]]
    assert exchange["version"] == exchange["headers"]["Stripe-Version"] == "2025-03-31.basil"
    assert exchange["account"] == "acct_0000000000000001"
    assert exchange["response"]["balance"] == 5
    assert exchange["at"] > 1_700_000_000


def test_the_version_is_the_one_of_the_answer(recorder: Recorder) -> None:
    answer = recorder.call("GET", "/v1/customers")
    assert recorder.exchanges[0]["version"] == answer.headers["Stripe-Version"]


def test_json_bodies_are_written_as_trees(recorder: Recorder) -> None:
    body = {"event_name": "calls", "payload": {"stripe_customer_id": "cus_00000000", "value": "3", "who": "Ada"}}
    recorder.call("POST", "/v2/billing/meter_events", json=body)
    written = recorder.exchanges[0]["body"]
    assert written == {**body, "payload": {"stripe_customer_id": "cus_00000000", "value": "3", "who": "Text 1"}}


def test_the_file_is_whole_after_each_exchange(recorder: Recorder) -> None:
    assert recorder.exchanges == []
    for count in range(1, 4):
        recorder.call("GET", "/v1/customers")
        assert len(recorder.exchanges) == count


def test_a_file_that_is_there_is_kept(recorder: Recorder, tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="is there already"):
        Tape(tmp_path / "recorded.json")
    assert recorder.exchanges == []


# What is replaced


def test_nothing_that_names_somebody_is_written(recorder: Recorder) -> None:
    customer = {
        "name": "Ada Lovelace",
        "email": "ada@lovelace.test",
        "phone": "+44 20 7946 0000",
        "description": "the Countess",
        "address[line1]": "12 St James's Square",
        "address[postal_code]": "SW1Y 4JH",
        "shipping[name]": "Byron",
        "shipping[address][line1]": "Newstead Abbey",
        "metadata[boss]": "Charles Babbage",
    }
    ada = recorder.call("POST", "/v1/customers", customer).json()["id"]
    meter = {"display_name": "Calls", "event_name": "calls", "default_aggregation[formula]": "sum"}
    meter_id = recorder.call("POST", "/v1/billing/meters", meter).json()["id"]
    event = {"event_name": "calls", "payload[stripe_customer_id]": ada, "payload[value]": "1", "payload[who]": "Byron"}
    recorder.call("POST", "/v1/billing/meter_events", event)
    price = {
        "currency": "usd",
        "unit_amount": "5",
        "product_data[name]": "Analytical Engine",
        "recurring[interval]": "month",
        "recurring[usage_type]": "metered",
        "recurring[meter]": meter_id,
    }
    price_id = recorder.call("POST", "/v1/prices", price).json()["id"]
    made = recorder.call("POST", "/v1/subscriptions", {"customer": ada, "items[0][price]": price_id}).json()
    recorder.call("POST", "/v1/invoices/create_preview", {"subscription": made["id"]})
    hook = {"url": "https://ada.lovelace.test/hooks?token=abc", "enabled_events[]": "*"}
    recorder.call("POST", "/v1/webhook_endpoints", hook)
    recorder.call("POST", "/v2/billing/meter_event_session")
    recorder.call("GET", "/v1/customers?email=ada%40lovelace.test")
    recorder.call("GET", "/v1/customers/ada@lovelace.test")
    recorder.call("GET", "/v1/events")
    private = [*customer.values(), "Byron", "Analytical Engine", "ada.lovelace.test", "whsec_", KEY, KEY[-4:]]
    assert len(recorder.exchanges) == 11
    assert [each for each in private if each in recorder.text] == []
    assert ada in recorder.text
    assert '"calls"' in recorder.text


def test_the_same_value_has_the_same_replacement_within_sentences_too(recorder: Recorder) -> None:
    ada = recorder.call("POST", "/v1/customers", {"name": "Ada", "email": "ada@lovelace.test"}).json()["id"]
    recorder.call("POST", "/v1/customers", {"name": "Byron", "email": "byron@lovelace.test"})
    price = {
        "currency": "usd",
        "unit_amount": "500",
        "product_data[name]": "Engine",
        "recurring[interval]": "month",
    }
    price_id = recorder.call("POST", "/v1/prices", price).json()["id"]
    made = recorder.call("POST", "/v1/subscriptions", {"customer": ada, "items[0][price]": price_id}).json()
    preview = recorder.call("POST", "/v1/invoices/create_preview", {"subscription": made["id"]}).json()
    one, two, _, _, five = recorder.exchanges
    assert (one["response"]["name"], two["response"]["name"]) == ("Name 1", "Name 2")
    assert five["response"]["customer_name"] == one["body"][0][1] == "Name 1"
    assert five["response"]["customer_email"] == one["response"]["email"] == "someone1@example.com"
    assert preview["lines"]["data"][0]["description"] == "1 × Engine (at $5.00 / month)"
    assert five["response"]["lines"]["data"][0]["description"] == "1 × Name 3 (at $5.00 / month)"


@pytest.mark.parametrize(
    ("tree", "replaced"),
    [
        ({"last4": "4242", "exp_month": 4, "brand": "visa"}, {"last4": "0001", "exp_month": 1, "brand": "visa"}),
        ({"fingerprint": "Xt5EWLLDS7FJjR1c", "number": "42424242"}, {"fingerprint": "0001", "number": "0002"}),
        ({"client_secret": "pi_1_secret_2", "status": "open"}, {"client_secret": "XXXX", "status": "open"}),
        ({"number": "ABCDEF12-0003"}, {"number": "XXXX-0003"}),
        ({"invoice_prefix": "ABCDEF12"}, {"invoice_prefix": "XXXX"}),
        ({"invoice_pdf": "https://pay.stripe.com/invoice/acct_1/pdf"}, {"invoice_pdf": "https://pay.stripe.com/…"}),
        ({"message": "Invalid API Key: sk_test_****1234"}, {"message": "Invalid API Key: sk_test_XXXX"}),
        ({"metadata": {"plan": "Gold", "n": "12"}}, {"metadata": {"plan": "Text 1", "n": "Text 2"}}),
        ({"metadata": {"user": "user_adalovelace"}}, {"metadata": {"user": "Text 1"}}),
        ({"payload": {"who": "user_adalovelace", "value": "3"}}, {"payload": {"who": "Text 1", "value": "3"}}),
        ({"email": "o'brien@example.org"}, {"email": "someone1@example.com"}),
        ({"url": "acme.example"}, {"url": "Text 1"}),
        ({"website": "https://acme.example/about"}, {"website": "https://example.com/1"}),
        ({"dob": {"day": 10, "year": 1815}}, {"dob": {"day": 1, "year": 1}}),
    ],
)
def test_what_names_somebody_is_replaced(tree: Json, replaced: Json) -> None:
    assert Replacements().tree(tree) == replaced


@pytest.mark.parametrize(
    "tree",
    [
        {"doc_url": "https://stripe.com/docs/error-codes/resource-missing"},
        {"url": "/v1/customers", "amount": 5, "livemode": False},
        {"payload": {"stripe_customer_id": "cus_12345678", "value": "-12.5"}},
        {"name": None, "phone": ""},
        {"event_name": "calls", "display_name": "Calls", "nickname": "monthly"},
        {"object": "line_item", "description": "1 × user (at $5.00 / month)"},
    ],
)
def test_what_names_nobody_is_kept(tree: Json) -> None:
    assert Replacements().tree(tree) == tree


@pytest.mark.parametrize(
    ("name", "value", "replaced"),
    [
        ("metadata[user]", "user_adalovelace", "Text 1"),
        ("subscription_data[metadata][user]", "12", "Text 1"),
        ("payload[value]", "12", "12"),
        ("payload[who]", "Ada", "Text 1"),
        ("shipping[address][city]", "London", "Place 1"),
        ("items[0][price_data][unit_amount]", "5", "5"),
        ("card[number]", "4242424242424242", "0001"),
    ],
)
def test_fields_of_forms_are_replaced_by_their_last_name(name: str, value: str, replaced: str) -> None:
    assert Replacements().pairs([(name, value)]) == [[name, replaced]]


def test_an_address_within_a_sentence_is_replaced_once() -> None:
    replaced = Replacements()
    assert replaced.tree({"email": "ada@lovelace.test"}) == {"email": "someone1@example.com"}
    assert replaced.tree({"message": "Ask ada@lovelace.test"}) == {"message": "Ask someone1@example.com"}
    assert replaced.tree({"email": "byron@lovelace.test"}) == {"email": "someone2@example.com"}


def test_what_a_search_looks_for_is_replaced() -> None:
    replaced = Replacements()
    assert replaced.pairs([("name", "Ada")]) == [["name", "Name 1"]]
    assert replaced.pairs([("query", "name:\"Ada\" AND email~'lovelace' AND created>1")]) == [
        ["query", "name:\"Name 1\" AND email~'Text 1' AND created>1"]
    ]


# The command


def test_an_interrupted_command_leaves_a_whole_file(stand_in: FakeStripe, tmp_path: Path) -> None:
    file = tmp_path / "recorded.json"
    flags = ["record", "--port", "0", "--to", stand_in.url, "--out", str(file)]
    command = [sys.executable, "-m", "fakestripe_meters", *flags]
    with subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        url = process.stdout.readline().split()[3].rstrip(",")
        assert requests.get(f"{url}/v1/customers", auth=(KEY, ""), timeout=30).status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert process.stderr.read() == ""
    (exchange,) = json.loads(file.read_text("utf-8"))
    assert exchange["path"] == "/v1/customers"


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        ([], "record needs --out FILE"),
        (["--out", "x.json", "--to", "stripe"], "--to must be a URL such as https://api.stripe.com, not 'stripe'"),
        (["--out", "/nowhere/x.json"], "No such file or directory"),
    ],
)
def test_a_wrong_flag_is_one_clear_line(capsys: pytest.CaptureFixture[str], flags: list[str], says: str) -> None:
    assert main(["record", *flags]) == 2
    out, err = capsys.readouterr()
    (line,) = err.splitlines()
    assert (out, says in line) == ("", True)
    assert not Path("x.json").exists()


@pytest.mark.parametrize("port", ["65536", "-1", "http"])
def test_a_wrong_port_is_one_clear_line(capsys: pytest.CaptureFixture[str], port: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["record", "--out", "x.json", "--port", port])
    assert ended.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
