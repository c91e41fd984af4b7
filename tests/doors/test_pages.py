"""Pages over HTTP: who may read and use them, what their headers say, and what they answer if something is wrong."""

import re
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.test import Client
from werkzeug.test import TestResponse

from fakestripe_meters import FakeStripe
from tests.conftest import DOORS
from tests.conftest import NOW
from tests.conftest import Call

HOSTILE = "</title><script>alert(1)</script><img src=x onerror=alert(2)>\x1b[31m'\"&"
NAVIGATION = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
ELSEWHERE = "http://elsewhere.example"


class Visitor:
    """A browser, as far as HTTP goes."""

    def __init__(self, fake: FakeStripe) -> None:
        self.fake = fake
        self.client = Client(fake.wsgi_app, use_cookies=False)
        self.call = Call(DOORS["engine"], fake)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path: str, form: dict[str, str], **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(path, data=form, headers=named)

    def invoice(self, **customer: Any) -> str:  # noqa: ANN401  parameters
        """The id of an open invoice of $12.34."""
        owner = self.call.create("/v1/customers", customer)["id"]
        invoice: str = self.call.create("/v1/invoices", {"customer": owner})["id"]
        item = {"customer": owner, "amount": 1234, "currency": "usd", "invoice": invoice, "description": HOSTILE}
        self.call.create("/v1/invoiceitems", item)
        self.call.create(f"/v1/invoices/{invoice}/finalize", {"auto_advance": False})
        return invoice


def address(invoice: str) -> str:
    return f"/_fakestripe/page/invoices/{invoice}"


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with FakeStripe(now=NOW) as fake:
        yield fake


@pytest.fixture
def visitor(fake: FakeStripe) -> Visitor:
    return Visitor(fake)


def policy(response: TestResponse) -> dict[str, str]:
    given = response.headers["Content-Security-Policy"].split("; ")
    return dict(each.partition(" ")[::2] for each in given)


def test_a_page_lets_nothing_in_but_its_own_style(visitor: Visitor) -> None:
    response = visitor.get(address(visitor.invoice(name="Ada")))
    (style,) = re.findall("<style>(.*?)</style>", response.text, re.DOTALL)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert policy(response) == {
        "default-src": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "style-src": f"'sha256-{digest}'",
        "img-src": "data:",
        "form-action": "'self'",
    }
    assert "<script" not in response.text
    assert not re.search(r"\sstyle=|\son\w+=", re.sub(r"&lt;.*?&gt;", "", response.text))


def test_a_page_is_neither_kept_nor_framed_nor_told_to_others(visitor: Visitor) -> None:
    headers = visitor.get(address(visitor.invoice())).headers
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in headers


def test_a_page_says_that_it_is_a_fake_and_what_time_it_is(visitor: Visitor) -> None:
    text = visitor.get(address(visitor.invoice())).text
    assert "a fake: no money moves" in text
    assert 'data-clock-now="1735689600"' in text
    assert "Wed, Jan 1, 2025, 00:00:00 UTC" in text


def test_hostile_names_are_shown_and_do_nothing(visitor: Visitor) -> None:
    text = visitor.get(address(visitor.invoice(name=HOSTILE, email="a@b.c"))).text
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 2
    assert "<script" not in text
    assert "<img" not in text
    assert "\x1b" not in text


def test_keys_in_names_are_masked(visitor: Visitor) -> None:
    text = visitor.get(address(visitor.invoice(name="sk_test_4eC39HqLyjWDarjtT1zdp7dc"))).text
    assert "sk_test_********************p7dc" in text


@pytest.mark.parametrize(
    "path",
    [
        "/_fakestripe/page/invoices/in_1",
        "/_fakestripe/page/invoices/in_1/pdf",
        "/_fakestripe/page",
        "/_fakestripe/page/",
        "/_fakestripe/page/nothing/<script>",
        "/_fakestripe/checkout/cs_test_1",
    ],
)
def test_a_page_that_is_missing_is_a_page_that_says_so(visitor: Visitor, path: str) -> None:
    response = visitor.get(path)
    assert (response.status_code, response.mimetype) == (404, "text/html")
    assert "There is no " in response.text
    assert "<script" not in response.text
    assert policy(response)["default-src"] == "'none'"


