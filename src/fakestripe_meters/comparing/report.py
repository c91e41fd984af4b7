"""What the conversation has shown, as text for people and as JSON to send in."""

import json
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from fakestripe_meters import __version__
from fakestripe_meters.comparing.conversation import Exchange
from fakestripe_meters.comparing.steps import VERSION
from fakestripe_meters.core.printing import line

Json = Any
SEND_IN = "To send it in: write it with `--out FILE`, read the file, and attach it to an issue of fakestripe-meters."
WIDEST = 300


def as_json(exchanges: Sequence[Exchange], host: str, when: str, failure: str) -> Json:
    """Return everything that differs or was asked for, as a tree; `failure` says why there is no more of it."""
    return {
        "fakestripe_meters": __version__,
        "compared_with": host,
        "at": when,
        "stripe_version": VERSION,
        "counts": counts(exchanges),
        "ended_early": failure or None,
        "exchanges": [_shown(each) for each in exchanges if each.differences or each.step.asks or each.note],
    }


def _shown(exchange: Exchange) -> Json:
    step = exchange.step
    return {
        "name": f"{exchange.chapter}/{step.name}",
        "call": step.call,
        "params": step.params,
        "asks": step.asks or None,
        "note": exchange.note or None,
        "differences": [asdict(each) for each in exchange.differences],
        "stripe": exchange.stripe,
        "fake": exchange.fake,
    }


def counts(exchanges: Sequence[Exchange]) -> dict[str, int]:
    """Return how many exchanges there were, and what became of them."""
    noted = sum(bool(each.note) for each in exchanges)
    different = sum(bool(each.differences) for each in exchanges)
    return {
        "exchanges": len(exchanges),
        "same": len(exchanges) - noted - different,
        "different": different,
        "not_compared": noted,
    }


def lines(exchanges: Sequence[Exchange], host: str, when: str) -> Iterator[str]:
    """Yield the report for people."""
    yield f"fakestripe-meters {__version__} compared with {host} on {when}, at version {VERSION}"
    yield ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts(exchanges).items())
    for each in exchanges:
        if each.differences:
            yield from _difference(each)
    agreed = [each for each in exchanges if each.step.asks and not each.differences and not each.note]
    if agreed:
        yield "\nOPEN QUESTIONS that both answer in the same way:"
        yield from (f"  {each.chapter}/{each.step.name}: {each.step.asks}" for each in agreed)
    for each in exchanges:
        if each.note:
            yield f"\nNOT COMPARED {_title(each)}\n  {each.note}"
    yield f"\n{SEND_IN}"


def _title(exchange: Exchange) -> str:
    asks = f"\n  open question: {exchange.step.asks}" if exchange.step.asks else ""
    return f"{exchange.chapter}/{exchange.step.name}: {exchange.step.call}{asks}"


def _difference(exchange: Exchange) -> Iterator[str]:
    yield f"\nDIFFERENT {_title(exchange)}"
    if any(each.kind == "status" for each in exchange.differences):
        yield from _answer("Stripe", exchange.stripe)
        yield from _answer("fake", exchange.fake)
    for each in exchange.differences:
        if each.kind != "status":
            yield f"  {each.kind} {each.place}\n    Stripe: {_short(each.stripe)}\n    fake:   {_short(each.fake)}"


def _answer(who: str, answer: Json) -> Iterator[str]:
    yield f"  {who}: {answer['status']} {_short(answer['body'].get('error', answer['body']))}"


def _short(tree: Json) -> str:
    text = line(json.dumps(tree, ensure_ascii=False))
    return text if len(text) <= WIDEST else f"{text[:WIDEST]}…"
