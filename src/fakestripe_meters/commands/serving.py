"""Serve a fake as `serve` and `run` do: filled from fixtures, over HTTP and, if wanted, over HTTPS."""

import ipaddress
import os
import sys
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import closing
from contextlib import contextmanager
from contextlib import nullcontext
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse
from fakestripe_meters.commands import progress
from fakestripe_meters.commands.flags import SERVE_ONLY
from fakestripe_meters.commands.sparing import Sparing
from fakestripe_meters.core import printing
from fakestripe_meters.core.option import Option

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from ssl import SSLContext
    from wsgiref.types import WSGIApplication

    from fakestripe_meters.core.journal import Exchange
    from fakestripe_meters.doors.server import Server
    from fakestripe_meters.doors.tls import Authority
    from fakestripe_meters.engine import Engine


class Served:
    """A fake that is served."""

    def __init__(self, fake: FakeStripe, server: "Server") -> None:
        self.fake = fake
        self.server = server

    @property
    def url(self) -> str:
        """The address at which this machine reaches it, also if it listens on all addresses."""
        return str(self.fake.engine.site.address)

    @property
    def page(self) -> str:
        """The address at which a browser finds its page."""
        return f"{self.fake.engine.site.link('')}"


class Secured:
    """The same over HTTPS."""

    def __init__(self, server: "Server", authority: "Authority") -> None:
        self.server = server
        self.authority = authority


@contextmanager
def serving(given: dict[str, Any], flags: dict[str, Option] = SERVE_ONLY) -> Iterator[tuple[Served, Secured | None]]:
    """Serve until the context ends, as flags say. `Misuse` or `OSError` if that cannot be done."""
    host, port, tls, tls_ca, elsewhere, fixtures, log = (
        given.pop(name, flags.get(name, option).default) for name, option in SERVE_ONLY.items()
    )
    if tls_ca is not None and tls is None:
        raise Misuse("--tls-ca needs --tls")
    fake = Sparing(**given)
    if elsewhere is not None:
        from fakestripe_meters.unserved.elsewhere import Elsewhere

        fake.engine.elsewhere = Elsewhere(elsewhere).answer
    site = fake.engine.site
    site.opener = None  # the server is opened here, once the fixtures are loaded
    if port:
        site.listens(host, port)
    if flags is SERVE_ONLY:  # the terminal of `run` belongs to its command
        progress.show(fake.engine.world.watch)
    _load(fake, fixtures)
    if log:
        fake.engine.told = _tell
    server = opened(fake.app, host, port, engine=fake.engine)
    site.listens(host, server.port)
    try:
        with _secured(fake, host, tls, tls_ca) as secured:
            yield Served(fake, server), secured
    finally:
        fake.close()
        server.close()


def _tell(exchange: "Exchange") -> None:
    """Print one line about a request. If nobody reads stderr any more, that is no reason to fail."""
    account = exchange.account and printing.mask(exchange.account)
    about = ", ".join(filter(None, (exchange.request_id, account)))
    with suppress(OSError, ValueError):
        say(printing.line(f"{exchange}{about and f' [{about}]'}"))


def _secured(
    fake: Sparing, host: str, port: int | None, kept_in: Path | None
) -> "AbstractContextManager[Secured | None]":
    """Also serve HTTPS on a port. None serves no HTTPS."""
    return nullcontext() if port is None else _over_https(fake, host, port, kept_in)


@contextmanager
def _over_https(fake: Sparing, host: str, port: int, kept_in: Path | None) -> Iterator[Secured]:
    try:
        from fakestripe_meters.doors.tls import authority
    except ImportError:
        raise Misuse("--tls needs trustme: pip install 'fakestripe-meters[tls]'") from None
    with (
        closing(authority(kept_in)) as vouching,
        closing(opened(fake.app, host, port, vouching.context(), fake.engine)) as server,
    ):
        yield Secured(server, vouching)


def _load(fake: FakeStripe, files: Sequence[str]) -> None:
    if files:
        from fakestripe_meters import fixtures
        from fakestripe_meters.ready_made import fixtures_at

        for file in files:
            fixtures.load(fake, fixtures_at(file))


def opened(
    app: "WSGIApplication", host: str, port: int, tls: "SSLContext | None" = None, engine: "Engine | None" = None
) -> "Server":
    """Return a server that listens; warn if other machines can reach it."""
    from fakestripe_meters.doors.server import Server

    try:
        server = Server(app, host, port, engine=engine, tls=tls)
    except OSError as error:
        # Python appends the address to the system's message. For an unknown host, the number is negative.
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        message = f"cannot listen on {host}:{port}: {reason}"
        raise OSError(message) from None
    if not _is_loopback(host):
        warning = f"fakestripe-meters: warning: other machines can reach {host}, and every test key is accepted"
        say(warning)
    return server


def say(line: str) -> None:
    """Print a line on stderr in one piece, because several threads may."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
