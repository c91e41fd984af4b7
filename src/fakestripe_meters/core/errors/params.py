"""What is wrong with a parameter, whatever it means."""

from collections.abc import Iterable
from collections.abc import Sequence

from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.errors.error import either

MOST_NAMED = 20
"""A message that names more parameters than these helps nobody."""


def unknown_params(paths: Sequence[str]) -> StripeError:
    """400: observed for one, inferred for several."""
    word = "parameter" if len(paths) == 1 else "parameters"
    named, more = paths[:MOST_NAMED], len(paths) - MOST_NAMED
    return StripeError(
        400,
        f"Received unknown {word}: {', '.join(named)}{f' and {more} more' if more > 0 else ''}",
        code="parameter_unknown",
        param=paths[0],
        mentions=named,
    )


def missing_param(path: str) -> StripeError:
    """400: observed."""
    return StripeError(400, f"Missing required param: {path}.", code="parameter_missing", param=path, mentions=(path,))


def empty_param(path: str) -> StripeError:
    """400: observed."""
    return StripeError(
        400,
        f"You passed an empty string for '{path}'. We assume empty values are an attempt to unset a parameter; "
        f"however '{path}' cannot be unset. You should remove '{path}' from your request or supply a non-empty value.",
        code="parameter_invalid_empty",
        param=path,
        mentions=(path,),
    )


def invalid_integer(path: str, value: str) -> StripeError:
    """400: observed."""
    return StripeError(400, f"Invalid integer: {value}", code="parameter_invalid_integer", param=path)


def too_small(path: str, least: int) -> StripeError:
    """400: observed."""
    return StripeError(
        400,
        f"This value must be greater than or equal to {least}.",
        code="parameter_invalid_integer",
        param=path,
    )


def too_large(path: str, most: int, value: int) -> StripeError:
    """400: observed."""
    return StripeError(
        400,
        f"This value must be less than or equal to {most} (it currently is '{value}').",
        code="parameter_invalid_integer",
        param=path,
    )


def invalid_choice(path: str, choices: Iterable[str]) -> StripeError:
    """400: recalled wording, so inferred."""
    return StripeError(400, f"Invalid {path}: must be one of {either(choices)}", param=path, mentions=(path,))


def invalid_boolean(path: str, value: str) -> StripeError:
    """400: inferred after the integer's pattern."""
    return StripeError(400, f"Invalid boolean: {value}", param=path)


def invalid_decimal(path: str, value: str) -> StripeError:
    """400: inferred after the integer's pattern."""
    return StripeError(400, f"Invalid decimal: {value}", param=path)


def invalid_string(path: str, shown: str) -> StripeError:
    """400: recalled wording, so inferred; `shown` is the hash or array that was sent."""
    return StripeError(400, f"Invalid string: {shown}", param=path)


def string_too_long(path: str, value: str, most: int) -> StripeError:
    """400: recalled wording, so inferred."""
    return StripeError(400, f"Invalid string: {value[:50]}…; must be at most {most} characters", param=path)


def invalid_object(path: str) -> StripeError:
    """400: recalled wording, so inferred."""
    return StripeError(400, "Invalid object", param=path)


def invalid_array(path: str) -> StripeError:
    """400: inferred after the object's pattern."""
    return StripeError(400, "Invalid array", param=path)


def too_many(path: str, most: int, noun: str) -> StripeError:
    """400 for a list or hash over its documented maximum: the sentence is inferred."""
    return StripeError(400, f"You may specify at most {most} {noun}.", param=path)


def exclusive_params(paths: Sequence[str]) -> StripeError:
    """400: observed."""
    return StripeError(
        400,
        f"You may only specify one of these parameters: {', '.join(paths)}.",
        code="parameters_exclusive",
        param=paths[0],
        mentions=paths,
    )


def both_cursors() -> StripeError:
    """400: observed."""
    return StripeError(
        400,
        "Received both starting_after and ending_before parameters. Please pass in only one.",
        code="parameters_exclusive",
    )


def cannot_expand(path: str, *, in_list: bool) -> StripeError:
    """400: observed."""
    advice = f" You may want to try expanding 'data.{path}' instead." if in_list else ""
    return StripeError(400, f"This property cannot be expanded ({path}).{advice}")


def expand_too_deep(path: str, most: int) -> StripeError:
    """400: the depth is observed, the sentence inferred."""
    return StripeError(400, f"You cannot expand more than {most} levels of a property. Property: {path}")


def needed_with(path: str, reason: str) -> StripeError:
    """400: inferred."""
    return StripeError(400, f"`{path}` must be set when {reason}.", param=path)


def not_with(path: str, reason: str) -> StripeError:
    """400: inferred."""
    return StripeError(400, f"`{path}` can only be set when {reason}.", param=path)


def need_one_of(paths: Sequence[str]) -> StripeError:
    """400: inferred."""
    named = ", ".join(f"`{path}`" for path in paths)
    return StripeError(400, f"You must specify one of {named}.", param=paths[0], mentions=paths)


def invalid_currency(path: str, value: str) -> StripeError:
    """400: inferred; Stripe goes on to list all its currencies."""
    return StripeError(400, f"Invalid currency: {value}", param=path)


def too_many_decimals(path: str, most: int) -> StripeError:
    """400: the limit is documented, the sentence inferred."""
    return StripeError(400, f"Invalid decimal: must have at most {most} decimal places.", param=path)


def not_in_future(path: str) -> StripeError:
    """400: inferred."""
    return StripeError(400, "The timestamp must be in the future.", param=path)
