"""The command line: `serve`, `run`, `demo`, `compare` and `record`."""

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import closing
from typing import Any
from typing import NoReturn

from fakestripe_meters import Misuse
from fakestripe_meters import __version__
from fakestripe_meters.commands.flags import COMPARE
from fakestripe_meters.commands.flags import RECORD
from fakestripe_meters.commands.flags import RUN_DIFFERS
from fakestripe_meters.commands.flags import SERVE_ONLY
from fakestripe_meters.core import printing
from fakestripe_meters.core.option import Option
from fakestripe_meters.core.options import OPTIONS

PROGRAM = "fakestripe-meters"
BEFORE_WORDS = "--"
RUN_USAGE = f"{PROGRAM} run [options] {BEFORE_WORDS} COMMAND ..."
WORDS = "words"
"""What `run` is to run, among what is given."""
ABOUT_RUN = (
    "Start the fake, and run a command that knows its address by the environment variable FAKESTRIPE_URL. The calls of "
    "every Python program among its processes to Stripe's hosts go to the fake. The exit status is that of the command."
)
ABOUT_COMPARE = (
    "Have the same conversation with your Stripe sandbox and with the fake, and print where the two differ. The "
    "environment variable STRIPE_TEST_KEY must have a test key. What was made in the sandbox is removed afterwards. "
    "The exit status is 0 if the answers are the same, 1 if they differ, and 2 if the conversation could not be had."
)
ABOUT_RECORD = (
    "Listen on 127.0.0.1, pass each request on to Stripe, and write it to a file with its answer: without keys, e-mail "
    "addresses, names, and other personal data. Only requests with test keys are passed on."
)


