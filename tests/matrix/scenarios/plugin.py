"""A foreign suite, under whichever pytest, freezegun and responses there are."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.matrix.scenarios.steps import Steps

PASSING = 7
SUITE = Path(__file__).with_name("shop_suite.py")

steps = Steps()


def run(*arguments: str) -> tuple[int, str]:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(SUITE, f"{folder}/test_shop.py")
        command = [sys.executable, "-I", "-m", "pytest", "-W", "error", "--strict-markers", *arguments, folder]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


if __name__ == "__main__":
    with steps("a suite that passes"):
        code, printed = run("-k", "not fails and not misuse")
        assert code == 0, printed
        assert f"{PASSING} passed" in printed, printed
    with steps("a failing test tells its calls to Stripe"):
        code, printed = run("-k", "fails")
        assert code == 1, printed
        assert "Stripe calls" in printed, printed
        assert "POST /v1/customers" in printed, printed
    with steps("a misuse is an error at the test's own line"):
        code, printed = run("-k", "misuse")
        assert code == 1, printed
        assert "Misuse" in printed, printed
        assert "test_shop.py" in printed, printed
    with steps("the marker is known"):
        code, printed = run("--markers")
        assert "fakestripe(now=" in printed, printed
    steps.report()
