"""The API through Flask: what a WSGI request becomes for the engine, and what becomes of its answer."""

import json
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from threading import Event
from threading import Thread
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from werkzeug.test import Client
from werkzeug.test import TestResponse

from fakestripe_meters import FakeStripe
from fakestripe_meters.doors.flask_app import create_app
from fakestripe_meters.engine import LARGEST_BODY
from tests.conftest import FORM
from tests.conftest import KEY
from tests.conftest import NOW

CUSTOMERS = "/v1/customers"
BEARER = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture(scope="module")
def fake() -> FakeStripe:
    return FakeStripe(now=NOW, seed=1, limits="off")


@pytest.fixture
def client(fake: FakeStripe) -> Iterator[Client]:
    fake.reset()
    yield Client(fake.wsgi_app, use_cookies=False)
    fake.engine.failures.clear()


def last_params(fake: FakeStripe) -> Any:  # noqa: ANN401  any JSON tree
    return fake.journal[-1].params


def test_every_emulated_url_is_a_rule_of_flask(fake: FakeStripe) -> None:
    rules = {(method, rule.rule) for rule in fake.wsgi_app.url_map.iter_rules() for method in rule.methods or ()}
    assert {(each.method, each.rule) for each in fake.engine.routes.every} <= rules


def test_flask_lists_the_urls_of_an_application_of_its_own() -> None:
    command = [sys.executable, "-m", "flask", "--app", "fakestripe_meters.doors.flask_app", "routes"]
    listed = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    assert "/v1/billing/meters/<meter_id>/deactivate" in listed
    assert "/_fakestripe/clock" in listed


def test_an_application_without_a_fake_has_a_world_of_its_own() -> None:
    client = Client(create_app())
    assert client.post(CUSTOMERS, data={"name": "Ada"}, headers=BEARER).status_code == 200


ONLY_STRIPE = """
import sys
from werkzeug.test import Client
from fakestripe_meters import FakeStripe
client = Client(FakeStripe().wsgi_app)
loaded = lambda: [name for name in ("control_plane", "pages") if f"fakestripe_meters.doors.{name}" in sys.modules]
client.post("/v1/customers", data={"name": "Ada"}, headers={"Authorization": "Bearer sk_test_ada"})
print(loaded())
print(client.get("/_fakestripe/health").status_code, loaded())
"""


def test_a_program_that_speaks_with_stripe_only_does_not_wait_for_the_rest() -> None:
    told = subprocess.run([sys.executable, "-c", ONLY_STRIPE], capture_output=True, check=True, text=True).stdout
    assert told.splitlines() == ["[]", "200 ['control_plane', 'pages']"]


@pytest.mark.usefixtures("eager_threads")
def test_threads_that_ask_first_for_the_control_plane_are_all_answered_and_so_are_others() -> None:
    statuses: list[int] = []

    def ask(fake: FakeStripe, path: str) -> None:
        statuses.append(Client(fake.wsgi_app, use_cookies=False).get(path, headers=BEARER).status_code)

    for _ in range(20):
        with FakeStripe(now=NOW) as fake:
            paths = ("/_fakestripe/clock", CUSTOMERS, "/_fakestripe/health", CUSTOMERS) * 3
            threads = [Thread(target=ask, args=(fake, path)) for path in paths]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    assert statuses == [200] * 240


# The request


@pytest.mark.parametrize("name", ["Authorization", "authorization", "AUTHORIZATION", "aUTHORIZATION"])
def test_header_names_have_no_case(client: Client, name: str) -> None:
    assert client.get(CUSTOMERS, headers={name: f"Bearer {KEY}"}).status_code == 200


def test_repeated_headers_are_joined_as_wsgi_has_it(client: Client, fake: FakeStripe) -> None:
    headers = [*BEARER.items(), ("Idempotency-Key", "one"), ("Idempotency-Key", "two")]
    client.post(CUSTOMERS, headers=headers)
    assert fake.journal[-1].idempotency_key == "one, two"


