"""What the tests of payment intents, charges and refunds begin from."""

from typing import Any

from tests.conftest import Call
from tests.resources.shop import Tree
from tests.resources.shop import customer

INTENTS = "/v1/payment_intents"
BACK = "https://shop.example/back"
NO_REDIRECTS = {"enabled": True, "allow_redirects": "never"}


def saved(call: Call, card: str = "visa", **terms: Any) -> tuple[str, str]:  # noqa: ANN401  any parameter
    """A customer, and a payment method that it has."""
    ada = customer(call, **terms)
    return ada, call.create(f"/v1/payment_methods/pm_card_{card}/attach", {"customer": ada})["id"]


def terms(amount: int = 2900, **more: Any) -> Tree:  # noqa: ANN401  any parameter
    return {"amount": amount, "currency": "usd", "automatic_payment_methods": NO_REDIRECTS, **more}


def charged(call: Call, card: str = "visa", amount: int = 2900, **more: Any) -> Tree:  # noqa: ANN401  any parameter
    """A payment intent that was confirmed when it was made."""
    return call.create(INTENTS, terms(amount, payment_method=f"pm_card_{card}", confirm=True, **more))


def charge_of(call: Call, intent: Tree) -> Tree:
    found: Tree = call.get(f"/v1/charges/{intent['latest_charge']}").json
    return found


def happened(call: Call) -> list[str]:
    """The types of all events but those about what is charged, oldest first."""
    found = [each["type"] for each in call.get("/v1/events", {"limit": 100}).json["data"]][::-1]
    return [each for each in found if not each.startswith(("customer.", "payment_method."))]
