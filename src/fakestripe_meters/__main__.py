"""The command line: `serve` and `demo`."""

import argparse
import ipaddress
import os
import signal
import sys
import threading
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import closing
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from typing import NoReturn

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse
from fakestripe_meters import __version__
from fakestripe_meters.core.settings import Settings

if TYPE_CHECKING:
    from ssl import SSLContext

    from fakestripe_meters.doors.server import Server

PORT = 12111
HTTPS_PORT = 443
HIGHEST_PORT = 65_535


class Parser(argparse.ArgumentParser):
    """A command line that is wrong gets one line, not the whole usage."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and exit."""
        self.exit(2, f"{self.prog}: {message} (--help tells more)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = _parser().parse_args(arguments)
    try:
        return _demo() if options.command == "demo" else _serve(options)
    except (Misuse, OSError) as error:
        print(f"fakestripe-meters: {_reason(error)}", file=sys.stderr)
        return 1


def _parser() -> Parser:
    parser = Parser(prog="fakestripe-meters", description="A fake Stripe that counts usage like Stripe does.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("demo", help="run the whole story once, on a server of its own")
    serve = commands.add_parser("serve", help="serve until interrupted")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    serve.add_argument("--port", type=_port, default=PORT, help="port to listen on, 0 for a free one (%(default)s)")
    serve.add_argument("--now", metavar="WHEN", help="freeze the clock at an instant: ISO 8601 or Unix seconds")
    serve.add_argument("--limits", metavar="PROFILE", default="documented", help="rate limits (%(default)s)")
    serve.add_argument("--lag", metavar="SECONDS", type=float, default=0, help="how long usage stays invisible")
    serve.add_argument("--async-validation", action="store_true", help="judge meter events behind the 200")
    serve.add_argument("--relaxed", action="store_true", help="lift Stripe's caps on test clocks")
    serve.add_argument("--async-clocks", action="store_true", help="let test clocks answer `advancing` first")
    serve.add_argument(
        "--finalization-grace",
        metavar="SECONDS",
        type=int,
        default=Settings().finalization_grace_s,
        help="how long a subscription's invoice stays a draft (%(default)s)",
    )
    serve.add_argument(
        "--no-analytics", dest="analytics", action="store_false", help="answer 404 to the Meter Usage Analytics"
    )
    serve.add_argument(
        "--tls",
        metavar="PORT",
        nargs="?",
        type=_port,
        const=HTTPS_PORT,
        help="also serve Stripe's own host names by HTTPS (on port %(const)s)",
    )
    serve.add_argument(
        "--webhook-host",
        metavar="HOST",
        dest="webhook_hosts",
        action="append",
        default=[],
        help="also send webhooks to this host, not only to this machine",
    )
    serve.add_argument("--seed", metavar="N", help="make the same ids every time")
    serve.add_argument("--fixtures", metavar="FILE", type=Path, action="append", default=[], help="fill the world")
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= HIGHEST_PORT:
        raise ValueError
    return port


_port.__name__ = "port"  # what argparse calls a wrong one


def _serve(options: argparse.Namespace) -> int:
    for interruption in (signal.SIGINT, signal.SIGTERM):
        signal.signal(interruption, _leave)
    fake = FakeStripe(
        now=options.now,
        limits=options.limits,
        lag=options.lag,
        async_validation=options.async_validation,
        relaxed=options.relaxed,
        seed=options.seed,
        async_clocks=options.async_clocks,
        finalization_grace=options.finalization_grace,
        analytics=options.analytics,
        webhook_hosts=options.webhook_hosts,
    )
    _load(fake, options.fixtures)
    server = _open(fake, options.host, options.port)
    try:
        print(f"fakestripe-meters listening on {server.url}", flush=True)
        with _secured(fake, options.host, options.tls):
            threading.Event().wait()
    finally:
        server.close()
    return 0


@contextmanager
def _secured(fake: FakeStripe, host: str, port: int | None) -> Iterator[None]:
    """Serve by HTTPS besides, and say how clients come to trust that."""
    if port is None:
        yield
        return
    try:
        from fakestripe_meters.doors.stripe_hosts import HOSTS
        from fakestripe_meters.doors.tls import Authority
    except ImportError:
        raise Misuse("--tls needs trustme: pip install 'fakestripe-meters[tls]'") from None
    with closing(Authority()) as authority, closing(_open(fake, host, port, authority.context())) as server:
        print(f"fakestripe-meters listening on {server.url} for {', '.join(HOSTS)}")
        print(f"SSL_CERT_FILE={authority.certificate}", flush=True)
        yield


def _leave(_signal: int, _frame: object) -> NoReturn:
    """Exit 0, whatever is being done; a second signal does not get in the way of closing."""
    for interruption in (signal.SIGINT, signal.SIGTERM):
        signal.signal(interruption, signal.SIG_IGN)
    sys.exit(0)


def _load(fake: FakeStripe, paths: Sequence[Path]) -> None:
    if paths:
        from fakestripe_meters import fixtures

        for path in paths:
            fixtures.load(fake, path)


def _open(fake: FakeStripe, host: str, port: int, tls: "SSLContext | None" = None) -> "Server":
    from fakestripe_meters.doors.server import Server

    try:
        server = Server(fake.wsgi_app, host, port, tls=tls)
    except OSError as error:
        # Python appends the address to the words of the system; a name that is not known has words of its own.
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        message = f"cannot listen on {host}:{port}: {reason}"
        raise OSError(message) from None
    if not _is_loopback(host):
        warning = f"fakestripe-meters: warning: {host} can be reached from other machines, and any test key is good"
        print(warning, file=sys.stderr, flush=True)
    return server


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _demo() -> int:
    from fakestripe_meters import demo

    demo.run(sys.stdout)
    return 0


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())


if __name__ == "__main__":
    sys.exit(main())
