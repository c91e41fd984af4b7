"""Errors about an object of any kind, or a reference to one.

Observed in: pay-rails/pay, Kiln-AI/stripe_world.
Documented in: https://docs.stripe.com/api/metadata.
"""

import re
from collections.abc import Sequence

from fakestripe_meters.core.errors import params
from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.errors.error import shortened
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed

LONGEST_ID = 998
"""Of a longer id, a message shows only the ends."""
ENDS = 490
ESCAPED = re.compile(r"[\\'\"<>&]")
AT_AN_END = re.compile(r"^[\s'\"]|[\s'\"]$")


@observed("the sentence, and the hint about blanks and quotes")
def no_such(noun: str, identifier: str, *, param: str = "id", status: int = 404) -> StripeError:
    """404 if the id in the path names no object; 400 with its `param` for an id in a parameter."""
    message = f"No such {noun}: '{quoted(identifier)}'"
    if AT_AN_END.search(identifier):
        message += ". Make sure you use the exact id without extra whitespace or quotes"
    return StripeError(status, message, code="resource_missing", param=param)


@observed("the sentence, in which there is no blank")
def no_such_invoice_item(identifier: str) -> StripeError:
    """404 if the id in the path names no invoice item."""
    message = f"No such Invoice Item: '{quoted(identifier)}'(livemode=false)"
    return StripeError(404, message, code="resource_missing", param="id")


@observed("the sentence, without code and param")
def no_such_subscription_item(identifier: str) -> StripeError:
    """404 if the id in the path names no subscription item."""
    return StripeError(404, f"Invalid subscription_item id: {quoted(identifier)}")


@observed("which characters are escaped, and that the middle of a long id is left out")
def quoted(identifier: str) -> str:
    """Return an id as a message repeats it."""
    if len(identifier) > LONGEST_ID:
        identifier = f"{identifier[:ENDS]}...(truncated)...{identifier[-ENDS:]}"
    return ESCAPED.sub(_escape, identifier)


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    return f"\\u00{ord(character):02X}" if character in "<>&" else f"\\{character}"


@observed("the sentence")
def invalid_email(path: str, value: str) -> StripeError:
    """400 if an email address is malformed."""
    return StripeError(400, f"Invalid email address: {value}", code="email_invalid", param=path)


@observed("the sentence, without code and param")
def invalid_invoice_prefix() -> StripeError:
    """400 if the prefix of invoice numbers is malformed."""
    return StripeError(400, "Invoice number prefix must be 1–12 uppercase letters or numbers.")  # noqa: RUF001


@observed("the sentence")
def invoice_prefix_taken(customer_id: str) -> StripeError:
    """400 if another customer has the prefix of invoice numbers."""
    return StripeError(
        400,
        f"This invoice number prefix is taken by customer: {customer_id}. Please enter a different prefix.",
        param="invoice_prefix",
    )


@documented("the limits")
@inferred("the sentence")
def metadata_too_long(path: str, what: str, most: int, actual: int) -> StripeError:
    """400 if a key or value of the metadata is too long."""
    return StripeError(
        400,
        f"Metadata {what} can have at most {most} characters, but you passed in a {what} that is "
        f"{actual} characters long.",
        param=path,
    )


@documented("the limit")
@inferred("the sentence")
def metadata_too_many(path: str, most: int) -> StripeError:
    """400 if the metadata has too many keys."""
    return StripeError(400, f"Metadata can have at most {most} keys.", param=path)


@observed("the sentence")
def event_name_taken(event_name: str) -> StripeError:
    """400 if another active meter has the event name."""
    return StripeError(
        400,
        f"An active meter already exists for event name '{event_name}'. To create a new meter with the same event "
        "name, first deactivate the currently active meter.",
    )


@inferred("the sentence")
def payload_key_twice(path: str, key: str) -> StripeError:
    """400 if a meter lists the same payload key twice."""
    return StripeError(400, f"The payload key '{key}' is listed twice.", param=path)


@observed("the sentence for a missing scheme")
@inferred("the sentence otherwise")
def invalid_url(path: str, *, scheme_missing: bool) -> StripeError:
    """400 if a webhook endpoint's URL is malformed."""
    reason = "An explicit scheme (such as https) must be provided." if scheme_missing else "It names no host."
    return StripeError(400, f"Invalid URL: {reason}", code="url_invalid", param=path)


@observed("the sentence, with the types in the order of the alphabet")
@inferred("that `*` is its last word")
def unknown_event_type(path: str, types: Sequence[str]) -> StripeError:
    """400 if a webhook endpoint names an event type that Stripe does not have."""
    return params.invalid_choice(path, (*types, "*"))


@inferred("the sentence")
def invalid_event_type(path: str, kind: str) -> StripeError:
    """400 if a string cannot be an event type."""
    return StripeError(400, f"Invalid event type: {shortened(kind)}", param=path)


@inferred("the sentence, after the one for the header")
def invalid_api_version(path: str, version: str) -> StripeError:
    """400 if a parameter names a version that Stripe does not have."""
    return StripeError(400, f"Invalid Stripe API version: {shortened(version)}", param=path)


@inferred("the sentence, in recalled wording for prices")
def inactive(path: str, noun: str) -> StripeError:
    """400 if a parameter names an inactive object."""
    return StripeError(400, f"The {noun} specified is inactive. This field only accepts active {noun}s.", param=path)


@inferred("the sentence, in recalled wording")
def already_exists(path: str, noun: str) -> StripeError:
    """400 if an id is taken."""
    return StripeError(400, f"{noun} already exists.", code="resource_already_exists", param=path)


@inferred("the sentence")
def of_another(path: str, noun: str, owner: str) -> StripeError:
    """400 if a parameter names an object of another `owner`."""
    return StripeError(400, f"The {noun} specified belongs to another {owner}.", param=path)
