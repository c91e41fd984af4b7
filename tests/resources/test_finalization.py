"""When a draft is finalized without a request, and when a sent invoice is due."""

import pytest

from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import FEBRUARY
from tests.resources.shop import HOUR
from tests.resources.shop import MARCH
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import Tree
from tests.resources.shop import customer
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import metered
from tests.resources.shop import subscribe
from tests.resources.shop import use

INVOICES = "/v1/invoices"
SENT = {"collection_method": "send_invoice"}
FIVE_YEARS = 1_826 * DAY


def drafted(call: Call, **terms: object) -> Tree:
    """A draft by hand, for 5.00."""
    draft = call.create(INVOICES, {"customer": customer(call), **terms})
    call.create("/v1/invoiceitems", {"invoice": draft["id"], "amount": 500})
    return draft


def status(call: Call, invoice: Tree) -> str:
    found: str = call.get(f"{INVOICES}/{invoice['id']}").json["status"]
    return found


def test_a_new_draft_is_finalized_when_it_says(call: Call) -> None:
    draft = drafted(call, auto_advance=True, automatically_finalizes_at=NEW_YEAR + DAY)
    assert draft["automatically_finalizes_at"] == draft["next_payment_attempt"] == NEW_YEAR + DAY
    call.clock.freeze(NEW_YEAR + DAY - 1)
    assert status(call, draft) == "draft"
    call.clock.advance(1)
    assert status(call, draft) == "paid"


def test_a_cycle_can_wait_for_late_usage(call: Call) -> None:
    ada = customer(call)
    subscribe(call, ada, metered(call))
    call.clock.freeze(FEBRUARY)
    path = f"{INVOICES}/{invoices(call)[0]['id']}"
    later = call.create(path, {"automatically_finalizes_at": FEBRUARY + 3 * DAY})
    assert later["automatically_finalizes_at"] == FEBRUARY + 3 * DAY
    call.clock.freeze(FEBRUARY + 2 * DAY)
    use(call, ada, 90, FEBRUARY - 1)
    call.clock.freeze(FEBRUARY + 3 * DAY)
    (invoice,) = invoices(call)
    assert (invoice["status"], invoice["total"], invoice["automatically_finalizes_at"]) == ("paid", 90, None)
    assert invoice["status_transitions"]["finalized_at"] == FEBRUARY + 3 * DAY


def test_an_earlier_time_takes_the_place_of_a_later_one(call: Call) -> None:
    draft = drafted(call, auto_advance=True, automatically_finalizes_at=NEW_YEAR + 2 * DAY)
    call.create(f"{INVOICES}/{draft['id']}", {"automatically_finalizes_at": NEW_YEAR + DAY})
    call.clock.freeze(NEW_YEAR + DAY)
    assert status(call, draft) == "paid"


def test_a_draft_that_does_not_advance_has_no_time(call: Call) -> None:
    draft = drafted(call)
    path = f"{INVOICES}/{draft['id']}"
    for answer in (
        call.post(path, {"automatically_finalizes_at": NEW_YEAR + DAY}),
        call.post(path, {"automatically_finalizes_at": NEW_YEAR + DAY, "auto_advance": False}),
        call.post(INVOICES, {"customer": customer(call), "automatically_finalizes_at": NEW_YEAR + DAY}),
    ):
        assert (answer.status, answer.error["param"]) == (400, "automatically_finalizes_at")
    both = call.create(path, {"auto_advance": True, "automatically_finalizes_at": NEW_YEAR + DAY})
    assert both["automatically_finalizes_at"] == NEW_YEAR + DAY
    held = call.create(path, {"auto_advance": False})
    assert held["automatically_finalizes_at"] is None
    call.clock.freeze(NEW_YEAR + DAY)
    assert status(call, draft) == "draft"


def test_a_draft_that_advances_again_has_the_usual_time(call: Call) -> None:
    """As recorded: the hour is counted from the draft's creation (Kiln-AI/stripe_world)."""
    path = f"{INVOICES}/{drafted(call, auto_advance=True, automatically_finalizes_at=NEW_YEAR + DAY)['id']}"
    call.create(path, {"auto_advance": False})
    call.clock.advance(60)
    assert call.create(path, {"auto_advance": True})["automatically_finalizes_at"] == NEW_YEAR + HOUR
    call.create(path, {"auto_advance": False})
    call.clock.freeze(NEW_YEAR + HOUR)
    assert call.create(path, {"auto_advance": True})["automatically_finalizes_at"] == NEW_YEAR + 2 * HOUR


def test_another_change_leaves_the_time(call: Call) -> None:
    path = f"{INVOICES}/{drafted(call, auto_advance=True, automatically_finalizes_at=NEW_YEAR + DAY)['id']}"
    changed = call.create(path, {"description": "later", "auto_advance": True})
    assert changed["automatically_finalizes_at"] == NEW_YEAR + DAY


