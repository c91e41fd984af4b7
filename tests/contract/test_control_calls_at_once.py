"""Threads decide about webhooks, go back in time, reset and look, while others make requests: nobody is stuck."""

from collections.abc import Callable
from collections.abc import Iterator
from functools import partial
from itertools import count
from threading import Thread
from typing import Any

import pytest
from werkzeug.test import Client

from fakestripe_meters import FakeStripe
from fakestripe_meters.control.rows import ROWS
from fakestripe_meters.core import clock
from tests.conftest import encoded
from tests.delivery.test_outbox import receiving

NOW = 1_735_689_600
DAY = 86_400
ROUNDS = 4
IN_TIME_S = 120
KEYS = ("sk_test_firstfirst", "sk_test_secondsecond", "sk_test_fakestripe")
FORM = "application/x-www-form-urlencoded"
METER = {"display_name": "Calls", "default_aggregation": {"formula": "sum"}}
PLAN = {"method": "GET", "path": "/v1/plans"}
PAGES = ("usage", "imports", "customers", "invoices", "credits", "webhooks", "requests", "limits", "changes")
ASKED = {"meter": "no_meter", "customer": "cus_nobody", "invoice": "in_none"}
"""What is nowhere, so that each account is searched for it."""


class Everybody:
    """What threads do at the same time, and how that was answered."""

    def __init__(self, fake: FakeStripe, url: str) -> None:
        self.fake = fake
        self.url = url
        self.numbers = count()
        self.statuses: dict[str, set[int]] = {}
        self.raised: list[Exception] = []

    def ask(self, method: str, path: str, **sent: Any) -> Any:  # noqa: ANN401  any JSON
        answer = Client(self.fake.wsgi_app, use_cookies=False).open(path, method=method, **sent)
        self.statuses.setdefault(f"{method} {path.partition('chk_')[0]}", set()).add(answer.status_code)
        return answer.json if answer.is_json else None

    def control(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401  likewise
        return self.ask(method, f"/_fakestripe/{path}", json=body)

    def sell(self, key: str) -> None:
        """Make requests that add to every table which others look at."""
        headers = {"Authorization": f"Bearer {key}"}

        def post(path: str, params: dict[str, Any]) -> Any:  # noqa: ANN401  any JSON
            return self.ask("POST", path, data=encoded(params), content_type=FORM, headers=headers) or {}

        number = next(self.numbers)
        receiver = {"url": f"{self.url}/{number}", "enabled_events": ["customer.created", "invoice.created"]}
        hook = post("/v1/webhook_endpoints", receiver)
        post("/v1/billing/meters", {**METER, "event_name": f"calls_{number}"})
        customer = post("/v1/customers", {"name": "Ada"}).get("id", "")
        event = {"event_name": f"calls_{number}", "payload": {"stripe_customer_id": customer, "value": "1"}}
        post("/v1/billing/meter_events", event)
        post("/v1/invoices", {"customer": customer})
        self.ask("DELETE", f"/v1/webhook_endpoints/{hook.get('id')}", headers=headers)

    def decide(self) -> None:
        """Hold, release, drop and repeat webhooks, and move the clock meanwhile."""
        self.control("POST", "webhooks/hold", {"types": ["customer.created"]})
        self.control("POST", "clock", {"advance": DAY})
        held = [each["id"] for each in self.control("GET", "webhooks?state=held&limit=10").get("data", [])]
        for does, ids in (("release", held[:2]), ("drop", held[2:4]), ("repeat", held[:1])):
            self.control("POST", f"webhooks/{does}", {"ids": ids})
        self.control("POST", "webhooks/release", {})
        self.control("POST", "webhooks/settle", {})

    def go_back(self) -> None:
        """Take a checkpoint, and go back to it; reset one account, and then all."""
        taken = self.control("POST", "checkpoints", {}).get("id")
        self.control("POST", "clock", {"advance": DAY / 2})
        self.control("POST", f"checkpoints/{taken}/rewind", {})
        self.control("DELETE", f"checkpoints/{taken}")
        self.control("PUT", "snapshot", self.control("GET", "snapshot"))
        self.control("POST", "reset", {"account": KEYS[next(self.numbers) % len(KEYS)]})
        self.control("POST", "reset", {})

    def plan(self) -> None:
        """Plan faults, stubs and chaos, and forget them."""
        self.control("POST", "faults", {**PLAN, "status": 500})
        self.control("POST", "stubs", {**PLAN, "json": {}})
        self.control("POST", "chaos", {"seed": 1, "rate": 0.5, "call": "GET /v1/plans"})
        for each in ("faults", "stubs", "chaos"):
            self.control("DELETE", each)

    def look(self) -> None:
        """Ask everything that can be asked, and open every panel."""
        for row in ROWS:
            if row.in_query and row.path not in ("/openapi.json", "/fidelity", "/snapshot"):
                path = row.path.replace("<invoice>", ASKED["invoice"])
                self.ask(
                    "GET", f"/_fakestripe{path}", query_string=ASKED if "usage" in path or "explain" in path else {}
                )
        self.control("POST", "usage/differences", {"expected": {ASKED["customer"]: {ASKED["meter"]: 1}}})
        for name in PAGES:
            self.ask("GET", f"/_fakestripe/page/{name}", headers={"Accept": "text/html"})

    def work(self, does: Callable[[], object]) -> None:
        """Do something over and over, and keep what it raises."""
        try:
            for _ in range(ROUNDS):
                does()
        except Exception as error:  # noqa: BLE001  it is looked at
            self.raised.append(error)


@pytest.fixture
def everybody(monkeypatch: pytest.MonkeyPatch) -> Iterator[Everybody]:
    monkeypatch.setattr(clock, "PATIENCE_S", 0.01)
    with receiving() as receiver, FakeStripe(now=NOW, limits="off", seed=1, lag=5) as fake:
        yield Everybody(fake, receiver.url)


@pytest.mark.usefixtures("eager_threads")
def test_calls_of_the_control_plane_and_requests_at_the_same_time_are_all_answered(everybody: Everybody) -> None:
    doing = [*(partial(everybody.sell, key) for key in KEYS), everybody.decide, everybody.go_back, everybody.plan]
    doing += [everybody.decide, everybody.look, everybody.look]
    threads = [Thread(target=everybody.work, args=(does,), daemon=True) for does in doing]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(IN_TIME_S)
    assert not any(thread.is_alive() for thread in threads)
    assert everybody.raised == []
    assert everybody.fake.engine.failures == []
    assert {call: statuses for call, statuses in everybody.statuses.items() if max(statuses) >= 500} == {}
