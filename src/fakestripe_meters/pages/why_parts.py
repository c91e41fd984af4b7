"""How a number of usage is split by the dimensions that nobody has asked for yet, and where each part is explained."""

from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

from fakestripe_meters.control import Control
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.domain.records.meters import Meter
from fakestripe_meters.pages import axis
from fakestripe_meters.pages.usage_asking import ALL
from fakestripe_meters.pages.usage_asking import Question
from fakestripe_meters.pages.usage_asking import ask
from fakestripe_meters.pages.usage_groups import grouped
from fakestripe_meters.pages.why_link import WhyLink
from fakestripe_meters.pages.words import plain

MOST_KEYS = 3


def parts(
    control: Control, account: Account, meter: Meter, asked: dict[str, Any], link: Callable[..., str]
) -> Iterator[dict[str, Any]]:
    """Yield each dimension that is not filtered, with its groups. `asked` are fields of a `Question`."""
    for key in [each for each in meter.dimension_keys if each not in asked["filters"]][:MOST_KEYS]:
        question = Question(meter=meter.id, per=ALL, group_by=(key,), **asked)
        try:
            rows = ask(control, account, question).rows
        except StripeError:  # such as a range that the API does not take
            return
        groups = grouped(rows, (key,))
        to = WhyLink(account, link, question, here="").to
        shown = [
            {
                "name": name,
                "value": axis.number(groups.total(name)),
                "why": to(question.start, question.end, groups.keys[name]) if name in groups.keys else "",
            }
            for name in groups.names
        ]
        if shown:
            yield {"key": plain(key), "groups": shown}