@pytest.mark.parametrize("at", [NEW_YEAR, NEW_YEAR - 1, NEW_YEAR + FIVE_YEARS + 1, "", "soon", -1])
def test_a_time_in_the_past_or_too_far_ahead_is_refused(call: Call, at: object) -> None:
    path = f"{INVOICES}/{drafted(call, auto_advance=True)['id']}"
    answer = call.post(path, {"automatically_finalizes_at": at})
    assert (answer.status, answer.error["param"]) == (400, "automatically_finalizes_at")
    assert call.get(path).json["automatically_finalizes_at"] == NEW_YEAR + HOUR
    latest = call.create(path, {"automatically_finalizes_at": NEW_YEAR + FIVE_YEARS})
    assert latest["automatically_finalizes_at"] == NEW_YEAR + FIVE_YEARS


def test_a_finalized_invoice_takes_no_time(call: Call) -> None:
    path = f"{INVOICES}/{drafted(call)['id']}"
    call.create(f"{path}/finalize")
    error = call.post(path, {"automatically_finalizes_at": NEW_YEAR + DAY}).error
    assert (error["message"], error["param"]) == (
        "Finalized invoices can't be updated in this way",
        "automatically_finalizes_at",
    )


def test_a_request_finalizes_before_the_time(call: Call) -> None:
    draft = drafted(call, auto_advance=True, automatically_finalizes_at=NEW_YEAR + DAY)
    done = call.create(f"{INVOICES}/{draft['id']}/finalize")
    assert (done["status"], done["automatically_finalizes_at"]) == ("paid", None)
    call.clock.freeze(NEW_YEAR + DAY)
    assert status(call, draft) == "paid"


def test_a_sent_draft_shows_at_once_when_it_is_due(call: Call) -> None:
    """As recorded: counted from its creation, also once it is finalized (Kiln-AI/stripe_world)."""
    draft = drafted(call, **SENT, days_until_due=7)
    assert draft["due_date"] == NEW_YEAR + 7 * DAY
    call.clock.advance(DAY)
    path = f"{INVOICES}/{draft['id']}"
    assert call.create(path, {"days_until_due": 9})["due_date"] == NEW_YEAR + 9 * DAY
    assert call.create(path, {"description": "later"})["due_date"] == NEW_YEAR + 9 * DAY
    assert call.create(path, {"due_date": MARCH})["due_date"] == MARCH
    assert call.create(f"{path}/finalize")["due_date"] == MARCH


def test_a_draft_that_is_charged_after_all_is_due_at_no_date(call: Call) -> None:
    path = f"{INVOICES}/{drafted(call, **SENT, days_until_due=7)['id']}"
    assert call.create(path, {"collection_method": "charge_automatically"})["due_date"] is None
    assert call.post(path, SENT).status == 400
    assert call.create(path, {**SENT, "days_until_due": 3})["due_date"] == NEW_YEAR + 3 * DAY


def test_the_drafts_of_a_subscription_show_when_they_are_due(call: Call) -> None:
    subscribe(call, customer(call), licensed(call), **SENT, days_until_due=14)
    assert [each["due_date"] for each in invoices(call)] == [NEW_YEAR + 14 * DAY]
    call.clock.freeze(FEBRUARY)
    assert (invoices(call)[-1]["status"], invoices(call)[-1]["due_date"]) == ("draft", FEBRUARY + 14 * DAY)


def test_an_open_invoice_can_stop_being_collected(call: Call) -> None:
    draft = drafted(call, **SENT, days_until_due=7, auto_advance=True)
    path = f"{INVOICES}/{draft['id']}"
    opened = call.create(f"{path}/finalize")
    assert (opened["status"], opened["auto_advance"]) == ("open", True)
    assert call.create(path, {"auto_advance": True})["auto_advance"] is True
    assert call.create(path, {"auto_advance": False})["auto_advance"] is False
    answer = call.post(path, {"auto_advance": True})
    assert (answer.status, answer.error["param"]) == (501, "auto_advance")
    call.create(f"{path}/void")
    assert call.post(path, {"auto_advance": False}).error["param"] == "auto_advance"


def test_paying_out_of_band_is_no_attempt(call: Call) -> None:
    """As recorded (Kiln-AI/stripe_world)."""
    path = f"{INVOICES}/{drafted(call, **SENT, days_until_due=7)['id']}"
    call.create(f"{path}/finalize")
    paid = call.create(f"{path}/pay", {"paid_out_of_band": True})
    assert (paid["status"], paid["attempted"], paid["attempt_count"]) == ("paid", False, 0)
