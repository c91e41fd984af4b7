"""Faults and stubs: what a test plans for calls to come, and what no call has met."""

from collections.abc import Mapping
from typing import TYPE_CHECKING
from typing import Any

from fakestripe_meters.core import checks

if TYPE_CHECKING:
    from fakestripe_meters.control import Control
    from fakestripe_meters.core.stubs import Stub
    from fakestripe_meters.core.unstruck import Unstrucks
    from fakestripe_meters.engine import Engine


class Planning:
    """Methods of `FakeStripe` that let calls fail, answer calls in its place, and say what no call has met."""

    engine: "Engine"
    control: "Control"

    def fail_next(
        self,
        call: str,
        *,
        status: int | None = None,
        times: int = 1,
        after_commit: bool = False,
        delay: float = 0.0,
        close: bool = False,
        account: str | None = None,
        code: str | None = None,
        reason: str | None = None,
    ) -> None:
        """Let the next `times` requests like `call` fail, such as "POST /v1/invoices/*/pay"; `*` is any.

        With `status` they get that Stripe error. With `delay` (real seconds) the answer comes later. With
        `after_commit` the work is done first, and only its answer is lost. With `close` the connection is dropped.
        With `account`, only requests with that API key count. A 429 says that a rate limit is exceeded: `reason` names
        another one in its header, such as "endpoint-concurrency", and `code="lock_timeout"` makes it that of a lock.

        Raises:
            Misuse: no request could match `call`, the fault would have no effect, or Stripe has no such error.
        """
        self.engine.require_open()
        method, path = checks.call(call, "call")
        self.control.plan_fault(
            method=method,
            path=path,
            status=status,
            times=times,
            after_commit=after_commit,
            delay=delay,
            close=close,
            account=account,
            code=code,
            reason=reason,
        )

    def stub(
        self,
        call: str,
        *,
        json: Any = None,  # noqa: ANN401  any JSON
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        times: int | None = None,
    ) -> "Stub":
        """Answer calls like `call` by `json`, whether or not the fake serves them, such as "POST /v1/quotes".

        A `*` in the path is one segment. `headers` come besides the usual ones. With `times`, only so many calls get
        the answer. If several stubs match, the latest answers. The stub's `calls` are the requests that it has
        answered, and its `remove()` ends it.

        Raises:
            Misuse: Stripe has no such call, or this is no answer.
        """
        self.engine.require_open()
        method, path = checks.call(call, "call")
        return self.control.plan_stub(method=method, path=path, json=json, status=status, headers=headers, times=times)

    @property
    def unstruck(self) -> "Unstrucks":
        """The planned faults, and the stubs with `times`, that fewer requests met than planned. `str` lists them."""
        return self.control.unstruck()

    def assert_all_struck(self) -> None:
        """Fail if a planned fault, or a stub with `times`, still waits for a request; say which requests came close."""
        __tracebackhide__ = True
        if left := self.unstruck:
            raise AssertionError(f"planned and not met:\n{left.explained()}")
