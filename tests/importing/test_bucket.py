"""The folder that stands for the S3 bucket: what is polled when, and what becomes of files."""

import errno
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse
from fakestripe_meters.bucket import polling
from fakestripe_meters.bucket.folder import Found
from fakestripe_meters.bucket.folder import listed
from fakestripe_meters.delivery.notification import Notification
from tests.conftest import DOORS
from tests.conftest import NOW
from tests.conftest import Call
from tests.pages import served

METER = {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
COPYING = "fakestripe_meters.bucket.polling.copyfile"
POLL_S, DAY_S, YEAR_S = 300, 86_400, 31_536_000
AT = 1_735_689_600
"""The present of a fake that has just begun."""


class Shop:
    """A fake with a bucket, a meter and a customer."""

    def __init__(self, fake: FakeStripe, folder: Path) -> None:
        self.fake, self.folder = fake, folder
        self.call = Call(DOORS["engine"], fake)
        self.begin()

    def begin(self) -> None:
        self.call.create("/v1/billing/meters", METER)
        self.customer: str = self.call.create("/v1/customers", {"name": "Ada"})["id"]

    def put(self, name: str, *values: int, age_s: float = 0) -> Path:
        """Write a usage file with a record for each value."""
        rows = [f"{AT},calls,{self.customer},{value}" for value in values]
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(["timestamp,event_name,payload_stripe_customer_id,payload_value", *rows, ""]))
        if age_s:
            os.utime(path, (time.time() - age_s,) * 2)
        return path

    def subscribe(self, interval: str) -> None:
        """Bill the customer every so often."""
        every = {"recurring": {"interval": interval}, "product_data": {"name": "Plan"}}
        price = self.call.create("/v1/prices", {"currency": "usd", "unit_amount": 5, **every})["id"]
        self.call.create("/v1/subscriptions", {"customer": self.customer, "items": [{"price": price}]})

    def poll(self) -> None:
        self.fake.clock.advance(POLL_S)

    @property
    def usage(self) -> Any:  # noqa: ANN401  a number, which is another each time
        return self.fake.usage("calls", self.customer)

    @property
    def left(self) -> Any:  # noqa: ANN401  names and reasons, likewise
        return {each["name"]: each["reason"] for each in self.fake.bucket["left"]}

    @property
    def files(self) -> Any:  # noqa: ANN401  likewise
        """The names of the files that were imported, oldest first."""
        return [each["filename"] for each in self.fake.control.imports()][::-1]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with FakeStripe(now=NOW, bucket=tmp_path, limits="off") as fake:
        yield Shop(fake, tmp_path)
        fake.check()


# When


def test_a_new_file_is_imported_within_five_minutes(shop: Shop) -> None:
    shop.put("usage.csv", 5, 6)
    shop.fake.clock.advance(POLL_S - 1)
    assert shop.usage == 0
    shop.fake.clock.advance(1)
    assert shop.usage == 11
    (done,) = shop.fake.control.imports()
    assert (done["filename"], done["source"], done["records"]) == ("usage.csv", "s3", 2)
    assert done["created"] == AT + POLL_S


def test_a_file_is_imported_once_until_it_is_changed(shop: Shop) -> None:
    path = shop.put("usage.csv", 5)
    shop.fake.clock.advance(DAY_S)
    assert shop.usage == 5
    shop.put("usage.csv", 100)
    shop.poll()
    assert shop.usage == 105
    os.utime(path, (AT, AT))  # also back in time, as a copy of an older file
    shop.poll()
    assert shop.usage == 205
    assert shop.files == ["usage.csv"] * 3


def test_the_first_poll_leaves_out_what_is_older_than_ninety_days_and_says_so(shop: Shop) -> None:
    shop.put("old.csv", 5, age_s=91 * DAY_S)
    shop.put("young.csv", 7, age_s=89 * DAY_S)
    shop.poll()
    assert shop.usage == 7
    assert shop.left == {"old.csv": polling.TOO_OLD}
    shop.put("later.csv", 11, age_s=91 * DAY_S)
    shop.poll()
    assert shop.usage == 18
    assert shop.left == {"old.csv": polling.TOO_OLD}
    shop.put("old.csv", 13)
    shop.poll()
    assert (shop.usage, shop.left) == (31, {})


