"""One night on two boards: the same made movements, sampled by two clocks, with the logs that the recorder writes."""

import json
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from sleepjerk.simulate import (
    MPU6050,
    NO_FAULTS,
    Plan,
    SimulatedNight,
    simulate_plan,
    with_faults,
)

START = datetime(2026, 11, 22, 21, 31, 4, tzinfo=UTC)
BOOTED_S = 43_210.9876  # what the computer's own clock said then


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Where a board sat, how fast its clock runs, when it began, and what its computer's two clocks said."""

    limb: str
    pace: float
    begin_s: float = 0.0
    booted_s: float = BOOTED_S
    wall_ahead_s: float = 0.0


WRIST = Board(limb="wrist", pace=1.01)
ANKLE = Board(limb="ankle", pace=0.99, begin_s=93.7)


def sampled(plan: Plan, seed: int, board: Board) -> SimulatedNight:
    """The movements of a plan as this board's clock and sensor have them."""
    faults = replace(NO_FAULTS, rate_error=board.pace - 1)
    return simulate_plan(plan, seed, sensor=with_faults(MPU6050, seed + len(board.limb)), faults=faults)


def write_board(
    night: SimulatedNight, board: Board, path: Path, *, log: bool = True, same: Path | None = None
) -> Path:
    """A recording with its sidecar and clock log; what reaches the computer comes late by 1 ms to 1 s, never early.

    `same` is a recording of the same samples, which need not be written again.
    """
    rate_hz, acceleration_g = night.recording.rate_hz, night.recording.acceleration_g
    first = round(board.begin_s * board.pace * rate_hz)
    rows = np.flatnonzero(np.isfinite(acceleration_g[0]))
    rows = rows[rows >= first]
    if same:
        shutil.copy(same, path)
    else:
        t_us = np.rint((rows - first) * 1e6 / rate_hz).astype(np.int64)
        table = np.column_stack([t_us, acceleration_g[:, rows].T.astype(np.float64)])
        np.savetxt(path, table, fmt="%d,%.5f,%.5f,%.5f", header="t_us,x_g,y_g,z_g", comments="")
    begin = START + timedelta(seconds=board.begin_s + board.wall_ahead_s)
    facts = {"start_utc": begin.isoformat(), "zone": "Europe/Berlin", "limb": board.limb, "rate_hz": rate_hz}
    path.with_suffix(".json").write_text(json.dumps(facts))
    if log:
        path.with_suffix(".clock.csv").write_text(_log(rows, rate_hz, first, board))
    return path


def _log(rows: np.ndarray, rate_hz: float, first: int, board: Board) -> str:
    rng = np.random.default_rng(sum(board.limb.encode()))
    lines = ["t_us,host_monotonic_s,host_utc_s,event"]
    every = round(10 * rate_hz)
    for row in rows[20::every] + rng.integers(0, 20, len(rows[20::every])):
        late_s = 0.001 + rng.exponential(0.006) + (rng.uniform(0, 1) if rng.uniform() < 0.02 else 0)
        heard_s = row / rate_hz / board.pace + late_s
        utc_s = START.timestamp() + board.wall_ahead_s + heard_s
        lines.append(f"{round((row - first) * 1e6 / rate_hz)},{board.booted_s + heard_s:.6f},{utc_s:.6f},")
    return "\n".join(lines) + "\n"
