"""`sleepjerk periodic`: a list of movements, scored by anyone or anything, into periodic series."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sleepjerk.errors import refusing

if TYPE_CHECKING:
    import pandas as pd

    from sleepjerk.cli.movements import Integers, Movements
    from sleepjerk.rules import PeriodicityRules, SeriesRules

    Stages = tuple[Integers, float]  # codes, and the seconds that each of them lasts

HELP = "score a list of movements into periodic series"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument(
        "movements",
        type=Path,
        help="CSV with onset_s, offset_s (or duration_s) and perhaps leg; also start, end, side and the like",
    )
    parser.add_argument("--stages", type=Path, help="one integer per epoch, 0 = wake, from time 0 on")
    parser.add_argument(
        "--epoch",
        type=float,
        metavar="SECONDS",
        help="how long a stage lasts (default: as its times say, else 30)",
    )
    parser.add_argument(
        "--rules", choices=("wasm2016", "aasm"), default="wasm2016", help="default: %(default)s"
    )
    parser.add_argument("--out", type=Path, help="where the table goes (default: stdout)")
    parser.add_argument(
        "--json", action="store_true", help="print the indices as JSON on stdout, not the table"
    )
    parser.epilog = (
        "Each row keeps its columns and gets imi_s (to the movement before), in_series and series. Movements of two\n"
        "legs that the rules count as one share these, and their number in the column movement; so do rows of one leg\n"
        "that are the same or overlap.\n\n"
        "example:\n  sleepjerk periodic movements.csv --stages stages.txt --out scored.csv"
    )


def run(args: argparse.Namespace) -> int:
    """Read, score, write, tell."""
    import json

    from sleepjerk.atomic import write_whole
    from sleepjerk.cli.movements import read_movements, read_stages
    from sleepjerk.rules import AASM_SERIES, PeriodicityRules, SeriesRules

    rules, limits = AASM_SERIES if args.rules == "aasm" else SeriesRules(), PeriodicityRules()
    movements = read_movements(args.movements)
    last_s = float(movements.onset_s[-1])
    stages = None if args.stages is None else read_stages(args.stages, args.epoch, last_s, limits)
    scored, indices = _score(movements, stages, rules, limits)
    text = scored.to_csv(index=False, lineterminator="\n")
    if args.out is not None:
        with refusing(args.out, "can't write there"):
            write_whole(args.out, text)
    elif not args.json:
        sys.stdout.write(text)
    notes = _notes(movements, stages, rules, indices)
    for note in notes:
        print(f"  {note}", file=sys.stderr)
    if args.json:
        print(json.dumps(indices | {"notes": notes}, indent=1, allow_nan=False))
    else:
        _tell(indices, to=sys.stderr if args.out is None else sys.stdout)
    return 0


def _score(
    movements: "Movements", stages: "Stages | None", rules: "SeriesRules", limits: "PeriodicityRules"
) -> "tuple[pd.DataFrame, dict[str, Any]]":
    import numpy as np

    from sleepjerk.detection import periodic

    onset_s, offset_s, leg, row = movements.onset_s, movements.offset_s, movements.leg, movements.row
    merged = periodic.merge_legs(onset_s, offset_s, leg, rules)
    series = periodic.find_series(onset_s, offset_s, rules, leg=leg)
    scored = movements.table.assign(
        imi_s=np.round(series.imi_s, 4)[row],
        in_series=series.in_series.astype(int)[row],
        series=[int(number) if number else "" for number in series.series[row]],
        movement=[int(number) + 1 if number >= 0 else "" for number in merged.group[row]],
    )
    first = np.flatnonzero(np.concatenate(([True], np.diff(merged.group) != 0)) & series.candidate)
    return scored, _indices(onset_s[first], _rows(series, first), merged, stages, rules, limits)


def _notes(
    movements: "Movements", stages: "Stages | None", rules: "SeriesRules", indices: dict[str, Any]
) -> list[str]:
    """What was read, and what of it is doubtful."""
    notes = list(movements.notes)
    if movements.leg is not None:
        names = sorted(set(movements.leg))
        near = (
            f"begin within {rules.bilateral_onset_s:g} s of each other"
            if rules.bilateral_onset_s
            else f"follow each other within {rules.bilateral_gap_s:g} s"
        )
        both = f"; movements of both that {near} count as one" if len(names) > 1 else ", one alone"
        notes.append(f"leg: {' and '.join(names)}{both}")
    if stages is not None:
        notes.append(
            f"stages: {len(stages[0])} of {stages[1]:g} s each, {len(stages[0]) * stages[1] / 3600:.2f} hours"
        )
    if not indices["candidates"]:
        notes.append(
            f"no movement lasts {rules.min_duration_s:g} to {rules.max_duration_s:g} s, so there are no candidates; "
            "are the times in seconds?"
        )
    return notes


def _rows(series: Any, rows: Any) -> Any:
    from dataclasses import fields, replace

    return replace(series, **{item.name: getattr(series, item.name)[rows] for item in fields(series)})


def _indices(
    onset_s: Any, series: Any, merged: Any, staged: "Stages | None", rules: Any, limits: Any
) -> dict[str, Any]:
    import numpy as np

    from sleepjerk.detection import periodic

    rates = None if staged is None else periodic.series_rates(onset_s, series.in_series, *staged)
    literal = onset_s[series.candidate]
    asleep = literal if staged is None else literal[_stage_at(literal, *staged) != 0]
    hours = None if staged is None else float(np.sum(staged[0] != 0)) * staged[1] / 3600
    often = not hours or len(asleep) / hours >= limits.min_rate_per_h
    inside = series.imi_s[series.in_series & np.isfinite(series.imi_s)]
    mean, sd = periodic.log_intervals(series.imi_s[np.isfinite(series.imi_s)], rules)
    return {
        "rules": rules.name,
        "movements": len(merged.onset_s),
        "candidates": int(series.candidate.sum()),
        "in_series": int(series.in_series.sum()),
        "series": int(series.series.max(initial=0)),
        "sleep_h": hours,
        "in_series_asleep_per_h": None if rates is None else rates.asleep_per_h,
        "in_series_awake_per_h": None if rates is None else rates.awake_per_h,
        "periodicity_index": periodic.periodicity_index(asleep, rules) if often else None,
        "series_share": periodic.series_share(series),
        "median_interval_s": float(np.median(inside)) if len(inside) else None,
        "ln_imi_mean": mean,
        "ln_imi_sd": sd,
    }


def _stage_at(onset_s: Any, stages: Any, epoch_s: float) -> Any:
    import numpy as np

    return stages[np.minimum((onset_s // epoch_s).astype(int), len(stages) - 1)]


def _tell(indices: dict[str, Any], to: Any) -> None:
    for name, value in indices.items():
        shown = "unknown" if value is None else f"{value:.3f}" if isinstance(value, float) else value
        print(f"{name:24} {shown}", file=to)
