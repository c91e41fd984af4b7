"""The lines of a draft can be added, changed and removed, as recordings of Kiln-AI/stripe_world show it."""

import pytest

from tests.conftest import Call
from tests.resources.shop import FEBRUARY
from tests.resources.shop import HOUR
from tests.resources.shop import MARCH
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import Tree
from tests.resources.shop import customer
from tests.resources.shop import events
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import lines
from tests.resources.shop import metered
from tests.resources.shop import one_time
from tests.resources.shop import product
from tests.resources.shop import subscribe
from tests.resources.shop import types
from tests.resources.shop import use

INVOICES = "/v1/invoices"
ITEMS = "/v1/invoiceitems"


def draft(call: Call, **terms: object) -> str:
    """The path of an empty draft by hand."""
    made = call.create(INVOICES, {"customer": customer(call), **terms})
    return f"{INVOICES}/{made['id']}"


def added(call: Call, path: str, *new: Tree) -> Tree:
    return call.create(f"{path}/add_lines", {"lines": list(new)})


def item_of(line: Tree) -> str:
    found: str = line["parent"]["invoice_item_details"]["invoice_item"]
    return found


def waiting(call: Call) -> list[str]:
    return call.get(ITEMS, {"pending": "true"}).ids


def test_a_line_is_added(call: Call) -> None:
    path = draft(call)
    invoice = added(call, path, {"amount": 999, "description": "Extra line"})
    assert (invoice["total"], lines(invoice)) == (999, [("Extra line", 999)])
    (line,) = invoice["lines"]["data"]
    assert (line["quantity"], line["discountable"], line["subtotal"]) == (1, True, 999)
    assert line["period"] == {"start": NEW_YEAR, "end": NEW_YEAR}
    assert line["pricing"]["unit_amount_decimal"] == "999"
    item = call.get(f"{ITEMS}/{item_of(line)}").json
    assert (item["amount"], item["description"], item["invoice"]) == (999, "Extra line", invoice["id"])
    assert types(call)[-2:] == ["invoiceitem.created", "invoice.updated"]
    assert call.get(path).json == invoice


def test_a_line_can_have_a_price_and_a_quantity(call: Call) -> None:
    data = {"currency": "usd", "product": product(call), "unit_amount": 30}
    invoice = added(
        call,
        draft(call),
        {"pricing": {"price": one_time(call, 500)}, "quantity": 3},
        {"price_data": data, "quantity_decimal": "1.5", "discountable": False, "metadata": {"a": "b"}},
        {"amount": -70, "period": {"start": FEBRUARY, "end": MARCH}},
    )
    first, second, third = invoice["lines"]["data"]
    assert [first["amount"], second["amount"], third["amount"]] == [1500, 45, -70]
    assert (second["discountable"], second["metadata"], second["quantity_decimal"]) == (False, {"a": "b"}, "1.5")
    assert third["period"] == {"start": FEBRUARY, "end": MARCH}
    assert invoice["total"] == 1475


def test_a_waiting_item_can_be_the_line(call: Call) -> None:
    path = draft(call)
    owner = call.get(path).json["customer"]
    item = call.create(ITEMS, {"customer": owner, "amount": 300, "description": "Set-up"})["id"]
    invoice = added(call, path, {"invoice_item": item, "description": "Set-up, as agreed"})
    assert lines(invoice) == [("Set-up, as agreed", 300)]
    assert item_of(invoice["lines"]["data"][0]) == item
    assert waiting(call) == []
    assert call.get(f"{ITEMS}/{item}").json["description"] == "Set-up, as agreed"


def test_a_line_is_changed_and_its_item_with_it(call: Call) -> None:
    path = draft(call)
    (line,) = added(call, path, {"amount": 999, "description": "Extra line"})["lines"]["data"]
    changed = call.create(f"{path}/lines/{line['id']}", {"amount": 777, "description": "Extra line (revised)"})
    assert (changed["object"], changed["id"], changed["amount"]) == ("line_item", line["id"], 777)
    assert (changed["description"], changed["pricing"]["unit_amount_decimal"]) == ("Extra line (revised)", "777")
    item = call.get(f"{ITEMS}/{item_of(line)}").json
    assert (item["amount"], item["description"]) == (777, "Extra line (revised)")
    (event,) = events(call, "invoice.updated")[-1:]
    assert event["data"]["previous_attributes"]["total"] == 999
    assert call.get(path).json["total"] == 777


def test_several_lines_are_changed_at_once(call: Call) -> None:
    path = draft(call)
    one, two = added(call, path, {"amount": 100}, {"amount": 200})["lines"]["data"]
    invoice = call.create(
        f"{path}/update_lines",
        {
            "lines": [{"id": two["id"], "amount": 250, "metadata": {"a": "b"}}, {"id": one["id"], "quantity": 4}],
            "invoice_metadata": {"edited": "yes"},
        },
    )
    assert [line["amount"] for line in invoice["lines"]["data"]] == [400, 250]
    assert [line["id"] for line in invoice["lines"]["data"]] == [one["id"], two["id"]]
    assert (invoice["metadata"], invoice["lines"]["data"][1]["metadata"]) == ({"edited": "yes"}, {"a": "b"})


