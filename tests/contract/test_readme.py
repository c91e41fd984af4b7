"""The README is a front door: short, its two commands first, then pytest, then curl."""

from tests.pages import Page

README = Page("README.md")
DEMO = "pip install . && fakestripe-meters demo"
TESTS = "pip install --editable '.[test]' && python -m pytest"


def test_the_first_commands_are_the_demo_and_the_tests() -> None:
    assert [block.text for block in README.blocks[:2]] == [DEMO, TESTS]


def test_the_first_example_is_a_test_and_three_calls_of_curl_follow() -> None:
    assert README.blocks[2].is_test_file
    assert len([block for block in README.blocks if block.is_curl]) == 3


def test_it_is_read_in_three_minutes() -> None:
    assert len(README.text.splitlines()) <= 160
    assert len(README.text.split()) <= 1_000
