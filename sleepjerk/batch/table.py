"""Outcomes -> one table of a cohort, as CSV and as Parquet. Must not know how they came about."""

import importlib.util
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from sleepjerk.atomic import write_whole
from sleepjerk.batch.work import Outcome


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
    """Write `batch.csv`, and `batch.parquet` where pyarrow is there."""
    table = make_table(outcomes)
    text = io.StringIO()
    table.to_csv(text, index=False, lineterminator="\n")
    write_whole(folder / "batch.csv", text.getvalue())
    if importlib.util.find_spec("pyarrow") is not None:
        aside = folder / "batch.parquet.new"
        table.to_parquet(aside, index=False)
        aside.replace(folder / "batch.parquet")
