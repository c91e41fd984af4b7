"""The address of the page that says why a bar is what it is: the bar's range, zone and filters."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from urllib.parse import urlencode

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.printing import masked
from fakestripe_meters.core.site import PREFIX
from fakestripe_meters.domain.records.meters import Meters
from fakestripe_meters.pages.usage_asking import Question
from fakestripe_meters.pages.usage_question import WHERE

HERE = f"{PREFIX}/page/"


class WhyLink:
    """Makes the addresses for all bars of a question. They are short, because there are many."""

    def __init__(self, account: Account, link: Callable[..., str], question: Question, *, here: str) -> None:
        self._question = question
        meters = account.part(Meters)
        found = meters.table.get(question.meter)
        by_name = found is not None and meters.of_event(found.event_name) is found and _is_public(found.event_name)
        meter = found.event_name if found is not None and by_name else question.meter
        zone = None if question.timezone == "UTC" else question.timezone
        begun = link("why", customer=question.customer, meter=meter, timezone=zone)
        filters = dict(question.filters or {})
        begun += _fields({key: value for key, value in filters.items() if key not in question.group_by})
        self._begun = begun.removeprefix(HERE) if here.startswith(HERE) else begun
        grouped = {key: value for key, value in filters.items() if key in question.group_by}
        self._endings: dict[Sequence[str] | None, str] = {None: _fields(grouped)}

    def to(self, start: int, end: int, group: Sequence[str] | None = None) -> str:
        """Return the address for a bucket, and for one of its groups; without a group, for all of them.

        It is empty if a key would be in it, because a dimension has one as its value.
        """
        ending = self._endings.get(group)
        if ending is None and group is not None:
            ending = self._endings[group] = _fields(dict(zip(self._question.group_by, group, strict=True)))
        address = f"{self._begun}&start={start}&end={end}{ending}"
        return address if _is_public(address) else ""


def _fields(filters: Mapping[str, str]) -> str:
    return f"&{urlencode({f'{WHERE}{key}': value for key, value in filters.items()})}" if filters else ""


def _is_public(text: str) -> bool:
    return masked(text) == text
