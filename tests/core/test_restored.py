"""A restored world goes on as the one that was never interrupted: every later answer is the same, byte for byte."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestripe_meters import FakeStripe
from fakestripe_meters import Import
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.delivery.notification import Notification
from fakestripe_meters.wire.message import Request
from fakestripe_meters.wire.message import Response
from tests.conformance import story
from tests.conformance.story import DAY
from tests.conformance.story import HOUR
from tests.conformance.story import NOW
from tests.conformance.story import Teller
from tests.conformance.story import first
from tests.fuzz.wishes import Wishes
from tests.fuzz.wishes import request
from tests.fuzz.wishes import tries

VERSION = "2026-09-30.preview"
PAGES = {"public_url": "http://fake.test"}
"""All copies show their pages there: the addresses of their servers differ."""
OPTIONS: dict[str, Any] = {"now": NOW, "seed": 1, "limits": {"analytics": 3}, "relaxed": True, **PAGES}
EVERY = 16
"""After so many requests of the story, its world is copied once more."""


@dataclass
class World:
    """A fake, and what the webhooks of it have brought."""

    fake: FakeStripe
    received: list[bytes] = field(default_factory=list)
    since: int = 0
    """How many webhooks the world had received that this one is copied from."""

    def listen(self) -> "World":
        """Receive all webhooks in this process, and fail to receive some of them; a restore ends it."""
        self.fake.webhooks.stand_in("http://", self.receive)
        return self

    def receive(self, notification: Notification) -> int:
        self.received.append(notification.body)
        return 500 if notification.body[-9] % 3 == 0 else 200

    def copy(self, into: FakeStripe | None = None) -> "World":
        """The same world in another fake: it goes through JSON."""
        copy = World(
            into or FakeStripe(now="2031-01-01T00:00:00Z", public_url=PAGES["public_url"]), since=len(self.received)
        )
        copy.fake.restore(json.loads(json.dumps(self.fake.snapshot())))
        return copy.listen()

    def follow(self, other: "World") -> None:
        """Move the clock to where another world's stands."""
        step_ns = other.fake.clock.now_ns() - self.fake.clock.now_ns()
        if step_ns:
            self.fake.clock.advance(step_ns / SECOND_NS)

    def ask(self, asked: Request) -> tuple[int, dict[str, str], bytes]:
        answer: Response = self.fake.engine.handle(asked)
        return answer.status, answer.headers, answer.body


@dataclass
class Twins(Teller):
    """Tells a story to a world, and what remains of it to copies made on the way."""

    world: World = field(default_factory=lambda: World(FakeStripe(**OPTIONS)).listen())
    copies: list[World] = field(default_factory=list)
    every: int = EVERY

    def __post_init__(self) -> None:
        self.fake = self.world.fake
        self.fake.control.set_limits({"profile": "off"})
        handle = self.fake.engine.handle

        def to_all(asked: Request) -> Response:
            if len(self.asked) % self.every == 0:
                self.copies.append(self.world.copy())
            for each in self.copies:
                each.follow(self.world)
            answer = handle(asked)
            for each in self.copies:
                assert each.ask(asked) == (answer.status, answer.headers, answer.body), asked
                assert each.received == self.world.received[each.since :]
            return answer

        self.fake.engine.handle = to_all  # type: ignore[assignment,method-assign]
        importing = self.fake.import_usage

        def by_all(content: bytes, **given: Any) -> Import:  # noqa: ANN401  as the method takes them
            for each in self.copies:
                each.follow(self.world)
            imported = importing(content, **given)
            for each in self.copies:
                assert each.fake.import_usage(content, **given) == imported
                assert each.received == self.world.received[each.since :]
            return imported

        self.fake.import_usage = by_all  # type: ignore[assignment,method-assign]


