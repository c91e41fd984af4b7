"""The functions in this process that take the place of URLs."""

from dataclasses import dataclass
from dataclasses import field

from fakestripe_meters.core.account import Account
from fakestripe_meters.delivery.traffic import Target


@dataclass(slots=True, eq=False)
class Targets:
    """Targets by the destination that they belong to, and by the URLs that they replace."""

    of_listeners: dict[str, Target] = field(default_factory=dict)
    """By the id of a listener."""
    of_urls: dict[tuple[str, str | None], Target] = field(default_factory=dict)
    """By the beginning of a URL, and the API key whose webhooks they take; None for all keys."""

    def lookup(self, account: Account, destination: str, url: str) -> Target | None:
        """Return what takes the webhooks of an account to a destination; None if that is its URL.

        Among URLs the longest wins, and for one URL the target of a key.
        """
        if (target := self.of_listeners.get(destination)) is not None:
            return target
        prefixes = self.of_urls.copy()  # others may add some meanwhile
        found = [each for each in prefixes if url.startswith(each[0]) and each[1] in (None, account.name.key)]
        return prefixes[max(found, key=lambda each: (len(each[0]), each[1] is not None))] if found else None
