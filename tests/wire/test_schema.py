"""Parameters declared as typed classes: coercion, validation and Stripe's sentences."""

from contextlib import suppress
from decimal import Decimal
from typing import Any
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import fields_of
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.schema import parse


def refuse_thirteen(value: int, path: str) -> None:
    if value == 13:
        raise StripeError(400, "Thirteen", param=path)


class Inner(Params):
    word: Literal["a", "b", "c"] = param()
    note: str | None = param(default=None, clearable=True)


class Range(Params):
    gt: int | None = param(default=None)


class Nested(Params):
    rows: tuple[tuple[str, ...], ...] = param()


class Everything(Params):
    name: str = param(max_length=5)
    count: int = param(default=7, least=1, most=100, check=refuse_thirteen)
    on: bool = param(default=False)
    price: Decimal | None = param(default=None, least=-12, most=12)
    inner: Inner | None = param(default=None, clearable=True)
    words: tuple[str, ...] = param(default=(), most_items=3)
    inners: tuple[Inner, ...] = param(default=())
    labels: dict[str, str] | Unset | None = param(default=UNSET, clearable=True, most_items=2)
    choices: dict[str, tuple[str, ...]] | None = param(default=None)
    when: int | Range | None = param(default=None)
    until: Literal["now"] | int = param(default="now")
    note: str | Unset | None = param(default=UNSET, clearable=True, max_length=10)


def read(**tree: Any) -> Everything:  # noqa: ANN401  any tree
    return parse(Everything, {"name": "x"} | tree)


def refusal(tree: Any, path: str = "") -> StripeError:  # noqa: ANN401  any tree
    with pytest.raises(StripeError) as caught:
        parse(Everything, tree, path)
    assert caught.value.status == 400
    return caught.value


def complaint(**tree: Any) -> tuple[str, str | None]:  # noqa: ANN401  any tree
    error = refusal({"name": "x"} | tree)
    return error.message, error.param


# Values


@pytest.mark.parametrize(
    ("field", "sent", "value"),
    [
        ("name", "abcde", "abcde"),
        ("name", "é" * 5, "é" * 5),
        ("name", "\0", "\0"),
        ("name", " ", " "),
        ("count", "1", 1),
        ("count", "100", 100),
        ("count", "007", 7),
        ("count", "+5", 5),
        ("count", 5, 5),
        ("on", "true", True),
        ("on", "false", False),
        ("on", True, True),
        ("price", "0.10", Decimal("0.10")),
        ("price", "-12", Decimal(-12)),
        ("inner", {"word": "b"}, Inner(word="b")),
        ("inner", {"word": "b", "note": ""}, Inner(word="b", note=None)),
        ("words", ["a", "b"], ("a", "b")),
        ("words", {"0": "a", "1": "b"}, ("a", "b")),
        ("words", {"10": "b", "9": "a"}, ("a", "b")),
        ("words", [], ()),
        ("inners", {"0": {"word": "a"}}, (Inner(word="a"),)),
        ("labels", {"k": "v", "empty": ""}, {"k": "v", "empty": ""}),
        ("choices", {"model": ["a", "b"]}, {"model": ("a", "b")}),
        ("when", "5", 5),
        ("when", "-5", -5),
        ("when", {"gt": "5"}, Range(gt=5)),
        ("until", "now", "now"),
        ("until", "5", 5),
    ],
)
def test_a_value_of_the_fields_type_is_taken(field: str, sent: object, value: object) -> None:
    assert getattr(read(**{field: sent}), field) == value


@pytest.mark.parametrize(
    ("field", "sent", "message"),
    [
        ("price", "12.1", "This value must be less than or equal to 12 (it currently is '12.1')."),
        ("price", "-12.1", "This value must be greater than or equal to -12."),
        ("words", ["a", "b", "c", "d"], "Array words exceeded maximum 3 allowed elements."),
        ("words", {"0": "a", "1": "b", "2": "c", "3": ""}, "Array words exceeded maximum 3 allowed elements."),
        ("labels", {"a": "", "b": "", "c": ""}, "You may specify at most 2 keys."),
        ("inners", [{"word": "a"}] * 1_001, "Array inners exceeded maximum 1000 allowed elements."),
    ],
)
def test_what_is_too_much_is_refused(field: str, sent: object, message: str) -> None:
    assert complaint(**{field: sent}) == (message, field)


