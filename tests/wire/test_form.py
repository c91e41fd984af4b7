"""Form bodies and query strings become trees."""

from contextlib import suppress
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.wire.form import parse
from tests.conftest import encoded

NAMES = st.text(st.characters(exclude_characters="[]", exclude_categories=["Cs"]), min_size=1, max_size=8)
VALUES = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
TREES = st.recursive(
    VALUES,
    lambda inner: st.lists(inner, min_size=1, max_size=4) | st.dictionaries(NAMES, inner, min_size=1, max_size=4),
    max_leaves=12,
)


def by_index(tree: Any) -> Any:  # noqa: ANN401  any tree
    """Arrays as a form shows them before a schema has said that they are arrays."""
    if isinstance(tree, list):
        return {str(index): by_index(each) for index, each in enumerate(tree)}
    if isinstance(tree, dict):
        return {key: by_index(each) for key, each in tree.items()}
    return tree


def refusal(source: str | bytes) -> StripeError:
    with pytest.raises(StripeError) as caught:
        parse(source)
    return caught.value


@given(st.dictionaries(NAMES, TREES, max_size=4))
def test_what_an_sdk_encodes_is_read_back(tree: dict[str, Any]) -> None:
    assert parse(encoded(tree)) == by_index(tree)


@given(NAMES, st.lists(VALUES, min_size=1))
def test_an_array_without_indices_keeps_its_order(name: str, values: list[str]) -> None:
    assert parse("&".join(f"{quote(name)}[]={quote(value)}" for value in values)) == {name: values}


@given(st.binary(max_size=200))
def test_any_bytes_give_a_tree_or_a_refusal(source: bytes) -> None:
    with suppress(StripeError):
        assert isinstance(parse(source), dict)


@given(st.lists(st.tuples(st.text("ab[]=&%+;\0é0", max_size=12), st.text("a=&%", max_size=3)), max_size=8))
def test_any_names_give_a_tree_or_a_refusal(pairs: list[tuple[str, str]]) -> None:
    with suppress(StripeError):
        assert isinstance(parse("&".join(f"{name}={value}" for name, value in pairs)), dict)


@pytest.mark.parametrize(
    ("source", "tree"),
    [
        ("", {}),
        ("a=1", {"a": "1"}),
        ("a=1&b=2", {"a": "1", "b": "2"}),
        ("a=1&a=2", {"a": "2"}),
        ("a", {"a": ""}),
        ("a=", {"a": ""}),
        ("a==", {"a": "="}),
        ("=1", {}),
        ("&&a=1&", {"a": "1"}),
        ("a;b=1", {"a;b": "1"}),
        ("a[b]=1", {"a": {"b": "1"}}),
        ("a[b][c]=1&a[b][d]=2", {"a": {"b": {"c": "1", "d": "2"}}}),
        ("a[0]=x&a[1]=y", {"a": {"0": "x", "1": "y"}}),
        ("a[b]=1&a[b]=2", {"a": {"b": "2"}}),
        ("a]b=1", {"a]b": "1"}),
        ("a[ ]=1", {"a": {" ": "1"}}),
    ],
)
def test_names_nest_by_their_brackets(source: str, tree: dict[str, Any]) -> None:
    assert parse(source) == tree


@pytest.mark.parametrize(
    ("source", "tree"),
    [
        ("a%5Bb%5D=1", {"a": {"b": "1"}}),
        ("a%5b%5d=1&a[]=2", {"a": ["1", "2"]}),
        ("a=1+2", {"a": "1 2"}),
        ("a=1%2B2", {"a": "1+2"}),
        ("a+b=1", {"a b": "1"}),
        ("a=%E2%82%AC", {"a": "€"}),
        ("a=€", {"a": "€"}),
        ("a=%", {"a": "%"}),
        ("a=100%&b=%zz", {"a": "100%", "b": "%zz"}),
        ("a=%00", {"a": "\0"}),
        ("a=1%262&b=%3D", {"a": "1&2", "b": "="}),
    ],
)
def test_percent_and_plus_are_decoded(source: str, tree: dict[str, Any]) -> None:
    assert parse(source) == tree


