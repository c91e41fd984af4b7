"""The command line: `serve`, `demo`, `compare` and `record`."""

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
from typing import Any
from typing import NoReturn

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse
from fakestripe_meters import __version__
from fakestripe_meters.core import printing
from fakestripe_meters.core.option import Option
from fakestripe_meters.core.options import OPTIONS

if TYPE_CHECKING:
    from ssl import SSLContext
    from wsgiref.types import WSGIApplication

    from fakestripe_meters.doors.server import Server

PORT = 12111
HTTPS_PORT = 443
HIGHEST_PORT = 65_535


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= HIGHEST_PORT:
        raise ValueError
    return port


_port.__name__ = "port"  # what argparse calls a wrong one


SERVE_ONLY = {
    "host": Option("Listen on this address.", "127.0.0.1", metavar="ADDRESS"),
    "port": Option("Listen on this port; 0 picks a free one.", PORT, metavar="PORT", read=_port),
    "tls": Option(
        f"Also serve Stripe's own host names over HTTPS, on this port ({HTTPS_PORT} if you name none).",
        None,
        metavar="PORT",
        read=_port,
        bare=HTTPS_PORT,
    ),
    "elsewhere": Option(
        "Pass calls that are not served on to the server at this address, such as stripe-mock or a recorder.",
        None,
        metavar="URL",
    ),
    "fixtures": Option(
        "Send the requests of this fixture file before listening.", (), metavar="FILE", read=Path, repeats=True
    ),
}
"""The flags of `serve` that are no options of `FakeStripe`."""
STRIPE = "https://api.stripe.com"
COMPARE = {
    "against": Option("Compare with the server at this address.", STRIPE, metavar="URL"),
    "only": Option("Have only this chapter of the conversation.", (), metavar="CHAPTER", repeats=True),
    "out": Option("Write the result to this new file as JSON, to send it in.", None, metavar="FILE", read=Path),
}
RECORD = {
    "out": Option("Write what is said to this new file as JSON. Required.", None, metavar="FILE", read=Path),
    "port": SERVE_ONLY["port"],
    "to": Option("Pass requests on to the server at this address.", STRIPE, metavar="URL"),
}
ABOUT_COMPARE = (
    "Have the same conversation with your Stripe sandbox and with the fake, and print where the two differ. The "
    "environment variable STRIPE_TEST_KEY must have a test key. What was made in the sandbox is removed afterwards. "
    "The exit status is 0 if the answers are the same, 1 if they differ, and 2 if the conversation could not be had."
)
ABOUT_RECORD = (
    "Listen on 127.0.0.1, pass each request on to Stripe, and write it to a file with its answer: without keys, e-mail "
    "addresses, names, and other personal data. Only requests with test keys are passed on."
)


