"""An option is declared once, and all of its declaration holds."""

import types
import typing
from dataclasses import fields

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters.core import options
from fakestripe_meters.core.option import Option

EACH = pytest.mark.parametrize(("name", "option"), options.MARKER_OPTIONS.items())


def test_every_option_but_time_and_seed_is_kept_in_one_setting() -> None:
    assert sorted(each.metadata["option"] for each in fields(options.Settings)) == sorted(
        options.OPTIONS.keys() - {"now", "seed"}
    )


def test_no_options_are_the_defaults() -> None:
    assert options.settings_of({}) == options.Settings()


def test_a_setting_has_the_type_that_it_says() -> None:
    for name, hint in typing.get_type_hints(options.Settings).items():
        kinds = typing.get_args(hint) if isinstance(hint, types.UnionType) else (typing.get_origin(hint) or hint,)
        assert isinstance(getattr(options.Settings(), name), kinds)


@EACH
def test_it_is_told_in_whole_sentences(name: str, option: Option) -> None:
    assert option.about[0].isupper()
    assert option.about.endswith("."), name


@EACH
def test_its_flag_has_a_value_unless_it_is_only_true_or_false(name: str, option: Option) -> None:
    is_switch = isinstance(option.default, bool) and option.bare is None
    assert bool(option.metavar) is not is_switch, name


def test_no_two_options_have_the_same_flag() -> None:
    flags = [option.spelled(name) for name, option in options.OPTIONS.items()]
    assert len(flags) == len(set(flags))


def test_help_lists_every_option() -> None:
    for name, option in options.OPTIONS.items():
        assert f"- `{name}` ({option.default!r}): {option.about}" in str(FakeStripe.__doc__)
    assert "{options}" not in str(FakeStripe.__doc__)
