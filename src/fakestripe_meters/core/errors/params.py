"""Errors about a parameter of any meaning.

Observed in: pay-rails/pay, Kiln-AI/stripe_world, crvouga/mockingbird.
Documented in: Stripe's OpenAPI description of 2026-08-26.dahlia.
"""

from collections.abc import Iterable
from collections.abc import Sequence
from decimal import Decimal

from fakestripe_meters.core import currencies
from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.errors.error import either
from fakestripe_meters.core.errors.error import shortened
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed

ENDS = 4
"""How many characters of each end of a string a message shows that says that the string is too long."""
MOST_NAMED = 20
"""How many parameters a message names at most; a longer list would not help the reader."""


@observed("the sentence, for one parameter and for several")
@inferred("that only the first twenty are named")
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


@observed("the sentence, without a code")
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


@observed("the sentence, with what was sent as compact JSON: an array with indexes is a hash")
def invalid_string(path: str, shown: str) -> StripeError:
    """400 if a parameter is a hash or an array and must be a string; `shown` is what was sent."""
    return StripeError(400, f"Invalid string: {shown}", param=path)


@observed("the sentence, with the first and the last four characters of the string")
@inferred("that a string of up to eight characters is repeated whole")
def string_too_long(path: str, value: str, most: int) -> StripeError:
    """400 if a string has more than `most` characters."""
    shown = value if len(value) <= 2 * ENDS else f"{value[:ENDS]}...{value[-ENDS:]}"
    return StripeError(400, f"Invalid string: {shown}; must be at most {most} characters", param=path)


@observed("the sentence")
def invalid_object(path: str) -> StripeError:
    """400 if a parameter is not a hash."""
    return StripeError(400, "Invalid object", param=path)


@inferred("the sentence, after the one for hashes")
def invalid_array(path: str) -> StripeError:
    """400 if a parameter is not an array."""
    return StripeError(400, "Invalid array", param=path)


@documented("the maximum")
@observed("the sentence, for `lookup_keys`")
def array_too_long(path: str, most: int) -> StripeError:
    """400 if an array exceeds its documented maximum."""
    message = f"Array {path} exceeded maximum {most} allowed elements."
    return StripeError(400, message, param=path, mentions=(path,))


@documented("the maximum")
@inferred("the sentence")
def too_many(path: str | None, most: int, noun: str) -> StripeError:
    """400 if a hash, or what a request leads to, exceeds its documented maximum."""
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


@observed("the sentence, and that it has neither a code nor a param")
def both(first: str, second: str) -> StripeError:
    """400 if a request has two parameters that say the same."""
    return StripeError(400, f"Received both {first} and {second} parameters. Please pass in only one.")


@observed("the sentence, without code and param, once both cursors are found")
def both_cursors() -> StripeError:
    """400 if a list has both cursors."""
    return StripeError(400, "Received both starting_after and ending_before parameters. Please pass in only one.")


@observed("the sentence, and that it names the path up to the wrong step")
def cannot_expand(path: str, *, in_list: bool) -> StripeError:
    """400 if `expand` names a property that cannot be expanded."""
    advice = f" You may want to try expanding 'data.{path}' instead." if in_list else ""
    return StripeError(400, f"This property cannot be expanded ({path}).{advice}")


@observed("the sentence, for `total_count` of a list")
def cannot_include(path: str) -> StripeError:
    """400 if `expand` names a property that only other calls include."""
    return StripeError(400, f"This property cannot be included ({path})")


@observed("the sentence, its code, and that the `data` of a list is a level")
def expand_too_deep(path: str, most: int) -> StripeError:
    """400 if `expand` goes deeper than `most` levels."""
    sentence = f"You cannot expand more than {most} levels of a property. Property: {path}"
    return StripeError(400, sentence, code="property_expansion_max_depth")


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


@observed("the sentence, without a code")
def invalid_currency(path: str, value: str) -> StripeError:
    """400 if Stripe does not have a currency."""
    known = ", ".join(currencies.CODES)
    message = f"Invalid currency: {shortened(value)}. Stripe currently supports these currencies: {known}"
    return StripeError(400, message, param=path)


@observed("the sentence, which ends with a period here")
@inferred("the use of the sentence for prices: it was seen for coupons")
def invalid_currency_key(path: str, value: str) -> StripeError:
    """400 if a key of a hash at `path` is no currency."""
    known = ", ".join(currencies.KEYS)
    message = f"Invalid currency: {shortened(value)}. Stripe currently supports these currencies: {known}."
    return StripeError(400, message, param=path)


@observed("the sentence")
@inferred("the use of the sentence for prices: it was seen for coupons")
def currency_in_capitals(path: str, value: str) -> StripeError:
    """400 if a key of a hash at `path` is a currency in capital letters."""
    return StripeError(
        400,
        f"Currencies must be lowercase when used as keys in a map. Use `{value.lower()}` instead of `{value}`.",
        param=path,
    )


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


@observed("the sentence, for `trial_end`, and for when coupons and promotion codes expire")
@inferred("the same for other times")
def in_the_past(path: str, value: int) -> StripeError:
    """400 if a timestamp does not lie in the future."""
    return StripeError(
        400,
        f"The parameter `{path}` expects a unix timestamp representing a date and time in the future. "
        f"You specified the value `{value}` which is in the past.",
        param=path,
        mentions=(path,),
    )
