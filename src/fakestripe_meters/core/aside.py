"""Step aside before waiting: a thread that answers for several clients lets another one go on meanwhile."""

import threading
from collections.abc import Callable


class Here(threading.local):
    """What is known of the thread that runs."""

    step: Callable[[], object] | None = None
    """Lets another thread answer the other clients; None in a thread that answers no others."""


HERE = Here()


def step_aside() -> None:
    """Let others be answered: what comes now may wait for a call of theirs, or for long."""
    if HERE.step is not None:
        HERE.step()
