"""JSON as API v2 and other vendors' calls read it: decimals stay exact, and what no caller means is found."""

import json
import re
from decimal import Decimal
from typing import NoReturn

from fakestripe_meters.core.errors import shortened
from fakestripe_meters.wire.tree import Json

DEEPEST = 32
LONGEST_NUMBER = 100
NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
TOO_DEEP = f"it is nested more than {DEEPEST} levels deep"
HALF = "it holds half a surrogate pair"


def is_too_deep(body: bytes, tree: Json) -> bool:
    """Return whether a tree is nested too deep. Counting brackets is quick; if strings hold some, the tree decides."""
    brackets = body.translate(None, NO_BRACKETS)
    for _ in range(DEEPEST):
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
        if not brackets:
            return False
    return _is_deeper(tree, DEEPEST)


def has_half_pair(text: str, tree: Json) -> bool:
    """Return whether a string of a tree has half a surrogate pair, which is no text."""
    if "\\" not in text or not SURROGATE.search(text):
        return False
    try:
        json.dumps(tree, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        return True
    return False


def _is_deeper(tree: Json, levels: int) -> bool:
    if not isinstance(tree, dict | list):
        return False
    below = tree.values() if isinstance(tree, dict) else tree
    return not levels or any(_is_deeper(each, levels - 1) for each in below)


def _number(text: str) -> Decimal:
    number = Decimal(text)
    if len(text) > LONGEST_NUMBER or abs(number.adjusted()) > LONGEST_NUMBER:
        message = f"a number is out of range: {shortened(text, 20)}"
        raise ValueError(message)
    return number


def _no_number(word: str) -> NoReturn:
    message = f"{word} is not a JSON number"
    raise ValueError(message)


READER = json.JSONDecoder(parse_float=_number, parse_constant=_no_number)
