"""`sleepjerk evaluate`: how well do found events agree with the truth?"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sleepjerk.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from sleepjerk.evaluate import Evaluation

    Column = pd.Series[Any]

HELP = "judge found events against the truth of a made night"

_EVENT_COLUMNS = ("onset_s", "duration_s", "label")
_TRUTH_COLUMNS = ("onset_s", "offset_s", "label", "peak_g")
_NUMBERS = frozenset({"onset_s", "offset_s", "duration_s", "peak_g"})
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
    from sleepjerk.evaluate import evaluate_events

    events = _read_table(args.events, _EVENT_COLUMNS, "an events file as `sleepjerk analyse` writes it")
    truth = _read_table(args.truth, _TRUTH_COLUMNS, "a truth file as `sleepjerk simulate` writes it")
    _refuse_first(events["duration_s"] < 0, events["duration_s"], args.events, "a length of 0 or more")
    early = truth["offset_s"] < truth["onset_s"]
    _refuse_first(early, truth["offset_s"], args.truth, "a time not before the onset")
    for name in _YES_NO:
        if name in truth:
            truth[name] = _yes_no(truth[name], args.truth)
    judged = evaluate_events(events, truth)
    print(_as_json(judged) if args.json else _as_table(judged))
    return 0


def _read_table(path: Path, needed: tuple[str, ...], wanted: str) -> "pd.DataFrame":
    """A CSV with these columns, numbers as numbers, everything else as text; its index counts lines."""
    table = _read_text(path, wanted)
    missing = [name for name in needed if name not in table.columns]
    if missing:
        have = ", ".join(map(str, table.columns))[:120]
        raise InputError(f"{path}: line 1 has no column {missing[0]!r} (it has {have}); give {wanted}")
    for name in needed:
        if name in _NUMBERS:
            table[name] = _numbers(table[name], path)
        else:
            _refuse_first(table[name].str.strip() == "", table[name], path, "a word")
    return table


def _read_text(path: Path, wanted: str) -> "pd.DataFrame":
    """The table as text; empty lines are left out, but counted."""
    import pandas as pd

    try:
        table = pd.read_csv(
            path, dtype=str, keep_default_na=False, skip_blank_lines=False, encoding="utf-8-sig"
        )
    except OSError as error:
        raise InputError(
            f"{path}: can't read this file ({error.strerror or error}); give {wanted}"
        ) from error
    except (ValueError, EOFError, ImportError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: this is no CSV table ({reason}); give {wanted}") from error
    if not isinstance(table.index, pd.RangeIndex):
        raise InputError(f"{path}: line 2 has more fields than line 1 has names; give {wanted}")
    table = table.fillna("")
    return table[(table != "").any(axis=1)].copy()


def _numbers(column: "Column", path: Path) -> "Column":
    import numpy as np
    import pandas as pd

    numbers = pd.to_numeric(column, errors="coerce").astype("float64")
    _refuse_first(~pd.Series(np.isfinite(numbers), index=column.index), column, path, "a finite number")
    return numbers


def _yes_no(column: "Column", path: Path) -> "Column":
    small = column.str.strip().str.lower()
    _refuse_first(~small.isin(_TRUE | _FALSE), column, path, "True or False")
    return small.isin(_TRUE)


def _refuse_first(wrong: "Column", column: "Column", path: Path, wanted: str) -> None:
    """One sentence about the first row that is wrong."""
    if not wrong.any():
        return
    row = int(wrong.to_numpy().argmax())
    found, line = str(column.iloc[row])[:60], int(column.index[row]) + 2
    raise InputError(
        f"{path}: line {line}, column {column.name}: found {found!r}, expected {wanted}; correct it"
    )


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
        "twitch: hypnic_jerk and sleep_twitch together. In brackets: 95 % interval. -: can't be told",
    ]
    return "\n".join(lines)


def _share(share: float | None, interval: tuple[float, float] | None) -> str:
    if share is None or interval is None:
        return "-"
    return f"{share:.2f} ({interval[0]:.2f}-{interval[1]:.2f})"


def _milliseconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{1000 * seconds:.0f} ms"
