"""What a restricted key lacked, and how a test lets it do what it wants to do."""

import json
from collections.abc import Iterator

from fakestripe_meters.core.journal import Exchange
from fakestripe_meters.core.permissions import in_error
from fakestripe_meters.core.printing import mask
from fakestripe_meters.core.scopes import Scopes

DENIED = 403


def reasons(scopes: Scopes, exchange: Exchange) -> Iterator[str]:
    """Yield a line if a restricted key lacked a permission."""
    message = str((exchange.error or {}).get("message"))
    lacking = in_error(message) if exchange.status == DENIED else {}
    if not lacking:
        return
    allowed = [f"{mask(each.key)} has {_shown(each.permissions)}" for each in scopes.values() if each.says(message)]
    yield f"restrict_key: this call needs {_shown(lacking)}; {' and '.join(allowed) or 'the key is gone'}"


def _shown(permissions: dict[str, str]) -> str:
    return json.dumps(permissions) if permissions else "no permissions"
