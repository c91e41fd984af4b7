"""Play random stories of changed subscriptions, and reckon by hand what each is billed:

    python tests/money/reckon.py [--minutes 5] [--seed N] [--mode classic|flexible] [--without trial,mixed]

Prints what was checked. A story that differs ends the run; its seed is printed, and `--seed` begins with it.
"""

import argparse
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[2]))

from fakestripe_meters import FakeStripe
from tests.conftest import Call
from tests.conftest import through_engine
from tests.money.reckoning.choices import KINDS
from tests.money.reckoning.story import EARLY
from tests.money.reckoning.story import Story

MODES = ("classic", "flexible")


def main() -> None:
    """Tell one story after another."""
    asked = arguments()
    until, seed, checked = time.monotonic() + asked.minutes * 60, asked.seed, Counter[str]()
    while time.monotonic() < until:
        for mode in MODES if asked.mode is None else (asked.mode,):
            try:
                tell(seed, mode, asked.without, checked)
            except BaseException:
                sys.stderr.write(f"This is the story of --seed {seed} --mode {mode}:\n")
                raise
        seed += 1
    sys.stdout.write(", ".join(f"{number} {name}" for name, number in checked.items()))
    sys.stdout.write(": each line, total, pending item and balance was what the documented rules make of it.\n")


def tell(seed: int, mode: str, without: frozenset[str], checked: Counter[str]) -> None:
    """Tell one story."""
    random = Random(seed)
    with FakeStripe(now=EARLY, limits="off", seed=seed, relaxed=True) as fake:
        story = Story(Call(through_engine, fake), random, mode, without)
        story.play(random.choice((4, 8, 16)))
        assert fake.engine.failures == []
    checked.update(stories=1, requests=story.acts, invoices=len(story.book.invoices))


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Check what changed subscriptions are billed.")
    parser.add_argument("--minutes", type=float, default=5, metavar="N", help="how long (default: 5)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="the first story (default: 1)")
    parser.add_argument("--mode", choices=MODES, help="one billing mode (default: both)")
    parser.add_argument("--without", type=kinds, default=frozenset(), metavar="KIND,…", help=", ".join(KINDS))
    return parser.parse_args()


def kinds(text: str) -> frozenset[str]:
    """Read what is left out."""
    found = frozenset(text.split(","))
    if not found <= set(KINDS):
        raise argparse.ArgumentTypeError(", ".join(sorted(found - set(KINDS))))
    return found


if __name__ == "__main__":
    main()
