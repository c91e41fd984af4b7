"""The panel of webhooks: what became of each, and which are held, released in an order, repeated or dropped."""

import re
from typing import Any

from fakestripe_meters.control import Control
from fakestripe_meters.control.webhooks import STATES
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.pages import answers
from fakestripe_meters.pages import paging
from fakestripe_meters.pages import panel
from fakestripe_meters.pages.answers import Answer
from fakestripe_meters.pages.answers import Form
from fakestripe_meters.pages.answers import Redirect
from fakestripe_meters.pages.answers import View

MOST = 1_000
"""Of how many webhooks the page knows, the newest ones."""
SEPARATORS = re.compile(r"[\s,;]+")
PLACE = re.compile(r"-?[0-9]{1,9}", re.ASCII)


def show(control: Control, _identifier: str, query: Form) -> Answer:
    """List the webhooks of an account, newest first, and those that are held in the order in which they came."""
    facts = panel.facts(control, query, here="webhooks")
    state, kind = (query.get(name, "").strip() for name in ("state", "type"))
    newest = control.webhooks(facts["account"], state if state in STATES else None, MOST)
    found = [each for each in newest[::-1] if state in ("", each["state"]) and kind in each["type"]]
    mine = {
        "settings": control.webhook_settings(),
        "held": control.webhooks(facts["account"], "held", MOST),
        "sheet": paging.sheet(found, query),
        "chosen_state": state,
        "type": kind,
        "states": STATES,
        "types": sorted({each["type"] for each in newest if each["type"]}),
        "most": MOST if len(newest) == MOST else None,
        "unheard": control.unheard_webhooks(facts["account"]),
    }
    return View("webhooks.html", facts | mine)


def act(control: Control, _identifier: str, form: Form) -> Answer:
    """Do what the button says that was pressed."""
    if "repeat" in form:
        control.repeat_webhooks([form["repeat"]])
    elif "hold" in form:
        types = [each for each in SEPARATORS.split(form.get("types", "")) if each]
        control.hold_webhooks(types or None)
    elif "stop" in form:
        control.release_webhooks()
    else:
        _decide(control, form)
    return Redirect(panel.way_back(form))


def _decide(control: Control, form: Form) -> None:
    """Release, drop or send twice what was chosen."""
    does = form.get("do", "")
    if does not in ("release", "drop", "twice"):
        raise Misuse("Use a button of this page.", param="do")
    chosen = _in_order(form)
    if does == "drop":
        control.drop_webhooks(chosen)
        return
    control.release_webhooks(chosen)
    if does == "twice":
        control.repeat_webhooks(chosen)


def _in_order(form: Form) -> list[str]:
    """Return the ids that were chosen, by the numbers beside them; those with the same number as they came."""
    chosen = list(dict.fromkeys(answers.every(form, "chosen")))
    if not chosen:
        raise Misuse("Choose at least one of the webhooks that are held.", param="chosen")
    places: dict[str, int] = {}
    for each in chosen:
        place: Any = form.get(f"place_{each}", "").strip() or "0"
        if not PLACE.fullmatch(place):
            raise Misuse("The place of a webhook must be a whole number.", param=f"place_{each}")
        places[each] = int(place)
    return sorted(chosen, key=places.__getitem__)
