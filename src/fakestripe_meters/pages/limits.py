"""The panel of limits and faults: what is left of each limit, and what goes wrong next."""

from fakestripe_meters.control import Control
from fakestripe_meters.pages import panel
from fakestripe_meters.pages.answers import Answer
from fakestripe_meters.pages.answers import Form
from fakestripe_meters.pages.answers import Redirect
from fakestripe_meters.pages.answers import View


def show(control: Control, _identifier: str, query: Form) -> Answer:
    """Show the limits of an account, and what is planned."""
    facts = panel.facts(control, query, here="limits")
    return View("limits.html", facts | {"limits": control.limits(facts["account"])})


def act(control: Control, _identifier: str, form: Form) -> Answer:
    """Do what a form of the panel says."""
    if "flush" in form:
        control.flush()
    return Redirect(panel.way_back(form))
