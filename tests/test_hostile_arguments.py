"""Whatever a test passes by mistake is a `Misuse` that names the parameter in a short sentence, and leaves no trace."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse

LONGEST_SENTENCE = 600
Call = Callable[[FakeStripe, Any], object]


class Mute:
    """An object that cannot be shown."""

    def __repr__(self) -> str:
        raise RuntimeError("this object cannot be shown")


def deep() -> object:
    tree: object = []
    for _ in range(100_000):
        tree = [tree]
    return tree


HOSTILE: dict[str, object] = {
    "mute": Mute(),
    "deep": deep(),
    "a number that Python does not print": 10**5_000,
    "a negative one": -(10**5_000),
    "long": "x" * 100_000,
    "bytes": b"\xff" * 100_000,
    "surrogate": "\ud800",
    "escape": "\x1b[31m",
    "not a number": float("nan"),
}
CALLS: dict[str, tuple[str, Call]] = {
    "stub": ("call", lambda fake, value: fake.stub(value)),
    "stub, status": ("status", lambda fake, value: fake.stub("POST /v1/quotes", status=value)),
    "stub, times": ("times", lambda fake, value: fake.stub("POST /v1/quotes", times=value)),
    "stub, headers": ("headers", lambda fake, value: fake.stub("POST /v1/quotes", headers=value)),
    "stub, name": ("headers", lambda fake, value: fake.stub("POST /v1/quotes", headers={value: "1"})),
    "stub, value": ("headers[X-A]", lambda fake, value: fake.stub("POST /v1/quotes", headers={"X-A": value})),
    "fail_next": ("call", lambda fake, value: fake.fail_next(value, status=500)),
    "fail_next, status": ("status", lambda fake, value: fake.fail_next("GET /v1/customers", status=value)),
    "fail_next, times": ("times", lambda fake, value: fake.fail_next("GET /v1/customers", status=500, times=value)),
    "fail_next, delay": ("delay", lambda fake, value: fake.fail_next("GET /v1/customers", delay=value)),
    "fail_next, close": ("close", lambda fake, value: fake.fail_next("GET /v1/customers", close=value)),
    "fail_next, account": (
        "account",
        lambda fake, value: fake.fail_next("GET /v1/customers", status=500, account=value),
    ),
    "chaos, seed": ("seed", lambda fake, value: fake.chaos(seed=[value], rate=0.5)),  # type: ignore[arg-type]
    "chaos, rate": ("rate", lambda fake, value: fake.chaos(seed=1, rate=value)),
    "chaos, call": ("call", lambda fake, value: fake.chaos(seed=1, rate=0.5, call=value)),
    "chaos, statuses": ("statuses", lambda fake, value: fake.chaos(seed=1, rate=0.5, statuses=value)),
    "chaos, one status": ("statuses", lambda fake, value: fake.chaos(seed=1, rate=0.5, statuses=[value])),
    "usage, meter": ("meter", lambda fake, value: fake.usage(value, "cus_x")),
    "usage, start": ("start", lambda fake, value: fake.usage("calls", "cus_x", start=value)),
    "usage, end": ("end", lambda fake, value: fake.usage("calls", "cus_x", end=value)),
    "usage_by_day": ("meter", lambda fake, value: fake.usage_by_day(value, "cus_x")),
    "explain, meter": ("meter", lambda fake, value: fake.explain(value, "cus_x")),
    "explain, timezone": ("timezone", lambda fake, value: fake.explain("calls", "cus_x", timezone=value)),
    "explain, account": ("account", lambda fake, value: fake.explain("calls", "cus_x", account=value)),
    "explain_billing": ("meter", lambda fake, value: fake.explain_billing(value, "cus_x")),
    "explain_invoice": ("invoice", lambda fake, value: fake.explain_invoice(value)),
    "assert_usage": ("expected", lambda fake, value: fake.assert_usage(value)),
    "assert_usage, customer": ("expected", lambda fake, value: fake.assert_usage({shown(value): {}})),
    "agenda, account": ("account", lambda fake, value: fake.agenda(account=value)),
    "agenda, limit": ("limit", lambda fake, value: fake.agenda(limit=value)),
    "agenda, test_clock": ("test_clock", lambda fake, value: fake.agenda(test_clock=value)),
    "restore": ("snapshot", lambda fake, value: fake.restore(value)),
    "complete_checkout": ("session_id", lambda fake, value: fake.complete_checkout(value)),
    "expire_checkout": ("session_id", lambda fake, value: fake.expire_checkout(value)),
    "webhook": ("delivery", lambda fake, value: fake.control.webhook(value)),
    "webhooks, state": ("state", lambda fake, value: fake.control.webhooks(state=value)),
    "hold_webhooks": ("types", lambda fake, value: fake.control.hold_webhooks([value])),
    "release_webhooks": ("ids", lambda fake, value: fake.control.release_webhooks([value])),
    "repeat_webhooks": ("ids", lambda fake, value: fake.control.repeat_webhooks(value)),
    "drop_webhooks": ("ids", lambda fake, value: fake.control.drop_webhooks([value])),
    "rewind": ("checkpoint", lambda fake, value: fake.control.rewind(value)),
    "delete_checkpoint": ("checkpoint", lambda fake, value: fake.control.delete_checkpoint(value)),
    "exchange": ("request_id", lambda fake, value: fake.control.exchange(value)),
    "journal, after": ("after", lambda fake, value: fake.control.journal(after=value)),
    "journal, answers": ("answers", lambda fake, value: fake.control.journal(answers=value)),
    "journal, account": ("account", lambda fake, value: fake.control.journal(account=value)),
    "limits, account": ("account", lambda fake, value: fake.control.limits(account=value)),
    "collect": ("types", lambda fake, value: fake.webhooks.collect(value)),
    "collect, thin": ("thin", lambda fake, value: fake.webhooks.collect(thin=value)),
    "collect, key": ("key", lambda fake, value: fake.webhooks.collect(key=value)),
    "deliver_to": ("handler", lambda fake, value: fake.webhooks.deliver_to(value)),
    "stand_in": ("url", lambda fake, value: fake.webhooks.stand_in(value, print)),
    "stand_in, handler": ("handler", lambda fake, value: fake.webhooks.stand_in("http://shop.example/", value)),
    "release": ("notifications", lambda fake, value: fake.webhooks.release(value)),
    "repeat": ("notifications", lambda fake, value: fake.webhooks.repeat(value)),
    "drop": ("notifications", lambda fake, value: fake.webhooks.drop(value)),
    "allow": ("hosts", lambda fake, value: fake.webhooks.allow([value])),  # type: ignore[arg-type]
    "asgi": ("app", lambda fake, value: fake.webhooks.asgi(value)),
    "app": ("app", lambda fake, value: fake.webhooks.app(value)),
    "timeout": ("timeout", lambda fake, value: setattr(fake.webhooks, "timeout", value)),
    "leaks": ("leaks", lambda fake, value: fake.intercept(leaks=value)),
    "advance": ("advance", lambda fake, value: fake.clock.advance(value)),
    "freeze": ("when", lambda fake, value: fake.clock.freeze(value)),
    "now": ("now", lambda _fake, value: FakeStripe(now=value)),
    "tick": ("tick", lambda _fake, value: FakeStripe(tick=value)),
    "limits": ("profile", lambda _fake, value: FakeStripe(limits={"profile": value})),
    "one limit": ("analytics", lambda _fake, value: FakeStripe(limits={"analytics": value})),
    "lag": ("lag", lambda _fake, value: FakeStripe(lag=value)),
}


def shown(value: Any) -> Any:  # noqa: ANN401  anything
    """A key of a dict must be one that Python can hash."""
    return value if not isinstance(value, list) else "cus_x"


TAKEN = {("long", "stub, name"), ("long", "stub, value"), ("deep", "stub, name")}
"""A long header is none of the fake's business, and a list is no key."""


def state(fake: FakeStripe) -> object:
    planned = fake.control.faults(), fake.control.stubs(), fake.engine.world.faults.chaos
    hooks = fake.webhooks
    return json.dumps(fake.snapshot()), planned, (hooks.timeout, len(hooks.inboxes), len(hooks.tries), hooks.failures)


@pytest.mark.parametrize("call", CALLS)
def test_what_a_call_cannot_take_is_refused_in_a_short_sentence_that_names_the_parameter(call: str) -> None:
    param, passed_to = CALLS[call]
    with FakeStripe(now="2025-01-01T00:00:00Z") as fake:
        before = state(fake)
        for name, value in HOSTILE.items():
            if (name, call) in TAKEN:
                continue
            with pytest.raises(Misuse) as caught:
                passed_to(fake, value)
            assert caught.value.param == param, name
            assert len(str(caught.value)) < LONGEST_SENTENCE, name
            assert str(caught.value).isprintable(), name
        assert state(fake) == before
