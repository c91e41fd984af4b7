"""What searches, `expand`, and parameters without effect cost.

python -m benchmarks.reading
"""

from collections.abc import Iterator
from functools import partial

from benchmarks import bars
from benchmarks.business import Business
from benchmarks.business import form
from benchmarks.figures import Figure
from benchmarks.figures import Size
from benchmarks.figures import Work
from benchmarks.figures import compare
from benchmarks.figures import show

CUSTOMERS = "/v1/customers"
INVOICES = "/v1/invoices"
PAGE = 100


def measure(size: Size) -> Iterator[Figure]:
    """Yield every figure."""
    yield search(size)
    yield expansion(size)
    yield inert(size)


def search(size: Size) -> Figure:
    """A search that finds the oldest of many customers, and a loop over their names that does."""
    count = size.pick(10_000, 200)
    business, names = Business(), [f"Customer {number}" for number in range(count)]
    for name in names:
        business.ask("POST", CUSTOMERS, body=form({"name": name}).encode())
    query = form({"query": f'name:"{names[0]}"'})

    def by_hand() -> list[str]:
        wanted = names[0].casefold().split()
        return [name for name in names if name.casefold().split() == wanted]

    contenders: dict[str, Work] = {
        "search": partial(business.ask, "GET", f"{CUSTOMERS}/search", query),
        "loop": by_hand,
    }
    took = compare(contenders, rounds=size.pick(15, 3))
    return bars.SEARCH.ratio(took["search"], took["loop"])


def expansion(size: Size) -> Figure:
    """A list of invoices with their customers and those customers' subscriptions, and the plain list."""
    business = Business()
    for _ in range(PAGE):
        business.post("/v1/invoiceitems", {"customer": business.customer, "amount": 5, "currency": "usd"})
        business.post(INVOICES, {"customer": business.customer, "pending_invoice_items_behavior": "include"})
    plain, expanded = {"limit": PAGE}, {"limit": PAGE, "expand": ["data.customer.subscriptions"]}
    contenders: dict[str, Work] = {
        "plain": partial(business.ask, "GET", INVOICES, form(plain)),
        "expanded": partial(business.ask, "GET", INVOICES, form(expanded)),
    }
    took = compare(contenders, rounds=size.pick(15, 3))
    return bars.EXPANSION.ratio(took["expanded"], took["plain"])


def inert(size: Size) -> Figure:
    """An invoice with a parameter that Stripe has and that changes nothing, and one without."""
    business = Business()
    terms = {"customer": business.customer}
    contenders: dict[str, Work] = {
        "without": partial(business.post, INVOICES, terms),
        "with": partial(business.post, INVOICES, terms | {"automatic_tax": {"enabled": "false"}}),
    }
    took = compare(contenders, rounds=size.pick(15, 3), times=size.pick(200, 20))
    return bars.INERT.ratio(took["with"], took["without"])


if __name__ == "__main__":
    show(measure)
