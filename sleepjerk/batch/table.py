"""Outcomes -> one table of a cohort, as CSV and as Parquet. Must not know how they came about."""

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from sleepjerk.atomic import whole_files
from sleepjerk.batch.work import Outcome
from sleepjerk.spreadsheet import inert


def make_table(outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """One row a night, in the order of recordings; what isn't known is missing, never 0.

    A recording that could not be used, or not all of it, has a row that says why.
    """
    rows: list[dict[str, Any]] = []
    for one in outcomes:
        rows += [{"recording": one.name, "state": "done", "reason": None, **row} for row in one.rows]
        if one.state != "done":
            rows.append({"recording": one.name, "state": one.state, "reason": one.reason})
    return pd.DataFrame(rows).convert_dtypes()


def write_table(outcomes: Sequence[Outcome], folder: Path) -> None:
    """Write `batch.csv`, in which no text is a formula, and `batch.parquet` where pyarrow is there."""
    table = make_table(outcomes)
    shown = table.copy()
    for name in [str(name) for name, kind in table.dtypes.items() if pd.api.types.is_string_dtype(kind)]:
        shown[name] = table[name].map(inert, na_action="ignore")
    with whole_files(folder) as aside:
        shown.to_csv(aside / "batch.csv", index=False, lineterminator="\n")
        if importlib.util.find_spec("pyarrow") is not None:
            table.to_parquet(aside / "batch.parquet", index=False)
