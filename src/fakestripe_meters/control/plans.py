"""What a test may plan for requests to come: faults and stubs, and which of them no request has met.

Documented in: https://docs.stripe.com/rate-limits.
"""

import json as json_module
import re
from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any
from typing import Literal
from typing import cast

from fakestripe_meters.control import answers
from fakestripe_meters.control import plannable
from fakestripe_meters.control.naming import Naming
from fakestripe_meters.core import checks
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import either
from fakestripe_meters.core.errors.requests import LOCK_TIMEOUT
from fakestripe_meters.core.faults import Fault
from fakestripe_meters.core.limits import REASONS
from fakestripe_meters.core.patterns import Pattern
from fakestripe_meters.core.printing import mask
from fakestripe_meters.core.printing import masked
from fakestripe_meters.core.stubs import Stub
from fakestripe_meters.core.unstruck import Planned
from fakestripe_meters.core.unstruck import Unstruck
from fakestripe_meters.core.unstruck import Unstrucks
from fakestripe_meters.core.unstruck import unstruck
from fakestripe_meters.wire.tree import pretty

MOST_TIMES = 1_000_000
LONGEST_DELAY_S = 60
DEEPEST = 100
TOO_MANY_REQUESTS = 429
# documented: the codes, and which answers have them; inferred: 409 for API v1, too.
CODES = {"rate_limit": (429,), LOCK_TIMEOUT: (429, 409)}
"""The codes that a planned fault can name, with their statuses."""
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
HEADER_VALUE = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")
OF_CONNECTION = {
    "connection",
    "content-length",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
"""Headers that belong to a connection, not to an answer."""
WITHOUT_BODY = {204, 205, 304}


class Plans(Naming):
    """The part of the control plane that plans faults and stubs."""

    def check_target(self, method: object, path: object) -> Pattern:
        """Return the pattern for faults of a method and a path; raise `Misuse` if no request could match it."""
        stubs = [each.pattern for each in self.world.stubs.planned]
        return plannable.check_fault(
            self.engine.routes, method, path, stubs, passed_on=self.engine.elsewhere is not None
        )

    def plan_fault(
        self,
        *,
        method: str,
        path: str,
        status: int | None = None,
        times: int = 1,
        after_commit: bool = False,
        delay: float = 0.0,
        close: bool = False,
        account: str | None = None,
        code: str | None = None,
        reason: str | None = None,
    ) -> answers.PlannedFault:
        """Let the next `times` matching requests fail; `*` stands for any method, any path, or a segment of a path.

        `status` is that of Stripe's error, and `delay` is in real seconds. With `after_commit` the work is done, and
        only its answer is lost. `close` drops the connection. With `account`, only requests with its key count. For a
        429, `code` may be `lock_timeout` instead of `rate_limit`, or `reason` what its header says. Return the fault as
        JSON; raise `Misuse` if it could match no request, or would have no effect.
        """
        pattern = self.check_target(method, path)
        fault = Fault(
            method=pattern.method,
            path=pattern.path,
            status=None if status is None else checks.error_status(status, "status"),
            times=checks.whole(times, "times", 1, MOST_TIMES),
            after_commit=checks.flag(after_commit, "after_commit"),
            delay_s=checks.seconds(delay, "delay", LONGEST_DELAY_S),
            close=checks.flag(close, "close"),
            account=None if account is None else self._key(account),
            code=None if code is None else checks.word(code, "code", tuple(CODES)),
            reason=None if reason is None else checks.word(reason, "reason", REASONS),
        )
        _check_kind(fault)
        _check_effect(fault)
        self.world.faults.plan(fault)
        return _shown_fault(fault)

    def faults(self) -> list[answers.PlannedFault]:
        """Return the planned faults, with the number of requests that each will still meet."""
        return [_shown_fault(fault) for fault in self.world.faults.planned()]

    def clear_faults(self) -> None:
        """Remove all planned faults."""
        self.world.faults.clear()

    def plan_stub(
        self,
        *,
        method: str,
        path: str,
        json: Any = None,  # noqa: ANN401  any JSON
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        times: int | None = None,
    ) -> Stub:
        """Answer each matching call by `json`, or the next `times`; return the stub.

        Raise `Misuse` if it could match no request, or is no answer.
        """
        pattern = plannable.check_stub(self.engine.routes, method, path)
        status = checks.whole(status, "status", 200, 599)
        tree = _checked_json(json)
        if status in WITHOUT_BODY and tree is not None:
            raise Misuse(f"an answer of {status} has no body: leave out json", param="json")
        stub = Stub(
            method=pattern.method,
            path=pattern.path,
            json=tree,
            status=status,
            headers=_checked_headers(headers),
            times=None if times is None else checks.whole(times, "times", 1, MOST_TIMES),
            body=b"" if status in WITHOUT_BODY else pretty(_exact(tree)),
        )
        self.world.stubs.plan(stub)
        return stub

    def stubs(self) -> list[answers.PlannedStub]:
        """Return the stubs in the order of planning, each with the calls that it has answered; keys are masked."""
        return [shown_stub(each) for each in self.world.stubs.planned]

    def clear_stubs(self) -> None:
        """Remove all stubs."""
        self.world.stubs.clear()

    def unstruck(self) -> Unstrucks:
        """Return the faults, and the stubs with a number of times, that fewer requests met than planned."""
        faults = [self._unstruck("fault", each) for each in self.world.faults.planned()]
        stubs = [self._unstruck("stub", each) for each in self.world.stubs.planned if each.met < (each.times or 0)]
        return Unstrucks([*faults, *stubs])

    def _unstruck(self, kind: Literal["fault", "stub"], planned: Planned) -> Unstruck:
        known = plannable.known_path(self.engine.routes, planned.pattern)
        return unstruck(kind, planned, known, self.world.journal)

    def shown_unstruck(self) -> list[answers.UnstruckPlan]:
        """Return the faults, and the stubs with a number of times, that fewer requests met than planned, as JSON."""
        shown = ({**asdict(each), "near": list(each.near), "left": each.left} for each in self.unstruck())
        return [cast("answers.UnstruckPlan", each) for each in shown]


def _shown_fault(fault: Fault) -> answers.PlannedFault:
    """Return a fault as JSON, in the form in which it can be planned again, except for its masked key."""
    return {
        "method": fault.method,
        "path": masked(fault.path),
        "status": fault.status,
        "times": fault.times - fault.met,
        "after_commit": fault.after_commit,
        "close": fault.close,
        "account": None if fault.account is None else mask(fault.account),
        "delay": fault.delay_s,
        "code": fault.code,
        "reason": fault.reason,
    }


def _check_effect(fault: Fault) -> None:
    if fault.after_commit and not fault.goes_wrong:
        message = "after_commit has no effect alone: give a status or close"
        raise Misuse(message, param="after_commit")
    if not fault.goes_wrong and not fault.delay_s:
        message = "this fault has no effect: give a status, a delay, or close"
        raise Misuse(message, param="status")


def _check_kind(fault: Fault) -> None:
    """Raise `Misuse` if Stripe has no error with this status that has this code, or this reason."""
    if fault.code is not None and fault.status not in CODES[fault.code]:
        statuses = either(map(str, CODES[fault.code]))
        raise Misuse(f"the code {fault.code} belongs to the status {statuses}: give that as status", param="code")
    if fault.reason is None:
        return
    if fault.status != TOO_MANY_REQUESTS:
        raise Misuse("a reason belongs to the status 429: give that as status", param="reason")
    if fault.code == LOCK_TIMEOUT:
        raise Misuse("a lock_timeout has no reason: leave out reason or code", param="reason")


def shown_stub(stub: Stub) -> answers.PlannedStub:
    """Return a stub as JSON, with the calls that it has answered; keys are masked."""
    calls = [
        {
            "at": each.at,
            "account": each.account,
            "method": each.method,
            "path": each.path,
            "params": each.params,
            "headers": dict(each.headers),
            "request_id": each.request_id,
        }
        for each in stub.calls
    ]
    shown: dict[str, Any] = {name: getattr(stub, name) for name in ("method", "path", "status", "json", "times")}
    masked_whole: answers.PlannedStub = masked(shown | {"headers": dict(stub.headers), "calls": calls})
    return masked_whole


def _checked_json(tree: object) -> Any:  # noqa: ANN401  any JSON
    """Return a copy of what can be written as JSON."""
    try:
        copy = json_module.loads(json_module.dumps(tree, allow_nan=False))
    except RecursionError:
        raise _too_deep() from None
    except (TypeError, ValueError) as error:
        raise Misuse(f"json must be a value that can be written as JSON: {error}", param="json") from None
    _check_depth(copy)
    return copy


def _check_depth(tree: object) -> None:
    level = [tree]
    for _ in range(DEEPEST + 1):
        below = [each.values() if isinstance(each, dict) else each for each in level if isinstance(each, dict | list)]
        level = [each for members in below for each in members]
    if level:
        raise _too_deep()


def _too_deep() -> Misuse:
    return Misuse(f"json must be a value that is nested at most {DEEPEST} levels deep", param="json")


def _exact(tree: object) -> Any:  # noqa: ANN401  any JSON
    """Return the same JSON with decimals as `Decimal`, as trees have them."""
    return json_module.loads(json_module.dumps(tree), parse_float=Decimal)


def _checked_headers(headers: object) -> dict[str, str]:
    if headers is None:
        return {}
    if not isinstance(headers, Mapping):
        raise checks.refused("headers", "a hash of names and values", headers)
    for name, value in headers.items():
        if not isinstance(name, str) or not HEADER_NAME.fullmatch(name):
            raise checks.refused("headers", "a hash whose keys are names of headers", name)
        if name.lower() in OF_CONNECTION:
            raise Misuse(f"headers has {name}, which belongs to the connection: leave it out", param="headers")
        if not isinstance(value, str) or not HEADER_VALUE.fullmatch(value):
            raise checks.refused(f"headers[{name}]", "a string of printable characters", value)
    if len({name.lower() for name in headers}) < len(headers):
        raise Misuse("headers has the same name twice", param="headers")
    return dict(headers)
