"""Who a request comes from: the account that its API key, or the token of a meter event session, gives access to."""

from fakestripe_meters.core import keys
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.scopes import Scope
from fakestripe_meters.core.world import World
from fakestripe_meters.framework.endpoint import Endpoint
from fakestripe_meters.wire.message import Request

Access = tuple[Account, Scope | None]
"""An account, and what a restricted key may do in it; None for any other key, which may do everything."""


def authenticate(world: World, request: Request, endpoint: Endpoint | None, path: dict[str, str]) -> Access:
    """Return the account of a request and what its key may do there, or raise 401 or 403."""
    key = keys.from_authorization(request.headers.lookup("authorization"))
    if endpoint is not None and endpoint.resource.in_session:
        return _account_of_session(world, key), None
    keys.check(key)
    sent, scope = key, world.scopes.get(key) if world.scopes else None
    if scope is not None:
        key = scope.account
    named = keys.named_account(request.headers)
    connected = None if named is None else world.accounts.reached(key, named, sent)
    if endpoint is not None and endpoint.resource.is_account and path and not _is_stubbed(world, request):
        connected = world.accounts.shown(key, connected, *path.values(), sent=sent)
    return world.account(key, connected), scope


def _account_of_session(world: World, token: str) -> Account:
    account = world.holder(token)
    if account is None:
        raise keys.no_session(token)
    return account


def _is_stubbed(world: World, request: Request) -> bool:
    """Whether a stub answers, which may show an account that does not exist."""
    return bool(world.stubs.planned) and world.stubs.answers(request.method, request.path)
