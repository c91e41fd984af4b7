"""A real browser, and pages that fail their test when they reach out, complain, or ask."""

import asyncio
import os
import shutil
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import BrowserContext
from playwright.sync_api import Dialog
from playwright.sync_api import Page
from playwright.sync_api import Request
from playwright.sync_api import sync_playwright

from tests.clients.conftest import missing

CHROMIUM = ("chromium-headless-shell", "chromium")
FLAGS = (
    "--no-sandbox",  # in a container, tests are root's
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
LOOPBACK = ("127.0.0.1", "localhost", "::1")
WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
TIMEOUT_MS = 15_000

NewPage = Callable[..., Page]
"""Opens a page in a context of its own; takes the options of Playwright's `new_context`."""


@contextmanager
def playwrights_loop(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Playwright's loop runs only in here: elsewhere `asyncio.run` of another test would find it running."""
    asyncio._set_running_loop(loop)  # noqa: SLF001  asyncio exports it, for who writes a loop
    try:
        yield
    finally:
        asyncio._set_running_loop(None)  # noqa: SLF001


@pytest.fixture(scope="session")
def program() -> str:
    """The path of a Chromium."""
    found = os.environ.get("FAKESTRIPE_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM)), None)
    return found or missing(f"{' or '.join(CHROMIUM)}: CONTRIBUTING.md, 'Set up'")


@pytest.fixture
def node() -> str:
    return shutil.which("node") or missing("node")


@pytest.fixture(scope="session")
def _launched(program: str) -> Iterator[tuple[Browser, asyncio.AbstractEventLoop]]:
    """One browser for each worker, because it takes a second to start."""
    playwright = sync_playwright().start()
    loop = asyncio.get_running_loop()
    with playwrights_loop(loop):
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
    yield browser, loop
    with playwrights_loop(loop):
        browser.close()
        playwright.stop()


@pytest.fixture
def complaints() -> list[str]:
    """What the pages of this test did that no page should; a test takes out of it what it expects."""
    return []


@pytest.fixture
def browser(_launched: tuple[Browser, asyncio.AbstractEventLoop]) -> Iterator[Browser]:
    """The browser, for this test."""
    browser, loop = _launched
    with playwrights_loop(loop):
        yield browser


@pytest.fixture
def new_page(browser: Browser, complaints: list[str]) -> Iterator[NewPage]:
    with ExitStack() as stack:

        def new_page(**options: Any) -> Page:  # noqa: ANN401  as Playwright's
            context = browser.new_context(**{"viewport": WIDE, "color_scheme": "light", **options})
            stack.callback(context.close)
            watch(context, complaints)
            return context.new_page()

        yield new_page
    assert complaints == []


def watch(context: BrowserContext, complaints: list[str]) -> None:
    """Note every request to another machine, every error on the console or in a script, and every dialog."""

    def requested(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("about", "blob", "data") and parts.hostname not in LOOPBACK:
            complaints.append(f"{request.method} {request.url}")

    def asked(dialog: Dialog) -> None:
        complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    context.set_default_timeout(TIMEOUT_MS)
    context.on("request", requested)
    context.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("dialog", asked)


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """A page of a desktop's browser."""
    return new_page()


@pytest.fixture
def phone(new_page: NewPage) -> Page:
    """A page as wide as a phone's."""
    return new_page(viewport=PHONE)


@pytest.fixture
def dark_page(new_page: NewPage) -> Page:
    """A page for somebody who likes it dark."""
    return new_page(color_scheme="dark")
