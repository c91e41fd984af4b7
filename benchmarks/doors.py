"""What a request costs in the engine, what a reset costs, and whether many objects make it slower.

python -m benchmarks.doors
"""

import json
from collections.abc import Iterator
from functools import partial
from urllib.parse import unquote_plus

from benchmarks import bars
from benchmarks.business import CUSTOMERS
from benchmarks.business import EVENTS
from benchmarks.business import FORM
from benchmarks.business import KEY
from benchmarks.business import Business
from benchmarks.figures import Figure
from benchmarks.figures import Size
from benchmarks.figures import Work
from benchmarks.figures import compare
from benchmarks.figures import compare_prepared
from benchmarks.figures import duration
from benchmarks.figures import show
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request

RESTRICTED = "rk_test_51UsageReporter"


def measure(size: Size) -> Iterator[Figure]:
    """Yield every figure."""
    yield from in_process(size)
    yield restricted(size)
    yield from resets(size)
    yield many_objects(size)


def by_hand(body: bytes) -> str:
    """The least that anybody would do: parse the form, print JSON."""
    tree: dict[str, object] = {}
    for pair in body.decode().split("&"):
        name, _, value = pair.partition("=")
        root, *keys = unquote_plus(name).replace("]", "").split("[")
        here: dict[str, object] = tree
        for key in (root, *keys)[:-1]:
            inner = here.setdefault(key, {})
            assert isinstance(inner, dict)
            here = inner
        here[(root, *keys)[-1]] = unquote_plus(value)
    return json.dumps({"object": "billing.meter_event", "livemode": False, **tree})


def in_process(size: Size) -> Iterator[Figure]:
    """One meter event: the engine alone, through Flask, and the same body parsed and printed by hand."""
    engine, flask = Business(), Business()
    client = flask.fake.wsgi_app.test_client()
    contenders: dict[str, Work] = {
        "by hand": partial(by_hand, engine.body),
        "engine": engine.send,
        "flask": lambda: client.post(EVENTS, data=flask.body, headers=FORM),
    }
    took = compare(contenders, rounds=size.pick(15, 3), times=size.pick(200, 20))
    yield bars.ENGINE.ratio(took["engine"], took["by hand"])
    yield bars.FLASK.ratio(took["flask"], took["by hand"])


def restricted(size: Size) -> Figure:
    """The same meter event with the key of an account, and with a restricted key of the account."""
    business = Business()
    business.fake.restrict_key(RESTRICTED, "metering")

    def sent_with(key: str) -> Work:
        request = Request("POST", EVENTS, "", Headers(FORM | {"Authorization": f"Bearer {key}"}), business.body)
        assert business.fake.engine.handle(request).status == 200
        return partial(business.fake.engine.handle, request)

    took = compare(
        {"owner": sent_with(KEY), "restricted": sent_with(RESTRICTED)},
        rounds=size.pick(1_001, 3),
        times=size.pick(10, 2),
    )
    remark = f"{duration(took['restricted'])} : {duration(took['owner'])}"
    return bars.RESTRICTED.measured(max(0.0, took["restricted"] - took["owner"]), remark)


def resets(size: Size) -> Iterator[Figure]:
    """A reset of an empty world, and of one with 10,000 events."""
    events = size.pick(10_000, 100)

    def used() -> Work:
        business = Business()
        for _ in range(events):
            business.send()
        return business.fake.reset

    contenders = {"empty": lambda: Business().fake.reset, "used": used}
    took = compare_prepared(contenders, rounds=size.pick(9, 3))
    yield bars.RESET_EMPTY.measured(took["empty"] / 1e3)
    yield bars.RESET_USED.measured(took["used"] / 1e3)


def many_objects(size: Size) -> Figure:
    """A POST into an account with nothing in it, and into one with 100,000 customers."""
    empty, full = Business(), Business()
    for _ in range(size.pick(100_000, 1_000)):
        full.ask("POST", CUSTOMERS)
    contenders: dict[str, Work] = {
        "none": partial(empty.post, CUSTOMERS, {"name": "Ada"}),
        "many": partial(full.post, CUSTOMERS, {"name": "Ada"}),
    }
    took = compare(contenders, rounds=size.pick(15, 3), times=size.pick(200, 20))
    return bars.CROWDED.ratio(took["many"], took["none"])


if __name__ == "__main__":
    show(measure)
