"""Play random stories of subscriptions, and check that each event is billed once, and that money is conserved:

    python tests/money/conserve.py [--minutes 5] [--seed N]

Prints what was checked. A story that fails ends the run; its seed is printed, and `--seed` begins with it.
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
from tests.money.adding.story import Story as Bills
from tests.money.conservation.comparison import check
from tests.money.conservation.scene import Scene
from tests.resources.shop import NEW_YEAR


def main() -> None:
    """Tell one story after another."""
    asked = arguments()
    until, seed, checked = time.monotonic() + asked.minutes * 60, asked.seed, Counter[str]()
    while time.monotonic() < until:
        try:
            tell(seed, checked)
        except BaseException:
            sys.stderr.write(f"This is the story of --seed {seed}:\n")
            raise
        seed += 1
    sys.stdout.write(", ".join(f"{number} {name}" for name, number in checked.items()))
    sys.stdout.write(": each event was billed exactly once, or never for the reason that explain_billing names,\n")
    sys.stdout.write("and each invoice came to what its discounts, taxes, credits and the balance make of it.\n")


def tell(seed: int, checked: Counter[str]) -> None:
    """Tell a story of usage, and one of discounts and taxes."""
    random = Random(seed)
    with FakeStripe(now=NEW_YEAR, limits="off", seed=seed, relaxed=True) as fake:
        scene = Scene(Call(through_engine, fake), random)
        scene.play(random.choice((6, 14, 30)))
        check(scene)
        assert fake.engine.failures == []
    with FakeStripe(now=NEW_YEAR, limits="off", seed=seed, relaxed=True) as fake:
        bills = Bills(Call(through_engine, fake), Random(seed))
        bills.play(random.choice((2, 4, 8)))
        bills.conclude()
        assert fake.engine.failures == []
    checked.update(invoices=bills.invoices)
    checked.update(stories=1, subscriptions=len(scene.begun), requests=scene.acts, events=len(scene.events))


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Check that all usage is billed exactly once.")
    parser.add_argument("--minutes", type=float, default=5, metavar="N", help="how long (default: 5)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="the first story (default: 1)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
