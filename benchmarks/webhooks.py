"""What a request costs that somebody is told of: a receiver that answers at once, and one that never does.

python -m benchmarks.webhooks
"""

import socket
from collections.abc import Iterator
from functools import partial
from time import perf_counter

from benchmarks import bars
from benchmarks import others
from benchmarks.business import CUSTOMERS
from benchmarks.business import Business
from benchmarks.figures import Figure
from benchmarks.figures import Size
from benchmarks.figures import compare
from benchmarks.figures import show

ENDPOINTS = "/v1/webhook_endpoints"


def measure(size: Size) -> Iterator[Figure]:
    """Yield every figure."""
    told_of = size.pick(1_000, 20)
    with others.receiver() as port, socket.create_server(("127.0.0.1", 0)) as silent:
        nobody, answering, hanging = Business(), told(port), told(silent.getsockname()[1])
        contenders = {"nobody": nobody, "answering": answering, "hanging": hanging}
        began = perf_counter()
        took = compare(
            {name: partial(business.post, CUSTOMERS, {"name": "Ada"}) for name, business in contenders.items()},
            rounds=told_of,
        )
        answering.fake.flush()
        all_in_s = perf_counter() - began
        taken = [each for each in answering.fake.webhooks.tries if each.outcome.status == 200]
        assert len(taken) == told_of, answering.fake.webhooks.tries[-1]
        for business in contenders.values():
            business.fake.close()
    yield bars.TOLD.ratio(took["answering"], took["nobody"])
    yield bars.TOLD_HANGING.ratio(took["hanging"], took["nobody"])
    yield bars.DELIVERED.measured(told_of / all_in_s, "while the requests of all three are made")


def told(port: int) -> Business:
    """A business whose new customers a receiver is told of."""
    business = Business()
    business.post(ENDPOINTS, {"url": f"http://127.0.0.1:{port}/", "enabled_events": ["customer.created"]})
    return business


if __name__ == "__main__":
    show(measure)
