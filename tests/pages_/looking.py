"""A person who looks at the page of a fake, as far as HTTP goes: what a page says, without its tags."""

import html
import re
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from werkzeug.test import Client

from fakestripe_meters import FakeStripe
from tests.conftest import DOORS
from tests.conftest import Call

PAGE = "/_fakestripe/page/"
HOSTILE = "</title><script>alert(1)</script><img src=x onerror=alert(2)>\x1b[31m'\"&"
TAG = re.compile(r"<[^>]*>")
AMOUNT = re.compile(r"(-?)(?:[A-Z]{0,3}[$€£¥₹]|[A-Z]{3} )([\d,]+(?:\.\d+)?)")


class Page:
    """What was shown."""

    def __init__(self, status: int, source: str) -> None:
        self.status = status
        self.source = source

    @property
    def text(self) -> str:
        """What one reads below the strip."""
        return plain(f"<{self.source.partition('<main')[2].partition('</main>')[0]}")

    def rows(self, name: str) -> dict[str, str]:
        """The rows that have an attribute, by its value: what each says."""
        found = re.findall(rf'<tr[^>]* data-{name}="([^"]*)">(.*?)</tr>', self.source, re.DOTALL)
        return {html.unescape(value): plain(said) for value, said in found}

    def parts(self, name: str) -> list[str]:
        """What the elements say that have an attribute."""
        found = re.findall(rf"<(\w+)[^>]* data-{name}(?:=\"[^\"]*\")?>(.*?)</\1>", self.source, re.DOTALL)
        return [plain(said) for _, said in found]

    def part(self, name: str) -> str:
        (said,) = self.parts(name)
        return said

    def links(self, beginning: str) -> list[str]:
        """The addresses of links that begin so."""
        return [each for each in map(html.unescape, re.findall(r'href="([^"]*)"', self.source)) if beginning in each]


class Person:
    """Looks at a fake's pages."""

    def __init__(self, fake: FakeStripe) -> None:
        self.fake = fake
        self.client = Client(fake.wsgi_app, use_cookies=False)
        self.call = Call(DOORS["engine"], fake)

    def look(self, path: str, /, **query: Any) -> Page:  # noqa: ANN401  anything that a query says
        """A page that is there."""
        page = self.ask(path, **query)
        assert page.status == 200, page.source
        return page

    def ask(self, path: str, /, **query: Any) -> Page:  # noqa: ANN401
        asked = f"?{urlencode(query)}" if query else ""
        response = self.client.get(f"{PAGE}{path}{asked}", headers={"Accept": "text/html"})
        return Page(response.status_code, response.text)

    def send(self, path: str, **form: str) -> Page:
        """A form, and what it answers, which is led on if the form is taken."""
        response = self.client.post(f"{PAGE}{path}", data={"back": f"{PAGE}{path}", **form}, follow_redirects=True)
        return Page(response.status_code, response.text)


def plain(source: str) -> str:
    return html.unescape(" ".join(TAG.sub(" ", source).split())).replace(" ,", ",").replace(" .", ".")


def amount(text: str) -> Decimal:
    """The last amount of a text, in the currency's unit."""
    sign, digits = AMOUNT.findall(text)[-1]
    return Decimal(f"{sign}{digits.replace(',', '')}")