def test_lines_are_deleted_or_wait_again(call: Call) -> None:
    path = draft(call)
    one, two, three = added(call, path, *({"amount": 100 * n} for n in (1, 2, 3)))["lines"]["data"]
    gone = [{"id": one["id"], "behavior": "delete"}, {"id": two["id"], "behavior": "unassign"}]
    invoice = call.create(f"{path}/remove_lines", {"lines": gone})
    assert [line["id"] for line in invoice["lines"]["data"]] == [three["id"]]
    assert call.get(f"{ITEMS}/{item_of(one)}").status == 404
    assert call.get(f"{ITEMS}/{item_of(two)}").json["invoice"] is None
    assert waiting(call) == [item_of(two)]
    following = call.create(INVOICES, {"customer": invoice["customer"], "pending_invoice_items_behavior": "include"})
    assert following["total"] == 200


def test_all_or_nothing(call: Call) -> None:
    path = draft(call)
    answer = call.post(f"{path}/add_lines", {"lines": [{"amount": 100}, {"description": "what?"}]})
    assert (answer.status, call.get(path).json["total"]) == (400, 0)
    (line,) = added(call, path, {"amount": 100})["lines"]["data"]
    twice = [{"id": line["id"], "behavior": "delete"}] * 2
    answer = call.post(f"{path}/remove_lines", {"lines": twice})
    assert (answer.status, answer.error["param"]) == (400, "lines[1][id]")
    assert call.get(path).json["total"] == 100


def test_only_drafts_can_be_edited(call: Call) -> None:
    path = draft(call)
    (line,) = added(call, path, {"amount": 500})["lines"]["data"]
    call.create(f"{path}/finalize")
    for answer in (
        call.post(f"{path}/add_lines", {"lines": [{"amount": 1}]}),
        call.post(f"{path}/update_lines", {"lines": [{"id": line["id"], "amount": 1}]}),
        call.post(f"{path}/remove_lines", {"lines": [{"id": line["id"], "behavior": "delete"}]}),
        call.post(f"{path}/lines/{line['id']}", {"amount": 1}),
    ):
        assert (answer.status, answer.error["code"]) == (400, "invoice_not_editable")
        assert answer.error["message"] == "Invalid invoice: This invoice is no longer editable"


def test_the_amounts_of_a_subscriptions_lines_cannot_be_edited(call: Call) -> None:
    ada = customer(call)
    subscribe(call, ada, metered(call), licensed(call))
    use(call, ada, 70)
    call.clock.freeze(FEBRUARY)
    invoice = invoices(call)[-1]
    path = f"{INVOICES}/{invoice['id']}"
    for line in invoice["lines"]["data"]:
        for change in ({"amount": 5}, {"quantity": 5}, {"pricing": {"price": one_time(call)}}):
            answer = call.post(f"{path}/lines/{line['id']}", change)
            assert (answer.status, answer.error["param"]) == (400, next(iter(change)))
        assert call.post(f"{path}/lines/{line['id']}", {"description": "Other"}).status == 501
        gone = {"lines": [{"id": line["id"], "behavior": "delete"}]}
        assert call.post(f"{path}/remove_lines", gone).status == 501
    assert lines(call.get(path).json) == lines(invoice)


def test_a_line_on_a_cycles_draft_is_billed_with_it(call: Call) -> None:
    ada = customer(call)
    subscribe(call, ada, metered(call))
    use(call, ada, 70)
    call.clock.freeze(FEBRUARY)
    added(call, f"{INVOICES}/{invoices(call)[0]['id']}", {"amount": 30, "description": "Fee"})
    call.clock.advance(HOUR)
    (invoice,) = invoices(call)
    assert (invoice["status"], invoice["total"], len(invoice["lines"]["data"])) == ("paid", 100, 2)


