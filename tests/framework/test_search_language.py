"""The search query language: what can be read, and what it finds."""

from contextlib import suppress
from operator import itemgetter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestripe_meters.framework import search_language
from fakestripe_meters.framework.search_language import Clause
from fakestripe_meters.framework.search_language import Field
from fakestripe_meters.framework.search_language import Kind
from fakestripe_meters.framework.search_language import Query
from fakestripe_meters.framework.search_language import UnknownFieldError
from fakestripe_meters.framework.search_language import UnparsableError
from fakestripe_meters.framework.search_language import matcher
from fakestripe_meters.framework.search_language import parse

FIELDS = {
    "amount": Field(Kind.NUMERIC, itemgetter("amount")),
    "metadata": Field(Kind.TOKEN, itemgetter("metadata")),
    "name": Field(Kind.STRING, itemgetter("name")),
    "status": Field(Kind.TOKEN, itemgetter("status")),
}
AMY = {"amount": 1_000, "metadata": {"plan": "Gold", "team id": "7"}, "name": "Amy One Two Three", "status": True}
BLANK: dict[str, Any] = {"amount": None, "metadata": {}, "name": None, "status": None}

names = st.from_regex(r"\A[a-z_][a-z0-9_]*(\.[a-z0-9_]+)?\Z", alphabet=st.characters(codec="ascii"))
clauses = st.builds(
    Clause,
    field=names,
    operator=st.sampled_from((":", "~", "<", ">", "<=", ">=", "=")),
    value=st.none() | st.text(),
    key=st.none() | st.text(),
    negated=st.booleans(),
)
lists = st.lists(clauses, min_size=1, max_size=search_language.MOST_CLAUSES).map(tuple)
queries = st.builds(Query, lists, st.booleans()).filter(lambda query: len(query.clauses) > 1 or not query.alternatives)


def finds(text: str, record: dict[str, Any] | None = None) -> bool:
    return matcher(parse(text), FIELDS)(AMY if record is None else record)


# What can be read


@given(queries)
def test_a_query_that_is_printed_is_read_as_the_same_query(query: Query) -> None:
    assert parse(str(query)) == query


@given(st.text())
def test_any_text_is_a_query_or_unparsable(text: str) -> None:
    try:
        query = parse(text)
    except UnparsableError:
        return
    assert parse(str(query)) == query


@given(st.text(alphabet="ab:~<>=-\"'\\[]. 1ANDORnul\n"), st.sampled_from((AMY, BLANK)))
def test_what_looks_like_a_query_finds_or_is_refused(text: str, record: dict[str, Any]) -> None:
    with suppress(UnparsableError, UnknownFieldError):
        assert matcher(parse(text), FIELDS)(record) in {True, False}


@given(queries, st.sampled_from((AMY, BLANK)))
def test_a_negated_query_finds_what_the_query_does_not(query: Query, record: dict[str, Any]) -> None:
    opposite = tuple(
        Clause(each.field, each.operator, each.value, each.key, negated=not each.negated) for each in query.clauses
    )
    every = {each.field: Field(Kind.TOKEN, lambda _record: "x") for each in query.clauses if each.field != "metadata"}
    try:
        found = matcher(query, every)(record)
        others = matcher(Query(opposite, alternatives=not query.alternatives), every)(record)
    except (UnparsableError, UnknownFieldError):
        return
    assert found is not others


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ('email:"amy@example.com"', (Clause("email", ":", "amy@example.com"),)),
        ("email:'amy@example.com'", (Clause("email", ":", "amy@example.com"),)),
        ("payment_method_details.card.last4:0042", (Clause("payment_method_details.card.last4", ":", "0042"),)),
        ("amount>=-10.5", (Clause("amount", ">=", "-10.5"),)),
        ("amount=10", (Clause("amount", "=", "10"),)),
        ("-url:NULL", (Clause("url", ":", None, negated=True),)),
        ('url:"null"', (Clause("url", ":", "null"),)),
        ('metadata["a b"]:"c"', (Clause("metadata", ":", "c", "a b"),)),
        ("metadata['it\\'s']:\"c\"", (Clause("metadata", ":", "c", "it's"),)),
        (r'name:"called \"The Sky.\" \\ \n"', (Clause("name", ":", r'called "The Sky." \ \n'),)),
        ("  a:1   b:2 \n", (Clause("a", ":", "1"), Clause("b", ":", "2"))),
        ("a:1 and b:2 AND c:3", (Clause("a", ":", "1"), Clause("b", ":", "2"), Clause("c", ":", "3"))),
    ],
)
def test_clauses_are_read(text: str, clauses: tuple[Clause, ...]) -> None:
    assert parse(text) == Query(clauses)


