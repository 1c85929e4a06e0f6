"""The roof: `sleepjerk VERB ...`. Knows the verbs and the exit codes, nothing of nights.

Each verb is a module of its name with `HELP`, `configure(parser)` and `run(args) -> int`. Verbs import numpy, scipy and
pandas inside `run`, so that `sleepjerk --help` and `sleepjerk record` start at once.

stdout is the result, stderr is talk. Exit codes: 0 done, 2 bad input or usage (one sentence, no traceback),
for `record` also 3, 4 and 5, and 1 for anything else.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from sleepjerk import runtime
from sleepjerk.errors import InputError, why
from sleepjerk.version import __version__

VERBS = (
    "demo",
    "app",
    "ports",
    "doctor",
    "record",
    "firmware",
    "check",
    "analyse",
    "batch",
    "report",
    "diary",
    "trend",
    "correct",
    "review",
    "export",
    "periodic",
    "simulate",
    "evaluate",
    "rules",
)


_FIRST = """Counts the twitches of a night from a wrist accelerometer. Not a medical device.

  sleepjerk demo            a simulated night and its report, in half a minute; needs no board
  sleepjerk app             the page in your browser: record tonight, open a file, the nights so far
  sleepjerk FILE            the morning report of a recording you have
  sleepjerk record          a night from a board that is plugged in
  sleepjerk --help          all verbs; sleepjerk VERB --help explains one
"""


def build_parser(verbs: Sequence[str] = VERBS) -> argparse.ArgumentParser:
    """The command line, one sub-parser a verb."""
    parser = argparse.ArgumentParser(
        prog="sleepjerk",
        description="Counts the twitches of a night from a wrist accelerometer. Not a medical device.",
        epilog="First time? Try: sleepjerk demo",
    )
    parser.add_argument("--version", action="version", version=f"sleepjerk {__version__}")
    subparsers = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for name in verbs:
        module = importlib.import_module(f"sleepjerk.cli.{name}")
        verb = subparsers.add_parser(
            name,
            help=module.HELP,
            description=module.HELP,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.configure(verb)
        verb.set_defaults(run=module.run, refuse=verb.error)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb.

    Parameters
    ----------
    argv
        The words after `sleepjerk`; `sys.argv[1:]` when None.

    Returns
    -------
    int
        The exit code.
    """
    runtime.begin()
    words = sys.argv[1:] if argv is None else list(argv)
    if not words:
        print(_FIRST, end="")
        return 0
    if words[0] not in VERBS and not words[0].startswith("-"):
        if (refusal := _no_verb(words[0])) is not None:
            print(f"sleepjerk: {refusal}", file=sys.stderr)
            return 2
        words = ["report", *words]
    # Who asks for one verb needn't wait until the others are imported.
    parser = build_parser(words[:1] if words[:1] and words[0] in VERBS else VERBS)
    args, unknown = parser.parse_known_args(words)
    if unknown:  # with the usage of the verb that doesn't know them
        args.refuse(f"unrecognized arguments: {' '.join(unknown)}")
    try:
        return int(args.run(args))
    except InputError as error:
        print(f"sleepjerk: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # Whoever read our output left (`| head`). That is their right; don't complain while closing either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        print(f"sleepjerk: {why(error)}", file=sys.stderr)
        return 1


def _no_verb(word: str) -> str | None:
    """What is said of a word that is neither a verb nor a file; None where it is a file, or means one."""
    if Path(word).exists() or any(mark in word for mark in "./\\"):
        return None
    from difflib import get_close_matches

    near = get_close_matches(word.lower(), VERBS, n=1)
    advice = f"did you mean: sleepjerk {near[0]}" if near else "sleepjerk --help names all"
    return f"{word!r} is no verb and no file here; {advice}"
