"""Where the pages are that the fake links to."""

import socket
from typing import Any

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters.core.site import Site
from tests.conftest import DOORS
from tests.conftest import Call

NOW = "2025-01-01T00:00:00Z"
STRIPES = "https://invoice.stripe.com/i/acct_"


def link(fake: FakeStripe, *, opens: bool = False) -> str | None:
    return fake.engine.world.account(fake.api_key).site.link("checkout/cs_1", opens=opens)


def finalized(call: Call) -> dict[str, Any]:
    customer = call.create("/v1/customers")["id"]
    invoice = call.create("/v1/invoices", {"customer": customer})["id"]
    return call.create(f"/v1/invoices/{invoice}/finalize")


def test_an_invoice_leads_to_stripe_until_a_server_listens() -> None:
    with FakeStripe(now=NOW) as fake:
        call = Call(DOORS["engine"], fake)
        invoice = finalized(call)
        assert invoice["hosted_invoice_url"].startswith(STRIPES)
        url = fake.url
        shown = call.get(f"/v1/invoices/{invoice['id']}").json
    assert shown["hosted_invoice_url"] == f"{url}/_fakestripe/page/invoices/{invoice['id']}"
    assert shown["invoice_pdf"] == f"{url}/_fakestripe/page/invoices/{invoice['id']}/pdf"


def test_a_page_that_a_browser_must_open_has_a_server() -> None:
    with FakeStripe(now=NOW) as fake:
        assert link(fake) is None
        address = link(fake, opens=True)
        assert address == f"{fake.url}/_fakestripe/checkout/cs_1" == link(fake)


def test_without_sockets_there_is_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_about: object, **_more: object) -> None:
        raise RuntimeError("no sockets")

    monkeypatch.setattr(socket, "create_server", forbidden)
    with FakeStripe(now=NOW) as fake:
        assert link(fake, opens=True) is None


def test_a_closed_fake_opens_no_server() -> None:
    with FakeStripe(now=NOW) as fake:
        site = fake.engine.site
    assert site.link("checkout/cs_1", opens=True) is None


def test_an_engine_without_a_server_has_no_page() -> None:
    assert Site().link("checkout/cs_1", opens=True) is None


@pytest.mark.parametrize("public", ["http://localhost:8080", "http://localhost:8080/", "https://[::1]", "http://fake"])
def test_a_public_url_is_shown_instead(public: str) -> None:
    with FakeStripe(now=NOW, public_url=public) as fake:
        assert link(fake) == link(fake, opens=True) == f"{public.rstrip('/')}/_fakestripe/checkout/cs_1"
        assert fake.url.startswith("http://127.0.0.1:")
        assert link(fake) == f"{public.rstrip('/')}/_fakestripe/checkout/cs_1"


def test_another_test_does_not_see_that_there_was_a_server() -> None:
    with FakeStripe(now=NOW, public_url="http://localhost:8080") as fake:
        url = fake.url
        fake.engine.pause("the test is over")
        fake.begin(now=NOW)
        assert link(fake) is None
        assert link(fake, opens=True) == f"{url}/_fakestripe/checkout/cs_1"


def test_a_snapshot_of_another_fake_does_not_say_where_pages_are() -> None:
    with FakeStripe(now=NOW, public_url="http://there") as there, FakeStripe(now=NOW, public_url="http://here") as here:
        here.restore(there.snapshot())
        assert link(here) == "http://here/_fakestripe/checkout/cs_1"


@pytest.mark.parametrize(
    ("host", "base"),
    [
        ("0.0.0.0", "http://127.0.0.1:12111"),
        ("::", "http://[::1]:12111"),
        ("127.0.0.1", "http://127.0.0.1:12111"),
        ("::1", "http://[::1]:12111"),
        ("fakestripe", "http://fakestripe:12111"),
    ],
)
def test_a_server_is_named_so_that_this_machine_reaches_it(host: str, base: str) -> None:
    site = Site()
    site.listens(host, 12111)
    assert site.link("portal/bps_1") == f"{base}/_fakestripe/portal/bps_1"
