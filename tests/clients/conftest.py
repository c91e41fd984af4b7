"""The official clients in other languages, prepared beforehand; and a proxy that knows Stripe's hosts and no others."""

import os
import select
import shutil
import socket
import socketserver
import subprocess
import threading
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters.doors.server import Server
from fakestripe_meters.doors.stripe_hosts import HOSTS
from fakestripe_meters.doors.tls import authority

ROOT = Path(__file__).parents[2]
NOW = "2025-01-01T00:00:00Z"
TIMEOUT_S = 60


def prepared(pattern: str) -> Path:
    """A file of the directory that `npm install` filled; without it a test is skipped, but never in CI."""
    folder = Path(os.environ.get("FAKESTRIPE_CLIENTS", ROOT / ".clients"))
    for path in folder.glob(f"node_modules/{pattern}"):
        return path
    return missing(f"{folder}/node_modules/{pattern}: CONTRIBUTING.md, 'Set up'")


def missing(what: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"there is no {what}")
    pytest.skip(f"there is no {what}")


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with FakeStripe(now=NOW, seed=1) as fake:
        yield fake


class Tunnel(socketserver.BaseRequestHandler):
    """Answers CONNECT: Stripe's hosts are the fake's HTTPS, whatever else there is does not exist."""

    server: "Proxy"

    def handle(self) -> None:
        line = self.request.recv(65_536).split(b"\r\n")[0].decode("latin-1")
        host, _, port = line.split()[1].rpartition(":")
        self.server.asked.append(host)
        if host not in HOSTS or port != "443":
            self.request.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return
        with socket.create_connection(("127.0.0.1", self.server.port)) as upstream, suppress(OSError):
            self.request.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            pump(self.request, upstream)


class Proxy(socketserver.ThreadingTCPServer):
    """On a free port; `asked` are the hosts that somebody wanted to reach."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        self.port = port
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), Tunnel)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


def pump(left: socket.socket, right: socket.socket) -> None:
    """Carry bytes both ways until one side has no more."""
    other = {left: right, right: left}
    while True:
        for readable in select.select([left, right], [], [], TIMEOUT_S)[0]:
            data = readable.recv(65_536)
            if not data:
                return
            other[readable].sendall(data)


@contextmanager
def https(fake: FakeStripe) -> Iterator[tuple[Proxy, dict[str, str]]]:
    """The fake under Stripe's names: a proxy, and the environment that sends a client there."""
    ca = authority()
    server = Server(fake.wsgi_app, tls=ca.context())
    proxy = Proxy(server.port)
    thread = threading.Thread(target=proxy.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    certificate = str(ca.certificate)
    try:
        yield (
            proxy,
            {"HTTPS_PROXY": proxy.url, "SSL_CERT_FILE": certificate, "NODE_EXTRA_CA_CERTS": certificate},
        )
    finally:
        proxy.shutdown()
        proxy.server_close()
        thread.join()
        server.close()
        ca.close()


def run(
    command: list[str], home: Path, environment: Mapping[str, str], seconds: float = TIMEOUT_S
) -> subprocess.CompletedProcess[str]:
    """Run a client that knows nothing of this machine's settings."""
    env = {"PATH": os.environ["PATH"], "HOME": str(home), **environment}
    return subprocess.run(command, env=env, cwd=home, capture_output=True, text=True, timeout=seconds, check=False)


@pytest.fixture
def node() -> str:
    return shutil.which("node") or missing("node")
