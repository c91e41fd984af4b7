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


PREVIEW = "/v1/invoices/create_preview"
PREVIEWED = "subscription_details[billing_cycle_anchor]"
TIME = {NAME: NEW_YEAR + 20 * DAY}
TIME_HASH = {NAME: {"type": "timestamp", "timestamp": NEW_YEAR + 20 * DAY}}


@pytest.mark.parametrize(("version", "terms"), [(ENDIVE, HASH), (DAHLIA, WORD), (None, WORD), (None, HASH)])
def test_a_preview_takes_the_anchor_of_its_version(call: Call, version: str | None, terms: dict[str, object]) -> None:
    subscription = subscribe(call, customer(call), licensed(call), billing_mode={"type": "classic"})
    call.clock.advance(DAY)
    shown = call.create(PREVIEW, {"subscription": subscription["id"], "subscription_details": terms}, version=version)
    assert (shown["created"], shown["period_start"]) == (NEW_YEAR + DAY, NEW_YEAR + DAY)


@pytest.mark.parametrize(("version", "terms"), [(ENDIVE, TIME_HASH), (DAHLIA, TIME), (None, TIME), (None, TIME_HASH)])
def test_a_preview_of_a_new_subscription_takes_a_time(
    call: Call, version: str | None, terms: dict[str, object]
) -> None:
    details = {"items": [{"price": licensed(call, 3100)}], **terms}
    shown = call.create(PREVIEW, {"customer": customer(call), "subscription_details": details}, version=version)
    assert shown["total"] == 2000


@pytest.mark.parametrize(
    ("version", "terms"), [(ENDIVE, WORD), (ENDIVE, TIME), (DAHLIA, HASH), (DAHLIA, TIME_HASH), (DAHLIA, {NAME: "x"})]
)
def test_a_preview_refuses_the_anchor_of_another_version(call: Call, version: str, terms: dict[str, object]) -> None:
    subscription = subscribe(call, customer(call), licensed(call))
    answer = call.post(PREVIEW, {"subscription": subscription["id"], "subscription_details": terms}, version=version)
    assert (answer.status, answer.error["param"]) == (400, PREVIEWED)
