"""How the control plane acts on one object: as a request does, but without a request."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fakestripe_meters.control.plans import Plans
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Cause
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import quoted
from fakestripe_meters.core.undo import Atomic


class Holding(Plans):
    """Finds an object in any account, and holds its account while something is done to it."""

    @contextmanager
    def holding(
        self,
        part: str,
        identifier: str,
        account: str | None = None,
        *,
        noun: str = "object",
        param: str = "id",
    ) -> Iterator[tuple[Account, Any]]:
        """Hold the account of an object within `with`, and yield the account and the object's record.

        `part` is the name of the part that has the record. `account`, a key or an id, says whose it is, if several
        accounts have one of that id. The account is brought to the present first. If the block raises, what it has
        changed is undone. Afterwards, the webhooks that are ready are sent.

        Raises:
            Misuse: There is no such object: the message calls it by its `noun`, and `param` is the wrong argument.
        """
        try:
            for each in self._accounts(account):
                with each.lock:
                    if each.forgotten:
                        continue
                    self.world.enter(each)
                    record = _found(each, part, identifier)
                    if record is None:
                        continue
                    with Atomic():
                        each.cause = Cause()
                        yield each, record
                break
            else:
                message = f"there is no {noun} {quoted(identifier)}"
                raise Misuse(message, param=param)
        finally:
            self.world.courier.send_ready(self.world)


def _found(account: Account, part: str, identifier: str) -> Any:  # noqa: ANN401  a record
    """Return the record with an id, of a part that is known by its name; None if there is none."""
    kind: Any = Part.kinds.get(part)
    stored = None if kind is None else account.peek(kind)
    return None if stored is None else stored.table.get(identifier)
