"""Which payment method pays: the defaults of customers, subscriptions and invoices, and what they may be."""

from typing import Any

import pytest

from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import attached
from tests.resources.shop import customer
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import metered
from tests.resources.shop import product
from tests.resources.shop import subscribe

CUSTOMERS, SUBSCRIPTIONS, INVOICES = "/v1/customers", "/v1/subscriptions", "/v1/invoices"
METHODS, SETUPS = "/v1/payment_methods", "/v1/setup_intents"
WANTED = {"invoice_settings": {"default_payment_method": "pm_card_visa"}}
Tree = dict[str, Any]


def required(call: Call) -> None:
    call.fake.begin(now=1735689600, seed=1, payment_methods="required")


def types(call: Call, count: int) -> list[str]:
    """The newest events, oldest first."""
    return [each["type"] for each in call.get("/v1/events", {"limit": count}).json["data"]][::-1]


def holders(call: Call, ada: str) -> list[tuple[str, str]]:
    """What can have a default payment method, and the name of the parameter."""
    subscription = subscribe(call, ada, metered(call))["id"]
    draft = call.create(INVOICES, {"customer": ada})["id"]
    return [
        (f"{CUSTOMERS}/{ada}", "invoice_settings[default_payment_method]"),
        (f"{SUBSCRIPTIONS}/{subscription}", "default_payment_method"),
        (f"{INVOICES}/{draft}", "default_payment_method"),
    ]


def chosen(path: str, method: str) -> Tree:
    terms: Tree = {"default_payment_method": method}
    return {"invoice_settings": terms} if path.startswith(CUSTOMERS) else terms


def default_of(shown: Tree) -> str | None:
    found: str | None = shown.get("invoice_settings", shown)["default_payment_method"]
    return found


def test_a_default_is_one_of_the_customers(call: Call) -> None:
    ada, bob = customer(call), customer(call)
    mine, other = attached(call, ada), attached(call, bob)
    free = call.create(METHODS, {"type": "card", "card": {"token": "tok_visa"}})["id"]
    for path, param in holders(call, ada):
        own = {"default_payment_method": mine}
        terms = {"invoice_settings": own} if path.startswith(CUSTOMERS) else own
        shown = call.create(path, terms)
        assert (shown["invoice_settings"] if path.startswith(CUSTOMERS) else shown)["default_payment_method"] == mine
        for wrong in (other, free):
            refused = call.post(path, chosen(path, wrong))
            assert (refused.status, refused.error["param"]) == (400, param)
            assert refused.error["message"] == (
                f"The customer does not have a payment method with the ID {wrong}. The payment method must be attached "
                "to the customer."
            )
        for unknown in ("pm_123", "card", "pm_card_nothing", "tok_visa"):
            refused = call.post(path, chosen(path, unknown))
            assert (refused.status, refused.error["code"], refused.error["param"]) == (400, "resource_missing", param)
            assert refused.error["message"].startswith(f"No such PaymentMethod: '{unknown}'")
        declined = call.post(path, chosen(path, "pm_card_chargeDeclined"))
        assert (declined.status, declined.error["code"]) == (402, "card_declined")
        assert call.create(path, chosen(path, ""))["id"] in path


def test_the_name_of_a_card_is_attached_where_no_method_is_required(call: Call) -> None:
    ada = customer(call)
    for path, _ in holders(call, ada):
        call.create(path, chosen(path, "pm_card_mastercard"))
    assert len(call.get(METHODS, {"customer": ada}).ids) == 3


def test_the_name_of_a_card_is_refused_where_a_method_is_required(call: Call) -> None:
    required(call)
    ada = customer(call, payment_method="pm_card_visa")
    for path, param in holders(call, ada):
        refused = call.post(path, chosen(path, "pm_card_visa"))
        assert (refused.status, refused.error["param"]) == (400, param)
        sentence = "The customer does not have a payment method with the ID pm_card_visa."
        assert refused.error["message"].startswith(sentence)
    assert len(call.get(METHODS, {"customer": ada}).ids) == 1


def test_a_customer_has_a_method_from_the_beginning(call: Call) -> None:
    made = call.create(CUSTOMERS, {"payment_method": "pm_card_visa"})
    assert made["invoice_settings"]["default_payment_method"] is None
    assert types(call, 2) == ["payment_method.attached", "customer.created"]
    [method] = call.get(METHODS, {"customer": made["id"]}).ids
    other = call.post(CUSTOMERS, {"payment_method": method})
    assert other.error["message"] == "The payment method you provided has already been attached to a customer."
    free = call.create(METHODS, {"type": "card", "card": {"token": "tok_visa"}})["id"]
    both = {"payment_method": free, "invoice_settings": {"default_payment_method": free}}
    assert call.create(CUSTOMERS, both)["invoice_settings"]["default_payment_method"] == free


