"""`sleepjerk periodic`: a list of movements, scored by anyone or anything, into periodic series."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sleepjerk.errors import InputError, refusing

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

HELP = "score a list of movements into periodic series"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("movements", type=Path, help="CSV with the columns onset_s,offset_s and perhaps leg")
    parser.add_argument("--stages", type=Path, help="one integer per 30 s, 0 = wake, from time 0 on")
    parser.add_argument(
        "--rules", choices=("wasm2016", "aasm"), default="wasm2016", help="default: %(default)s"
    )
    parser.add_argument("--out", type=Path, help="where the table goes (default: stdout)")
    parser.add_argument(
        "--json", action="store_true", help="print the indices as JSON on stdout, not the table"
    )
    parser.epilog = (
        "Each row keeps its columns and gets imi_s (to the movement before), in_series and series. Movements of two\n"
        "legs that are one by the rules share these, and their number in the column movement.\n\n"
        "example:\n  sleepjerk periodic movements.csv --stages stages.txt --out scored.csv"
    )


def run(args: argparse.Namespace) -> int:
    """Read, score, write, tell."""
    import json

    from sleepjerk.atomic import write_whole

    table = _read_movements(args.movements)
    stages = None if args.stages is None else _read_stages(args.stages, float(table["onset_s"].max()))
    scored, indices = _score(table, stages, args.rules)
    text = scored.to_csv(index=False, lineterminator="\n")
    if args.out is not None:
        with refusing(args.out, "can't write there"):
            write_whole(args.out, text)
    elif not args.json:
        sys.stdout.write(text)
    if args.json:
        print(json.dumps(indices, indent=1, allow_nan=False))
    else:
        _tell(indices, to=sys.stderr if args.out is None else sys.stdout)
    return 0


def _read_movements(path: Path) -> "pd.DataFrame":
    from sleepjerk.cli.tables import read_table, refuse_first

    table = read_table(path, ("onset_s", "offset_s"), (), "a CSV with the columns onset_s,offset_s")
    if table.empty:
        raise InputError(f"{path}: there is a header but no movement in it")
    refuse_first(table["onset_s"] < 0, table["onset_s"], path, "seconds from 0 on")
    refuse_first(table["offset_s"] < table["onset_s"], table["offset_s"], path, "a time not before the onset")
    if not table["onset_s"].is_monotonic_increasing:
        print(f"{path.name}: rows were sorted by onset_s", file=sys.stderr)
    return table.sort_values("onset_s", kind="stable", ignore_index=True)


def _read_stages(path: Path, last_s: float) -> "np.ndarray[Any, np.dtype[np.int64]]":
    import numpy as np

    from sleepjerk.detection.periodic import EPOCH_S

    try:
        words = path.read_text(encoding="utf-8-sig").split()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: can't be read as stages ({error})") from error
    for number, word in enumerate(words, start=1):
        if not word.isdigit() or int(word) > 9:
            raise InputError(
                f"{path}: stage {number} is {word!r}, expected one integer from 0 (wake) to 9 per 30 s"
            )
    if len(words) * EPOCH_S < last_s:
        raise InputError(
            f"{path}: {len(words)} stages cover {len(words) * EPOCH_S:.0f} s, but the last movement begins at "
            f"{last_s:.0f} s; give one stage per 30 s"
        )
    return np.array([int(word) for word in words], dtype=np.int64)


def _score(table: "pd.DataFrame", stages: Any, name: str) -> "tuple[pd.DataFrame, dict[str, Any]]":
    import numpy as np

    from sleepjerk.detection import periodic
    from sleepjerk.rules import AASM_SERIES, PeriodicityRules, SeriesRules

    rules = AASM_SERIES if name == "aasm" else SeriesRules()
    onset_s, offset_s = table["onset_s"].to_numpy(), table["offset_s"].to_numpy()
    leg = table["leg"].to_numpy() if "leg" in table else None
    merged = periodic.merge_legs(onset_s, offset_s, leg, rules)
    series = periodic.find_series(onset_s, offset_s, rules, leg=leg)
    scored = table.assign(
        imi_s=np.round(series.imi_s, 4),
        in_series=series.in_series.astype(int),
        series=[int(number) if number else "" for number in series.series],
        movement=[int(number) + 1 if number >= 0 else "" for number in merged.group],
    )
    first = np.flatnonzero(np.concatenate(([True], np.diff(merged.group) != 0)) & series.candidate)
    return scored, _indices(onset_s[first], _rows(series, first), merged, stages, rules, PeriodicityRules())


def _rows(series: Any, rows: Any) -> Any:
    from dataclasses import fields, replace

    return replace(series, **{item.name: getattr(series, item.name)[rows] for item in fields(series)})


def _indices(onset_s: Any, series: Any, merged: Any, stages: Any, rules: Any, limits: Any) -> dict[str, Any]:
    import numpy as np

    from sleepjerk.detection import periodic

    rates = None if stages is None else periodic.series_rates(onset_s, series.in_series, stages)
    literal = onset_s[series.candidate]
    asleep = literal if stages is None else literal[_stage_at(literal, stages) != 0]
    hours = None if stages is None else float(np.sum(stages != 0)) * periodic.EPOCH_S / 3600
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


def _stage_at(onset_s: Any, stages: Any) -> Any:
    import numpy as np

    from sleepjerk.detection.periodic import EPOCH_S

    return stages[np.minimum((onset_s // EPOCH_S).astype(int), len(stages) - 1)]


def _tell(indices: dict[str, Any], to: Any) -> None:
    for name, value in indices.items():
        shown = "unknown" if value is None else f"{value:.3f}" if isinstance(value, float) else value
        print(f"{name:24} {shown}", file=to)
