"""What Python can, HTTP can: each public member of the fake has calls of the control plane, or a reason why not."""

from functools import cached_property
from types import FunctionType

import pytest

from fakestripe_meters import Clock
from fakestripe_meters import FakeStripe
from fakestripe_meters import Webhooks
from fakestripe_meters.control.rows import ROWS

KINDS = {"": FakeStripe, "clock.": Clock, "webhooks.": Webhooks}
"""What a test gets hold of, by what stands before the names of its members."""

OVER_HTTP: dict[str, tuple[str, ...]] = {
    "accounts": ("GET /accounts",),
    "agenda": ("GET /agenda",),
    "assert_all_struck": ("GET /unstruck",),
    "assert_no_429": ("GET /rates",),
    "assert_usage": ("POST /usage/differences",),
    "authenticate": ("POST /payment_intents/<intent>/authenticate", "POST /setup_intents/<intent>/authenticate"),
    "bucket": ("GET /bucket",),
    "chaos": ("POST /chaos", "GET /chaos", "DELETE /chaos"),
    "checkpoint": (
        "POST /checkpoints",
        "GET /checkpoints",
        "POST /checkpoints/<checkpoint>/rewind",
        "DELETE /checkpoints/<checkpoint>",
    ),
    "clock": ("GET /clock",),
    "clock.advance": ("POST /clock",),
    "clock.freeze": ("POST /clock",),
    "clock.frozen": ("GET /clock",),
    "clock.now": ("GET /clock",),
    "clock.resume": ("POST /clock",),
    "complete_checkout": ("POST /checkout/sessions/<session_id>/complete",),
    "dropped_events": ("GET /dropped",),
    "expire_checkout": ("POST /checkout/sessions/<session_id>/expire",),
    "explain": ("GET /explain",),
    "explain_billing": ("GET /explain/billing",),
    "explain_invoice": ("GET /invoices/<invoice>/explain",),
    "fail_next": ("POST /faults", "GET /faults", "DELETE /faults"),
    "flush": ("POST /flush",),
    "import_usage": ("POST /imports",),
    "imports": ("GET /imports",),
    "journal": ("GET /journal", "GET /journal/<request_id>"),
    "needed_permissions": ("GET /permissions",),
    "peak_rates": ("GET /rates",),
    "report": ("GET /report",),
    "reset": ("POST /reset",),
    "restore": ("PUT /snapshot",),
    "permissions_needed_by": ("GET /permissions",),
    "restrict_key": ("PUT /keys/<key>",),
    "restricted_keys": ("GET /keys",),
    "snapshot": ("GET /snapshot",),
    "stub": ("POST /stubs", "GET /stubs", "DELETE /stubs"),
    "unrestrict_key": ("DELETE /keys/<key>",),
    "unstruck": ("GET /unstruck",),
    "usage": ("GET /usage",),
    "usage_by_day": ("GET /usage/by_day",),
    "vendor_customers": ("GET /vendor_customers", "PUT /vendor_customers"),
    "webhooks": ("GET /webhooks", "GET /webhooks/<delivery>"),
    "webhooks.allow": ("POST /webhooks/allow", "GET /webhooks/settings"),
    "webhooks.drop": ("POST /webhooks/drop",),
    "webhooks.held": ("GET /webhooks",),
    "webhooks.hold": ("POST /webhooks/hold", "GET /webhooks/settings"),
    "webhooks.release": ("POST /webhooks/release",),
    "webhooks.repeat": ("POST /webhooks/repeat",),
    "webhooks.settle": ("POST /webhooks/settle",),
    "webhooks.timeout": ("PUT /webhooks/timeout", "GET /webhooks/settings"),
    "webhooks.tries": ("GET /webhooks", "GET /webhooks/<delivery>"),
    "webhooks.unheard": ("GET /webhooks/unheard",),
}
"""The calls that do the same over HTTP."""

