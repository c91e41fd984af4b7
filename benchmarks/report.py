"""Rerun every claim about speed and size, and write the figures into README.md beside this file.

    python benchmarks/report.py

It needs the `test` and `bench` extras, Linux, and a quiet machine for some ten minutes. `--quick` takes small sizes to
show that everything works; its figures mean nothing. `--full` adds 10 million events, for which it takes some 4 GB.
"""

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

SCRIPTS = (
    *(
        "doors",
        "sdk",
        "servers",
        "throughput",
        "heads",
        "stream",
        "imports",
        "ledger",
        "extremes",
        "plugin",
        "alerts",
        "vendors",
        "webhooks",
        "invoices",
        "changes",
    ),
    *("checkout", "snapshots", "reading", "pages", "lists"),
)
PACKAGES = ("flask", "werkzeug", "stripe", "requests", "pytest", "duckdb", "httptools")
README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->\n"
HEAD = "| what | measured | against | bar | met? | times, ours : theirs |\n|---|--:|---|--:|---|---|\n"
SMOKE = "**A quick run: small sizes, few rounds. It shows that everything works, and no figure means anything.**\n\n"


def main() -> None:
    """Measure, and write."""
    parser = argparse.ArgumentParser(description="Rerun every claim about speed and size, and write README.md.")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_const", dest="size", const="quick", help="small sizes, a smoke run")
    size.add_argument("--full", action="store_const", dest="size", const="full", help="10 million events, too")
    options = parser.parse_args()
    rows = [row for script in SCRIPTS for row in measured(script, options.size or "usual")]
    warning = SMOKE if options.size == "quick" else ""
    write(f"{warning}{HEAD}{''.join(rows)}\nMeasured with {circumstances()}.\n")
    missed = "nothing is judged" if warning else f"{sum('**no**' in row for row in rows)} bars are missed"
    print(f"{README.name} is written; {missed}.")


def measured(script: str, size: str) -> Iterator[str]:
    """The rows of one script, which runs in a process of its own: a warm or a full memory would change the next."""
    command = [sys.executable, "-m", f"benchmarks.{script}", "--markdown", "--size", size]
    with subprocess.Popen(
        command, cwd=README.parents[1], stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        for row in process.stdout:
            print(row, end="", flush=True)
            yield row
    if process.returncode:
        sys.exit(f"benchmarks/{script}.py failed; nothing was written.")


def circumstances() -> str:
    """What the figures depend on."""
    packages = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{python} on {platform.system()} ({platform.machine()}, {os.cpu_count()} cores), {packages}"


def write(figures: str) -> None:
    """Put the figures between the markers."""
    before, _, rest = README.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{BEGIN}\n{figures}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
