"""What belongs to an option besides its name and its type."""

from collections.abc import Callable
from typing import Any
from typing import NamedTuple

from fakestripe_meters.core import checks


def _as_given(value: Any, _name: str) -> Any:  # noqa: ANN401  whatever it is
    return value


class Option(NamedTuple):
    """The metadata of a field of `Options`, from which everything about the option follows."""

    about: str
    """What it does, in full sentences, for every place that lists the options."""
    default: Any
    """As users would pass it."""
    check: Callable[[Any, str], Any] = _as_given
    """Takes the value and the option's name; returns what `Settings` keeps, or raises `Misuse`."""
    metavar: str = ""
    """What the help calls the flag's value. A flag of true or false has none."""
    flag: str = ""
    """The flag, where it is not `--` and the option's name."""
    read: Callable[[str], object] = str
    """Makes a value of the flag's text; raises ValueError."""
    repeats: bool = False
    """Whether the flag adds one value to a list each time it is given."""
    bare: object = None
    """What the flag means without a value; None if it needs one."""

    def spelled(self, name: str) -> str:
        """The flag."""
        return self.flag or f"--{name.replace('_', '-')}"


def switch(about: str, *, default: bool = False) -> Option:
    """An option that is true or false. The flag of one that is true by default begins with `--no-`, too."""
    return Option(about, default, checks.flag)