def test_query_and_body_are_one_form_and_repeated_keys_count_last(client: Client, fake: FakeStripe) -> None:
    body = "name=Bob&name=Ada&metadata[a]=1&metadata%5Bb%5D=2"
    client.post(f"{CUSTOMERS}?description=of+note", data=body, headers=BEARER, content_type=FORM)
    assert last_params(fake) == {"description": "of note", "name": "Ada", "metadata": {"a": "1", "b": "2"}}


def test_text_in_paths_queries_and_bodies_is_utf_8(client: Client, fake: FakeStripe) -> None:
    client.post(f"{CUSTOMERS}/süß?name=Zoë", data="description=naïve", headers=BEARER, content_type=FORM)
    assert fake.journal[-1].path == f"{CUSTOMERS}/süß"
    assert last_params(fake) == {"name": "Zoë", "description": "naïve"}


def test_raw_bytes_in_a_query_are_judged_as_percent_encoded_ones_are(client: Client) -> None:
    raw = client.get(CUSTOMERS, environ_overrides={"QUERY_STRING": "email=\xff\xfe"}, headers=BEARER)
    encoded = client.get(f"{CUSTOMERS}?email=%FF%FE", headers=BEARER)
    assert raw.status_code == encoded.status_code == 400
    assert error(raw)["message"] == error(encoded)["message"]


def test_raw_bytes_that_are_utf_8_are_text(client: Client, fake: FakeStripe) -> None:
    client.get(CUSTOMERS, environ_overrides={"QUERY_STRING": "email=Zoë".encode().decode("latin-1")}, headers=BEARER)
    assert last_params(fake) == {"email": "Zoë"}


def test_empty_body_is_no_parameters(client: Client, fake: FakeStripe) -> None:
    assert client.post(CUSTOMERS, data=b"", headers=BEARER).status_code == 200
    assert last_params(fake) == {}


def test_binary_body_is_refused_in_stripes_envelope(client: Client) -> None:
    response = client.post(CUSTOMERS, data=bytes(range(256)), headers=BEARER, content_type=FORM)
    assert response.status_code == 400
    assert error(response)["type"] == "invalid_request_error"


def test_body_without_an_announced_length_is_read_to_its_end(client: Client, fake: FakeStripe) -> None:
    environ = {"wsgi.input": BytesIO(b"name=Ada"), "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    assert client.post(CUSTOMERS, headers=BEARER, environ_overrides=environ).status_code == 200
    assert last_params(fake) == {"name": "Ada"}


@pytest.mark.parametrize("length", ["", "abc", "-1", "1e3", "٣", "²", " "])
def test_length_that_is_no_number_means_no_body(client: Client, fake: FakeStripe, length: str) -> None:
    environ = {"CONTENT_LENGTH": length}
    assert client.post(CUSTOMERS, data="name=Ada", headers=BEARER, environ_overrides=environ).status_code == 200
    assert last_params(fake) == {}


class Endless(BytesIO):
    """A body that never ends, and knows how much of it was read."""

    def read(self, size: int | None = -1) -> bytes:
        assert size is not None
        assert size > 0
        self.seek(self.tell() + size)
        return b"a" * size


def test_of_a_body_that_is_too_large_one_byte_too_many_is_read(client: Client) -> None:
    body = Endless()
    environ = {"wsgi.input": body, "wsgi.input_terminated": True}
    response = client.post(CUSTOMERS, headers=BEARER, environ_overrides=environ)
    assert response.status_code == 413
    assert body.tell() == LARGEST_BODY + 1


@pytest.mark.parametrize(("size", "status"), [(LARGEST_BODY, 400), (LARGEST_BODY + 1, 413)])
def test_largest_body_is_a_mebibyte(client: Client, size: int, status: int) -> None:
    body = b"a=" + b"b" * (size - 2)
    assert client.post(CUSTOMERS, data=body, headers=BEARER, content_type=FORM).status_code == status


# Where Flask has no rule


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/v1/unicorns"),
        ("GET", "/v1/customers/"),
        ("GET", "/v1//customers"),
        ("GET", "//v1/customers"),
        ("PUT", CUSTOMERS),
        ("PATCH", CUSTOMERS),
        ("OPTIONS", CUSTOMERS),
        ("TRACE", CUSTOMERS),
        ("GET", "/static/x"),
    ],
)
def test_unknown_urls_and_methods_get_stripes_404(client: Client, method: str, path: str) -> None:
    environ = {"PATH_INFO": path}
    response = client.open("/", method=method, headers=BEARER, environ_overrides=environ)
    assert response.status_code == 404
    assert error(response)["message"].startswith(f"Unrecognized request URL ({method}: {path})")