@pytest.mark.parametrize(
    ("source", "tree"),
    [
        ("a[][b]=1&a[][c]=2&a[][b]=3", {"a": [{"b": "1", "c": "2"}, {"b": "3"}]}),
        ("a[][b][c]=1&a[][b][d]=2", {"a": [{"b": {"c": "1", "d": "2"}}]}),
        ("a[][b][c]=1&a[][b][c]=2", {"a": [{"b": {"c": "1"}}, {"b": {"c": "2"}}]}),
        ("a[][b][]=1&a[][b][]=2&a[][c]=3", {"a": [{"b": ["1", "2"], "c": "3"}]}),
        ("a[][b][]=1&a[][b]=2", {"a": [{"b": ["1"]}, {"b": "2"}]}),
        ("a[][b][][c]=1&a[][b][][d]=2&a[][b][][d]=3", {"a": [{"b": [{"c": "1", "d": "2"}, {"d": "3"}]}]}),
        ("a[]=1&a[][b]=2", {"a": ["1", {"b": "2"}]}),
    ],
)
def test_an_array_of_hashes_begins_a_new_one_where_the_last_has_that_key_already(
    source: str, tree: dict[str, Any]
) -> None:
    assert parse(source) == tree


def test_later_sources_override_earlier_ones_and_add_to_their_hashes() -> None:
    assert parse("a=1&b[c]=1", b"a=2&b[d]=2") == {"a": "2", "b": {"c": "1", "d": "2"}}


@pytest.mark.parametrize(
    ("source", "param"),
    [
        ("a=1&a[b]=2", "a[b]"),
        ("a[b]=1&a=2", "a"),
        ("a[]=1&a=2", "a"),
        ("a=1&a[]=2", "a[]"),
        ("a[]=1&a[b]=2", "a[b]"),
        ("a[b]=1&a[]=2", "a[]"),
        ("a[b]=1&a[b][c]=2", "a[b][c]"),
        ("a[0]=1&a[]=2", "a[]"),
        ("a[][b]=1&a[][b][c]=2", "a[][b][c]"),
    ],
)
def test_a_name_cannot_be_two_kinds_of_thing(source: str, param: str) -> None:
    error = refusal(source)
    assert (error.status, error.message, error.param) == (400, "Invalid object", param)


@pytest.mark.parametrize(
    "name", ["a[", "a[b", "a[b]]", "a[[b]]", "a[b]c", "a[b]c[d]", "[a]", "[]", "[", "a[b][", "a[]b"]
)
def test_brackets_that_do_not_match_are_refused(name: str) -> None:
    assert refusal(f"{name}=1").message.startswith("Invalid request: the brackets of the parameter name")


@pytest.mark.parametrize("source", [b"a=\xff", b"a=%ff", b"\xff=1", b"%C3=1", b"a=%ED%A0%80"])
def test_what_is_not_utf_8_is_refused(source: bytes) -> None:
    assert refusal(source).message == "Invalid request: the parameters are not valid UTF-8."


def test_nesting_has_an_end() -> None:
    assert parse("a" + "[b]" * 32 + "=1")
    assert "more than 32 levels" in refusal("a" + "[b]" * 33 + "=1").message
    assert "more than 32 levels" in refusal("a" + "[]" * 400 + "=1").message


def test_a_name_has_an_end_and_its_refusal_does_not_repeat_all_of_it() -> None:
    assert parse("a" * 1000 + "=1")
    assert len(refusal("a" * 100_000 + "=1").message) < 200
    assert len(refusal("[" * 1000 + "=1").message) < 200


@pytest.mark.parametrize("name", ["a{}", "a[]", "a[{}]", "a[][b]", "a[][b{}]", "a[0][]", "a[b{}][c]"])
def test_a_hundred_thousand_parameters_are_read(name: str) -> None:
    """Were their cost quadratic, this would take minutes."""
    assert parse("&".join(name.format(number) + "=" for number in range(100_000)).encode())