def news(teller: Teller) -> None:
    """What the story of all endpoints has no need of: all that waits, is counted, or was deleted."""
    sizes = dict.fromkeys(("height", "length", "weight", "width"), "2.50")
    teller.post("/v1/products", name="Box", package_dimensions=sizes, metadata={"$decimal": "2.5"})
    teller.post("/v1/webhook_endpoints", url="http://127.0.0.1:9/hook", enabled_events=["*"])
    teller.post(
        "/v2/core/event_destinations",
        name="ours",
        type="webhook_endpoint",
        event_payload="thin",
        enabled_events=["v1.billing.meter.no_meter_found"],
        webhook_endpoint={"url": "http://127.0.0.1:9/thin"},
    )


def leave(teller: Teller) -> None:
    """Ask for what comes after deleted things, and go on for months."""
    customer = first(teller, "/v1/customers")
    clock = teller.post("/v1/test_helpers/test_clocks", frozen_time=teller.fake.clock.now())["id"]
    item = teller.post("/v1/invoiceitems", customer=customer, amount=5, currency="usd")["id"]
    draft = teller.post("/v1/invoices", customer=customer)["id"]
    alert = teller.post(
        "/v1/billing/alerts",
        title="Much",
        alert_type="usage_threshold",
        usage_threshold={"gte": 10**6, "recurrence": "one_time", "meter": first(teller, "/v1/billing/meters")},
    )["id"]
    teller.delete(f"/v1/test_helpers/test_clocks/{clock}")
    teller.delete(f"/v1/invoiceitems/{item}")
    teller.delete(f"/v1/invoices/{draft}")
    teller.post(f"/v1/billing/alerts/{alert}/archive")
    for _ in range(EVERY):
        teller.get("/v1/customers", test_clock=clock)
        teller.get("/v1/subscriptions", test_clock=clock)
        teller.get("/v1/invoiceitems", starting_after=item)
        teller.get("/v1/invoices", ending_before=draft)
        teller.fake.clock.advance(9 * DAY + HOUR)
    teller.get("/v1/events", limit=100)
    teller.get("/v1/invoices", limit=100)


@pytest.fixture(scope="module")
def told() -> Iterator[Twins]:
    teller = Twins(VERSION)
    news(teller)
    story.tell(teller, preview=True)
    leave(teller)
    yield teller
    for each in [teller.world, *teller.copies]:
        each.fake.close()


def test_a_story_goes_on_the_same_from_wherever_it_was_interrupted(told: Twins) -> None:
    assert len(told.copies) > 10
    assert len(told.world.received) > 100
    for each in told.copies:
        assert each.fake.snapshot() == told.fake.snapshot()


def wait(teller: Teller) -> None:
    """Search under a lag, and look at a test clock that advances for a while; pay bare amounts meanwhile."""
    fields = [{"name": "PO", "value": "7"}]
    customer = teller.post("/v1/customers", name="Amy", invoice_settings={"custom_fields": fields, "footer": "Bye."})
    product = {"name": "Seats"}
    price = {"currency": "usd", "unit_amount": 5, "recurring": {"interval": "month"}, "product_data": product}
    seat = teller.post("/v1/prices", lookup_key="seats", **price)["id"]
    clock = teller.post("/v1/test_helpers/test_clocks", frozen_time=NOW)["id"]
    bob = teller.post("/v1/customers", name="Bob", test_clock=clock)["id"]
    teller.post("/v1/subscriptions", customer=bob, items=[{"price": seat}], expand=["latest_invoice.customer"])
    teller.fake.clock.advance(HOUR)
    path = f"/v1/test_helpers/test_clocks/{clock}"
    assert teller.post(f"{path}/advance", frozen_time=NOW + 40 * DAY)["status"] == "advancing"
    teller.post(f"/v1/prices/{seat}", lookup_key="chairs")
    for _ in range(2):
        teller.post("/v1/invoiceitems", customer=customer["id"], amount=700, currency="usd", description="Setup")
        refused = teller.fake.engine.handle(request("POST", f"/v1/customers/{bob}", {"name": "Eve"}, None, None))
        assert refused.status == 429
        assert teller.get("/v1/prices/search", query='lookup_key:"seats"')["data"] != []
        teller.get("/v1/customers/search", query='name:"Amy" OR name:"Bob"', limit=1, expand=["total_count"])
        teller.fake.clock.advance(0.4)
    teller.ask("POST", "/v1/customers", {"name": "Theirs"}, account="acct_1Below")
    teller.get("/v1/accounts")
    teller.post("/v1/invoices", customer=customer["id"], pending_invoice_items_behavior="include")
    teller.fake.clock.advance(120)
    assert teller.get(path)["status"] == "ready"
    assert teller.post(f"/v1/customers/{bob}", name="Eve")["name"] == "Eve"
    assert teller.get("/v1/prices/search", query='lookup_key:"seats"')["data"] == []
    teller.get("/v1/events", limit=100)
    teller.get("/v1/invoices", limit=100, expand=["data.customer", "data.payments"])