@pytest.mark.parametrize("needed", [False, True])
def test_a_new_customer_has_a_named_card_as_the_default(call: Call, *, needed: bool) -> None:
    if needed:
        required(call)
    named = {"payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"}}
    made = call.create(CUSTOMERS, named)
    [method] = call.get(METHODS, {"customer": made["id"]}).ids
    assert default_of(made) == method


@pytest.mark.parametrize(
    ("terms", "status"),
    [({"payment_method": "pm_x"}, 400), ({"payment_method": "pm_card_chargeDeclined"}, 402)],
)
def test_a_bad_method_makes_no_customer(call: Call, terms: Tree, status: int) -> None:
    assert call.post(CUSTOMERS, terms).status == status
    assert call.get(CUSTOMERS).ids == []


def test_a_method_that_goes_is_nobodys_default(call: Call) -> None:
    ada = customer(call)
    method = attached(call, ada)
    subscription = subscribe(call, ada, licensed(call), default_payment_method=method)["id"]
    call.create(f"{CUSTOMERS}/{ada}", chosen(CUSTOMERS, method))
    call.create(f"{METHODS}/{method}/detach")
    assert call.get(f"{SUBSCRIPTIONS}/{subscription}").json["default_payment_method"] is None
    assert default_of(call.get(f"{CUSTOMERS}/{ada}").json) is None


def test_a_deleted_customer_has_no_methods(call: Call) -> None:
    ada = customer(call)
    method = attached(call, ada)
    call.delete(f"{CUSTOMERS}/{ada}")
    assert call.get(f"{METHODS}/{method}").json["customer"] is None
    assert types(call, 2) == ["payment_method.detached", "customer.deleted"]


def test_the_more_special_default_pays(call: Call) -> None:
    ada = customer(call)
    methods = [attached(call, ada, token) for token in ("tok_visa", "tok_mastercard", "tok_amex")]
    call.create(f"{CUSTOMERS}/{ada}", chosen(CUSTOMERS, methods[0]))
    made = subscribe(call, ada, licensed(call))
    assert made["default_payment_method"] is None
    assert charged(call) == methods[0]
    subscribe(call, ada, licensed(call), default_payment_method=methods[1])
    assert charged(call) == methods[1]
    draft = call.create(INVOICES, {"customer": ada, "default_payment_method": methods[2]})["id"]
    call.create("/v1/invoiceitems", {"customer": ada, "invoice": draft, "amount": 500, "currency": "usd"})
    call.create(f"{INVOICES}/{draft}/pay")
    assert charged(call) == methods[2]
    draft = call.create(INVOICES, {"customer": ada, "default_payment_method": methods[2]})["id"]
    call.create("/v1/invoiceitems", {"customer": ada, "invoice": draft, "amount": 500, "currency": "usd"})
    call.create(f"{INVOICES}/{draft}/pay", {"payment_method": methods[0]})
    assert charged(call) == methods[0]


def charged(call: Call) -> str:
    """The payment method of the newest charge."""
    found: str = call.get("/v1/charges", {"limit": 1}).json["data"][0]["payment_method"]
    return found


def test_attaching_makes_no_default(call: Call) -> None:
    required(call)
    ada = customer(call)
    attached(call, ada)
    refused = call.post(SUBSCRIPTIONS, {"customer": ada, "items": [{"price": licensed(call)}]})
    assert (refused.status, refused.error["code"]) == (400, "resource_missing")


def test_a_subscription_may_save_what_has_paid(call: Call) -> None:
    ada = customer(call)
    method = attached(call, ada)
    call.create(f"{CUSTOMERS}/{ada}", chosen(CUSTOMERS, method))
    saves = {"payment_settings": {"save_default_payment_method": "on_subscription"}}
    made = subscribe(call, ada, licensed(call), **saves)["id"]
    assert call.get(f"{SUBSCRIPTIONS}/{made}").json["default_payment_method"] == method


# A setup intent that waits for the customer


