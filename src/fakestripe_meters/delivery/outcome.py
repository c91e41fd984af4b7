"""What comes of sending one webhook."""

from fakestripe_meters.core.late import dataclass

TIMEOUT_S = 10.0
"""For how many real seconds a receiver is waited for, by default."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of sending: the `status` and `body` of the answer, or None and the `error`."""

    status: int | None
    error: str = ""
    body: bytes = b""
    timed_out: bool = False
    """Whether the receiver did not answer in time."""
