"""The panel of usage: what a customer has used of a meter, by day and group, as the analytics of the API tell it."""

from collections.abc import Mapping
from typing import Any

from fakestripe_meters.control import Control
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.pages import panel
from fakestripe_meters.pages import usage_code
from fakestripe_meters.pages import usage_question
from fakestripe_meters.pages import words
from fakestripe_meters.pages.answers import Answer
from fakestripe_meters.pages.answers import Form
from fakestripe_meters.pages.answers import View
from fakestripe_meters.pages.usage_asking import Question
from fakestripe_meters.pages.usage_asking import ask
from fakestripe_meters.pages.usage_asking import is_offered
from fakestripe_meters.pages.usage_form import choices
from fakestripe_meters.pages.usage_picture import picture

OTHERWISE = "http://127.0.0.1:12111"
"""The address in programs, if no server listens."""


def show(control: Control, _identifier: str, form: Form) -> Answer:
    """Show usage, or what there is instead: nothing yet, or a question that Stripe would refuse."""
    facts = panel.facts(control, form, here="usage")
    with control.reading(facts["account"]) as account:
        shown = {"nothing": "account"} if account is None else _facts(control, account, form, facts)
    return View("usage.html", facts | shown)


def _facts(control: Control, account: Account, form: Form, frame: Mapping[str, Any]) -> dict[str, Any]:
    about = usage_question.subject(account, form)
    if not (about.customer_id and about.meter_id):
        return {"nothing": "customer" if about.meter_id else "meter"}
    refusal, answered = "", None
    try:
        asked = usage_question.question(account, form, about)
        answered = ask(control, account, asked.question)
    except Misuse as misuse:
        refusal = words.sentence(str(misuse))
        asked = usage_question.question(account, {**form, "from": "", "to": ""}, about)
    except StripeError as error:
        refusal = words.plain(error.message)
    return {
        "nothing": "",
        "refusal": frame["refusal"] or refusal,
        "form": choices(control, account, asked, form),
        "answered": is_offered(control, account),
        "programs": _programs(control, account, asked.question),
        "picture": None if answered is None else picture(account, asked, answered, form, frame),
    }


def _programs(control: Control, account: Account, question: Question) -> list[dict[str, str]]:
    site = control.engine.site
    return usage_code.programs(question.tree(), site.public_url or site.address or OTHERWISE, account.name.connected)