class Parser(argparse.ArgumentParser):
    """A parser that reports a wrong command line in one line, without the whole usage."""

    def error(self, message: str) -> NoReturn:
        """Print what is wrong, and exit with status 2."""
        self.exit(2, f"{self.prog}: {message} (see --help)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    given = _read(words)
    if given["command"] == "run":
        given[WORDS] = words[words.index(BEFORE_WORDS) + 1 :] if BEFORE_WORDS in words else []
    run, failed = COMMANDS[given.pop("command")]
    try:
        return run(given)
    except (Misuse, OSError) as error:
        print(f"{PROGRAM}: {_reason(error)}", file=sys.stderr)
        return failed


def _read(arguments: list[str]) -> dict[str, Any]:
    """Return what the arguments say, or exit with the reason why they say nothing."""
    parser = _parser()
    given, strange = parser.parse_known_args(_without_words(arguments))
    if strange and given.command == "run" and not strange[0].startswith("-"):
        parser.error(f"write {BEFORE_WORDS} before {strange[0]}: {RUN_USAGE}")
    if strange:
        parser.error(f"unrecognized arguments: {' '.join(strange)}")
    return vars(given)


def _without_words(arguments: list[str]) -> list[str]:
    """Return the arguments without the command that `run` is to run, in which argparse would look for flags."""
    ours = arguments[: arguments.index(BEFORE_WORDS)] if BEFORE_WORDS in arguments else arguments
    return ours if arguments[:1] == ["run"] else arguments


def _parser() -> Parser:
    parser = Parser(prog=PROGRAM, description="A fake Stripe that counts usage like Stripe does.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("demo", help="run an example: send usage, query it, run into the rate limit")
    serve = commands.add_parser("serve", help="run the server until it is interrupted")
    run = commands.add_parser(
        "run",
        help="run a command whose calls to Stripe go to the fake",
        usage=RUN_USAGE,
        description=ABOUT_RUN,
    )
    compare = commands.add_parser(
        "compare", help="compare the fake with your Stripe sandbox", description=ABOUT_COMPARE
    )
    record = commands.add_parser("record", help="record what your program and Stripe say", description=ABOUT_RECORD)
    served = SERVE_ONLY | OPTIONS
    for command, options in ((serve, served), (run, served | RUN_DIFFERS), (compare, COMPARE), (record, RECORD)):
        for name, option in options.items():
            _add_flag(command, name, option)
    return parser


def _add_flag(parser: Parser, name: str, option: Option) -> None:
    """Add the flag of an option. The arguments lack it if it is not given, so that the option's default applies."""
    about = f"{option.about}{_remark(option)}"
    how: dict[str, Any] = {"dest": name, "default": argparse.SUPPRESS, "help": about.replace("%", "%%")}
    if isinstance(option.default, bool) and option.bare is None:
        how["action"] = argparse.BooleanOptionalAction if option.default else "store_true"
    else:
        how |= {"metavar": option.metavar, "type": option.read}
    if option.repeats:
        how["action"] = "append"
    if option.bare is not None:
        how |= {"nargs": "?", "const": option.bare}
    parser.add_argument(option.spelled(name), **how)


def _remark(option: Option) -> str:
    if option.repeats:
        return " Repeat the flag to add more."
    has_value = isinstance(option.default, int | str) and not isinstance(option.default, bool)
    return f" (default: {option.default})" if has_value else ""


def _serve(given: dict[str, Any]) -> int:
    _leave_when_interrupted()
    from fakestripe_meters.commands.serving import serving

    with serving(given) as (served, secured):
        lines = [f"{PROGRAM} listening on {served.server.url}", f"open {served.page} in a browser"]
        if secured is not None:
            from fakestripe_meters.doors.stripe_hosts import HOSTS

            lines += [
                f"{PROGRAM} listening on {secured.server.url} for {', '.join(HOSTS)}",
                f"SSL_CERT_FILE={secured.authority.certificate}",
            ]
        _say_at_once(lines)
        threading.Event().wait()
    return 0


def _say_at_once(lines: Sequence[str]) -> None:
    """Print lines in one write. A reader may close the pipe after the first line, and a second write would then fail.

    `print` writes the end of its text separately if `PYTHONUNBUFFERED` is set.
    """
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def _run(given: dict[str, Any]) -> int:
    from fakestripe_meters.commands import running

    return running.run(given.pop(WORDS), given)


def _leave_when_interrupted() -> None:
    for interruption in (signal.SIGINT, signal.SIGTERM):
        signal.signal(interruption, _leave)


def _leave(_signal: int, _frame: object) -> NoReturn:
    """Exit with status 0, and ignore further signals, so that they do not interrupt the closing."""
    for interruption in (signal.SIGINT, signal.SIGTERM):
        signal.signal(interruption, signal.SIG_IGN)
    sys.exit(0)


def _compare(given: dict[str, Any]) -> int:
    from fakestripe_meters.comparing import command

    return command.run(**{name: given.get(name, option.default) for name, option in COMPARE.items()})


def _record(given: dict[str, Any]) -> int:
    from fakestripe_meters.commands.serving import opened
    from fakestripe_meters.comparing.address import host_of
    from fakestripe_meters.recording.proxy import Proxy
    from fakestripe_meters.recording.tape import Tape

    out, port, to = (given.get(name, option.default) for name, option in RECORD.items())
    if out is None:
        raise Misuse("record needs --out FILE")
    host_of(to, "--to")
    with closing(Tape(out)) as tape, closing(opened(Proxy(to, tape), "127.0.0.1", port)) as server:
        _leave_when_interrupted()
        _say_at_once([f"{PROGRAM} listening on {server.url}, recording to {out}"])
        threading.Event().wait()
    return 0


def _demo(_given: dict[str, Any]) -> int:
    from fakestripe_meters import demo

    demo.run(sys.stdout)
    return 0


def _reason(error: Exception) -> str:
    return printing.line(" ".join(str(error).split()))


COMMANDS = {
    "serve": (_serve, 1),
    "run": (_run, 1),
    "demo": (_demo, 1),
    "compare": (_compare, 2),
    "record": (_record, 2),
}
"""What each does, and its exit status if it cannot."""


def command() -> NoReturn:
    """Run the command that the program was started with, and exit with its status: what an archive calls."""
    sys.exit(main())


if __name__ == "__main__":
    command()
