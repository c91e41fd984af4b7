"""The command `run`: another command as long as a fake is served, to which its calls to Stripe go."""

import os
import signal
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from types import FrameType
from typing import Any

from fakestripe_meters import Misuse
from fakestripe_meters.commands.flags import RUN_DIFFERS
from fakestripe_meters.commands.serving import Secured
from fakestripe_meters.commands.serving import say
from fakestripe_meters.commands.serving import serving

URL = "FAKESTRIPE_URL"
CHILD = "fakestripe_meters.commands.child"
MODULE = "sitecustomize.py"
NOT_FOUND = 127
NOT_EXECUTABLE = 126
BY_SIGNAL = 128
"""As shells have it: a command that a signal ends has this status, and the signal's number."""
PASSED_ON = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
OF_TERMINALS = (signal.SIGINT, getattr(signal, "SIGHUP", None))
TRUST = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Variables that name the file of all certificates that a client trusts."""
TRUST_MORE = "NODE_EXTRA_CA_CERTS"
"""The variable of one that Node trusts besides."""


def run(words: Sequence[str], given: dict[str, Any]) -> int:
    """Serve a fake, run a command, and return its status. The server ends with it."""
    if not words:
        raise Misuse("run needs a command after --: fakestripe-meters run [options] -- COMMAND ...")
    signals = Signals()
    with (
        signals.passed_on(),
        serving(given, RUN_DIFFERS) as (served, secured),
        _start_folder() as start,
        _trusting(secured) as trust,
    ):
        environment = {**os.environ, **trust, URL: served.url, "PYTHONPATH": _path(start)}
        try:
            return signals.status_of(words, environment)
        except FileNotFoundError:
            say(f"fakestripe-meters: there is no command {words[0]}")
            return NOT_FOUND
        except OSError as error:
            say(f"fakestripe-meters: cannot run {words[0]}: {error.strerror or error}")
            return NOT_EXECUTABLE


class Signals:
    """Passes signals on to the command; before it runs, they end this process."""

    def __init__(self) -> None:
        self._starts = False
        self._waiting: list[int] = []
        self._process: subprocess.Popen[bytes] | None = None

    @contextmanager
    def passed_on(self) -> Iterator[None]:
        """Receive the signals. One that is ignored, as by `nohup`, stays so, here and in the command."""
        before = {each: signal.getsignal(each) for each in PASSED_ON}
        for each, handler in before.items():
            if handler is not signal.SIG_IGN:
                signal.signal(each, self._receive)
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    def status_of(self, words: Sequence[str], environment: Mapping[str, str]) -> int:
        """Run a command, and return its status as a shell does."""
        self._starts = True
        try:
            self._process = subprocess.Popen(words, env=environment)  # noqa: S603  it is what was asked for
            for number in self._waiting:
                self._process.send_signal(number)
            status = self._process.wait()
        finally:
            if self._process is not None and self._process.poll() is None:
                self._process.kill()
        return status if status >= 0 else BY_SIGNAL - status

    def _receive(self, number: int, _frame: FrameType | None) -> None:
        if not self._starts:
            sys.exit(BY_SIGNAL + number)
        if self._process is None:
            self._waiting.append(number)
        elif number not in OF_TERMINALS or not _is_in_foreground():
            self._process.send_signal(number)


def _is_in_foreground() -> bool:
    """Return whether a terminal tells the command as well, because it tells all processes in its foreground."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


def _path(start: Path) -> str:
    """Return where Python programs look for modules: first for our `sitecustomize`."""
    return os.pathsep.join(filter(None, [str(start), os.environ.get("PYTHONPATH")]))


@contextmanager
def _start_folder() -> Iterator[Path]:
    """Return the folder with our `sitecustomize`; a copy, if it is in an archive."""
    folder = files(CHILD)
    if isinstance(folder, Path):
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="fakestripe-meters-") as name:
        (Path(name) / MODULE).write_bytes((folder / MODULE).read_bytes())
        yield Path(name)


@contextmanager
def _trusting(secured: Secured | None) -> Iterator[dict[str, str]]:
    """Return the variables by which programs trust the certificate, besides all that they trust anyway."""
    if secured is None:
        yield {}
        return
    ours = secured.authority.certificate
    named = [os.environ.get(name) for name in (*TRUST, TRUST_MORE)]
    usual = [*named, ssl.get_default_verify_paths().cafile]
    texts = [_read(Path(name)) for name in dict.fromkeys(filter(None, usual))]
    with tempfile.TemporaryDirectory(prefix="fakestripe-meters-") as name:
        bundle = Path(name) / "trusted.pem"
        bundle.write_bytes(b"\n".join([ours.read_bytes(), *texts]))
        yield dict.fromkeys((*TRUST, TRUST_MORE), str(bundle))


def _read(file: Path) -> bytes:
    with suppress(OSError):
        return file.read_bytes()
    return b""
