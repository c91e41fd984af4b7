"""Somebody who has never seen the project starts a ready world, opens the address that is printed, and looks around."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from wsgiref.types import StartResponse
from wsgiref.types import WSGIEnvironment

import pytest
import requests
from playwright.sync_api import Page
from playwright.sync_api import expect

from fakestripe_meters.doors.server import Server
from tests.pages_.looking import amount

KEY = "sk_test_fakestripe"


@dataclass
class Receiver:
    """An app that receives webhooks, and notes the ids of their events."""

    events: list[str] = field(default_factory=list)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        self.events.append(json.loads(body)["id"])
        start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
        return [b"ok"]


@dataclass(frozen=True)
class World:
    """The server, the address that it has printed, and an app that hears its webhooks."""

    url: str
    address: str
    receiver: Receiver


@pytest.fixture
def world() -> Iterator[World]:
    command = [sys.executable, "-m", "fakestripe_meters", "serve", "--port", "0", "--fixtures", "metered_business"]
    receiver = Receiver()
    app = Server(receiver)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            url = process.stdout.readline().split()[-1]
            (address,) = [word for word in process.stdout.readline().split() if word.startswith("http")]
            endpoint = {"url": f"{app.url}/hooks", "enabled_events[]": ["invoice.created", "invoice.paid"]}
            made = requests.post(f"{url}/v1/webhook_endpoints", endpoint, auth=(KEY, ""), timeout=30)
            assert made.status_code == 200, made.text
            yield World(url, address, receiver)
        finally:
            process.terminate()
            app.close()


def test_a_stranger_finds_everything(world: World, page: Page) -> None:
    # The usage is there at once.
    page.goto(world.address)
    bars = page.locator("[data-meter-chart] rect[data-value]")
    values = [float(each.get_attribute("data-value") or 0) for each in bars.all()]
    total = f"{sum(values):,.0f}"
    expect(page.locator("main")).to_contain_text(f"{total} in all")

    # A bar says why it is what it is.
    highest = bars.nth(values.index(max(values)))
    highest.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Why is it {max(values):,.0f}?")
    page.go_back()

    # A month passes for a customer, on its test clock.
    page.get_by_role("link", name="Customers").click()
    page.get_by_role("link", name="Swift Couriers").click()
    before = page.locator("[data-invoice]").count()
    page.get_by_role("button", name="+1 month").click()
    invoices = page.locator("[data-invoice]")
    expect(invoices).to_have_count(before + 1)

    # The invoice can be read, and has reasons.
    invoices.first.get_by_role("link").first.click()
    document = page.inner_text("[data-invoice-total]")
    page.get_by_role("link", name="Why?").click()
    assert page.inner_text("[data-invoice-total]") == document
    lines = page.locator("[data-line-amount]").all_inner_texts()
    assert sum(map(amount, lines)) == amount(document) > 0
    invoice = page.url.partition("/invoices/")[2].partition("/")[0]
    told = requests.get(f"{world.url}/v1/invoices/{invoice}", auth=(KEY, ""), timeout=30).json()
    assert amount(document) * 100 == told["total"]

    # The usage behind last month's invoice is opened, event by event.
    page.go_back()
    page.go_back()
    invoices.nth(1).get_by_text("why?").click()
    page.locator("[data-used]").click()
    expect(page.locator("[data-event]")).to_have_count(31)

    # A webhook is sent once more.
    page.get_by_role("link", name="Webhooks").click()
    row = page.locator("[data-delivery-id]").first
    expect(row).to_contain_text("delivered")
    heard = len(world.receiver.events)
    row.locator("button[name=repeat]").click()
    expect(row).to_contain_text("delivered")
    assert len(world.receiver.events) == heard + 1
    assert len(set(world.receiver.events)) == heard