@pytest.mark.parametrize(
    ("line", "param"),
    [
        ({"amount": 5, "price_data": {"currency": "usd", "product": "prod_x", "unit_amount": 5}}, "lines[0][amount]"),
        ({"amount": "much"}, "lines[0][amount]"),
        ({"pricing": {"price": "price_none"}}, "lines[0][pricing][price]"),
        ({"pricing": {"price": "MONTHLY"}}, "lines[0][pricing][price]"),
        (
            {"price_data": {"currency": "usd", "product": "prod_none", "unit_amount": 5}},
            "lines[0][price_data][product]",
        ),
        ({"amount": 5, "quantity": -1}, "lines[0][quantity]"),
        ({"amount": 5, "quantity": 1, "quantity_decimal": "1"}, "lines[0][quantity]"),
        ({"amount": 5, "metadata": {"k" * 41: "v"}}, f"lines[0][metadata][{'k' * 41}]"),
        ({"amount": 5, "period": {"start": 5}}, "lines[0][period][end]"),
        ({"invoice_item": "ii_none"}, "lines[0][invoice_item]"),
        ({"invoice_item": "BOBS"}, "lines[0][invoice_item]"),
        ({"invoice_item": "EUROS"}, "lines[0][invoice_item]"),
        ({"invoice_item": "BILLED"}, "lines[0][invoice_item]"),
    ],
)
def test_a_wrong_line_is_refused(call: Call, line: Tree, param: str) -> None:
    path = draft(call)
    ada = call.get(path).json["customer"]
    price = licensed(call)
    others = {
        "BOBS": call.create(ITEMS, {"customer": customer(call), "amount": 5})["id"],
        "EUROS": call.create(ITEMS, {"customer": ada, "amount": 5, "currency": "eur"})["id"],
        "BILLED": call.create(ITEMS, {"customer": ada, "amount": 5, "invoice": path.rpartition("/")[2]})["id"],
    }
    if line.get("invoice_item") in others:
        line = {"invoice_item": others[line["invoice_item"]]}
    if line.get("pricing") == {"price": "MONTHLY"}:
        line = {"pricing": {"price": price}}
    answer = call.post(f"{path}/add_lines", {"lines": [line]})
    assert answer.status == 400
    assert answer.error.get("param") == param or param in str(answer.error)
    assert call.get(path).json["total"] == 5


@pytest.mark.parametrize(
    ("action", "params", "param"),
    [
        ("add_lines", {}, "lines"),
        ("add_lines", {"lines": "all"}, "lines"),
        ("update_lines", {"lines": [{"amount": 5}]}, "lines[0][id]"),
        ("update_lines", {"lines": [{"id": "il_none", "amount": 5}]}, "lines[0][id]"),
        ("remove_lines", {"lines": [{"id": "il_none", "behavior": "delete"}]}, "lines[0][id]"),
        ("remove_lines", {"lines": [{"id": "il_none"}]}, "lines[0][behavior]"),
        ("remove_lines", {"lines": [{"id": "il_none", "behavior": "hide"}]}, "lines[0][behavior]"),
    ],
)
def test_a_wrong_edit_is_refused(call: Call, action: str, params: Tree, param: str) -> None:
    path = draft(call)
    answer = call.post(f"{path}/{action}", params)
    assert (answer.status, answer.error["param"]) == (400, param)


def test_what_is_not_there_is_not_found(call: Call) -> None:
    for action in ("add_lines", "update_lines", "remove_lines"):
        line = {"id": "il_x", "amount": 1, "behavior": "delete"}
        wanted = {"add_lines": ["amount"], "update_lines": ["id", "amount"], "remove_lines": ["id", "behavior"]}[action]
        answer = call.post(f"{INVOICES}/in_nope/{action}", {"lines": [{name: line[name] for name in wanted}]})
        assert (answer.status, answer.error["param"]) == (404, "invoice")
        assert answer.error["message"] == "No such invoice: 'in_nope'"
    assert call.post(f"{INVOICES}/in_nope/lines/il_x", {"amount": 1}).status == 404
    assert call.post(f"{draft(call)}/lines/il_x", {"amount": 1}).error["code"] == "resource_missing"


def test_what_is_added_to_a_draft_comes_after_the_lines_of_its_subscription(call: Call) -> None:
    ada = customer(call)
    subscribe(call, ada, licensed(call))
    one = {"customer": ada, "amount": 1, "currency": "usd", "description": "before"}
    call.create(ITEMS, one)
    call.create(ITEMS, one | {"description": "newest before"})
    call.clock.freeze(FEBRUARY)
    cycle = invoices(call)[-1]
    path = f"{INVOICES}/{cycle['id']}"
    call.create(ITEMS, one | {"description": "first after", "invoice": cycle["id"]})
    waits = call.create(ITEMS, one | {"description": "waited after"})["id"]
    added(call, path, {"invoice_item": waits}, {"amount": 1, "description": "last after"})
    before = ["newest before", "before", "1 × Seat (at $10.00 / month)"]
    named = [line["description"] for line in call.get(path).json["lines"]["data"]]
    assert named == [*before, "first after", "waited after", "last after"]
    assert [line["description"] for line in call.get(f"{path}/lines").json["data"]] == named
    call.fake.restore(call.fake.snapshot())
    call.clock.advance(HOUR)
    final = call.get(path).json
    assert (final["status"], [line["description"] for line in final["lines"]["data"]]) == ("paid", named)


def test_what_is_taken_off_a_draft_waits_like_other_items(call: Call) -> None:
    ada = customer(call)
    subscribe(call, ada, licensed(call))
    call.clock.freeze(FEBRUARY)
    path = f"{INVOICES}/{invoices(call)[-1]['id']}"
    last = added(call, path, {"amount": 1, "description": "moved"})["lines"]["data"][-1]
    assert last["description"] == "moved"
    call.create(f"{path}/remove_lines", {"lines": [{"id": last["id"], "behavior": "unassign"}]})
    call.clock.freeze(MARCH)
    assert lines(invoices(call)[-1]) == [("moved", 1), ("1 × Seat (at $10.00 / month)", 1000)]
