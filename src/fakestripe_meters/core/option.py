"""What an option has besides its name and its type: what it does, its default, its check and its flag."""

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
    """The default value, as users would pass it."""
    check: Callable[[Any, str], Any] = _as_given
    """Takes the value and the option's name; returns what `Settings` keeps, or raises `Misuse`."""
    metavar: str = ""
    """What the help calls the flag's value. A flag of true or false has none."""
    flag: str = ""
    """The flag, where it is not `--` and the option's name."""
    read: Callable[[str], object] = str
    """Converts the flag's text to a value; raises ValueError."""
    repeats: bool = False
    """Whether the flag adds one value to a list each time it is given."""
    bare: object = None
    """The value if the flag is given without one; None if it needs one."""

    of_process: bool = False
    """Whether it says what this process may do outside: a restored snapshot does not change it."""

    def spelled(self, name: str) -> str:
        """Return the flag as users write it, such as `--lag`."""
        return self.flag or f"--{name.replace('_', '-')}"


def switch(about: str, *, default: bool = False) -> Option:
    """Return an option that is true or false. If the default is true, `--no-…` switches it off."""
    return Option(about, default, checks.flag)