def test_a_poll_takes_fifty_files_the_oldest_first_and_the_next_one_the_rest(shop: Shop) -> None:
    for number in range(120):
        shop.put(f"{number:03}.csv", 1, age_s=10_000 - number)
    shop.poll()
    assert (shop.usage, shop.files) == (50, [f"{number:03}.csv" for number in range(50)])
    assert set(shop.left.values()) == {polling.WAITS}
    assert len(shop.left) == 70
    shop.poll()
    assert shop.usage == 100
    shop.poll()
    assert (shop.usage, shop.left) == (120, {})
    assert [each["created"] for each in shop.fake.control.imports()][::-1] == [
        AT + POLL_S * poll for poll in [1] * 50 + [2] * 50 + [3] * 20
    ]


def test_a_poll_takes_ten_gigabytes(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "MOST_BYTES", 250)
    for number in range(3):
        assert shop.put(f"{number}.csv", 1, age_s=100 - number).stat().st_size == 100
    shop.put("large.csv", *[1] * 100)
    shop.fake.clock.advance(POLL_S)
    assert shop.usage == 2
    shop.fake.clock.advance(POLL_S)
    assert shop.usage == 3
    shop.fake.clock.advance(POLL_S)
    assert shop.usage == 103


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """How often polls have looked into the folder."""
    looks: list[Path] = []

    def looked(folder: Path) -> tuple[list[Found], dict[str, str]]:
        looks.append(folder)
        return listed(folder)

    monkeypatch.setattr("fakestripe_meters.bucket.polling.listed", looked)
    return looks


def test_years_with_an_idle_bucket_pass_without_a_look_at_it(shop: Shop, looks: list[Path]) -> None:
    shop.fake.clock.advance(20 * YEAR_S)
    assert len(looks) <= 3
    shop.put("usage.csv", 5)
    shop.fake.clock.advance(YEAR_S)
    assert shop.fake.control.imports()[0]["created"] == AT + 20 * YEAR_S + POLL_S
    assert len(looks) <= 6


def test_billing_alone_is_no_reason_for_a_look_at_an_idle_bucket(shop: Shop, looks: list[Path]) -> None:
    shop.subscribe("day")
    shop.fake.clock.advance(60 * DAY_S)
    assert len(shop.call.get("/v1/invoices", {"limit": 100}).json["data"]) == 61
    assert len(looks) <= 3
    shop.fake.webhooks.collect("invoice.created")
    shop.fake.clock.advance(60 * DAY_S)
    assert len(looks) > 60


