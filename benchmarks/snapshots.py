"""How long a snapshot of a million usage events takes through HTTP, and how much memory.

    python -m benchmarks.snapshots

It needs Linux. The server is in this process; the client keeps nothing but a file.
"""

import resource
import shutil
import tempfile
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter
from urllib.parse import urlsplit

from benchmarks import bars
from benchmarks.business import KEY
from benchmarks.business import START
from benchmarks.business import Business
from benchmarks.figures import Figure
from benchmarks.figures import Size
from benchmarks.figures import show
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.usage_event import Origin

SNAPSHOT = "/_fakestripe/snapshot"
MODELS = ("large", "small", "tiny")
MEGABYTE = 1_000_000


def measure(size: Size) -> Iterator[Figure]:
    """Yield every figure."""
    business, events = Business(), size.pick(1_000_000, 10_000)
    fill(business, events)
    with business.fake as fake, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "snapshot.json"
        address = urlsplit(fake.url).netloc
        before = peak_bytes()
        took_s = fetch(address, path)
        yield bars.SNAPSHOT_SIZE.measured(path.stat().st_size / events)
        yield bars.SNAPSHOT_GET.measured(took_s)
        yield bars.SNAPSHOT_GET_MEMORY.measured((peak_bytes() - before) / MEGABYTE)
        took_s = put(address, path)
        yield bars.SNAPSHOT_PUT.measured(took_s)
        yield bars.SNAPSHOT_PUT_MEMORY.measured((peak_bytes() - before) / MEGABYTE, "with the new world")


def fill(business: Business, events: int) -> None:
    """Take in usage as it comes without identifiers: each event gets a UUID."""
    account = business.fake.engine.world.account(KEY)
    intake = account.part(Intake)
    origins = [Origin(business.customer, (model,), business.meter) for model in MODELS]
    for number in range(events):
        account.now_ns = (START + number) * 10**9
        intake.accept(account, origins[number % 3], account.ids.uuid(), START + number - 3, number % 5_000)


def fetch(address: str, path: Path) -> float:
    """GET the snapshot into a file, and return the seconds that it took."""
    began = perf_counter()
    connection = HTTPConnection(address)
    connection.request("GET", SNAPSHOT)
    with path.open("wb") as file:
        shutil.copyfileobj(connection.getresponse(), file)
    connection.close()
    return perf_counter() - began


def put(address: str, path: Path) -> float:
    """PUT the snapshot back from the file, and return the seconds that it took."""
    began = perf_counter()
    connection = HTTPConnection(address)
    with path.open("rb") as file:
        connection.request("PUT", SNAPSHOT, file, {"Content-Length": str(path.stat().st_size)})
    status = connection.getresponse().status
    connection.close()
    assert status == 200, status
    return perf_counter() - began


def peak_bytes() -> int:
    """Return the most memory this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    show(measure)