def test_an_array_in_an_array_has_elements() -> None:
    with pytest.raises(StripeError, match=r"Array rows\[0\] exceeded maximum 1000 allowed elements\."):
        parse(Nested, {"rows": [["a"] * 1_001]})


def test_a_string_has_at_most_five_thousand_characters() -> None:
    class Plain(Params):
        text: str = param()

    assert parse(Plain, {"text": "a" * 5_000}).text == "a" * 5_000
    with pytest.raises(StripeError, match="must be at most 5000 characters"):
        parse(Plain, {"text": "a" * 5_001})


def test_absent_empty_and_given_are_three_things() -> None:
    assert read().note is UNSET
    assert read(note="").note is None
    assert read(note="x").note == "x"


def test_an_empty_string_clears_hashes_that_can_be_cleared() -> None:
    assert read(labels="").labels is None
    assert read(inner="").inner is None


def test_null_clears_what_an_empty_string_clears() -> None:
    assert read(note=None).note is None
    assert complaint(count=None) == ("Missing required param: count.", "count")


# Refusals


@pytest.mark.parametrize("sent", ["", {}, []])
@pytest.mark.parametrize("name", ["foo", "name ", "Name", "__class__", "\0name", "note[]"])
def test_an_unknown_parameter_is_refused_by_name(name: str, sent: object) -> None:
    error = refusal({"name": "x", name: sent})
    assert error.message == f"Received unknown parameter: {name}"
    assert (error.code, error.param) == ("parameter_unknown", name)


def test_an_unknown_parameter_in_a_hash_is_named_with_its_brackets() -> None:
    message = "Received unknown parameter: inner[foo]"
    assert complaint(inner={"word": "a", "foo": ""}) == (message, "inner[foo]")
    assert complaint(inners=[{"word": "a"}, {"foo": ""}])[1] == "inners[1][foo]"


def test_several_unknown_parameters_are_named_together() -> None:
    assert complaint(a="", b="") == ("Received unknown parameters: a, b", "a")


def test_a_host_of_unknown_parameters_is_not_repeated_in_full() -> None:
    error = refusal({f"unknown{number}": "" for number in range(100_000)})
    assert error.message.startswith("Received unknown parameters: unknown0, unknown1, ")
    assert error.message.endswith(" and 99980 more")
    assert len(error.mentions) == 20


@pytest.mark.parametrize(
    ("tree", "path"),
    [
        ({}, "name"),
        ({"name": "x", "inner": {}}, "inner[word]"),
        ({"name": "x", "inners": {"0": {"note": "x"}}}, "inners[0][word]"),
    ],
)
def test_a_missing_parameter_is_named_with_its_brackets(tree: object, path: str) -> None:
    error = refusal(tree)
    assert error.message == f"Missing required param: {path}."
    assert (error.code, error.param) == ("parameter_missing", path)


@pytest.mark.parametrize(
    ("field", "sent", "path"),
    [
        ("name", "", "name"),
        ("count", "", "count"),
        ("on", "", "on"),
        ("words", "", "words"),
        ("when", "", "when"),
        ("until", "", "until"),
        ("inner", {"word": ""}, "inner[word]"),
        ("words", [""], "words[0]"),
        ("words", {"0": "a", "1": ""}, "words[1]"),
        ("inners", [""], "inners[0]"),
        ("choices", {"model": ["a", ""]}, "choices[model][1]"),
    ],
)
def test_an_empty_string_is_refused_where_nothing_can_be_cleared(field: str, sent: object, path: str) -> None:
    error = refusal({"name": "x", field: sent})
    assert error.message == (
        f"You passed an empty string for '{path}'. We assume empty values are an attempt to unset a "
        f"parameter; however '{path}' cannot be unset. You should remove '{path}' from your request or "
        "supply a non-empty value."
    )
    assert (error.code, error.param) == ("parameter_invalid_empty", path)