def test_what_is_no_page_is_refused_as_before(visitor: Visitor) -> None:
    for path in ("/_fakestripe/pages", "/_fakestripe/checkout", "/_fakestripe/checkout/sessions/cs_1/nothing"):
        response = visitor.get(path)
        assert (response.status_code, response.mimetype) == (404, "application/json")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_a_page_takes_no_other_method(visitor: Visitor, method: str) -> None:
    response = visitor.client.open(address(visitor.invoice()), method=method)
    assert (response.status_code, response.mimetype) == (405, "text/html")
    assert f"This page takes no {method}." in response.text


def test_a_pdf_takes_no_form(visitor: Visitor) -> None:
    assert visitor.post(f"{address(visitor.invoice())}/pdf", {}).status_code == 405


@pytest.mark.parametrize("path", [address("in_1"), "/_fakestripe/page/nothing"])
def test_a_fake_that_is_paused_shows_no_page(visitor: Visitor, path: str) -> None:
    visitor.fake.engine.pause("no test is running")
    response = visitor.get(path)
    assert (response.status_code, response.mimetype) == (503, "text/html")
    assert "no test is running" in response.text
    visitor.fake.begin(now=NOW)


def test_a_link_of_another_site_leads_to_a_page(visitor: Visitor) -> None:
    assert visitor.get(address(visitor.invoice()), **NAVIGATION).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
    ],
)
def test_no_other_site_reads_a_page(visitor: Visitor, headers: dict[str, str]) -> None:
    response = visitor.get(address(visitor.invoice(name="Ada")), **headers)
    assert response.status_code == 403
    assert "Ada" not in response.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Origin": ELSEWHERE},
        {"Origin": "null"},
        NAVIGATION,
        {**NAVIGATION, "Sec-Fetch-Site": "same-site"},
    ],
)
def test_no_other_site_sends_a_form(visitor: Visitor, headers: dict[str, str]) -> None:
    invoice = visitor.invoice()
    before = visitor.fake.snapshot()
    assert visitor.post(address(invoice), {"payment_method": "pm_card_visa"}, **headers).status_code == 403
    assert visitor.fake.snapshot() == before


def test_a_form_of_the_page_itself_is_taken(visitor: Visitor) -> None:
    invoice = visitor.invoice()
    headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    response = visitor.post(address(invoice), {"payment_method": "pm_card_visa"}, **headers)
    assert (response.status_code, response.headers["Location"]) == (303, invoice)
    assert visitor.call.get(f"/v1/invoices/{invoice}").json["status"] == "paid"


def test_the_host_of_the_public_url_is_ours() -> None:
    with FakeStripe(now=NOW, public_url="https://fake.dev.example") as fake:
        visitor = Visitor(fake)
        invoice = visitor.invoice()
        shown = visitor.call.get(f"/v1/invoices/{invoice}").json["hosted_invoice_url"]
        host = urlsplit(shown).netloc
        assert host == "fake.dev.example"
        assert visitor.get(urlsplit(shown).path, Host=host).status_code == 200
        assert visitor.get("/_fakestripe/clock", Host=host).status_code == 403


def test_a_form_that_is_too_large_is_refused(visitor: Visitor) -> None:
    response = visitor.post(address(visitor.invoice()), {"payment_method": "x" * 70_000})
    assert (response.status_code, response.mimetype) == (413, "text/html")


def test_pages_are_neither_in_the_journal_nor_count_against_limits(visitor: Visitor) -> None:
    invoice = visitor.invoice()
    before = len(visitor.fake.journal)
    visitor.get(address(invoice))
    visitor.post(address(invoice), {})
    assert len(visitor.fake.journal) == before


def test_a_failure_of_the_fake_is_a_page_and_fails_the_test(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_about: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("fakestripe_meters.pages.invoice.show", broken)
    response = visitor.get(address("in_1"))
    assert (response.status_code, response.mimetype) == (500, "text/html")
    assert "a bug in fakestripe-meters" in response.text
    assert "ZeroDivisionError" in caplog.text
    with pytest.raises(ZeroDivisionError):
        visitor.fake.check()
    visitor.fake.engine.failures.clear()


def test_nothing_of_the_pages_is_loaded_before_the_first() -> None:
    program = """
import sys
from werkzeug.test import Client
from fakestripe_meters import FakeStripe
with FakeStripe() as fake:
    client = Client(fake.wsgi_app)
    client.post("/v1/customers", headers={"Authorization": f"Bearer {fake.api_key}"})
    assert fake.url
    late = [name for name in sys.modules if name.startswith(("fakestripe_meters.pages", "reportlab", "PIL"))]
    assert late == [], late
    client.get("/_fakestripe/page/invoices/in_1")
    assert "fakestripe_meters.pages.showing" in sys.modules
    assert "reportlab" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
