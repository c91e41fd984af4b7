"""The conversation: each step is had with both sides, and their answers are compared."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import field
from typing import Any

from fakestripe_meters.comparing.differences import Difference
from fakestripe_meters.comparing.differences import between
from fakestripe_meters.comparing.leftovers import Leftovers
from fakestripe_meters.comparing.neutral import Neutral
from fakestripe_meters.comparing.sides import Answer
from fakestripe_meters.comparing.sides import Fake
from fakestripe_meters.comparing.sides import Pace
from fakestripe_meters.comparing.sides import Remote
from fakestripe_meters.comparing.steps import Chapter
from fakestripe_meters.comparing.steps import NothingThereError
from fakestripe_meters.comparing.steps import Step
from fakestripe_meters.comparing.steps import filled
from fakestripe_meters.comparing.steps import looked_up
from fakestripe_meters.core.late import dataclass

Json = Any
HOUR_S = 3_600
DAY_S = 86_400
BACK_DAYS = 20
"""So many days ago test clocks start: so their first days are in the past for a clock and for Stripe."""
PATIENCE_S = 300
"""How long a step is repeated until its answer is as expected: usage takes Stripe about a minute."""
LOOK_EVERY_S = 5
FORBIDDEN = 403
HEADERS = ("Stripe-Should-Retry",)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One step, the neutral answers of both sides, and where they differ; or the note why it was not compared."""

    chapter: str
    step: Step
    stripe: Json = None
    fake: Json = None
    differences: Sequence[Difference] = ()
    note: str = ""


@dataclass(slots=True)
class Side:
    """One side, with its answers in this chapter so far."""

    party: Remote | Fake
    neutral: Neutral
    given: dict[str, Json]
    answers: dict[str, Json] = field(default_factory=dict)

    def ask(self, step: Step) -> Answer:
        """Send a step's request; an answer that is accepted can be referred to."""
        method, _, path = filled(step.call, self.answers).partition(" ")
        answer = self.party.send(method, path, filled(step.params, self.answers), step.version)
        if answer.accepted:
            self.answers[step.name] = answer.tree
            self.neutral.learn(answer.tree, step.name)
        return answer

    def begin(self) -> None:
        """Forget the answers of the last chapter."""
        self.answers = dict(self.given)

    def shown(self, answer: Answer) -> Json:
        """Return an answer in its neutral form."""
        headers = {name: answer.headers[name] for name in HEADERS if name in answer.headers}
        return {"status": answer.status, "headers": headers, "body": self.neutral.tree(answer.tree)}


@dataclass(slots=True)
class Conversation:
    """The whole, with a Stripe and with the fake. `tell` shows what is going on, and whether something new begins."""

    remote: Remote
    fake: Fake
    pace: Pace
    run: str
    tell: Callable[..., None]
    leftovers: Leftovers = field(default_factory=Leftovers)

    def exchanges(self, chapters: Sequence[Chapter]) -> Iterator[Exchange]:
        """Have the conversation."""
        theirs, ours = self._sides()
        count, total = 0, sum(len(chapter.steps) for chapter in chapters)
        for chapter in chapters:
            theirs.begin()
            ours.begin()
            lacking = dict[str, str]()
            for step in chapter.steps:
                count += 1
                self.tell(f"{count}/{total} {chapter.name}: {step.name}", begins=step is chapter.steps[0])
                yield self._exchange(chapter.name, step, theirs, ours, lacking)

    def _sides(self) -> tuple[Side, Side]:
        now = int(self.pace.now())
        day = now - now % DAY_S - DAY_S
        given = {
            "run": {
                "id": self.run,
                "now": now,
                "hour": now - now % HOUR_S - 2 * HOUR_S,
                "day": day,
                "start": day - BACK_DAYS * DAY_S,
                "zero": 0,
            }
        }
        theirs, ours = (Neutral(self.run, day, (self.remote.key,)) for _ in range(2))
        return Side(self.remote, theirs, given), Side(self.fake, ours, given)

    def _exchange(self, chapter: str, step: Step, theirs: Side, ours: Side, lacking: dict[str, str]) -> Exchange:
        try:
            answer, late = self._asked(step, theirs)
            if reason := self._out_of_reach(step, answer):
                lacking[step.name] = reason
                return Exchange(chapter, step, note=reason)
            mine, _ = self._asked(step, ours)
        except NothingThereError as nothing:
            lacking[step.name] = reason = lacking.get(str(nothing), f"needs `{nothing}`, which was refused")
            return Exchange(chapter, step, note=reason)
        stripe, fake = theirs.shown(answer), ours.shown(mine)
        if late:
            return Exchange(chapter, step, stripe, fake, note=late)
        return Exchange(chapter, step, stripe, fake, tuple(compared(step, stripe, fake)))

    def _asked(self, step: Step, side: Side) -> tuple[Answer, str]:
        """Ask, again if the step waits for something; return the answer, and what it still lacks after all."""
        answer = self._noted(step, side)
        until, waited = step.until, 0
        while until and answer.accepted and str(looked_up(answer.tree, until.place)) != until.value:
            if waited >= PATIENCE_S:
                return answer, f"after {PATIENCE_S} s, `{until.place}` was not {until.value} yet"
            self.tell(f"waiting for `{until.place}` to be {until.value} ({waited} s)", begins=waited == 0)
            self.pace.wait(LOOK_EVERY_S)
            waited += LOOK_EVERY_S
            answer = self._noted(step, side)
        return answer, ""

    def _noted(self, step: Step, side: Side) -> Answer:
        answer = side.ask(step)
        if side.party is self.remote and answer.accepted:
            method, _, path = filled(step.call, side.answers).partition(" ")
            self.leftovers.note(method, path, answer.tree)
        return answer

    def _out_of_reach(self, step: Step, answer: Answer) -> str:
        if answer.status == FORBIDDEN:
            return "the key has no permission for it"
        named = answer.tree.get("error", {}).get("message", "") if not answer.accepted else ""
        if step.preview and ("Unrecognized request URL" in named or "Stripe-Version" in named or "preview" in named):
            return "the account is not in the preview"
        return ""


def compared(step: Step, stripe: Json, fake: Json) -> Iterator[Difference]:
    """Yield where two answers differ. Of an answer and a refusal only the statuses do."""
    if stripe["status"] != fake["status"]:
        yield Difference("status", "", stripe["status"], fake["status"])
    for name in HEADERS:
        values = stripe["headers"].get(name), fake["headers"].get(name)
        if values[0] != values[1]:
            yield Difference("header", name, *values)
    if ("error" in stripe["body"]) == ("error" in fake["body"]):
        yield from between(stripe["body"], fake["body"], step.vague)
