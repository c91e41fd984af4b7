"""The PDF of an invoice, as other programs read it."""

import io
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from pypdf import PdfReader
from werkzeug.test import Client
from werkzeug.test import TestResponse

from fakestripe_meters import FakeStripe
from tests.conftest import DOORS
from tests.conftest import NOW
from tests.conftest import Call

FAKE = "fakestripe-meters: a fake, no money moves"
SQUARES = "a black square stands for each other letter"


class Printer:
    """Makes invoices and their PDFs."""

    def __init__(self, fake: FakeStripe) -> None:
        self.fake = fake
        self.call = Call(DOORS["engine"], fake)

    def draft(self, customer: dict[str, Any], *items: dict[str, Any], **more: Any) -> str:  # noqa: ANN401  parameters
        owner = self.call.create("/v1/customers", customer)["id"]
        invoice: str = self.call.create("/v1/invoices", {"customer": owner, **more})["id"]
        for each in items:
            item = {"customer": owner, "invoice": invoice, "currency": "usd", "amount": 1234, **each}
            self.call.create("/v1/invoiceitems", item)
        return invoice

    def invoice(self, customer: dict[str, Any], *items: dict[str, Any], **more: Any) -> str:  # noqa: ANN401
        invoice = self.draft(customer, *items, **more)
        self.call.create(f"/v1/invoices/{invoice}/finalize", {"auto_advance": False})
        return invoice

    def get(self, invoice: str) -> TestResponse:
        return Client(self.fake.wsgi_app).get(f"/_fakestripe/page/invoices/{invoice}/pdf")

    def read(self, invoice: str) -> PdfReader:
        response = self.get(invoice)
        assert (response.status_code, response.mimetype) == (200, "application/pdf"), response.text
        return PdfReader(io.BytesIO(response.data))


def text_of(reader: PdfReader) -> str:
    return "\n".join(page.extract_text() for page in reader.pages)


@pytest.fixture
def printer() -> Iterator[Printer]:
    with FakeStripe(now=NOW) as fake:
        yield Printer(fake)


def test_it_has_what_is_owed_by_whom(printer: Printer) -> None:
    address = {"line1": "12 St James's Square", "postal_code": "SW1Y 4JH", "city": "London", "country": "GB"}
    customer = {"name": "Ada & Söhne", "email": "ada@example.com", "address": address}
    invoice = printer.invoice(customer, {"description": "Consulting <b>€</b>"}, footer="Thank you.")
    reader = printer.read(invoice)
    text = text_of(reader)
    number = printer.call.get(f"/v1/invoices/{invoice}").json["number"]
    for part in (number, "OPEN", "Ada & Söhne", "SW1Y 4JH London", "Consulting <b>€</b>", "$12.34", "Thank you.", FAKE):
        assert part in text
    assert SQUARES not in text
    assert reader.metadata is not None
    assert reader.metadata.title == f"Invoice {number}"


def test_discounts_taxes_and_the_balance_are_in_the_sums(printer: Printer) -> None:
    rate = {"display_name": "VAT", "percentage": 20, "inclusive": False}
    vat = printer.call.create("/v1/tax_rates", rate)["id"]
    coupon = printer.call.create("/v1/coupons", {"percent_off": 10, "name": "Friends", "duration": "once"})["id"]
    item = {"amount": 10_000, "tax_rates": [vat]}
    invoice = printer.invoice({"balance": -500}, item, discounts=[{"coupon": coupon}])
    words = " ".join(text_of(printer.read(invoice)).split())
    assert "Subtotal $100.00 Friends (10% off) -$10.00 VAT 20% $18.00 Total $108.00" in words
    assert "From the customer’s balance -$5.00 To pay $103.00" in words


def test_it_has_as_many_pages_as_it_needs(printer: Printer) -> None:
    invoice = printer.invoice({}, *({"description": f"Item {number}"} for number in range(60)))
    reader = printer.read(invoice)
    text = text_of(reader)
    assert len(reader.pages) > 2
    assert all(f"Item {number}\n" in text for number in range(60))
    assert text.count(FAKE) == len(reader.pages)


def test_letters_that_its_fonts_lack_are_squares_and_it_says_so(printer: Printer) -> None:
    invoice = printer.invoice({"name": "山田 太郎"}, {"description": "Привет שלום 🎉"}, footer="日本語" * 50)
    text = text_of(printer.read(invoice))
    assert SQUARES in text.replace("\n", " ")
    assert "$12.34" in text


def test_long_texts_do_not_break_it(printer: Printer) -> None:
    long = "W" * 500
    address = dict.fromkeys(("line1", "line2", "city", "state"), long)
    fields = [{"name": "n" * 40, "value": "v" * 140}] * 4
    customer = {"name": "W" * 256, "address": address}
    invoice = printer.invoice(customer, {"description": long}, custom_fields=fields, description=long, footer=long)
    assert "…" in text_of(printer.read(invoice))


def test_it_is_the_same_each_time(printer: Printer) -> None:
    invoice = printer.invoice({}, {})
    assert printer.get(invoice).data == printer.get(invoice).data


@pytest.mark.parametrize(("size", "points"), [("letter", (612, 792)), ("a4", (595, 842))])
def test_the_paper_is_as_the_invoice_wants_it(printer: Printer, size: str, points: tuple[int, int]) -> None:
    invoice = printer.invoice({}, {}, rendering={"pdf": {"page_size": size}})
    box = printer.read(invoice).pages[0].mediabox
    assert (round(box.width), round(box.height)) == points


def test_a_draft_has_none(printer: Printer) -> None:
    response = printer.get(printer.draft({}, {}))
    assert response.status_code == 404
    assert "it has a PDF once it is finalized" in response.text


def test_a_program_downloads_it_from_the_address_in_the_invoice(printer: Printer) -> None:
    assert printer.fake.url
    invoice = printer.invoice({}, {})
    address = printer.call.get(f"/v1/invoices/{invoice}").json["invoice_pdf"]
    with printer.fake.intercept():
        response = requests.get(address, timeout=30)
    assert response.content.startswith(b"%PDF-")


def test_without_reportlab_it_says_what_to_install() -> None:
    program = """
import sys
sys.modules["reportlab"] = None
from werkzeug.test import Client
from fakestripe_meters import FakeStripe
from tests.doors.test_pdf import Printer
with FakeStripe() as fake:
    printer = Printer(fake)
    response = printer.get(printer.invoice({}, {}))
    assert response.status_code == 501, response.status
    assert "pip install &#39;fakestripe-meters[pdf]&#39;" in response.text, response.text
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
