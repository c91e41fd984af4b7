"""Errors about a parameter of any meaning.

Observed in: pay-rails/pay, Kiln-AI/stripe_world, crvouga/mockingbird.
Documented in: Stripe's OpenAPI description of 2026-08-26.dahlia.
"""

from collections.abc import Iterable
from collections.abc import Sequence
from decimal import Decimal

from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.errors.error import either
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed

MOST_NAMED = 20
"""How many parameters a message names at most; a longer list would not help the reader."""


@observed("the sentence for one parameter")
@inferred("the sentence for several")
def unknown_params(paths: Sequence[str]) -> StripeError:
    """400 if there are parameters that the operation does not have."""
    word = "parameter" if len(paths) == 1 else "parameters"
    named, more = paths[:MOST_NAMED], len(paths) - MOST_NAMED
    return StripeError(
        400,
        f"Received unknown {word}: {', '.join(named)}{f' and {more} more' if more > 0 else ''}",
        code="parameter_unknown",
        param=paths[0],
        mentions=named,
    )


@observed("the sentence")
def missing_param(path: str) -> StripeError:
    """400 if a required parameter is missing."""
    return StripeError(400, f"Missing required param: {path}.", code="parameter_missing", param=path, mentions=(path,))


@observed("the sentence")
def empty_param(path: str) -> StripeError:
    """400 if a parameter that cannot be unset is an empty string."""
    return StripeError(
        400,
        f"You passed an empty string for '{path}'. We assume empty values are an attempt to unset a parameter; "
        f"however '{path}' cannot be unset. You should remove '{path}' from your request or supply a non-empty value.",
        code="parameter_invalid_empty",
        param=path,
        mentions=(path,),
    )


@observed("the sentence")
def invalid_integer(path: str, value: str) -> StripeError:
    """400 if a parameter is not an integer."""
    return StripeError(400, f"Invalid integer: {value}", code="parameter_invalid_integer", param=path)


@observed("the sentence")
def too_small(path: str, least: int) -> StripeError:
    """400 if a number is less than `least`."""
    return StripeError(
        400,
        f"This value must be greater than or equal to {least}.",
        code="parameter_invalid_integer",
        param=path,
    )


@observed("the sentence")
def too_large(path: str, most: int, value: int | Decimal) -> StripeError:
    """400 if a number is greater than `most`."""
    return StripeError(
        400,
        f"This value must be less than or equal to {most} (it currently is '{value}').",
        code="parameter_invalid_integer",
        param=path,
    )


@inferred("the sentence, in recalled wording")
def invalid_choice(path: str, choices: Iterable[str]) -> StripeError:
    """400 if a parameter is none of its choices."""
    return StripeError(400, f"Invalid {path}: must be one of {either(choices)}", param=path, mentions=(path,))


@inferred("the sentence, after the one for integers")
def invalid_boolean(path: str, value: str) -> StripeError:
    """400 if a parameter is not a boolean."""
    return StripeError(400, f"Invalid boolean: {value}", param=path)


@inferred("the sentence, after the one for integers")
def invalid_decimal(path: str, value: str) -> StripeError:
    """400 if a parameter is not a decimal number."""
    return StripeError(400, f"Invalid decimal: {value}", param=path)


@inferred("the sentence, in recalled wording")
def invalid_string(path: str, shown: str) -> StripeError:
    """400 if a parameter is a hash or an array and must be a string; `shown` is what was sent."""
    return StripeError(400, f"Invalid string: {shown}", param=path)


@inferred("the sentence, in recalled wording")
def string_too_long(path: str, value: str, most: int) -> StripeError:
    """400 if a string has more than `most` characters."""
    return StripeError(400, f"Invalid string: {value[:50]}…; must be at most {most} characters", param=path)


@inferred("the sentence, in recalled wording")
def invalid_object(path: str) -> StripeError:
    """400 if a parameter is not a hash."""
    return StripeError(400, "Invalid object", param=path)


@inferred("the sentence, after the one for hashes")
def invalid_array(path: str) -> StripeError:
    """400 if a parameter is not an array."""
    return StripeError(400, "Invalid array", param=path)


@documented("the maximum")
@inferred("the sentence")
def too_many(path: str | None, most: int, noun: str) -> StripeError:
    """400 if a list or hash exceeds its documented maximum."""
    return StripeError(400, f"You may specify at most {most} {noun}.", param=path)


@observed("the sentence")
def exclusive_params(paths: Sequence[str]) -> StripeError:
    """400 if two parameters exclude each other."""
    return StripeError(
        400,
        f"You may only specify one of these parameters: {', '.join(paths)}.",
        code="parameters_exclusive",
        param=paths[0],
        mentions=paths,
    )


@observed("the sentence")
def both_cursors() -> StripeError:
    """400 if a list has both cursors."""
    return StripeError(
        400,
        "Received both starting_after and ending_before parameters. Please pass in only one.",
        code="parameters_exclusive",
    )


@observed("the sentence")
def cannot_expand(path: str, *, in_list: bool) -> StripeError:
    """400 if `expand` names a property that cannot be expanded."""
    advice = f" You may want to try expanding 'data.{path}' instead." if in_list else ""
    return StripeError(400, f"This property cannot be expanded ({path}).{advice}")


@observed("the depth")
@inferred("the sentence")
def expand_too_deep(path: str, most: int) -> StripeError:
    """400 if `expand` goes deeper than `most` levels."""
    return StripeError(400, f"You cannot expand more than {most} levels of a property. Property: {path}")


@inferred("the sentence")
def needed_with(path: str, reason: str) -> StripeError:
    """400 if a parameter is missing that is required for this `reason`."""
    return StripeError(400, f"`{path}` must be set when {reason}.", param=path)


@inferred("the sentence")
def not_with(path: str, reason: str) -> StripeError:
    """400 if a parameter is set that needs `reason`."""
    return StripeError(400, f"`{path}` can only be set when {reason}.", param=path)


@inferred("the sentence")
def need_one_of(paths: Sequence[str]) -> StripeError:
    """400 if none of these parameters is set."""
    named = ", ".join(f"`{path}`" for path in paths)
    return StripeError(400, f"You must specify one of {named}.", param=paths[0], mentions=paths)


@inferred("the sentence; Stripe goes on to list all its currencies")
def invalid_currency(path: str, value: str) -> StripeError:
    """400 if a currency is unknown."""
    return StripeError(400, f"Invalid currency: {value}", param=path)


@documented("the limit")
@inferred("the sentence")
def too_many_decimals(path: str, most: int) -> StripeError:
    """400 if a decimal number has more than `most` decimal places."""
    return StripeError(400, f"Invalid decimal: must have at most {most} decimal places.", param=path)


@observed("the sentence, for `trial_end`")
@inferred("that it also applies to other times")
def too_far_ahead(path: str) -> StripeError:
    """400 if a timestamp lies too far in the future."""
    return StripeError(400, "Invalid timestamp: can be no more than five years in the future.", param=path)


@inferred("the sentence")
def not_in_future(path: str) -> StripeError:
    """400 if a timestamp does not lie in the future."""
    return StripeError(400, "The timestamp must be in the future.", param=path)
