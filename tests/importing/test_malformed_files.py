"""Usage files that something is wrong with: whatever the door, a sentence says what, and nothing of it counts."""

import re
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from fakestripe_meters import FakeStripe
from tests.conftest import DOORS
from tests.conftest import NOW
from tests.conftest import Call
from tests.importing import malformed
from tests.importing.malformed import Malformed
from tests.importing.sending import form

WHOLE, RECORDS, DROPPED = malformed.whole_files(), malformed.records(), malformed.dropped()
MEANWHILE = {"bucket", "data_management.import_sets", "events", "events.deliveries", "files"}
"""The parts of an account in which an import that has failed is noted."""
METER = {
    "display_name": "Calls",
    "event_name": "calls",
    "default_aggregation": {"formula": "sum"},
}
Door = Callable[["World", Malformed], dict[str, Any]]


class World:
    """A fake with a meter, a customer and some usage."""

    def __init__(self, fake: FakeStripe) -> None:
        self.fake = fake
        self.call = Call(DOORS["engine"], fake)
        self.call.create("/v1/billing/meters", METER)
        self.customer: str = self.call.create("/v1/customers")["id"]
        payload = {"stripe_customer_id": self.customer, "value": "7"}
        self.call.create("/v1/billing/meter_events", {"event_name": "calls", "payload": payload})
        self.client = Client(fake.wsgi_app, use_cookies=False)

    def state(self) -> dict[str, Any]:
        """All that counts: what a snapshot has, without the notes on imports."""
        (account,) = self.fake.snapshot()["accounts"]
        return {name: part for name, part in account["parts"].items() if name not in MEANWHILE}

    def usage(self) -> Any:  # noqa: ANN401  a number
        return self.fake.usage("calls", self.customer)

    def last(self) -> dict[str, Any]:
        """The newest import."""
        return dict(self.fake.control.imports()[0])

    def error_file(self, done: dict[str, Any]) -> str:
        contents = self.call.get(f"/v1/files/{done['error_file']}/contents")
        assert contents.status == 200
        return contents.body.decode()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bucket")


@pytest.fixture(scope="module")
def world(folder: Path) -> Iterator[World]:
    with FakeStripe(now=NOW, bucket=folder, limits="off") as fake:
        yield World(fake)
        fake.check()


@pytest.fixture(scope="module")
def dropping() -> Iterator[World]:
    """Another one, because what is dropped is told later."""
    with FakeStripe(now=NOW, limits="off") as fake:
        yield World(fake)
        fake.check()


def by_bytes(world: World, file: Malformed) -> dict[str, Any]:
    return dict(world.fake.import_usage(file.of(world.customer), filename=file.filename))


def by_body(world: World, file: Malformed) -> dict[str, Any]:
    answer = world.client.post(
        "/_fakestripe/imports", query_string={"filename": file.filename}, data=file.of(world.customer)
    )
    assert answer.status_code == 200, answer.text
    return dict(answer.json or {})


def by_form(world: World, file: Malformed) -> dict[str, Any]:
    answer = world.client.post("/_fakestripe/imports", **form(file.of(world.customer), file.filename))
    assert answer.status_code == 200, answer.text
    return dict(answer.json or {})


DOORS_IN: dict[str, Door] = {"bytes": by_bytes, "body": by_body, "form": by_form}


@pytest.mark.parametrize("door", DOORS_IN)
@pytest.mark.parametrize("name", WHOLE)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(world: World, name: str, door: str) -> None:
    file, before = WHOLE[name], world.state()
    done = DOORS_IN[door](world, file)
    assert (done["status"], done["records"], done["errors"], done["error_file"]) == ("failed", 0, 0, None)
    assert file.says in done["failed_reason"]
    assert is_a_sentence(done["failed_reason"])
    assert world.state() == before
    failed = world.call.get("/v1/events", {"type": "data_management.import_set.failed", "limit": 1}).json["data"]
    assert failed[0]["data"]["object"]["failed_reason"] == done["failed_reason"]


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_that_cannot_be_read_is_in_the_error_file(world: World, name: str) -> None:
    file, before = RECORDS[name], world.state()
    done = by_bytes(world, file)
    assert (done["status"], done["records"], done["errors"]) == ("succeeded_with_errors", 1, 1)
    told = world.error_file(done)
    assert file.says in told
    assert world.state() == before


@pytest.mark.parametrize("name", DROPPED)
def test_a_record_that_does_not_count_is_dropped_with_its_code(dropping: World, name: str) -> None:
    file, before = DROPPED[name], dropping.usage()
    known = len(dropping.fake.dropped_events)
    done = by_bytes(dropping, file)
    assert (done["status"], done["records"], done["errors"], done["dropped"]) == ("succeeded", 1, 0, 1)
    (dropped,) = dropping.fake.dropped_events[known:]
    assert file.says in dropped.code
    assert dropping.usage() == before


ON_DISK = [name for name, file in WHOLE.items() if re.fullmatch(r"usage\.(csv|json|jsonl)", file.filename)]


@pytest.mark.parametrize("name", ON_DISK)
def test_the_bucket_says_the_same(world: World, folder: Path, name: str) -> None:
    file, before = WHOLE[name], world.state()
    (folder / file.filename).write_bytes(file.of(world.customer))
    world.fake.clock.advance(300)
    done = world.last()
    assert (done["status"], done["source"], done["filename"]) == ("failed", "s3", file.filename)
    assert file.says in done["failed_reason"]
    assert world.state() == before
    (folder / file.filename).unlink()


UPLOADED = [name for name, file in WHOLE.items() if file.filename == "usage.csv"]


@pytest.mark.parametrize("name", UPLOADED)
def test_the_page_shows_the_same_sentence(world: World, name: str) -> None:
    file, before = WHOLE[name], world.state()
    account = world.fake.control.listed_accounts()[0]["id"]
    sent = form(file.of(world.customer), file.filename, account=account, do="upload")
    answer = world.client.post("/_fakestripe/page/imports", follow_redirects=True, **sent)
    assert answer.status_code == 200
    told = re.search(r'<p class="notice bad" role="status" data-told="\w+">(.*)', answer.text)
    assert told is not None
    assert world.last()["source"] == "dashboard"
    assert file.says.replace("'", "&#39;") in answer.text
    assert world.state() == before


@pytest.mark.parametrize("kind", malformed.KINDS)
def test_wherever_a_file_ends_nothing_is_made_up(dropping: World, kind: str) -> None:
    records = [malformed.GOOD | {"identifier": f"{kind}{number}"} for number in range(3)]
    cells = [{"identifier": each["identifier"]} for each in records]
    whole = malformed.rows(*cells) if kind == "csv" else malformed.of_kind(kind, *records)
    content = whole.replace("CUSTOMER", dropping.customer).encode()
    for place in range(len(content)):
        before = dropping.usage()
        done = dropping.fake.import_usage(content[:place], filename=f"usage.{kind}")
        assert dropping.usage() - before == 5 * done["counted"]
        assert done["status"] != "failed" or (done["failed_reason"] and not done["counted"])
    dropping.fake.import_usage(content, filename=f"usage.{kind}")
    assert {each["identifier"] for each in records} <= {
        each.identifier for each in dropping.fake.explain("calls", dropping.customer).events
    }


def is_a_sentence(text: str) -> bool:
    return bool(re.fullmatch(r"[A-Z].*[.\w']", text, re.DOTALL)) and len(text) < 500 and text.isprintable()


def test_there_are_more_than_a_hundred() -> None:
    assert len(WHOLE) > 100
    assert len(RECORDS) + len(DROPPED) > 100
