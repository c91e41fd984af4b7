"""HTTPS for Stripe's own host names, with a certificate authority made on the spot."""

import http.client
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters.doors.server import Server
from fakestripe_meters.doors.stripe_hosts import HOSTS
from fakestripe_meters.doors.tls import Authority

KEY = {"Authorization": "Bearer sk_test_fakestripe"}


@pytest.fixture
def authority() -> Iterator[Authority]:
    authority = Authority()
    yield authority
    authority.close()
    assert not authority.certificate.exists()


@pytest.fixture
def server(authority: Authority) -> Iterator[Server]:
    with FakeStripe(now=0) as fake:
        server = Server(fake.wsgi_app, tls=authority.context())
        yield server
        server.close()


class Named(http.client.HTTPSConnection):
    """Goes to a port of this machine under another name."""

    def __init__(self, name: str, port: int, certificate: Path) -> None:
        self.trust = ssl.create_default_context(cafile=certificate)
        self.there = ("127.0.0.1", port)
        super().__init__(name, context=self.trust, timeout=10)

    def connect(self) -> None:
        self.sock = self.trust.wrap_socket(socket.create_connection(self.there), server_hostname=self.host)


@pytest.mark.parametrize("name", [*HOSTS, "localhost", "127.0.0.1"])
def test_each_of_stripes_hosts_answers_under_its_name(authority: Authority, server: Server, name: str) -> None:
    connection = Named(name, server.port, authority.certificate)
    for _ in range(2):
        connection.request("GET", "/v1/customers", headers=KEY)
        response = connection.getresponse()
        assert response.status == 200
        assert response.read().startswith(b'{\n  "object": "list"')
    connection.close()
    assert server.url == f"https://127.0.0.1:{server.port}"


def test_no_other_name_is_vouched_for(authority: Authority, server: Server) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        Named("example.com", server.port, authority.certificate).connect()


def test_who_does_not_trust_it_is_not_answered(server: Server) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        http.client.HTTPSConnection("127.0.0.1", server.port, timeout=10).request("GET", "/")


def test_a_client_that_says_nothing_holds_nobody_up(authority: Authority, server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port)):
        connection = Named("api.stripe.com", server.port, authority.certificate)
        connection.request("GET", "/v1/customers", headers=KEY)
        assert connection.getresponse().status == 200
        connection.close()


def test_plain_http_is_not_answered(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert not connection.recv(1_024).startswith(b"HTTP/1.1 200")


def test_the_command_serves_both_and_says_where_the_certificate_is() -> None:
    command = [sys.executable, "-m", "fakestripe_meters", "serve", "--port", "0", "--tls", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        watch = threading.Timer(20, process.kill)
        watch.daemon = True
        watch.start()
        plain, secure, trust = (process.stdout.readline() for _ in range(3))
        assert re.fullmatch(r"fakestripe-meters listening on http://127\.0\.0\.1:\d+\n", plain)
        port = re.match(r"fakestripe-meters listening on https://127\.0\.0\.1:(\d+) for api\.stripe\.com, ", secure)
        assert port is not None
        certificate = Path(trust.removeprefix("SSL_CERT_FILE=").strip())
        connection = Named("meter-events.stripe.com", int(port[1]), certificate)
        connection.request("GET", "/v1/customers", headers=KEY)
        assert connection.getresponse().status == 200
        connection.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        watch.cancel()
    assert not certificate.exists()


def test_a_port_that_is_taken_is_said_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "fakestripe_meters", "serve", "--port", "0", "--tls", port]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr


def test_without_trustme_it_is_said_what_to_install() -> None:
    script = (
        "import sys; sys.modules['trustme'] = None; from fakestripe_meters.__main__ import main; "
        "sys.exit(main(['serve', '--port', '0', '--tls', '0']))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 1
    assert "fakestripe-meters[tls]" in done.stderr
