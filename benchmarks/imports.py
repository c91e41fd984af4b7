"""How quickly usage files are imported, and how much memory that takes beside the usage itself.

    python -m benchmarks.imports

Each file is imported into a world of its own, and all of its records count. It is the process's own time that counts,
and the comparison with the stream takes turns.
"""

import csv
import json
import tempfile
import tracemalloc
from collections.abc import Callable
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from time import process_time
from typing import TextIO

from benchmarks import bars
from benchmarks.business import METERS
from benchmarks.business import START
from benchmarks.business import Business
from benchmarks.figures import Figure
from benchmarks.figures import Size
from benchmarks.figures import Work
from benchmarks.figures import compare_prepared
from benchmarks.figures import duration
from benchmarks.figures import show
from benchmarks.stream import EACH
from benchmarks.stream import Sender

COLUMNS = ("identifier", "timestamp", "event_name", "payload_stripe_customer_id", "payload_value")
CUSTOMERS = 100
Row = tuple[str, int, str, str, int]


def measure(size: Size) -> Iterator[Figure]:
    """Yield every figure."""
    records = size.pick(1_000_000, 20_000)
    with tempfile.TemporaryDirectory() as folder:
        for ending, figure in (("csv", bars.IMPORT_CSV), ("json", bars.IMPORT_JSON), ("jsonl", bars.IMPORT_LINES)):
            yield rate(figure, Path(folder) / f"usage.{ending}", records)
        yield memory(Path(folder) / "usage.jsonl", size.pick(200_000, 20_000))
        yield beside_the_stream(Path(folder), size.pick(500, 10), size.pick(7, 2))


class Shop:
    """A meter and its customers."""

    def __init__(self, customers: int = CUSTOMERS) -> None:
        self.business = Business()
        meter = {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
        self.business.post(METERS, meter)
        self.customers = [self.business.post("/v1/customers", {"name": "Ann"})["id"] for _ in range(customers)]

    def rows(self, count: int) -> Iterator[Row]:
        """So many records, a second after one another, of the last days."""
        for number in range(count):
            at = START - (count - number) % 2_000_000
            yield f"record-{number}", at, "calls", self.customers[number % len(self.customers)], number % 1_000

    def take(self, path: Path, count: int) -> None:
        """Import a file all of whose records count."""
        imported = self.business.fake.import_usage(path)
        assert (imported["status"], imported["counted"]) == ("succeeded", count), imported


def write(path: Path, rows: Iterator[Row]) -> None:
    """Write a file of the kind that its name says."""
    with path.open("w", encoding="utf-8", newline="") as file:
        WRITERS[path.suffix](file, rows)


def _csv(file: TextIO, rows: Iterator[Row]) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)


def _objects(rows: Iterator[Row]) -> Iterator[str]:
    for identifier, timestamp, name, customer, value in rows:
        payload = {"stripe_customer_id": customer, "value": value}
        record = {"identifier": identifier, "timestamp": timestamp, "event_name": name, "payload": payload}
        yield json.dumps(record)


def _lines(file: TextIO, rows: Iterator[Row]) -> None:
    file.writelines(f"{each}\n" for each in _objects(rows))


def _array(file: TextIO, rows: Iterator[Row]) -> None:
    file.writelines(f"{',' if number else '['}\n{each}" for number, each in enumerate(_objects(rows)))
    file.write("\n]\n")


WRITERS: dict[str, Callable[[TextIO, Iterator[Row]], None]] = {".csv": _csv, ".json": _array, ".jsonl": _lines}


def rate(figure: Figure, path: Path, count: int) -> Figure:
    """Records a second of one file."""
    shop = Shop()
    write(path, shop.rows(count))
    began = process_time()
    shop.take(path, count)
    each = (process_time() - began) / count * 1e6
    path.unlink()
    return figure.measured(1e6 / each, f"{duration(each)} a record")


def memory(path: Path, count: int) -> Figure:
    """What an import has in memory at most, less what is left afterwards."""
    shop = Shop()
    write(path, shop.rows(count))
    shop.take(path, count)  # what is loaded late is loaded
    shop = Shop()
    write(path, shop.rows(count))
    tracemalloc.start()
    shop.take(path, count)
    left, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    path.unlink()
    return bars.IMPORT_MEMORY.measured((peak - left) / 1e6, f"{left / 1e6:.0f} MB of usage")


def beside_the_stream(folder: Path, calls: int, rounds: int) -> Figure:
    """As much usage of one customer as a file, and as calls of the stream."""
    path, count = folder / "usage.jsonl", calls * EACH

    def imported() -> Work:
        shop = Shop(customers=1)
        write(path, shop.rows(count))
        return partial(shop.take, path, count)

    def streamed() -> Work:
        sender = Sender()
        return partial(sender.handle, sender.bodies(calls))

    took = compare_prepared({"file": imported, "stream": streamed}, rounds=rounds, clock=process_time)
    return bars.IMPORT_STREAM.ratio(took["file"] / count, took["stream"] / count)


if __name__ == "__main__":
    show(measure)
