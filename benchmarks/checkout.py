"""What it costs to open a Checkout session.

python -m benchmarks.checkout
"""

from collections.abc import Iterator
from functools import partial

from benchmarks import bars
from benchmarks.business import CUSTOMERS
from benchmarks.business import Business
from benchmarks.figures import Figure
from benchmarks.figures import Size
from benchmarks.figures import Work
from benchmarks.figures import compare
from benchmarks.figures import show

SESSIONS = "/v1/checkout/sessions"


def measure(size: Size) -> Iterator[Figure]:
    """Yield every figure."""
    business = Business()
    terms = {"name": "Ada", "email": "ada@example.com"}
    customer = business.post(CUSTOMERS, terms)["id"]
    price = business.post(
        "/v1/prices",
        {"currency": "usd", "unit_amount": 2000, "recurring": {"interval": "month"}, "product_data": {"name": "Seat"}},
    )["id"]
    session = {
        "mode": "subscription",
        "customer": customer,
        "success_url": "https://example.com/back",
        "line_items": [{"price": price, "quantity": 1}],
    }
    business.post(SESSIONS, session)  # the first opens the server of its page
    contenders: dict[str, Work] = {
        "customer": partial(business.post, CUSTOMERS, terms),
        "session": partial(business.post, SESSIONS, session),
    }
    took = compare(contenders, rounds=size.pick(15, 3), times=size.pick(200, 20))
    yield bars.CHECKOUT.ratio(took["session"], took["customer"])
    business.fake.close()


if __name__ == "__main__":
    show(measure)