@pytest.mark.parametrize("async_clocks", [True, 90])
def test_what_is_waited_for_is_waited_for_just_as_long_after_a_restore(async_clocks: bool | int) -> None:
    fake = FakeStripe(**OPTIONS, async_clocks=async_clocks, lag=60)
    teller = Twins(VERSION, world=World(fake).listen(), every=1)
    wait(teller)
    assert len(teller.copies) > 20
    for each in teller.copies:
        assert each.fake.snapshot() == fake.snapshot()
    for each in [teller.world, *teller.copies]:
        each.fake.close()


Act = tuple[str, Any]
MOVES = st.sampled_from([1, 59.5, 901, 6 * HOUR, DAY, 8 * DAY, 31 * DAY])


def acts(wishes: Wishes) -> st.SearchStrategy[Act]:
    """Requests, most of them, and what a test may do to a world."""
    asked = wishes.requests().map(lambda each: ("ask", each))
    moves = st.one_of(
        st.tuples(st.just("advance"), MOVES),
        st.tuples(st.just("lag"), st.sampled_from([0, 5, 3600])),
        st.tuples(st.just("limits"), st.sampled_from(["off", "documented", "sandbox"])),
        st.tuples(st.just("flush"), st.none()),
    )
    return st.integers(0, 3).flatmap(lambda number: asked if number else moves)


def do(world: World, act: Act) -> object:
    """Do one thing, and return all that can be seen of its outcome."""
    kind, value = act
    control = world.fake.control
    if kind == "ask":
        return world.ask(value)
    if kind == "advance":
        world.fake.clock.advance(value)
    elif kind == "lag":
        return control.set_lag(value)
    elif kind == "limits":
        return control.set_limits({"profile": value})
    else:
        world.fake.flush()
    return control.dropped(), world.fake.clock.now_ns()


LISTS = ("/v1/events", "/v1/invoices", "/v1/invoiceitems", "/v1/subscriptions", "/v1/customers", "/v2/core/events")


def test_a_random_story_goes_on_the_same_from_wherever_it_was_interrupted(told: Twins) -> None:
    base = json.loads(json.dumps(told.fake.snapshot()))
    wishes = Wishes(told)
    fakes = FakeStripe(public_url=PAGES["public_url"]), FakeStripe(public_url=PAGES["public_url"])

    @tries(40)
    @given(st.lists(acts(wishes), max_size=4), st.lists(acts(wishes), min_size=1, max_size=4))
    def interrupt(before: list[Act], after: list[Act]) -> None:
        world = World(fakes[0])
        world.fake.restore(base)
        world.listen()
        for act in before:
            do(world, act)
        copy = world.copy(fakes[1])
        for act in [*after, *(("ask", request("GET", path, {}, None, None)) for path in LISTS)]:
            assert do(copy, act) == do(world, act), act
        assert copy.received == world.received[copy.since :]
        assert copy.fake.snapshot() == world.fake.snapshot()

    interrupt()