@pytest.mark.parametrize(
    "sent",
    ["abc", "1.5", "1e3", " 5", "5 ", "٣", "५", "0x10", "1_0", "--5", "+", "-", "9" * 19, "NaN", "\0", "5\n"],
)
def test_what_is_no_integer_is_refused(sent: str) -> None:
    error = refusal({"name": "x", "count": sent})
    assert error.message == f"Invalid integer: {sent}"
    assert (error.code, error.param) == ("parameter_invalid_integer", "count")


@pytest.mark.parametrize("sent", [True, 1.5, None, ["5"], {"a": "5"}])
def test_an_integer_is_neither_a_truth_nor_a_fraction_nor_a_structure(sent: object) -> None:
    assert refusal({"name": "x", "when": [sent]}).message.startswith("Invalid integer: [")


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ("0", "This value must be greater than or equal to 1."),
        ("-1", "This value must be greater than or equal to 1."),
        ("101", "This value must be less than or equal to 100 (it currently is '101')."),
        ("9" * 18, f"This value must be less than or equal to 100 (it currently is '{'9' * 18}')."),
        ("13", "Thirteen"),
    ],
)
def test_an_integer_out_of_bounds_is_refused(sent: str, message: str) -> None:
    assert complaint(count=sent) == (message, "count")


@pytest.mark.parametrize("sent", ["True", "1", "yes", "on", " true", 1, 0, [], {}])
def test_what_is_no_boolean_is_refused(sent: object) -> None:
    assert complaint(on=sent) == (f"Invalid boolean: {sent}", "on")


@pytest.mark.parametrize("sent", ["1e3", "NaN", "Infinity", "1.", ".5", "1,5", "٣", "1.2.3", "--1", "9" * 31, [1]])
def test_what_is_no_decimal_is_refused(sent: object) -> None:
    assert complaint(price=sent) == (f"Invalid decimal: {sent}", "price")


@pytest.mark.parametrize("sent", ["d", "A", " a", ["a"], {"a": "b"}])
def test_what_is_not_among_the_choices_is_refused(sent: object) -> None:
    message = "Invalid inner[word]: must be one of a, b, or c"
    assert complaint(inner={"word": sent}) == (message, "inner[word]")


def test_choices_are_listed_in_alphabetical_order_whatever_other_classes_say() -> None:
    class First(Params):
        word: Literal["y", "x"] | None = param()

    class Second(Params):
        word: Literal["x", "y"] | None = param()

    for kind in (First, Second):
        with pytest.raises(StripeError, match="must be one of x or y"):
            parse(kind, {"word": "z"})


@pytest.mark.parametrize(("sent", "value"), [("0", 1), ("-5", 1), ("1", 1), ("7", 7), ("9", 9), ("10", 9)])
def test_a_number_that_clamps_is_taken_as_the_nearest_of_its_bounds(sent: str, value: int) -> None:
    class Clamping(Params):
        count: int = param(least=1, most=9, clamps=True)

    class Half(Params):
        count: int = param(clamps=True)

    assert parse(Clamping, {"count": sent}).count == value
    assert parse(Half, {"count": sent}).count == int(sent)
    with pytest.raises(StripeError, match="Invalid integer: x"):
        parse(Clamping, {"count": "x"})


def test_choices_are_listed_in_a_declared_order_if_there_is_one() -> None:
    class Third(Params):
        word: Literal["x", "y", "z"] | None = param(order=("z", "x", "y"))

    with pytest.raises(StripeError, match="must be one of z, x, or y"):
        parse(Third, {"word": "a"})


def test_a_wrong_word_beside_a_hash_is_answered_with_the_words() -> None:
    class Inner(Params):
        word: str = param()

    class Fourth(Params):
        anchor: Literal["now", "unchanged"] | Inner = param()

    assert parse(Fourth, {"anchor": {"word": "a"}}).anchor == Inner(word="a")
    with pytest.raises(StripeError, match="Invalid anchor: must be one of now or unchanged"):
        parse(Fourth, {"anchor": "later"})