@pytest.mark.parametrize("path", ["/v1/unicorns", CUSTOMERS])
def test_who_has_no_key_learns_of_no_url(client: Client, path: str) -> None:
    assert client.options(path).status_code == 401
    assert client.get(path).status_code == 401


@pytest.mark.parametrize("host", ["", "a b", "x" * 300, "[", "é.example", "api.stripe.com"])
def test_any_host_will_do(client: Client, host: str) -> None:
    assert client.get(CUSTOMERS, headers=BEARER, environ_overrides={"HTTP_HOST": host}).status_code == 200


# The answer


def error(response: TestResponse) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(response.data)["error"]
    return body


def test_the_answer_is_the_engines_and_nothing_more(client: Client) -> None:
    response = client.get(CUSTOMERS, headers=BEARER)
    assert response.headers["Request-Id"].startswith("req_")
    assert response.headers.getlist("Content-Type") == ["application/json"]
    assert response.headers["Content-Length"] == str(len(response.data))
    assert "Set-Cookie" not in response.headers


def test_head_is_get_without_a_body(client: Client) -> None:
    response = client.head(CUSTOMERS, headers=BEARER)
    assert response.status_code == 200
    assert response.data == b""
    assert int(response.headers["Content-Length"]) > 0


def test_a_dropped_connection_is_a_connection_error(client: Client, fake: FakeStripe) -> None:
    fake.fail_next(f"POST {CUSTOMERS}", close=True)
    with pytest.raises(ConnectionResetError):
        client.post(CUSTOMERS, headers=BEARER)
    assert client.post(CUSTOMERS, headers=BEARER).status_code == 200


def test_a_delayed_answer_waits_without_keeping_others_waiting(client: Client, fake: FakeStripe) -> None:
    fake.fail_next(f"GET {CUSTOMERS}", delay=60)
    closing = Event()
    environ = {"fakestripe_meters.closing": closing}
    answers: list[TestResponse] = []
    late = Thread(target=lambda: answers.append(client.get(CUSTOMERS, headers=BEARER, environ_overrides=environ)))
    late.start()
    try:
        while not fake.journal or not fake.journal[0].status:
            pass
        assert client.post(CUSTOMERS, headers=BEARER).status_code == 200
        assert answers == []
    finally:
        closing.set()
        late.join()
    assert [each.status_code for each in answers] == [200]


def test_a_failure_of_the_fake_says_so_and_is_logged(
    client: Client, fake: FakeStripe, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_anything: object) -> None:
        message = "out of order"
        raise RuntimeError(message)

    monkeypatch.setattr(fake.engine, "_choose_version", fail)
    response = client.get(CUSTOMERS, headers=BEARER)
    assert response.status_code == 500
    assert error(response)["type"] == "api_error"
    assert "a bug in fakestripe-meters" in error(response)["message"]
    assert "out of order" in caplog.text
    assert [str(each) for each in fake.engine.failures] == ["out of order"]


# Whatever is sent


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    environ=st.fixed_dictionaries(
        {
            "REQUEST_METHOD": st.sampled_from(["GET", "POST", "DELETE", "HEAD", "PUT", "BREW"]),
            "PATH_INFO": st.text(st.characters(max_codepoint=255)).map("/v1/{}".format),
            "QUERY_STRING": st.text(st.characters(max_codepoint=255, exclude_characters="\r\n")),
            "CONTENT_TYPE": st.sampled_from([FORM, "application/json", "text/plain; charset=x", ""]),
        }
    ),
    body=st.binary(max_size=200),
)
def test_no_request_makes_the_fake_fail(client: Client, environ: dict[str, str], body: bytes) -> None:
    response = client.open("/", data=body, headers=BEARER, environ_overrides=environ)
    assert response.status_code < 500
