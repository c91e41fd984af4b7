"""A temporary certificate authority for Stripe's host names: HTTPS for clients that require it."""

import ssl
import tempfile
from pathlib import Path

import trustme

from fakestripe_meters.doors.stripe_hosts import HOSTS

ALSO = ("localhost", "127.0.0.1", "::1")


class Authority:
    """Vouches for Stripe's hosts. Clients trust the file `certificate`; the key never leaves the process."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="fakestripe-meters-")
        self._ca = trustme.CA(organization_name="fakestripe-meters")
        self.certificate = Path(self._folder.name) / "ca.pem"
        self._ca.cert_pem.write_to_path(self.certificate)

    def context(self) -> ssl.SSLContext:
        """Return what a server needs to serve any of the hosts."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(*HOSTS, *ALSO).configure_cert(context)
        return context

    def close(self) -> None:
        """Remove the certificate's file."""
        self._folder.cleanup()
