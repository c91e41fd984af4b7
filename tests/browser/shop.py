"""What the browser's tests sell: a fake, and an app beside it that only says where the browser is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from wsgiref.types import StartResponse
from wsgiref.types import WSGIEnvironment

from playwright.sync_api import Page

from fakestripe_meters import FakeStripe
from fakestripe_meters.doors.server import Server
from tests.conftest import DOORS
from tests.conftest import Call

HOSTILE = "<script>alert(1)</script><b>Ada</b> & Söhne"


def app(environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
    """The app: any address is a page with that address as its title."""
    where = f"{environ['PATH_INFO']}?{environ['QUERY_STRING']}"
    body = f"<title>{where}</title><link rel=icon href='data:,'><h1>The app</h1>".encode()
    start("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(body)))])
    return [body]


class Shop:
    """Prices in an account, Checkout sessions for them, and invoices."""

    def __init__(self, fake: FakeStripe, app_url: str) -> None:
        self.fake, self.app_url = fake, app_url
        self.call = Call(DOORS["engine"], fake)

    def flat(self, amount: int = 2000, **more: Any) -> str:  # noqa: ANN401  parameters
        """The id of a price per month."""
        terms: dict[str, Any] = {"currency": "usd", "unit_amount": amount, "recurring": {"interval": "month"}}
        if "product" not in more:
            terms["product_data"] = {"name": "Platform"}
        price: str = self.call.create("/v1/prices", {**terms, **more})["id"]
        return price

    def metered(self, **more: Any) -> str:  # noqa: ANN401  parameters
        """The id of a price of usage: $0.02 per call."""
        meter = {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
        recurring = {"interval": "month", "usage_type": "metered"}
        recurring["meter"] = self.call.create("/v1/billing/meters", meter)["id"]
        product = {"name": "API calls", "unit_label": "call"}
        terms: dict[str, Any] = {"currency": "usd", "product_data": product, "recurring": recurring}
        if "tiers" not in more:
            terms["unit_amount"] = 2
        price: str = self.call.create("/v1/prices", {**terms, **more})["id"]
        return price

    def session(self, *prices: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401  parameters
        """A session for prices, each once; those of usage without a quantity."""
        lines = [self._line(price) for price in prices]
        urls = {
            "success_url": f"{self.app_url}/done?session={{CHECKOUT_SESSION_ID}}",
            "cancel_url": f"{self.app_url}/back",
        }
        given = {"mode": "subscription", "line_items": lines, **urls, **more}
        return self.call.create("/v1/checkout/sessions", {name: each for name, each in given.items() if each != []})

    def _line(self, price: str) -> dict[str, Any]:
        recurring = self.call.get(f"/v1/prices/{price}").json["recurring"] or {}
        return {"price": price} if recurring.get("usage_type") == "metered" else {"price": price, "quantity": 1}

    def now(self, session: dict[str, Any]) -> dict[str, Any]:
        """A session as it is now."""
        found: dict[str, Any] = self.call.get(f"/v1/checkout/sessions/{session['id']}").json
        return found

    def invoice(self, amount: int = 1234, **more: Any) -> dict[str, Any]:  # noqa: ANN401  parameters
        """An open invoice, with its page."""
        assert self.fake.url
        customer = self.call.create("/v1/customers", {"name": HOSTILE, "email": "ada@example.com"})["id"]
        invoice = self.call.create("/v1/invoices", {"customer": customer, **more})["id"]
        item = {"customer": customer, "invoice": invoice, "currency": "usd", "amount": amount, "description": HOSTILE}
        self.call.create("/v1/invoiceitems", item)
        return self.call.create(f"/v1/invoices/{invoice}/finalize", {"auto_advance": False})


@contextmanager
def open_shop(**options: Any) -> Iterator[Shop]:  # noqa: ANN401  options
    """A fake that requires payment methods, as Stripe does, and the app."""
    with FakeStripe(now="2025-01-01T00:00:00Z", payment_methods="required", **options) as fake:
        server = Server(app)
        try:
            yield Shop(fake, server.url)
        finally:
            server.close()
        fake.check()


def is_narrow(page: Page) -> bool:
    """Whether a page fits its window: it need not be scrolled sideways."""
    fits: bool = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    return fits