def test_a_word_beside_numbers_is_matched_exactly() -> None:
    assert complaint(until="Now") == ("Invalid integer: Now", "until")


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (["wrong", "type"], '["wrong","type"]'),
        ({"0": "wrong", "1": "type"}, '{"0":"wrong","1":"type"}'),
        ({"a": "b", "c": "ä"}, '{"a":"b","c":"ä"}'),
        ([], "[]"),
        ({}, "{}"),
    ],
)
def test_a_structure_is_no_string(sent: object, shown: str) -> None:
    assert complaint(name=sent) == (f"Invalid string: {shown}", "name")
    assert complaint(words=[sent]) == (f"Invalid string: {shown}", "words[0]")
    assert complaint(labels={"k": sent}) == (f"Invalid string: {shown}", "labels[k]")


def test_what_was_sent_is_repeated_in_part_only() -> None:
    assert len(complaint(name={"a" * 100_000: "b"})[0]) < 200
    assert len(complaint(name="a" * 100_000)[0]) < 200
    assert len(complaint(count="a" * 100_000)[0]) < 200


@pytest.mark.parametrize(
    ("sent", "shown"), [("abcdef", "abcdef"), ("abcdefgh", "abcdefgh"), ("abcdefghi", "abcd...fghi")]
)
def test_a_string_that_is_too_long_is_refused(sent: str, shown: str) -> None:
    assert complaint(name=sent) == (f"Invalid string: {shown}; must be at most 5 characters", "name")


@pytest.mark.parametrize("sent", ["a", ["a"], "0"])
def test_what_is_no_hash_is_refused(sent: object) -> None:
    assert complaint(inner=sent) == ("Invalid object", "inner")
    assert complaint(labels=sent) == ("Invalid object", "labels")
    assert complaint(inners=[sent]) == ("Invalid object", "inners[0]")


@pytest.mark.parametrize(
    "sent", ["a", {"a": "b"}, {"0": "a", "x": "b"}, {"-1": "a"}, {"٣": "a"}, {"": "a"}, {"9" * 10: "a"}]
)
def test_what_is_no_array_is_refused(sent: object) -> None:
    assert complaint(words=sent) == ("Invalid array", "words")


def test_a_hash_whose_range_is_wrong_is_named_with_its_brackets() -> None:
    assert complaint(when={"gt": "x"}) == ("Invalid integer: x", "when[gt]")
    assert complaint(when={"eq": "1"})[1] == "when[eq]"


@pytest.mark.parametrize("tree", ["", "x", [], None, 5])
def test_the_whole_must_be_a_hash(tree: object) -> None:
    assert refusal(tree, "root").message == "Invalid object"


# Which of two errors


def test_unknown_goes_before_missing_and_missing_before_wrong() -> None:
    assert refusal({"foo": "", "count": "x"}).code == "parameter_unknown"
    assert refusal({"count": "x"}).code == "parameter_missing"


def test_wrong_parameters_are_reported_in_the_order_of_declaration() -> None:
    assert complaint(inner="x", count="x", on="x")[1] == "count"


# As a whole


KEYS = st.sampled_from([*fields_of(Everything), "word", "gt", "0", "1", "a"]) | st.text(max_size=3)
WORDS = st.sampled_from(["", "a", "now", "true", "5"])
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(KEYS, TREES, max_size=4))
def test_any_tree_is_parsed_or_refused(tree: dict[str, Any]) -> None:
    for given_tree in (tree, {"name": "x"} | tree):
        with suppress(StripeError):
            assert isinstance(parse(Everything, given_tree), Everything)


def test_parsed_parameters_equal_constructed_ones_and_are_frozen() -> None:
    parsed = read(count="5", inner={"word": "a"})
    assert parsed == Everything(name="x", count=5, inner=Inner(word="a"))
    with pytest.raises(AttributeError):
        parsed.count = 6  # type: ignore[misc]


def test_each_parse_has_defaults_of_its_own() -> None:
    assert vars(read()) is not vars(read())
    read(count="5")
    assert read().count == 7


def test_what_is_declared_can_be_asked() -> None:
    hint, rules = fields_of(Everything)["name"]
    assert (hint, rules.required, rules.max_length) == (str, True, 5)
    assert not fields_of(Everything)["count"][1].required


def test_a_subclass_inherits_fields() -> None:
    class More(Range):
        lt: int = param()

    assert parse(More, {"gt": "1", "lt": "2"}) == More(gt=1, lt=2)
