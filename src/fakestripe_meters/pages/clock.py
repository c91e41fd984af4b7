"""The buttons of the clock: an hour, a day, to an instant, freeze, and let it run; and those of test clocks."""

import re

from fakestripe_meters.control import Control
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.pages import moving_test_clocks
from fakestripe_meters.pages import panel
from fakestripe_meters.pages.answers import Answer
from fakestripe_meters.pages.answers import Form
from fakestripe_meters.pages.answers import Redirect

SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)
WITHOUT_ZONE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?", re.ASCII)
"""What a browser's field for a date and a time sends."""


def act(control: Control, _identifier: str, form: Form) -> Answer:
    """Move the clock, and go back to the page. The work that came due is done by then."""
    if moving_test_clocks.FIELD in form:
        moving_test_clocks.advance(
            control, form.get("account", ""), form.get("test_clock", ""), form[moving_test_clocks.FIELD]
        )
    elif "advance" in form:
        control.move_clock({"advance": _seconds(form["advance"])})
    elif "to" in form:
        _move_to(control, form["to"].strip())
    elif "freeze" in form:
        control.move_clock({"freeze": control.clock()["now"]})
    elif "resume" in form:
        control.move_clock({"resume": True})
    else:
        raise Misuse("Use a button of this page.", param="advance")
    return Redirect(panel.way_back(form))


def _seconds(text: str) -> int:
    if not SECONDS.fullmatch(text):
        raise Misuse("Enter by how many seconds the clock is to advance, as a whole number.", param="advance")
    return int(text)


def _move_to(control: Control, text: str) -> None:
    """Freeze the clock at an instant; one that runs goes on from there if the instant is that of scheduled work."""
    if not text:
        raise Misuse("Enter a date and a time (UTC).", param="to")
    when: str | int = int(text) if SECONDS.fullmatch(text) else f"{text}Z" if WITHOUT_ZONE.fullmatch(text) else text
    clock = control.clock()
    if not clock["frozen"] and isinstance(when, int) and when >= clock["now"]:
        control.move_clock({"advance": when - clock["now"]})
    else:
        control.move_clock({"freeze": when})
