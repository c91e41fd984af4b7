"""What is wrong with an object, or with a reference to one."""

from fakestripe_meters.core.errors.error import StripeError


def no_such(noun: str, identifier: str, *, param: str = "id", status: int = 404) -> StripeError:
    """404 for an id in the path, 400 with its `param` for one in the body: observed."""
    return StripeError(
        status,
        f"No such {noun}: '{identifier}'",
        code="resource_missing",
        param=param,
    )


def invalid_email(path: str, value: str) -> StripeError:
    """400: observed."""
    return StripeError(400, f"Invalid email address: {value}", code="email_invalid", param=path)


def metadata_too_long(path: str, what: str, most: int, actual: int) -> StripeError:
    """400: the limits are documented, the sentence inferred."""
    return StripeError(
        400,
        f"Metadata {what} can have at most {most} characters, but you passed in a {what} that is "
        f"{actual} characters long.",
        param=path,
    )


def metadata_too_many(most: int) -> StripeError:
    """400: the limit is documented, the sentence inferred."""
    return StripeError(400, f"Metadata can have at most {most} keys.", param="metadata")


def event_name_taken(event_name: str) -> StripeError:
    """400: observed."""
    return StripeError(
        400,
        f"An active meter already exists for event name '{event_name}'. To create a new meter with the same event "
        "name, first deactivate the currently active meter.",
    )


def payload_key_twice(path: str, key: str) -> StripeError:
    """400: inferred."""
    return StripeError(400, f"The payload key '{key}' is listed twice.", param=path)


def invalid_url(path: str, *, scheme_missing: bool) -> StripeError:
    """400 for the address of a webhook endpoint: observed for a missing scheme, inferred otherwise."""
    reason = "An explicit scheme (such as https) must be provided." if scheme_missing else "It names no host."
    return StripeError(400, f"Invalid URL: {reason}", code="url_invalid", param=path)


def invalid_event_type(path: str, kind: str) -> StripeError:
    """400 for what cannot be the type of an event: inferred."""
    return StripeError(400, f"Invalid event type: {kind[:100]}", param=path)


def invalid_api_version(path: str, version: str) -> StripeError:
    """400: inferred after the sentence for the header."""
    return StripeError(400, f"Invalid Stripe API version: {version[:100]}", param=path)


def inactive(path: str, noun: str) -> StripeError:
    """400: recalled wording for prices, so inferred."""
    return StripeError(400, f"The {noun} specified is inactive. This field only accepts active {noun}s.", param=path)


def already_exists(path: str, noun: str) -> StripeError:
    """400: recalled wording, so inferred."""
    return StripeError(400, f"{noun} already exists.", code="resource_already_exists", param=path)


def of_another(path: str, noun: str, owner: str) -> StripeError:
    """400: inferred."""
    return StripeError(400, f"The {noun} specified belongs to another {owner}.", param=path)
