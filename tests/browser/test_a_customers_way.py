"""From the start of a server to the end of a subscription: a person clicks, and the control plane moves the clock."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests
import stripe
from playwright.sync_api import Page
from playwright.sync_api import expect
from stripe.params.checkout import SessionCreateParams
from stripe.params.checkout import SessionCreateParamsLineItem

from tests import pages

KEY = "sk_test_fakestripe"
SERVE = "fakestripe-meters serve --now 2025-01-01T00:00:00Z --seed 1 --payment-methods required"


@dataclass(frozen=True)
class Shop:
    """A business at a server: what it sells, and where its customers are sent."""

    server: str
    client: stripe.StripeClient
    basic: str
    pro: str
    calls: str
    portal: str

    @property
    def back(self) -> str:
        """Where customers come back to; any page of this machine will do."""
        return f"{self.server}/_fakestripe/page/limits"

    def checkout(self, line: SessionCreateParamsLineItem, customer: str | None = None) -> str:
        wish: SessionCreateParams = {
            "mode": "subscription",
            "line_items": [line],
            "success_url": f"{self.back}?session={{CHECKOUT_SESSION_ID}}",
            "cancel_url": f"{self.back}?turned=back",
        }
        if customer is not None:
            wish["customer"] = customer
        url = self.client.v1.checkout.sessions.create(wish).url
        assert url is not None
        return url

    def paid(self, customer: str, amount: str) -> str:
        """Return the number of the customer's paid invoice with this total."""
        paid = self.client.v1.invoices.list({"customer": customer, "status": "paid"}).data
        [found] = [each.number for each in paid if f"${each.total / 100:.2f}" == amount]
        return str(found)

    def portal_of(self, customer: str) -> str:
        return self.client.v1.billing_portal.sessions.create(
            {"customer": customer, "configuration": self.portal, "return_url": self.back}
        ).url

    def freeze(self, now: str) -> None:
        with requests.post(f"{self.server}/_fakestripe/clock", json={"freeze": now}, timeout=30) as answer:
            assert answer.status_code == 200


@pytest.fixture
def shop() -> Iterator[Shop]:
    with pages.served(SERVE) as server:
        client = stripe.StripeClient(KEY, base_addresses={"api": server})
        meter = client.v1.billing.meters.create(
            {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
        )
        product = client.v1.products.create({"name": "Plan"}).id
        basic, pro = (
            client.v1.prices.create(
                {"currency": "usd", "unit_amount": cents, "product": product, "recurring": {"interval": "month"}}
            ).id
            for cents in (1000, 4000)
        )
        calls = client.v1.prices.create(
            {
                "currency": "usd",
                "unit_amount": 5,
                "product_data": {"name": "Calls"},
                "recurring": {"interval": "month", "usage_type": "metered", "meter": meter.id},
            }
        ).id
        portal = client.v1.billing_portal.configurations.create(
            {
                "features": {
                    "invoice_history": {"enabled": True},
                    "payment_method_update": {"enabled": True},
                    "subscription_cancel": {"enabled": True, "mode": "immediately"},
                    "subscription_update": {
                        "enabled": True,
                        "default_allowed_updates": ["price"],
                        "products": [{"product": product, "prices": [basic, pro]}],
                        "proration_behavior": "always_invoice",
                    },
                }
            }
        ).id
        yield Shop(server, client, basic, pro, calls, portal)


def test_a_person_subscribes_uses_pays_switches_and_cancels(shop: Shop, page: Page) -> None:
    v1 = shop.client.v1
    page.goto(shop.checkout({"price": shop.basic, "quantity": 1}))
    page.locator("a[data-cancel]").click()
    page.wait_for_url("**/limits?turned=back")
    page.go_back()
    page.get_by_label("Email").fill("ada@example.com")
    page.locator("button[name=pay]").click()
    page.wait_for_url("**/limits?session=cs_test_*")
    [ada] = v1.customers.list({"email": "ada@example.com"}).data

    page.goto(shop.checkout({"price": shop.calls}, ada.id))
    page.locator("button[name=pay]").click()
    page.wait_for_url("**/limits?session=cs_test_*")
    v1.billing.meter_events.create({"event_name": "calls", "payload": {"stripe_customer_id": ada.id, "value": "120"}})
    shop.freeze("2025-02-01T01:00:00Z")

    page.goto(shop.portal_of(ada.id))
    page.locator("[data-invoice] a", has_text=shop.paid(ada.id, "$6.00")).click()
    expect(page.locator("[data-invoice-total]")).to_have_text("$6.00")
    expect(page.locator("[data-status]")).to_have_attribute("data-status", "paid")

    page.goto(shop.portal_of(ada.id))
    page.locator("button[name=switch]").click()
    page.get_by_label("$40.00").check()
    page.get_by_role("button", name="Continue").click()
    due = page.locator("[data-due]").inner_text()
    page.locator("button[name=confirm]").click()
    expect(page.locator("[data-subscription]", has_text="$40.00")).to_be_visible()
    shop.paid(ada.id, due)

    used = page.locator("[data-subscription]", has_text="Calls")
    used.locator("button[name=cancel]").click()
    page.locator("button[name=confirm]").click()
    expect(used).to_have_count(0)
    ended = v1.subscriptions.list({"customer": ada.id, "status": "canceled"}).data
    assert [each["items"].data[0].price.id for each in ended] == [shop.calls]
