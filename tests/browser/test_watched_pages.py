"""The pages of these tests notice what no page of ours should do."""

import asyncio
import threading
from collections.abc import Iterator
from wsgiref.simple_server import WSGIRequestHandler
from wsgiref.simple_server import make_server

import pytest
from flask import Flask
from playwright.sync_api import Error
from playwright.sync_api import Page

BODIES = {
    "fine": "<title>Fine</title><a href='/refused'>next</a>",
    "console": "<script>console.error('a complaint')</script>",
    "script": "<script>throw new Error('a mistake')</script>",
    "dialog": "<script>alert('look here')</script>",
    "elsewhere": "<img src='http://example.com/a.png'>",
}


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    app = Flask(__name__)
    app.add_url_rule("/<name>", view_func=lambda name: BODIES.get(name, ("refused", 403)))
    with make_server("127.0.0.1", 0, app, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_page_that_behaves_is_read(site: str, page: Page, complaints: list[str]) -> None:
    page.goto(f"{site}/fine")
    assert page.title() == "Fine"
    assert complaints == []


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("console", "a complaint"),
        ("script", "a mistake"),
        ("dialog", "dialog: look here"),
        ("elsewhere", "GET http://example.com/a.png"),
        ("refused", "Failed to load resource: the server responded with a status of 403 (FORBIDDEN)"),
    ],
)
def test_a_page_that_does_not_is_noticed(
    site: str, page: Page, complaints: list[str], path: str, complaint: str
) -> None:
    page.goto(f"{site}/{path}")
    page.wait_for_load_state("networkidle")
    assert complaint in complaints
    complaints.clear()


def test_no_name_of_another_machine_is_looked_up(page: Page, complaints: list[str]) -> None:
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("https://checkout.stripe.com/c/pay/cs_test_1")
    assert complaints == ["GET https://checkout.stripe.com/c/pay/cs_test_1"]
    complaints.clear()


def test_a_phone_is_narrow_and_a_dark_page_is_dark(phone: Page, dark_page: Page) -> None:
    assert phone.evaluate("innerWidth") == 390
    dark = "matchMedia('(prefers-color-scheme: dark)').matches"
    assert dark_page.evaluate(dark)
    assert not phone.evaluate(dark)


@pytest.mark.usefixtures("_launched")
def test_a_test_without_a_page_has_its_own_event_loop() -> None:
    assert asyncio.run(asyncio.sleep(0, "slept")) == "slept"
