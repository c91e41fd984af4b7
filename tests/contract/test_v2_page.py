"""What the page on API v2 and webhooks lists is there. Its Python is run by `test_pages.py`."""

import re

from fakestripe_meters.core import errors
from fakestripe_meters.delivery.webhooks import Webhooks
from tests.pages import Page

PAGE = Page("docs/v2-and-webhooks.md")


def test_every_documented_code_is_listed() -> None:
    documented = {name.code for name in errors.v2.NAMES.values()} | errors.v2.AS_THEY_ARE - {
        "missing_dimension_payload_keys"
    }
    documented -= {"idempotency_error"}
    listed = set(re.findall(r"`(\w+)`", PAGE.section("## Errors of API v2")))
    assert documented <= listed


def test_what_is_said_of_webhooks_exists() -> None:
    section = PAGE.section("## Webhooks in a test") + PAGE.section("## Order, repetition and loss")
    names = set(re.findall(r"fake\.webhooks\.(\w+)", section)) | set(re.findall(r"^\| `(\w+)", section, re.MULTILINE))
    assert names - set(dir(Webhooks)) == set()


def test_its_list_of_contents_is_whole() -> None:
    (title,) = {"api-v2-dropped-usage-events-and-webhooks"} & PAGE.anchors
    assert {link.removeprefix("#") for link in PAGE.links if link.startswith("#")} == PAGE.anchors - {title}
