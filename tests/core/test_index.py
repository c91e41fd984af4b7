"""An index is read like a dict, and a growing list like a list."""

import pytest

from fakestripe_meters.core.codec import decoder
from fakestripe_meters.core.encoding import encode
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.index import GrowingList
from fakestripe_meters.core.index import Index


def test_an_index_does_what_a_dict_does() -> None:
    index = Index({"a": 1})
    index["b"] = 2
    assert (dict(index), len(index), list(index)) == ({"a": 1, "b": 2}, 2, ["a", "b"])
    assert (index["a"], index.get("a"), index.get("c"), index.get("c", 3)) == (1, 1, None, 3)
    del index["a"]
    assert index == {"b": 2}
    with pytest.raises(KeyError):
        del index["a"]


def test_a_growing_list_does_what_a_list_does() -> None:
    growing = GrowingList([1])
    growing.append(2)
    assert (list(growing), len(growing), growing[1], growing[:1]) == ([1, 2], 2, 2, [1])


def test_they_look_like_a_dict_and_a_list_in_a_snapshot() -> None:
    assert encode((Index({"a": 1}), GrowingList(["x"]))) == [{"a": 1}, ["x"]]
    assert decoder(Index[int])({"a": 1}, "here") == Index({"a": 1})
    assert list(decoder(GrowingList[str])(["x"], "here")) == ["x"]


def test_what_is_neither_is_refused() -> None:
    for hint in (Index[int], GrowingList[int]):
        with pytest.raises(Misuse):
            decoder(hint)(1, "here")
        with pytest.raises(Misuse):
            decoder(hint)({"a": "x"}, "here")
