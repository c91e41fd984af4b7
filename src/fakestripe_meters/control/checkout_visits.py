"""What a customer does on a Checkout page: it is loaded when a test, or a person, completes the first session."""

from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from typing import Any

from fakestripe_meters.core import checks
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.domain.checkout import adjusting
from fakestripe_meters.domain.checkout import amounts
from fakestripe_meters.domain.checkout import completing
from fakestripe_meters.domain.checkout import due
from fakestripe_meters.domain.checkout import expiring
from fakestripe_meters.domain.checkout.payers import Form
from fakestripe_meters.domain.records import checkout_faces
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession
from fakestripe_meters.domain.records.payment_methods import ADDRESS


def filled_in(
    payment_method: object,
    email: object,
    name: object,
    phone: object,
    address: object,
    *,
    otherwise: Mapping[str, str],
) -> Form:
    """Return a form that is filled in, or raise `Misuse`."""
    return Form(
        payment_method=checks.text(payment_method, "payment_method"),
        email=_optional(email, "email"),
        name=_optional(name, "name"),
        phone=_optional(phone, "phone"),
        address=_address(address),
        otherwise=otherwise,
    )


@contextmanager
def at_its_time(account: Account, session: CheckoutSession) -> Iterator[None]:
    """Run a block at the time of a session's customer; what Stripe refuses becomes a `Misuse`."""
    try:
        with test_clocks.changing(account, session.test_clock):
            yield
    except StripeError as error:
        raise Misuse(error.message, param=error.param) from None


def complete(account: Account, session: CheckoutSession, form: Form) -> dict[str, Any]:
    """Complete a session, and return it; a card that the page does not ask for is not given."""
    completing.check_open(session)
    amounts.refresh(account, session)
    completing.complete(account, session, form if due.collects_card(account, session) else form.without_card())
    return checkout_faces.render(account, session)


def adjust(account: Account, session: CheckoutSession, quantities: object, promotion_code: object) -> dict[str, Any]:
    """Change what is bought in a session, and return it."""
    completing.check_open(session)
    if not isinstance(quantities, Mapping | None):
        raise checks.refused("quantities", "an object of whole numbers", quantities)
    adjusting.adjust(account, session, quantities or {}, _optional(promotion_code, "promotion_code"))
    return checkout_faces.render(account, session)


def expire(account: Account, session: CheckoutSession) -> dict[str, Any]:
    """End a session, and return it."""
    expiring.expire(account, session)
    return checkout_faces.render(account, session)


def _optional(value: object, name: str) -> str | None:
    return None if value is None else checks.text(value, name)


def _address(value: object) -> Mapping[str, str] | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise checks.refused("address", f"an object of {', '.join(ADDRESS)}", value)
    return {checks.known(each, ADDRESS): checks.text(value[each], f"address[{each}]") for each in value}
