"""A customer, the meters, and the events, which one or two subscriptions count, each on its own.

Event number k is worth 3 ** k, and a unit costs a cent, so that amounts say which events they are made of. If a meter
counts its events instead, each costs a dollar.
"""

from collections.abc import Callable
from random import Random
from typing import Any

from tests.conftest import Call
from tests.money.conservation.oracle import Event
from tests.money.conservation.story import METERS
from tests.money.conservation.story import Story
from tests.resources import shop
from tests.resources.shop import DAY
from tests.resources.shop import HOUR
from tests.resources.shop import NEW_YEAR

Tree = dict[str, Any]
MOST_EVENTS = 16
DOLLAR = 100
WAITS = (1, 59, 61, HOUR // 2, HOUR, DAY, 5 * DAY, 20 * DAY, 33 * DAY)
LAGS = (0, 0, 0, 61, 2 * HOUR)
LONG = 120 * DAY


class Scene:
    """What the stories of one customer share. `step` counts what happens: requests are even, what they cause is odd."""

    def __init__(self, call: Call, random: Random) -> None:
        self.call, self.random, self.step = call, random, 2
        self.lag = random.choice(LAGS)
        self.clock = None if self.lag or random.random() < 0.7 else self._test_clock()
        self.acts = 0
        self.events: list[Event] = []
        self.counted = random.choice(("", "", "", *METERS))
        """The meter that counts its events, if one does."""
        self.prices = self._price_list()
        self.customer = shop.customer(call, **({"test_clock": self.clock} if self.clock else {}))
        self.stories = [Story(self) for _ in range(random.choice((1, 1, 2)))]
        call.fake.control.set_lag(self.lag)

    def play(self, acts: int) -> None:
        """Begin, let so many things happen, and wait until everything is finalized."""
        for _ in range(self.random.randrange(3)):
            self._use()
        self.stories[0].begin()
        for _ in range(acts):
            if self.random.random() < 0.3:
                self._wait(self.random.choice(WAITS))
            self._use() if self.random.random() < 0.5 else self._act()
        self._wait(LONG)
        self._wait(HOUR)

    @property
    def begun(self) -> list[Story]:
        return [each for each in self.stories if each.path]

    def settle(self) -> None:
        for story in self.begun:
            story.settle()

    def post(self, path: str, params: Tree, then: Callable[[], None] = lambda: None) -> None:
        """Do something; if it is not refused, tell the oracle, and see what it has caused."""
        self.step += 2
        if self.call.post(path, params).status == 200:
            self.acts += 1
            then()
            self.settle()

    def _act(self) -> None:
        story = self.random.choice(self.stories)
        if self.random.random() < 0.2:
            self._cancel_event()
        elif story.path:
            story.act()
        else:
            story.begin()

    def _use(self) -> None:
        if len(self.events) == MOST_EVENTS:
            return
        now, number = self.now, len(self.events)
        shift = self.random.choice((0, 0, 0, 0, 1, 7, 300, -1, -59, -HOUR, -2 * DAY, -34 * DAY))
        event = Event(
            f"e{number}", 3**number, self.random.choice((*METERS, "calls")), now + shift, now, self.step + 2, self.lag
        )
        self.post(
            "/v1/billing/meter_events",
            {
                "event_name": event.meter,
                "identifier": event.identifier,
                "payload": {"stripe_customer_id": self.customer, "value": event.value},
                "timestamp": event.timestamp,
            },
            then=lambda: self.events.append(event),
        )

    def _cancel_event(self) -> None:
        standing = [each for each in self.events if not each.cancelled and each.accepted > self.wall - DAY]
        if not standing:
            return
        event = self.random.choice(standing)

        def cancelled() -> None:
            event.cancelled = self.now, self.step

        cancel = {"event_name": event.meter, "type": "cancel", "cancel": {"identifier": event.identifier}}
        self.post("/v1/billing/meter_event_adjustments", cancel, then=cancelled)

    def _wait(self, seconds: int) -> None:
        self.step += 2
        if self.clock:
            target = {"frozen_time": self.now + seconds}
            self.call.create(f"/v1/test_helpers/test_clocks/{self.clock}/advance", target)
        else:
            self.call.clock.advance(seconds)
        self.settle()

    @property
    def wall(self) -> int:
        """The account's own time, in which 24 hours are counted."""
        return self.call.clock.now()

    @property
    def now(self) -> int:
        if self.clock is None:
            return self.wall
        found: int = self.call.get(f"/v1/test_helpers/test_clocks/{self.clock}").json["frozen_time"]
        return found

    def _test_clock(self) -> str:
        made: str = self.call.create("/v1/test_helpers/test_clocks", {"frozen_time": NEW_YEAR})["id"]
        return made

    def _price_list(self) -> dict[str, str]:
        meters, cents = {}, {}
        for name in METERS:
            counts = name == self.counted
            meters[name] = shop.meter(self.call, name, "count" if counts else "sum")
            cents[name] = DOLLAR if counts else 1
        return {
            "calls": shop.metered(self.call, meters["calls"], unit_amount=cents["calls"]),
            "more calls": shop.metered(self.call, meters["calls"], unit_amount=cents["calls"]),
            "weekly calls": shop.metered(self.call, meters["calls"], interval="week", unit_amount=cents["calls"]),
            "bytes": shop.metered(self.call, meters["bytes"], unit_amount=cents["bytes"]),
            "seat": shop.licensed(self.call, 700),
        }
