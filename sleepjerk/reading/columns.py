"""Parquet and Feather -> rows, as many at once as are asked for. Alone reads with pyarrow (extra `export`).

Knows column names and types. Must not know what the numbers mean.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sleepjerk.errors import InputError
from sleepjerk.reading.iso import TextStamps, known_times
from sleepjerk.reading.layout import Layout
from sleepjerk.reading.roles import Columns, find_columns
from sleepjerk.reading.seek import RowSeeker, Seeker
from sleepjerk.reading.table import Table
from sleepjerk.recording import Floats, Samples
from sleepjerk.rules import ReadingRules

_BATCH_ROWS = 1 << 18  # decoded at once; a file may hold all its rows in one group


@dataclass(frozen=True, slots=True)
class ColumnFile:
    """A file of columns whose rows are read when they are asked for.

    `kind` is "Parquet" or "Feather"; `ends` is (k,) how many rows there are up to the end of each group, or batch.
    """

    path: Path
    kind: str
    layout: Layout
    columns: Columns
    ends: NDArray[np.int64]

    begin = 0

    @property
    def end(self) -> int:
        """How many rows there are."""
        return int(self.ends[-1]) if len(self.ends) else 0

    def read(self, begin: int, end: int) -> Table:
        """Rows begin to end, the first one 0, but for those without values.

        Raises
        ------
        InputError
            The file is damaged, or none of the rows holds a time and three numbers.
        """
        time = None if self.columns.time is None else self.times(begin, end)
        values = self.values(begin, end)
        whole = np.asarray(np.isfinite(values).all(axis=0))
        if time is not None:
            whole &= known_times(time)
        if not whole.any():
            raise InputError(f"{self.path}: none of its {len(whole)} rows holds a time and three numbers")
        table = Table(time, values, None, lambda: begin + 1)
        if whole.all():
            return table
        missing = int((~whole).sum())
        note = f"damage: {missing} of {len(whole)} rows without values were left out"
        return replace(table.only(whole), damaged=missing, notes=(note,))

    def seeker(self, *, unit_s: float = 1.0, rate_hz: float | None = None) -> Seeker:
        """Finds rows by their times, or by counting them."""
        timed = self.columns.time is not None and rate_hz is None
        return RowSeeker(self.end, self.times if timed else None, self.values, unit_s, rate_hz)

    def times(self, begin: int, end: int) -> Floats | TextStamps:
        """(m,) of the rows from begin to end, as they stand; NaN where there is none."""
        assert self.columns.time is not None
        seconds, moments = np.full(end - begin, np.nan), _Moments()
        with _damage_told(self.path, self.kind):
            for here, batch in self._batches(begin, end, (self.columns.time,)):
                seconds[here] = moments.seconds(batch.column(0))
        return moments.stamps(seconds)

    def values(self, begin: int, end: int) -> Samples:
        """(3, m) float32 of the rows from begin to end, NaN where there is none."""
        values = np.full((3, end - begin), np.nan, dtype=np.float32)
        with _damage_told(self.path, self.kind):
            for here, batch in self._batches(begin, end, self.columns.axes):
                for axis, place in enumerate(self.columns.axes):
                    column = batch.column(self.layout.names[place])
                    values[axis, here] = _numbers(column, "float32")
        return values

    def _batches(self, begin: int, end: int, places: Sequence[int]) -> Iterator[tuple[slice, Any]]:
        """Some columns of the rows from begin to end, and which of these rows they are."""
        first, last = np.searchsorted(self.ends, [begin, end - 1], side="right").tolist()
        numbers = range(first, last + 1) if end > begin else range(0)
        place = (int(self.ends[first - 1]) if first else 0) - begin
        for batch in _read_batches(self.path, self.kind, numbers, self.layout.names, places):
            batch.validate(full=True)  # damaged bytes could point anywhere
            skipped, kept = max(0, -place), min(batch.num_rows, end - begin - place)
            if kept > skipped:
                yield slice(place + skipped, place + kept), batch.slice(skipped, kept - skipped)
            place += batch.num_rows
            if place >= end - begin:
                break


def open_columns(path: Path, kind: str, wanted: str | None, rules: ReadingRules) -> ColumnFile:
    """Look at a file of columns without reading its rows; `wanted` is what a person gave as --columns.

    Raises
    ------
    InputError
        pyarrow is missing, the file is damaged, or the columns can't be told.
    """
    try:
        from pyarrow import ipc, parquet
    except ImportError as error:
        raise InputError(
            f"{path}: {kind} needs the package pyarrow; type: pip install 'sleepjerk[export]'"
        ) from error
    with _damage_told(path, kind):
        if kind == "Parquet":
            with parquet.ParquetFile(path) as file:
                names, about = tuple(file.schema_arrow.names), file.metadata
            counts = [about.row_group(number).num_rows for number in range(about.num_row_groups)]
        else:
            with ipc.open_file(path) as file:
                names = tuple(file.schema.names)
    layout = Layout(",", ".", 0, names, names, has_header=True, banner=0)
    columns = find_columns(path, layout, wanted, rules)
    chosen = [names[place] for place in (*columns.axes, *([] if columns.time is None else [columns.time]))]
    for name in chosen:
        if names.count(name) > 1:
            raise InputError(
                f"{path}: {names.count(name)} columns are called {name!r}; write each under its own name"
            )
    if kind == "Feather":  # which knows the length of a batch only from the batch
        with _damage_told(path, kind):
            counts = [batch.num_rows for batch in _read_batches(path, kind, None, names, columns.axes[:1])]
    return ColumnFile(path, kind, layout, columns, np.cumsum(counts, dtype=np.int64))


def _read_batches(
    path: Path, kind: str, numbers: range | None, names: tuple[str, ...], places: Sequence[int]
) -> Iterator[Any]:
    """Some columns of some groups of rows, or of all of them."""
    from pyarrow import ipc, parquet

    if kind == "Parquet":
        chosen = [names[place] for place in places]
        with parquet.ParquetFile(path) as file:
            yield from file.iter_batches(_BATCH_ROWS, row_groups=numbers, columns=chosen)
        return
    with ipc.open_file(path, options=ipc.IpcReadOptions(included_fields=list(places))) as file:
        for number in range(file.num_record_batches) if numbers is None else numbers:
            yield file.get_batch(number)


@dataclass(slots=True)
class _Moments:
    """Dates with a time, as what their texts would say; numbers pass as they are."""

    found: bool = False
    midnight: np.datetime64 | None = None
    zone_s: float | None = None

    def seconds(self, column: Any) -> Floats:
        """(n,) seconds since the midnight before the first one that is known."""
        import pyarrow

        if not pyarrow.types.is_timestamp(column.type):
            return _numbers(column, "float64")
        self.found, self.zone_s = True, None if column.type.tz is None else 0.0
        moments = column.to_numpy(zero_copy_only=False)
        known = moments[~np.isnat(moments)]
        if len(known) == 0:
            return np.full(len(moments), np.nan)
        if self.midnight is None:
            self.midnight = known[0].astype("datetime64[D]")
        return np.asarray((moments - self.midnight) / np.timedelta64(1, "s"))

    def stamps(self, seconds: Floats) -> Floats | TextStamps:
        if not self.found:
            return seconds
        if self.midnight is None:
            return TextStamps(0, seconds, None)
        return TextStamps(int(self.midnight.astype(np.int64)), seconds, self.zone_s)


def _numbers(column: Any, kind: str) -> NDArray[Any]:
    """(n,) NaN where there is none."""
    return np.asarray(column.cast(kind).to_numpy(zero_copy_only=False))


@contextmanager
def _damage_told(path: Path, kind: str) -> Iterator[None]:
    """What pyarrow can't read is said in one sentence."""
    import pyarrow

    try:
        yield
    except (pyarrow.ArrowException, OSError) as error:
        first = (str(error).splitlines() or ["no reason given"])[0]
        raise InputError(f"{path}: this {kind} file can't be read ({first}); write it again") from error
