"""What the control plane answers about restricted keys."""

from typing import TypedDict


class RestrictedKey(TypedDict):
    """A restricted key: whose account it acts in, and what it may do there. Both keys are masked."""

    key: str
    account: str
    permissions: dict[str, str]


class NeededPermissions(TypedDict):
    """What the calls so far need of a restricted key: `read` or `write`, by the names of permissions.

    `inferred` has those of these permissions that no source of Stripe's names, with the calls that need them.
    """

    permissions: dict[str, str]
    inferred: dict[str, list[str]]
