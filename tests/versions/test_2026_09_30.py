"""2026-09-30.endive: the anchor of an update is a hash; before, it was a word."""

import pytest

from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import customer
from tests.resources.shop import licensed
from tests.resources.shop import subscribe

NAME = "billing_cycle_anchor"
ENDIVE = "2026-09-30.endive"
DAHLIA = "2026-08-26.dahlia"
WORD, HASH = {NAME: "now"}, {NAME: {"type": "now"}}


@pytest.mark.parametrize(
    ("version", "terms"),
    [(ENDIVE, HASH), (DAHLIA, WORD), ("2024-06-20", WORD), ("2026-08-26.preview", WORD), (None, WORD), (None, HASH)],
)
def test_an_anchor_is_given_as_in_its_version(call: Call, version: str | None, terms: dict[str, object]) -> None:
    path = f"/v1/subscriptions/{subscribe(call, customer(call), licensed(call))['id']}"
    call.clock.advance(DAY)
    assert call.create(path, terms, version=version)[NAME] == NEW_YEAR + DAY


@pytest.mark.parametrize(
    ("version", "terms", "param"),
    [
        (ENDIVE, WORD, NAME),
        (ENDIVE, {NAME: {"type": "then"}}, f"{NAME}[type]"),
        (DAHLIA, HASH, NAME),
        (DAHLIA, {NAME: "then"}, NAME),
        (None, {NAME: "then"}, NAME),
    ],
)
def test_another_versions_anchor_is_refused(
    call: Call, version: str | None, terms: dict[str, object], param: str
) -> None:
    path = f"/v1/subscriptions/{subscribe(call, customer(call), licensed(call))['id']}"
    call.clock.advance(DAY)
    answer = call.post(path, terms, version=version)
    assert (answer.status, answer.error["param"]) == (400, param)
    assert call.get(path).json[NAME] == NEW_YEAR
