"""Read off the invoices of a story which events they bill, and compare that with the oracle and with the explanation.

Event number k is worth 3 ** k cents. A number has only one sum of different powers of three, each added or taken away
once: so an amount says which events it bills, and which it gives back. Where a meter counts its events, an amount says
only how many they are.
"""

from collections import Counter

from tests.money.conservation import oracle
from tests.money.conservation.money import check_money
from tests.money.conservation.oracle import Event
from tests.money.conservation.scene import DOLLAR
from tests.money.conservation.scene import Scene
from tests.money.conservation.story import METER_OF
from tests.money.conservation.story import METERS
from tests.money.conservation.story import Story
from tests.resources import shop
from tests.resources.shop import Tree


def check(scene: Scene) -> None:
    """Each subscription bills every event once, or never for the right reason, and money is conserved."""
    for story in scene.begun:
        story.conclude()
        check_story(story)
    check_money(scene.call, scene.customer)


def check_story(story: Story) -> None:
    """The invoices of one subscription bill what the oracle and the explanation say."""
    billed = {price: Counter[str]() for price in METER_OF}
    for invoice in shop.invoices(story.call, customer=story.scene.customer):
        for price, total in billed_by(story, invoice["id"]).items():
            explained = explained_by(story, invoice["id"], price)
            if METER_OF[price] == story.scene.counted:
                assert total == explained.total() * DOLLAR, told(story, invoice["id"], price)
            else:
                assert decoded(story, total) == explained, told(story, invoice["id"], price)
            billed[price].update(explained)
    for event in story.scene.events:
        price, reason = story.fate(event)
        found = {name: said[event.identifier] for name, said in billed.items() if said[event.identifier]}
        assert found == ({price: 1} if price else {}), told(story, event.identifier, found, price, reason)
        check_reason(story, event, price, reason)


def check_reason(story: Story, event: Event, price: str, reason: str) -> None:
    """The explanation of an event says the same as the oracle."""
    fates = story.call.fake.explain_billing(event.meter, story.scene.customer).of(event.identifier)
    found = [fate for fate in fates if fate.subscription == story.id]
    if not found:  # the subscription never had the meter
        assert not price, told(story, event.identifier, price)
        return
    [fate] = found
    if price:
        assert (fate.reason, fate.given_back) == ("", None), told(story, fate)
    elif fate.given_back:
        assert event.cancelled, told(story, fate)
    else:
        allowed = {reason, *([oracle.CANCELLED] if event.cancelled else [])}
        if reason == oracle.PRICELESS and event.step > story.ended:
            allowed.add(oracle.AFTER)  # either is true
        assert fate.reason in allowed, told(story, fate, reason)


def billed_by(story: Story, invoice: str) -> dict[str, int]:
    """The amounts on an invoice by metered price, as far as they are for the subscription of the story."""
    names = {price: name for name, price in story.scene.prices.items()}
    sums: Counter[str] = Counter()
    for line in story.call.get(f"/v1/invoices/{invoice}/lines", {"limit": 100}).json["data"]:
        if not is_of(story, line):
            continue
        sums[names[line["pricing"]["price_details"]["price"]]] += line["amount"]
    return {price: total for price, total in sums.items() if price in METER_OF}


def is_of(story: Story, line: Tree) -> bool:
    """Whether a line is for the story's subscription: a canceled one has left its items to the customer."""
    parent = line["parent"]
    details = parent[parent["type"]]
    items = frozenset[str]().union(*(closing.items for closing in story.settled))
    return details["invoice_item"] in items or details["subscription"] == story.id


def decoded(story: Story, total: int) -> Counter[str]:
    """The events whose values add up to an amount, in balanced ternary."""
    found: Counter[str] = Counter()
    for event in story.scene.events:
        digit = (total + 1) % 3 - 1
        total = (total - digit) // 3
        if digit:
            found[event.identifier] = digit
    assert total == 0, told(story)
    return found


def explained_by(story: Story, invoice: str, price: str) -> Counter[str]:
    """The events that the explanation finds on an invoice under a price."""
    found: Counter[str] = Counter()
    for fate in story.call.fake.explain_billing(METER_OF[price], story.scene.customer).events:
        if fate.subscription == story.id and fate.price == story.scene.prices[price]:
            found[fate.identifier] += (fate.invoice == invoice) - (fate.given_back == invoice)
    return Counter({identifier: times for identifier, times in found.items() if times})


def told(story: Story, *about: object) -> str:
    """The story, for a failure."""
    rows = [
        *map(str, about),
        *(f"event {vars(each)}" for each in story.scene.events),
        *(f"{chain.meter}: {vars(each)}" for chain in story.chains.values() for each in chain.closings),
        *(str(story.call.fake.explain_billing(meter, story.scene.customer)) for meter in METERS),
    ]
    return "\n".join(rows)
