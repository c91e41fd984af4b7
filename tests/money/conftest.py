"""What the random stories of money have in common."""

from collections.abc import Iterator

from fakestripe_meters import FakeStripe


def one_for_all(now: int, *, relaxed: bool = False) -> Iterator[FakeStripe]:
    """Yield one fake for all stories of a module, each of which resets it. Nothing may go wrong inside it."""
    with FakeStripe(now=now, limits="off", seed=1, relaxed=relaxed) as fake:
        yield fake
        assert fake.engine.failures == []