def test_a_file_that_a_receiver_of_webhooks_writes_is_taken_by_the_next_poll(shop: Shop) -> None:
    """Nothing else can write one while the clock is being moved: so polls between are left out."""
    shop.subscribe("month")

    def write(hook: Notification) -> None:
        shop.put(f"{hook.json['id']}.csv", 1)

    url = "http://localhost/hooks"
    shop.call.create("/v1/webhook_endpoints", {"url": url, "enabled_events": ["invoice.created"]})
    shop.fake.webhooks.stand_in(url, write)
    shop.fake.clock.advance(70 * DAY_S)
    moments = [each["created"] for each in shop.fake.control.imports()][::-1]
    cycles = [AT + 31 * DAY_S, AT + 59 * DAY_S]
    assert [(moment - cycle) // POLL_S for moment, cycle in zip(moments, cycles, strict=True)] == [0, 0]


@pytest.fixture
def looked_into(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set when a poll has looked into the folder."""
    looked_into = threading.Event()

    def looked(folder: Path) -> tuple[list[Found], dict[str, str]]:
        looked_into.set()
        return listed(folder)

    monkeypatch.setattr("fakestripe_meters.bucket.polling.listed", looked)
    return looked_into


def run_up_to_the_next_poll(fake: FakeStripe) -> None:
    """Advance a clock that runs until just before a poll, which then comes by itself."""
    left_s = (fake.bucket["next_poll"] or 0) - fake.clock.now_ns() / 1e9
    fake.clock.advance(max(left_s - 0.2, 0))


def test_a_clock_that_runs_from_the_start_polls_by_itself(tmp_path: Path, looked_into: threading.Event) -> None:
    with FakeStripe(bucket=tmp_path) as fake:
        run_up_to_the_next_poll(fake)
        assert looked_into.wait(60)


def test_a_clock_that_is_let_run_polls_by_itself(tmp_path: Path, looked_into: threading.Event) -> None:
    with FakeStripe(now=NOW, bucket=tmp_path) as fake:
        fake.clock.resume()
        run_up_to_the_next_poll(fake)
        assert looked_into.wait(60)


@pytest.mark.parametrize(
    "again",
    [
        FakeStripe.reset,
        lambda fake: fake.begin(bucket=fake.bucket["folder"]),
        lambda fake: fake.restore(fake.snapshot()),
    ],
    ids=["reset", "begin", "restore"],
)
def test_after_a_new_start_the_clock_polls_by_itself(
    tmp_path: Path, looked_into: threading.Event, again: Callable[[FakeStripe], None]
) -> None:
    with FakeStripe(bucket=tmp_path) as fake:
        again(fake)
        run_up_to_the_next_poll(fake)
        assert looked_into.wait(60)


def test_a_running_clock_that_is_advanced_polls_on_the_way(tmp_path: Path) -> None:
    with FakeStripe(bucket=tmp_path) as fake:
        shop = Shop(fake, tmp_path)
        collected = fake.webhooks.collect("data_management.import_set.succeeded")
        row = f"{fake.clock.now()},calls,{shop.customer},5"
        (tmp_path / "usage.csv").write_text(f"timestamp,event_name,payload_stripe_customer_id,payload_value\n{row}\n")
        fake.clock.advance(POLL_S)
        assert shop.usage == 5
        assert len(collected) == 1


def test_the_agenda_has_the_next_poll(shop: Shop) -> None:
    (row,) = shop.fake.agenda()
    assert (row["what"], row["at"]) == ("bucket is polled", AT + POLL_S)
    assert shop.fake.bucket["next_poll"] == AT + POLL_S
    shop.poll()
    assert shop.fake.bucket["next_poll"] == AT + 2 * POLL_S
    shop.call.post("/v1/customers", key="sk_test_another")
    assert [each["what"] for each in shop.fake.agenda(account="sk_test_another")] == []
    assert [each["what"] for each in shop.fake.agenda(account=shop.fake.api_key)] == ["bucket is polled"]


def test_a_frozen_clock_that_goes_back_polls_from_there(tmp_path: Path) -> None:
    with FakeStripe(now=NOW, bucket=tmp_path) as fake:
        fake.clock.freeze("2024-06-01T00:00:00Z")
        assert fake.bucket["next_poll"] == fake.clock.now() + POLL_S


# What


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("notes.txt", "its name does not end with .csv, .json or .jsonl"),
        ("usage.csv.part", "its name does not end with .csv, .json or .jsonl"),
        ("README", "its name does not end with .csv, .json or .jsonl"),
        (".usage.csv", "its name, or that of a folder that it is in, begins with a dot"),
    ],
)
def test_what_is_no_usage_file_is_left_with_a_reason(shop: Shop, name: str, reason: str) -> None:
    shop.put(name, 5)
    shop.fake.clock.advance(DAY_S)
    assert (shop.usage, shop.left, shop.files) == (0, {name: reason}, [])


def test_files_in_folders_below_count_and_hidden_folders_do_not(shop: Shop) -> None:
    shop.put("2025/01/usage.jsonl.csv", 5)
    shop.put(".git/usage.csv", 7)
    shop.poll()
    assert (shop.usage, shop.files) == (5, ["2025/01/usage.jsonl.csv"])
    assert list(shop.left) == [".git"]


def test_links_within_the_folder_count_and_those_out_of_it_do_not(shop: Shop, tmp_path_factory: Any) -> None:  # noqa: ANN401
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    secret = elsewhere / "secret.csv"
    shutil.copy(shop.put("usage.csv", 5), secret)
    (shop.folder / "usage.csv").rename(shop.folder / "real.csv")
    (shop.folder / "secret.csv").symlink_to(secret)
    (shop.folder / "below").symlink_to(elsewhere)
    (shop.folder / "linked.csv").symlink_to(shop.folder / "real.csv")
    (shop.folder / "broken.csv").symlink_to("nothing.csv")
    (shop.folder / "loop").symlink_to(".")
    shop.poll()
    assert sorted(shop.files) == ["linked.csv", "real.csv"]
    assert shop.left == {
        "secret.csv": "it is a link that leads out of the folder",
        "below": "it is a link that leads out of the folder",
        "broken.csv": "it is a link to nothing",
        "loop": "it is a link to a folder, and those are not followed",
    }


def test_a_pipe_is_not_waited_for(shop: Shop) -> None:
    os.mkfifo(shop.folder / "pipe.csv")
    shop.poll()
    assert shop.left == {"pipe.csv": "it is not a file, but a device, a pipe or a socket"}


def test_a_name_that_is_no_text_is_told(shop: Shop) -> None:
    os.close(os.open(os.fsencode(shop.folder) + b"/\xff.csv", os.O_CREAT))
    shop.poll()
    assert shop.left == {"\\xff.csv": "its name is not valid UTF-8"}


def test_a_file_that_is_changed_while_it_is_read_waits(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    path = shop.put("usage.csv", 5)
    copy = shutil.copyfile

    def copied(*paths: Path) -> None:
        copy(*paths)
        with path.open("a") as file:
            file.write(f"{AT},calls,{shop.customer},7\n")

    monkeypatch.setattr(COPYING, copied)
    shop.poll()
    assert (shop.usage, shop.left) == (0, {"usage.csv": polling.CHANGED})
    monkeypatch.undo()
    shop.poll()
    assert (shop.usage, shop.left, shop.files) == (12, {}, ["usage.csv"])


@pytest.mark.parametrize(("number", "words"), [(errno.EACCES, "Permission denied"), (errno.EIO, "Input/output error")])
def test_a_file_that_cannot_be_read_is_tried_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    shop.put("usage.csv", 5)

    def copied(*_paths: Path) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(COPYING, copied)
    shop.fake.clock.advance(DAY_S)
    assert (shop.usage, shop.left) == (0, {"usage.csv": f"it cannot be read: {words}"})
    monkeypatch.undo()
    shop.poll()
    assert (shop.usage, shop.left) == (5, {})


def test_a_file_that_vanishes_is_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    path = shop.put("usage.csv", 5)
    shop.put("other.csv", 7)
    copy = shutil.copyfile

    def copied(original: Path, to: Path) -> None:
        path.unlink(missing_ok=True)
        copy(original, to)

    monkeypatch.setattr(COPYING, copied)
    shop.poll()
    assert (shop.usage, shop.files) == (7, ["other.csv"])
    shop.poll()
    assert shop.left == {}


def test_a_link_to_itself_leads_to_nothing(shop: Shop) -> None:
    (shop.folder / "loop.csv").symlink_to("loop.csv")
    shop.poll()
    assert shop.left == {"loop.csv": "it is a link to nothing"}


@pytest.mark.parametrize(("number", "left"), [(errno.EACCES, {"below/": "Permission denied"}), (errno.ENOENT, {})])
def test_a_folder_below_that_cannot_be_read_is_told_unless_it_has_vanished(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, number: int, left: dict[str, str]
) -> None:
    shop.put("below/usage.csv", 5)
    shop.put("usage.csv", 7)
    scandir = os.scandir

    def scanned(path: Any) -> Any:  # noqa: ANN401  as the standard library's
        if path == shop.folder / "below":
            raise OSError(number, os.strerror(number))
        return scandir(path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", scanned)
        shop.poll()
    assert shop.usage == 7
    assert shop.left == {name: f"it cannot be read: {words}" for name, words in left.items()}
    shop.poll()
    assert (shop.usage, shop.left) == (12, {})


def test_a_file_of_more_than_a_gigabyte_fails_without_being_read(shop: Shop) -> None:
    (shop.folder / "large.csv").touch()
    os.truncate(shop.folder / "large.csv", 2**30 + 1)
    shop.put("usage.csv", 5)
    shop.poll()
    (large,) = [each for each in shop.fake.imports if each["filename"] == "large.csv"]
    assert (large["status"], large["failed_reason"]) == ("failed", "The file is larger than 1 GB.")
    assert shop.usage == 5


def test_a_receiver_that_resets_the_account_ends_the_poll_and_the_next_one_begins_again(shop: Shop) -> None:
    for number in range(3):
        shop.put(f"{number}.csv", 1, age_s=100 - number)
    resets = ["once"]

    def reset(_: Notification) -> None:
        if resets:
            resets.pop()
            shop.fake.control.reset(shop.fake.api_key)

    shop.fake.webhooks.deliver_to(reset, "data_management.import_set.succeeded")
    shop.poll()
    shop.begin()
    shop.poll()
    assert shop.files == ["0.csv", "1.csv", "2.csv"]


def test_a_folder_that_vanishes_is_told_and_may_come_back(shop: Shop) -> None:
    shop.put("usage.csv", 5)
    shutil.rmtree(shop.folder)
    shop.fake.clock.advance(DAY_S)
    assert shop.left == {str(shop.folder): "it cannot be read: No such file or directory"}
    shop.folder.mkdir()
    shop.put("usage.csv", 6)
    shop.poll()
    assert (shop.usage, shop.left) == (6, {})


# The option


@pytest.mark.parametrize("folder", ["", "/nowhere/at/all", 5, b"\0", "a\0b", "x" * 5000, ["."], True])
def test_what_is_no_folder_is_refused(folder: Any) -> None:  # noqa: ANN401
    with pytest.raises(Misuse, match="bucket must be the path of a folder that is there"):
        FakeStripe(bucket=folder)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "usage.csv").touch()
    with pytest.raises(Misuse, match="bucket must be the path of a folder that is there"):
        FakeStripe(bucket=tmp_path / "usage.csv")


def test_without_a_bucket_nothing_is_polled() -> None:
    with FakeStripe(now=NOW) as fake:
        fake.clock.advance(DAY_S)
        assert fake.bucket == {"folder": None, "next_poll": None, "imported": 0, "left": []}
        assert fake.agenda() == []


# The state


def test_a_reset_imports_the_files_again(shop: Shop) -> None:
    shop.put("usage.csv", 5)
    shop.poll()
    shop.fake.reset()
    shop.begin()
    shop.put("usage.csv", 5)
    shop.poll()
    assert shop.usage == 5


def test_a_state_knows_which_files_are_in_it(shop: Shop) -> None:
    shop.put("first.csv", 5)
    shop.poll()
    state = shop.fake.snapshot()
    shop.put("second.csv", 7)
    shop.poll()
    assert shop.usage == 12
    shop.fake.restore(state)
    assert shop.usage == 5
    shop.poll()
    assert shop.usage == 12


def test_a_state_brings_no_bucket_with_it_and_takes_none_away(shop: Shop, tmp_path: Path) -> None:
    shop.put("usage.csv", 5)
    shop.poll()
    with FakeStripe(now=NOW) as other:
        nothing = other.snapshot()
        other.restore(shop.fake.snapshot())
        assert other.bucket["folder"] is None
        other.clock.advance(DAY_S)
        assert other.usage("calls", shop.customer) == 5
    shop.fake.restore(nothing)
    assert shop.fake.bucket["folder"] == str(tmp_path)


# The command line


def test_the_command_takes_a_folder(tmp_path: Path) -> None:
    row = "event_name,timestamp,payload_stripe_customer_id,payload_value\ncalls,1735689600,cus_nobody,5\n"
    (tmp_path / "usage.csv").write_text(row)
    with served(f"fakestripe-meters serve --now 2025-01-01 --bucket {tmp_path}") as url:
        client = requests.Session()
        client.trust_env = False
        bucket = client.get(f"{url}/_fakestripe/bucket").json()
        assert bucket == {"folder": str(tmp_path), "next_poll": AT + POLL_S, "imported": 0, "left": []}
        client.post(f"{url}/_fakestripe/clock", json={"advance": POLL_S}).raise_for_status()
        (done,) = client.get(f"{url}/_fakestripe/imports").json()["data"]
        assert (done["filename"], done["dropped"]) == ("usage.csv", 1)
        client.close()


def test_the_command_refuses_a_folder_that_is_not_there(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "fakestripe_meters", "serve", "--port", "0", "--bucket", str(tmp_path / "exports")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "bucket must be the path of a folder that is there" in done.stderr
    assert "Traceback" not in done.stderr