def test_a_trial_without_a_method_has_a_setup_intent(call: Call) -> None:
    ada = customer(call)
    made = subscribe(call, ada, licensed(call), trial_period_days=14)
    pending = call.get(f"{SETUPS}/{made['pending_setup_intent']}").json
    assert (pending["status"], pending["customer"], pending["usage"]) == ("requires_payment_method", ada, "off_session")
    expanded = call.get(f"{SUBSCRIPTIONS}/{made['id']}", {"expand": ["pending_setup_intent"]}).json
    assert expanded["pending_setup_intent"] == pending
    confirmed = {"payment_method": "pm_card_visa", "return_url": "https://a.example"}
    call.create(f"{SETUPS}/{pending['id']}/confirm", confirmed)
    after = call.get(f"{SUBSCRIPTIONS}/{made['id']}").json
    assert (after["pending_setup_intent"], after["default_payment_method"]) == (None, None)
    assert types(call, 3) == ["payment_method.attached", "setup_intent.succeeded", "customer.subscription.updated"]


def test_its_method_is_saved_if_the_subscription_says_so(call: Call) -> None:
    saves = {"payment_settings": {"save_default_payment_method": "on_subscription"}}
    made = subscribe(call, customer(call), licensed(call), trial_period_days=14, **saves)
    confirmed = {"payment_method": "pm_card_visa", "return_url": "https://a.example"}
    done = call.create(f"{SETUPS}/{made['pending_setup_intent']}/confirm", confirmed)
    assert call.get(f"{SUBSCRIPTIONS}/{made['id']}").json["default_payment_method"] == done["payment_method"]


def test_a_trial_with_a_method_has_one_only_for_authentication(call: Call) -> None:
    ada = customer(call, **WANTED)
    assert subscribe(call, ada, licensed(call), trial_period_days=14)["pending_setup_intent"] is None
    card = "pm_card_authenticationRequiredOnSetup"
    made = subscribe(call, ada, licensed(call), trial_period_days=14, default_payment_method=card)
    pending = call.get(f"{SETUPS}/{made['pending_setup_intent']}").json
    assert (pending["status"], pending["payment_method"]) == ("requires_action", made["default_payment_method"])
    call.fake.authenticate(pending["id"])
    assert call.get(f"{SUBSCRIPTIONS}/{made['id']}").json["pending_setup_intent"] is None
    call.clock.advance(15 * DAY)
    newest = invoices(call)[-1] if invoices(call)[-1]["amount_due"] else invoices(call)[0]
    assert newest["status"] == "paid"


@pytest.mark.parametrize(
    "what",
    [
        pytest.param({"metered": True}, id="usage"),
        pytest.param({"coupon": {"percent_off": 100, "duration": "once"}}, id="coupon"),
        pytest.param({"balance": -5000}, id="balance"),
        pytest.param({"coupon": {"percent_off": 99.5, "duration": "once"}}, id="too small to be charged"),
    ],
)
@pytest.mark.parametrize("behavior", ["allow_incomplete", "default_incomplete"])
def test_whatever_costs_nothing_at_first_has_one(call: Call, what: Tree, behavior: str) -> None:
    ada = customer(call, balance=what.get("balance", 0))
    terms: Tree = {"payment_settings": {"save_default_payment_method": "on_subscription"}}
    if "coupon" in what:
        terms["discounts"] = [{"coupon": call.create("/v1/coupons", what["coupon"])["id"]}]
    price = metered(call) if "metered" in what else licensed(call)
    made = subscribe(call, ada, price, payment_behavior=behavior, **terms)
    assert made["status"] == "active"
    told = [each for each in types(call, 20) if each.startswith(("customer.subscription", "setup", "invoice."))]
    assert told[:2] == ["customer.subscription.created", "setup_intent.created"]
    path = f"{SETUPS}/{made['pending_setup_intent']}"
    wants = {"payment_method": "pm_card_authenticationRequiredOnSetup", "return_url": "https://a.example"}
    assert call.create(f"{path}/confirm", wants)["status"] == "requires_action"
    call.fake.authenticate(made["pending_setup_intent"])
    after = call.get(f"{SUBSCRIPTIONS}/{made['id']}").json
    assert (after["pending_setup_intent"], after["default_payment_method"]) == (
        None,
        call.get(path).json["payment_method"],
    )


def test_what_an_added_item_costs_in_a_trial_is_paid_instead(call: Call) -> None:
    fee = {"price_data": {"currency": "usd", "unit_amount": 700, "product": product(call, "Fee")}}
    trial = {"trial_period_days": 14, "add_invoice_items": [fee]}
    assert subscribe(call, customer(call), licensed(call), **trial)["pending_setup_intent"] is None


