"""`@fake.intercept()`: the calls that a function makes reach the fake, also those of an async one."""

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Iterator

import httpx
import pytest
import requests

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse

URL = "https://api.stripe.com/v1/customers"
AUTH = ("sk_test_app", "")


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with FakeStripe() as fake:
        yield fake


def test_each_call_of_a_decorated_function_reaches_the_fake(fake: FakeStripe) -> None:
    @fake.intercept()
    def ask(name: str, *, twice: bool = False) -> int:
        """Ask Stripe."""
        for _ in range(1 + twice):
            answer = requests.post(URL, data={"name": name}, auth=AUTH, timeout=30)
        return answer.status_code

    assert (ask("Ada"), ask("Bob", twice=True)) == (200, 200)
    assert [each.params["name"] for each in fake.journal] == ["Ada", "Bob", "Bob"]
    assert (ask.__name__, ask.__doc__) == ("ask", "Ask Stripe.")


def test_a_decorated_async_function_is_intercepted_while_it_runs(fake: FakeStripe) -> None:
    @fake.intercept()
    async def ask(name: str) -> int:
        """Ask Stripe."""
        await asyncio.sleep(0)
        async with httpx.AsyncClient() as client:
            return (await client.post(URL, data={"name": name}, auth=AUTH)).status_code

    async def both() -> tuple[int, int]:
        return await asyncio.gather(ask("Ada"), ask("Bob"))

    assert list(asyncio.run(both())) == [200, 200]
    assert sorted(each.params["name"] for each in fake.journal) == ["Ada", "Bob"]
    assert (ask.__name__, ask.__doc__) == ("ask", "Ask Stripe.")


def test_a_generator_cannot_be_decorated(fake: FakeStripe) -> None:
    def each() -> Iterator[int]:
        yield 1

    async def each_later() -> AsyncIterator[int]:
        yield 1

    for generator in (each, each_later):
        with pytest.raises(Misuse, match=f"cannot decorate the generator {generator.__name__}: use `with` inside it"):
            fake.intercept()(generator)
