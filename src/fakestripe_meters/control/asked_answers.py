"""What questions about the state are answered: types from which the OpenAPI description is made, as `answers` has."""

from typing import TypedDict


class AccountSummary(TypedDict):
    """An account, and how much is in it."""

    account: str
    """Its API key, masked."""
    id: str
    """Its id, `acct_…`, which other calls take as `account`."""
    connected: bool
    """Whether it is connected to the account of that key."""
    customers: int
    """How many customers it has."""
    meters: int
    """How many meters it has, active or not."""
    usage_events: int
    """How many usage events it has accepted, also those that are not visible yet or were cancelled."""
    requests: int
    """How many requests of the journal are of its key. Those of connected accounts are among them."""


class Scheduled(TypedDict):
    """Something that happens by itself when the clock reaches an instant."""

    at: int
    """When it happens, in Unix seconds."""
    what: str
    """What happens, in plain words."""
    object: str
    """The id of what it happens to; empty if there is no single object."""
    account: str
    """The API key of the account, masked."""
    account_id: str
    """The id of the account."""
