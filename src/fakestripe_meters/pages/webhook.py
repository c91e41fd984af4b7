"""The page of one webhook: what was sent, what was answered, and what becomes of it."""

import json
from typing import Any

from fakestripe_meters.control import Control
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.pages import panel
from fakestripe_meters.pages import telling
from fakestripe_meters.pages.answers import Answer
from fakestripe_meters.pages.answers import Form
from fakestripe_meters.pages.answers import NotThere
from fakestripe_meters.pages.answers import View


def show(control: Control, identifier: str, query: Form) -> Answer:
    """Show one webhook."""
    try:
        webhook = control.webhook(identifier)
    except Misuse as missing:
        raise NotThere(f"There is no webhook {identifier}: one is kept for 30 days.") from missing
    facts = panel.facts(control, query, here="webhooks")
    event = _tree(webhook["body"])
    about = _object(event)
    mine = {
        "webhook": webhook,
        "body": telling.cut(webhook["body"]),
        "cause": telling.text_at(event, "request", "id") or telling.text_at(event, "reason", "request", "id"),
        "about": about,
        "about_at": telling.place_of(about),
    }
    return View("webhook.html", facts | mine)


def _tree(body: str) -> Any:  # noqa: ANN401  any JSON
    try:
        return json.loads(body)
    except ValueError:
        return None


def _object(event: Any) -> str:  # noqa: ANN401  any JSON
    """Return the id of the object that an event is about, in either API."""
    return telling.text_at(event, "data", "object", "id") or telling.text_at(event, "related_object", "id")
