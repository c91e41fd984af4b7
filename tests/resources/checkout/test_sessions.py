"""Checkout sessions: what a customer is asked to subscribe to, to pay, or to save."""

from tests.conftest import Call
from tests.resources.shop import customer
from tests.resources.shop import metered

SESSIONS = "/v1/checkout/sessions"


def test_a_session_for_usage_is_opened(call: Call) -> None:
    ada = customer(call)
    terms = {
        "mode": "subscription",
        "customer": ada,
        "success_url": "https://a.b",
        "line_items": [{"price": metered(call)}],
    }
    session = call.create(SESSIONS, terms)
    assert session["url"] == f"{call.fake.url}/_fakestripe/checkout/{session['id']}"
    assert (session["amount_total"], session["status"], session["payment_status"]) == (0, "open", "unpaid")
    assert session["expires_at"] == session["created"] + 86_400
    assert call.get(f"{SESSIONS}/{session['id']}").json == session
