"""How a page looks at an account: it is brought to the present, as by a request, and nothing in it changes."""

from collections.abc import Iterator
from contextlib import contextmanager

from fakestripe_meters.control.holding import Holding
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.undo import DryRun


class Reading(Holding):
    """Lets somebody look at an account."""

    @contextmanager
    def reading(self, account: str) -> Iterator[Account | None]:
        """Hold an account within `with`, and yield it; None if nothing was made in it yet.

        `account` is the id of an account, or an API key in full, which stands for the account of the key itself. The
        account is brought to the present first, and the webhooks that come of that are sent afterwards. What the block
        changes is taken back.

        Raises:
            Misuse: There is no such account.
        """
        _, found = self._one(account)
        if found is None:
            yield None
            return
        try:
            with found.lock:
                if found.forgotten:
                    yield None
                    return
                self.world.enter(found)
                with DryRun():
                    yield found
        finally:
            self.world.courier.send_ready(self.world)