class Parser(argparse.ArgumentParser):
    """A parser that reports a wrong command line in one line, without the whole usage."""

    def error(self, message: str) -> NoReturn:
        """Print what is wrong, and exit with status 2."""
        self.exit(2, f"{self.prog}: {message} (see --help)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    given = vars(_parser().parse_args(arguments))
    run, failed = COMMANDS[given.pop("command")]
    try:
        return run(given)
    except (Misuse, OSError) as error:
        print(f"fakestripe-meters: {_reason(error)}", file=sys.stderr)
        return failed


def _parser() -> Parser:
    parser = Parser(prog="fakestripe-meters", description="A fake Stripe that counts usage like Stripe does.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("demo", help="run an example: send usage, query it, run into the rate limit")
    serve = commands.add_parser("serve", help="run the server until it is interrupted")
    for name, option in (SERVE_ONLY | OPTIONS).items():
        _add_flag(serve, name, option)
    compare = commands.add_parser(
        "compare", help="compare the fake with your Stripe sandbox", description=ABOUT_COMPARE
    )
    record = commands.add_parser("record", help="record what your program and Stripe say", description=ABOUT_RECORD)
    for command, options in ((compare, COMPARE), (record, RECORD)):
        for name, option in options.items():
            _add_flag(command, name, option)
    return parser


def _add_flag(parser: Parser, name: str, option: Option) -> None:
    """Add the flag of an option. The arguments lack it if it is not given, so that the option's default applies."""
    about = f"{option.about}{_remark(option)}"
    how: dict[str, Any] = {"dest": name, "default": argparse.SUPPRESS, "help": about.replace("%", "%%")}
    if isinstance(option.default, bool) and option.bare is None:
        how["action"] = argparse.BooleanOptionalAction if option.default else "store_true"
    else:
        how |= {"metavar": option.metavar, "type": option.read}
    if option.repeats:
        how["action"] = "append"
    if option.bare is not None:
        how |= {"nargs": "?", "const": option.bare}
    parser.add_argument(option.spelled(name), **how)


def _remark(option: Option) -> str:
    if option.repeats:
        return " Repeat the flag to add more."
    has_value = isinstance(option.default, int | str) and not isinstance(option.default, bool)
    return f" (default: {option.default})" if has_value else ""


def _serve(given: dict[str, Any]) -> int:
    _leave_when_interrupted()
    host, port, tls, elsewhere, fixtures = (given.pop(name, option.default) for name, option in SERVE_ONLY.items())
    fake = FakeStripe(**given)
    if elsewhere is not None:
        from fakestripe_meters.unserved.elsewhere import Elsewhere

        fake.engine.elsewhere = Elsewhere(elsewhere).answer
    site = fake.engine.site
    site.opener = None  # the server is opened here, once the fixtures are loaded
    if port:
        site.listens(host, port)
    _load(fake, fixtures)
    server = _open(fake.wsgi_app, host, port)
    site.listens(host, server.port)
    try:
        print(f"fakestripe-meters listening on {server.url}", flush=True)
        with _secured(fake, host, tls):
            threading.Event().wait()
    finally:
        fake.close()
        server.close()
    return 0


@contextmanager
def _secured(fake: FakeStripe, host: str, port: int | None) -> Iterator[None]:
    """Also serve HTTPS on a port, and print the certificate that clients must trust. None serves no HTTPS."""
    if port is None:
        yield
        return
    try:
        from fakestripe_meters.doors.stripe_hosts import HOSTS
        from fakestripe_meters.doors.tls import Authority
    except ImportError:
        raise Misuse("--tls needs trustme: pip install 'fakestripe-meters[tls]'") from None
    with closing(Authority()) as authority, closing(_open(fake.wsgi_app, host, port, authority.context())) as server:
        print(f"fakestripe-meters listening on {server.url} for {', '.join(HOSTS)}")
        print(f"SSL_CERT_FILE={authority.certificate}", flush=True)
        yield


def _leave_when_interrupted() -> None:
    for interruption in (signal.SIGINT, signal.SIGTERM):
        signal.signal(interruption, _leave)


def _leave(_signal: int, _frame: object) -> NoReturn:
    """Exit with status 0, and ignore further signals, so that they do not interrupt the closing."""
    for interruption in (signal.SIGINT, signal.SIGTERM):
        signal.signal(interruption, signal.SIG_IGN)
    sys.exit(0)


def _load(fake: FakeStripe, paths: Sequence[Path]) -> None:
    if paths:
        from fakestripe_meters import fixtures

        for path in paths:
            fixtures.load(fake, path)


def _open(app: "WSGIApplication", host: str, port: int, tls: "SSLContext | None" = None) -> "Server":
    from fakestripe_meters.doors.server import Server

    try:
        server = Server(app, host, port, tls=tls)
    except OSError as error:
        # Python appends the address to the system's message. For an unknown host, the number is negative.
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        message = f"cannot listen on {host}:{port}: {reason}"
        raise OSError(message) from None
    if not _is_loopback(host):
        warning = f"fakestripe-meters: warning: other machines can reach {host}, and every test key is accepted"
        print(warning, file=sys.stderr, flush=True)
    return server


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _compare(given: dict[str, Any]) -> int:
    from fakestripe_meters.comparing import command

    return command.run(**{name: given.get(name, option.default) for name, option in COMPARE.items()})


def _record(given: dict[str, Any]) -> int:
    from fakestripe_meters.comparing.address import host_of
    from fakestripe_meters.recording.proxy import Proxy
    from fakestripe_meters.recording.tape import Tape

    out, port, to = (given.get(name, option.default) for name, option in RECORD.items())
    if out is None:
        raise Misuse("record needs --out FILE")
    host_of(to, "--to")
    with closing(Tape(out)) as tape, closing(_open(Proxy(to, tape), "127.0.0.1", port)) as server:
        _leave_when_interrupted()
        print(f"fakestripe-meters listening on {server.url}, recording to {out}", flush=True)
        threading.Event().wait()
    return 0


def _demo(_given: dict[str, Any]) -> int:
    from fakestripe_meters import demo

    demo.run(sys.stdout)
    return 0


def _reason(error: Exception) -> str:
    return printing.line(" ".join(str(error).split()))


COMMANDS = {"serve": (_serve, 1), "demo": (_demo, 1), "compare": (_compare, 2), "record": (_record, 2)}
"""What each does, and its exit status if it cannot."""


if __name__ == "__main__":
    sys.exit(main())
