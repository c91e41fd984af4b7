"""A person who opens the pages of a fake, without a browser."""

from collections.abc import Iterator

import pytest

from fakestripe_meters import FakeStripe
from tests.conftest import NOW
from tests.pages_.looking import Person


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with FakeStripe(now=NOW) as fake:
        yield fake
        fake.check()


@pytest.fixture
def person(fake: FakeStripe) -> Person:
    return Person(fake)
