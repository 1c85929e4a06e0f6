"""`sleepjerk rules`: every threshold with value, unit and source; the claims of the article.

Must not know nights.
"""

import argparse
import dataclasses
import json
import shutil
import sys
import textwrap
from collections.abc import Sequence

HELP = "every threshold: value, unit, source; with --claims the article's claims"


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of this verb."""
    parser.add_argument("--rules", metavar="FILE.toml", help="show the thresholds as this file changes them")
    parser.add_argument("--claims", action="store_true", help="list the claims A1-A25 instead")
    parser.add_argument("--json", action="store_true", help="for programs: one JSON document")
    parser.epilog = (
        "examples:\n  sleepjerk rules | grep criteria\n"
        "  sleepjerk rules > mine.toml    to change some there, then: sleepjerk analyse night.csv --rules mine.toml"
    )


def run(args: argparse.Namespace) -> int:
    """Print the thresholds, or the claims."""
    if args.claims:
        return _print_claims(args.json)
    from sleepjerk.rules import SOURCES, Rules, list_thresholds, read_rules

    defaults = Rules()
    rules = defaults if args.rules is None else read_rules(args.rules)
    before = {(item.group, item.name): item.value for item in list_thresholds(defaults)}
    items = list(list_thresholds(rules))
    changed = {(item.group, item.name) for item in items if item.value != before[item.group, item.name]}
    if args.json:
        rows = [dataclasses.asdict(item) | {"changed": (item.group, item.name) in changed} for item in items]
        print(json.dumps({"sha256": rules.sha256(), "thresholds": rows, "sources": SOURCES}, indent=1))
        return 0
    table = [
        (
            f"{item.group}.{item.name}",
            f"= {json.dumps(item.value)}",  # of these types JSON is TOML, too
            f"# {'* ' if (item.group, item.name) in changed else ''}{item.unit}",
            item.source,
        )
        for item in items
    ]
    _print_table(("# RULE", "VALUE", "UNIT", "SOURCE"), table)
    if changed:
        print(f"# * changed by {args.rules}")
    print("Sources in full: sleepjerk rules --json", file=sys.stderr)
    return 0


def _print_claims(as_json: bool) -> int:
    from sleepjerk.judging.claims import CLAIMS
    from sleepjerk.report.catalogue import Catalogue

    say = Catalogue()
    claims = [
        {
            "id": name,
            "text": say.text(f"claim.{name}"),
            "verdict": claim.verdict,
            "evidence": say.text(f"known.{name}"),
            "source": "; ".join(claim.sources) or say.text("claims.silent"),
            "use": say.text(f"use.{name}"),
        }
        for name, claim in CLAIMS.items()
    ]
    if as_json:
        print(json.dumps(claims, indent=1))
        return 0
    for row in claims:
        print(f"{row['id']:<4} {row['verdict']}")
        known, used = f"known: {row['evidence']} [{row['source']}]", f"used: {row['use']}"
        for text in (row["text"], known, used):
            print(textwrap.fill(text, _width(), initial_indent="     ", subsequent_indent="       "))
    return 0


def _print_table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """Aligned columns; on a terminal the last one wraps, in a pipe each rule stays one line. All of it is TOML."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head) - 1)]
    room = max(20, _width() - sum(widths) - 2 * len(widths)) if sys.stdout.isatty() else None
    for row in [head, *rows]:
        start = "  ".join(f"{cell:<{width}}" for cell, width in zip(row[:-1], widths, strict=True)) + "  "
        lines = [row[-1]] if room is None else textwrap.wrap(row[-1], room) or [""]
        print((start + lines[0]).rstrip())
        for line in lines[1:]:
            print("#" + " " * (len(start) - 1) + line)


def _width() -> int:
    return min(140, shutil.get_terminal_size((110, 24)).columns)
