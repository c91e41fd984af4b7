"""Numbers have bounds: whatever is too large, too small or too fine is refused, and what is accepted does no harm."""

import json
from decimal import Decimal

import pytest

from fakestripe_meters.wire.message import Request
from tests.conformance.oracle import load
from tests.conformance.refused import OLDER_ENDPOINTS
from tests.conformance.story import Teller
from tests.conformance.story import begun
from tests.fuzz.declared import Leaf
from tests.fuzz.declared import leaves
from tests.fuzz.test_hostile_input import PRIVATE
from tests.fuzz.test_hostile_input import check
from tests.fuzz.wishes import request

LAST_WITH_UPCOMING = "2025-02-24.acacia"
LARGEST = 10**18 - 1
"""As many digits as an integer may have."""
NUMBERS = [leaf for leaf in leaves() if leaf.kind in (int, Decimal)]
EXTREMES = [-(10**30), -LARGEST, -1, 10**12, 10**17, LARGEST, 2**63, 10**30, 253_402_300_800]
ALWAYS_REFUSED = (
    "POST /v1/charges",
    "POST /v1/charges/<charge_id>/capture",
    "POST /v1/setup_intents/<intent_id>/verify_microdeposits",
)
"""What the story cannot do, for no request succeeds."""
FINE = ["0." + "0" * 29 + "1", "9" * 30 + "." + "9" * 30, "-" + "9" * 30]


@pytest.fixture(scope="module")
def teller() -> Teller:
    """A world with every kind of object, and no webhook under way."""
    teller = begun(load(PRIVATE).api_version, preview=True)
    teller.fake.flush()
    return teller


def asking(teller: Teller, leaf: Leaf, value: object) -> Request:
    """A request of the story to the same operation, with one parameter set."""
    for method, path, tree in teller.asked:
        endpoint, _ = teller.fake.engine.routes.lookup(method, path)
        if endpoint is not None and endpoint.route == leaf.endpoint.route:
            return request(method, path, leaf.set_in(tree, value), teller.version, None)
    if leaf.endpoint.route.endswith("/usage_records"):
        path = leaf.endpoint.rule.replace("<item_id>", "si_x")
        return request("POST", path, leaf.set_in({"quantity": 1}, value), LAST_WITH_UPCOMING, None)
    if leaf.endpoint.route in ALWAYS_REFUSED:
        path = leaf.endpoint.rule.replace("<intent_id>", "seti_x").replace("<charge_id>", "ch_x")
        return request("POST", path, leaf.set_in({}, value), teller.version, None)
    if leaf.endpoint.route in OLDER_ENDPOINTS:
        previewed = next(tree for _, path, tree in teller.asked if path.endswith("/create_preview"))
        return request("GET", leaf.endpoint.rule, leaf.set_in(previewed, value), LAST_WITH_UPCOMING, None)
    message = f"the story has no {leaf.endpoint.route}"
    raise LookupError(message)


def held(teller: Teller) -> str:
    """Everything but the number of requests."""
    return json.dumps(teller.fake.snapshot()["accounts"], default=str)


@pytest.mark.parametrize("leaf", NUMBERS, ids=str)
def test_every_number_has_bounds(leaf: Leaf) -> None:
    least, most = leaf.rules.least, leaf.rules.most
    assert least is not None, f"{leaf} needs `least`"
    assert most is not None, f"{leaf} needs `most`"
    assert -LARGEST <= least < most <= LARGEST


def test_a_number_beyond_its_bounds_is_refused_or_taken_as_the_nearest_and_changes_nothing(teller: Teller) -> None:
    before = held(teller)
    for leaf in NUMBERS:
        for number in (leaf.rules.least, leaf.rules.most):
            assert number is not None
            beyond = number - 1 if number == leaf.rules.least else number + 1
            response = teller.fake.engine.handle(asking(teller, leaf, str(beyond)))
            check(response)
            assert response.status == (200 if leaf.rules.clamps else 400), (str(leaf), beyond, response.body)
    assert held(teller) == before


def test_extreme_numbers_are_refused_or_do_no_harm() -> None:
    teller = begun(load(PRIVATE).api_version, preview=True)
    accepted = 0
    for leaf in NUMBERS:
        for number in [*EXTREMES, *(FINE if leaf.kind is Decimal else ()), leaf.rules.least, leaf.rules.most]:
            response = teller.fake.engine.handle(asking(teller, leaf, str(number)))
            check(response)
            accepted += response.status == 200
    assert accepted > len(NUMBERS) / 2
    for _ in range(14):
        teller.fake.clock.advance(31 * 86_400)
    for resource in ("customers", "subscriptions", "invoices", "invoiceitems", "prices", "billing/credit_grants"):
        check(teller.fake.engine.handle(request("GET", f"/v1/{resource}", {"limit": 100}, teller.version, None)))
