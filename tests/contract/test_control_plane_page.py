"""The page on the control plane lists every call, and names the limits. Their rates are on the page of options."""

import re

from fakestripe_meters import FakeStripe
from fakestripe_meters.core.limits import PROFILES
from tests.pages import Page

PAGE = Page("docs/control-plane.md")


def test_the_control_plane_is_listed_whole() -> None:
    with FakeStripe() as fake:
        rules = [rule for rule in fake.wsgi_app.url_map.iter_rules() if rule.endpoint.startswith("control.")]
    assert all(rule.rule.startswith("/_fakestripe/") for rule in rules)
    calls = {f"{method} {rule.rule}" for rule in rules for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    shown = {re.sub(r"<\w+>", "{id}", call) for call in calls}
    listed = re.findall(r"^\| `((?:GET|POST|PUT|DELETE) /_fakestripe/[\w./{}]+)` \|", PAGE.text, re.MULTILINE)
    assert set(listed) == shown


def test_limit_profiles_are_named() -> None:
    named = set(re.findall(r"`(\w+)`", PAGE.section("## Rate limits").partition("lists the profiles")[2]))
    assert set(PROFILES) <= named
