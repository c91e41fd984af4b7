"""Read off the invoices of a story which events they bill, and compare that with the oracle and with the explanation.

Event number k is worth 3 ** k cents. A number has only one sum of different powers of three, each added or taken away
once: so an amount says which events it bills, and which it gives back.
"""

from collections import Counter

from tests.money.conservation import oracle
from tests.money.conservation.oracle import Event
from tests.money.conservation.story import METER_OF
from tests.money.conservation.story import METERS
from tests.money.conservation.story import Story
from tests.resources import shop


def check(story: Story) -> None:
    """Every event is billed once, under the right price, or never for the right reason; and explained so."""
    billed = {price: Counter[str]() for price in METER_OF}
    for invoice in shop.invoices(story.call, customer=story.customer):
        for price, said in billed_by(story, invoice["id"]).items():
            billed[price].update(said)
            assert said == explained_by(story, invoice["id"], price), told(story, invoice["id"], price)
    for event in story.events:
        price, reason = story.fate(event)
        found = {name: said[event.identifier] for name, said in billed.items() if said[event.identifier]}
        assert found == ({price: 1} if price else {}), told(story, event.identifier, found, price, reason)
        check_reason(story, event, price, reason)


def check_reason(story: Story, event: Event, price: str, reason: str) -> None:
    """The explanation of an event says the same as the oracle."""
    [fate] = story.call.fake.explain_billing(event.meter, story.customer).of(event.identifier)
    if price:
        assert (fate.reason, fate.given_back) == ("", None), told(story, fate)
    elif fate.given_back:
        assert event.cancelled, told(story, fate)
    else:
        allowed = {reason, *([oracle.CANCELLED] if event.cancelled else [])}
        if reason == oracle.PRICELESS and event.step > story.ended:
            allowed.add(oracle.AFTER)  # either is true
        assert fate.reason in allowed, told(story, fate, reason)


def billed_by(story: Story, invoice: str) -> dict[str, Counter[str]]:
    """The events on an invoice by price: 1 if it bills them, -1 if it gives them back."""
    names = {price: name for name, price in story.prices.items()}
    sums: Counter[str] = Counter()
    for line in story.call.get(f"/v1/invoices/{invoice}/lines", {"limit": 100}).json["data"]:
        sums[names[line["pricing"]["price_details"]["price"]]] += line["amount"]
    return {price: decoded(story, total) for price, total in sums.items() if price in METER_OF}


def decoded(story: Story, total: int) -> Counter[str]:
    """The events whose values add up to an amount, in balanced ternary."""
    found: Counter[str] = Counter()
    for event in story.events:
        digit = (total + 1) % 3 - 1
        total = (total - digit) // 3
        if digit:
            found[event.identifier] = digit
    assert total == 0, told(story)
    return found


def explained_by(story: Story, invoice: str, price: str) -> Counter[str]:
    """The events that the explanation finds on an invoice under a price."""
    found: Counter[str] = Counter()
    for fate in story.call.fake.explain_billing(METER_OF[price], story.customer).events:
        if fate.price == story.prices[price]:
            found[fate.identifier] += (fate.invoice == invoice) - (fate.given_back == invoice)
    return Counter({identifier: times for identifier, times in found.items() if times})


def told(story: Story, *about: object) -> str:
    """The story, for a failure."""
    rows = [
        *map(str, about),
        *(f"event {vars(each)}" for each in story.events),
        *(f"{chain.meter}: {vars(each)}" for chain in story.chains.values() for each in chain.closings),
        *(str(story.call.fake.explain_billing(meter, story.customer)) for meter in METERS),
    ]
    return "\n".join(rows)
