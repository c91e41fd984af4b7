"""A certificate authority for Stripe's host names: HTTPS for clients that require it.

It is made for one run, or kept in a file that clients trust once.
"""

import os
import ssl
import tempfile
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.clock import process_ns
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.doors.stripe_hosts import HOSTS

ALSO = ("localhost", "127.0.0.1", "::1")
NAME = "fakestripe-meters"
BEGINS = b"-----BEGIN CERTIFICATE-----"
PRIVATE = 0o600
PUBLIC = 0o644


class Authority:
    """Vouches for Stripe's hosts. Clients trust the file `certificate`."""

    def __init__(self, ca: trustme.CA, certificate: Path, folder: "tempfile.TemporaryDirectory[str] | None") -> None:
        self._ca = ca
        self.certificate = certificate
        self._folder = folder

    def context(self) -> ssl.SSLContext:
        """Return what a server needs to serve any of the hosts."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(*HOSTS, *ALSO).configure_cert(context)
        return context

    def close(self) -> None:
        """Remove the certificate's file, if it is for one run."""
        if self._folder is not None:
            self._folder.cleanup()


def authority(kept_in: Path | None = None) -> Authority:
    """Return the authority that is kept in a file, or a new one for one run, whose key never leaves the process.

    Raises:
        Misuse: The file, or the one with its key, is not what was once written there, or has expired.
        OSError: It cannot be read or written.
    """
    if kept_in is not None:
        return Authority(_kept(kept_in), kept_in, None)
    folder = tempfile.TemporaryDirectory(prefix="fakestripe-meters-")
    ca = trustme.CA(organization_name=NAME)
    certificate = Path(folder.name) / "ca.pem"
    ca.cert_pem.write_to_path(certificate)
    return Authority(ca, certificate, folder)


def _kept(file: Path) -> trustme.CA:
    """Return the authority of a file, which is made if it is missing.

    The file of the key has the certificate as well, and is written first and at once. So two servers that start at the
    same time have the same authority, and one that is killed meanwhile leaves nothing that the next one cannot use.
    """
    secret = file.with_name(f"{file.name}.key")
    try:
        if not secret.exists():
            if file.exists() and not secret.exists():  # it would be, if another server had just written both
                raise Misuse(f"{file} is there, but not its key, {secret}: name another file, or remove this one")
            new = trustme.CA(organization_name=NAME)
            _write(secret, new.private_key_pem.bytes() + new.cert_pem.bytes(), PRIVATE, replace=False)
        ca, certificate = _read(secret, file)
        if not file.exists():
            _write(file, certificate, PUBLIC, replace=True)
        if file.read_bytes().strip() != certificate.strip():
            raise Misuse(f"{file} is not the certificate of {secret}: remove {file} to have it written anew")
    except OSError as error:
        message = f"cannot keep a certificate authority in {file}: {error.strerror or error}"
        raise OSError(message) from None
    return ca


def _read(secret: Path, file: Path) -> tuple[trustme.CA, bytes]:
    """Return the authority of a key's file, and its certificate. `Misuse` if it has none, or one that has expired."""
    key, begins, rest = secret.read_bytes().partition(BEGINS)
    certificate = begins + rest
    again = f"remove it and {file}, start again, and have clients trust the new one"
    try:
        end = _end(certificate, key)
        ca = trustme.CA.from_pem(certificate, key)
    except (ValueError, TypeError, x509.ExtensionNotFound):
        raise Misuse(f"{secret} is not what --tls-ca once wrote there: {again}") from None
    if end * SECOND_NS <= process_ns():
        raise Misuse(f"the certificate authority in {secret} has expired: {again}")
    return ca, certificate


def _end(certificate: bytes, key: bytes) -> float:
    """Return when a certificate ends, in Unix seconds; ValueError unless it is an authority's, with its own key."""
    read = x509.load_pem_x509_certificate(certificate)
    vouches = read.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    if not vouches or load_pem_private_key(key, password=None).public_key() != read.public_key():
        raise ValueError
    return read.not_valid_after_utc.timestamp()


def _write(file: Path, content: bytes, mode: int, *, replace: bool) -> None:
    """Write a file at once. Without `replace`, leave one that has appeared meanwhile as it is."""
    handle, name = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
    try:
        with open(handle, "wb") as new:  # noqa: PTH123  it is open already
            new.write(content)
        Path(name).chmod(mode)
        if replace or not _linked(name, file):
            Path(name).replace(file)
    finally:
        Path(name).unlink(missing_ok=True)


def _linked(name: str, file: Path) -> bool:
    """Give a file another name, unless there is one; return whether the file system can do that."""
    try:
        os.link(name, file)
    except FileExistsError:
        return True
    except OSError:
        return False
    return True
