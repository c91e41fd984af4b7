"""Setup attempts: https://docs.stripe.com/api/setup_attempts."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.records import setup_intents
from fakestripe_meters.domain.records.setup_intents import SetupAttempt
from fakestripe_meters.domain.records.setup_intents import SetupAttempts
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import Range
from fakestripe_meters.framework.listing import page
from fakestripe_meters.framework.listing import within
from fakestripe_meters.wire.schema import any_integer
from fakestripe_meters.wire.schema import param

PATH = "/v1/setup_attempts"
NOUN = "setup_attempt"


class ListAttempts(ListParams):
    """Which attempts to list."""

    created: int | Range | None = any_integer(default=None)
    setup_intent: str = param()


resource = Resource(
    NOUN,
    PATH,
    render=setup_intents.render_attempt,
    by_id=lambda account, attempt_id: account.part(SetupAttempts).table.get(attempt_id),
)


@resource.get()
@inferred("a setup intent that does not exist is a 400")
def list_(account: Account, params: ListAttempts) -> Listing:
    """List the attempts to confirm a setup intent, newest first."""
    intent = setup_intents.find(account, params.setup_intent, param="setup_intent", status=400)

    def wanted(attempt: SetupAttempt) -> bool:
        return attempt.setup_intent == intent.id and within(params.created, attempt.created)

    return page(account.part(SetupAttempts).table, params, url=PATH, noun=NOUN, where=wanted)
