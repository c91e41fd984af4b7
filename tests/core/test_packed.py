"""JSON objects that are kept for long: what comes out is what went in."""

from decimal import Decimal
from typing import Any

import pytest

from fakestripe_meters.core import codec
from fakestripe_meters.core import encoding
from fakestripe_meters.core.packed import Packed

TREES: list[dict[str, Any]] = [
    {},
    {"id": "in_1", "object": "invoice", "lines": {"data": [{"amount": 1, "livemode": False, "price": None}]}},
    {"name": "50 % \udce9 €", "sums": (1, -(2**70), 2.5)},
    {"percent_off": Decimal("12.50")},
]


@pytest.mark.parametrize("tree", TREES)
def test_an_object_comes_out_as_it_went_in(tree: dict[str, Any]) -> None:
    packed = Packed(tree)
    assert packed.tree() == tree
    assert repr(packed.tree()) == repr(tree)
    assert (packed.id, packed.object) == (tree.get("id"), tree.get("object"))


def test_what_was_packed_does_not_change() -> None:
    tree: dict[str, Any] = {"lines": [1]}
    packed = Packed(tree)
    tree["lines"] = [2]
    packed.tree()["lines"] = [3]
    assert packed.tree() == {"lines": [1]}


def test_a_snapshot_has_the_object_itself() -> None:
    written = encoding.encode(Packed({"id": "co_1", "off": Decimal("12.50"), "empty": []}))
    assert written == {"id": "co_1", "off": {"$decimal": "12.50"}, "empty": []}
    assert codec.decoder(Packed)(written, "here").tree() == {"id": "co_1", "off": Decimal("12.50"), "empty": []}