@pytest.mark.parametrize("terms", [{}, {"collection_method": "send_invoice", "days_until_due": 3}])
def test_no_other_subscription_has_one(call: Call, terms: Tree) -> None:
    trial = {"trial_period_days": 14} if terms else {}
    assert subscribe(call, customer(call), licensed(call), **trial, **terms)["pending_setup_intent"] is None


def test_a_setup_that_is_canceled_or_not_authenticated(call: Call) -> None:
    card = "pm_card_authenticationRequired"
    made = subscribe(call, customer(call), licensed(call), trial_period_days=14, default_payment_method=card)
    path = f"{SETUPS}/{made['pending_setup_intent']}"
    call.fake.authenticate(made["pending_setup_intent"], succeeds=False)
    failed = call.get(path).json
    assert (failed["status"], failed["payment_method"]) == ("requires_payment_method", None)
    assert failed["last_setup_error"]["code"] == "setup_intent_authentication_failure"
    assert types(call, 1) == ["setup_intent.setup_failed"]
    assert call.get(f"{SUBSCRIPTIONS}/{made['id']}").json["pending_setup_intent"] == failed["id"]
    call.create(f"{path}/cancel")
    assert call.get(f"{SUBSCRIPTIONS}/{made['id']}").json["pending_setup_intent"] is None


# What older programs do


def test_sources_are_refused(call: Call) -> None:
    ada = customer(call)
    for path, terms in (
        (CUSTOMERS, {"source": "tok_visa"}),
        (f"{CUSTOMERS}/{ada}", {"source": "tok_visa"}),
        (f"{CUSTOMERS}/{ada}/sources", {"source": "tok_visa"}),
        ("/v1/charges", {"amount": 100, "currency": "usd", "source": "tok_visa"}),
    ):
        refused = call.post(path, terms)
        assert (refused.status, refused.error["param"]) == (400, "source")
        assert refused.error["message"].startswith("Card Token usage on the Customers API and Charges API has reached")
    assert call.get(f"{CUSTOMERS}/{ada}/sources").json["data"] == []
    assert call.get(f"{CUSTOMERS}/{ada}/sources/card_1").status == 404
    assert call.get(f"{CUSTOMERS}/{ada}/sources", {"starting_after": "card_1"}).status == 400
    for path, _ in holders(call, ada):
        refused = call.post(path, {"default_source": "card_1"})
        assert (refused.status, refused.error["message"]) == (400, "No such source: 'card_1'")


def test_charges_of_the_older_kind_are_refused(call: Call) -> None:
    ada, bob = customer(call), customer(call)
    attached(call, bob)
    body = {"amount": 100, "currency": "usd"}
    nothing = call.post("/v1/charges", {**body, "customer": ada})
    method = call.post("/v1/charges", {**body, "customer": bob})
    for refused, words in ((nothing, "any saved payment details"), (method, "but does have a Payment Method attached")):
        assert (refused.status, refused.error["code"], refused.error["type"]) == (402, "missing", "card_error")
        assert refused.error["param"] == "card"
        assert words in refused.error["message"]
    nobody = call.post("/v1/charges", body)
    assert (nobody.error["code"], nobody.error["message"]) == ("parameter_missing", "Must provide source or customer.")
    assert call.post("/v1/charges", {**body, "customer": "cus_x"}).status == 400


def test_a_snapshot_of_an_older_release_may_hold_any_word(call: Call) -> None:
    ada, bob = customer(call), customer(call)
    snapshot = call.fake.snapshot()
    found = [each for each in _records(snapshot) if each.get("id") in (ada, bob) and "object" not in each]
    for each, word in zip(found, ("pm_card_chargeCustomerFail", "anything"), strict=True):
        each["default_payment_method"] = word
    call.fake.restore(snapshot)
    assert default_of(call.get(f"{CUSTOMERS}/{bob}").json) == "anything"
    assert subscribe(call, ada, licensed(call))["status"] == "incomplete"
    assert subscribe(call, bob, licensed(call))["status"] == "active"


def _records(tree: Any) -> list[Tree]:  # noqa: ANN401  any JSON
    if isinstance(tree, dict):
        return [tree, *(each for below in tree.values() for each in _records(below))]
    return [each for below in tree for each in _records(below)] if isinstance(tree, list) else []
