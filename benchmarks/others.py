"""Servers to measure with and against, each started for the purpose: ours, an echo, stripe-mock and localstripe."""

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from time import perf_counter
from time import sleep  # noqa: TID251  a foreign server has no clock of ours

from benchmarks.business import NOW
from benchmarks.sdk import CANNED

ECHO = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(CANNED), CANNED)
LAST = b"[model]=large"
"""What the body of every meter event ends with."""
PATIENCE_S = 20
INSTALL_S = 300
RECEIVER = """
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
print(server.server_port, flush=True)
server.serve_forever()
"""
LOCALSTRIPE = """
import localstripe.resources
import localstripe.server
localstripe.resources.open = lambda _, mode: open("localstripe.pickle", mode)  # not where a user's own may lie
localstripe.server.start()
"""


class MissingError(Exception):
    """A contender is not to be had here; the message says why."""


@contextmanager
def running(
    command: list[str], *, directory: str | None = None, stdout: int = subprocess.DEVNULL
) -> Iterator["subprocess.Popen[str]"]:
    """A server in a process of its own, as long as it is needed."""
    with subprocess.Popen(command, cwd=directory, stdout=stdout, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def serve() -> Iterator[int]:
    """The command as users run it: its port, as soon as it tells it."""
    command = [sys.executable, "-m", "fakestripe_meters", "serve", "--port", "0", "--limits", "off", "--now", NOW]
    with running(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline().rpartition(":")[2])


@contextmanager
def receiver() -> Iterator[int]:
    """Somebody who takes every webhook: the port."""
    with running([sys.executable, "-c", RECEIVER], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())


@contextmanager
def stripe_mock() -> Iterator[int]:
    """stripe-mock, if it is installed: its port, as soon as it listens."""
    binary = shutil.which("stripe-mock")
    if binary is None:
        raise MissingError("stripe-mock is not built here")
    port = free_port()
    with running([binary, "-http-port", str(port)]):
        wait_for(port)
        yield port


@contextmanager
def localstripe() -> Iterator[int]:
    """The localstripe of PyPI, in an environment of its own: its port, as soon as it listens."""
    with TemporaryDirectory() as directory:
        python = Path(directory) / "bin" / "python"
        install([sys.executable, "-m", "venv", directory])
        install([str(python), "-m", "pip", "install", "--quiet", "localstripe"])
        port = free_port()
        with running([str(python), "-c", LOCALSTRIPE, "--from-scratch", "--port", str(port)], directory=directory):
            wait_for(port)
            yield port


def install(command: list[str]) -> None:
    """Run a step of an installation."""
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=INSTALL_S)
    except (subprocess.SubprocessError, OSError) as error:
        raise MissingError(f"its installation failed ({type(error).__name__})") from error


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def wait_for(port: int) -> None:
    """Return as soon as somebody listens."""
    deadline = perf_counter() + PATIENCE_S
    while perf_counter() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            sleep(0.001)
        else:
            return
    raise MissingError("it did not start")


def echo(last: bytes = LAST) -> int:
    """A server that answers every request that ends so with the same bytes: its port. It ends with the process."""
    listener = socket.create_server(("127.0.0.1", 0))

    def talk(connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(ConnectionError):
            while request := connection.recv(65_536):
                if request.endswith(last):  # headers and body may come apart
                    connection.sendall(ECHO)

    def accept() -> None:
        while True:
            Thread(target=talk, args=listener.accept()[:1], daemon=True).start()

    Thread(target=accept, daemon=True).start()
    return int(listener.getsockname()[1])
