"""The modules of Stripe's objects are loaded when they are first needed, and nothing depends on which were."""

import json
import subprocess
import sys

import pytest

from fakestripe_meters import resources
from fakestripe_meters.framework.registry import start_of

BEGIN = """
import json, sys
from urllib.parse import urlencode
from fakestripe_meters import FakeStripe
from werkzeug.test import Client

fake = FakeStripe(now="2025-01-01", seed=1)
client = Client(fake.wsgi_app, use_cookies=False)

def call(method, path, form=None):
    headers = {"Authorization": f"Bearer {fake.api_key}", "Stripe-Version": "2025-09-30.clover"}
    answer = client.open(path, method=method, data=form or {}, headers=headers)
    return answer.json

def loaded():
    names = [each.partition("fakestripe_meters.resources.")[2] for each in sys.modules]
    return sorted(filter(None, names))
"""


def told(program: str) -> dict[str, list[str]]:
    """What a program prints as JSON that begins with a new fake and calls it by HTTP."""
    done = subprocess.run([sys.executable, "-c", BEGIN + program], capture_output=True, check=True, text=True)
    answer: dict[str, list[str]] = json.loads(done.stdout)
    return answer


def test_a_server_loads_the_objects_that_are_called() -> None:
    after = told(
        """
first = loaded()
call("POST", "/v1/products", {"name": "Calls"})
print(json.dumps({"first": first, "then": loaded()}))
"""
    )
    assert after["first"] == []
    assert set(after["then"]) == {"products", "product_features"}


def test_scheduled_work_is_done_by_a_module_that_no_call_has_loaded() -> None:
    after = told(
        """
customer = call("POST", "/v1/customers", {"email": "ada@example.com"})["id"]
method = {"type": "card", "card[token]": "tok_visa"}
card = call("POST", "/v1/payment_methods", method)["id"]
call("POST", f"/v1/payment_methods/{card}/attach", {"customer": customer})
intent = {"amount": "500", "currency": "usd", "customer": customer, "payment_method": card, "confirm": "true",
          "return_url": "https://example.com"}
call("POST", "/v1/payment_intents", intent)
first = loaded()
fake.clock.advance(86400 * 10)
balance = call("GET", "/v1/balance")
print(json.dumps({"first": first, "available": [str(each["amount"]) for each in balance["available"]]}))
"""
    )
    assert "balance_transactions" not in after["first"]
    assert after["available"] == ["455"]


def test_an_id_is_expanded_to_an_object_that_no_call_has_loaded() -> None:
    after = told(
        """
product = call("POST", "/v1/products", {"name": "Calls", "default_price_data[currency]": "usd",
               "default_price_data[unit_amount]": "500"})
first = loaded()
shown = call("GET", f"/v1/products/{product['id']}?expand[]=default_price")
print(json.dumps({"first": first, "price": [shown["default_price"]["object"]]}))
"""
    )
    assert "prices" not in after["first"]
    assert after["price"] == ["price"]


def test_a_snapshot_is_restored_before_any_call() -> None:
    after = told(
        """
call("POST", "/v1/customers", {"email": "ada@example.com"})
kept = fake.snapshot()
other = FakeStripe()
other.restore(kept)
print(json.dumps({"customers": [str(len(other.snapshot()["accounts"]))]}))
"""
    )
    assert after["customers"] == ["1"]


@pytest.mark.parametrize("name", resources.MODULES)
def test_the_urls_of_a_module_begin_as_the_registry_says(name: str) -> None:
    declared = resources.registry().resources[list(resources.MODULES).index(name)]
    assert {start_of(each.rule) for each in declared.endpoints} == set(resources.MODULES[name].split())
