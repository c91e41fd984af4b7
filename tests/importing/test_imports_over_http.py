"""`POST /_fakestripe/imports` takes a file as a form has it, or as the body; it is kept on disk, not in memory."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.importing.files import HEADER
from tests.importing.files import Shop

PATH = "/_fakestripe/imports"


@pytest.fixture
def url(shop: Shop) -> str:
    return f"{shop.fake.url}{PATH}"


@pytest.fixture
def content(shop: Shop) -> bytes:
    return f"{HEADER}\na,1738281000,tokens,{shop.ann},5\n".encode()


def posted(url: str, **given: Any) -> requests.Response:  # noqa: ANN401  what requests takes
    return requests.post(url, timeout=60, **given)


def test_a_form_has_the_file_and_the_other_parameters(shop: Shop, url: str, content: bytes) -> None:
    fields = {"account": shop.fake.api_key, "source": "dashboard"}
    answer = posted(url, files={"file": ("my usage.csv", content)}, data=fields)
    assert answer.status_code == 200
    imported = answer.json()
    assert imported == shop.fake.imports[0]
    assert (imported["filename"], imported["source"], imported["counted"]) == ("my usage.csv", "dashboard", 1)
    assert shop.used == 5


def test_a_body_is_the_file(shop: Shop, url: str, content: bytes) -> None:
    answer = posted(f"{url}?filename=a.csv&account={shop.fake.api_key}", data=content)
    assert answer.json()["counted"] == 1
    assert shop.used == 5


def test_the_query_may_go_with_a_form(shop: Shop, url: str, content: bytes) -> None:
    answer = posted(f"{url}?filename=b.csv&source=dashboard", files={"file": ("blob", content)})
    assert (answer.json()["filename"], answer.json()["source"]) == ("b.csv", "dashboard")
    assert shop.used == 5


@pytest.mark.parametrize("form", [True, False])
def test_a_large_body_may_come_in_chunks(shop: Shop, url: str, form: bool) -> None:
    row = f"{json.dumps(shop.record(1))}\n".encode()
    pieces = [row * 1_000] * 25
    if form:
        head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n'
        pieces = [head, *pieces, b"\r\n--x--\r\n"]

    def sent() -> Iterator[bytes]:
        yield from pieces

    kind = "multipart/form-data; boundary=x" if form else "application/octet-stream"
    answer = posted(f"{url}{'' if form else '?filename=a.jsonl'}", data=sent(), headers={"Content-Type": kind})
    assert answer.json()["counted"] == 25_000
    assert shop.used == 25_000


def test_imports_are_listed_of_all_accounts_or_of_one(shop: Shop, url: str, content: bytes) -> None:
    posted(f"{url}?filename=a.csv", data=content)
    posted(f"{url}?filename=b.csv&account=sk_test_other", data=content)
    names = [each["filename"] for each in requests.get(url, timeout=10).json()["data"]]
    assert sorted(names) == ["a.csv", "b.csv"]
    of_one = requests.get(url, params={"account": "sk_test_other"}, timeout=10).json()["data"]
    assert [each["filename"] for each in of_one] == ["b.csv"]
    assert shop.used == 5


FILE = ("a.csv", b"")


@pytest.mark.parametrize(
    ("query", "given", "param", "message"),
    [
        ("", {"data": b"x"}, "filename", "give the name of the file"),
        ("", {}, "filename", "give the name of the file"),
        ("?filename=a.csv&filename=b.csv", {"data": b"x"}, "filename", "filename is given more than once"),
        ("?filename=a.csv&nonsense=1", {"data": b"x"}, "nonsense", "unknown parameter 'nonsense'"),
        ("?filename=a.csv&content=1", {"data": b"x"}, "content", "content is the file itself"),
        ("?filename=a.csv&source=ftp", {"data": b"x"}, "source", "source must be s3 or dashboard"),
        ("?filename=a.csv&account=me", {"data": b"x"}, "account", "account must be a full test key"),
        ("", {"files": {"other": FILE}}, "file", "send one file, in the field 'file' of a form"),
        ("", {"files": [("file", FILE), ("file", FILE)]}, "file", "send one file, in the field 'file' of a form"),
        ("", {"files": {"file": FILE, "more": FILE}}, "file", "send one file, in the field 'file' of a form"),
        ("?source=s3", {"files": {"file": FILE}, "data": {"source": "s3"}}, "source", "source is given more than once"),
        ("", {"files": {"file": FILE}, "data": {"nonsense": "1"}}, "nonsense", "unknown parameter 'nonsense'"),
        ("", {"files": {"file": FILE}, "data": {"account": "x" * 200_000}}, "account", "account must be"),
        ("", {"files": {"file": FILE}, "data": {"account": "x" * 600_000}}, "file", "the file is larger than"),
        ("", {"data": b"--x", "headers": {"Content-Type": "multipart/form-data"}}, "file", "send one file"),
        ("", {"data": b"no", "headers": {"Content-Type": "multipart/form-data; boundary=x"}}, "file", "send one file"),
    ],
)
def test_a_wrong_call_is_refused_and_changes_nothing(  # noqa: PLR0917  parameters of a test
    shop: Shop, url: str, query: str, given: dict[str, Any], param: str, message: str
) -> None:
    before = shop.fake.snapshot()
    answer = posted(f"{url}{query}", **given)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["param"] == param
    assert message in answer.json()["error"]["message"]
    assert shop.fake.snapshot() == before


def test_another_sites_page_cannot_import(shop: Shop, url: str, content: bytes) -> None:
    answer = posted(f"{url}?filename=a.csv", data=content, headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 403
    assert shop.used == 0


def test_the_description_shows_how_to_send_a_file(shop: Shop) -> None:
    paths = requests.get(f"{shop.fake.url}/_fakestripe/openapi.json", timeout=60).json()["paths"]
    (kind, body), *others = paths[PATH]["post"]["requestBody"]["content"].items()
    assert (kind, others) == ("multipart/form-data", [])
    assert set(body["schema"]["properties"]) == {"file", "filename", "account", "source"}
    assert body["schema"]["properties"]["file"] == {"type": "string", "format": "binary"}
    contents = paths["/v1/files/{file}/contents"]["get"]["responses"]["200"]["content"]
    assert contents == {"text/csv": {"schema": {"type": "string", "format": "binary"}}}
