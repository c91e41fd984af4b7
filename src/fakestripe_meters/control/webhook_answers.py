"""What the control plane answers about webhooks."""

from typing import Literal
from typing import TypedDict

WebhookState = Literal["waiting", "held", "delivered", "failed", "dropped"]


class WebhookTry(TypedDict):
    """One attempt to deliver: when, by the fake's clock, and the status of the answer, or why there is none."""

    at: int
    status: int | None
    error: str | None


class WebhookDelivery(TypedDict):
    """One event on its way to one receiver."""

    id: str
    event: str
    type: str
    url: str
    account: str
    state: WebhookState
    tries: list[WebhookTry]
    next_try: int | None


class WebhookAnswer(TypedDict):
    """What the receiver has answered to the last try."""

    status: int | None
    body: str
    error: str | None


class WebhookDetail(WebhookDelivery):
    """One delivery with all that was sent, or would be."""

    headers: dict[str, str]
    signature: str | None
    body: str
    answer: WebhookAnswer | None


class WebhookSettings(TypedDict):
    """Whether webhooks are held, which types of them, how long a receiver has, and which other hosts may be one."""

    held: bool
    types: list[str]
    timeout: float
    hosts: list[str]


class UnheardEvents(TypedDict):
    """How many events of a type were for nobody."""

    type: str
    account: str
    count: int
    thin: bool
