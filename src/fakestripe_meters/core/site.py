"""Where the pages of a fake are, which a browser can open: Checkout, the portal, and invoices."""

import socket
from collections.abc import Callable

from fakestripe_meters.core.errors import Misuse

PREFIX = "/_fakestripe"
"""The path below which a server has everything that Stripe has not."""
VENDORS = "/_vendors"
"""The path below which a server has the calls by which programs report usage to other vendors."""
BELOW_VENDORS = f"{VENDORS}/"
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  it listens nowhere
"""A server that listens on all addresses → the one at which this machine reaches it."""


class Site:
    """The addresses of a fake's pages. It belongs to the engine: the world and all accounts share it.

    Ask for an address each time it is shown, and keep none: it changes when a server begins to listen.
    """

    def __init__(self) -> None:
        self.public_url: str | None = None
        """The option of this name: it is used instead of the server's own address."""
        self.address: str | None = None
        """Where a server listens; None as long as nobody has asked for one."""
        self.opener: Callable[[], object] | None = None
        """Has a server listen, which is then noted by `listens`; None if there is none to be opened."""

    def listens(self, host: str, port: int) -> None:
        """Note that a server listens."""
        host = EVERYWHERE.get(host, host)
        self.address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def link(self, path: str, *, opens: bool = False) -> str | None:
        """Return the address of a page, such as `checkout/cs_…`; None if no server listens.

        With `opens`, have one listen: the address is for a browser. It is None all the same if there can be no server,
        for example because a test may use no sockets.
        """
        base = self.public_url or self.address
        if base is None and opens:
            base = self._opened()
        return None if base is None else f"{base}{PREFIX}/{path}"

    def _opened(self) -> str | None:
        if self.opener is None or socket.socket.__module__ == "pytest_socket":  # which would warn of the try
            return None
        try:
            self.opener()
        except (Misuse, OSError, RuntimeError):  # closed, no port is free, or something else forbids it
            return None
        return self.address
