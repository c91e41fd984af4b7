"""Hold the invoices, the pending items and the balance of a customer against the account book."""

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING
from typing import Any

from tests.money.reckoning.book import Invoice
from tests.money.reckoning.book import Line
from tests.resources import shop

if TYPE_CHECKING:
    from tests.money.reckoning.story import Story

Tree = dict[str, Any]
Counted = Counter[tuple[str, str, int, int, int]]
"""Lines: their kind, price, period and amount."""


def check(story: "Story") -> None:
    """Everything that the customer is billed, or will be, is what the book says; what comes to nothing is left out."""
    book = story.book
    ours = [(each, book.lines_of(each)) for each in book.invoices]
    theirs = shop.invoices(story.call, customer=story.customer)
    expected = [told(each, lines) for each, lines in ours if lines]
    found = [shown(story, each) for each in theirs]
    found = [each for each in found if each["lines"]]
    for want, have in zip(expected, found, strict=False):
        unknown = {name: have[name] for name in ("reason", "period") if not want[name]}
        assert want | unknown == have, story.told(f"expected {want}", f"found    {have}")
    assert len(expected) == len(found), story.told(f"expected {expected}", f"found    {found}")
    pending = grouped(book.pending)
    assert grouped_pending(story) == pending, story.told(f"pending: {pending}", grouped_pending(story))
    balance = story.call.get(f"/v1/customers/{story.customer}").json["balance"]
    assert balance == book.balance, story.told(f"balance: expected {book.balance}, found {balance}")


def told(invoice: Invoice, lines: list[Line]) -> Tree:
    return {
        "reason": invoice.reason,
        "period": invoice.period,
        "created": invoice.created,
        "final": invoice.finalized,
        "lines": grouped(lines),
        "total": sum(each.amount for each in lines),
        "due": invoice.amount_due if invoice.finalized else None,
        "before": invoice.starting_balance if invoice.finalized else None,
    }


def shown(story: "Story", invoice: Tree) -> Tree:
    lines = invoice["lines"]["data"]
    if invoice["lines"]["has_more"]:
        lines = story.call.get(f"/v1/invoices/{invoice['id']}/lines", {"limit": 100}).json["data"]
    assert sum(each["amount"] for each in lines) == invoice["total"]
    final = invoice["status"] != "draft"
    return {
        "reason": invoice["billing_reason"],
        "period": (invoice["period_start"], invoice["period_end"]),
        "created": invoice["created"],
        "final": final,
        "lines": grouped(story.line(each) for each in lines),
        "total": invoice["total"],
        "due": invoice["amount_due"] if final else None,
        "before": invoice["starting_balance"] if final else None,
    }


def grouped_pending(story: "Story") -> Counted:
    where = {"customer": story.customer, "pending": "true", "limit": 100}
    found = story.call.get("/v1/invoiceitems", where).json["data"]
    return grouped(story.line(each) for each in found)


def grouped(lines: Iterable[Line]) -> Counted:
    """Count lines; those of one usage are added up, because each tier has its own."""
    usage: Counter[tuple[str, str, int, int]] = Counter()
    counted: Counted = Counter()
    for each in lines:
        if each.kind == "usage":
            usage[each.kind, each.price, each.start, each.end] += each.amount
        elif each.amount:
            counted[each.kind, each.price, each.start, each.end, each.amount] += 1
    counted.update((*key, amount) for key, amount in usage.items() if amount)
    return counted
