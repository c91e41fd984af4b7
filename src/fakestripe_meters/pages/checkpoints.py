"""The buttons of checkpoints: remember the state, and come back to it."""

from collections.abc import Callable

from fakestripe_meters.control import Control
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.pages import panel
from fakestripe_meters.pages.answers import Answer
from fakestripe_meters.pages.answers import Form
from fakestripe_meters.pages.answers import Redirect

DOES: dict[str, Callable[[Control, str], object]] = {
    "remember": lambda control, _id: control.new_checkpoint(),
    "rewind": Control.rewind,
    "forget": Control.delete_checkpoint,
}
"""The name of a button, whose value is the id of a checkpoint → what it does."""


def act(control: Control, _identifier: str, form: Form) -> Answer:
    """Do what the button says, and go back to the page; after a rewind to the first page, for more may be gone."""
    for name, does in DOES.items():
        if name in form:
            does(control, form[name])
            return Redirect(panel.HOME if name == "rewind" else panel.way_back(form))
    raise Misuse("Use a button of this page.", param="remember")