def test_or_makes_alternatives() -> None:
    assert parse("a:1 or b:2 OR c:3") == Query(
        tuple(Clause(name, ":", value) for name, value in zip("abc", "123", strict=True)), alternatives=True
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "asdf",
        "a",
        "a:",
        ":1",
        "a:usd",
        "a: 1",
        "a :1",
        "a:1b:2",
        'a:"1"b:"2"',
        'a:"1',
        "a:\"1'",
        "a:1 AND",
        "OR a:1",
        "a:1 AND AND b:2",
        "a:1 AND b:2 OR c:3",
        "a:1 b:2 OR c:3",
        "(a:1)",
        "--a:1",
        "- a:1",
        "a!:1",
        "a:1,b:2",
        "a::1",
        "a=>1",
        "metadata[key]:1",
        'metadata["key:1',
        "a:1e5",
        "a:\u0661",
        " ".join(["a:1"] * 11),
    ],
)
def test_what_is_not_written_in_the_language_is_unparsable(text: str) -> None:
    with pytest.raises(UnparsableError):
        parse(text)


def test_ten_clauses_are_not_too_many() -> None:
    assert len(parse(" ".join(["a:1"] * 10)).clauses) == 10


# What it finds


@pytest.mark.parametrize(
    "text",
    [
        'name:"amy"',
        'name:"ONE two"',
        'name:"Amy One Two Three"',
        'name:"amy   one"',
        'name~"my on"',
        'name~"THREE"',
        'metadata["plan"]:"gold"',
        'metadata["team id"]:7',
        "amount:1000",
        'amount:"1000.0"',
        "amount=1000",
        "amount>=1000",
        "amount<=1000",
        "amount>999.5",
        "amount<1001",
        'status:"TRUE"',
        "-name:null",
        'metadata["none"]:null',
        '-metadata["plan"]:null',
        '-name:"bob"',
        '-metadata["none"]:"x"',
        'name:"bob" OR amount>1',
        'name:"amy" AND amount>1 AND status:"true"',
    ],
)
def test_it_finds(text: str) -> None:
    assert finds(text)


@pytest.mark.parametrize(
    "text",
    [
        'name:"am"',
        'name:"amy two"',
        'name:"two one"',
        'name:""',
        'name~"two one"',
        'metadata["plan"]:"gol"',
        'metadata["Plan"]:"gold"',
        "amount:999",
        "amount>1000",
        "amount<1000",
        'status:"false"',
        "name:null",
        '-name:"amy"',
        '-metadata["none"]:null',
        'name:"bob" AND amount>1',
        'name:"bob" OR amount>1000',
    ],
)
def test_it_does_not_find(text: str) -> None:
    assert not finds(text)


@pytest.mark.parametrize("text", ["name:null", "amount:null", "status:null", 'metadata["a"]:null', '-name~"amy"'])
def test_what_is_absent_is_null(text: str) -> None:
    assert finds(text, BLANK)


def test_an_empty_string_is_null_as_well() -> None:
    assert finds("name:null", AMY | {"name": ""})
    assert not finds('status:""', AMY | {"status": ""})


@pytest.mark.parametrize("text", ['name:"amy"', 'name~"amy"', "amount<1", "amount>0", 'status:"true"', 'status:""'])
def test_what_is_absent_has_no_value(text: str) -> None:
    assert not finds(text, BLANK)


@pytest.mark.parametrize(
    "text",
    [
        'name>"amy"',
        "name<=5",
        'status~"true"',
        'amount~"100"',
        'metadata["plan"]~"gold"',
        'metadata["plan"]>5',
        'metadata:"gold"',
        'name["plan"]:"gold"',
        'name~"am"',
        "name~null",
        "amount>null",
        'amount>"ten"',
        'amount:""',
    ],
)
def test_what_a_field_cannot_do_is_unparsable(text: str) -> None:
    with pytest.raises(UnparsableError):
        matcher(parse(text), FIELDS)


@pytest.mark.parametrize("text", ["foo:1", "Name:1", "name.first:1", 'name:"amy" OR foo:1'])
def test_a_field_that_is_not_there_is_named(text: str) -> None:
    with pytest.raises(UnknownFieldError, match=r"\A(foo|Name|name\.first)\Z"):
        matcher(parse(text), FIELDS)
