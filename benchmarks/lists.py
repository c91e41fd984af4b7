"""What the lists of the page cost among many customers, each with an invoice.

python -m benchmarks.lists
"""

from collections.abc import Callable
from collections.abc import Iterator

from werkzeug.test import Client

from benchmarks import bars
from benchmarks.business import CUSTOMERS
from benchmarks.business import Business
from benchmarks.figures import Figure
from benchmarks.figures import Size
from benchmarks.figures import compare
from benchmarks.figures import show

PAGE = "/_fakestripe/page"
BROWSER = {"Accept": "text/html", "Accept-Encoding": "gzip"}


def measure(size: Size) -> Iterator[Figure]:
    """Yield every figure."""
    business = Business()
    for number in range(size.pick(10_000, 200)):
        customer = business.post(CUSTOMERS, {"name": f"Customer {number}", "email": f"{number}@example.com"})["id"]
        business.post("/v1/invoices", {"customer": customer, "currency": "usd"})
    client = Client(business.fake.wsgi_app, use_cookies=False)

    def asks(path: str) -> Callable[[], None]:
        def ask() -> None:
            response = client.get(f"{PAGE}/{path}", headers=BROWSER)
            assert response.status_code == 200, response.status

        ask()  # the first one loads the templates
        return ask

    pages = {"customers": asks("customers?q=customer+1"), "invoices": asks("invoices?status=draft&customer=customer+1")}
    took = compare(pages, rounds=size.pick(21, 3))
    yield bars.CUSTOMERS_PAGE.measured(took["customers"] / 1_000)
    yield bars.INVOICES_PAGE.measured(took["invoices"] / 1_000)


if __name__ == "__main__":
    show(measure)
