"""Parquet and Feather -> a table, as a text file's rows become one. Alone reads with pyarrow (extra `export`).

Knows column names and types. Must not know what the numbers mean.
"""

from pathlib import Path
from typing import Any

import numpy as np

from sleepjerk.errors import InputError
from sleepjerk.reading.iso import TextStamps
from sleepjerk.reading.layout import Columns, Layout, find_columns
from sleepjerk.reading.table import Table
from sleepjerk.recording import Floats


def read_arrow(path: Path, kind: str, wanted: str | None) -> tuple[Layout, Columns, Table]:
    """The time and the three axes of a file of columns.

    Parameters
    ----------
    kind
        "Parquet" or "Feather".
    wanted
        What a person gave as --columns.

    Raises
    ------
    InputError
        pyarrow is missing, the file is damaged, or the columns can't be told.
    """
    try:
        import pyarrow
        from pyarrow import feather, parquet
    except ImportError as error:
        raise InputError(
            f"{path}: {kind} needs the package pyarrow; type: pip install 'sleepjerk[export]'"
        ) from error
    try:
        with pyarrow.memory_map(str(path)) as file:
            schema = parquet.read_schema(file) if kind == "Parquet" else pyarrow.ipc.open_file(file).schema
        names = tuple(schema.names)
        layout = Layout(",", ".", 0, names, names, has_header=True, banner=0)
        columns = find_columns(path, layout, wanted)
        chosen = [
            names[place] for place in (*([] if columns.time is None else [columns.time]), *columns.axes)
        ]
        read = parquet.read_table if kind == "Parquet" else feather.read_table
        table = read(str(path), columns=chosen)
        axes = [table.column(name).cast(pyarrow.float32()).to_numpy() for name in chosen[-3:]]
        time = None if columns.time is None else _times(table.column(chosen[0]), pyarrow)
    except (pyarrow.ArrowException, OSError) as error:
        first = (str(error).splitlines() or ["no reason given"])[0]
        raise InputError(f"{path}: this {kind} file can't be read ({first}); write it again") from error
    values = np.stack(axes)
    whole = np.isfinite(values).all(axis=0)
    if time is not None:
        whole &= np.isfinite(time.seconds if isinstance(time, TextStamps) else time)
    if not whole.any():
        raise InputError(f"{path}: none of its {len(whole)} rows holds a time and three numbers")
    missing = int((~whole).sum())
    notes = (f"damage: {missing} of {len(whole)} rows without values were left out",) if missing else ()
    rows = Table(time, values, np.arange(len(whole)), lambda: 1, missing=missing, notes=notes).only(whole)
    return layout, columns, rows


def _times(column: Any, pyarrow: Any) -> Floats | TextStamps:
    """(n,) numbers as they stand; moments as what their texts would say."""
    if not pyarrow.types.is_timestamp(column.type):
        return np.asarray(column.cast(pyarrow.float64()).to_numpy())
    moments = column.to_numpy().astype("datetime64[ns]")
    known = moments[~np.isnat(moments)]
    if len(known) == 0:
        return TextStamps(0, np.full(len(moments), np.nan), None)
    midnight = known[0].astype("datetime64[D]")
    seconds = np.where(np.isnat(moments), np.nan, (moments - midnight) / np.timedelta64(1, "s"))
    return TextStamps(int(midnight.astype(np.int64)), seconds, None if column.type.tz is None else 0.0)
