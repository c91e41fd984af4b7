"""Deliveries by HTTP: signed, retried on the emulated clock, and never a burden to anybody."""

import json
import socket
import threading
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from typing import Any

import pytest
import responses
import stripe
from freezegun import freeze_time

from fakestripe_meters import FakeStripe
from fakestripe_meters.delivery.sending import post
from fakestripe_meters.domain.events.addresses import is_permitted
from tests.conftest import DOORS
from tests.conftest import Call
from tests.resources.v2.conftest import make
from tests.resources.v2.conftest import stream
from tests.resources.v2.conftest import token
from tests.resources.v2.conftest import usage

NOW = 1_735_689_600
MINUTE, HOUR = 60, 3_600
IN_TIME_S = 60
"""Until then everything ends, on a machine that is busy."""
METER = {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
Act = Callable[["Handler"], None]


def reply(status: int, **headers: str) -> Act:
    def act(handler: "Handler") -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return act


def reply_and_tell(told: threading.Event) -> Act:
    def act(handler: "Handler") -> None:
        reply(200)(handler)
        told.set()

    return act


def reply_after(gate: threading.Event) -> Act:
    def act(handler: "Handler") -> None:
        gate.wait(IN_TIME_S)
        reply(200)(handler)

    return act


def hang_up(handler: "Handler") -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


def hang(handler: "Handler") -> None:
    handler.server.over.wait(3 * IN_TIME_S)


def trickle(handler: "Handler") -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while not handler.server.over.wait(0.01):
        handler.wfile.write(b"X: y\r\n")


def talk_nonsense(handler: "Handler") -> None:
    handler.wfile.write(b"nonsense\r\n\r\n")


class Handler(BaseHTTPRequestHandler):
    server: "Receiver"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.lock:
            self.server.received.append((self.path, body, dict(self.headers.items())))
            act = self.server.acts.pop(0) if self.server.acts else self.server.otherwise
        act(self)

    def log_message(self, *_arguments: object) -> None:
        """Nothing."""


class Receiver(ThreadingHTTPServer):
    """Somebody's webhook handler; `acts` is what it does with the next deliveries, `otherwise` with the rest."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.received: list[tuple[str, bytes, dict[str, str]]] = []
        self.acts: list[Act] = []
        self.otherwise: Act = reply(200)
        self.lock = threading.Lock()
        self.over = threading.Event()
        super().__init__((host, 0), Handler)

    @property
    def url(self) -> str:
        host, port = self.server_address[:2]
        return f"http://[{host!s}]:{port}/hook" if ":" in str(host) else f"http://{host!s}:{port}/hook"

    def handle_error(self, *_arguments: object) -> None:
        """Nothing: a client that has gone is what some tests are about."""


@contextmanager
def receiving(host: str = "127.0.0.1") -> Iterator[Receiver]:
    receiver = Receiver(host)
    thread = threading.Thread(target=receiver.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.over.set()
        receiver.shutdown()
        receiver.server_close()
        thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with FakeStripe(now=NOW, seed=1) as fake:
        yield fake


@pytest.fixture
def call(fake: FakeStripe) -> Call:
    return Call(DOORS["engine"], fake)


def endpoint(call: Call, receiver: Receiver, *types: str, **change: object) -> dict[str, Any]:
    return call.create("/v1/webhook_endpoints", {"url": receiver.url, "enabled_events": types or ["*"]} | change)


def tries(call: Call) -> list[tuple[int, int | None]]:
    """When was tried, in seconds from the first instant, and what was answered."""
    return [(each.at - NOW, each.outcome.status) for each in call.fake.webhooks.tries]


def test_the_sdk_verifies_what_is_sent(call: Call, receiver: Receiver) -> None:
    secret = endpoint(call, receiver)["secret"]
    made = call.create("/v1/customers", {"name": "Ädä"})
    call.fake.flush()
    ((path, body, headers),) = receiver.received
    assert path == "/hook"
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert headers["User-Agent"].startswith("Stripe/1.0")
    event = stripe.Webhook.construct_event(body, headers["Stripe-Signature"], secret)
    assert event.type == "customer.created"
    assert event.data.object.to_dict() == made
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body + b" ", headers["Stripe-Signature"], secret)


def test_the_sdk_verifies_thin_notifications_and_fetches_the_rest(call: Call, receiver: Receiver) -> None:
    wanted = {
        "name": "Reports",
        "type": "webhook_endpoint",
        "event_payload": "thin",
        "enabled_events": ["v1.billing.meter.error_report_triggered"],
        "webhook_endpoint": {"url": receiver.url},
        "include": ["webhook_endpoint.signing_secret"],
    }
    secret = make(call, "/v2/core/event_destinations", wanted)["webhook_endpoint"]["signing_secret"]
    meter = call.create("/v1/billing/meters", METER)
    stream(call, [usage("cus_nope")], token(call), idempotency_key="the-key")
    call.clock.advance(12)
    ((_, body, headers),) = receiver.received
    client = stripe.StripeClient(call.fake.api_key, http_client=call.fake.http_client())
    notification = client.parse_event_notification(body, headers["Stripe-Signature"], secret)
    assert isinstance(notification, stripe.events.V1BillingMeterErrorReportTriggeredEventNotification)
    assert notification.fetch_related_object().id == meter["id"]
    report = notification.fetch_event().data.reason.error_types[0]
    assert (report.code, report.sample_errors[0].request.identifier) == ("meter_event_customer_not_found", "the-key")


def test_the_signature_is_of_the_wall_clock_and_the_event_of_the_emulated_one(call: Call, receiver: Receiver) -> None:
    secret = endpoint(call, receiver)["secret"]
    call.create("/v1/customers")
    call.fake.flush()
    ((_, body, headers),) = receiver.received
    event = stripe.Webhook.construct_event(body, headers["Stripe-Signature"], secret, tolerance=300)
    assert event.created == NOW


def test_in_a_frozen_process_both_are_the_frozen_instant(call: Call, receiver: Receiver) -> None:
    endpoint(call, receiver)
    with freeze_time("2025-01-01T00:00:00Z"):
        call.create("/v1/customers")
        call.fake.flush()
    ((_, _body, headers),) = receiver.received
    assert headers["Stripe-Signature"].startswith(f"t={NOW},v1=")


def test_an_event_goes_to_everyone_who_wants_it_in_order(call: Call, receiver: Receiver) -> None:
    endpoint(call, receiver)
    for _ in range(20):
        call.create("/v1/customers")
    call.fake.flush()
    sent = [json.loads(body)["id"] for _, body, _ in receiver.received]
    assert sent == call.get("/v1/events", {"limit": 20}).ids[::-1]


def test_the_query_of_the_url_is_kept(call: Call, receiver: Receiver) -> None:
    endpoint(call, receiver, url=f"{receiver.url}?from=stripe")
    call.create("/v1/customers")
    call.fake.flush()
    assert receiver.received[0][0] == "/hook?from=stripe"


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (reply(500), 500),
        (reply(400), 400),
        (reply(301, Location="/hook"), 301),
        (reply(307, Location="/hook"), 307),
        (reply(304), 304),
        (hang_up, None),
        (talk_nonsense, None),
    ],
)
def test_what_is_not_taken_is_sent_again(call: Call, receiver: Receiver, failure: Act, status: int | None) -> None:
    secret = endpoint(call, receiver)["secret"]
    receiver.acts = [failure, failure]
    call.create("/v1/customers")
    call.fake.flush()
    assert tries(call) == [(0, status)]
    assert call.get("/v1/events").json["data"][0]["pending_webhooks"] == 1
    call.clock.advance(5 * MINUTE - 1)
    assert len(tries(call)) == 1
    call.clock.advance(1)
    call.clock.advance(HOUR)
    assert tries(call) == [(0, status), (5 * MINUTE, status), (30 * MINUTE, 200)]
    assert call.get("/v1/events").json["data"][0]["pending_webhooks"] == 0
    events = [stripe.Webhook.construct_event(body, h["Stripe-Signature"], secret) for _, body, h in receiver.received]
    assert len({event.id for event in events}) == 1


def test_after_a_2xx_nothing_is_sent_again(call: Call, receiver: Receiver) -> None:
    endpoint(call, receiver)
    receiver.acts = [reply(204)]
    call.create("/v1/customers")
    call.clock.advance(7 * 24 * HOUR)
    assert tries(call) == [(0, 204)]
    assert len(receiver.received) == 1


def test_after_three_days_it_is_given_up(call: Call, receiver: Receiver) -> None:
    endpoint(call, receiver)
    receiver.otherwise = reply(500)
    call.create("/v1/customers")
    call.clock.advance(29 * 24 * HOUR)
    hours = [at / HOUR for at, _ in tries(call)]
    assert hours == [0, 5 / 60, 0.5, 2, 5, 10, 22, 34, 46, 58, 70]
    assert call.get("/v1/events").json["data"][0]["pending_webhooks"] == 1


@pytest.mark.parametrize("frozen_time", [1_600_000_000, 2_000_000_000])
def test_what_happens_on_a_test_clock_is_retried_by_the_accounts_time(
    call: Call, receiver: Receiver, frozen_time: int
) -> None:
    endpoint(call, receiver, "customer.created")
    receiver.acts = [reply(500)]
    clock = call.create("/v1/test_helpers/test_clocks", {"frozen_time": frozen_time})["id"]
    call.create("/v1/customers", {"test_clock": clock})
    call.clock.advance(5 * MINUTE - 1)
    assert tries(call) == [(0, 500)]
    call.clock.advance(1)
    assert tries(call) == [(0, 500), (5 * MINUTE, 200)]


def test_retries_go_to_where_the_endpoint_is_by_then(call: Call, receiver: Receiver) -> None:
    made = endpoint(call, receiver)
    receiver.acts = [reply(500)]
    call.create("/v1/customers")
    call.fake.flush()
    call.create(f"/v1/webhook_endpoints/{made['id']}", {"url": f"{receiver.url}/new"})
    call.clock.advance(5 * MINUTE)
    assert [path for path, _, _ in receiver.received] == ["/hook", "/hook/new"]


def test_a_deleted_endpoint_is_not_tried_again(call: Call, receiver: Receiver) -> None:
    made = endpoint(call, receiver)
    receiver.acts = [reply(500)]
    call.create("/v1/customers")
    call.fake.flush()
    call.delete(f"/v1/webhook_endpoints/{made['id']}")
    call.clock.advance(24 * HOUR)
    assert len(receiver.received) == 1


@pytest.mark.parametrize("act", [hang, trickle])
def test_who_hangs_is_left_in_time(call: Call, receiver: Receiver, act: Act) -> None:
    endpoint(call, receiver)
    receiver.acts = [act]
    call.fake.webhooks.timeout = 0.2
    for _ in range(5):
        call.create("/v1/customers")
    call.fake.flush()
    outcomes = [each.outcome for each in call.fake.webhooks.tries]
    assert [each.status for each in outcomes] == [None] * 5
    assert outcomes[0].timed_out
    assert "0.2 seconds" in outcomes[0].error
    assert "not tried" in outcomes[1].error
    call.fake.webhooks.timeout = IN_TIME_S
    call.clock.advance(5 * MINUTE)
    assert tries(call)[5:] == [(5 * MINUTE, 200)] * 5


def test_who_hangs_holds_nobody_else_up(call: Call, receiver: Receiver) -> None:
    with receiving() as other:
        endpoint(call, receiver)
        endpoint(call, other)
        receiver.otherwise = hang
        call.fake.webhooks.timeout = 2 * IN_TIME_S
        call.create("/v1/customers")
        assert call.get("/v1/customers").status == 200
        arrived = threading.Event()
        other.otherwise = reply_and_tell(arrived)
        call.create("/v1/customers")
        assert arrived.wait(IN_TIME_S)
        receiver.over.set()
        call.fake.webhooks.settle()


def test_nobody_listens(call: Call, receiver: Receiver) -> None:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port = bound.getsockname()[1]
    endpoint(call, receiver, url=f"http://127.0.0.1:{port}/")
    call.create("/v1/customers")
    call.fake.flush()
    assert "ConnectionRefusedError" in call.fake.webhooks.tries[0].outcome.error


def test_a_thousand_deliveries_hold_no_request_up(call: Call, receiver: Receiver) -> None:
    endpoint(call, receiver)
    slow = threading.Event()
    receiver.otherwise = reply_after(slow)
    for _ in range(1_000):
        call.create("/v1/customers")
    assert len(receiver.received) <= 1
    slow.set()
    call.fake.flush()
    assert len(receiver.received) == 1_000
    assert {status for _, status in tries(call)} == {200}


def test_a_handler_may_call_back(call: Call, receiver: Receiver) -> None:
    endpoint(call, receiver, "customer.created")
    client = stripe.StripeClient(call.fake.api_key, base_addresses={"api": call.fake.url})

    def call_back(handler: Handler) -> None:
        client.v1.customers.update(call.get("/v1/customers").ids[0], {"name": "seen"})
        reply(200)(handler)

    receiver.otherwise = call_back
    call.create("/v1/customers")
    call.fake.flush()
    assert tries(call) == [(0, 200)]
    assert call.get("/v1/customers").json["data"][0]["name"] == "seen"


def test_interception_does_not_catch_our_own(call: Call, receiver: Receiver) -> None:
    endpoint(call, receiver)
    with responses.RequestsMock(), call.fake.intercept():
        stripe.StripeClient(call.fake.api_key).v1.customers.create({})
        call.fake.flush()
    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    ("url", "near"),
    [
        ("http://127.0.0.1:80/", True),
        ("http://127.1.2.3/", True),
        ("https://[::1]:443/", True),
        ("http://[::1]/", True),
        ("http://[0:0:0:0:0:0:0:1]/", True),
        ("http://[::ffff:127.0.0.1]/", True),
        ("http://LOCALHOST/", True),
        ("HTTP://Localhost.:80/", True),
        ("http://127.0.0.1:/", True),
        ("http://user:password@127.0.0.1/", True),
        ("http://hooks.internal:8080/", True),
        ("http://Hooks.Internal./", True),
        ("http://[2001:db8:0:0::7]/", True),
        ("http://[2001:db8::8]/", False),
        ("http://[::]/", False),
        ("http://[::1]example.com/", False),
        ("http://[::1%25lo]/", False),
        ("http://[::1", False),
        ("http://127.0.0.1:port/", False),
        ("http://127.0.0.1%2eexample.com/", False),
        ("ftp://127.0.0.1/", False),
        ("http://example.com/", False),
        ("http://localhost.example.com/", False),
        ("http://127.0.0.1.example.com/", False),
        ("http://127.0.0.1@example.com/", False),
        ("http://10.0.0.1/", False),
        ("http://0.0.0.0/", False),
        ("http://2130706433/", False),
        ("http://169.254.169.254/latest", False),
    ],
)
def test_only_this_machine_and_what_is_allowed_is_permitted(url: str, *, near: bool) -> None:
    assert is_permitted(url, ["hooks.internal", "[2001:DB8::7]"]) is near


def has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6 loopback address")
@pytest.mark.parametrize("call", ["engine"], indirect=True)
def test_an_ipv6_receiver_is_reached(call: Call) -> None:
    with receiving("::1") as receiver:
        endpoint(call, receiver)
        call.create("/v1/customers")
        call.fake.flush()
    ((_, _, headers),) = receiver.received
    assert headers["Host"] == receiver.url.split("/")[2]
    assert tries(call) == [(0, 200)]


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("http://[::1]/hook", "::1", 80),
        ("https://[::1]/hook", "::1", 443),
        ("https://[::1]:8443/hook", "::1", 8443),
        ("https://hooks.internal/", "hooks.internal", 443),
    ],
)
def test_a_url_without_a_port_has_that_of_its_scheme(
    monkeypatch: pytest.MonkeyPatch, url: str, host: str, port: int
) -> None:
    asked = []

    def refuse(address: tuple[str, int], *_rest: object, **_more: object) -> None:
        asked.append(address)
        raise OSError

    monkeypatch.setattr(socket, "create_connection", refuse)
    assert post(url, {}, b"", 1).status is None
    assert asked == [(host, port)]


@pytest.mark.parametrize("call", ["engine"], indirect=True)
def test_the_user_and_password_of_a_url_are_sent(call: Call, receiver: Receiver) -> None:
    endpoint(call, receiver, url=receiver.url.replace("://", "://us%40er:pass%3Aword@"))
    call.create("/v1/customers")
    call.fake.flush()
    ((_, _, headers),) = receiver.received
    assert headers["Authorization"] == "Basic dXNAZXI6cGFzczp3b3Jk"
    assert "@" not in headers["Host"]


def test_strangers_are_not_called(call: Call, receiver: Receiver) -> None:
    endpoint(call, receiver, url="https://hooks.example.com/")
    call.create("/v1/customers")
    call.fake.flush()
    (only,) = call.fake.webhooks.tries
    assert "not allowed" in only.outcome.error
    call.clock.advance(24 * HOUR)
    assert len(call.fake.webhooks.tries) == 1


def test_a_host_can_be_allowed(call: Call, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    lookup = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *more: lookup("127.0.0.1" if host == "hooks.test" else host, *more)
    )
    call.fake.webhooks.allow("hooks.test")
    endpoint(call, receiver, url=receiver.url.replace("127.0.0.1", "Hooks.Test"))
    call.create("/v1/customers")
    call.fake.flush()
    assert tries(call) == [(0, 200)]


def test_a_host_that_was_allowed_from_the_start_stays_so() -> None:
    with FakeStripe(now=NOW, webhook_hosts=["Hooks.Test"]) as fake:
        fake.webhooks.allow("other.test")
        allowed = [fake.engine.world.settings.webhook_hosts]
        fake.reset()
        allowed += [fake.engine.world.settings.webhook_hosts]
        assert allowed == [("hooks.test", "other.test"), ("hooks.test",)]


def test_with_a_running_clock_what_falls_due_is_sent_by_itself(receiver: Receiver) -> None:
    real_ns = [NOW * 10**9]
    with FakeStripe(seed=1) as fake, fake.clock.running_by(lambda: real_ns[0]):
        call = Call(DOORS["engine"], fake)
        arrived = threading.Event()
        receiver.acts = [reply(500)]
        receiver.otherwise = reply_and_tell(arrived)
        endpoint(call, receiver)
        call.create("/v1/customers")
        fake.webhooks.settle()
        fake.clock.advance(5 * MINUTE - 1)
        assert len(receiver.received) == 1
        real_ns[0] += 10**9
        assert arrived.wait(IN_TIME_S)


def test_deliveries_to_come_survive_a_snapshot(call: Call, receiver: Receiver) -> None:
    endpoint(call, receiver)
    receiver.acts = [reply(500)]
    call.create("/v1/customers")
    call.fake.flush()
    snapshot = call.fake.snapshot()
    call.fake.reset()
    call.clock.advance(HOUR)
    assert len(receiver.received) == 1
    call.fake.reset()
    call.fake.restore(snapshot)
    call.clock.advance(5 * MINUTE)
    assert len(receiver.received) == 2


def test_a_reset_forgets_what_is_on_its_way(call: Call, receiver: Receiver) -> None:
    endpoint(call, receiver)
    slow = threading.Event()
    receiver.otherwise = reply_after(slow)
    for _ in range(10):
        call.create("/v1/customers")
    call.fake.reset()
    slow.set()
    call.fake.flush()
    assert len(receiver.received) <= 1
    assert len(call.fake.webhooks.tries) <= 1


@pytest.mark.usefixtures("eager_threads")
def test_many_threads_deliver_each_event_once(call: Call, receiver: Receiver) -> None:
    endpoint(call, receiver)

    def work() -> None:
        for _ in range(20):
            call.create("/v1/customers")

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    call.fake.flush()
    assert len({body for _, body, _ in receiver.received}) == len(receiver.received) == 160
