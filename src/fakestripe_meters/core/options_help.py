"""The options of a fake in the docstrings and signatures that `help` shows."""

from collections.abc import Callable
from inspect import Parameter
from inspect import signature
from typing import Any
from typing import TypeVar
from typing import get_type_hints

from fakestripe_meters.core.options import OPTIONS
from fakestripe_meters.core.options import Options

Kind = TypeVar("Kind", bound=type)
Function = TypeVar("Function", bound=Callable[..., Any])


def with_options_listed(kind: Kind) -> Kind:
    """Complete a class's docstring, for `help`: `{options}` in it becomes the list of all options."""
    if kind.__doc__:  # `python -OO` has none
        listed = "\n".join(f"    - `{name}` ({option.default!r}): {option.about}" for name, option in OPTIONS.items())
        kind.__doc__ = kind.__doc__.replace("    {options}", listed)
    return kind


def with_options_named(function: Function) -> Function:
    """Give a function that takes `**options` a signature with the name of each, for `help`."""
    taken = signature(function)
    types = get_type_hints(Options)
    named = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=option.default, annotation=types[name])
        for name, option in OPTIONS.items()
    ]
    others = [each for each in taken.parameters.values() if each.kind is not Parameter.VAR_KEYWORD]
    vars(function)["__signature__"] = taken.replace(parameters=[*others, *named])
    return function
