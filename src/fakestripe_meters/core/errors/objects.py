"""Errors about an object of any kind, or a reference to one.

Observed in: pay-rails/pay, Kiln-AI/stripe_world.
Documented in: https://docs.stripe.com/api/metadata.
"""

from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.errors.error import shortened
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed


@observed("the sentence")
def no_such(noun: str, identifier: str, *, param: str = "id", status: int = 404) -> StripeError:
    """404 if the id in the path names no object; 400 with its `param` for an id in a parameter."""
    return StripeError(
        status,
        f"No such {noun}: '{identifier}'",
        code="resource_missing",
        param=param,
    )


@observed("the sentence")
def invalid_email(path: str, value: str) -> StripeError:
    """400 if an email address is malformed."""
    return StripeError(400, f"Invalid email address: {value}", code="email_invalid", param=path)


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
