"""GGIR: a CSV that its reader for any brand takes, and the call to paste into R.

Knows the arguments of `read.myacc.csv` (GGIR 3.3). It reads no time that counts microseconds from the first sample, so
the recorder's own CSV is no input for it; this one has Unix seconds.
"""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sleepjerk.atomic import whole_files
from sleepjerk.errors import InputError
from sleepjerk.night.model import Night
from sleepjerk.recording import Recording

_BLOCK = 200_000  # rows that are turned into text at once


def write_ggir(recording: Recording, night: Night, path: Path) -> list[Path]:
    """Write `<path>.ggir.csv` (time, x, y, z; no row where nothing was recorded) and `<path>.ggir.R`.

    Where a person said when they slept, `<path>.ggir.sleeplog.csv` says it to GGIR.

    Raises
    ------
    InputError
        The start is unknown: GGIR needs the time of day.
    """
    if recording.start is None:
        raise InputError(f"{recording.provenance.name}: GGIR needs the time of day, and the start is unknown")
    there = np.flatnonzero(np.isfinite(recording.acceleration_g).all(axis=0))
    table, script, log = (f"{path.name}.ggir.{ending}" for ending in ("csv", "R", "sleeplog.csv"))
    said = None if night.sleep.said is None else night.sleep.said.sleep_s
    with whole_files(path.parent, over=False) as aside:
        _samples(recording, there, aside / table)
        (aside / script).write_text(_call(recording, table, log if said else None), encoding="utf-8")
        if said:
            clocks = [f"{recording.wall_clock(at_s):%H:%M:%S}" for at_s in said]
            name = path.name.split(".")[0].replace('"', '""')
            row = ",".join((f'"{name}"', *clocks))
            (aside / log).write_text(f"ID,onset_N1,wakeup_N1\n{row}\n", encoding="utf-8")
    return [path.with_name(name) for name in (table, script, *([log] if said else []))]


def _samples(recording: Recording, there: NDArray[np.intp], path: Path) -> None:
    begin_s = recording.start.timestamp() if recording.start is not None else 0.0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("time,x,y,z\n")
        for first in range(0, len(there), _BLOCK):
            rows = there[first : first + _BLOCK]
            values = recording.acceleration_g[:, rows]
            times = begin_s + rows / recording.rate_hz
            file.writelines(
                f"{time:.3f},{x:.5f},{y:.5f},{z:.5f}\n"
                for time, x, y, z in zip(times.tolist(), *values.tolist(), strict=True)
            )


def _call(recording: Recording, table: str, log: str | None) -> str:
    zone = str(getattr(recording.start.tzinfo, "key", "UTC")) if recording.start is not None else "UTC"
    range_g = recording.device.range_g or 16
    # 6: the ID of a file is its name up to the first dot.
    slept = f"  idloc = 6, loglocation = {_quoted(log)}, colid = 1, coln1 = 2,\n" if log else ""
    return f"""# Written by sleepjerk for GGIR 3.3; not run by us. Paste into R, in the folder of the CSV.
library(GGIR)
GGIR(
  datadir = {_quoted(table)}, outputdir = ".", studyname = "sleepjerk", mode = 1:5,
  rmc.firstrow.acc = 2, rmc.firstrow.header = NULL, rmc.header.length = NULL,
  rmc.col.time = 1, rmc.col.acc = 2:4, rmc.unit.acc = "g", rmc.unit.time = "UNIXsec",
  rmc.desiredtz = {_quoted(zone)}, rmc.sf = {recording.rate_hz:.4f}, rmc.dynamic_range = {range_g:g},
  rmc.noise = {0.013 if range_g >= 8 else 0.01}, rmc.doresample = TRUE, rmc.check4timegaps = TRUE,
{slept}  desiredtz = {_quoted(zone)}
)
"""


def _quoted(text: str) -> str:
    """A string of R: nothing in a name can end it. R reads the escapes of JSON."""
    return json.dumps(text, ensure_ascii=False)
