"""Requests as fast as a server answers them: by `wrk` where that is installed, else by a client of our own.

python -m benchmarks.load PORT CONNECTIONS SECONDS METHOD PATH BODY
"""

import re
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from benchmarks.business import FORM

WRK = shutil.which("wrk")
RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


def client() -> str:
    """What sends the requests, for the table."""
    return "wrk, one thread" if WRK else "a client of our own"


def rate(port: int, connections: int, seconds: int, path: str, body: str) -> float:
    """Answers a second to so many connections. An answer that is not 200 ends the measurement."""
    return by_wrk(port, connections, seconds, path, body) if WRK else by_ours(port, connections, seconds, path, body)


def by_wrk(port: int, connections: int, seconds: int, path: str, body: str) -> float:
    """The same by wrk, which takes a request as a script."""
    lines = ['wrk.method = "POST"', f'wrk.body = "{body}"', *(f'wrk.headers["{k}"] = "{v}"' for k, v in FORM.items())]
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "post.lua"
        script.write_text("\n".join(lines), "utf-8")
        command = [str(WRK), "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script)]
        url = f"http://127.0.0.1:{port}{path}"
        said = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in said, said
    found = RATE.search(said)
    assert found is not None, said
    return float(found[1])


def by_ours(port: int, connections: int, seconds: int, path: str, body: str) -> float:
    """The same by a process of our own, so that it does not share the interpreter's lock with the measurement."""
    sent = [str(each) for each in (port, connections, seconds, path, body)]
    command = [sys.executable, "-m", "benchmarks.load", *sent]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


class Connection:
    """One connection that has always one request under way."""

    def __init__(self, port: int, request: bytes) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.request = request
        self.heard = b""
        self.socket.sendall(request)

    def hear(self) -> bool:
        """Read; if that ends an answer, send the next request, and return True."""
        self.heard += self.socket.recv(65_536)
        head, end, body = self.heard.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if not end or length is None or len(body) < int(length[1]):
            return False
        assert head.startswith(b"HTTP/1.1 200 "), self.heard
        self.heard = b""
        self.socket.sendall(self.request)
        return True


def main(port: int, connections: int, seconds: int, path: str, body: str) -> None:
    """Send for some seconds, and print how many answers a second came back."""
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", *(f"{name}: {value}" for name, value in FORM.items())]
    request = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]).encode()
    waiting = selectors.DefaultSelector()
    for _ in range(connections):
        each = Connection(port, request)
        waiting.register(each.socket, selectors.EVENT_READ, each)
    began, answers = perf_counter(), 0
    while (took := perf_counter() - began) < seconds:
        answers += sum(key.data.hear() for key, _ in waiting.select(1))
    print(answers / took)


if __name__ == "__main__":
    port, connections, seconds = map(int, sys.argv[1:4])
    main(port, connections, seconds, *sys.argv[4:6])
