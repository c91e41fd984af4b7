"""The watch over answers: what it complains of, and what it lets through."""

from typing import Any

import pytest

from fakestripe_meters import versions
from fakestripe_meters.wire.tree import Tree
from tests import observed_watch
from tests.conftest import Call
from tests.observed_watch import Watch

CLOVER = "2025-10-29.clover"


def customer(call: Call, version: str | None = CLOVER) -> Tree:
    """A customer as the fake shows it, which is as it was recorded."""
    made: Tree = call.create("/v1/customers", {"email": "ada@example.com"}, version=version)
    return made


def wrong(tree: Tree, version: str | None = CLOVER, expanded: str = "") -> set[str]:
    """What a watch of its own says of an answer, without the version."""
    watch, spoken = Watch(), versions.version(version)
    assert spoken is not None
    watch.look(spoken, tree, expanded)
    return {each.partition(": ")[2] for each in watch.wrong}


@pytest.mark.parametrize("version", [CLOVER, "2026-03-25.dahlia", "2020-08-27", "2024-06-20", None])
def test_what_the_fake_answers_is_as_it_was_recorded(call: Call, version: str | None) -> None:
    assert wrong(customer(call, version), version) == set()


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"surname": "Byron"}, "extra customer.surname"),
        ({"balance": None}, "null customer.balance"),
        ({"balance": "0"}, "type customer.balance"),
        ({"delinquent": 0}, "type customer.delinquent"),
        ({"invoice_settings": {}}, "missing customer.invoice_settings.footer"),
    ],
)
def test_a_field_that_is_otherwise_is_complained_of(call: Call, changes: Tree, complaint: str) -> None:
    assert complaint in wrong(customer(call) | changes)


def test_what_was_always_null_may_be_anything(call: Call) -> None:
    dahlia = "2026-03-25.dahlia"
    assert wrong(customer(call, dahlia) | {"customer_account": {"id": "acct_1"}}, dahlia) == set()


def test_a_missing_field_and_another_order_are_complained_of(call: Call) -> None:
    tree = customer(call)
    assert wrong({name: value for name, value in tree.items() if name != "phone"}) == {"missing customer.phone"}
    assert wrong(dict(reversed(tree.items()))) == {"order customer."}


def test_what_is_within_another_object_is_looked_at(call: Call) -> None:
    bad = customer(call) | {"surname": "Byron"}
    found = {"extra customer.surname"}
    listed: dict[str, Any] = {
        "object": "list",
        "data": [customer(call), bad],
        "has_more": False,
        "url": "/v1/customers",
    }
    assert wrong(listed) == found
    long = [customer(call) for _ in range(5)]
    assert wrong(listed | {"data": [*long, bad]}) == found
    assert wrong(listed | {"data": [*long, bad, customer(call)]}) == set()


def test_what_was_expanded_may_be_there(call: Call) -> None:
    tree = customer(call) | {"sources": []}
    assert wrong(tree) == {"extra customer.sources"}
    assert wrong(tree, expanded="['sources']") == set()


def test_a_field_that_was_added_is_missing_only_before(call: Call) -> None:
    tree = customer(call, "2026-03-25.dahlia")
    del tree["customer_account"]
    assert wrong(tree, "2025-11-17.clover") == set()
    assert wrong(tree, "2026-10-28.endive") == {"missing customer.customer_account"}


def test_objects_that_were_never_recorded_are_let_through() -> None:
    assert wrong({"object": "billing.meter", "anything": 1}) == set()


def test_answers_are_watched(call: Call) -> None:
    with observed_watch.watched() as watch:
        customer(call)
        call.get("/v1/customers/cus_x")
    assert watch.answers == 1
