from collections.abc import Iterator

import pytest

from tests.importing.files import Shop


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()
    with shop.fake:
        yield shop
