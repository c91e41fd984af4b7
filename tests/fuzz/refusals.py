"""Whatever is sent, a refusal changes nothing: `python tests/fuzz/refusals.py --minutes 5` tries for five minutes."""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from hypothesis import given
from hypothesis import seed
from hypothesis import settings
from hypothesis import strategies as st

from fakestripe_meters.wire.message import Request
from tests.conformance.oracle import load
from tests.conformance.oracle import previews
from tests.conformance.story import DAY
from tests.conformance.story import Teller
from tests.conformance.story import begun
from tests.fuzz.wishes import Wishes
from tests.fuzz.wishes import tries
from tests.refusal_watch import Watch
from tests.refusal_watch import watched

EVERY_ACCOUNT = 1_000_000


def poor(teller: Teller) -> list[tuple[str, str, dict[str, object]]]:
    """Requests of a customer whose payments fail, which Stripe refuses late: much would be done by then."""
    cannot_pay = {"invoice_settings": {"default_payment_method": "pm_card_chargeCustomerFail"}}
    customer = teller.post("/v1/customers", **cannot_pay)["id"]
    product = teller.get("/v1/products", limit=1)["data"][0]["id"]
    price = {"currency": "usd", "product": product, "recurring": {"interval": "month"}, "unit_amount": 500}
    invoice = teller.post("/v1/invoices", customer=customer, auto_advance=False)["id"]
    subscription = {"customer": customer, "items": [{"price_data": price}], "payment_behavior": "error_if_incomplete"}
    return [
        ("POST", "/v1/subscriptions", subscription),
        ("POST", "/v1/invoiceitems", {"customer": customer, "amount": 100, "currency": "usd", "invoice": invoice}),
        ("POST", f"/v1/invoices/{invoice}/pay", {}),
        ("POST", "/v1/customers", {"metadata": {f"key{number}": "x" for number in range(51)}}),
    ]


def changing(teller: Teller) -> list[tuple[str, str, dict[str, object]]]:
    """Requests that start, change, preview and cancel subscriptions, at instants of all kinds; some must be refused."""
    customer = teller.post("/v1/customers")["id"]
    product = teller.get("/v1/products", limit=1)["data"][0]["id"]
    terms = {"currency": "usd", "product": product, "unit_amount": 500}
    every = ("month", "year", "day")
    month, year, day = (teller.post("/v1/prices", **terms, recurring={"interval": each})["id"] for each in every)
    once, now = teller.post("/v1/prices", **terms)["id"], teller.fake.clock.now()
    items = [{"price": month}, {"price": year}]
    added = {"add_invoice_items": [{"price": once}], "pending_invoice_item_interval": {"interval": "week"}}
    running = teller.post("/v1/subscriptions", customer=customer, items=items, **added)
    path, item = f"/v1/subscriptions/{running['id']}", running["items"]["data"][0]["id"]
    draft = f"/v1/invoices/{teller.post('/v1/invoices', customer=customer)['id']}"
    made = teller.post(f"{draft}/add_lines", lines=[{"amount": 70}, {"amount": 30}])
    line, other = (each["id"] for each in made["lines"]["data"])
    config, waits = {"day_of_month": 31, "month": 2}, {"payment_behavior": "pending_if_incomplete"}
    asked: list[tuple[str, str, dict[str, object]]] = [
        ("POST", "/v1/subscriptions", {"customer": customer, "items": items, "billing_cycle_anchor_config": config}),
        ("POST", path, {"default_payment_method": "pm_card_chargeCustomerFail"}),
        ("POST", path, {"items": [{"id": item, "quantity": 3}], "proration_behavior": "always_invoice", **waits}),
        ("POST", path, {**added, "items": [{"price": day}, {"price": once}]}),
        ("POST", f"{path}/migrate", {"billing_mode": {"type": "flexible"}}),
        ("POST", f"/v1/subscription_items/{item}", {"price": day, "proration_behavior": "always_invoice", **waits}),
        ("POST", f"/v1/customers/{customer}/balance_transactions", {"amount": -99_999_999, "currency": "usd"}),
        ("POST", f"{draft}/add_lines", {"lines": [{"amount": 40}, {"invoice_item": "ii_none"}]}),
        ("POST", f"{draft}/update_lines", {"lines": [{"id": line, "amount": 90}, {"id": other, "quantity": 0}]}),
        ("POST", f"{draft}/remove_lines", {"lines": [{"id": line, "behavior": "delete"}, {"id": "il_none"}]}),
        ("DELETE", path, {"invoice_now": "true", "prorate": "true"}),
    ]
    for at in (0, now - 40 * DAY, now, now + 9 * DAY, now + 900 * DAY, 10**12, 10**17):
        more = {"customer": customer, "items": items}
        details = {"items": [{"id": item, "quantity": 2}], "proration_date": at, "cancel_at": at}
        asked += [
            ("POST", "/v1/subscriptions", {**more, "backdate_start_date": at}),
            ("POST", "/v1/subscriptions", {**more, "billing_cycle_anchor": at, "backdate_start_date": now - DAY}),
            ("POST", path, {"items": [{"id": item, "quantity": 5}], "proration_date": at}),
            ("POST", path, {"trial_end": at, **waits}),
            ("POST", "/v1/invoices/create_preview", {"subscription": running["id"], "subscription_details": details}),
            ("POST", draft, {"automatically_finalizes_at": at, "auto_advance": "true"}),
        ]
    return asked


def send(examples: int, begin: int | None = None) -> Watch:
    """Send random requests, while time goes by, to a fake with every kind of object; return what was seen."""
    teller = begun(load(previews()[0]).api_version, preview=True)
    wishes = Wishes(teller)
    wishes.asked += 4 * poor(teller) + changing(teller)

    # Without a deadline: the world grows with each example, and to move its clock bills all that is in it.
    @settings(tries(examples), deadline=None)
    @given(st.lists(wishes.requests(), min_size=1, max_size=4), st.integers(0, 40 * 86_400))
    def some(requests: list[Request], seconds: int) -> None:
        for request in requests:
            teller.fake.engine.handle(request)
        if seconds % 4 == 0:
            teller.fake.clock.advance(seconds)

    with watched(EVERY_ACCOUNT) as watch:
        (seed(begin)(some) if begin is not None else some)()
    assert teller.fake.engine.failures == []
    teller.fake.close()
    return watch


def main() -> int:
    """Send for some minutes; return how many refusals changed something."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    until = time.monotonic() + 60 * parser.parse_args().minutes
    seen, begin = Watch(), 0
    while time.monotonic() < until:
        watch = send(200, begin)
        seen.requests += watch.requests
        seen.refusals += watch.refusals
        seen.changes += watch.changes
        begin += 1
    told = f"{seen.requests} requests, {seen.refusals} of them refused, {len(seen.changes)} refusals changed something"
    sys.stdout.write("\n\n".join([told, *seen.changes[:10]]) + "\n")
    return len(seen.changes)


if __name__ == "__main__":
    sys.exit(bool(main()))
