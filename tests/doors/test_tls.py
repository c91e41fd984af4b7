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
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import trustme
from freezegun import freeze_time

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse
from fakestripe_meters.doors.server import Server
from fakestripe_meters.doors.stripe_hosts import HOSTS
from fakestripe_meters.doors.tls import Authority
from fakestripe_meters.doors.tls import authority as authority_of

KEY = {"Authorization": "Bearer sk_test_fakestripe"}


@pytest.fixture
def authority() -> Iterator[Authority]:
    authority = authority_of()
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


def test_plain_http_is_told_to_use_https(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = connection.makefile("rb").read()
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert b"This port speaks HTTPS, and the client began with plain HTTP" in answer
    (line,) = caplog.messages
    assert f"127.0.0.1:{server.port}: This port speaks HTTPS" in line


# An authority that is kept


def test_an_authority_that_is_kept_stays_the_same(tmp_path: Path) -> None:
    file, key = tmp_path / "ca.pem", tmp_path / "ca.pem.key"
    first = authority_of(file)
    trusted = file.read_bytes()
    first.close()
    assert (file.stat().st_mode & 0o777, key.stat().st_mode & 0o777) == (0o644, 0o600)
    assert b"PRIVATE" not in trusted
    with FakeStripe(now=0) as fake:
        server = Server(fake.wsgi_app, tls=authority_of(file).context())
        connection = Named("api.stripe.com", server.port, file)
        connection.request("GET", "/v1/customers", headers=KEY)
        assert connection.getresponse().status == 200
        connection.close()
        server.close()
    assert file.read_bytes() == trusted
    assert sorted(each.name for each in tmp_path.iterdir()) == ["ca.pem", "ca.pem.key"]


def test_a_certificate_that_is_lost_is_written_again(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    authority_of(file)
    trusted = file.read_bytes()
    file.unlink()
    authority_of(file)
    assert file.read_bytes() == trusted


def test_several_servers_that_start_at_once_keep_one_authority(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(authority_of, [file] * 8))
    for each in made:
        assert each.context().cert_store_stats() is not None
    assert len({file.read_bytes() for _ in made}) == 1
    authority_of(file)


def key_of_another(tmp_path: Path) -> bytes:
    authority_of(tmp_path / "other.pem")
    return (tmp_path / "other.pem.key").read_bytes()


def test_what_is_no_authority_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    file, key = tmp_path / "ca.pem", tmp_path / "ca.pem.key"
    authority_of(file)
    secret, certificate = key.read_bytes().split(b"-----BEGIN CERTIFICATE")
    mixed = key_of_another(tmp_path).split(b"-----BEGIN CERTIFICATE")[0] + b"-----BEGIN CERTIFICATE" + certificate
    leaf = trustme.CA().issue_cert("localhost")
    not_one = leaf.private_key_pem.bytes() + leaf.cert_chain_pems[0].bytes()
    for wrong in (b"", b"junk", secret, mixed, not_one):
        key.write_bytes(wrong)
        with pytest.raises(
            Misuse, match=r"ca\.pem\.key is not what --tls-ca once wrote there: remove it and .*ca\.pem"
        ):
            authority_of(file)
        assert key.read_bytes() == wrong


def test_a_foreign_certificate_is_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("somebody's own", "utf-8")
    with pytest.raises(Misuse, match="is there, but not its key"):
        authority_of(file)
    (tmp_path / "ca.pem.key").write_bytes(key_of_another(tmp_path))
    with pytest.raises(Misuse, match="is not the certificate of"):
        authority_of(file)
    assert file.read_text("utf-8") == "somebody's own"


def test_an_authority_that_has_expired_is_refused(tmp_path: Path) -> None:
    authority_of(tmp_path / "ca.pem")
    with freeze_time("3001-01-01"), pytest.raises(Misuse, match="has expired: remove it"):
        authority_of(tmp_path / "ca.pem")


def test_a_file_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"cannot keep a certificate authority in .*: No such file or directory"):
        authority_of(tmp_path / "no" / "ca.pem")


# The command


def test_a_fixed_place_needs_tls() -> None:
    command = [sys.executable, "-m", "fakestripe_meters", "serve", "--port", "0", "--tls-ca", "ca.pem"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode, done.stderr) == (1, "fakestripe-meters: --tls-ca needs --tls\n")


def test_the_command_keeps_the_authority(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    command = [sys.executable, "-m", "fakestripe_meters", "serve", "--port", "0", "--tls", "0", "--tls-ca", str(file)]
    kept = set()
    for _ in range(2):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            *_, trust = (process.stdout.readline() for _ in range(4))
            process.terminate()
        assert trust == f"SSL_CERT_FILE={file}\n"
        kept.add(file.read_bytes())
    assert len(kept) == 1


def test_the_command_serves_both_and_says_where_the_certificate_is() -> None:
    command = [sys.executable, "-m", "fakestripe_meters", "serve", "--port", "0", "--tls", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        watch = threading.Timer(20, process.kill)
        watch.daemon = True
        watch.start()
        plain, _, secure, trust = (process.stdout.readline() for _ in range(4))
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