HERE = "It is about this process: its sockets, its clients, its time or its handlers."
ONLY_IN_A_PROCESS: dict[str, str] = {
    "advance_on_sleep": HERE,
    "begin": "A server takes its options when it starts.",
    "check": "It raises what has failed inside this process. Over HTTP, that is the 500 of a request.",
    "close": "A server is ended by a signal.",
    "closed": "A server that has ended answers nothing, and a closed one 503.",
    "forget_failures_in": "It is for the plugin of a test framework that shows an exception of this process itself.",
    "freeze_process": HERE,
    "http_client": HERE,
    "intercept": HERE,
    "url": "Who calls over HTTP knows it.",
    "control": "It is what answers the calls of the control plane.",
    "wsgi_app": HERE,
    "webhooks.app": HERE,
    "webhooks.asgi": HERE,
    "webhooks.collect": HERE,
    "webhooks.deliver_to": HERE,
    "webhooks.failures": HERE,
    "webhooks.inboxes": HERE,
    "webhooks.raise_failures": HERE,
    "webhooks.stand_in": HERE,
    "clock.reach": "It is for the code that does the scheduled work of a move.",
    "clock.interrupt": "It is for a reset, which ends a move that is under way.",
    "clock.now_ns": "It is for the code of the fake.",
    "clock.restore": "It is for snapshots.",
    "clock.start": "It is for a reset.",
    "clock.passing": "It is for the code of the fake.",
    "clock.running_by": "It is for the code of the fake.",
    "clock.state": "It is for snapshots.",
    "clock.step": "It is for the option `tick`.",
}
"""Why there is nothing like it over HTTP."""

ONLY_OVER_HTTP = {
    "GET /fidelity": "In Python, the marks are in the source.",
    "GET /health": "A process has its fake as soon as it has made it.",
    "GET /lag": "It is an option of the fake.",
    "GET /limits": "They are an option of the fake.",
    "GET /openapi.json": "It describes HTTP.",
    "PUT /lag": "It is an option of the fake.",
    "PUT /limits": "They are an option of the fake.",
}
"""Why a call needs no member of the fake."""


def members(prefix: str, kind: type) -> set[str]:
    """The public methods and properties of a class, also the inherited ones of ours."""
    ours = [each for each in kind.__mro__ if each.__module__.startswith("fakestripe_meters")]
    found = {name: member for each in ours for name, member in vars(each).items() if not name.startswith("_")}
    callables = (FunctionType, property, cached_property, classmethod, staticmethod)
    return {f"{prefix}{name}" for name, member in found.items() if isinstance(member, callables)}


PUBLIC = set().union(*(members(prefix, kind) for prefix, kind in KINDS.items()))
CALLS = {f"{row.method} {row.path}" for row in ROWS}


def test_each_member_has_calls_or_a_reason() -> None:
    assert PUBLIC - OVER_HTTP.keys() - ONLY_IN_A_PROCESS.keys() == set()


def test_no_member_has_both_and_none_is_gone() -> None:
    assert OVER_HTTP.keys() & ONLY_IN_A_PROCESS.keys() == set()
    assert (OVER_HTTP.keys() | ONLY_IN_A_PROCESS.keys()) - PUBLIC == set()


@pytest.mark.parametrize("member", OVER_HTTP)
def test_the_calls_of_a_member_are_there(member: str) -> None:
    assert OVER_HTTP[member]
    assert set(OVER_HTTP[member]) <= CALLS


def test_each_call_belongs_to_a_member_or_has_a_reason() -> None:
    used = {call for calls in OVER_HTTP.values() for call in calls}
    assert CALLS - used == ONLY_OVER_HTTP.keys()


def test_a_member_without_a_call_would_be_noticed() -> None:
    class Grown(FakeStripe):
        def brand_new(self) -> None:
            """Do something that HTTP cannot."""

    Grown.__module__ = FakeStripe.__module__
    assert members("", Grown) - OVER_HTTP.keys() - ONLY_IN_A_PROCESS.keys() == {"brand_new"}
