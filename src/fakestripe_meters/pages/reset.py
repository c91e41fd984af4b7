"""The button that drops everything, or everything of one account."""

from fakestripe_meters.control import Control
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.pages import panel
from fakestripe_meters.pages.answers import Answer
from fakestripe_meters.pages.answers import Form
from fakestripe_meters.pages.answers import Redirect


def act(control: Control, _identifier: str, form: Form) -> Answer:
    """Reset what the button says, and go to the first page: what the form came from may be gone."""
    what = form.get("reset")
    if what == "everything":
        control.reset()
        return Redirect(panel.HOME)
    if what != "account":
        raise Misuse("Choose what is to be reset: everything, or this account.", param="reset")
    control.reset(form.get("account", ""))
    return Redirect(panel.HOME)
