"""`sleepjerk evaluate`: how well do found events agree with the truth?"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sleepjerk.cli.tables import Column
    from sleepjerk.evaluate import Evaluation

HELP = "compare the events that were found with the truth of a simulated night"

_EVENTS, _TRUTH = (
    "an events file as `sleepjerk analyse` writes it",
    "a truth file as `sleepjerk simulate` writes it",
)
_YES_NO = ("accel_truth", "isolated")
_TRUE, _FALSE = frozenset({"true", "1", "yes"}), frozenset({"false", "0", "no"})


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    found, true = (
        "what was found (onset_s, duration_s, label)",
        "what is true (onset_s, offset_s, label, peak_g)",
    )
    parser.add_argument("events", type=Path, metavar="EVENTS.csv", help=found)
    parser.add_argument("truth", type=Path, metavar="TRUTH.csv", help=true)
    parser.add_argument("--json", action="store_true", help="for programs: one JSON document")
    parser.epilog = (
        "Twitches match when their onsets lie within 0.5 s, longer events when their spans overlap;\n"
        "each event is used once. Rows of the truth with accel_truth False need not be found.\n\n"
        "example:\n  sleepjerk evaluate night.events.csv night.truth.csv"
    )


def run(args: argparse.Namespace) -> int:
    """Read both tables, match, tell."""
    from sleepjerk.cli.tables import read_table, refuse_first
    from sleepjerk.evaluate import evaluate_events

    events = read_table(args.events, ("onset_s", "duration_s"), ("label",), _EVENTS, ("duration_s",))
    truth = read_table(args.truth, ("onset_s", "offset_s", "peak_g"), ("label",), _TRUTH)
    refuse_first(events["duration_s"] < 0, events["duration_s"], args.events, "a length of 0 or more")
    early = truth["offset_s"] < truth["onset_s"]
    refuse_first(early, truth["offset_s"], args.truth, "a time not before the onset")
    for name in _YES_NO:
        if name in truth:
            truth[name] = _yes_no(truth[name], args.truth)
    judged = evaluate_events(events, truth)
    print(_as_json(judged) if args.json else _as_table(judged))
    return 0


def _yes_no(column: "Column", path: Path) -> "Column":
    from sleepjerk.cli.tables import refuse_first

    small = column.str.strip().str.lower()
    refuse_first(~small.isin(_TRUE | _FALSE), column, path, "True or False")
    return small.isin(_TRUE)


def _as_json(judged: "Evaluation") -> str:
    import dataclasses
    import json

    return json.dumps({"schema": "sleepjerk.evaluation/1", **dataclasses.asdict(judged)}, allow_nan=False)


def _as_table(judged: "Evaluation") -> str:
    lines = [f"{'label':<22}{'true':>5}{'found':>7}{'match':>7}  {'recall':<18}{'precision':<18}F1"]
    for name, score in judged.labels.items():
        recall = _share(score.recall, score.recall_interval)
        precision = _share(score.precision, score.precision_interval)
        f1 = "-" if score.f1 is None else f"{score.f1:.2f}"
        numbers = f"{score.truth:>5}{score.found:>7}{score.matched:>7}"
        lines.append(f"{name:<22}{numbers}  {recall:<18}{precision:<18}{f1}")
    lines += ["", f"{'twitches by peak':<22}{'true':>5}{'match':>14}  recall"]
    for stratum in judged.strata:
        share = _share(stratum.recall, stratum.interval)
        lines.append(f"{stratum.name:<22}{stratum.truth:>5}{stratum.matched:>14}  {share}")
    onset, length = _milliseconds(judged.onset_error_s), _milliseconds(judged.duration_error_s)
    lines += [
        "",
        f"median error of a twitch: onset {onset}, duration {length}",
        "twitch: hypnic_jerk and sleep_twitch together. In brackets: 95 % interval. -: unknown",
    ]
    return "\n".join(lines)


def _share(share: float | None, interval: tuple[float, float] | None) -> str:
    if share is None or interval is None:
        return "-"
    return f"{share:.2f} ({interval[0]:.2f}-{interval[1]:.2f})"


def _milliseconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{1000 * seconds:.0f} ms"
