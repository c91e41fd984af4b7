"""Tax rates: created, changed, listed; what cannot be said of them."""

import pytest

from tests.conftest import Call

VAT = {"display_name": "VAT", "inclusive": "false", "percentage": "19.5"}


def test_a_tax_rate_is_kept(call: Call) -> None:
    rate = call.create("/v1/tax_rates", VAT | {"country": "DE", "tax_type": "vat", "metadata[source]": "test"})
    assert call.get(f"/v1/tax_rates/{rate['id']}").json == rate
    assert list(rate) == [
        "id", "object", "active", "country", "created", "description", "display_name", "effective_percentage",
        "flat_amount", "inclusive", "jurisdiction", "jurisdiction_level", "livemode", "metadata", "percentage",
        "rate_type", "state", "tax_type",
    ]  # fmt: skip
    assert (rate["percentage"], rate["effective_percentage"], rate["inclusive"]) == (19.5, 19.5, False)
    assert (rate["rate_type"], rate["flat_amount"], rate["tax_type"]) == ("percentage", None, "vat")


def test_a_tax_rate_is_archived_and_listed(call: Call) -> None:
    old = call.create("/v1/tax_rates", VAT)
    new = call.create("/v1/tax_rates", VAT | {"inclusive": "true"})
    changed = call.post(f"/v1/tax_rates/{old['id']}", {"active": "false", "display_name": "Old VAT"}).json
    assert changed == old | {"active": False, "display_name": "Old VAT"}
    assert [each["id"] for each in call.get("/v1/tax_rates").json["data"]] == [new["id"], old["id"]]
    assert [each["id"] for each in call.get("/v1/tax_rates", {"active": "true"}).json["data"]] == [new["id"]]
    assert [each["id"] for each in call.get("/v1/tax_rates", {"inclusive": "false"}).json["data"]] == [old["id"]]
    assert call.get("/v1/tax_rates", {"created[gt]": str(new["created"])}).json["data"] == []
    events = call.get("/v1/events", {"types[]": "tax_rate.updated"}).json["data"]
    assert events[0]["data"]["previous_attributes"] == {"active": True, "display_name": "VAT"}


@pytest.mark.parametrize(
    ("sent", "param"),
    [
        ({"display_name": ""}, "display_name"),
        ({"display_name": "V" * 51}, "display_name"),
        ({"inclusive": "perhaps"}, "inclusive"),
        ({"percentage": "-1"}, "percentage"),
        ({"percentage": "100.0001"}, "percentage"),
        ({"percentage": "7.12345"}, "percentage"),
        ({"percentage": "much"}, "percentage"),
        ({"tax_type": "tithe"}, "tax_type"),
        ({"jurisdiction": "J" * 51}, "jurisdiction"),
    ],
)
def test_what_a_tax_rate_cannot_be(call: Call, sent: dict[str, str], param: str) -> None:
    answer = call.post("/v1/tax_rates", VAT | sent)
    assert (answer.status, answer.json["error"]["param"]) == (400, param)
    assert call.get("/v1/tax_rates").json["data"] == []


@pytest.mark.parametrize("missing", list(VAT))
def test_what_a_tax_rate_needs(call: Call, missing: str) -> None:
    answer = call.post("/v1/tax_rates", {name: value for name, value in VAT.items() if name != missing})
    assert (answer.status, answer.json["error"]["param"]) == (400, missing)


def test_the_percentage_of_a_tax_rate_stays(call: Call) -> None:
    rate = call.create("/v1/tax_rates", VAT)
    for name in ("percentage", "inclusive"):
        answer = call.post(f"/v1/tax_rates/{rate['id']}", {name: VAT[name]})
        assert (answer.status, answer.json["error"]["param"]) == (400, name)


def test_an_unknown_tax_rate(call: Call) -> None:
    error = call.get("/v1/tax_rates/txr_missing").json["error"]
    assert (error["message"], error["param"]) == ("No such tax rate: 'txr_missing'", "tax_rate")
