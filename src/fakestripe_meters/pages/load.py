"""The form that loads a state that was saved."""

import json

from fakestripe_meters.control import Control
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.pages import panel
from fakestripe_meters.pages.answers import Answer
from fakestripe_meters.pages.answers import Form
from fakestripe_meters.pages.answers import Redirect


def act(control: Control, _identifier: str, form: Form) -> Answer:
    """Replace the state of the fake by that of a file, and go to the first page."""
    text = form.get("state", "")
    if not text:
        raise Misuse("Choose a file that this page, or GET /_fakestripe/snapshot, has saved.", param="state")
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Misuse(f"The file is not valid JSON: {error}", param="state") from None
    control.restore(tree)
    return Redirect(panel.HOME)
