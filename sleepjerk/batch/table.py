"""Outcomes -> one table of a cohort, as CSV and as Parquet, part by part. Must not know how they came about."""

import importlib.util
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from sleepjerk.atomic import whole_files
from sleepjerk.batch.work import Outcome
from sleepjerk.spreadsheet import inert

_PART = 2_000  # plain: rows in memory at once, and in a row group


def write_table(outcomes: Iterable[Outcome], folder: Path) -> None:
    """Write `batch.csv`, in which no text is a formula, and `batch.parquet` where pyarrow is there.

    One row a night, in the order of recordings; what isn't known is missing, never 0. A recording that could not be
    used, or not all of it, has a row that says why.

    Parameters
    ----------
    outcomes
        Gone through twice: for the type of each column, and to write.
    """
    kinds = _kinds(outcomes)
    rows = _rows(outcomes)
    with whole_files(folder) as aside:
        csv, parquet = aside / "batch.csv", _Parquet(aside / "batch.parquet")
        pd.DataFrame(columns=list(kinds)).to_csv(csv, index=False, lineterminator="\n")
        while part := list(islice(rows, _PART)):
            table = pd.DataFrame(part, columns=list(kinds)).astype(kinds)
            parquet.add(table)
            for name in [name for name, kind in kinds.items() if kind == "string"]:
                table[name] = table[name].map(inert, na_action="ignore")
            table.to_csv(csv, mode="a", header=False, index=False, lineterminator="\n")
        parquet.close()


def _rows(outcomes: Iterable[Outcome]) -> Iterator[dict[str, Any]]:
    for one in outcomes:
        for row in one.rows:
            yield {"recording": one.name, "state": "done", "reason": None, **row}
        if one.state != "done":
            yield {"recording": one.name, "state": one.state, "reason": one.reason}


def _kinds(outcomes: Iterable[Outcome]) -> dict[str, str]:
    """The type of each column, by its name: the narrowest that holds all its values."""
    found: dict[str, set[str]] = {}
    for row in _rows(outcomes):
        for name, value in row.items():
            found.setdefault(name, set()).add(_kind(value))
    return {name: _widest(kinds - {""}) for name, kinds in found.items()}


def _kind(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return "Int64"
    return "Float64" if isinstance(value, float) else "string"


def _widest(kinds: set[str]) -> str:
    if kinds == {"Int64", "Float64"}:
        return "Float64"
    if not kinds:
        return "Int64"  # nothing is known; any type that can say so
    return kinds.pop() if len(kinds) == 1 else "object"


class _Parquet:
    """A file of row groups; none without pyarrow."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = importlib.util.find_spec("pyarrow") is not None
        self._writer: Any = None

    def add(self, table: pd.DataFrame) -> None:
        """One more row group."""
        if not self._known:
            return
        import pyarrow as pa
        import pyarrow.parquet as pq

        if self._writer is None:
            part = pa.Table.from_pandas(table, preserve_index=False)
            self._writer = pq.ParquetWriter(self._path, part.schema)
        else:
            part = pa.Table.from_pandas(table, schema=self._writer.schema, preserve_index=False)
        self._writer.write_table(part)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
