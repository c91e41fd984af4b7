"""How a Checkout session is changed while it is open.

Documented in: https://docs.stripe.com/api/checkout/sessions/update.
"""

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.checkout import amounts
from fakestripe_meters.domain.checkout import lines
from fakestripe_meters.domain.checkout import opening
from fakestripe_meters.domain.checkout.line_terms import ChangedLine
from fakestripe_meters.domain.checkout.terms import UpdateSession
from fakestripe_meters.domain.records import checkout_sessions
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.checkout_lines import CheckoutLine
from fakestripe_meters.domain.records.checkout_sessions import OPEN
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession
from fakestripe_meters.framework.metadata import merged


@inferred("metadata can be changed at any time, all else only while the session is open; there is no event")
def change(account: Account, session: CheckoutSession, params: UpdateSession) -> None:
    """Change a session, or raise StripeError 400."""
    session.metadata = merged(session.metadata, params.metadata)
    if params.line_items is None:
        return
    if session.status != OPEN:
        raise errors.checkout.cannot_update(session.status)
    if session.mode == "setup":
        raise errors.checkout.not_in_mode("line_items", session.mode)
    if not params.line_items:
        raise errors.params.missing_param("line_items")
    _replace(account, session, params.line_items)


@documented("all lines are sent again: one with an `id` is kept or changed, and one that is not there goes")
@inferred("the currency stays")
def _replace(account: Account, session: CheckoutSession, given: tuple[ChangedLine, ...]) -> None:
    kept = [_kept(session, terms, index) for index, terms in enumerate(given)]
    session.lines = lines.read(account, given, session.mode, kept)
    currency = prices.kept(account, session.lines[0].price).currency
    if session.currency != currency:
        raise errors.prices.only_supports("line_items", currency, session.currency or "")
    with test_clocks.time_of(account, session.test_clock):
        amounts.settle(account, session)
    opening.check_total(session)


def _kept(session: CheckoutSession, terms: ChangedLine, index: int) -> CheckoutLine | None:
    if terms.id is None:
        return None
    line = checkout_sessions.line_of(session, terms.id)
    if line is None:
        raise errors.checkout.no_such_line(f"line_items[{index}][id]", terms.id)
    return line
